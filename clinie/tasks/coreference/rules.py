"""The rules of ``coreference@1``: anaphors and their antecedents, without a model."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from clinie.tasks.coreference.anaphors import Anaphor, anaphors
from clinie.tasks.coreference.people import People
from clinie.tasks.coreference.persons import Person, persons
from clinie.tasks.coreference.phrases import Phrase, phrases
from clinie.tasks.coreference.things import Choice, Things
from clinie.tasks.coreference.words import Word, sentences_of_words
from clinie.text.sections import sections
from clinie.text.sentences import sentences

__all__ = ["Link", "extract", "links"]

_BASE = {
    "it": 0.5,
    "this": 0.4,
    "they": 0.45,
    "these": 0.45,
    "person": 0.6,
    "definite": 0.55,
    "former": 0.6,
    "latter": 0.6,
    "one": 0.35,
}
_SUREST = 0.9
_NAMING = frozenset(("other", "assessment", "plan"))
"""Sections whose headings may name a problem ("Hypertension:")."""


class Link(NamedTuple):
    """An anaphor and its antecedents: places in the text, and an ordinal confidence."""

    start: int
    end: int
    antecedents: tuple[tuple[int, int], ...]
    confidence: float


def extract(text: str) -> list[dict[str, Any]]:
    """Find anaphors and their antecedents.

    Parameters
    ----------
    text : str
        A note, or a window of one.

    Returns
    -------
    list of dict
        Items of the canonical JSON grammar in text order. ``confidence`` is ordinal: how far the
        antecedent leads over the next candidate, from a base for the kind of anaphor.

    Examples
    --------
    >>> (item,) = extract("A 2 cm mass was seen. It was benign.")
    >>> item["text"], item["antecedent"][0]["text"]
    ('It', '2 cm mass')
    """
    return [
        {
            "text": text[link.start : link.end],
            "label": "anaphor",
            "start": link.start,
            "antecedent": [
                {"text": text[a:b], "start": a, "confidence": link.confidence}
                for a, b in link.antecedents
            ],
            "confidence": link.confidence,
        }
        for link in links(text)
    ]


def links(text: str, named: Sequence[tuple[int, int]] = ()) -> list[Link]:
    """Return the anaphors of a text with their antecedents, in text order.

    Parameters
    ----------
    text : str
    named : sequence of (int, int), optional
        Places that are known to name a person.

    Notes
    -----
    Deterministic; time linear in the text.
    """
    return list(_Reader(text, named).links())


class _Reader:
    """Reads a note once from its beginning, keeping in mind what was spoken of."""

    def __init__(self, text: str, named: Sequence[tuple[int, int]]) -> None:
        bounds = sentences(text)
        self.sentences: list[list[Word]] = sentences_of_words(text, bounds)
        self.found = phrases(text, bounds, self.sentences)
        self.titles = [(s.start, s.body) for s in sections(text) if s.kind not in _NAMING]
        self.things = Things(self.sentences)
        self.people = People(self.sentences, about_one=not named)
        self.persons: list[list[Person]] = [[] for _ in bounds]
        for person in persons(text, self.sentences, self.found, named):
            self.persons[person.sentence].append(person)

    def links(self) -> Iterator[Link]:
        for number, words in enumerate(self.sentences):
            held = self.persons[number]
            found = [
                p for p in self.found[number] if not (_within(p, held) or self._in_title(p.start))
            ]
            all_here = anaphors(number, words, found)
            taken = {(a.phrase.start, a.phrase.end): a for a in all_here if a.phrase}
            loose = [a for a in all_here if a.phrase is None]
            events: list[tuple[int, int, Person | Phrase | Anaphor]] = [
                *((p.start, -p.end, p) for p in held),
                *((p.start, -p.end, p) for p in found),
                *((a.start, -a.end, a) for a in loose),
            ]
            for _, _, event in sorted(events, key=lambda e: e[:2]):
                if isinstance(event, Person):
                    self.people.add(event)
                    continue
                at = (event.start, event.end)
                anaphor = event if isinstance(event, Anaphor) else taken.get(at)
                choice = self._choose(anaphor) if anaphor else None
                if anaphor and choice:
                    yield Link(
                        anaphor.start, anaphor.end, choice.antecedents, _sure(anaphor, choice)
                    )
                elif isinstance(event, Phrase):
                    self.things.add(event)

    def _in_title(self, offset: int) -> bool:
        """Tell whether an offset lies in the heading of a section such as "Allergies"."""
        at = bisect_right(self.titles, offset, key=lambda title: title[0]) - 1
        return at >= 0 and self.titles[at][0] <= offset < self.titles[at][1]

    def _choose(self, anaphor: Anaphor) -> Choice | None:
        if anaphor.form == "person":
            return self.people.choose(anaphor)
        if anaphor.form == "they":
            if anaphor.asks == {"person"} or (not anaphor.asks and self.people.several(anaphor)):
                return self.people.choose(anaphor)
            return self.things.choose(anaphor) or self.people.choose(anaphor)
        return self.things.choose(anaphor)


def _within(phrase: Phrase, held: Sequence[Person]) -> bool:
    """Tell whether a phrase overlaps one of the persons of its sentence, which do not overlap."""
    at = bisect_left(held, phrase.end, key=lambda person: person.start) - 1
    return at >= 0 and held[at].end > phrase.start


def _sure(anaphor: Anaphor, choice: Choice) -> float:
    return round(min(_SUREST, _BASE[anaphor.form] + 0.1 * min(choice.lead, 2.0)), 2)
