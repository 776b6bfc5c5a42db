"""The noise of real pages: wrapped lines, lost and doubled blanks, capitals, slips of the keys.

Every change is an edit at a known place, and the marks move along with the text.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import replace
from itertools import accumulate
from random import Random

from clinie.training.synthetic.builder import Draft

__all__ = ["Edit", "apply_edits", "roughen"]

Edit = tuple[int, int, str]
"""Half-open extent and what stands there instead."""

_WORD = re.compile(r"[a-z]{5,}")
_LINE = re.compile(r"[^\n]+")
_LOST_BLANK = re.compile(r"(?<=[.,;:]) (?=[A-Za-z])")


def roughen(draft: Draft, rng: Random) -> Draft:
    """Roughen the layout of a draft; most drafts get little of it, some a lot."""
    if rng.random() < 0.1:
        draft = apply_edits(draft, _slips(draft.text, rng, rng.choice((0.01, 0.03, 0.06))))
    if rng.random() < 0.08:
        draft = apply_edits(draft, _lost_blanks(draft.text, rng))
    if rng.random() < 0.08:
        draft = apply_edits(draft, _doubled_blanks(draft.text, rng))
    if rng.random() < 0.06:
        draft = _recased(draft, draft.text.upper())
    elif rng.random() < 0.04:
        draft = _recased(draft, draft.text.lower())
    if rng.random() < 0.25:
        draft = apply_edits(draft, _wrapped(draft.text, rng.choice((72, 80, 100, 120))))
    if rng.random() < 0.06:
        draft = apply_edits(
            draft, [(m.start(), m.end(), "\r\n") for m in re.finditer("\n", draft.text)]
        )
    return draft


def apply_edits(draft: Draft, edits: Iterable[Edit]) -> Draft:
    """Return a draft with edits made and marks moved.

    Parameters
    ----------
    draft : Draft
    edits : iterable of Edit
        In text order, none overlapping another. One that straddles the end of a mark is left out.
    """
    borders = {mark.start for mark in draft.marks} | {mark.end for mark in draft.marks}
    kept = [e for e in edits if not any(e[0] < b < e[1] for b in borders if e[1] - e[0] > 1)]
    pieces, at = [], 0
    for start, end, text in kept:
        pieces += [draft.text[at:start], text]
        at = end
    pieces.append(draft.text[at:])
    ends = [end for _, end, _ in kept]
    shifts = [0, *accumulate(len(text) - (end - start) for start, end, text in kept)]

    def moved(offset: int, closing: bool) -> int:
        # An insertion at the end of a mark stays outside of it, one at its start too.
        place = bisect_right(ends, offset)
        while closing and place and kept[place - 1][0] == kept[place - 1][1] == offset:
            place -= 1
        return offset + shifts[place]

    marks = tuple(
        replace(m, start=moved(m.start, False), end=moved(m.end, True)) for m in draft.marks
    )
    return replace(draft, text="".join(pieces), marks=marks)


def _recased(draft: Draft, text: str) -> Draft:
    return replace(draft, text=text) if len(text) == len(draft.text) else draft


def _slips(text: str, rng: Random, share: float) -> Iterable[Edit]:
    """Swap, drop or double a letter inside a long word; the first letter stays."""
    for word in _WORD.finditer(text):
        if rng.random() < share:
            at = rng.randrange(word.start() + 1, word.end() - 1)
            kind = rng.randrange(3)
            if kind == 0:
                yield at, at + 2, text[at + 1] + text[at]
            elif kind == 1:
                yield at, at + 1, ""
            else:
                yield at, at + 1, text[at] * 2


def _lost_blanks(text: str, rng: Random) -> Iterable[Edit]:
    for blank in _LOST_BLANK.finditer(text):
        if rng.random() < 0.1:
            yield blank.start(), blank.end(), ""


def _doubled_blanks(text: str, rng: Random) -> Iterable[Edit]:
    for blank in re.finditer(r"(?<=\w) (?=\w)", text):
        if rng.random() < 0.05:
            yield blank.start(), blank.end(), "  "


def _wrapped(text: str, width: int) -> Iterable[Edit]:
    """Break long lines at the last blank before a width."""
    for line in _LINE.finditer(text):
        start = line.start()
        while line.end() - start > width:
            blank = text.rfind(" ", start + 1, start + width)
            if blank < 0:
                break
            yield blank, blank + 1, "\n"
            start = blank + 1
