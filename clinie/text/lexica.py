"""Lexica: tables of terms and where they stand in a text.

Every lexicon is a tab separated file in ``clinie/text/data``. `TermLexicon` finds the terms of
any table in a text; `DrugLexicon` adds what is peculiar to drug names.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Generic, NamedTuple, TypeVar

__all__ = [
    "DoseLimit",
    "Drug",
    "DrugLexicon",
    "DrugMatch",
    "TermLexicon",
    "TermMatch",
    "dose_limits",
    "drugs",
    "load_tsv",
]

T = TypeVar("T")

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_JOINERS = frozenset("-/\u00ad\u2010\u2011\u2012\u2013\u2212")  # hyphens, dashes, slash
_GAP = re.compile(r"[^\S\n]*[-/\u00ad\u2010-\u2013\u2212]?[^\S\n]*\n?[^\S\n]*")


def load_tsv(name: str) -> list[dict[str, str]]:
    """Read a table of ``clinie/text/data``.

    The first line that is neither empty nor a comment (``#``) names the columns.

    Parameters
    ----------
    name : str
        File name, for example ``"drugs.tsv"``.

    Returns
    -------
    list of dict
        One per row; cells left out at the end of a row are empty strings.

    Raises
    ------
    FileNotFoundError
        There is no such table.
    ValueError
        A row has more cells than there are columns.
    """
    source = resources.files("clinie.text").joinpath("data", name).read_text(encoding="utf-8")
    lines = [line for line in source.splitlines() if line.strip() and not line.startswith("#")]
    columns = lines[0].split("\t")
    rows = []
    for line in lines[1:]:
        cells = line.split("\t")
        if len(cells) > len(columns):
            raise ValueError(f"{name}: {len(cells)} cells in the row of {cells[0]!r}")
        cells += [""] * (len(columns) - len(cells))
        rows.append(dict(zip(columns, cells, strict=True)))
    return rows


def _key(word: str) -> str:
    """Fold case, compatibility forms and diacritics of one token."""
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Tokens that take part in a match; hyphens, dashes and slashes only join."""
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word not in _JOINERS:
            yield _key(word), match.start(), match.end()


def _plural(word: str) -> str:
    if word.endswith("sis"):
        return word[:-2] + "es"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


class TermMatch(NamedTuple, Generic[T]):
    """A term in a text: ``text[start:end]`` is the term, `value` what the lexicon says of it."""

    start: int
    end: int
    value: T


class TermLexicon(Generic[T]):
    """Find many terms in a text, longest first, whole words only.

    Case, diacritics and compatibility forms are folded. A hyphen, a slash, a space or nothing
    between two parts of a term are alike (``co-trimoxazole``, ``B 12``, ``B-12``, ``B12``); a
    term may run over one line break.

    Parameters
    ----------
    terms : Mapping of str to T
        The terms and their values. Of two terms equal after folding the first counts.
    plurals : bool, default False
        Also match the regular English plural of a term's last word.

    Notes
    -----
    A trie over tokens: matching takes time linear in the text whatever the number of terms.
    """

    _END = ""  # no token is empty, so this key is free for the value

    def __init__(self, terms: Mapping[str, T], *, plurals: bool = False) -> None:
        self._root: dict[str, Any] = {}
        self._size = len(terms)
        plural_terms: list[tuple[list[str], T]] = []
        for term, value in terms.items():
            keys = [key for key, _, _ in _tokens(term)]
            self._add(keys, value)
            if plurals and keys and keys[-1].isalpha():
                plural_terms.append(([*keys[:-1], _plural(keys[-1])], value))
        for keys, value in plural_terms:
            self._add(keys, value)

    def _add(self, keys: list[str], value: T) -> None:
        node = self._root
        for key in keys:
            node = node.setdefault(key, {})
        node.setdefault(self._END, value)

    def __len__(self) -> int:
        return self._size

    def get(self, name: str) -> T | None:
        """Return the value of the term that `name` as a whole is, or None."""
        node = self._root
        for key, _, _ in _tokens(name):
            following = node.get(key)
            if following is None:
                return None
            node = following
        value: T | None = node.get(self._END)
        return value

    def find(self, text: str) -> list[TermMatch[T]]:
        """Return the longest matches in text order; none overlaps another."""
        tokens = list(_tokens(text))
        matches: list[TermMatch[T]] = []
        root, position = self._root, 0
        while position < len(tokens):
            node = root.get(tokens[position][0])
            length = 0 if node is None else self._longest(text, tokens, position, node)
            if length:
                start, end = tokens[position][1], tokens[position + length - 1][2]
                value = self._value(tokens, position, length)
                matches.append(TermMatch(start, end, value))
            position += length or 1
        return matches

    def _longest(
        self, text: str, tokens: list[tuple[str, int, int]], first: int, node: dict[str, Any]
    ) -> int:
        """Count the tokens of the longest term that starts at token `first` (0 = none)."""
        if _inside_word(text, tokens[first][1]):
            return 0
        best, last = 0, first
        while True:
            if self._END in node and not _inside_word(text, tokens[last][2]):
                best = last - first + 1
            last += 1
            if last == len(tokens):
                return best
            following = node.get(tokens[last][0])
            if following is None or not _GAP.fullmatch(text, tokens[last - 1][2], tokens[last][1]):
                return best
            node = following

    def _value(self, tokens: list[tuple[str, int, int]], first: int, length: int) -> T:
        node = self._root
        for key, _, _ in tokens[first : first + length]:
            node = node[key]
        value: T = node[self._END]
        return value


def _inside_word(text: str, offset: int) -> bool:
    """Tell whether `offset` splits a run of letters and digits."""
    return 0 < offset < len(text) and text[offset - 1].isalnum() and text[offset].isalnum()


@dataclass(frozen=True, slots=True)
class Drug:
    """A name of a drug.

    Parameters
    ----------
    name : str
        The name as the table writes it.
    ingredient : str
        The active ingredient in lower case (US name); ``a/b`` for a combination; empty for a
        group of drugs.
    drug_class : str
        Pharmacological class, for example ``"beta blocker"``.
    kind : str
        ``"ingredient"``, ``"brand"``, ``"abbreviation"`` or ``"group"``.
    ambiguous : bool
        The name is also an ordinary word, a laboratory analyte or the like: believe it only
        beside a dose or a verb such as *takes*.
    """

    name: str
    ingredient: str
    drug_class: str
    kind: str
    ambiguous: bool = False


class DrugMatch(NamedTuple):
    """A drug name in a text: ``text[start:end]``."""

    start: int
    end: int
    drug: Drug


class DrugLexicon:
    """Drug names: ingredients, brands, abbreviations and groups of drugs.

    Parameters
    ----------
    drugs : list of Drug
        Of two drugs of one name the first counts.
    """

    def __init__(self, drugs: list[Drug]) -> None:
        self._drugs = tuple(drugs)
        names: dict[str, Drug] = {}
        for drug in drugs:
            names.setdefault(drug.name, drug)
        self._terms = TermLexicon(names, plurals=True)

    def __iter__(self) -> Iterator[Drug]:
        return iter(self._drugs)

    def __len__(self) -> int:
        return len(self._drugs)

    def get(self, name: str) -> Drug | None:
        """Return the drug that `name` as a whole names, or None."""
        return self._terms.get(name)

    def find(self, text: str) -> list[DrugMatch]:
        """Return the drug names in text order: whole words, the longest at each place."""
        return [DrugMatch(*match) for match in self._terms.find(text)]


@cache
def drugs() -> DrugLexicon:
    """Return the shipped drug lexicon (built once per process)."""
    rows = [
        Drug(row["name"], row["ingredient"], row["class"], row["kind"], row["ambiguous"] == "1")
        for row in load_tsv("drugs.tsv")
    ]
    return DrugLexicon(rows)


@dataclass(frozen=True, slots=True)
class DoseLimit:
    """The usual maximum dose of a drug in one day for an adult, all routes of common use.

    Parameters
    ----------
    drug : str
        Ingredient, lower case.
    max_daily : float
        Usual maximum per day, in `unit`.
    unit : str
        Unit of mass or activity, for example ``"mg"``.
    source : str
        The document that states the limit.
    """

    drug: str
    max_daily: float
    unit: str
    source: str


@cache
def dose_limits() -> Mapping[str, DoseLimit]:
    """Return the usual maximum daily doses by ingredient (lower case)."""
    return {
        row["ingredient"]: DoseLimit(
            row["ingredient"], float(row["max_daily"]), row["unit"], row["source"]
        )
        for row in load_tsv("dose_limits.tsv")
    }
