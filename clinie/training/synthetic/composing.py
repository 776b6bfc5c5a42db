"""Composes notes: a type, a patient, sections in their order, and the noise of the page."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from clinie.training.synthetic.builder import NoteBuilder, SyntheticNote, finish
from clinie.training.synthetic.condition_slots import condition_slots
from clinie.training.synthetic.drug_slots import drug_slots
from clinie.training.synthetic.layout import roughen
from clinie.training.synthetic.patient import make_patient
from clinie.training.synthetic.scribe import Scribe, plain_words
from clinie.training.synthetic.sections import SECTIONS
from clinie.training.synthetic.vocabulary import Part, Vocabulary, vocabulary
from clinie.training.synthetic.writing import SectionWriter, make_layout

__all__ = ["NOTE_TYPES", "notes"]

NOTE_TYPES: dict[str, tuple[int, tuple[tuple[str, float], ...]]] = {
    "progress": (
        5,
        (
            ("history", 0.9),
            ("medications", 0.6),
            ("allergies", 0.2),
            ("vitals", 0.4),
            ("exam", 0.7),
            ("results", 0.6),
            ("both", 1.0),
        ),
    ),
    "discharge_summary": (
        4,
        (
            ("complaint", 0.5),
            ("history", 1.0),
            ("past", 0.8),
            ("allergies", 0.7),
            ("medications", 0.7),
            ("exam", 0.4),
            ("results", 0.5),
            ("course", 1.0),
            ("discharge_medications", 0.9),
            ("assessment", 0.4),
            ("instructions", 0.8),
        ),
    ),
    "history_and_physical": (
        4,
        (
            ("complaint", 0.9),
            ("history", 1.0),
            ("past", 0.9),
            ("surgery", 0.7),
            ("medications", 0.9),
            ("allergies", 0.9),
            ("family", 0.8),
            ("social", 0.8),
            ("review", 0.8),
            ("exam", 0.9),
            ("results", 0.6),
            ("both", 0.9),
        ),
    ),
    "emergency": (
        4,
        (
            ("complaint", 0.9),
            ("history", 1.0),
            ("past", 0.6),
            ("medications", 0.6),
            ("allergies", 0.7),
            ("review", 0.5),
            ("exam", 0.7),
            ("results", 0.6),
            ("course", 0.7),
            ("both", 0.5),
            ("instructions", 0.6),
        ),
    ),
    "clinic_letter": (
        2,
        (("assessment", 0.7), ("medications", 0.7), ("history", 1.0), ("plan", 1.0)),
    ),
    "scribe": (
        5,
        (
            ("complaint", 0.9),
            ("exchange_history", 1.0),
            ("past", 0.3),
            ("medications", 0.4),
            ("allergies", 0.3),
            ("family", 0.2),
            ("review", 0.6),
            ("exam", 0.6),
            ("results", 0.6),
            ("exchange_plan", 1.0),
            ("instructions", 0.5),
        ),
    ),
    "consult": (
        2,
        (
            ("history", 1.0),
            ("past", 0.7),
            ("medications", 0.7),
            ("allergies", 0.5),
            ("family", 0.5),
            ("exam", 0.7),
            ("results", 0.7),
            ("assessment", 0.8),
            ("plan", 0.9),
        ),
    ),
    "nursing": (3, (("telegraph", 1.0), ("remarks", 0.4), ("telegraph", 0.3))),
    "telephone": (2, (("telegraph", 1.0),)),
    "medication_list": (2, (("allergies", 0.5), ("medications", 1.0), ("medications", 0.15))),
}
"""Weight, and sections in their order with how often each is written, by type of note."""

_FRAGMENTS = tuple(sorted(SECTIONS))
_FRAGMENT_WEIGHT = 6


def notes(count: int, seed: int, part: Part = "train") -> Iterator[SyntheticNote]:
    """Yield made-up notes with gold by construction.

    Parameters
    ----------
    count : int
    seed : int
        Note *n* of a seed is the same whatever the count.
    part : {"train", "test", "all"}
        ``train`` keeps a fifth of the drugs and phrasings for ``test``.

    Yields
    ------
    SyntheticNote
        A whole note, or one section (note type ``fragment``).

    Raises
    ------
    ConfigError
        The part is unknown.

    Notes
    -----
    Training data, never evidence of accuracy: the generator knows no wording that was not
    written into its tables. 50 notes a second and more on one core.
    """
    words = vocabulary(part)
    for number in range(count):
        rng = Random(f"{part}/{seed}/{number}")  # noqa: S311 (made-up notes keep no secret)
        yield _compose(rng, words, f"synthetic-{part}-{seed}-{number}")


def _compose(rng: Random, words: Vocabulary, note_id: str) -> SyntheticNote:
    kinds = [*NOTE_TYPES, "fragment"]
    weights = [NOTE_TYPES[k][0] for k in NOTE_TYPES] + [_FRAGMENT_WEIGHT]
    kind = rng.choices(kinds, weights)[0]
    patient = make_patient(rng, words)
    fillers = {**plain_words(), **drug_slots(), **condition_slots()}
    writer = SectionWriter(Scribe(NoteBuilder(), patient, fillers), make_layout(rng))
    for name in _sections(rng, kind):
        writer.section(name, SECTIONS[name])
    metadata = {
        "synthetic": "true",
        "part": words.part,
        "note_type": kind,
        "specialty": patient.specialty,
    }
    draft = roughen(writer.scribe.builder.draft(), rng)
    return finish(draft, note_id, metadata)


def _sections(rng: Random, kind: str) -> list[str]:
    if kind == "fragment":
        return [rng.choice(_FRAGMENTS)]
    return [name for name, share in NOTE_TYPES[kind][1] if rng.random() < share]
