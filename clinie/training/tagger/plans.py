"""The models that ship: which heads each has, and what it learns from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from clinie.datasets.leaks import clean, held_out
from clinie.models.tagger.tagger import LONGEST
from clinie.models.tagger.weights import Tensors
from clinie.schema import Document
from clinie.training import synthetic
from clinie.training.tagger import relations, senses, sources
from clinie.training.tagger.fit import Recipe
from clinie.training.tagger.judges import open_notes, train_assertion, train_status
from clinie.training.tagger.network import Shape
from clinie.training.tagger.passages import Passage, passages

__all__ = ["NOTES", "PICO", "PLANS", "Plan"]

SYNTHETIC_NOTES = 700
SEED = 2026
_ABSTRACT = 400  # words: what stands where in an abstract tells much, so it is read in one go
REPEATED = 3  # the case reports are few, and the nearest thing to notes that people annotated


@dataclass(frozen=True, slots=True)
class Plan:
    """A model to train.

    Parameters
    ----------
    name : str
        Of the file of weights.
    heads : Mapping of str to tuple of str
        The labels of each annotation scheme.
    learns_from : callable
        Returns the training passages, always the same.
    recipe : Recipe
    members : int
        Networks of the ensemble.
    longest : int
        Words of a passage.
    by_words : bool
        Whether answers are runs of words, each probable by itself, rather than exact spans.
    classifiers : callable, optional
        Trains what else goes into the file, and returns its tensors.
    """

    name: str
    heads: Mapping[str, tuple[str, ...]]
    learns_from: Callable[[], list[Passage]]
    recipe: Recipe
    members: int
    longest: int = LONGEST
    by_words: bool = False
    classifiers: Callable[[], Tensors] | None = None


def _notes() -> list[Passage]:
    reports = list(sources.case_reports("train"))
    return _clean(
        [
            *sources.iob("bc5cdr", ("train", "devel")),
            *sources.iob("ncbi-disease", ("train", "devel")),
            *sources.phee("train"),
            *(replace(p, times=REPEATED) for p in reports),
            *(replace(p, by_people=False) for p in sources.ruled(open_notes())),
            *(replace(p, by_people=False) for p in _synthetic()),
        ]
    )


def _classifiers() -> dict[str, Any]:
    """Train the judges of mentions, the linker and the ranker of senses."""
    made = list(_made())
    notes = list(open_notes())
    linked = chain(
        relations.sources(notes),
        (relations.from_record(note.gold("medications@1"), "made") for note in made),
    )
    return {
        **train_assertion(note.gold("conditions@1") for note in made).state(),
        **train_status(note.gold("medications@1") for note in made).state(),
        **relations.train_relations(linked).state(),
        **senses.train_senses(senses.sense_documents(notes)).state(),
    }


def _made() -> Iterator[synthetic.SyntheticNote]:
    return synthetic.notes(SYNTHETIC_NOTES, SEED, part="train")


def _synthetic() -> Iterator[Passage]:
    for note in _made():
        gold = {task: note.gold(f"{task}@1").spans for task in ("medications", "conditions")}
        yield from passages(note.document.text, gold, note.document.id)


def _clean(found: Iterable[Passage]) -> list[Passage]:
    """Leave out near copies of texts that figures are computed on."""
    return list(
        clean(found, held_out(), lambda passage: Document(" ".join(passage.words), "passage"))
    )


NOTES = Plan(
    name="notes",
    heads={
        "bc5cdr": ("Chemical", "Disease"),
        "ncbi-disease": ("Disease",),
        "maccrobat": sources.MACCROBAT,
        "phee": sources.PHEE,
        "medications": sources.MEDICATIONS,
        "conditions": sources.CONDITIONS,
    },
    learns_from=_notes,
    recipe=Recipe(shape=Shape(hidden=96), epochs=10),
    members=2,
    classifiers=_classifiers,
)

PICO = Plan(
    name="pico",
    heads={"pico": sources.PICO},
    learns_from=lambda: _clean(sources.pico("train", _ABSTRACT)),
    recipe=Recipe(epochs=7, words=3000),
    members=2,
    longest=_ABSTRACT,
    by_words=True,
)

PLANS = {plan.name: plan for plan in (NOTES, PICO)}
