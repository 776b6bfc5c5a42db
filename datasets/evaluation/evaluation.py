"""Evaluate a prediction against gold, alone or beside another prediction."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from clinie.datasets.evaluation.attributes import (
    Confusion,
    Values,
    attribute_names,
    attribute_rows,
    confusion,
    given,
    value_rows,
    values_by_document,
)
from clinie.datasets.evaluation.confidence import (
    Bin,
    Point,
    confidence_row,
    coverage_curve,
    judged_items,
    reliability,
)
from clinie.datasets.evaluation.errors import KINDS, Error, errors
from clinie.datasets.evaluation.pairs import Pair, Paired, pair_up
from clinie.datasets.evaluation.rows import Row
from clinie.datasets.evaluation.tables import (
    antecedent_rows,
    label_rows,
    relation_rows,
    span_rows,
    token_rows,
)
from clinie.datasets.resampling import LEVEL, Bootstrap, Difference, Estimate, Samples
from clinie.datasets.scoring import Mode
from clinie.errors import ConfigError
from clinie.schema import Extraction, TaskSchema
from clinie.tasks import Task, load

__all__ = ["Comparison", "Evaluation", "Line", "evaluate"]

SCHEMA = "clinie.evaluation/1"


@dataclass(frozen=True, slots=True)
class Line:
    """Figures that speak about the same items; see `Row`.

    Parameters
    ----------
    section, name : str
    gold, predicted : int
        How many items.
    figures : Mapping of str to Estimate
    """

    section: str
    name: str
    gold: int
    predicted: int
    figures: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of two systems on the same documents.

    Parameters
    ----------
    section, name, measure : str
    value, other : float
        The figure of the prediction and of the one it is compared with.
    difference : Difference
        ``value - other``.
    """

    section: str
    name: str
    measure: str
    value: float
    other: float
    difference: Difference


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found.

    Parameters
    ----------
    task : str
    mode : {"strict", "relaxed"}
        When a mention counts as found, for attributes and confidences.
    unit : str
        What was resampled: ``document`` or ``sentence``.
    documents : int
    resamples, seed : int
    lines : tuple of Line
    comparisons : tuple of Comparison
        Empty unless there was another prediction.
    confusions : Mapping of str to Confusion
        By attribute, and by document label with a closed set of values.
    reliability : Mapping of str to tuple of Bin
        By kind of item, where items have confidences.
    coverage : Mapping of str to tuple of Point
        Likewise.
    errors : tuple of Error
    missing, extra : tuple of str
        Documents without a prediction (counted as empty), and without gold (left out).
    notices : tuple of str
        What else a reader must know.
    texts : Mapping of str to str
        The documents with errors by id, blank where their words are not known.
    """

    task: str
    mode: Mode
    unit: str
    documents: int
    resamples: int
    seed: int
    lines: tuple[Line, ...]
    comparisons: tuple[Comparison, ...]
    confusions: Mapping[str, Confusion]
    reliability: Mapping[str, tuple[Bin, ...]]
    coverage: Mapping[str, tuple[Point, ...]]
    errors: tuple[Error, ...] = field(repr=False)
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    notices: tuple[str, ...]
    texts: Mapping[str, str] = field(repr=False)

    def figure(self, section: str, name: str, measure: str) -> Estimate:
        """Return one figure.

        Raises
        ------
        ConfigError
            When there is none of that name; it lists those there are.
        """
        for line in self.lines:
            if (line.section, line.name) == (section, name) and measure in line.figures:
                return line.figures[measure]
        known = dict.fromkeys(line.section for line in self.lines)
        raise ConfigError(
            f"no figure {measure!r} of {name!r} in {section!r}",
            mend=f"sections: {'; '.join(known)}",
        )

    def to_dict(self, *, words: bool = False) -> dict[str, Any]:
        """Return all of it as plain JSON types; figures that are not defined are null.

        Parameters
        ----------
        words : bool
            With the words of the errors and the documents they are in. Otherwise errors are told
            by place, and nothing of a note is in the result but values of attributes.
        """
        return {
            "schema": SCHEMA,
            "task": self.task,
            "mode": self.mode,
            "unit": self.unit,
            "documents": self.documents,
            "level": LEVEL,
            "resamples": self.resamples,
            "seed": self.seed,
            "missing": list(self.missing),
            "extra": list(self.extra),
            "notices": list(self.notices),
            "figures": [_defined(asdict(line)) for line in self.lines],
            "comparisons": [_defined(asdict(each)) for each in self.comparisons],
            "confusions": {name: asdict(each) for name, each in self.confusions.items()},
            "reliability": {k: [asdict(b) for b in bins] for k, bins in self.reliability.items()},
            "coverage": {k: [asdict(p) for p in curve] for k, curve in self.coverage.items()},
            "error_counts": self.error_counts(),
            "errors": [_told(error, words=words) for error in self.errors],
            **({"texts": dict(self.texts)} if words else {}),
        }

    def error_counts(self) -> dict[str, int]:
        """Return how many errors there are of each kind."""
        counts = Counter(error.kind for error in self.errors)
        return {kind: counts[kind] for kind in KINDS if counts[kind]}


def evaluate(
    predicted: Iterable[Extraction],
    gold: Iterable[Extraction],
    *,
    task: str | Task,
    against: Iterable[Extraction] | None = None,
    mode: Mode = "strict",
    unit: str = "document",
    texts: Mapping[str, str] | None = None,
    labels: bool = True,
    resamples: int = 1000,
    seed: int = 0,
    notices: Sequence[str] = (),
) -> Evaluation:
    """Compare records of one task with gold.

    Parameters
    ----------
    predicted, gold : iterable of Extraction
        At most one record per document. A document without a prediction counts as an empty one.
    task : str or Task
        Says which labels, attributes and relations there are, and in which order.
    against : iterable of Extraction, optional
        Another prediction, compared on the same documents and the same resamples. Attribute
        values are then judged on the mentions that both found.
    mode : {"strict", "relaxed"}
        When a mention counts as found, for attributes and confidences. Spans, relations and
        labels are told in both modes.
    unit : str
        What one record is, for the report: intervals resample these.
    texts : Mapping of str to str, optional
        Documents by id, for records that do not bring theirs.
    labels : bool
        Compare the labels of documents too.
    resamples, seed : int
        Of the bootstrap.
    notices : sequence of str
        What else a reader of the result must know.

    Raises
    ------
    InputError
        When the records do not fit together; it names the document.
    """
    spec = load(task) if isinstance(task, str) else task
    records = list(gold)
    first = pair_up(records, predicted, texts)
    second = None if against is None else pair_up(records, against, texts)
    pairs, others = first.pairs, second.pairs if second else ()
    values = {
        name: given(pairs, name, mode, others) for name in attribute_names(pairs, spec.schema)
    }
    rows = _rows(pairs, spec, mode, values, others, labels=labels)
    bootstrap = Bootstrap(len(pairs), resamples, seed)
    samples = bootstrap([statistic for row in rows for statistic in row.measures.values()])
    comparisons: list[Comparison] = []
    if second:
        theirs = {name: given(others, name, mode, pairs) for name in values}
        other_rows = _rows(others, spec, mode, theirs, pairs, labels=labels)
        other_samples = bootstrap([s for row in other_rows for s in row.measures.values()])
        comparisons = _compare(_named(rows, samples), _named(other_rows, other_samples))
    judged = {k: judged_items(pairs, k, mode) for k in ("spans", "relations", "labels")}
    confused = values | (_closed(pairs, spec.schema) if labels else {})
    found = tuple(error for pair in pairs for error in errors(pair, labels=labels))
    wrong = {error.document_id for error in found}
    return Evaluation(
        task=spec.name,
        mode=mode,
        unit=unit,
        documents=len(pairs),
        resamples=resamples,
        seed=seed,
        lines=tuple(_lines(rows, samples)),
        comparisons=tuple(comparisons),
        confusions={name: confusion(each) for name, each in confused.items() if any(each)},
        reliability={kind: reliability(items) for kind, items in judged.items() if items.n},
        coverage={kind: coverage_curve(items) for kind, items in judged.items() if items.n},
        errors=found,
        missing=first.missing,
        extra=first.extra,
        notices=(*notices, *_notices(first, second)),
        texts={pair.document_id: pair.text for pair in pairs if pair.document_id in wrong},
    )


def _rows(
    pairs: Sequence[Pair],
    task: Task,
    mode: Mode,
    values: Mapping[str, list[Values]],
    others: Sequence[Pair],
    *,
    labels: bool,
) -> list[Row]:
    schema = task.schema
    rows = [*span_rows(pairs, schema), *token_rows(pairs, schema), *relation_rows(pairs, schema)]
    rows += antecedent_rows(pairs, schema)
    if labels:
        rows += label_rows(pairs, schema)
        for name, documents in _closed(pairs, schema).items():
            rows += value_rows(f"{name}, by document", documents)
    together = []
    for name, documents in values.items():
        *rest, whole = attribute_rows(name, documents, pairs, mode, others)
        rows += rest
        together.append(whole)
    rows += together
    for kind in ("spans", "relations", "labels"):
        items = judged_items(pairs, kind, mode)
        if items.n:
            rows.append(confidence_row(kind, items))
    return rows


def _closed(pairs: Sequence[Pair], schema: TaskSchema) -> dict[str, list[Values]]:
    """Return the values of the document labels that have a closed set and occur in the gold."""
    said = {label.name for pair in pairs for label in pair.gold.labels}
    names = (each.name for each in schema.document_labels if each.values and each.name in said)
    return {name: values_by_document(pairs, name) for name in names}


def _lines(rows: Sequence[Row], samples: Sequence[Samples]) -> list[Line]:
    remaining = iter(samples)
    return [
        Line(
            row.section,
            row.name,
            row.gold,
            row.predicted,
            {measure: next(remaining).estimate() for measure in row.measures},
        )
        for row in rows
    ]


Named = dict[tuple[str, str, str], Samples]


def _named(rows: Sequence[Row], samples: Sequence[Samples]) -> Named:
    names = [(row.section, row.name, measure) for row in rows for measure in row.measures]
    return dict(zip(names, samples, strict=True))


def _compare(ours: Named, theirs: Named) -> list[Comparison]:
    return [
        Comparison(*name, mine.value, theirs[name].value, mine.minus(theirs[name]))
        for name, mine in ours.items()
        if name in theirs
    ]


def _notices(first: Paired, second: Paired | None) -> list[str]:
    told = []
    blank = sum(not pair.whole for pair in first.pairs)
    if blank:
        told.append(
            f"the text is not at hand (documents: {blank:,}): tokens are cut from the words of the "
            "spans, and errors are shown without what stands around them"
        )
    if second and second.missing:
        told.append(
            "documents that the other prediction lacks, counted as empty: "
            + ", ".join(second.missing)
        )
    return told


def _told(error: Error, *, words: bool) -> dict[str, Any]:
    told = asdict(error)
    if not words:
        del told["gold"], told["predicted"]
    return told


def _defined(value: Any) -> Any:
    """Put null in the place of NaN, which JSON does not have."""
    if isinstance(value, dict):
        return {key: _defined(each) for key, each in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
