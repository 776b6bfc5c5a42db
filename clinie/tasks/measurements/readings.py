"""Readings, and when a number beside a name is believed to be one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal, NamedTuple

from clinie.tasks.measurements.lexicon import BLANK, alternatives, pattern, words
from clinie.tasks.measurements.values import Value
from clinie.text.quantities import NameMatch, is_implausible, limits, numbers_in
from clinie.text.units import is_concentration, unit_at, unit_key

__all__ = ["Extent", "Reading", "Unit", "belief", "grown", "is_dosed", "unit_behind"]

_BULK = frozenset({"mg/ml", "gram/ml", "unit/ml", "meq/ml", "iu/ml"})
"""Strengths of solutions rather than levels in blood."""
_LENGTHS = frozenset({"litre", "cm", "mm", "kg", "metre", "inch", "foot"})
_DOSES = frozenset({"mg", "gram", "mcg", "ml", "unit", "iu", "meq", "mmol", "ng"})
_OTHER_FLUID = re.compile(r"(?:spot\s)?(?:urin|csf|stool|fa?ecal|pleural|ascitic)", re.IGNORECASE)
_TIMES = frozenset({"second", "minute", "hour", "msec"})
_BLANKS = (" ", "-", "\n", "\u00a0")
_COUNTS = frozenset({"unit", "units"})
_ACTIVITIES = ("unit", "iu", "miu")
_STATUS_POST = re.compile(r"[ \u00a0]?s/p\b", re.IGNORECASE)
_LETTER_FLAGS = frozenset({"H", "L"})
_DOSED = re.compile(
    r"[ \u00a0]*(?:mg|mcg|g|mEq|units?|tabs?|caps?|po|iv|daily|bid|tid|qid|qd|od|bd|tds|qhs|q\d|"
    r"prn|x[ ]?\d|"
    r"supplement\w*|per[ ]day|/[ ]?day)\b",
    re.IGNORECASE,
)

Fit = Literal["usual", "possible", "foreign"]


class Extent(NamedTuple):
    """``text[start:end]``."""

    start: int
    end: int


class Unit(NamedTuple):
    """A unit in the text, and how well it suits the quantity."""

    start: int
    end: int
    fit: Fit


@dataclass(slots=True)
class Reading:
    """One value of one name, with its unit and date where the note gives them."""

    name: NameMatch
    value: Value
    unit: Extent | None = None
    dates: list[Extent] = field(default_factory=list)
    confidence: float = 0.9


def _fit(name: NameMatch, key: str) -> Fit:
    quantity, mark = name.quantity, name.mark
    if key in quantity.units or (key == "degree" and "celsius" in quantity.units):
        return "usual"
    if key in ("10^3", "10^6"):
        return "usual" if "10^9/litre" in quantity.units else "foreign"
    substance = mark == "substance"
    if is_concentration(key):
        measured = quantity.group in ("laboratory", "fluid") and not (substance and key in _BULK)
        return "possible" if measured else "foreign"
    if quantity.group in ("vital", "score", "fluid") or substance or key in _TIMES:
        return "foreign"
    if not quantity.units and quantity.group != "laboratory":
        return "possible"
    if quantity.group != "laboratory" or "/" in key or key in _LENGTHS:
        return "foreign"
    careless = mark == "" or (mark == "case" and key not in _DOSES)  # "calcium 6.9 mmol"
    return "possible" if careless else "foreign"


def unit_behind(text: str, start: int, end: int, name: NameMatch) -> Unit | None:
    """Return the unit that opens at `start`, a few blanks aside; a flag (``1.9 H``) is none."""
    found = unit_at(text, start, end)
    if found is None or _STATUS_POST.match(text, start, end):
        return None  # "7.2 s/p 2u PRBC" counts no seconds
    written = text[found[0] : found[1]]
    counts = written.lower() in _COUNTS or (
        written in ("u", "U") and not any(k.startswith(_ACTIVITIES) for k in name.quantity.units)
    )
    fit: Fit = "foreign" if counts else _fit(name, unit_key(written))
    if fit != "usual" and written in _LETTER_FLAGS:
        return None
    return Unit(*found, fit)


def belief(
    text: str,
    name: NameMatch,
    value: Value,
    unit: Unit | None,
    *,
    end: int,
    direct: bool = True,
    neighbour: bool = True,
) -> float:
    """Return how far to believe that a value is the name's, 0 for not at all.

    Parameters
    ----------
    text : str
    name, value, unit
    end : int
        Where the next name stands, or the sentence ends.
    direct : bool
        Nothing but punctuation or one linking word stands between name and value.
    neighbour : bool
        Another measured quantity is named close by.
    """
    if unit is not None and unit.fit == "foreign":
        return 0.0
    if value.in_words:
        return _belief_in_words(name, value, direct=direct)
    written = text[value.start : value.end]
    if unit is None and not _stands_alone(text, value, end, name):
        return 0.0
    said = text[unit.start : unit.end] if unit else None
    inside = bool(limits(name.quantity, said) and numbers_in(written)) and not is_implausible(
        name.quantity, written, said
    )
    sure = 0.9 if direct else 0.82
    if name.mark == "doubtful":
        fits = inside if limits(name.quantity) else unit is not None
        if name.quantity.group == "vital" and name.quantity.form == "number":
            fits = fits or (unit is not None and unit.fit == "usual")  # "weight 700 kg": a slip
        formed = value.kind == "shape" or (fits and name.quantity.form != "pain")
        if not formed:
            return 0.0
    if unit is not None:
        return round(sure + (0.05 if unit.fit == "usual" else -0.05), 2)
    if name.quantity.form == "words":
        return 0.5 if value.kind == "shape" else 0.0
    if name.mark == "substance":
        counted = inside or (value.kind == "shape" and name.quantity.form == "dip")
        return 0.7 if counted and (direct or neighbour) else 0.0
    if name.mark == "doubtful":
        return 0.75
    if name.mark == "short":
        return _belief_in_short(name, written, inside=inside, direct=direct, neighbour=neighbour)
    return sure


def _belief_in_words(name: NameMatch, value: Value, *, direct: bool) -> float:
    if name.mark == "short" or (name.mark in ("doubtful", "substance") and not direct):
        return 0.0
    return 0.65 if value.kind == "judgement" else 0.8


def _belief_in_short(
    name: NameMatch, written: str, *, inside: bool, direct: bool, neighbour: bool
) -> float:
    """Believe ``K 4.1`` and ``HR 72``, not ``T 12`` and ``P 3``."""
    if name.quantity.form == "acuity" and direct:
        return 0.8
    if not direct:
        return 0.7 if inside and neighbour else 0.0
    letter = name.end - name.start == 1
    digits = sum(map(str.isdigit, written))
    slip = neighbour and not inside and written[0].isdigit() and digits > 1
    slip = slip and bool(limits(name.quantity))
    if slip and (name.quantity.group == "laboratory" or digits > 2):
        return 0.5  # "K 41" among others is believed, to be looked at
    if letter and name.quantity.group == "vital" and digits < 2:
        return 0.0
    alone = inside and not (letter and "." not in written)
    return 0.85 if (inside and neighbour) or alone else 0.0


def is_dosed(text: str, at: int, end: int) -> bool:
    """Tell whether words of a dose stand at `at`: a unit of mass, a frequency, a route."""
    return _DOSED.match(text, at, end) is not None


def _stands_alone(text: str, value: Value, end: int, name: NameMatch) -> bool:
    """Tell whether a number without a unit counts nothing else: times, days, tablets."""
    if text[value.end : value.end + 1] in ("x", "×"):
        return False
    if name.mark == "substance" and is_dosed(text, value.end, end):
        return False
    if value.kind == "shape":
        return True
    word = value.end + (text[value.end : value.end + 1] in _BLANKS)
    counted = pattern("counted").match(text, word, end)
    return counted is None or counted.group() == "H"


def grown(text: str, name: NameMatch) -> NameMatch:
    """Return a name with its specimen before it and *level* or *count* behind it."""
    start, end, mark, quantity = name.start, name.end, name.mark, name.quantity
    if quantity.group == "laboratory":
        behind = _behind().match(text, end)
        if behind:
            end, mark = behind.end(), ""
        before = _before().search(text, max(0, start - 24), start)
        if before:
            start, mark = before.start(), ""
            if _OTHER_FLUID.match(before.group()):
                quantity = replace(quantity, name="other fluid")  # the limits are those of blood
    return NameMatch(start, end, quantity, mark)


@cache
def _behind() -> re.Pattern[str]:
    return re.compile(rf"[ \u00a0-](?:{alternatives(words('sort'))})(?![^\W_])", re.IGNORECASE)


@cache
def _before() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w-])((?:{alternatives(words('specimen'))}){BLANK})+\Z", re.IGNORECASE
    )
