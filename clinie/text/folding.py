"""Folding: case, compatibility forms, diacritics, quotes and dashes, with maps back.

Folding never changes the note: it makes a second string, and remembers for each of its
characters which characters of the note it stands for. Lower-casing a note and using the offsets
on the original is wrong as soon as one character folds into two (``İ``, ``ß``, ``ﬁ``).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NamedTuple

__all__ = ["Folded", "attaches", "fold", "fold_word"]

_QUOTES = dict.fromkeys("‘’‚‛ʹʼʻ`´′‵", "'") | dict.fromkeys("“”„‟″‶«»", '"')
_DASHES = dict.fromkeys("‐‑‒–—―−﹘﹣－⁃", "-")
_SIGNS = {"⁄": "/", "∕": "/", "×": "x", "⨯": "x", "™": "", "®": "", "©": "", "℠": ""}
_FOLDS = _QUOTES | _DASHES | _SIGNS
_STRIPPED = (
    (0x0300, 0x0333),  # combining diacritical marks, but not the overlays (U+0334-U+0338):
    (0x0339, 0x036F),  # stripping U+0338 would turn "not equal" into "equal"
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),  # variation selectors
    (0xFE20, 0xFE2F),
    (0xE0100, 0xE01EF),
)


class Folded(NamedTuple):
    """A folded text.

    ``text[i]`` stands for the raw characters ``starts[i]`` to ``ends[i]``, so a match ``[a, b)``
    in `text` is ``[starts[a], ends[b - 1])`` in the note. Several folded characters of one raw
    character share its extent.
    """

    text: str
    starts: list[int]
    ends: list[int]


def attaches(char: str) -> bool:
    """Tell whether a character belongs to the one before it.

    True for combining marks, invisible format characters (zero-width, soft hyphen, joiners) and
    emoji skin tones: a span may not begin or end just before one.
    """
    return char > "~" and (
        unicodedata.category(char) in ("Mn", "Mc", "Me", "Cf")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
    )


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    """Fold one character; the empty string for one that does not count."""
    if char in _FOLDS:
        return _FOLDS[char]
    if unicodedata.category(char) == "Cf":
        return ""
    kept = [
        c
        for c in unicodedata.normalize("NFKD", char)
        if not any(first <= ord(c) <= last for first, last in _STRIPPED)
    ]
    folded = unicodedata.normalize("NFKD", "".join(kept).casefold())
    return "".join(
        _FOLDS.get(c, c)
        for c in folded
        if not any(first <= ord(c) <= last for first, last in _STRIPPED)
    )


def fold_word(word: str) -> str:
    """Fold a short string without keeping the maps."""
    return word.lower() if word.isascii() else "".join(map(_fold_char, word))


def fold(text: str) -> Folded:
    """Fold a text, with maps back to the raw offsets.

    Every raw character is folded by itself: compatibility decomposition (Unicode NFKD), Latin
    diacritics and invisible characters dropped, full case folding, typographic quotes, dashes,
    fraction slash and multiplication sign as ASCII. Linear in the length of the text.

    Examples
    --------
    >>> folded = fold("İİ ﬁbrosis")
    >>> at = folded.text.index("fibrosis")
    >>> folded.starts[at], folded.ends[at + len("fibrosis") - 1]
    (3, 10)
    """
    if text.isascii():
        return Folded(text.lower(), list(range(len(text))), list(range(1, len(text) + 1)))
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for position, char in enumerate(text):
        piece = _fold_char(char)
        pieces.append(piece)
        starts.extend([position] * len(piece))
        ends.extend([position + 1] * len(piece))
        if not piece and ends and ends[-1] == position and attaches(char):
            _extend(starts, ends, position)
    return Folded("".join(pieces), starts, ends)


def _extend(starts: list[int], ends: list[int], position: int) -> None:
    """Let the last raw character's folds also cover a mark attached to it."""
    last = starts[-1]
    index = len(ends) - 1
    while index >= 0 and starts[index] == last:
        ends[index] = position + 1
        index -= 1
