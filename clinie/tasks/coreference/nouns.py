"""What things a noun names, and which things a general noun may take up."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from clinie.text.lexica import load_tsv
from clinie.text.terms import roles_of

__all__ = [
    "NONE",
    "PACKAGE",
    "Noun",
    "drug_kinds",
    "modifiers",
    "noun_of",
    "said_of",
    "singular",
]

PACKAGE = "clinie.tasks.coreference"

NONE = frozenset({"none"})
"""The kinds of a noun that is neither an antecedent nor taken up: *week*, *patient*."""

_KEPT = 1 << 13
"""How many words' answers are kept."""
_ENDINGS = (
    (("itis",), frozenset({"problem", "disease", "infection"})),
    (("oma", "omas"), frozenset({"problem", "lesion", "disease"})),
    (("ectomy", "plasty", "otomy", "ostomy", "pexy"), frozenset({"procedure", "surgery"})),
    (("oscopy",), frozenset({"procedure", "test", "scope"})),
    (("ography",), frozenset({"test", "imaging"})),
    (("algia", "odynia"), frozenset({"problem", "symptom", "pain"})),
    (("rrhage", "rrhagia"), frozenset({"problem", "bleed"})),
)
_ROLE_KINDS = {
    "problem": frozenset({"problem"}),
    "test": frozenset({"test"}),
    "procedure": frozenset({"procedure"}),
    "site": frozenset({"site"}),
}


class Noun(NamedTuple):
    """What the table says of a noun.

    ``kinds`` are the things it names, ``takes`` the kinds that *the* or *this* with it may take
    up (empty: only its own word); ``known`` when a table or a lexicon has the noun.
    """

    kinds: frozenset[str]
    takes: frozenset[str]
    known: bool


@cache
def _nouns() -> dict[str, Noun]:
    persons = {
        row["noun"]: Noun(frozenset({"person"}), frozenset(), True)
        for row in load_tsv("persons.tsv", PACKAGE)
        if len(row["noun"]) > 1
    }
    things = {
        row["noun"]: Noun(frozenset(row["kinds"].split()), frozenset(row["takes"].split()), True)
        for row in load_tsv("nouns.tsv", PACKAGE)
    }
    return persons | things


@cache
def _irregular() -> dict[str, str]:
    return {row["plural"]: row["singular"] for row in load_tsv("irregular_plurals.tsv", PACKAGE)}


@cache
def _drug_kinds() -> dict[str, frozenset[str]]:
    return {
        row["class"]: frozenset({"drug", *row["kinds"].split()})
        for row in load_tsv("drug_kinds.tsv", PACKAGE)
    }


@cache
def _adjectives() -> dict[str, frozenset[str]]:
    return {
        row["adjective"]: frozenset(row["kinds"].split())
        for row in load_tsv("adjectives.tsv", PACKAGE)
    }


@cache
def modifiers(role: str) -> frozenset[str]:
    """Return the words of a role of ``modifiers.tsv``, such as ``hedge``."""
    rows = load_tsv("modifiers.tsv", PACKAGE)
    return frozenset(row["word"] for row in rows if row["role"] == role)


def drug_kinds(drug_class: str) -> frozenset[str]:
    """Return the kinds of a drug by its class in the drug lexicon."""
    return _drug_kinds().get(drug_class, frozenset({"drug"}))


def said_of(adjective: str) -> frozenset[str]:
    """Return the kinds of things of which a folded adjective is said; none: of any."""
    return _adjectives().get(adjective, frozenset())


@lru_cache(maxsize=_KEPT)
def singular(low: str) -> tuple[str, bool]:
    """Return the singular of a folded noun, and whether it was a plural."""
    if low in _irregular():
        return _irregular()[low], _irregular()[low] != low
    if low in _nouns() or not low.endswith("s") or low.endswith(("ss", "us", "is")):
        return low, False
    if low.endswith("ies") and len(low) > 4:
        return low[:-3] + "y", True
    if low.endswith(("sses", "shes", "ches", "xes", "zes")):
        return low[:-2], True
    return low[:-1], True


@lru_cache(maxsize=_KEPT)
def noun_of(low: str) -> Noun:
    """Return what is known of a folded noun in the singular: its table, the lexica, its ending."""
    noun = _nouns().get(low)
    if noun:
        return noun
    for endings, kinds in _ENDINGS:
        if low.endswith(endings) and len(low) > 6:
            return Noun(kinds, frozenset(), True)
    kinds = frozenset().union(*(_ROLE_KINDS.get(role, frozenset()) for role in roles_of(low)))
    return Noun(kinds, frozenset(), bool(kinds))
