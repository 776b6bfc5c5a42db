"""The words of clinical noun phrases: one lexicon over all tables, a role per table.

A term may play several roles (``culture`` is a test, and a tail behind ``blood``); which of them
counts is for the grammar in `clinie.text.phrases` to say.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from clinie.text.lexica import TermLexicon, load_tsv

__all__ = ["LABELS", "Piece", "pieces", "roles_of"]

LABELS = ("problem", "test", "procedure")
_TABLES = {"problem": "problems.tsv", "test": "tests.tsv", "procedure": "procedures.tsv"}

_LONG_WORD = re.compile(r"(?<![\w-])[A-Za-z]{7,}(?!\w)")
_EPONYM = re.compile(r"([A-Z][a-z]+(?:-[A-Z][a-z]+)*) (?=[a-z])")


@dataclass(slots=True)
class _Entry:
    """What the tables say of one term; `written` is how each table of a label writes it."""

    term: str
    roles: set[str] = field(default_factory=set)
    marks: dict[str, str] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    any_case: bool = True


@dataclass(frozen=True, slots=True)
class Piece:
    """A term of the lexicon in a text.

    Parameters
    ----------
    start, end : int
    roles : frozenset of str
        ``problem``, ``test``, ``procedure``, ``site``, ``site_adjective``, and the roles of
        ``qualifiers.tsv``.
    marks : dict of str to str
        For a label among the roles: the mark of its table (``acronym``, ``weak``, ...).
    words : int
    """

    start: int
    end: int
    roles: frozenset[str]
    marks: dict[str, str]
    words: int

    def is_a(self, *roles: str) -> bool:
        """Tell whether the term plays one of the roles."""
        return not self.roles.isdisjoint(roles)


class _Suffix(NamedTuple):
    """An ending that gives away the label of a word no table knows."""

    ending: str
    label: str
    exceptions: frozenset[str]


def _fold(term: str) -> str:
    return re.sub(r"[-/\s]+", " ", term.lower())


@cache
def _lexicon() -> TermLexicon[_Entry]:
    entries: dict[str, _Entry] = {}

    def entry(term: str) -> _Entry:
        return entries.setdefault(_fold(term), _Entry(term))

    for label, table in _TABLES.items():
        for row in load_tsv(table):
            known = entry(row["term"])
            known.roles.add(label)
            known.marks.setdefault(label, row["mark"])
            known.written.setdefault(label, row["term"])
            known.any_case = known.any_case and row["term"].islower()
    for row in load_tsv("anatomy.tsv"):
        entry(row["term"]).roles.add("site" if row["kind"] == "noun" else "site_adjective")
    for row in load_tsv("qualifiers.tsv"):
        entry(row["term"]).roles.add(row["role"])
    terms = {e.term: e for e in entries.values()}
    spelt = {variant: known for term, known in terms.items() for variant in _variants(term)}
    return TermLexicon({**spelt, **terms}, plurals=True)


def roles_of(term: str) -> frozenset[str]:
    """Return the roles that a term as a whole plays, in any case; none when no table knows it."""
    entry = _lexicon().get(term)
    return frozenset(entry.roles) if entry else frozenset()


def _variants(term: str) -> Iterator[str]:
    """Yield other spellings: British, and an eponym with or without its possessive."""
    yield _american().sub(lambda match: _spellings()[match.group()], term)
    if "'s " in term:
        yield term.replace("'s ", " ")
    elif _EPONYM.match(term):
        yield _EPONYM.sub(r"\1's ", term)


@cache
def _spellings() -> dict[str, str]:
    return {row["american"]: row["british"] for row in load_tsv("spellings.tsv")}


@cache
def _american() -> re.Pattern[str]:
    return re.compile("|".join(sorted(_spellings(), key=len, reverse=True)))


@cache
def _suffixes() -> tuple[_Suffix, ...]:
    """Return the telling endings, the longest first."""
    rows = [
        _Suffix(row["suffix"], row["label"], frozenset(row["exceptions"].split()))
        for row in load_tsv("suffixes.tsv")
    ]
    return tuple(sorted(rows, key=lambda suffix: -len(suffix.ending)))


@cache
def _endings() -> tuple[str, ...]:
    endings = [suffix.ending for suffix in _suffixes()]
    return ("oses", *endings, *(ending + "s" for ending in endings))


def _by_suffix(word: str) -> str | None:
    singular = word.removesuffix("es") + "is" if word.endswith("oses") else word.removesuffix("s")
    for suffix in _suffixes():
        for form in (word, singular):
            if form.endswith(suffix.ending):
                return None if form in suffix.exceptions else suffix.label
    return None


def _is_written(found: str, term: str, mark: str) -> bool:
    """Tell whether a term stands as its table writes it, where that matters."""
    if term.islower() or found in (term, term + "s"):
        return True
    return not (mark in ("acronym", "ambiguous") or (mark == "analyte" and len(term) < 5))


def pieces(text: str) -> list[Piece]:
    """Return the known terms of a text in order, the longest at each place.

    An acronym counts only as the table writes it (a plural ``s`` aside): ``ALL`` is a leukaemia,
    ``all`` is not. A long word that no table knows is guessed by its ending (mark ``guess``).
    """
    known = list(_known(text))
    return sorted([*known, *_guessed(text, known)], key=lambda piece: piece.start)


def _known(text: str) -> Iterator[Piece]:
    for start, end, entry in _lexicon().find(text):
        roles, marks, found = entry.roles, entry.marks, text[start:end]
        if not entry.any_case:
            roles = {
                role
                for role in roles
                if role not in marks or _is_written(found, entry.written[role], marks[role])
            }
        if roles:
            yield Piece(start, end, frozenset(roles), marks, len(entry.term.split()))


def _guessed(text: str, known: list[Piece]) -> Iterator[Piece]:
    starts = [piece.start for piece in known]
    for word in _LONG_WORD.finditer(text):
        folded = word.group().lower()
        label = _by_suffix(folded) if folded.endswith(_endings()) else None
        before = bisect_right(starts, word.start()) - 1
        if label and (before < 0 or known[before].end <= word.start()):
            yield Piece(word.start(), word.end(), frozenset({label}), {label: "guess"}, 1)
