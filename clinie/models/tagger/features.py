"""What the network sees of a word: hashed character n-grams, its shape, and known lists.

Everything depends on the word alone, so that a vector per distinct word is computed once and kept.
No vocabulary is stored: a word never seen in training still has its n-grams (Bojanowski et al.
2017, "Enriching word vectors with subword information"), and its place in Clinie's own lexica.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple
from zlib import crc32

from clinie.text.lexica import load_tsv

__all__ = [
    "BOUNDARY",
    "LISTS",
    "SHAPES",
    "WordFeatures",
    "features_of",
    "lists_of",
    "ngrams",
    "shape_of",
]

BOUNDARY = "\n"
"""Stands between two sentences of a chunk; a word of its own, never part of a mention."""

_LONGEST = 30  # characters of a word that are looked at; the rest of a longer one is cut
_DIGIT = re.compile(r"\d")

SHAPES = ("lower", "Capital", "UPPER", "mIxed", "number", "letters+digits", "mark", "boundary")

_TABLES = (
    ("drugs.tsv", "name", "drug"),
    ("drug_abbreviations.tsv", "abbreviation", "drug_abbreviation"),
    ("drug_groups.tsv", "group", "drug_group"),
    ("problems.tsv", "term", "problem"),
    ("tests.tsv", "term", "test"),
    ("procedures.tsv", "term", "procedure"),
    ("anatomy.tsv", "term", "site"),
    ("qualifiers.tsv", "term", "qualifier"),
    ("sig.tsv", "term", "sig"),
    ("measurement_names.tsv", "name", "measurement"),
)
LISTS = tuple(f"{name}{part}" for _, _, name in _TABLES for part in ("", "+"))
"""A word is a term of a list, or (``+``) one of the words of a longer term."""


class WordFeatures(NamedTuple):
    """Row numbers of the embedding tables that are added up for a word."""

    ngrams: tuple[int, ...]
    shape: int
    lists: tuple[int, ...]


def ngrams(word: str, buckets: int) -> tuple[int, ...]:
    """Return the buckets of a word's n-grams: the whole word first, then 3 to 5 characters.

    Digits count as one sign; the beginning and end of the word are marked.

    Parameters
    ----------
    word : str
    buckets : int
        Rows of the table.
    """
    plain = _DIGIT.sub("0", word[:_LONGEST].lower())
    marked = f"<{plain}>"
    grams = {marked[i : i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)}
    grams |= {f"^{plain[:2]}", f"{plain[-2:]}$", f"^{plain[:1]}"}
    rest = sorted(_hash(gram) % buckets for gram in grams)
    return (_hash(f"={plain}") % buckets, *rest)


def _hash(gram: str) -> int:
    # the standard library's only fast hash that is the same everywhere; half a surrogate pair,
    # which a note may hold, has no UTF-8 of its own
    return crc32(gram.encode("utf-8", "surrogatepass"))


def shape_of(word: str) -> int:
    """Return the index in `SHAPES`."""
    if word == BOUNDARY:
        return SHAPES.index("boundary")
    if not word[:1].isalnum():
        return SHAPES.index("mark")
    if not word.isalpha():
        some = any(character.isalpha() for character in word)
        return SHAPES.index("letters+digits" if some else "number")
    if word.islower():
        return SHAPES.index("lower")
    if word.isupper():
        return SHAPES.index("UPPER" if len(word) > 1 else "Capital")
    return SHAPES.index("Capital" if word[1:].islower() else "mIxed")


@cache
def _listed() -> dict[str, tuple[int, ...]]:
    """Return the lists of every word that stands in a term, folded to lower case."""
    found: dict[str, set[int]] = {}
    for table, column, name in _TABLES:
        whole, part = LISTS.index(name), LISTS.index(f"{name}+")
        for row in load_tsv(table):
            words = re.findall(r"\w+", row[column].lower())
            for word in words:
                found.setdefault(word, set()).add(whole if len(words) == 1 else part)
    return {word: tuple(sorted(lists)) for word, lists in found.items()}


def lists_of(word: str) -> tuple[int, ...]:
    """Return the indices in `LISTS` of a word, a regular plural among them."""
    listed, folded = _listed(), word.lower()
    return listed.get(folded) or listed.get(folded.removesuffix("s"), ())


def features_of(word: str, buckets: int) -> WordFeatures:
    """Return everything about a word."""
    if word == BOUNDARY:
        return WordFeatures((_hash(f"={BOUNDARY}") % buckets,), shape_of(word), ())
    return WordFeatures(ngrams(word, buckets), shape_of(word), lists_of(word))
