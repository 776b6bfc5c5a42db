"""The words with which notes speak of allergy: ``data/cues.tsv``, and what a gap is made of."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from clinie.text.lexica import TermLexicon, load_tsv

__all__ = ["SIGNS", "Cue", "find_cues", "is_cue", "roles_of"]

SIGNS = frozenset(" \t\r\n,;:/&+-–—()[]\"'“”‘’*•·=>→|")
"""Signs that may stand between a substance, its reaction and the next substance."""


class Cue(NamedTuple):
    """A phrase of the table at ``text[start:end]``, with every role that it may play."""

    start: int
    end: int
    roles: frozenset[str]


@cache
def _lexicon() -> TermLexicon[frozenset[str]]:
    roles: dict[str, set[str]] = {}
    for row in load_tsv("cues.tsv", "clinie.tasks.allergies"):
        roles.setdefault(row["phrase"], set()).add(row["role"])
    return TermLexicon({phrase: frozenset(own) for phrase, own in roles.items()})


def find_cues(text: str, start: int, end: int) -> list[Cue]:
    """Return the phrases in ``text[start:end]``, the longest at each place."""
    return [
        Cue(start + match.start, start + match.end, match.value)
        for match in _lexicon().find(text[start:end])
    ]


def is_cue(phrase: str, *roles: str) -> bool:
    """Tell whether a phrase as a whole plays one of the roles."""
    found = _lexicon().get(phrase)
    return found is not None and not found.isdisjoint(roles)


def roles_of(gap: str, allowed: Iterable[str], signs: Iterable[str] = SIGNS) -> set[str] | None:
    """Return the roles of the phrases that a gap is made of, or None when it holds other words.

    Parameters
    ----------
    gap : str
    allowed : iterable of str
        Every phrase must play one of these roles; only they are returned.
    signs : iterable of str
        Signs that may stand between the phrases.
    """
    allowed, signs = frozenset(allowed), frozenset(signs)
    said: set[str] = set()
    at = 0
    for match in _lexicon().find(gap):
        own = match.value & allowed
        if not own or not signs.issuperset(gap[at : match.start]):
            return None
        said |= own
        at = match.end
    return said if signs.issuperset(gap[at:]) else None
