"""What flows through a resolver program: a question, an answer, and the items it claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinie.schema import Finding, Severity, TaskSchema

__all__ = ["Answer", "Item", "Question", "State", "Statement", "Step"]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the window's text and the task's closed label set.

    Parameters
    ----------
    text : str
        The window; all offsets below count code points in it.
    schema : TaskSchema
    examples : tuple of str
        The notes of the examples that the prompt showed (for `copied_from_example`).
    instructions : str
        The constant part of the prompt (for `prompt_echo`).
    metadata : Mapping
        What travelled with the document, as the prompt showed it (for a question about it).
    """

    text: str = field(repr=False)
    schema: TaskSchema
    examples: tuple[str, ...] = field(default=(), repr=False)
    instructions: str = field(default="", repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: any string at all, and whether it was cut off."""

    text: str = field(repr=False)
    truncated: bool = False


@dataclass(slots=True)
class Item:
    """One claim of an answer, on its way from words to characters of the note.

    Parameters
    ----------
    text : str
        The model's words.
    label : str, optional
        The task's label; None until mapped.
    start : int, optional
        Where the model says it stands in the window: a hint, verified like any other claim.
    attributes : dict
        Closed-set values.
    parts : list of Item
        Tails of relations of which this item is the head.
    relation : str, optional
        For a part: the relation to its head.
    confidence : float, optional
    spans : tuple of (int, int)
        Window offsets once grounded; more than one for a discontinuous mention.
    """

    text: str = field(repr=False)
    label: str | None = None
    start: int | None = None
    attributes: dict[str, str | None] = field(default_factory=dict)
    parts: list[Item] = field(default_factory=list)
    relation: str | None = None
    confidence: float | None = None
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True)
class Statement:
    """What an answer says of the document as a whole, on its way to a label of the record.

    Parameters
    ----------
    name, value : str
        The task's document label, and what it is said to be.
    start : int, optional
        Where the model says that the value stands in the window.
    item : Item, optional
        The grounded mention that the value names.
    confidence : float, optional
    """

    name: str
    value: str = field(repr=False)
    start: int | None = None
    item: Item | None = None
    confidence: float | None = None


@dataclass(slots=True)
class State:
    """The working sheet of one program run; every step reads and writes it."""

    question: Question
    answer: Answer
    items: list[Item] = field(default_factory=list)
    labels: list[Statement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def find(
        self, code: str, item: Item | str | None = None, *, severity: Severity = "reject"
    ) -> None:
        """Note a finding about an item (or about the answer as a whole)."""
        text = item.text if isinstance(item, Item) else item
        start, end = None, None
        if isinstance(item, Item) and item.spans:
            start, end = item.spans[0][0], item.spans[-1][1]
        self.findings.append(Finding(code, severity, text, start, end))


Step = Callable[[State], None]
"""A named step of a resolver program: total, works on the sheet in place, drops nothing
without a finding."""
