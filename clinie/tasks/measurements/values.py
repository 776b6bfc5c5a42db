"""How values are written: numbers, ranges, pressures, scores, grades, and results in words."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from clinie.tasks.measurements.lexicon import BLANK, result_kinds, result_pattern
from clinie.text.quantities import Quantity, numbers_in
from clinie.text.units import unit_at

__all__ = ["Value", "is_range", "value_at", "words_at"]


class Value(NamedTuple):
    """A value: ``text[start:end]``.

    `kind` is ``number``, ``shape`` (a pressure, a score out of its maximum, a grade) or, for words,
    ``result``, ``grade`` or ``judgement``.
    """

    start: int
    end: int
    kind: str

    @property
    def in_words(self) -> bool:
        """Whether no number is given."""
        return self.kind in ("result", "grade", "judgement")


_GROUPED = (
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"
    r"|\d{1,3}[ \u00a0\u202f]\d{3}(?=[ \u00a0]?(?:cells|copies|/|IU|U/))"
)
_NUM = rf"(?:{_GROUPED}|\d+[.,]\d+|\d+|(?<![\d])\.\d+)"
_COMPARED = (
    r"(?:(?:[<>]\s?=?|[≤≥]|[<>]\s?or\s?=|(?:less|greater|more|higher|lower)\s+than(?:\s+or\s+equal\s+to)?"
    r"|over|above|below|under|at\s+least)\s{0,2})?"
)
_DASH = r"[ \u00a0]?[-–—−~][ \u00a0]?"
_TO = rf"(?:{_DASH}|[ \u00a0]to[ \u00a0])"
_S = r"(?:(?<=0)'?s\b)?"
_SIGN = r"(?:[-−–+][ ]?)?"
_RANGE = rf"{_NUM}{_S}(?:[ ]?%)?{_TO}{_NUM}{_S}"
_PLAIN = rf"(?:{_RANGE}|{_NUM}{_S})"
_TITRE = r"1[ ]?:[ ]?\d{1,5}"
_POWER = r"10\^\d{1,2}"
_GRADE = r"(?:[0-4]\+(?!\d)|\+{1,4}(?![\w/+])|[1-4][ ]plus\b)"
_PART = rf"\d{{2,3}}{_S}(?:{_DASH}\d{{2,3}}{_S})?"
_PAIR = rf"{_PART}[ ]?(?:/|[ ]over[ ]|[ ]on[ ](?=\d\d))[ ]?(?:{_PART}|[Pp](?:alp\w*)?\b|doppler)"
_OUT_OF = rf"{_NUM}(?:{_DASH}{_NUM})?[ ]?(?:/|[ ]out[ ]of[ ]|[ ]of[ ])[ ]?\d{{1,3}}"

_LENGTH = (
    r"\d['’′][ ]?\d{1,2}(?:\.\d+)?(?:[\"”″]|'')?"
    r"|\d[ ]?(?:ft|feet|foot)\.?[ ]\d{1,2}(?:\.\d+)?[ ]?(?:inches|inch|in)\b"
)
_CLASS = r"(?:I{1,3}|IV|VI?)(?:[ab]|[-–/](?:I{1,3}|IV|V))?(?![\w-])|[A-C](?:[ ]?\d{1,2})?(?![\w-])"
_FORMS = {
    "number": rf"{_COMPARED}(?:{_POWER}|{_PLAIN})",
    "laboratory": rf"(?:{_TITRE}|{_GRADE}|{_COMPARED}(?:{_TITRE}|{_POWER}|{_PLAIN}))",
    "signed": rf"{_COMPARED}{_SIGN}{_NUM}(?:{_TO}{_SIGN}{_NUM})?",
    "pressure": rf"{_COMPARED}(?:{_PAIR}|{_PLAIN})",
    "pressures": rf"{_COMPARED}(?:\d{{1,3}}/\d{{1,3}}(?:[ ]?/[ ]?\d{{1,3}})?|{_PLAIN})",
    "length": rf"(?:{_LENGTH}|{_PLAIN})",
    "pain": rf"(?:{_NUM}(?:{_DASH}{_NUM})?[ ]?(?:/|out[ ]of|of)[ ]?10|{_PLAIN})",
    "score": rf"{_COMPARED}(?:{_OUT_OF}|{_PLAIN})",
    "fraction": _OUT_OF,
    "strength": r"[0-5](?:[.]5)?[+-]?(?:[ ]?[-–][ ]?[0-5][+-]?)?[ ]?(?:/|out[ ]of|of)[ ]?5",
    "graded": rf"(?:[0-4]\+?{_DASH}[0-4]\+|{_GRADE}|[0-4]\+?/4\+?)",
    "gcs": r"(?:E[1-4][ ]?V[1-5T][ ]?M[1-6]|\d{1,2}T?(?:-\d{1,2})?(?:/15|[ ]out[ ]of[ ]15)?)",
    "acuity": r"(?:20|6|3)/\d{1,3}(?:[-+]\d)?",
    "balance": rf"{_SIGN}{_NUM}(?:[ ]?/[ ]?{_SIGN}{_NUM})?",
    "pairfree": rf"{_NUM}(?:[ ]?/[ ]?{_NUM})?",
    "class": rf"(?:{_CLASS}|(?:[Ll]ess than |[Gg]reater than |[<>≤≥][ ]?)?{_PLAIN})",
    "gleason": rf"(?:[1-5][ ]?\+[ ]?[1-5](?:[ ]?=[ ]?\d{{1,2}})?|{_COMPARED}{_PLAIN})",
    "avpu": r"(?:[ACVPU]|alert|voice|pain|unresponsive|confused)(?![\w-])",
}
_SAME_FORM = {"words": "laboratory", "dip": "laboratory"}
_SHAPE = re.compile(r"/|out of| of | over |\+|[A-Za-z]\d|['’′]")
_AFTER = re.compile(r"[\d^+#]|[.,:]\d|['’′][ ]?\d|[ ]?/[ ]?\d|%?[-–][^\W\d_]{2}")
_LETTERS = re.compile(r"[^\W\d_]+")
_GLUED = frozenset({"H", "L", "HH", "LL", "K", "k"})
_SIGNED_WORD = re.compile(r"\((?:\+|-|−)\)|(?<![\w+])\+(?![\w+/-])")
_WITHOUT_NUMBERS = frozenset({"panel"})
_IN_SIGNS = frozenset({"words", "dip"})
_NO_WORDS = frozenset({"pain", "score", "class", "avpu", "acuity", "length", "balance"})


@cache
def _form(quantity: Quantity) -> re.Pattern[str]:
    """Return how a quantity's values are written; a laboratory may grade what it cannot count."""
    name = _SAME_FORM.get(quantity.form, quantity.form)
    if name == "number" and quantity.group == "laboratory":
        name = "laboratory"
    return re.compile(_FORMS[name], 0 if name == "class" else re.IGNORECASE)


