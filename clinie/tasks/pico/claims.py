"""What the rules claim of a report, and which of several claims on one place stands."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from typing import NamedTuple

from clinie.tasks.pico.reading import Report

__all__ = ["Claim", "claim", "settle"]

_WEIGHT = {"comparator": 0.25, "participants": 0.2, "intervention": 0.1, "outcome": 0.0}
"""Who is studied and what is given is told by firmer cues than what is measured."""
_EDGE = frozenset(
    {"determiner", "adverb", "preposition", "conjunction", "mark", "aux", "heading", "relative"}
)
_CLOSING = frozenset({")", "]", "%"})


class Claim(NamedTuple):
    """A stretch of the text that a rule reads as an element.

    Parameters
    ----------
    start, end : int
        Offsets in the text.
    label : str
    confidence : float
        Ordinal.
    rule : str
        Which rule, for those who mend them.
    """

    start: int
    end: int
    label: str
    confidence: float
    rule: str


def claim(
    report: Report, extent: tuple[int, int], label: str, confidence: float, rule: str
) -> Claim | None:
    """Make a claim on some words of a report, function words at its edges left out."""
    first, end = extent
    while first < end and report.kinds[first] in _EDGE:
        first += 1
    while end > first and _is_edge(report, end - 1):
        end -= 1
    if first == end:
        return None
    words = report.words
    return Claim(words[first].start, words[end - 1].end, label, confidence, rule)


def _is_edge(report: Report, word: int) -> bool:
    kind = report.kinds[word]
    return kind != "adverb" and kind in _EDGE and report.lows[word] not in _CLOSING


def settle(claims: Iterable[Claim]) -> list[Claim]:
    """Return the claims that stand, in text order: the surer first, none over another."""
    taken: list[tuple[int, int]] = []
    kept = []
    for one in sorted(set(claims), key=_order):
        at = bisect_left(taken, (one.end,))
        if at and taken[at - 1][1] > one.start:
            continue
        insort(taken, (one.start, one.end))
        kept.append(one)
    return sorted(kept)


def _order(one: Claim) -> tuple[float, int, Claim]:
    return -(one.confidence + _WEIGHT[one.label]), one.start - one.end, one
