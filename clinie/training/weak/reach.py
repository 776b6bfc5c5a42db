"""The expansion check of a distillation: a mention in its text, and its synonyms as neighbours.

A candidate is the stretch of its note around it, the mention marked off. Its neighbours have
another name of the same drug, or the other form of an abbreviation, in the mention's place: what
is right of one is right of all. Teachers that are no function of the text (a file of records)
cannot be asked about neighbours, so the check needs teachers that are.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from clinie.models.mentions import Mentions, Place
from clinie.models.tagger.classifiers import LinearClassifier
from clinie.schema import Document, TaskSchema
from clinie.training.weak.bounds import ClassCheck
from clinie.training.weak.candidates import Candidate, Pool
from clinie.training.weak.expansion import expansion_check
from clinie.training.weak.label_models import LabelModel
from clinie.training.weak.neighbours import Substitution, synonym_groups
from clinie.training.weak.teachers import Teacher
from clinie.training.weak.votes import Ints

__all__ = ["LinearStudent", "MentionSubstitution", "check", "marked"]

_WINDOW = 200  # characters on either side of a mention
_MARK = "\0"
_MOST = 300  # candidates that are looked at
_TRIES = 20


@dataclass(frozen=True, slots=True, eq=False)
class LinearStudent:
    """A classifier over features, asked about many at once."""

    classifier: LinearClassifier

    def predict(self, features: Sequence[Sequence[str]]) -> Ints:
        """Return a class number per item."""
        logits = [int(self.classifier.logits(of_one).argmax()) for of_one in features]
        return np.array(logits, dtype=np.int64)


class MentionSubstitution:
    """Replaces the marked mention of a text by its synonyms, and nothing else.

    Parameters
    ----------
    words : Substitution
    """

    def __init__(self, words: Substitution) -> None:
        self._words = words

    def sample(self, text: str, count: int, rng: random.Random) -> list[str]:
        """Return up to `count` neighbours."""
        left, mention, right = text.split(_MARK)
        return [
            _MARK.join((left, other, right)) for other in self._words.sample(mention, count, rng)
        ]

    def find(
        self, text: str, wanted: Callable[[str], bool], rng: random.Random, tries: int = _TRIES
    ) -> str | None:
        """Return a neighbour that is as wanted, or None."""
        left, mention, right = text.split(_MARK)
        found = self._words.find(
            mention, lambda other: wanted(_MARK.join((left, other, right))), rng, tries
        )
        return None if found is None else _MARK.join((left, found, right))


def marked(text: str, place: Place) -> str:
    """Return the surroundings of a place, the place between marks."""
    start, end = place
    left, right = text[max(0, start - _WINDOW) : start], text[end : end + _WINDOW]
    return _MARK.join(part.replace(_MARK, " ") for part in (left, text[start:end], right))


def _unmarked(text: str) -> tuple[str, Place]:
    left, mention, right = text.split(_MARK)
    return left + mention + right, (len(left), len(left) + len(mention))


def _features(texts: Sequence[str]) -> list[list[str]]:
    read = (_unmarked(text) for text in texts)
    return [Mentions(plain).features(place) for plain, place in read]


def check(
    pool: Pool,
    gold: Ints,
    documents: Sequence[Document],
    schema: TaskSchema,
    *,
    model: LabelModel,
    students: Sequence[LinearClassifier],
) -> tuple[ClassCheck, ...]:
    """Return the expansion check of every class of the label.

    Parameters
    ----------
    pool : Pool
        Held-out candidates; at most three hundred, spread evenly, are looked at.
    gold : int array
        Their right classes.
    documents : sequence of Document
    schema : TaskSchema
    model : LabelModel
        Fitted.
    students : sequence of LinearClassifier
        The student first, then others of its kind that saw other samples.
    """
    texts = {document.id: document.text for document in documents}
    chosen = range(0, len(pool), max(1, -(-len(pool) // _MOST)))
    items = [marked(texts[pool.candidates[i].document], pool.candidates[i].place) for i in chosen]

    @cache
    def teacher(text: str) -> int:
        plain, place = _unmarked(text)
        return _asked(plain, place, pool.teachers, schema, model)

    student, *others = [LinearStudent(classifier) for classifier in students]
    found = expansion_check(
        items,
        gold[list(chosen)],
        teacher=teacher,
        student=student,
        others=others,
        features=_features,
        oracle=MentionSubstitution(Substitution(synonym_groups())),
        classes=students[0].classes,
    )
    return tuple(one for one in found if one.covered + one.uncovered)


def _asked(
    text: str, place: Place, teachers: Sequence[Teacher], schema: TaskSchema, model: LabelModel
) -> int:
    """Return what the teachers together say of a place of a text."""
    document = Document(text, "window")
    records = [teacher.annotate([document]) for teacher in teachers]
    one = Pool([Candidate(document.id, place, ())], teachers, records)
    return int(model.predict(one.label_votes(schema))[0])
