"""Sentence detection for clinical layout.

A note is first cut into blocks (a paragraph of wrapped lines, a list item, a table row, a
heading line), because in clinical text the layout ends more sentences than punctuation does; each
block is then cut at final punctuation, abbreviations and decimals excepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from clinie.text.lexica import load_tsv

__all__ = ["BULLET", "sentences"]

BULLET = re.compile(
    r"""[^\S\r\n]*(?:
        [-*+•◦▪▫‣⁃●○■□–—·>]+(?=\s|[A-Za-z])   # - item, • item
      | \(?\d{1,2}[.)](?=\s|[A-Za-z])          # 1. item, 2) item, (3) item
      | \(?[A-Za-z][)](?=\s)                   # a) item
      | \[[ xX]?\]                             # [x] item
      | \#\d*(?=\s|[A-Za-z])                   # # problem, #1 problem
    )\s*""",
    re.VERBOSE,
)
"""The marker that opens a list item, leading blanks included."""

_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_HEADING = re.compile(r"\s*(?:[A-Z][A-Z0-9 /&,'()-]{1,60}|[A-Z][\w /&'()-]{1,60}:)\s*$")
_FIELD = re.compile(r"\s*(?:[A-Z][\w/&'()-]*|[A-Za-z]{1,8})(?: [\w/&'()-]+){0,5}\s*:(?=\s|$)")
_ENTRY = re.compile(r"\s*(?:[01]?\d|2[0-3]):[0-5]\d\s|\s*\d{1,2}/\d{1,2}(?:/\d{2,4})?\s+[A-Za-z\d]")
_ROW = re.compile(r"\S(?:\t+| {3,})\S|\|.*\|")
_RULE = re.compile(r"\s*[-=_~*]{3,}\s*$")
_OPEN_END = re.compile(
    r"(?:[,(/&+-]|\b(?:a|an|and|as|at|by|for|from|in|is|no|not|of|on|or|the|to|"
    r"was|were|with|without|has|had|have|his|her|dr\.?))\s*$",
    re.IGNORECASE,
)
# A question mark after a blank or bracket opens what it doubts ("? PE"), else it ends a sentence;
# "(!)" flags an abnormal value.
_END = re.compile(
    r"(?:\.|(?<!\()!|(?<=[^\s(\[/])\?)[.?!]*[\"'”’)\]]*(?=\s|$)|(?<=[a-z]{2})[.?!](?=[A-Z][a-z])"
)
_ENUMERATION = re.compile(r"(?<!\S)(\d{1,2})[.)]\s+(?=[A-Z])")
_WRAP_WIDTH = 50  # a paragraph narrower than this is a list of short lines, not wrapped text


class _Block(NamedTuple):
    start: int
    end: int


def sentences(text: str) -> list[tuple[int, int]]:
    r"""Return the sentences of a note as ``(start, end)`` code-point offsets.

    Spans are in text order, do not overlap, start and end on non-blank characters and cover every
    non-blank character of the text. Time is linear in the length of the text.

    Examples
    --------
    >>> sentences("Seen by Dr. Roe.\n- no fever\n- cough x 2.5 days")
    [(0, 16), (17, 27), (28, 46)]
    """
    return [span for block in _blocks(text) for span in _split(text, block)]


def _blocks(text: str) -> Iterator[_Block]:
    """Yield runs of lines within which a line break does not end a sentence."""
    start = end = previous = -1
    width = 0
    for match in _LINE.finditer(text):
        line = match.group()
        if not line.strip():
            continue
        joined = (
            start >= 0
            and _is_next_line(text, end, match.start())
            and _continues(text[previous:end], line, width)
        )
        if not joined:
            if start >= 0:
                yield _Block(start, end)
            start, width = match.start(), 0
        width = max(width, len(line))
        previous, end = match.start(), match.end()
    if start >= 0:
        yield _Block(start, end)


def _is_next_line(text: str, end: int, start: int) -> bool:
    """Say whether exactly one line break, and no blank line, lies between two lines."""
    gap = text[end:start]
    return gap in {"\n", "\r\n", "\r"}


def _continues(line: str, following: str, width: int) -> bool:
    """Say whether ``following`` goes on with the sentence that ``line`` left open."""
    if BULLET.match(following) or _RULE.match(following) or _RULE.match(line):
        return False
    if _ROW.search(line.strip()) or _ROW.search(following.strip()):
        return False
    if _HEADING.match(line) or _HEADING.match(following) or line.rstrip().endswith(":"):
        return False
    body = following.lstrip()
    if body[0].islower():
        return not _FIELD.match(following)
    if _OPEN_END.search(line):
        return True
    if _FIELD.match(following) or _ENTRY.match(following):
        return False
    # Wrapped text: the next word would not have fitted on the line.
    first_word = body.split(None, 1)[0]
    return len(line) >= _WRAP_WIDTH and len(line.rstrip()) + 1 + len(first_word) >= width


def _split(text: str, block: _Block) -> Iterator[tuple[int, int]]:
    """Cut one block at final punctuation and before the items of an inline enumeration."""
    cuts = sorted({*_final_marks(text, block), *_enumerated(text, block), block.end})
    start = block.start
    for cut in cuts:
        piece = text[start:cut]
        left = start + len(piece) - len(piece.lstrip())
        right = start + len(piece.rstrip())
        if left < right:
            yield left, right
        start = cut


def _final_marks(text: str, block: _Block) -> Iterator[int]:
    marker = BULLET.match(text, block.start, block.end)
    begin = marker.end() if marker else block.start
    for match in _END.finditer(text, begin, block.end):
        if match.group()[0] != "." or _ends_sentence(text, block, match.start(), match.end()):
            yield match.end()


def _enumerated(text: str, block: _Block) -> Iterator[int]:
    """Yield where items 2, 3, ... of an inline '1. ... 2. ...' list begin."""
    expected = 1
    for match in _ENUMERATION.finditer(text, block.start, block.end):
        if int(match.group(1)) == expected:
            if expected > 1 or text[block.start : match.start()].rstrip().endswith((":", ".")):
                yield match.start()
            expected += 1


def _ends_sentence(text: str, block: _Block, dot: int, after: int) -> bool:
    """Decide a full stop by the word before it and the word after it."""
    before = text[max(block.start, dot - 24) : dot].rsplit(None, 1)
    word = before[-1].lstrip("(['\"") if before else ""
    rest = text[after : after + 24].split(None, 1)
    following = rest[0] if rest and after < block.end else ""
    if not following:
        return True
    if word.isdigit() and len(word) <= 2 and _ENUMERATION.match(text, dot - len(word)):
        return False
    rule = _abbreviations().get(word.lower())
    if rule == "number":
        return not following[0].isdigit()
    if rule == "never":
        return False
    pointed = "." in word and not word[0].isdigit()  # "p.o.", not "9.2."
    if rule == "capital" or (len(word) == 1 and word.isalpha()) or pointed:
        bare = following.strip(".,;:()\"'")
        if len(word) == 1 and word.isupper():
            return bare in _starters()
        return following[0] == "?" or (following[0].isupper() and (len(bare) > 1 or bare == "I"))
    if following[0].islower():  # "... then" goes on, "chest clear. no rash" does not
        return not text.startswith("..", dot) and len(word) > 2
    return True


@cache
def _abbreviations() -> dict[str, str]:
    """Return abbreviation (no final stop) to the rule that says when its stop ends a sentence."""
    rows = load_tsv("abbreviations.tsv")
    return {row["word"]: row["rule"] for row in rows if row["rule"] != "starter"}


@cache
def _starters() -> frozenset[str]:
    """Return words that open a sentence even after a single letter ("hepatitis C. He ...")."""
    rows = load_tsv("abbreviations.tsv")
    return frozenset(row["word"] for row in rows if row["rule"] == "starter")
