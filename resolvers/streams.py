"""Canonical strings of a text, in which finding a mention is one substring search.

A `Stream` writes the keys of a text's tokens one after the other. A mention's stream stands in
the note's stream exactly where the note says the same under that stream's notion of sameness,
and every match maps back to whole tokens of the raw text.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple

from clinie.resolvers.typed import kind
from clinie.text.folding import fold_word
from clinie.text.numbers import SEPARATOR, key
from clinie.text.tokens import Token, tokenize

__all__ = ["Piece", "Stream", "Streams"]

PARAGRAPH = "¶"
"""Key of a blank line, which no mention crosses unless it holds one itself."""

_BLANK_LINE = re.compile(r"\n[^\S\n]*\r?\n|\r[^\S\r]*\r|\u2029")
_SOFT = frozenset(",:()[]{}'\"*_#•·.-;!?…")
_PAUSES = frozenset(".;!?…")
_LINE_END = re.compile(r"[^\S\n]*\r?\n\s*")


class Piece(NamedTuple):
    """A key and the raw extent it stands for."""

    key: str
    start: int
    end: int


class Stream:
    """Keys written into one string, each between two separators.

    Building is linear in the text; `find` is one substring search plus two binary searches per
    match.
    """

    def __init__(self, pieces: Sequence[Piece], separator: str = SEPARATOR) -> None:
        keys = [piece.key for piece in pieces]
        self.pieces = pieces
        self.text = separator + separator.join(keys) + separator if keys else ""
        self._width = len(separator)
        self._offsets = list(accumulate((len(k) + self._width for k in keys), initial=0))

    def find(self, needle: str) -> list[tuple[int, int]]:
        """Return the raw extents of every occurrence of another stream's text, in text order."""
        spans: list[tuple[int, int]] = []
        if not needle:
            return spans
        at = self.text.find(needle)
        while at >= 0:
            first = self._boundary(at)
            last = self._boundary(at + len(needle) - self._width)
            if first is not None and last is not None:
                spans.append((self.pieces[first].start, self.pieces[last - 1].end))
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
        self.tokens: list[Token] = tokenize(text)

    @cached_property
    def folded(self) -> str:
        """The folded text, every run of white space as one space."""
        return " ".join(fold_word(self.text).split())

    @cached_property
    def _plain_pieces(self) -> list[Piece]:
        pieces: list[Piece] = []
        breaks = [m.end() for m in _BLANK_LINE.finditer(self.text)]
        measuring, following = False, 0
        for start, end, word in self.tokens:
            if following < len(breaks) and breaks[following] <= start:
                while following < len(breaks) and breaks[following] <= start:
                    following += 1
                if pieces:
                    pieces.append(Piece(PARAGRAPH, start, start))
            entry = key(word)
            text = entry.measured if measuring else entry.text
            measuring = entry.number or (measuring and entry.carries)
            if text:
                pieces.append(Piece(text, start, end))
        return pieces

    @cached_property
    def plain(self) -> Stream:
        """Every token: case, white space, compatibility forms, spelling of numbers and units."""
        return Stream(self._plain_pieces)

    @cached_property
    def _joined_pieces(self) -> list[Piece]:
        return _dotted(_dehyphenated(self._plain_pieces, self.text))

    @cached_property
    def joined(self) -> Stream:
        """As `plain`, with words hyphenated at a line end and dotted letters (``b.i.d.``) whole."""
        pieces = self._joined_pieces
        return self.plain if len(pieces) == len(self._plain_pieces) else Stream(pieces)

    @cached_property
    def content_pieces(self) -> list[Piece]:
        """The pieces of `joined` without the marks that carry no meaning where they stand."""
        return _content(self._joined_pieces)

    @cached_property
    def content(self) -> Stream:
        """Words, numbers and meaningful marks."""
        return Stream(self.content_pieces)

    @cached_property
    def keys(self) -> list[str]:
        """The keys of `content_pieces`."""
        return [piece.key for piece in self.content_pieces]

    @cached_property
    def run(self) -> Stream:
        """As `content`, words written together: ``health care`` equals ``healthcare``."""
        pieces = [
            Piece(p.key if p.key.isalpha() else f"{SEPARATOR}{p.key}{SEPARATOR}", p.start, p.end)
            for p in self.content_pieces
        ]
        return Stream(pieces, "")


def _dehyphenated(pieces: list[Piece], text: str) -> list[Piece]:
    """Join ``pneu-`` at a line end with ``monia`` at the start of the next line."""
    if "-" not in {piece.key for piece in pieces}:
        return pieces
    out: list[Piece] = []
    index = 0
    while index < len(pieces):
        piece = pieces[index]
        if piece.key == "-" and out and index + 1 < len(pieces):
            before, after = out[-1], pieces[index + 1]
            if (
                before.key.isalpha()
                and after.key.isalpha()
                and before.end == piece.start
                and _LINE_END.fullmatch(text, piece.end, after.start)
            ):
                out[-1] = Piece(before.key + after.key, before.start, after.end)
                index += 2
                continue
        out.append(piece)
        index += 1
    return out


def _dotted(pieces: list[Piece]) -> list[Piece]:
    """Join two or more single letters each followed by a full stop: ``q.i.d.`` is ``qid``."""
    out: list[Piece] = []
    index = 0
    while index < len(pieces):
        end = index
        while _letter_and_stop(pieces, end) and (
            end == index or pieces[end - 1].end == pieces[end].start
        ):
            end += 2
        if end - index >= 4:
            letters = "".join(p.key for p in pieces[index:end:2])
            out.append(Piece(letters, pieces[index].start, pieces[end - 1].end))
            index = end
        else:
            out.append(pieces[index])
            index += 1
    return out


def _letter_and_stop(pieces: list[Piece], index: int) -> bool:
    return (
        index + 1 < len(pieces)
        and len(pieces[index].key) == 1
        and pieces[index].key.isalpha()
        and pieces[index + 1].key == "."
        and pieces[index].end == pieces[index + 1].start
    )


def _content(pieces: list[Piece]) -> list[Piece]:
    out: list[Piece] = []
    last = len(pieces) - 1
    for index, piece in enumerate(pieces):
        if piece.key in _SOFT and _is_soft(
            piece, pieces[index - 1] if index else None, pieces[index + 1] if index < last else None
        ):
            continue
        out.append(piece)
    return out


def _is_soft(mark: Piece, before: Piece | None, after: Piece | None) -> bool:
    """Tell whether a mark may be left out without changing what is said.

    Between two numbers every mark counts (``2-3``, ``8:00``); a hyphen may be left out only
    inside a compound (``28-year-old``); a full stop, a semicolon or the like only where no
    further words follow after a space.
    """
    if mark.key == "-":
        if before is None or after is None:
            return False
        tight = before.end == mark.start and mark.end == after.start
        return tight and not (_is_digit(before) and _is_digit(after))
    if before is not None and after is not None and _is_digit(before) and _is_digit(after):
        return False
    if mark.key in _PAUSES:
        return after is None or mark.end == after.start
    return True


def _is_digit(piece: Piece) -> bool:
    return kind(piece.key) == "number"


