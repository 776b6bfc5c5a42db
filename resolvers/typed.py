"""Typed comparison: which words must match exactly, and which may be spelled a little off.

A number, a unit, a side, a negation word or a drug is *typed*: another one in its place changes
what the note says, however few letters differ.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Literal

from rapidfuzz.distance import OSA

from clinie.text.lexica import Drug, drugs, load_tsv
from clinie.text.numbers import is_number, is_unit

__all__ = [
    "Kind",
    "conflict",
    "confusable",
    "governs",
    "is_negation",
    "kind",
    "one_drug",
    "similar",
]

Kind = Literal["number", "unit", "side", "negation", "drug"]

_SHORTEST = 5
"""Words of fewer letters match only exactly: ``fever``/``never`` are one letter apart."""
_ROMAN = frozenset("iv")
"""Roman numerals that are words or abbreviations, too, unless they stand for another number."""
_LONG = 8
"""From this length on two edits are a spelling difference; below, one."""


@cache
def _typed_words() -> dict[str, dict[str, str]]:
    return {row["word"]: row for row in load_tsv("typed_words.tsv")}


@lru_cache(maxsize=1 << 15)
def drug(key: str) -> Drug | None:
    """Return the drug a word names, or None."""
    return drugs().get(key) if key.isalpha() else None


@lru_cache(maxsize=1 << 15)
def kind(key: str) -> Kind | None:
    """Return the type of a token's key, or None for an ordinary word.

    Linear in the length of the key; memoised.
    """
    if is_number(key):
        return "number"
    if is_unit(key):
        return "unit"
    row = _typed_words().get(key)
    if row is not None:
        return "side" if row["kind"] == "side" else "negation"
    return "drug" if drug(key) is not None else None


@lru_cache(maxsize=1 << 15)
def conflict(a: str, b: str) -> Kind | None:
    """Return the type in which two keys contradict each other, or None.

    ``right`` and ``left`` do (side), ``r`` and ``right`` do not; ``25`` and ``50`` do; two names
    of one ingredient do not.
    """
    if a == b:
        return None
    shared = kind(a)
    if (a in _ROMAN and kind(b) == "number") or (b in _ROMAN and shared == "number"):
        return "number"  # stage I is a number; the pronoun is not
    if shared is None or shared != kind(b):
        return None
    if shared in ("side", "negation"):
        same = _typed_words()[a]["sense"] == _typed_words()[b]["sense"]
        return None if same else shared
    if shared == "drug":
        return None if one_drug(drug(a), drug(b)) else shared
    return shared


def one_drug(a: Drug | None, b: Drug | None) -> bool:
    """Tell whether two names are of one ingredient (a group of drugs has none)."""
    return a == b or (a is not None and b is not None and a.ingredient == b.ingredient != "")


def governs(key: str) -> bool:
    """Tell whether a word is a negation cue that stands left of what it denies."""
    row = _typed_words().get(key)
    return row is not None and row["governs"] == "1"


def is_negation(key: str) -> bool:
    """Tell whether a word denies (``no``, ``without``, ``denies``), wherever it stands."""
    row = _typed_words().get(key)
    return row is not None and row["kind"] == "negation" and row["sense"] == "no"


@cache
def _confusables() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Rows of the table: the place, and the members with the longest first."""
    return tuple(
        (row["place"], tuple(sorted(row["members"].split(), key=len, reverse=True)))
        for row in load_tsv("confusables.tsv")
    )


def _member(word: str, place: str, members: tuple[str, ...]) -> str | None:
    if place == "prefix":
        return next((m for m in members if word.startswith(m)), None)
    if place == "word":
        return word if word in members else None
    if place == "suffix":
        return next((m for m in members if word.endswith(m)), None)
    return next((m for m in members if m in word), None)


def confusable(a: str, b: str) -> bool:
    """Tell whether two words hold different members of one row of look-alikes.

    ``hypotension`` and ``hypertension`` do, ``hypertention`` and ``hypertension`` do not.
    """
    for place, members in _confusables():
        first, second = _member(a, place, members), _member(b, place, members)
        if first is not None and second is not None and first != second:
            return True
    return False


def _plural(one: str, many: str) -> bool:
    return len(one) > 2 and one[-1] != "s" and many in (one + "s", one + "es")


def _american(word: str) -> str:
    """Write the digraphs of British spelling as in American: ``oedema``, ``haemorrhage``."""
    return word.replace("ae", "e").replace("oe", "e")


def _limit(a: str, b: str) -> int:
    """Return how many edits two words may be apart, 0 for never."""
    shorter = min(len(a), len(b))
    if shorter < _SHORTEST:
        return 0
    return 2 if shorter >= _LONG else 1


def _near(a: str, b: str, limit: int) -> bool:
    """Tell whether two words differ by few edits, none where meaning hangs on one letter."""
    distance = OSA.distance(a, b, score_cutoff=limit)
    if distance > limit:
        return False
    if a[0] != b[0]:
        swapped = a[:2] == b[1::-1]
        return swapped or (distance == 1 and len(a) == len(b) and len(a) >= _LONG)
    substituted = distance == 1 and len(a) == len(b) and sorted(a) != sorted(b)
    return not (substituted and len(a) == _SHORTEST)


@lru_cache(maxsize=1 << 15)
def similar(a: str, b: str) -> bool:
    """Tell whether two keys are spellings of one word that is not typed.

    Edits are insertions, deletions, substitutions and transpositions of neighbours (optimal
    string alignment). A plural is a spelling of its singular; else one edit is allowed in words
    of five to seven letters (of five, no substitution), two in longer ones. The first letter may
    differ only in a long word, as the only edit. Words that hold look-alike parts of different
    meaning never match, nor does a drug whose misspelling could be another drug. Quadratic in the
    length of the words; memoised.
    """
    if not a.isalpha() or not b.isalpha():
        return False
    if _plural(a, b) or _plural(b, a):
        return kind(a) in (None, "drug") and kind(b) in (None, "drug")
    limit = _limit(a, b)
    if not limit:
        return False
    if not _near(a, b, limit) and not _near(_american(a), _american(b), limit):
        return False
    if any(kind(word) not in (None, "drug") for word in (a, b)):
        return False
    return not confusable(a, b) and _drug_safe(a, b)


@cache
def _ordinary_words() -> frozenset[str]:
    """Ordinary words that are spelt like a drug."""
    return frozenset(row["word"] for row in load_tsv("ordinary_words.tsv"))


@cache
def _drug_words() -> dict[int, list[str]]:
    """One-word drug names by length, for the nearest name to a misspelling."""
    words: dict[int, list[str]] = {}
    for entry in drugs():
        name = entry.name.lower()
        if name.isalpha() and len(name) >= _SHORTEST:
            words.setdefault(len(name), []).append(name)
    return words


def _drug_safe(a: str, b: str) -> bool:
    """Tell whether two similar words cannot be two different drugs.

    Both in the lexicon: only as two forms of one name. One of them: no other drug may be as near
    to the misspelt one, which is no ordinary word (``ability``/``Abilify``).
    """
    first, second = drug(a), drug(b)
    if first is not None and second is not None:
        return first == second
    known = first or second
    if known is None:
        return True
    name_of, misspelt = (a, b) if first is not None else (b, a)
    if misspelt in _ordinary_words():
        return False
    distance = OSA.distance(a, b)
    for length in range(len(misspelt) - distance, len(misspelt) + distance + 1):
        for name in _drug_words().get(length, ()):
            if OSA.distance(name, misspelt, score_cutoff=distance) > distance:
                continue
            if _plural(name_of, name):
                continue
            if not one_drug(drug(name), known):
                return False
    return True
