"""The words around a measurement, as patterns: one per role of ``words.tsv``."""

from __future__ import annotations

import re
from functools import cache

from clinie.text.lexica import load_tsv

__all__ = ["BLANK", "alternatives", "pattern", "result_kinds", "result_pattern", "words"]

BLANK = r"\s"
_PACKAGE = "clinie.tasks.measurements"


@cache
def words(*roles: str) -> tuple[str, ...]:
    """Return the words of some roles, the longest first."""
    rows = load_tsv("words.tsv", _PACKAGE)
    found = {row["words"] for row in rows if row["role"] in roles}
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def alternatives(terms: tuple[str, ...]) -> str:
    """Return terms as alternatives of a pattern that ignores case; any blanks count as one.

    They are grouped by their first letters, so that few of them are tried at a place.
    """
    groups: dict[str, list[str]] = {}
    for term in terms:
        rest = re.escape(term[1:]).replace(r"\ ", f"{BLANK}+")
        groups.setdefault(term[0].lower(), []).append(rest)
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in groups.items())


@cache
def pattern(*roles: str) -> re.Pattern[str]:
    """Return a pattern that matches one word or phrase of some roles as a whole."""
    return re.compile(rf"(?:{alternatives(words(*roles))})(?![^\W_])", re.IGNORECASE)


@cache
def result_kinds() -> dict[str, str]:
    """Return the results in words, in lower case, with their kinds."""
    return {row["words"]: row["kind"] for row in load_tsv("results.tsv", _PACKAGE)}


@cache
def result_pattern() -> re.Pattern[str]:
    """Return a pattern that matches a result in words."""
    terms = tuple(sorted(result_kinds(), key=lambda word: (-len(word), word)))
    return re.compile(rf"(?:{alternatives(terms)})(?![^\W_])", re.IGNORECASE)
