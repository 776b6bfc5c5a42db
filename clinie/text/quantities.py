"""Measured quantities: their names in a text, their usual units, and what values can be true.

Names stand in ``measurement_names.tsv`` (vital signs, analytes, scores, ventilator and bedside
quantities), the laboratory tests of ``tests.tsv`` beside them, and levels of drugs (*vancomycin
trough*) are made of any drug's name. ``quantities.tsv`` says what each name measures,
``measurement_limits.tsv`` between which numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from clinie.text.lexica import TermLexicon, drugs, load_tsv
from clinie.text.units import unit_key

__all__ = [
    "Limit",
    "NameMatch",
    "Quantity",
    "find_names",
    "is_implausible",
    "limits",
    "numbers_in",
    "quantity_of",
]

_LABORATORY = frozenset({"hematology", "chemistry", "immunology_microbiology", "urine_stool_fluid"})
_MARKS = {"acronym": "case", "analyte": "doubtful", "": ""}
_LEVEL = re.compile(
    r"(?<![\w-])([A-Za-z][A-Za-z-]{3,30}) (?:(?:trough|peak|serum|random) )?"
    r"(?:levels?|trough|peak|concentration)\b"
)

_SCORE = re.compile(r" (?:score|index|Score|Index)s?(?![\w-])")
_PROPER = re.compile(r"(?<![\w-])[A-Z][\w/+-]{1,30}(?: [A-Za-z][\w/-]{1,20}){0,2}\Z")
_NOT_PROPER = re.compile(
    r"(?:The|His|Her|This|That|Their|An|Total|Final|Initial|Mean|Median|Overall|Each|Our|My|With|"
    r"On|Repeat|Latest|Baseline|Current|Admission)(?![\w-])"
)
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured.

    Parameters
    ----------
    name : str
    group : str
        ``vital``, ``laboratory``, ``score``, ``physiology``, ``ventilator`` or ``fluid``.
    form : str
        How its values are written: ``number``; ``signed`` (may be negative); ``pressure`` (120/80
        too); ``score`` (12/15 too); ``fraction`` (only 3/4); ``words`` (only a result in words);
        or a form of its own such as ``gcs`` and ``acuity``.
    units : frozenset of str
        Keys (`clinie.text.units.unit_key`) of the usual units.
    """

    name: str
    group: str = "laboratory"
    form: str = "number"
    units: frozenset[str] = frozenset()


_SOME_SCORE = Quantity("score", "score", "score")


class NameMatch(NamedTuple):
    """A name in a text: ``text[start:end]``.

    `mark` is that of the table: ``""``, ``case``, ``short``, ``doubtful`` or ``substance``; a
    name of mark ``case`` that is written in other letters is ``short``.
    """

    start: int
    end: int
    quantity: Quantity
    mark: str


class Limit(NamedTuple):
    """Between which numbers a true value of a quantity lies, in one unit."""

    unit: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Name:
    written: str
    quantity: Quantity | None
    mark: str


@cache
def _quantities() -> dict[str, Quantity]:
    return {
        row["quantity"]: Quantity(
            row["quantity"],
            row["group"],
            row["form"],
            frozenset(unit_key(unit) for unit in row["units"].split(";") if unit),
        )
        for row in load_tsv("quantities.tsv")
    }


@cache
def _names() -> TermLexicon[_Name]:
    known = _quantities()
    names = {
        row["name"]: _Name(row["name"], known.get(row["quantity"]), row["mark"])
        for row in load_tsv("measurement_names.tsv")
    }
    for row in load_tsv("tests.tsv"):
        if row["group"] in _LABORATORY and row["mark"] in _MARKS and "/" not in row["term"]:
            level = row["term"].endswith(("level", "levels", "trough"))
            test = known["drug level"] if level else Quantity(row["term"], form="words")
            names.setdefault(row["term"], _Name(row["term"], test, _MARKS[row["mark"]]))
    return TermLexicon(names, plurals=True)


def find_names(text: str) -> list[NameMatch]:
    """Return the names of quantities in text order; none overlaps another.

    What only holds a name (*weight loss*, *potassium chloride*) is none. Time is linear in the
    text.

    Examples
    --------
    >>> [(m.quantity.name, m.mark) for m in find_names("Hb 98, lithium level 0.8")]
    [('hemoglobin', ''), ('drug level', '')]
    """
    levels = list(_levels(text))
    inside = {at for level in levels for at in range(level.start, level.end)}
    named = [m for m in _listed(text) if m.start not in inside and m.end - 1 not in inside]
    known = {at for match in (*levels, *named) for at in range(match.start, match.end)}
    scores = [m for m in _scores(text) if m.start not in known and m.end - 1 not in known]
    return sorted([*named, *levels, *scores], key=lambda match: match.start)