def value_at(
    text: str, start: int, end: int, quantity: Quantity, *, step: bool = False
) -> Value | None:
    """Return the number, or what is written like one for a quantity, that opens at `start`.

    Parameters
    ----------
    text : str
    start, end : int
        The value may not reach over `end`.
    quantity : Quantity
    step : bool
        It is a step of a course ("from 9 to 8"): what looks like a range is two values.
    """
    if quantity.name in _WITHOUT_NUMBERS:
        return None
    found = _form(quantity).match(text, start, end)
    if found is None or not found.group():
        return None
    stop = found.end()
    two = _TWO.fullmatch(text, start, stop)
    if two and (step or (two["dash"].strip() != two["dash"] and not _rises(two.group()))):
        stop = two.end("first")
    if not _ends(text, stop, end):
        return None
    shape = _SHAPE.search(text, start, stop) is not None
    return Value(start, stop, "shape" if shape else "number")


_TWO = re.compile(rf"(?P<first>{_COMPARED}{_NUM})(?:[ ]?%)?(?P<dash>{_TO}){_NUM}", re.IGNORECASE)


def _rises(words: str) -> bool:
    numbers = numbers_in(words)
    return not numbers or numbers[0] <= numbers[-1]


def _ends(text: str, stop: int, end: int) -> bool:
    """Tell whether a number ends here, and is not the beginning of something else."""
    if _AFTER.match(text, stop) and text[stop - 1] != "+":
        return False
    letters = _LETTERS.match(text, stop)
    if letters is None or not text[stop - 1].isdigit() or letters.group() in _GLUED:
        return True
    unit = unit_at(text, stop, end)
    return unit is not None and unit[0] == stop


def words_at(text: str, start: int, end: int, quantity: Quantity) -> Value | None:
    """Return the result in words that opens at `start`, or None."""
    found = result_pattern().match(text, start, end)
    signs = quantity.form in _IN_SIGNS or (quantity.group == "laboratory" and not quantity.units)
    if found is None:
        sign = _SIGNED_WORD.match(text, start, end) if signs else None
        if sign is None:
            return None
        inner = sign.group()[0] == "("
        return Value(sign.start() + inner, sign.end() - inner, "result")
    kind = result_kinds()[" ".join(found.group().lower().split())]
    if quantity.form in _NO_WORDS or (kind == "grade" and not signs):
        return None
    return Value(found.start(), found.end(), kind)


_IS_RANGE = re.compile(rf"(?:[<>≤≥]=?{BLANK}?{_NUM}|{_NUM}{BLANK}?(?:-|–|—|−|to){BLANK}?{_NUM})")


def is_range(text: str, start: int, end: int) -> re.Match[str] | None:
    """Match a reference range as it stands in brackets or a column: ``0.6-1.3``, ``<5``."""
    return _IS_RANGE.match(text, start, end)
