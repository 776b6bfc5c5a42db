"""Canonical strings of a text, in which finding a mention is one substring search.

A `Stream` writes the keys of a text's tokens one after the other. A mention's stream stands in
the note's stream exactly where the note says the same under that stream's notion of sameness,
and every match maps back to whole tokens of the raw text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from clinie.text.folding import fold_word
from clinie.text.numbers import SEPARATOR, Role, is_number, key
from clinie.text.tokens import matches

__all__ = ["Pieces", "Stream", "Streams"]

PARAGRAPH = "¶"
"""Key of a blank line, which no mention crosses unless it holds one itself."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*\r?\n|\r[^\S\r]*\r|\u2029")
_SOFT = frozenset(",:()[]{}'\"*_#•·.-;!?…")
_PAUSES = frozenset(".;!?…")
_HYPHENATED = re.compile(r"[-‐­][^\S\n]*\r?\n")
_DOTTED = re.compile(r"\.[^\W\d_]\.")
_LINE_END = re.compile(r"[^\S\n]*\r?\n\s*")


class Pieces(NamedTuple):
    """Keys, and the raw extents they stand for, as three lists of one length."""

    keys: list[str]
    starts: list[int]
    ends: list[int]

    def extent(self, first: int, end: int) -> tuple[int, int]:
        """Return the raw extent of the pieces ``[first, end)``."""
        return self.starts[first], self.ends[end - 1]

    def add(self, key: str, start: int, end: int) -> None:
        """Append one piece."""
        self.keys.append(key)
        self.starts.append(start)
        self.ends.append(end)


class Stream:
    """Keys written into one string, each between two separators.

    Building is linear in the text; `find` is one substring search plus two binary searches per
    match.
    """

    def __init__(self, pieces: Pieces, separator: str = SEPARATOR) -> None:
        keys = pieces.keys
        self.pieces = pieces
        self.text = separator + separator.join(keys) + separator if keys else ""
        self._width = len(separator)

    @cached_property
    def _offsets(self) -> list[int]:
        return list(accumulate((len(k) + self._width for k in self.pieces.keys), initial=0))

    def find(self, needle: str) -> list[tuple[int, int]]:
        """Return the raw extents of every occurrence of another stream's text, in text order."""
        spans: list[tuple[int, int]] = []
        at = self.text.find(needle) if needle else -1
        while at >= 0:
            first = self._boundary(at)
            end = self._boundary(at + len(needle) - self._width)
            if first is not None and end is not None:
                spans.append(self.pieces.extent(first, end))
            at = self.text.find(needle, at + 1)
        return spans

    def _boundary(self, offset: int) -> int | None:
        index = bisect_left(self._offsets, offset)
        return index if index < len(self._offsets) and self._offsets[index] == offset else None


