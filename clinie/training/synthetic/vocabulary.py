"""The words of synthetic notes, and which of them are held out.

``train`` never uses the held-out drugs and phrasings, ``test`` uses no others, ``all`` uses both:
what a model learned from ``train`` can be tried on names and wordings it never met. What is held
out is decided by a hash of the ingredient or of the phrase, so it stays the same as tables grow.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from clinie.datasets.corpora import split_of
from clinie.errors import ConfigError
from clinie.text.lexica import Drug, drugs, load_tsv
from clinie.training.synthetic.phrases import Phrase

__all__ = ["PACKAGE", "Condition", "DrugProfile", "Examination", "Part", "Vocabulary", "vocabulary"]

PACKAGE = "clinie.training.synthetic"
Part = Literal["train", "test", "all"]

_FOLDS = 5
_LISTED = frozenset(
    ["home", "prn", "antibiotic", "otc", "inhaler", "steroid", "insulin", "supplement", "topical"]
)
_DISEASE = re.compile(
    r"(?:itis|osis|oma|emia|pathy|plegia|trophy|disease|syndrome|disorder|cancer|infection|failure"
    r"|deficiency|insufficiency|stenosis|anemia|diabetes|hernia|aneurysm|dystrophy|leukemia)$"
)
_ACUTE = re.compile(
    r"(?:itis|embolism|abscess|hemorrhage|fracture|tear|rupture|thrombosis|infection|injury|sprain"
    r"|perforation|obstruction|ischemia|dissection|pneumonia|ulcer|torsion|effusion)$"
)


@dataclass(frozen=True, slots=True)
class DrugProfile:
    """How a drug is written about.

    Parameters
    ----------
    ingredient : str
    names : tuple of str
        The first half is usual, the rest are brands. A form word stands behind ``+`` and is no
        part of the name.
    kinds : frozenset of str
        Where phrases may use it.
    doses, routes, frequencies, durations, reasons, effects : tuple of str
    common : bool
        It has a row of its own; the others share that of their class.
    """

    ingredient: str
    names: tuple[str, ...]
    kinds: frozenset[str]
    doses: tuple[str, ...]
    routes: tuple[str, ...]
    frequencies: tuple[str, ...]
    durations: tuple[str, ...]
    reasons: tuple[str, ...]
    effects: tuple[str, ...]
    common: bool


@dataclass(frozen=True, slots=True)
class Condition:
    """A disease and what goes with it; every list may be empty but the names."""

    names: tuple[str, ...]
    specialties: frozenset[str]
    lasting: bool
    symptoms: tuple[str, ...]
    signs: tuple[str, ...]
    tests: tuple[str, ...]
    procedures: tuple[str, ...]
    drugs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """A test whose result is words: what it may show and what it may be free of."""

    names: tuple[str, ...]
    shown: tuple[str, ...]
    not_shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class System:
    """A body system of a review or an examination."""

    names: tuple[str, ...]
    symptoms: tuple[str, ...]
    signs: tuple[str, ...]
    normal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Laboratory:
    """A test whose result is a value: choices, or a range ``low..high..decimals``."""

    names: tuple[str, ...]
    kind: str
    values: tuple[str, ...]
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Allergen:
    """A substance, whether it is a drug, and what it does."""

    names: tuple[str, ...]
    is_drug: bool
    reactions: tuple[str, ...]


class Vocabulary:
    """The words and phrases of one part.

    Parameters
    ----------
    part : {"train", "test", "all"}
    """

    def __init__(self, part: Part) -> None:
        if part not in ("train", "test", "all"):
            raise ConfigError(f"unknown part {part!r}", mend="use train, test or all")
        self.part: Part = part
        self.words = {row["slot"]: self._cells(row["texts"]) for row in _rows("words.tsv")}
        self._load_drugs()
        self._load_tables()
        self._load_terms()
        self._frequencies = _surfaces()
        self.phrases = self._load_phrases()

    def holds(self, key: str) -> bool:
        """Tell whether an ingredient or a phrase belongs to the part."""
        return self.part == "all" or split_of(key, _FOLDS) == self.part

    def allows(self, text: str) -> bool:
        """Tell whether no drug named in a text is one of the other part."""
        if self.part == "all":
            return True
        return all(self.holds(ingredient) for ingredient in _ingredients(text))

    def surfaces(self, kind: str, code: str, style: str) -> tuple[str, ...]:
        """Return how a frequency or route is written; a style without its own uses words."""
        table = self._frequencies[kind, code]
        return table.get(style) or table.get("plain") or table["short"]

    def _cells(self, text: str) -> tuple[str, ...]:
        return tuple(cell for cell in _split(text) if self.allows(cell))

    def _load_drugs(self) -> None:
        profiles = [p for p in _profiles() if self.holds(p.ingredient)]
        self.drugs: Mapping[str, DrugProfile] = {p.ingredient: p for p in profiles}
        kinds: dict[str, list[DrugProfile]] = defaultdict(list)
        rare: dict[str, list[DrugProfile]] = defaultdict(list)
        for profile in profiles:
            for kind in ("", *profile.kinds):
                (kinds if profile.common else rare)[kind].append(profile)
        self.common_drugs: Mapping[str, Sequence[DrugProfile]] = kinds
        self.rare_drugs: Mapping[str, Sequence[DrugProfile]] = rare

    def _load_tables(self) -> None:
        self.conditions = [
            Condition(
                _split(r["names"]),
                frozenset(r["specialty"].split()),
                r["course"] == "lasting",
                self._cells(r["symptoms"]),
                self._cells(r["signs"]),
                self._cells(r["tests"]),
                self._cells(r["procedures"]),
                tuple(d for d in _split(r["drugs"]) if d in self.drugs),
            )
            for r in _rows("conditions.tsv")
        ]
        self.systems = [
            System(*(_split(r[c]) for c in ("names", "symptoms", "signs", "normal")))
            for r in _rows("systems.tsv")
        ]
        self.examinations = [
            Examination(*(_split(r[c]) for c in ("names", "shown", "not_shown")))
            for r in _rows("imaging.tsv")
        ]
        self.laboratories = [
            Laboratory(_split(r["names"]), r["kind"], _split(r["values"]), _split(r["units"], True))
            for r in _rows("results.tsv")
        ]
        allergens = (
            Allergen(self._cells(r["names"]), r["kind"] == "drug", self._cells(r["reactions"]))
            for r in _rows("allergens.tsv")
        )
        self.allergens = [a for a in allergens if a.names and a.reactions]

    def _load_terms(self) -> None:
        problems = self._terms("problems.tsv")
        self.rare_diseases = [t for t in problems if _DISEASE.search(t)]
        self.rare_acute = [t for t in problems if _ACUTE.search(t)]
        self.rare_tests = [t for t in self._terms("tests.tsv") if not t.endswith("ic")]
        self.rare_procedures = self._terms("procedures.tsv")
        self.procedures: dict[str, list[str]] = defaultdict(list)
        for row in _rows("procedures.tsv"):
            self.procedures[row["kind"]].append(row["term"])
        self.symptoms = sorted({s for system in self.systems for s in system.symptoms})
        self.signs = sorted({s for system in self.systems for s in system.signs})

    def _terms(self, table: str) -> list[str]:
        # Marked terms are acronyms of several readings, everyday words and the like.
        terms = [r["term"] for r in load_tsv(table) if not r["mark"] and len(r["term"]) > 3]
        return [term for term in terms if self.allows(term)]

    def _load_phrases(self) -> Mapping[str, Mapping[str, Sequence[Phrase]]]:
        return {
            name: self._phrase_table(f"{name}_phrases.tsv")
            for name in ("medication", "condition", "allergy", "social")
        }

    def _phrase_table(self, table: str) -> Mapping[str, Sequence[Phrase]]:
        places: dict[str, list[Phrase]] = defaultdict(list)
        for row in _rows(table):
            text = row["phrase"]
            if table == "social_phrases.tsv" or (self.holds(text) and self.allows(text)):
                places[row["where"]].append(Phrase(text))
        return places


@cache
def vocabulary(part: Part) -> Vocabulary:
    """Return the words of a part (built once per process)."""
    return Vocabulary(part)


@cache
def _ingredients(text: str) -> tuple[str, ...]:
    """Return the drugs that a text names for certain."""
    found = (match.drug for match in drugs().find(text))
    return tuple(d.ingredient for d in found if d.ingredient and not d.ambiguous)


@cache
def _rows(table: str) -> list[dict[str, str]]:
    return load_tsv(table, package=PACKAGE)


def _split(text: str, blank: bool = False) -> tuple[str, ...]:
    cells = text.split(";")
    return tuple(c for c in cells if c or blank) if text or blank else ()


@cache
def _surfaces() -> Mapping[tuple[str, str], Mapping[str, tuple[str, ...]]]:
    table: dict[tuple[str, str], dict[str, tuple[str, ...]]] = defaultdict(dict)
    for row in _rows("frequencies.tsv"):
        table[row["kind"], row["code"]][row["style"]] = _split(row["texts"])
    return table


@cache
def _profiles() -> list[DrugProfile]:
    """Return a profile for every unambiguous drug of the lexicon whose class has one."""
    rows = {row["name"]: row for row in _rows("drug_profiles.tsv")}
    named: dict[str, list[Drug]] = defaultdict(list)
    for drug in drugs():
        if drug.kind in ("ingredient", "brand") and not drug.ambiguous:
            named[drug.ingredient].append(drug)
    profiles = [
        _profile(ingredient, row, _split(row["names"]), common=True)
        for ingredient, row in rows.items()
        if row["names"]
    ]
    for ingredient, entries in named.items():
        shared = rows.get(entries[0].drug_class)
        if ingredient not in rows and shared is not None:
            names = tuple(dict.fromkeys(entry.name for entry in entries))
            profiles.append(_profile(ingredient, shared, names, common=False))
    return profiles


def _profile(
    ingredient: str, row: Mapping[str, str], names: Iterable[str], *, common: bool
) -> DrugProfile:
    return DrugProfile(
        ingredient,
        tuple(names),
        frozenset(_kinds(row)),
        _split(row["doses"]),
        _split(row["routes"]),
        _split(row["frequencies"]),
        _split(row["durations"]),
        _split(row["reasons"]),
        _split(row["effects"]),
        common,
    )


def _kinds(row: Mapping[str, str]) -> set[str]:
    """Return the kinds of a row and what follows from it: tablets, and what lists of drugs hold."""
    kinds = set(row["kinds"].split())
    if row["routes"].startswith("po") and "mL" not in row["doses"]:
        kinds.add("tablet")
        if "antibiotic" in kinds:
            kinds.add("oral_antibiotic")
    if kinds & _LISTED and not row["routes"].startswith("iv"):
        kinds.add("list")
    return kinds
