"""The persons of a note: by name, as a relative, by what they are.

"Mr. Perry", "her daughter", "a 54-year-old man", "Dr. Roe". The patient as "the patient" is a
person too, but no antecedent: it names nobody.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from clinie.tasks.coreference.nouns import PACKAGE, noun_of
from clinie.tasks.coreference.phrases import Phrase, role_of
from clinie.tasks.coreference.words import Word, is_closed, verb_of
from clinie.text.folding import fold_word
from clinie.text.lexica import load_tsv

__all__ = ["Person", "PersonNoun", "person_noun", "persons"]

_NAME = r"[A-Z][a-z'’]*[A-Za-z](?:-[A-Z][a-z]+)*"
_TITLED = re.compile(
    r"(?<!\w)(Mr|Mrs|Ms|Miss|Mister|Dr|Doctor|Prof|Professor|Rev|Sister|Baby|Master)\.?[ \t]{1,2}"
    rf"((?:(?:{_NAME}|[A-Z]\.|[A-Z](?!\w))[ \t]?){{1,4}}|_{{2,12}}|\[\*\*.{{0,40}}?\*\*\])"
)
_CAPITALS = re.compile(
    rf"(?<![\w-])(?:{_NAME})"
    rf"(?:[ \t](?:(?:de|van|von|la|bin|al)[ \t])?(?:{_NAME}|[A-Z]\.(?=[ \t][A-Z]))){{0,3}}"
)
_AGE = re.compile(
    r"\d{1,3}(?:-?(?:years?|yrs?|months?|mo|weeks?|wks?|days?)-?(?:old|o)|-?yo|-?y/o|-?yrs?)"
)
_AGE_AND_SEX = re.compile(r"\d{1,3}-?(?:yo)?([mf])")
_IN = re.compile(r"\b(?:in|from|near|at)[ \t]$")
_SO_OLD = re.compile(
    r"(?:,| is| was)[ \t]an? (?:\w+ ){0,2}?\d{1,3}[ -](?:year|yr|y/?o|month|week|day)"
)
_AGE_BEFORE = re.compile(r"\d{1,3}-?(?:yo|y/o|yrold|yearold|years?-?old|yr-?old)")
_LETTER = re.compile("([mf])")
_YEARS = frozenset(("yo", "y/o", "yr", "year", "years", "old", "yr-old"))
_PLACE_AFTER = re.compile(
    r"[ \t]+(?:Hospital|Clinic|Medical|Center|Centre|University|Street|St|Road|Rd|Ave|Avenue|"
    r"County|College|School|Institute|Health|Pharmacy|Infirmary|Ward|House|Home|Park|Lake|Beach|"
    r"Award|Prize|catheter|sign|test|disease|syndrome|score|scale)\b"
)
_PLACE_BEFORE = re.compile(r"(?:\b(?:St|Saint|Mt|Mount|Fort|Lake|San|Santa|Port)\.?[ \t])$")


class PersonNoun(NamedTuple):
    """What the table says of a noun that names a person."""

    gender: str
    role: str
    plural: bool


@dataclass(frozen=True, slots=True)
class Person:
    """A mention of a person: ``text[start:end]``.

    Parameters
    ----------
    start, end : int
    gender : {"m", "f", ""}
        Empty: not known.
    plural : bool
    kind : str
        ``name``, ``kin``, ``descriptor`` (by age or sex), ``other`` (by trade), ``patient``.
    names : tuple of str
        Of a name: its words, folded, without titles.
    titled : str
        The title of a name, folded.
    sentence, first, last : int
        Where among the words.
    role : str
        As of `Phrase`.
    owner : bool
        Somebody's: "her daughter".
    """

    start: int
    end: int
    gender: str
    plural: bool
    kind: str
    names: tuple[str, ...]
    titled: str
    sentence: int
    first: int
    last: int
    role: str
    owner: bool = False


@cache
def _nouns() -> dict[str, PersonNoun]:
    return {
        row["noun"]: PersonNoun(row["gender"], row["role"], row["plural"] == "1")
        for row in load_tsv("persons.tsv", PACKAGE)
    }


@cache
def _given_names() -> dict[str, str]:
    return {row["name"]: row["gender"] for row in load_tsv("given_names.tsv", PACKAGE)}


def person_noun(low: str) -> PersonNoun | None:
    """Return what is known of a folded noun that names a person, or None."""
    return _nouns().get(low) or _nouns().get(low.removesuffix("s"))


def persons(
    text: str,
    sentences: Sequence[Sequence[Word]],
    found: Sequence[Sequence[Phrase]],
    given: Sequence[tuple[int, int]] = (),
) -> list[Person]:
    """Return the persons mentioned in a note, in text order; none inside another.

    Parameters
    ----------
    text : str
    sentences : sequence of sequences of Word
    found : sequence of sequences of Phrase
        Its noun phrases, by sentence.
    given : sequence of (int, int), optional
        Places that are known to name a person.
    """
    reader = _Names(text, sentences, found, given)
    named = sorted(reader.persons(), key=lambda p: (p.start, -p.end))
    nouns = [
        person
        for number, (words, inside) in enumerate(zip(sentences, found, strict=True))
        for person in (*_described(words, inside), *_by_letter(number, words))
        if not reader.overlaps(person.start, person.end)
    ]
    return sorted([*named, *nouns], key=lambda p: (p.start, -p.end))


class _Names:
    """Finds the names of persons: titled, given as such, by their given name, and repeated."""

    def __init__(
        self,
        text: str,
        sentences: Sequence[Sequence[Word]],
        found: Sequence[Sequence[Phrase]],
        given: Sequence[tuple[int, int]],
    ) -> None:
        self.text, self.given = text, given
        self._filled = [(n, words) for n, words in enumerate(sentences) if words]
        self._starts = [words[0].start for _, words in self._filled]
        self._word_starts = [[word.start for word in words] for _, words in self._filled]
        self._things = sorted((p.start, p.end) for inside in found for p in inside if p.kinds)
        self._held: list[tuple[int, int]] = []

    def persons(self) -> list[Person]:
        named: list[Person] = []
        for start, end in self.given:
            self._add(named, start, end, "")
        for match in _TITLED.finditer(self.text):
            end = match.start(2) + len(match[2].rstrip())
            self._add(named, match.start(), end, match[1].lower())
        others = list(_CAPITALS.finditer(self.text))
        for match in others:
            named_at = self._given_name(match)
            if (
                named_at is None
                and _SO_OLD.match(self.text, match.end())
                and _is_name(match.group())
            ):
                named_at = match.start()
            if named_at is not None:
                self._add(named, named_at, match.end(), "")
        known = {name for person in named for name in person.names if len(name) > 1}
        for match in others:
            if fold_word(match.group().split()[-1].removesuffix("'s")) in known:
                self._add(named, match.start(), match.end(), "")
        return named

    def overlaps(self, start: int, end: int) -> bool:
        """Tell whether a name stands at the place."""
        at = bisect_left(self._held, (end, 0)) - 1
        return at >= 0 and self._held[at][1] > start

    def _given_name(self, match: re.Match[str]) -> int | None:
        """Return where a name that begins with a given name starts within capitalised words."""
        words = match.group().split()
        start = match.start()
        for at, word in enumerate(words[:2]):
            bare = re.sub(r"['’]s?$", "", word)
            if bare in _given_names():
                alone = len(words) - at == 1
                if at and not is_closed(words[0].lower()):
                    return None  # "North Carolina"
                if alone and _IN.search(self.text, max(0, start - 6), start):
                    return None
                if alone and (verb_of(bare.lower()) or noun_of(bare.lower()).known):
                    return None
                return start
            start += len(word) + 1
        return None

    def _add(self, named: list[Person], start: int, end: int, title: str) -> None:
        end = start + len(re.sub(r"['’]s?$", "", self.text[start:end]))
        if self.overlaps(start, end):
            return
        at = bisect_right(self._starts, start) - 1
        if at < 0:
            return
        number, words = self._filled[at]
        first = bisect_right(self._word_starts[at], start) - 1
        last = first
        while last < len(words) and words[last].start < end:
            last += 1
        given = (start, end) in self.given
        if not title and not given and self._is_place_or_thing(start, end):
            return
        insort(self._held, (start, end))
        names = tuple(fold_word(n.strip(".")) for n in self.text[start:end].split())
        titles = [n for n in names if n in _nouns() and _nouns()[n].role == "title"]
        gender = _nouns()[title].gender if title in _nouns() else ""
        names = tuple(n for n in names if n not in titles)
        named.append(
            Person(
                start=start,
                end=end,
                gender=gender or self._gender(start, end),
                plural=False,
                kind="name",
                names=names,
                titled=title,
                sentence=number,
                first=first,
                last=last,
                role=role_of(words, first, last),
            )
        )

    def _gender(self, start: int, end: int) -> str:
        for name in self.text[start:end].split():
            if name in _given_names():
                return _given_names()[name]
        return ""

    def _is_place_or_thing(self, start: int, end: int) -> bool:
        if _PLACE_AFTER.match(self.text, end):
            return True
        if _PLACE_BEFORE.search(self.text, max(0, start - 8), start):
            return True
        at = bisect_left(self._things, (end, 0)) - 1
        return at >= 0 and self._things[at][1] > start


def _described(words: Sequence[Word], found: Sequence[Phrase]) -> Iterator[Person]:
    """Yield the phrases that say who somebody is: "her daughter", "54-year-old man"."""
    for phrase in found:
        inside = words[phrase.first : phrase.last]
        noun = person_noun(inside[-1].low) if inside else None
        aged = any(_AGE.fullmatch(word.low) or word.low == "year-old" for word in inside[:-1])
        if noun is None and not aged:
            continue
        if noun is None:
            noun = PersonNoun("", "descriptor", plural=False)
        kind = "other" if noun.role == "title" else noun.role
        if not aged and kind != "patient" and _is_predicate(words, phrase):
            continue  # "she is the caretaker of"
        if aged and kind not in ("patient", "kin"):
            kind = "descriptor"
        gender = noun.gender or next((g for w in inside if (g := _sex(w.low))), "")
        yield Person(
            start=phrase.start,
            end=phrase.end,
            gender=gender,
            plural=noun.plural or phrase.plural,
            kind=kind,
            names=(),
            titled="",
            sentence=phrase.sentence,
            first=phrase.first,
            last=phrase.last,
            role=phrase.role,
            owner=words[phrase.first - 1].tag in ("poss", "genitive") if phrase.first else False,
        )


def _by_letter(sentence: int, words: Sequence[Word]) -> Iterator[Person]:
    """Yield ages with a letter for the sex: "67M", "22 yo F"."""
    for at, word in enumerate(words):
        found = _AGE_AND_SEX.fullmatch(word.low)
        first = at
        if found is None and word.low in ("m", "f") and at:
            first = at - 1
            while first and words[first].low in _YEARS:
                first -= 1
            said = "".join(w.low for w in words[first:at])
            if _AGE_BEFORE.fullmatch(said) or _is_age(words, at):
                found = _LETTER.fullmatch(word.low)
        if found:
            yield Person(
                start=words[first].start,
                end=word.end,
                gender=found[1],
                plural=False,
                kind="descriptor",
                names=(),
                titled="",
                sentence=sentence,
                first=first,
                last=at + 1,
                role=role_of(words, first, at + 1),
            )


def _is_age(words: Sequence[Word], at: int) -> bool:
    """Tell the age of "67M with" from the size of "14F catheter"."""
    before = words[at - 1]
    after = words[at + 1].tag if at + 1 < len(words) else "end"
    close = before.end == words[at].start and before.low.isdigit() and len(before.low) <= 3
    return close and after not in ("noun", "nounverb", "num")


def _is_predicate(words: Sequence[Word], phrase: Phrase) -> bool:
    """Tell whether *is* or *as* stands before a phrase: it says what somebody known is."""
    at = phrase.first - 1
    while at >= 0 and words[at].tag in ("det", "adv", "poss"):
        at -= 1
    return at >= 0 and words[at].low in ("is", "was", "as", "were", "are", "be", "being", "been")


def _is_name(words: str) -> bool:
    """Tell whether capitalised words can be a name: none of them means something else."""
    lows = [fold_word(word) for word in words.split()]
    return not any(
        is_closed(w) or w.endswith("ly") or person_noun(w) or verb_of(w) or noun_of(w).known
        for w in lows
    )


def _sex(low: str) -> str:
    noun = _nouns().get(low)
    return noun.gender if noun and noun.role == "descriptor" else ""
