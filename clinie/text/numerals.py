"""Numerals: the numbers that a text writes, in digits or in words, with their values.

Of one value there are many spellings: ``5,000`` and ``5000``, ``0·50`` and ``.5``, ``−2`` and
``-2``, *forty-two* and ``42``. What belongs to a name (``H1``, ``HbA1c``) or is an exponent is no
numeral.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from clinie.text.lexica import load_tsv

__all__ = ["Numeral", "number", "numerals"]

_SPACES = "\u00a0\u2009\u202f"  # between thousands: no-break, thin, narrow no-break
_DIGITS = rf"(?:\d{{1,3}}(?:[,{_SPACES}]\d{{3}})+(?!\d)|\d+)(?:[.·]\d+)?|(?<!\d)[.·]\d+"
_NUMBER = re.compile(rf"(?<![^\W_])(?<!\d[.·])(?:{_DIGITS})", re.ASCII)
_SIGN = re.compile(r"(?:(?<![\w.%)\]])|(?<=(?<!\d)[:=(\[])|(?<=\A))(?:[-–﹣－]|[−‒]\s?)\Z")
_DASHES = frozenset("-–−‒﹣－")
_GROUPING = re.compile(f"[,{_SPACES}]")
_LONGEST = 24
_MULTIPLIERS = {"hundred": 100, "thousand": 1000}


class Numeral(NamedTuple):
    """A number in a text: ``text[start:end]``, its sign included."""

    start: int
    end: int
    value: Decimal


def number(text: str) -> Decimal | None:
    """Return the value of a string that is a number as a whole, or None."""
    found = numerals(text)
    stripped = text.strip()
    whole = len(found) == 1 and text[found[0].start : found[0].end] == stripped
    return found[0].value if whole else None


def numerals(text: str) -> list[Numeral]:
    """Return the numbers of a text in order. Linear in its length.

    A dash is a sign where no word, number or closing bracket stands before it: ``(−2 to -1)`` holds
    two negative numbers, ``1-2`` and ``8 - 9`` hold none.

    Examples
    --------
    >>> [str(n.value) for n in numerals("Forty-two of 1,250 (3.4%); change −0.50 (H1)")]
    ['42', '1250', '3.4', '-0.50']
    """
    return sorted([*_in_digits(text), *_in_words(text)])


def _in_digits(text: str) -> Iterator[Numeral]:
    for found in _NUMBER.finditer(text):
        start, end = found.span()
        if end - start > _LONGEST:
            continue
        digits = found.group()
        if not digits.isdecimal():
            digits = _GROUPING.sub("", digits).replace("·", ".")
        dashed = not _DASHES.isdisjoint(text[max(0, start - 2) : start])
        sign = _SIGN.search(text, max(0, start - 4), start) if dashed else None
        if sign:
            yield Numeral(sign.start(), end, -Decimal(digits))
        else:
            yield Numeral(start, end, Decimal(digits))


@cache
def _cardinals() -> dict[str, int]:
    rows = load_tsv("number_words.tsv")
    return {row["word"]: int(row["value"]) for row in rows if row["value"]} | _MULTIPLIERS


@cache
def _words() -> re.Pattern[str]:
    word = "|".join(sorted(_cardinals(), key=len, reverse=True))
    return re.compile(rf"\b(?:{word})(?:(?:-|\s+|\s+and\s+)(?:{word})\b)*\b", re.IGNORECASE)


def _in_words(text: str) -> Iterator[Numeral]:
    for run in _words().finditer(text):
        yield from _cardinal_runs(text, run.start(), run.end())


def _cardinal_runs(text: str, start: int, end: int) -> Iterator[Numeral]:
    """Cut a run of number words where a new number begins: *one two* is two, *one hundred* one."""
    total = part = 0
    first = last = start
    before = -1  # no word yet
    for word in re.finditer(r"[A-Za-z]+", text[start:end]):
        value = _cardinals().get(word.group().lower())
        if value is None:  # the "and"
            continue
        joined = text[last : start + word.start()].lower()
        if not _goes_on(before, value, joined.strip()):
            yield Numeral(first, last, Decimal(total + part))
            total = part = 0
            first = start + word.start()
        if value == 1000:
            total, part = total + max(part, 1) * 1000, 0
        else:
            part = max(part, 1) * 100 if value == 100 else part + value
        before, last = value, start + word.end()
    yield Numeral(first, last, Decimal(total + part))


def _goes_on(before: int, value: int, joined: str) -> bool:
    """Tell whether a number word continues the number that another one began."""
    if before < 0 or (value in (100, 1000) and joined != "and"):
        return True
    if joined == "and":  # "two hundred and five", but "twenty and five, respectively"
        return before in (100, 1000) and value < 100
    return before in (100, 1000) or (20 <= before < 100 and before % 10 == 0 and 0 < value < 10)
