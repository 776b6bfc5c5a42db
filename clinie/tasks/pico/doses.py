"""Doses and schedules behind the name of a treatment."""

from __future__ import annotations

import re

from clinie.tasks.pico.reading import Report
from clinie.tasks.pico.vocabulary import words_of

__all__ = ["dose_end"]

_WITH_UNIT = re.compile(r"\d[\d.,]*[-–]?(?:mg|g|mcg|µg|μg|ml|units?|iu|gy|%)(?:/\w+)*")
_LONGEST = 14  # words


def dose_end(report: Report, at: int, end: int) -> int:
    """Return where the dose and schedule end that begin at a word, also in brackets; or `at`.

    "8 mg", "300 mg/day", "(0.5 mg twice daily)", "40 mg every other week".
    """
    close = report.close.get(at)
    if close is not None and close < end:
        return close + 1 if _read(report, at + 1, close) == close else at
    return _read(report, at, end)


def _read(report: Report, at: int, end: int) -> int:
    start, measured = at, False
    if at >= end or report.kinds[at] != "number":
        return at
    limit = min(end, start + _LONGEST)
    while at < limit:
        word = report.lows[at]
        unit = word.partition("/")[0] in words_of("dose_unit")
        if not (report.kinds[at] == "number" or unit or word in words_of("schedule")):
            break
        measured |= unit or _WITH_UNIT.fullmatch(word) is not None
        at += 1
    while at > start and report.lows[at - 1] in words_of("schedule_inner"):
        at -= 1
    if at > start + 1 and report.kinds[at - 1] == "number" and not _WITH_UNIT.fullmatch(
        report.lows[at - 1]
    ):  # fmt: skip
        at -= 1
    return at if measured else start
