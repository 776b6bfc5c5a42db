"""The words of the pico task: roles of terms, phrases that announce an element, sets of words.

The tables of drugs, problems, tests and procedures are the shared ones; those in ``data/`` add the
heads of the noun phrases of reports (``terms.tsv``), the phrases before an element (``cues.tsv``)
and the sets that the rules ask for by name (``sets.tsv``).
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from clinie.text.lexica import TermLexicon, drugs, load_tsv

__all__ = ["PACKAGE", "Roles", "cues", "find_terms", "role_by_ending", "salts", "words_of"]

PACKAGE = "clinie.tasks.pico"

Roles = frozenset[str]
"""What a term may be: ``population``, ``place``, ``drug``, ``treatment``, ``weak_treatment``,
``comparator``, ``outcome``, ``weak_outcome``, ``problem``, ``test``, ``procedure``."""

_SHARED = {"problems.tsv": "problem", "tests.tsv": "test", "procedures.tsv": "procedure"}
_UNSURE = frozenset({"ambiguous", "doubtful", "analyte", "weak"})
_SHORTEST_DRUG = 4
_SHORTEST_GUESS = 6


@cache
def _lexicon() -> TermLexicon[Roles]:
    roles: dict[str, set[str]] = defaultdict(set)
    for row in load_tsv("terms.tsv", PACKAGE):
        if not row["term"].startswith("-"):
            roles[row["term"].lower()].add(row["role"])
    for drug in drugs():
        if drug.kind != "group" and not drug.ambiguous and len(drug.name) >= _SHORTEST_DRUG:
            roles[drug.name.lower()].add("drug")
    for table, role in _SHARED.items():
        for row in load_tsv(table):
            if row["mark"] not in _UNSURE:
                roles[row["term"].lower()].add(role)
    for term in roles:  # "side effects" is listed in both numbers, by different tables
        roles[term] |= roles.get(term.removesuffix("s"), set())
    return TermLexicon({term: frozenset(names) for term, names in roles.items()}, plurals=True)


@cache
def _endings() -> tuple[tuple[str, Roles], ...]:
    rows = load_tsv("terms.tsv", PACKAGE)
    return tuple(
        (row["term"][1:], frozenset({row["role"]})) for row in rows if row["term"][0] == "-"
    )


@cache
def _all_endings() -> tuple[str, ...]:
    return tuple(ending for ending, _ in _endings())


@cache
def _sets() -> dict[str, frozenset[str]]:
    sets: dict[str, set[str]] = defaultdict(set)
    for row in load_tsv("sets.tsv", PACKAGE):
        sets[row["set"]].update(row["words"].split())
    return {name: frozenset(words) for name, words in sets.items()}


def words_of(name: str) -> frozenset[str]:
    """Return a set of words of ``sets.tsv`` (lower case) by its name."""
    return _sets()[name]


@cache
def salts() -> frozenset[str]:
    """Return words that belong to the name of the drug before them: *cilexetil*, *XL*."""
    return frozenset(row["suffix"].lower() for row in load_tsv("drug_suffixes.tsv"))


def find_terms(text: str) -> list[tuple[int, int, Roles]]:
    """Return the known terms of a text in order, as extents of the text with their roles."""
    return [(start, end, roles) for start, end, roles in _lexicon().find(text)]


def role_by_ending(word: str) -> Roles:
    """Return the role that the ending of an unknown word (in lower case) gives away, if any."""
    stem = word.removesuffix("s")
    if len(stem) < _SHORTEST_GUESS or not (word.endswith(_all_endings()) or
                                           stem.endswith(_all_endings())):  # fmt: skip
        return frozenset()
    return next(roles for ending, roles in _endings() if word.endswith(ending) or
                stem.endswith(ending))  # fmt: skip


@cache
def cues() -> dict[tuple[str, ...], str]:
    """Return the phrases that announce an element, by their words, and what they announce.

    ``treatment``: a treatment or several follow; ``outcome``: an outcome or several; ``endpoint``:
    the outcomes of the trial follow behind the next *was* or *included*.
    """
    return {tuple(row["cue"].split()): row["announces"] for row in load_tsv("cues.tsv", PACKAGE)}
