"""Says phrases: fills their slots with the patient's words and marks what they mean."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from clinie.training.synthetic.builder import NoteBuilder
from clinie.training.synthetic.patient import Patient
from clinie.training.synthetic.phrases import Phrase, Slot
from clinie.training.synthetic.vocabulary import (
    DrugProfile,
    Examination,
    Laboratory,
    System,
    Vocabulary,
)

__all__ = ["Context", "Mention", "Scribe"]

_NO_BLANK_BEFORE = tuple(" ,.;:)/\n")
_VOWEL_NUMBER = re.compile(r"8|1[18](?!\d)")

Filler = Callable[["Scribe", Slot], None]


@dataclass(slots=True)
class Mention:
    """A drug as one phrase speaks of it: its attributes agree with each other."""

    profile: DrugProfile | None
    name: str
    form: str = ""
    route: str = ""
    frequency: str = ""
    doses: list[str] = field(default_factory=list)
    mark: int | None = None
    waiting: list[tuple[str, int]] = field(default_factory=list)

    @property
    def as_needed(self) -> bool:
        """Whether it is taken only when needed: what it is for has not come yet."""
        return self.frequency.endswith("prn")


@dataclass(slots=True)
class Context:
    """What the slots of one phrase share."""

    plain: bool = False
    mentions: dict[int, Mention] = field(default_factory=dict)
    numbered: dict[str, Mention] = field(default_factory=dict)
    current: Mention | None = None
    place: int = 0
    relative: str = ""
    examination: Examination | None = None
    laboratory: Laboratory | None = None
    system: System | None = None
    allergens: list[int] = field(default_factory=list)
    reactions: tuple[str, ...] = ()


class Scribe:
    """Writes phrases about one patient into one note.

    Parameters
    ----------
    builder : NoteBuilder
    patient : Patient
    fillers : dict
        What fills a slot, by its name.
    """

    def __init__(self, builder: NoteBuilder, patient: Patient, fillers: dict[str, Filler]) -> None:
        self.builder = builder
        self.patient = patient
        self.words: Vocabulary = patient.words
        self.rng: Random = patient.rng
        self.context = Context()
        self._fillers = fillers
        self._capital = False
        self._blank = False

    def say(
        self,
        phrase: Phrase,
        *,
        capital: bool = True,
        plain: bool = False,
        system: System | None = None,
    ) -> None:
        """Write one phrase.

        Parameters
        ----------
        phrase : Phrase
        capital : bool
            Begin with a capital letter.
        plain : bool
            In sentences: frequencies and routes mostly in words.
        system : System, optional
            The body system it is about.
        """
        pieces = phrase.flatten(self.rng)
        self.context = Context(plain=plain, system=system)
        self._capital, self._blank = capital, False
        self.patient.begin_phrase()
        prepare = self._fillers["prepare"]
        for place, piece in enumerate(pieces):
            if isinstance(piece, Slot):
                self.context.place = place
                prepare(self, piece)
        for place, piece in enumerate(pieces):
            if isinstance(piece, str):
                self.write(piece)
            else:
                self.context.place = place
                self._fill(piece)
        self._blank = False

    def write(self, text: str) -> tuple[int, int]:
        """Write words; blanks meet as one, and none stands before a stop."""
        if not text:
            return len(self.builder), len(self.builder)
        if self._blank and not text.startswith(_NO_BLANK_BEFORE):
            self.builder.write(" ")
        elif text.startswith(" ") and self.builder.last in ("", "\n", " "):
            text = text[1:]
        self._blank = text.endswith(" ")
        text = text[:-1] if self._blank else text
        if self._capital and text[:1].isalnum():
            text = text[0].upper() + text[1:]
        if text.strip("[(+- "):
            self._capital = False
        return self.builder.write(text)

    def _fill(self, slot: Slot) -> None:
        if filler := self._fillers.get(slot.name):
            filler(self, slot)
        else:
            self.write(self.rng.choice(self.words.words[slot.name]))


def plain_words() -> dict[str, Filler]:
    """Return the fillers of slots that mean nothing: who it is about, and when."""

    def pronoun(female: str, male: str) -> Filler:
        def fill(scribe: Scribe, _slot: Slot) -> None:
            scribe.write(female if scribe.patient.female else male)

        return fill

    return {
        "he": pronoun("she", "he"),
        "He": pronoun("She", "He"),
        "his": pronoun("her", "his"),
        "His": pronoun("Her", "His"),
        "him": pronoun("her", "him"),
        "sex": _sex,
        "sexshort": _sex_short,
        "name": _name,
        "Pt": _subject,
        "pt": _short_subject,
        "age": _age,
        "a_age": _article_age,
        "num": lambda scribe, _slot: _say_choice(scribe, ("two", "3", "2", "four", "1")),
        "dur_words": lambda scribe, _slot: _say_choice(scribe, scribe.words.words["span"]),
        "spouse_up": _spouse_first,
    }


def _say_choice(scribe: Scribe, options: tuple[str, ...]) -> None:
    scribe.write(scribe.rng.choice(options))


def _sex(scribe: Scribe, _slot: Slot) -> None:
    patient = scribe.patient
    if patient.age < 18:
        _say_choice(scribe, ("girl", "female") if patient.female else ("boy", "male"))
    elif patient.female:
        _say_choice(scribe, ("female", "woman", "lady"))
    else:
        _say_choice(scribe, ("male", "man", "gentleman"))


def _sex_short(scribe: Scribe, _slot: Slot) -> None:
    _say_choice(scribe, ("F", "female", "woman") if scribe.patient.female else ("M", "male", "man"))


def _title(patient: Patient) -> str:
    if patient.age < 18:
        return patient.first
    return ("Ms. " if patient.female else "Mr. ") + patient.last


def _name(scribe: Scribe, _slot: Slot) -> None:
    patient = scribe.patient
    full = f"{patient.first} {patient.last}"
    _say_choice(scribe, (_title(patient), full, "The patient", "Patient", "___"))


def _subject(scribe: Scribe, _slot: Slot) -> None:
    patient = scribe.patient
    pronoun = "She" if patient.female else "He"
    _say_choice(scribe, (pronoun, pronoun, "The patient", "Patient", "Pt", _title(patient)))


def _short_subject(scribe: Scribe, _slot: Slot) -> None:
    _say_choice(scribe, ("patient", "pt", "the patient", "she" if scribe.patient.female else "he"))


def _age_text(scribe: Scribe) -> str:
    form = scribe.rng.choice(("{}-year-old", "{} y.o.", "{} year old", "{} y/o", "{}-year-old"))
    return form.format(scribe.patient.age)


def _age(scribe: Scribe, _slot: Slot) -> None:
    scribe.write(_age_text(scribe))


def _article_age(scribe: Scribe, _slot: Slot) -> None:
    text = _age_text(scribe)
    scribe.write(("an " if _VOWEL_NUMBER.match(text) else "a ") + text)


def _spouse_first(scribe: Scribe, _slot: Slot) -> None:
    scribe.write(scribe.rng.choice(scribe.words.words["spouse"]).capitalize())
