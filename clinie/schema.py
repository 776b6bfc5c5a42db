"""Documents in, extractions out: the record ``clinie.extraction/1``.

Everything here is a frozen, slotted dataclass. Offsets are Python code points into
``Document.text``, half open. Representations leave note text out, so that a record in a log line
or a traceback never leaks it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib import import_module
from typing import Any, Literal, Self

__all__ = [
    "SCHEMA",
    "Decision",
    "Document",
    "DocumentLabelSpec",
    "Extraction",
    "Finding",
    "Label",
    "LabelSpec",
    "Relation",
    "RelationSpec",
    "Severity",
    "Span",
    "TaskSchema",
    "Trace",
    "Windows",
]

SCHEMA = "clinie.extraction/1"
NO_ERROR_LEVEL = "no error level set"

Decision = Literal["accept", "defer"] | None
"""What the rejector said: accept, ask a person, or nothing because no error level was set."""

Severity = Literal["reject", "flag", "info"]
"""``reject``: the item was dropped; ``flag``: kept, look at it; ``info``: for the record."""


@dataclass(frozen=True, slots=True)
class Document:
    """One note.

    Parameters
    ----------
    text : str
        The note, untouched: line ends, tabs, combining marks and emoji stay as they are.
    id : str
        Unique within a run; the key of every result.
    patient, date : str, optional
        Patient identifier and ISO 8601 date, when known.
    metadata : Mapping, optional
        Anything else that travelled with the note.
    """

    text: str = field(repr=False)
    id: str
    patient: str | None = None
    date: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Span:
    """A mention: ``document.text[start:end] == text``.

    Parameters
    ----------
    id, label : str
        Identifier within the record (``s0``) and the task's label.
    start, end : int
        Covering extent in code points.
    text : str
        The covered characters.
    fragments : tuple of (int, int), optional
        The pieces of a discontinuous mention, in text order; None for a contiguous one.
    attributes : Mapping
        Closed-set values such as ``{"status": "active"}``.
    codes : tuple
        Terminology codes.
    confidence : float, optional
        Probability that the item is right, calibrated where possible.
    risk : float, optional
        The rejector's upper estimate that it is wrong; None while no rejector is fitted.
    decision : {"accept", "defer", None}
    reason : str
        Why, in words a clinician understands.
    tier : str, optional
        Name of the tier that answered.
    """

    id: str
    label: str
    start: int
    end: int
    text: str = field(repr=False)
    fragments: tuple[tuple[int, int], ...] | None = None
    attributes: Mapping[str, str | None] = field(default_factory=dict)
    codes: tuple[Mapping[str, str], ...] = ()
    confidence: float | None = None
    risk: float | None = None
    decision: Decision = None
    reason: str = NO_ERROR_LEVEL
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed link between two spans of the record, ``head`` to ``tail`` by span id."""

    id: str
    label: str
    head: str
    tail: str
    confidence: float | None = None
    risk: float | None = None
    decision: Decision = None
    reason: str = NO_ERROR_LEVEL
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """A statement about the whole document (or about ``span``)."""

    id: str
    name: str
    value: str = field(repr=False)
    span: str | None = None
    confidence: float | None = None
    risk: float | None = None
    decision: Decision = None
    reason: str = NO_ERROR_LEVEL
    tier: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check said about an item that was dropped or is doubtful.

    Parameters
    ----------
    code : str
        One of the codes listed in ``docs/checks.md``.
    severity : {"reject", "flag", "info"}
    item : str, optional
        The model's words for the item concerned.
    start, end : int, optional
        Where in the document, when there is a place.
    """

    code: str
    severity: Severity
    item: str | None = field(default=None, repr=False)
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of the books: which tier was asked, with which prompt, at what price."""

    tier: str
    model: str
    prompt: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    decision: Decision = None


