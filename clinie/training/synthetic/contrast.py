"""Keeps the made-up notes that a model still gets wrong.

Notes that the current model reads without a fault teach it little; a share of them stays all the
same, so that training does not see errors only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from clinie.api import extract
from clinie.errors import ConfigError
from clinie.models import Model
from clinie.schema import Extraction
from clinie.training.synthetic.builder import TASKS, SyntheticNote

__all__ = ["disagreement", "hard"]


def hard(
    notes: Iterable[SyntheticNote],
    model: Model,
    *,
    tasks: Sequence[str] = TASKS,
    least: float = 0.1,
    right_share: float = 0.2,
) -> Iterator[SyntheticNote]:
    """Yield the notes that a model gets wrong, and a share of the others.

    Parameters
    ----------
    notes : iterable of SyntheticNote
    model : Model
        For example `clinie.models.rules.RulesModel`, or the tagger as it stands.
    tasks : sequence of str
        The tasks that count.
    least : float
        A note is wrong from this `disagreement` on, 0 to 1.
    right_share : float
        Share of the other notes that stays, 0 to 1; chosen by a hash of their ids.

    Yields
    ------
    SyntheticNote
        In the order they came.

    Raises
    ------
    ConfigError
        `least` or `right_share` is not between 0 and 1.
    """
    for name, value in (("least", least), ("right_share", right_share)):
        if not 0 <= value <= 1:
            raise ConfigError(f"{name} is {value}", mend="use a number from 0 to 1")
    for note in notes:
        wrong = disagreement(note, model, tasks)
        if wrong >= least or _fraction(note.document.id) < right_share:
            yield note


def disagreement(note: SyntheticNote, model: Model, tasks: Sequence[str] = TASKS) -> float:
    """Return how far a model's answers are from gold: 1 minus the Jaccard index of the items.

    Spans count with their labels and attributes, relations with both ends, statements with their
    values. 0 where both say nothing.
    """
    common = either = 0
    for task in tasks:
        gold, said = _items(note.gold(task)), _items(extract(note.document, task, model=model))
        common += len(gold & said)
        either += len(gold | said)
    return 1 - common / either if either else 0.0


def _items(record: Extraction) -> set[tuple[object, ...]]:
    places = {span.id: (span.label, span.start, span.end) for span in record.spans}
    spans = {
        (*places[span.id], *sorted((k, v) for k, v in span.attributes.items() if v))
        for span in record.spans
    }
    relations = {(r.label, places[r.head], places[r.tail]) for r in record.relations}
    return spans | relations | {(label.name, label.value) for label in record.labels}


def _fraction(key: str) -> float:
    return int.from_bytes(sha256(key.encode()).digest()[:4]) / 2**32