class Streams:
    """The streams of one text, each built when first asked for.

    Parameters
    ----------
    text : str
        A note or a mention; never modified.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def folded(self) -> str:
        """The folded text, every run of white space as one space."""
        return " ".join(fold_word(self.text).split())

    @cached_property
    def pieces(self) -> Pieces:
        """Every token: case, white space, compatibility forms, spelling of numbers and units."""
        keys: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        breaks = iter([*(m.end() for m in _BLANK_LINE.finditer(self.text)), len(self.text) + 1])
        blank = next(breaks)
        # Looked up once: this loop is the cost of an index.
        number, other = Role.NUMBER, Role.OTHER
        add, begin, finish = keys.append, starts.append, ends.append
        state = other
        for match in matches(self.text):
            start, end = match.span()
            text, measured, role = key(match[0])
            if blank <= start:
                if keys:
                    add(PARAGRAPH)
                    begin(start)
                    finish(start)
                blank = next(at for at in breaks if at > start)
            if state is number:
                text = measured
            state = other if role is other else _next_state(state, role)
            if text:
                add(text)
                begin(start)
                finish(end)
        return Pieces(keys, starts, ends)

    @property
    def opens_inside(self) -> bool:
        """Whether the first token may read otherwise in a longer text (``h`` after a number)."""
        first = next(matches(self.text), None)
        if first is None:
            return False
        entry = key(first[0])
        return entry.role in (Role.MEASURE, Role.PER) or first[0][0] == "."

    @cached_property
    def joined_pieces(self) -> Pieces:
        """The pieces, with words hyphenated at a line end and dotted letters (``b.i.d.``) whole."""
        pieces = self.pieces
        if _HYPHENATED.search(self.text):
            pieces = _dehyphenated(pieces, self.text)
        if _DOTTED.search(self.text):
            pieces = _undotted(pieces)
        if "hg" in pieces.keys:
            pieces = _pressure(pieces)
        return pieces

    @cached_property
    def content_pieces(self) -> Pieces:
        """The joined pieces without the marks that carry no meaning where they stand."""
        pieces = self.joined_pieces
        kept = [i for i, k in enumerate(pieces.keys) if k not in _SOFT or not _is_soft(pieces, i)]
        keys, starts, ends = pieces
        while kept and keys[kept[-1]] == PARAGRAPH:  # a blank line stands between words only
            kept.pop()
        first = next((n for n, i in enumerate(kept) if keys[i] != PARAGRAPH), 0)
        kept = kept[first:]
        return Pieces([keys[i] for i in kept], [starts[i] for i in kept], [ends[i] for i in kept])

    @cached_property
    def plain(self) -> Stream:
        """The stream of `pieces`."""
        return Stream(self.pieces)

    @cached_property
    def joined(self) -> Stream:
        """The stream of `joined_pieces`, which is `plain` when nothing was joined."""
        return self.plain if self.joined_pieces is self.pieces else Stream(self.joined_pieces)

    @cached_property
    def content(self) -> Stream:
        """The stream of `content_pieces`: words, numbers and meaningful marks."""
        return Stream(self.content_pieces)

    @cached_property
    def run(self) -> Stream:
        """As `content`, words written together: ``health care`` equals ``healthcare``."""
        keys, starts, ends = self.content_pieces
        apart = [k if k.isalpha() else f"{SEPARATOR}{k}{SEPARATOR}" for k in keys]
        return Stream(Pieces(apart, starts, ends), "")


def _next_state(state: Role, role: Role) -> Role:
    """Return what the next token stands after: a number, a unit, or neither.

    ``mg/kg/h``: after *unit per* a unit is read as after a number.
    """
    if role == Role.NUMBER or (role == Role.PER and state == Role.UNIT):
        return Role.NUMBER
    if role == Role.UNIT or (role == Role.MEASURE and state == Role.NUMBER):
        return Role.UNIT
    return Role.OTHER


def _dehyphenated(pieces: Pieces, text: str) -> Pieces:
    """Join ``pneu-`` at a line end with ``monia`` at the start of the next line."""
    out = Pieces([], [], [])
    joins = False
    for index, (text_key, start, end) in enumerate(zip(*pieces, strict=True)):
        splits = _splits_word(pieces, index, text)
        if joins:
            out.keys[-1] += text_key
            out.ends[-1] = end
        elif not splits or text_key != "-":
            out.add(text_key, start, end)
        joins = splits
    return out


def _pressure(pieces: Pieces) -> Pieces:
    """Join ``mm Hg`` to the unit that it is."""
    out = Pieces([], [], [])
    for text_key, start, end in zip(*pieces, strict=True):
        if text_key == "hg" and out.keys and out.keys[-1] == "mm":
            out.keys[-1], out.ends[-1] = "mmhg", end
        else:
            out.add(text_key, start, end)
    return out


def _splits_word(pieces: Pieces, index: int, text: str) -> bool:
    """Tell whether a piece is, or ends in, the hyphen of a word broken over two lines."""
    keys, starts, ends = pieces
    soft = keys[index].isalpha() and text[ends[index] - 1] == "\u00ad"
    if index == len(keys) - 1 or not (keys[index] == "-" or soft):
        return False
    return (
        (soft or (index > 0 and ends[index - 1] == starts[index] and keys[index - 1].isalpha()))
        and keys[index + 1].isalpha()
        and _LINE_END.fullmatch(text, ends[index], starts[index + 1]) is not None
    )


def _undotted(pieces: Pieces) -> Pieces:
    """Join two or more single letters each followed by a full stop: ``q.i.d.`` is ``qid``."""
    out = Pieces([], [], [])
    index = 0
    while index < len(pieces.keys):
        end = index
        while _letter_and_stop(pieces, end) and (
            end == index or pieces.ends[end - 1] == pieces.starts[end]
        ):
            end += 2
        if end - index >= 4:
            out.add("".join(pieces.keys[index:end:2]), *pieces.extent(index, end))
            index = end
        else:
            out.add(pieces.keys[index], pieces.starts[index], pieces.ends[index])
            index += 1
    return out


def _letter_and_stop(pieces: Pieces, index: int) -> bool:
    letter, stop = pieces.keys[index : index + 1], pieces.keys[index + 1 : index + 2]
    return (
        stop == ["."]
        and len(letter[0]) == 1
        and letter[0].isalpha()
        and pieces.ends[index] == pieces.starts[index + 1]
    )


def _is_soft(pieces: Pieces, index: int) -> bool:
    """Tell whether a mark may be left out without changing what is said.

    Between two numbers every mark counts (``2-3``, ``8:00``); a hyphen may be left out only
    inside a compound (``28-year-old``); a full stop, a semicolon or the like only where no
    further words follow after a space.
    """
    keys, starts, ends = pieces
    inner = 0 < index < len(keys) - 1
    if inner and is_number(keys[index - 1]) and is_number(keys[index + 1]):
        return False
    if keys[index] == "-":
        return inner and ends[index - 1] == starts[index] and ends[index] == starts[index + 1]
    if keys[index] in _PAUSES:
        return index == len(keys) - 1 or ends[index] == starts[index + 1]
    return True
