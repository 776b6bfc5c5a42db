"""What can be evaluated: a record file, a BRAT folder, a corpus by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from clinie.datasets import bundled, catalogue
from clinie.errors import InputError
from clinie.io import read_records
from clinie.io.brat import file_name
from clinie.io.brat_reading import Standoff, document_id, read_brat
from clinie.schema import Document, Extraction, Label, Span, TaskSchema
from clinie.tasks import Task

__all__ = ["Source", "open_source"]

BUNDLED = "bundled"
"""The name of the bundled notes with their gold."""

_SHOWN = 5
"""Names told in one line at most."""


@dataclass(frozen=True, slots=True)
class Source:
    """Records of one task.

    Parameters
    ----------
    records : tuple of Extraction
    place : str
        Where they came from.
    unit : str
        What one record is: ``document``, or ``sentence`` in a corpus without document ids.
    labels : bool
        Whether labels of whole documents can stand there; in BRAT only those about a span can.
    notices : tuple of str
        What a reader of figures must know.
    """

    records: tuple[Extraction, ...]
    place: str
    unit: str = "document"
    labels: bool = True
    notices: tuple[str, ...] = ()

    @property
    def ids(self) -> list[str]:
        """The ids of the documents."""
        return [record.document_id for record in self.records]

    def named_as(self, other: Source) -> Source:
        """Give documents the ids of another source where they are short for them.

        The names of BRAT files may stand for longer ids.
        """
        full = {document_id(file_name(id)): id for id in other.ids}
        renamed = {id: full.get(id, id) for id in self.ids}
        records = (
            replace(record, document_id=renamed[record.document_id]) for record in self.records
        )
        return replace(self, records=tuple(records))


def open_source(name: str, task: Task) -> Source:
    """Read all records of a task.

    Parameters
    ----------
    name : str
        A record file, a folder of BRAT standoff, ``bundled``, or a corpus of
        `clinie.datasets.catalogue`, with or without its part: ``maccrobat:test``.
    task : Task

    Raises
    ------
    InputError
        When there is nothing of the task, or something cannot be read; it names the place.
    """
    path = Path(name)
    if path.is_dir():
        return _brat(path, task)
    if path.exists():
        return _records(path, task)
    if name == BUNDLED:
        return Source(tuple(bundled.gold(task.name).values()), name)
    return _corpus(name, task)


def _corpus(name: str, task: Task) -> Source:
    corpus, _, part = name.partition(":")
    if corpus not in {each.name for each in catalogue.catalogue()}:
        raise InputError(
            "there is no such file, folder or corpus",
            mend=f"give a record file, a BRAT folder, {BUNDLED}, or a name of clinie datasets",
            place=name,
        )
    records = tuple(catalogue.load(corpus, part or None, task=task.name))
    return Source(records, name, unit=catalogue.entry(corpus).unit)


def _records(path: Path, task: Task) -> Source:
    kept: list[Extraction] = []
    lines: dict[str, int] = {}
    others: dict[str, None] = {}
    for number, record in enumerate(read_records(path), start=1):
        if record.task != task.name:
            others[record.task] = None
            continue
        if problem := _problem(record):
            raise InputError(
                problem, mend="give a file that clinie extract wrote", place=f"{path}:{number}"
            )
        if record.document_id in lines:
            raise InputError(
                f"a second record of document {record.document_id!r}; the first is in line "
                f"{lines[record.document_id]}",
                mend="keep one of them",
                place=f"{path}:{number}",
            )
        lines[record.document_id] = number
        kept.append(record)
    if not kept:
        there = f"; it holds {_listed(others)}" if others else ""
        mend = "name its task with --task" if others else "extract first"
        what = f"no record of {task.name}" if others else "the file is empty"
        raise InputError(f"{what}{there}", mend=mend, place=str(path))
    return Source(tuple(kept), str(path))


def _problem(record: Extraction) -> str | None:
    """Return what makes a record impossible, by number and never by its words."""
    if not _are_strings(record.document_id):
        return "the document id is no string"
    for number, span in enumerate(record.spans):
        if problem := _problem_of(span):
            return f"span {number} {problem}"
    ids = {span.id for span in record.spans}
    if len(ids) < len(record.spans):
        return "two spans have one id"
    for number, link in enumerate(record.relations):
        if not _are_strings(link.label, link.head, link.tail) or not {link.head, link.tail} <= ids:
            return f"relation {number} names a span that is not there"
    if not all(_are_strings(label.name, label.value) for label in record.labels):
        return "a label is no string"
    confidences = [
        *(span.confidence for span in record.spans),
        *(link.confidence for link in record.relations),
        *(label.confidence for label in record.labels),
    ]
    if not all(map(_is_probability, confidences)):
        return "a confidence is no number from 0 to 1"
    return None


def _problem_of(span: Span) -> str | None:
    if not _are_strings(span.id, span.label, span.text):
        return "has an id, a label or a text that is no string"
    if not _is_place(span.start, span.end):
        return "has no place"
    if len(span.text) != span.end - span.start:
        return "has more or fewer characters than its place"
    if not all(_is_place(a, b) for a, b in span.fragments or ()):
        return "has a fragment without a place"
    if not _is_object(span.attributes) or not _are_strings(
        *(value for value in span.attributes.values() if value is not None)
    ):
        return "has attributes that are no strings"
    return None


# The record was JSON, so its types are only hoped for.


def _are_strings(*values: object) -> bool:
    return all(isinstance(value, str) for value in values)


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_place(start: object, end: object) -> bool:
    return isinstance(start, int) and isinstance(end, int) and 0 <= start < end


def _is_probability(value: object) -> bool:
    return value is None or (isinstance(value, int | float) and 0 <= value <= 1)


def _brat(folder: Path, task: Task) -> Source:
    records, skipped, others = [], [], dict[str, None]()
    for document, found in read_brat(folder):
        records.append(_of_task(document, found, task))
        others |= {s.label: None for s in found.spans if task.schema.label(s.label) is None}
        file = f"{file_name(document.id)}.ann"
        skipped += [f"{folder / file}:{line}" for line in found.skipped]
    if others and not any(record.spans for record in records):
        raise InputError(
            f"no label of {task.name} in this folder; it has {_listed(others)}",
            mend="rename its labels, or name its task with --task",
            place=str(folder),
        )
    notices = []
    if others:
        notices.append(f"{folder}: labels that {task.name} does not have: {_listed(others)}")
    if skipped:
        notices.append(
            f"{folder}: {len(skipped)} annotations do not stand where they say, and were left out; "
            f"the first: {skipped[0]}"
        )
    return Source(tuple(records), str(folder), labels=False, notices=tuple(notices))


def _of_task(document: Document, found: Standoff, task: Task) -> Extraction:
    """Return what the task knows: labels of the document, which BRAT has as notes, as labels."""
    schema = task.schema
    spans = [span for span in found.spans if schema.label(span.label) is not None]
    labels = [
        Label(f"l{number}", name, value, span)
        for number, (name, value, span) in enumerate(_statements(spans, schema))
    ]
    known = {span.id for span in spans}
    return Extraction(
        document_id=document.id,
        task=task.name,
        spans=tuple(_without_statements(span, schema) for span in spans),
        relations=tuple(r for r in found.relations if {r.head, r.tail} <= known),
        labels=tuple(labels),
        document=document,
    )


def _statements(spans: Iterable[Span], schema: TaskSchema) -> Iterator[tuple[str, str, str]]:
    for span in spans:
        for name, value in span.attributes.items():
            if _is_statement(name, span, schema) and value is not None:
                yield name, value, span.id


def _without_statements(span: Span, schema: TaskSchema) -> Span:
    kept = {n: v for n, v in span.attributes.items() if not _is_statement(n, span, schema)}
    return replace(span, attributes=kept)


def _is_statement(name: str, span: Span, schema: TaskSchema) -> bool:
    label = schema.label(span.label)
    is_attribute = label is not None and name in label.attributes
    return schema.document_label(name) is not None and not is_attribute


def _listed(names: Iterable[str]) -> str:
    known = sorted(names)
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more