def _listed(text: str) -> Iterator[NameMatch]:
    for start, end, name in _names().find(text):
        mark = _mark(name, text[start:end])
        before = text[max(0, start - 2) : start]
        if (
            mark == "short"
            and before.endswith("/")
            and (before[0].isdigit() or text[start:end].islower())
        ):
            continue  # "90/P", "mL/hr"
        if mark is not None and name.quantity is not None:
            yield NameMatch(start, end, name.quantity, mark)


def _mark(name: _Name, found: str) -> str | None:
    """Return how far to believe a name as it is written here; None for not at all."""
    if name.mark in ("case", "short") and found not in (name.written, name.written + "s"):
        return "short" if name.mark == "case" else None
    return None if name.mark == "never" else name.mark


def _levels(text: str) -> Iterator[NameMatch]:
    """Yield levels of drugs: *vancomycin trough*, *valproate level*."""
    for match in _LEVEL.finditer(text):
        if drugs().get(match[1]) is not None:
            yield NameMatch(match.start(), match.end(), _quantities()["drug level"], "")


def _scores(text: str) -> Iterator[NameMatch]:
    """Yield scores that no table knows, by their proper names: *Golde score*."""
    for match in _SCORE.finditer(text):
        proper = _PROPER.search(text, max(0, match.start() - _LONGEST_NAME), match.start())
        if proper and not _NOT_PROPER.match(text, proper.start()):
            yield NameMatch(proper.start(), match.end(), _SOME_SCORE, "")


@lru_cache(maxsize=4096)
def quantity_of(words: str) -> Quantity | None:
    """Return the quantity that some words name, the longest name in them, or None.

    Examples
    --------
    >>> quantity_of("serum potassium level").name
    'potassium'
    """
    found = find_names(words)
    return max(found, key=lambda m: m.end - m.start).quantity if found else None


@cache
def _limits() -> dict[str, tuple[Limit, ...]]:
    table: dict[str, tuple[Limit, ...]] = {}
    for row in load_tsv("measurement_limits.tsv"):
        limit = Limit(row["unit"], float(row["low"]), float(row["high"]))
        table[row["quantity"]] = (*table.get(row["quantity"], ()), limit)
    return table


def limits(quantity: Quantity, unit: str | None = None) -> tuple[Limit, ...]:
    """Return the limits of a quantity in a unit, as written, or in any of its units.

    Empty where the table says nothing of the quantity or of the unit.
    """
    rows = _limits().get(quantity.name, ())
    key = unit_key(unit) if unit else _ANY
    return rows if key in _ANY_UNIT else tuple(row for row in rows if row.unit == key)


_ANY = ""
_ANY_UNIT = frozenset({_ANY, "degree"})
_NUMBER = re.compile(r"\d{1,3}(?:[ ,\u00a0\u202f]\d{3})+(?:\.\d+)?(?!\d)|\d+(?:[.,]\d+)?|\.\d+")
_GROUPED = re.compile(r"(?<=\d)[ ,\u00a0\u202f](?=\d{3})")
_NEGATIVE = re.compile(r"\s*[-−–]\s?[\d.]")
_BELOW = re.compile(r"\s*(?:<|≤|less|under|below|up to|undetect)", re.IGNORECASE)
_ABOVE = re.compile(r"\s*(?:>|≥|great|more|over|above|at least)", re.IGNORECASE)


def numbers_in(value: str) -> list[float]:
    """Return the numbers of a value as written; a decimal comma is read as one.

    Examples
    --------
    >>> numbers_in("120/80"), numbers_in("214,000"), numbers_in("2,7"), numbers_in("-2")
    ([120.0, 80.0], [214000.0], [2.7], [-2.0])
    """
    found = []
    for match in _NUMBER.finditer(value):
        word = match.group()
        grouped = _GROUPED.sub("", word)
        found.append(float((grouped if grouped != word else word).replace(",", ".")))
    if found and _NEGATIVE.match(value):
        found[0] = -found[0]
    return found


def is_implausible(quantity: Quantity, value: str, unit: str | None = None) -> bool:
    """Tell whether a value as written cannot be true of any patient: a temperature of 986.

    Without a unit the value must fit one of the usual units; a unit that the table does not have
    is not judged. Of a score out of a maximum the score is judged, of a pressure both numbers and
    that the systolic one is the greater.
    """
    rows, numbers = limits(quantity, unit), numbers_in(value)
    if not rows or not numbers:
        return False
    if quantity.form in ("pressure", "pressures") and "/" in value and len(numbers) > 1:
        if numbers[1] > numbers[0]:
            return True
    elif "/" in value or "out of" in value:
        numbers = numbers[:1]
    low = not _ABOVE.match(value)
    high = not _BELOW.match(value)
    return not any(
        all((not low or n >= row.low) and (not high or n <= row.high) for n in numbers)
        for row in rows
    )
