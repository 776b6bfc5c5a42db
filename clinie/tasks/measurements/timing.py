"""Which dates belong to which readings, where they do not stand right beside them.

A date that opens a line or a sentence, or heads a list of results, holds for the readings behind
it; a date that closes a list holds for the whole list. What stands beside a reading wins.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from clinie.tasks.measurements.lexicon import pattern
from clinie.tasks.measurements.readings import Extent, Reading
from clinie.text.dates import DateMention

__all__ = ["Calendar"]

_OPENS = re.compile(
    r"[\s\-*•·>(\[\"'#]*(?:\d{1,2}[.)]\s)?(?:(?:on|at|by|from|since|as of|of|dated|in)\s+)?"
    r"(?:the\s+(?:morning|evening|night)\s+of\s+)?",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"[\s\-*•·>(\[\"'#]*(?:\d{1,2}[.)]\s)?")
_LED = re.compile(r"(?:\b(?:on|at|from|by|of|dated|in)\s|[(\[|@,;]\s?)\Z", re.IGNORECASE)
_HEADS = re.compile(r"[)\]]?\s?[:=]")
_NOTED = re.compile(r"\W*[A-Z][a-z]+(?:[ ][a-z]+)?[ ]")
_SET_OFF = re.compile(r"[)\]]?[ ]?[:–-](?=\s)")
_BESIDE = re.compile(r"[\s:=–-]{0,4}(?:(?:his|her|the|repeat|rpt)\s)?", re.IGNORECASE)
_BREAK = re.compile(r"[.;](?=\s)|[\r\n]|,\s")
_LISTED = re.compile(r"[\s,;|&/]*(?:and\s+)?")
_LINE = re.compile(r"[^\r\n]+")
_DATED_ALONE = re.compile(r"\W*(?:(?:date|time|mon|tue|wed|thu|fri|sat|sun)[a-z]*\W*){0,2}", re.I)
_FARTHEST = 60
_LONGEST_HEADING = 80


class Calendar:
    """The dates of a note, and what each of them holds for.

    Parameters
    ----------
    text : str
    dates : sequence of DateMention
        In text order.
    sentences : sequence of (int, int)
    """

    def __init__(
        self,
        text: str,
        dates: Sequence[DateMention],
        sentences: Sequence[tuple[int, int]],
    ) -> None:
        self._text = text
        self._dates = dates
        self._starts = [date.start for date in dates]
        self._lines = [match.span() for match in _LINE.finditer(text)]
        self._line_starts = [start for start, _ in self._lines]
        self._opened = {start for start, _ in sentences}
        self._above = list(self._headings())

    def give(self, readings: Sequence[Reading], start: int, end: int) -> None:
        """Give dates to the readings of one sentence that have none beside them.

        `readings` are in the order of their values.
        """
        used = {date for reading in readings for date in reading.dates}
        values = _Places([(reading.value.start, reading.value.end) for reading in readings])
        names = sorted(reading.name.start for reading in readings)
        _close_lists(self._text, readings)
        governing = [
            date
            for date in self._inside(start, end)
            if (date.start, date.end) not in used
            and not values.overlap(date)
            and self._governs(date, start, names)
        ]
        ends = [date.end for date in governing]
        for reading in readings:
            if not reading.dates:
                before = bisect_right(ends, reading.name.start)
                found = governing[before - 1] if before else self._of_line(reading, values)
                reading.dates = [Extent(found.start, found.end)] if found else []

    def give_heading(self, readings: Sequence[Reading]) -> None:
        """Give the readings of tables without dates the date of the heading above them."""
        for reading in readings:
            if not reading.dates:
                found = self._of_line(reading, _Places([]))
                reading.dates = [Extent(found.start, found.end)] if found else []

    def _inside(self, start: int, end: int) -> Sequence[DateMention]:
        return self._dates[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _governs(self, date: DateMention, start: int, names: Sequence[int]) -> bool:
        """Tell whether a date holds for the readings behind it in its sentence."""
        text = self._text
        if _OPENS.fullmatch(text, start, date.start):
            return True
        if _HEADS.match(text, date.end) and not date.weak:
            return True
        at = bisect_left(names, date.end)
        if at == len(names):
            return False
        following = names[at]
        led = _LED.search(text, max(0, date.start - 8), date.start) is not None
        if (led or not date.weak) and _BESIDE.fullmatch(text, date.end, following):
            return True
        near = following - date.end <= _FARTHEST and not _BREAK.search(text, date.end, following)
        return led and near

    def _of_line(self, reading: Reading, values: _Places) -> DateMention | None:
        """Return the date that opens a reading's line, or that of the heading above."""
        at = bisect_right(self._line_starts, reading.name.start) - 1
        if at < 0:
            return None
        start = self._lines[at][0]
        index = bisect_left(self._starts, start)
        first = self._dates[index] if index < len(self._dates) else None
        opens = first and first.end <= reading.name.start and not values.overlap(first)
        return first if first and opens and self._opens(first, start) else self._above[at]

    def _opens(self, date: DateMention, start: int) -> bool:
        """Tell whether a date opens its line: "14/03 14:00 reviewed", "Addendum 23:05 -".

        It must be an entry of its own, no wrapped line; "On 14/03 ..." dates its sentence alone.
        """
        lead = self._text[start : date.start]
        if start + len(lead) - len(lead.lstrip()) not in self._opened:
            return False
        if _NOTED.fullmatch(lead) and not date.weak and _SET_OFF.match(self._text, date.end):
            return True
        return _ENTRY.fullmatch(lead) is not None

    def _headings(self) -> Iterator[DateMention | None]:
        """Yield for every line the date of the heading above it; an empty line ends its reach."""
        current: DateMention | None = None
        previous = 0
        for start, end in self._lines:
            gap = self._text[previous:start]
            if gap.count("\n") > 1 or not self._text[start:end].strip():
                current = None
            yield current
            previous = end
            if date := self._heads(start, end):
                current = date

    def _heads(self, start: int, end: int) -> DateMention | None:
        """Return the date of a line that heads results: "Labs 12/03/2024:", or a date alone."""
        inside = self._inside(start, end)
        if not inside or end - start > _LONGEST_HEADING:
            return None
        date = inside[0]
        before, behind = self._text[start : date.start], self._text[date.end : end]
        rest = f"{before} {behind}".strip()
        if any(char.isdigit() for char in rest):
            return None
        if _DATED_ALONE.fullmatch(rest):
            return date
        known = pattern("heading", "dating")
        words = re.findall(r"[^\W_]+", rest)
        heads = [word for word in words if pattern("heading").fullmatch(word)]
        if not heads or not all(known.fullmatch(word) for word in words):
            return None
        return date


class _Places:
    """Extents in text order, to ask whether one overlaps a date."""

    def __init__(self, extents: Sequence[tuple[int, int]]) -> None:
        self._extents = extents

    def overlap(self, date: DateMention) -> bool:
        """Tell whether an extent overlaps a date."""
        at = bisect_left(self._extents, (date.end, 0)) - 1
        return at >= 0 and self._extents[at][1] > date.start


def _close_lists(text: str, readings: Sequence[Reading]) -> None:
    """Give the date that closes a list to the whole list: "WBC 12, Hgb 9.8 on 12 March"."""
    for right, left in pairwise(reversed(readings)):
        if left.dates or not right.dates or right.dates[-1].start < right.value.end:
            continue
        end = max(left.value.end, left.unit.end if left.unit else 0)
        if left.name != right.name and _LISTED.fullmatch(text, end, right.name.start):
            left.dates = list(right.dates)
