"""Readings in running text and in dense lists: whose values are whose.

A value belongs to the name before it (`clinie.tasks.measurements.search`). Names in a row share
what follows: "AST and ALT were 45 and 38", "Na/K 138/4.1", "HBsAg and anti-HCV negative". Few
values stand before their names: "80% neutrophils", "2+ protein" on a dipstick, "8/10 pain".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from clinie.tasks.measurements.readings import Extent, Reading, belief, unit_behind
from clinie.tasks.measurements.search import Search
from clinie.tasks.measurements.stretch import Stretch
from clinie.tasks.measurements.values import Value, value_at, words_at
from clinie.text.dates import DateMention
from clinie.text.quantities import NameMatch
from clinie.text.units import unit_at

__all__ = ["readings_in"]

_JOINT = re.compile(r"\s*(?:/|,\s*and\b|,\s*or\b|,|&|\+|\band\b|\bor\b)\s*")
_LINKED = re.compile(
    r"(?:[ ]?(?:levels?|counts?|values?|scores?|results?)\b)?"
    r"(?:[\s:=,]+|(?:was|were|is|are|of|at|showed|measured|to|indicated|now|respectively)\b)*"
)
_BETWEEN = re.compile(r"\s?(?:,\s*(?:and\s+)?|and\s+|/\s?|&\s?)")
_STROKE = re.compile(r"[ ]?/[ ]?")
_SLASHED = re.compile(r"(?:[ ]?(?::|=|was|were|is|are|of|at)){0,2}[ ]?")
_NUMBER = r"[<>]?\d+(?:[.,]\d+)?"
_ALIAS = re.compile(r"[ ]?[(\[]")
_SHARE = re.compile(r"(?<![\d./-])(?P<value>\d{1,3}(?:\.\d+)?)(?=[ ]?%[ ](?:of[ ])?\Z)")
_BEFORE = {
    "pain": re.compile(r"(?<![\d./])(?P<value>\d{1,2}(?:-\d{1,2})?/10)[ ](?:[a-z]+[ ])?\Z"),
    "strength": re.compile(
        r"(?<![\w/.])(?P<value>[0-5][+-]?(?:[–-][0-5][+-]?)?/5)[ ](?:[a-z]+[ ])?\Z"
    ),
    "graded": re.compile(r"(?<![\w/])(?P<value>[0-4]\+(?:/4)?)[ ](?:[a-z]+[ ])?\Z"),
}
_SCORED = re.compile(
    r"\bscor(?:ed|es|e|ing)\s(?:of\s|a\s)?(?P<value>\d{1,2}(?:/\d{2})?)\s(?:on|in)\s(?:the\s)?\Z"
)
_GRADE = re.compile(
    r"(?<![\w/])(?:[0-4]\+|trace|small|moderate|large|negative|positive|neg|pos|few|many|rare)"
    r"[ ]\Z",
    re.IGNORECASE,
)
_URINE = re.compile(r"\b(?:UA|U/A|urin\w+|dip\w*)\b", re.IGNORECASE)
_NEAR = 40
_REACH = 16
_URINE_REACH = 120


def readings_in(
    text: str,
    start: int,
    end: int,
    names: Sequence[NameMatch],
    dates: dict[int, DateMention],
) -> list[Reading]:
    """Return the readings of one sentence, list item or cell, in the order of their values.

    Parameters
    ----------
    text : str
    start, end : int
        The sentence.
    names : sequence of NameMatch
        Those that it holds, in text order.
    dates : dict of int to DateMention
        By where they start.
    """
    own, aliases = _without_aliases(text, names)
    found: list[Reading] = []
    clause = start
    for first, after in _runs(text, own):
        run = own[first:after]
        limit = own[after].start if after < len(own) else end
        before = own[first - 1].end if first else start
        search = Search(
            Stretch(text, run[-1], limit, dates, aliases),
            clause,
            neighbour=len(run) > 1 or _has_neighbour(own, first, after),
            named=after < len(own),
        )
        floor = max(before, found[-1].value.end if found else start)
        opens = start if not first else before * (own[first - 1].quantity.form == "words")
        got = _before(text, floor, run[0], opens) if len(run) == 1 else []
        got = got or _slashed(text, run, limit) or _respective(text, run, limit)
        got = got or _shared(run, search.run())
        found.extend(got)
        clause = run[-1].end if got else clause
    return sorted(found, key=lambda reading: (reading.value.start, reading.name.start))


def _without_aliases(
    text: str, names: Sequence[NameMatch]
) -> tuple[list[NameMatch], dict[int, int]]:
    """Leave out abbreviations in brackets behind their names: *Glasgow Coma Scale (GCS)*.

    Returns
    -------
    list of NameMatch, dict of int to int
        The other names, and the brackets, from where to where.
    """
    kept: list[NameMatch] = []
    aliases: dict[int, int] = {}
    for name in names:
        opens = _ALIAS.match(text, kept[-1].end, name.start) if kept else None
        closes = text[name.end : name.end + 1] in (")", "]")
        same = opens and opens.end() == name.start and kept[-1].quantity == name.quantity
        if opens and closes and same:
            aliases[name.start - 1] = name.end + 1
        else:
            kept.append(name)
    return kept, aliases


def _runs(text: str, names: Sequence[NameMatch]) -> list[tuple[int, int]]:
    """Return the names in a row, as first and last index of each row."""
    runs: list[tuple[int, int]] = []
    first = 0
    for index in range(1, len(names) + 1):
        joined = index < len(names) and _JOINT.fullmatch(
            text, names[index - 1].end, names[index].start
        )
        if not joined:
            runs.append((first, index))
            first = index
    return runs if names else []


def _has_neighbour(names: Sequence[NameMatch], first: int, after: int) -> bool:
    left = first > 0 and names[first].start - names[first - 1].end <= _NEAR
    right = after < len(names) and names[after].start - names[after - 1].end <= _NEAR
    return left or right


def _shared(run: Sequence[NameMatch], chain: list[Reading]) -> list[Reading]:
    """Give a result in words behind a row of names to each of them, a number to the last."""
    if len(run) > 1 and chain and chain[0].value.in_words:
        return [replace(chain[0], name=name, confidence=0.7) for name in run]
    return chain


def _respective(text: str, run: Sequence[NameMatch], limit: int) -> list[Reading]:
    """Read as many values as names, each in the form of its own: "BP and HR were 94/30 and 132"."""
    if len(run) < 2:
        return []
    gap = _LINKED.match(text, run[-1].end, limit)
    at = gap.end() if gap else run[-1].end
    found: list[Reading] = []
    for name in run:
        if found:
            joint = _BETWEEN.match(text, at, limit)
            if joint is None:
                return []
            at = joint.end()
        value = value_at(text, at, limit, name.quantity)
        unit = unit_behind(text, value.end, limit, name) if value else None
        if value is None or not belief(text, name, value, unit, end=limit):
            return []
        at = unit.end if unit else value.end
        found.append(Reading(name, value, Extent(unit.start, unit.end) if unit else None, [], 0.75))
    last = found[-1].unit
    for reading in found:
        if reading.unit is None and last and reading.name.quantity.units:
            unit = unit_behind(text, last.start, limit, reading.name)
            reading.unit = last if unit and unit.fit == "usual" else None
    return found


def _slashed(text: str, run: Sequence[NameMatch], limit: int) -> list[Reading]:
    """Read ``Na/K/Cl 138/4.1/102``: as many numbers as names."""
    strokes = all(_STROKE.fullmatch(text, left.end, right.start) for left, right in pairwise(run))
    if len(run) < 2 or not strokes:
        return []
    gap = _SLASHED.match(text, run[-1].end, limit)
    numbers = re.compile(rf"{_NUMBER}(?:[ ]?/[ ]?{_NUMBER}){{{len(run) - 1}}}(?![\d/])")
    panel = numbers.match(text, gap.end() if gap else run[-1].end, limit)
    if panel is None:
        return []
    found = []
    for name, number in zip(run, re.finditer(_NUMBER, panel.group()), strict=True):
        at = panel.start() + number.start()
        value = Value(at, panel.start() + number.end(), "number")
        unit = unit_behind(text, panel.end(), limit, name)
        usual = Extent(unit.start, unit.end) if unit and unit.fit == "usual" else None
        found.append(Reading(name, value, usual, [], 0.8))
    return found


def _before(text: str, floor: int, name: NameMatch, opens: int) -> list[Reading]:
    """Read a value that stands before its name, where nothing before it can own it."""
    low, quantity = max(floor, name.start - _REACH), name.quantity
    if "percent" in quantity.units:
        share = _SHARE.search(text, low, name.start)
        if share and _is_free(text, floor, share.start(), opens):
            unit = unit_at(text, share.end(), name.start)
            value = Value(*share.span("value"), "number")
            return [Reading(name, value, Extent(*unit) if unit else None, [], 0.75)]
    if quantity.form == "dip":
        grade = _GRADE.search(text, low, name.start)
        if grade and _URINE.search(text, max(0, name.start - _URINE_REACH), name.start):
            found = value_at(text, grade.start(), name.start, quantity)
            found = found or words_at(text, grade.start(), name.start, quantity)
            if found and _is_free(text, floor, found.start, opens):
                return [Reading(name, found, None, [], 0.7)]
    shaped = _BEFORE.get(quantity.form)
    said = shaped.search(text, low, name.start) if shaped else None
    if said is None and quantity.group == "score":
        said = _SCORED.search(text, max(floor, name.start - 2 * _REACH), name.start)
    return [Reading(name, Value(*said.span("value"), "shape"), None, [], 0.7)] if said else []


def _is_free(text: str, floor: int, at: int, opens: int) -> bool:
    """Tell whether a value does not belong to the name that ends at `floor`.

    Where a sentence or a panel of tests (*Urinalysis:*) opens there is none.
    """
    gap = text[floor:at]
    return floor == opens or "," in gap or ";" in gap or any(char.isalpha() for char in gap)
