"""A note under construction: text is only ever appended, and what it means is marked as it is.

Gold is right by construction: a mark holds the offsets at which its words were written, and the
layout (`clinie.training.synthetic.layout`) moves text and marks together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from clinie.schema import Document, Extraction, Label, Relation, Span

__all__ = ["TASKS", "Draft", "Link", "Mark", "NoteBuilder", "SyntheticNote"]

TASKS = ("medications@1", "conditions@1", "allergies@1")


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of one task: half-open code-point offsets, label and attributes."""

    task: str
    label: str
    start: int
    end: int
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Link:
    """A relation between two marks, given by their numbers."""

    task: str
    label: str
    head: int
    tail: int


@dataclass(frozen=True, slots=True)
class Draft:
    """Text with its marks, before it becomes a note.

    Parameters
    ----------
    text : str
    marks : tuple of Mark
    links : tuple of Link
    statements : tuple of (str, str, str)
        Task, name and value of what is said of the note as a whole.
    """

    text: str = field(repr=False)
    marks: tuple[Mark, ...]
    links: tuple[Link, ...]
    statements: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SyntheticNote:
    """A made-up note and its gold.

    Parameters
    ----------
    document : Document
        ``metadata`` says what the note was composed from: ``synthetic``, ``note_type``,
        ``specialty``, ``part``.
    records : tuple of Extraction
        One per task of `TASKS`; each holds ``document``.
    """

    document: Document
    records: tuple[Extraction, ...]

    def gold(self, task: str) -> Extraction:
        """Return the gold of one task, for example ``"medications@1"``.

        Raises
        ------
        KeyError
            The note has no gold for this task.
        """
        for record in self.records:
            if record.task == task:
                return record
        raise KeyError(task)


class NoteBuilder:
    """Collects text and marks."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._marks: list[Mark] = []
        self._links: list[Link] = []
        self._statements: set[tuple[str, str, str]] = set()

    def __len__(self) -> int:
        return self._length

    @property
    def last(self) -> str:
        """The last character written, or nothing."""
        return self._pieces[-1][-1] if self._pieces else ""

    def write(self, text: str) -> tuple[int, int]:
        """Append text; return where it stands."""
        start = self._length
        if text:
            self._pieces.append(text)
            self._length += len(text)
        return start, self._length

    def mark(self, task: str, label: str, extent: tuple[int, int], **attributes: str) -> int:
        """Mark written text; return the number of the mark."""
        self._marks.append(Mark(task, label, *extent, attributes))
        return len(self._marks) - 1

    def link(self, task: str, label: str, head: int, tail: int) -> None:
        """Relate two marks of one task."""
        self._links.append(Link(task, label, head, tail))

    def state(self, task: str, name: str, value: str) -> None:
        """Say something of the note as a whole; saying it twice changes nothing."""
        self._statements.add((task, name, value))

    def draft(self) -> Draft:
        """Return what was written so far."""
        return Draft(
            "".join(self._pieces),
            tuple(self._marks),
            tuple(self._links),
            tuple(sorted(self._statements)),
        )


def finish(draft: Draft, note_id: str, metadata: Mapping[str, str]) -> SyntheticNote:
    """Turn a draft into a note: spans in text order, one record per task."""
    document = Document(draft.text, note_id, metadata=dict(metadata))
    records = (_record(draft, task, document) for task in TASKS)
    return SyntheticNote(document, tuple(records))


def _record(draft: Draft, task: str, document: Document) -> Extraction:
    numbers = [n for n, mark in enumerate(draft.marks) if mark.task == task]
    numbers.sort(key=lambda n: (draft.marks[n].start, draft.marks[n].end))
    ids = {number: f"s{place}" for place, number in enumerate(numbers)}
    return Extraction(
        document_id=document.id,
        task=task,
        spans=tuple(_span(ids[n], draft.marks[n], draft.text) for n in numbers),
        relations=tuple(_relations((k for k in draft.links if k.task == task), ids)),
        labels=tuple(
            Label(f"l{n}", name, value)
            for n, (_, name, value) in enumerate(s for s in draft.statements if s[0] == task)
        ),
        document=document,
    )


def _span(span_id: str, mark: Mark, text: str) -> Span:
    return Span(
        span_id,
        mark.label,
        mark.start,
        mark.end,
        text[mark.start : mark.end],
        attributes=dict(mark.attributes),
    )


def _relations(links: Iterable[Link], ids: Mapping[int, str]) -> list[Relation]:
    ordered = sorted(links, key=lambda k: (k.head, k.tail, k.label))
    return [
        Relation(f"r{n}", link.label, ids[link.head], ids[link.tail])
        for n, link in enumerate(ordered)
    ]
