"""The words around references in an answer: ``references.tsv``."""

from __future__ import annotations

import re
from functools import cache

from clinie.resolvers.items import State
from clinie.schema import RelationSpec
from clinie.text.lexica import load_tsv

__all__ = ["QUOTES", "backward_relation", "reference_pattern", "reference_words"]

QUOTES = "\"“”„«»'‘’`"
"""Marks that models put around words."""


@cache
def reference_words(kind: str) -> frozenset[str]:
    """Return the words of a kind: ``joint``, ``frame``, ``break``, ``article``, ``pronoun``."""
    rows = load_tsv("references.tsv", "clinie.resolvers")
    return frozenset(row["word"] for row in rows if row["kind"] == kind)


@cache
def reference_pattern(kind: str) -> str:
    """Return a regular expression for the words of a kind, longer ones first."""
    words = sorted(reference_words(kind), key=lambda word: (-len(word), word))
    return rf"\b(?:{'|'.join(map(re.escape, words))})\b"


def backward_relation(state: State) -> RelationSpec | None:
    """Return the task's relation to something that stands before, or None."""
    return next((spec for spec in state.question.schema.relations if spec.backward), None)