@dataclass(frozen=True, slots=True)
class Windows:
    """How many windows the document was read in, and how many of them failed."""

    total: int = 1
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything one task found in one document: one line of the output file.

    Parameters
    ----------
    document_id, task : str
    spans, relations, labels, findings, trace : tuple
    complete : bool
        False when a window failed: something may be missing.
    windows : Windows
    decision : {"accept", "defer", None}
        ``defer`` when any item is, or when something is likely to be missing.
    reason : str
    document : Document, optional
        The note itself, for display; never serialised and no part of equality.
    """

    document_id: str
    task: str
    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    labels: tuple[Label, ...] = ()
    findings: tuple[Finding, ...] = ()
    complete: bool = True
    windows: Windows = field(default_factory=Windows)
    decision: Decision = None
    reason: str = NO_ERROR_LEVEL
    trace: tuple[Trace, ...] = ()
    document: Document | None = field(default=None, compare=False, repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain JSON types, keys in the order of the contract."""
        body = {f.name: _plain(getattr(self, f.name)) for f in fields(self) if f.name != "document"}
        return {"schema": SCHEMA, **body}

    def to_json(self) -> str:
        """Return the record as one line of JSON (UTF-8 characters kept)."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @classmethod
    def from_dict(cls, record: Mapping[str, Any], document: Document | None = None) -> Self:
        """Read a record back.

        Raises
        ------
        ValueError
            If ``schema`` is not ``clinie.extraction/1`` or a field is missing.
        """
        if record.get("schema") != SCHEMA:
            raise ValueError(f"record schema is not {SCHEMA}")
        try:
            return cls(
                document_id=record["document_id"],
                task=record["task"],
                spans=tuple(_span(s) for s in record["spans"]),
                relations=tuple(Relation(**r) for r in record["relations"]),
                labels=tuple(Label(**entry) for entry in record["labels"]),
                findings=tuple(Finding(**f) for f in record["findings"]),
                complete=record["complete"],
                windows=Windows(**record["windows"]),
                decision=record["decision"],
                reason=record["reason"],
                trace=tuple(Trace(**t) for t in record["trace"]),
                document=document,
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"record lacks or misnames a field: {error}") from None

    def _repr_html_(self) -> str:
        # Loaded by name: this module is the leaf of the import graph, the page is its roof.
        html: str = import_module("clinie.view").to_html(self)
        return html


def _span(record: Mapping[str, Any]) -> Span:
    fragments = record["fragments"]
    return Span(
        **{
            **record,
            "fragments": None if fragments is None else tuple((a, b) for a, b in fragments),
            "codes": tuple(record["codes"]),
        }
    )


def _plain(value: Any) -> Any:
    """Return dataclasses, tuples and mappings as plain JSON types."""
    if isinstance(value, tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value


@dataclass(frozen=True, slots=True)
class LabelSpec:
    """A label of a task and the closed sets of its attributes.

    Parameters
    ----------
    name : str
    description : str
        One clinical sentence; it is shown to models and people.
    attributes : Mapping of str to tuple of str
        Allowed values; the first is what an unknown or missing value maps to.
        An empty tuple means free text (such as the ``relative`` of a family finding).
    """

    name: str
    description: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RelationSpec:
    """A relation of a task: which label may be its head, which its tail.

    Parameters
    ----------
    name, head, tail : str
    backward : bool
        The tail stands before its head, as an antecedent does; without it a tail is looked for
        behind its head first.
    """

    name: str
    head: str
    tail: str
    backward: bool = False


@dataclass(frozen=True, slots=True)
class DocumentLabelSpec:
    """A statement that a task may make about a document as a whole.

    Parameters
    ----------
    name : str
    description : str
        One clinical sentence; it is shown to models and people.
    values : tuple of str
        Allowed values; ``("true",)`` is a plain statement. Empty: any words.
    span : str, optional
        The value names something in the document: it must stand there, and the label points at a
        span, of this label where no other span stands at the place.
    """

    name: str
    description: str = ""
    values: tuple[str, ...] = ()
    span: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TaskSchema:
    """The closed label set of a task; compared and hashed by identity.

    The first label is the task's main one: an answer item without a label is read as it.
    A field of an answer item named like a relation is read as that relation's tail.
    """

    labels: tuple[LabelSpec, ...]
    relations: tuple[RelationSpec, ...] = ()
    document_labels: tuple[DocumentLabelSpec, ...] = ()

    def label(self, name: str) -> LabelSpec | None:
        """Return the specification of a label, or None."""
        return next((spec for spec in self.labels if spec.name == name), None)

    def document_label(self, name: str) -> DocumentLabelSpec | None:
        """Return the specification of a document label, or None."""
        return next((spec for spec in self.document_labels if spec.name == name), None)
