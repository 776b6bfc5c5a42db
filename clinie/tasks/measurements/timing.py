"""Which dates belong to which readings, where they do not stand right beside them.

A date that opens a line or a sentence, or heads a list of results, holds for the readings behind
it; a date that closes a list holds for the whole list. What stands beside a reading wins.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence

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
        """Give dates to the readings of one sentence that have none beside them."""
        used = {date for reading in readings for date in reading.dates}
        values = [(reading.value.start, reading.value.end) for reading in readings]
        free = [
            date
            for date in self._inside(start, end)
            if (date.start, date.end) not in used
            and not any(a < date.end and date.start < b for a, b in values)
        ]
        _close_lists(self._text, readings)
        governing = [date for date in free if self._governs(date, start, readings)]
        for reading in readings:
            if not reading.dates:
                before = [date for date in governing if date.end <= reading.name.start]
                found = before[-1:] or self._of_line(reading.name.start, values)
                reading.dates = [Extent(date.start, date.end) for date in found]

    def give_heading(self, readings: Sequence[Reading]) -> None:
        """Give the readings of tables without dates the date of the heading above them."""
        for reading in readings:
            if not reading.dates:
                found = self._of_line(reading.name.start, ())
                reading.dates = [Extent(date.start, date.end) for date in found]

    def _inside(self, start: int, end: int) -> Sequence[DateMention]:
        return self._dates[bisect_left(self._starts, start) : bisect_left(self._starts, end)]

    def _governs(self, date: DateMention, start: int, readings: Iterable[Reading]) -> bool:
        """Tell whether a date holds for the readings behind it in its sentence."""
        text = self._text
        if _OPENS.fullmatch(text, start, date.start):
            return True
        if _HEADS.match(text, date.end) and not date.weak:
            return True
        following = min((r.name.start for r in readings if r.name.start >= date.end), default=None)
        if following is None:
            return False
        led = _LED.search(text, max(0, date.start - 8), date.start) is not None
        if (led or not date.weak) and _BESIDE.fullmatch(text, date.end, following):
            return True
        near = following - date.end <= _FARTHEST and not _BREAK.search(text, date.end, following)
        return led and near

    def _of_line(self, offset: int, values: Sequence[tuple[int, int]]) -> list[DateMention]:
        """Return the date that opens the line at an offset, or that of the heading above."""
        at = bisect_right(self._line_starts, offset) - 1
        if at < 0:
            return []
        start, end = self._lines[at]
        first = next(iter(self._inside(start, end)), None)
        if first and first.end <= offset and self._opens(first, start, values):
            return [first]
        above = self._above[at]
        return [above] if above else []

    def _opens(self, date: DateMention, start: int, values: Sequence[tuple[int, int]]) -> bool:
        """Tell whether a date opens its line: "14/03 14:00 reviewed", "Addendum 23:05 -".

        It must be an entry of its own, no wrapped line; "On 14/03 ..." dates its sentence alone.
        """
        indent = len(self._text[start : date.start]) - len(self._text[start : date.start].lstrip())
        if start + indent not in self._opened:
            return False
        if any(a < date.end and date.start < b for a, b in values):
            return False
        noted = _NOTED.fullmatch(self._text, start, date.start)
        if noted and not date.weak and _SET_OFF.match(self._text, date.end):
            return True
        return _ENTRY.fullmatch(self._text, start, date.start) is not None

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


def _close_lists(text: str, readings: Sequence[Reading]) -> None:
    """Give the date that closes a list to the whole list: "WBC 12, Hgb 9.8 on 12 March"."""
    for left, right in zip(reversed(readings[:-1]), reversed(readings[1:]), strict=True):
        if left.dates or not right.dates or right.dates[-1].start < right.value.end:
            continue
        end = max(left.value.end, left.unit.end if left.unit else 0)
        if _LISTED.fullmatch(text, end, right.name.start) or left.name == right.name:
            left.dates = list(right.dates) if left.name != right.name else []
