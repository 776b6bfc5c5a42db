"""Candidate mentions of notes, and what every teacher says of each: the items of a distillation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from clinie.models.mentions import Mentions, Place
from clinie.models.student import REJECT, Terms
from clinie.schema import Document, Span, TaskSchema
from clinie.training.weak.teachers import Records, Teacher
from clinie.training.weak.votes import ABSTAIN, Ints, Votes

__all__ = ["Candidate", "Pool", "gather", "terms_of"]

_LONGEST = 8  # words of a term

_Reader = Callable[[Span | None, Teacher], str | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place in a document that may be a mention."""

    document: str
    place: Place
    features: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Candidates and the teachers' records of their documents.

    Parameters
    ----------
    candidates : list of Candidate
        In the order of documents and text.
    teachers : sequence of Teacher
    records : sequence of Mapping
        One per teacher: its records by document id.
    """

    candidates: list[Candidate]
    teachers: Sequence[Teacher]
    records: Sequence[Records]

    def __len__(self) -> int:
        """Count the candidates."""
        return len(self.candidates)

    def label_votes(self, schema: TaskSchema) -> Votes:
        """Return the votes on the candidates' labels; the first class is `REJECT`."""
        classes = (REJECT, *(spec.name for spec in schema.labels))

        def read(span: Span | None, teacher: Teacher) -> str | None:
            return span.label if span else REJECT if teacher.silence_rejects else None

        return self._votes(classes, read)

    def attribute_votes(self, label: str, name: str, values: tuple[str, ...]) -> Votes:
        """Return the votes on an attribute: of teachers that gave the candidate this label."""
        return self._votes(
            values,
            lambda span, _: span.attributes.get(name) if span and span.label == label else None,
        )

    def _votes(self, classes: tuple[str, ...], read: _Reader) -> Votes:
        number = {name: index for index, name in enumerate(classes)}
        matrix = np.full((len(self), len(self.teachers)), ABSTAIN, dtype=np.int64)
        for j, (teacher, records) in enumerate(zip(self.teachers, self.records, strict=True)):
            spans = _spans(records)
            for i, candidate in enumerate(self.candidates):
                if candidate.document in records:
                    said = read(spans.get((candidate.document, candidate.place)), teacher)
                    matrix[i, j] = ABSTAIN if said is None else number.get(said, ABSTAIN)
        return Votes(matrix, classes, tuple(teacher.name for teacher in self.teachers))

    def gold_labels(self, gold: Records, schema: TaskSchema) -> Ints:
        """Return the right class of each candidate by records of gold; a miss is `REJECT`."""
        number = {spec.name: index for index, spec in enumerate(schema.labels, start=1)}
        spans = _spans(gold)
        found = (spans.get((c.document, c.place)) for c in self.candidates)
        return np.array(
            [number.get(span.label, 0) if span else 0 for span in found], dtype=np.int64
        )

    def gold_values(self, gold: Records, label: str, name: str, values: tuple[str, ...]) -> Ints:
        """Return the right value of an attribute, `ABSTAIN` where the gold has no such mention."""
        spans = _spans(gold)
        said: list[int] = []
        for candidate in self.candidates:
            span = spans.get((candidate.document, candidate.place))
            value = span.attributes.get(name) if span and span.label == label else None
            said.append(values.index(value) if value in values else ABSTAIN)
        return np.array(said, dtype=np.int64)


def terms_of(records: Iterable[Records], documents: Sequence[Document]) -> Terms:
    """Return the terms that any teacher marked anywhere in the documents."""
    found: set[tuple[str, ...]] = set()
    spans = [_by_document(one) for one in records]
    for document in documents:
        mentions = Mentions(document.text)
        for places in spans:
            found |= {mentions.term(place) for place in places.get(document.id, ())}
    return Terms.of(term for term in sorted(found) if len(term) <= _LONGEST)


def gather(
    documents: Sequence[Document],
    teachers: Sequence[Teacher],
    records: Sequence[Records],
    terms: Terms,
) -> Pool:
    """Return the candidates of documents: what teachers marked, and all places of known terms.

    A mention in several pieces is no candidate.
    """
    marked = [_by_document(one) for one in records]
    candidates: list[Candidate] = []
    for document in documents:
        mentions = Mentions(document.text)
        places = set(terms.find(mentions))
        for one in marked:
            places |= one.get(document.id, set())
        candidates += [
            Candidate(document.id, place, tuple(mentions.features(place)))
            for place in sorted(places)
        ]
    return Pool(candidates, teachers, records)


def _by_document(records: Records) -> dict[str, set[Place]]:
    return {
        id: {(span.start, span.end) for span in record.spans if span.fragments is None}
        for id, record in records.items()
    }


def _spans(records: Records) -> dict[tuple[str, Place], Span]:
    """Return the spans by document and place; of several at one place the first."""
    found: dict[tuple[str, Place], Span] = {}
    for id, record in records.items():
        for span in record.spans:
            if span.fragments is None:
                found.setdefault((id, (span.start, span.end)), span)
    return found
