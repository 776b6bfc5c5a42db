"""Tokens: words, numbers and single punctuation marks, as extents of the raw text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from clinie.text.folding import attaches

__all__ = ["Token", "matches", "tokenize"]

_SUPERSCRIPTS = "⁰¹²³⁴-⁹⁺⁻"
_FRACTIONS = "¼-¾⅐-⅞"


class Token(NamedTuple):
    """``text`` is the token, and stands at ``[start, end)`` of the tokenized string."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=256)
def _pattern(attached: str) -> re.Pattern[str]:
    """Build the token pattern for texts whose attached characters (marks) are `attached`."""
    mark = f"[{re.escape(attached)}]*" if attached else ""
    inside = rf"(?:[^\W_]|[{re.escape(attached)}])*" if attached else r"[^\W_]*"
    return re.compile(
        rf"(?:(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+)(?:\.\d+)*|(?<![\w.])(?:\.\d+)+|(?=[{_FRACTIONS}]))"
        rf"[{_SUPERSCRIPTS}]*[{_FRACTIONS}]?{mark}"
        rf"|(?<!\w)[xX](?=\d)"
        rf"|[^\W\d_]{inside}(?:(?<=n)['’]t\b{mark})?"
        rf"|(?:[^\w\s]|_){mark}(?:(?<=\u200d)[^\w\s]{mark})*"  # emoji joined to one
    )


_ASCII = re.compile(
    r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)*|(?<![A-Za-z0-9_.])(?:\.\d+)+"
    r"|(?<![A-Za-z0-9_])[xX](?=\d)"
    r"|[A-Za-z][A-Za-z0-9]*(?:(?<=n)'t\b)?"
    r"|[^A-Za-z0-9\s]"
)


def matches(text: str) -> Iterator[re.Match[str]]:
    """Iterate over the tokens as regular expression matches: `tokenize` without its records."""
    if text.isascii():
        return _ASCII.finditer(text)
    return _pattern("".join(sorted(c for c in set(text) if attaches(c)))).finditer(text)


def tokenize(text: str) -> list[Token]:
    """Split a text into words, numbers and single punctuation marks; white space is skipped.

    - A number keeps its thousands separators, decimals, superscript and vulgar fraction
      (``5,000``, ``.5``, ``10⁶``, ``1½``), but not its unit: ``10mg`` is two tokens.
    - A word is letters followed by letters or digits: ``HbA1c``, ``T4``; a contraction keeps its
      ``n't``. The ``x`` of "times" stands alone: ``x3`` is two tokens. Hyphens, slashes
      and other apostrophes are marks of their own.
    - Combining marks, zero-width characters and soft hyphens stay on the character before them.

    Linear in the length of the text.
    """
    return [Token(m.start(), m.end(), m.group()) for m in matches(text)]
