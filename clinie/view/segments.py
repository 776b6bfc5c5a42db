"""Cut a note at the borders of its spans, so that a page can colour overlapping ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from clinie.schema import Span

__all__ = ["Segment", "segments"]

Segment = tuple[str, tuple[int, ...]]
"""A run of text, and the indices of the spans that cover it."""


def segments(text: str, spans: Sequence[Span]) -> list[Segment]:
    """Return the text in order, cut wherever a span (or a fragment of one) begins or ends.

    Joined together the segments give the text back. Offsets never leave Python, so that
    browsers, which count UTF-16 units, need not count at all. Complexity O(n log n) in the
    number of borders, times the depth of overlap.
    """
    begins: dict[int, list[int]] = {}
    ends: dict[int, list[int]] = {}
    for index, span in enumerate(spans):
        for start, end in span.fragments or ((span.start, span.end),):
            begins.setdefault(start, []).append(index)
            ends.setdefault(end, []).append(index)
    borders = sorted({0, len(text), *begins, *ends})
    pieces: list[Segment] = []
    covering: set[int] = set()
    for start, end in pairwise(borders):
        covering.difference_update(ends.get(start, ()))
        covering.update(begins.get(start, ()))
        pieces.append((text[start:end], tuple(sorted(covering))))
    return pieces
