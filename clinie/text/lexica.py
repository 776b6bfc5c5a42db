"""Lexica: tables of terms and where they stand in a text.

Every lexicon is a tab separated file in ``clinie/text/data``. `TermLexicon` finds the terms of
any table in a text; `DrugLexicon` adds what is peculiar to drug names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise, zip_longest
from typing import Generic, NamedTuple, TypeVar

from clinie.text.folding import fold_word
from clinie.text.tokens import tokenize

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
    "plural",
]

T = TypeVar("T")

_PLAIN = re.compile(r"[A-Za-z]+(?:[ /-]+[A-Za-z]+)*")
_PLAIN_JOINER = re.compile("[/-]")
_DIGIT = re.compile("[0-9]")
_LETTER_DIGIT = re.compile(r"(?<=[a-z])(?=[0-9])")
_SPACED_DIGIT = re.compile(r"(?<=[a-z]) (?=[0-9])")
_SUFFIX = re.compile(r"[ \t\u00a0-]{1,2}([^\W\d_]+(?:[ -](?:release|acting|coated)\b)?)(?![^\W_])")
_JOINERS = frozenset(("-", "/", ""))  # folded tokens that join the parts of a term, or vanish
_WRAPPED = 30  # a term may run over a line break when the line is at least this long


def load_tsv(name: str, package: str = "clinie.text") -> list[dict[str, str]]:
    """Read a table of a package's folder ``data``.

    The first line that is neither empty nor a comment (``#``) names the columns.

    Parameters
    ----------
    name : str
        File name, for example ``"drugs.tsv"``.
    package : str

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
    columns, rows = _read(name, package)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _read(name: str, package: str = "clinie.text") -> tuple[list[str], list[list[str]]]:
    source = resources.files(package).joinpath("data", name).read_text(encoding="utf-8")
    lines = [line for line in source.split("\n") if line and line[0] != "#"]
    columns, *rows = [line.split("\t") for line in lines]
    width = len(columns)
    for row in rows:
        if len(row) > width:
            raise ValueError(f"{name}: {len(row)} cells in the row of {row[0]!r}")
        row.extend([""] * (width - len(row)))
    return columns, rows


def _parts(text: str) -> list[tuple[str, int, int]]:
    """Split a text into folded tokens with their extents, leaving out hyphens and slashes."""
    parts = [(fold_word(word), start, end) for start, end, word in tokenize(text)]
    return [part for part in parts if part[0] not in _JOINERS]


def _key(term: str) -> str:
    if _PLAIN.fullmatch(term):  # the same without the tokenizer, for the sake of loading
        return " ".join(_PLAIN_JOINER.sub(" ", term).lower().split())
    return " ".join(part for part, _, _ in _parts(term))


def plural(key: str) -> str:
    """Return the regular English plural of the last word of a folded term."""
    if key.endswith("sis"):
        return key[:-2] + "es"
    if key.endswith(("s", "x", "z", "ch", "sh")):
        return key + "es"
    if key.endswith("y") and key[-2:-1] not in tuple("aeiou"):
        return key[:-1] + "ies"
    return key + "s"


class TermMatch(NamedTuple, Generic[T]):
    """A term in a text: ``text[start:end]`` is the term, `value` what the lexicon says of it."""

    start: int
    end: int
    value: T


class TermLexicon(Generic[T]):
    """Find many terms in a text: whole words, the longest at each place.

    Case, diacritics and compatibility forms are folded. A hyphen, a slash or a space between two
    parts of a term are alike (``NPH insulin``, ``NPH-insulin``), and so is nothing between letters
    and digits (``B12``, ``B-12``, ``B 12``; but ``vitamin D 3`` may be the start of *3 times*).
    A term may run over the end of a wrapped line, not from one item of a list to the next.

    Parameters
    ----------
    terms : Mapping of str to T
        The terms and their values. Of two terms equal after folding the first counts.
    plurals : bool, default False
        Also match the regular English plural of a term's last word.

    Notes
    -----
    Terms are keyed by their folded tokens, and the first token of each knows how many tokens the
    longest term beginning with it has: time is linear in the text whatever the number of terms.
    """

    def __init__(self, terms: Mapping[str, T], *, plurals: bool = False) -> None:
        self._terms: dict[str, T] = {}
        self._longest: dict[str, int] = {}
        keys = [(_key(term), value) for term, value in terms.items()]
        for key, value in keys:
            self._add(key, value)
        if plurals:
            for key, value in keys:
                if key[-1:].isalpha():
                    self._add(plural(key), value)

    def _add(self, key: str, value: T) -> None:
        if key.isalpha():
            self._terms.setdefault(key, value)
            self._longest.setdefault(key, 1)
            return
        variants = (key, *_respaced(key)) if _DIGIT.search(key) else (key,)
        for variant in variants:
            self._terms.setdefault(variant, value)
            first, _, rest = variant.partition(" ")
            length = rest.count(" ") + 2 if rest else 1
            if length > self._longest.get(first, 0):
                self._longest[first] = length

    def __len__(self) -> int:
        """Count the terms, plurals and respaced forms included."""
        return len(self._terms)

    def get(self, name: str) -> T | None:
        """Return the value of the term that `name` as a whole is, or None."""
        return self._terms.get(_key(name))

    def find(self, text: str) -> list[TermMatch[T]]:
        """Return the longest matches in text order; none overlaps another."""
        parts = _parts(text)
        matches: list[TermMatch[T]] = []
        position = 0
        while position < len(parts):
            longest = self._longest.get(parts[position][0])
            length = self._match(text, parts, position, longest) if longest else 0
            if length:
                run = parts[position : position + length]
                value = self._terms[" ".join(part for part, _, _ in run)]
                matches.append(TermMatch(run[0][1], run[-1][2], value))
            position += length or 1
        return matches

    def _match(self, text: str, parts: list[tuple[str, int, int]], first: int, longest: int) -> int:
        """Count the parts of the longest term that starts at part `first` (0 = none)."""
        if _inside_word(text, parts[first][1]):
            return 0
        for length in range(min(longest, len(parts) - first), 0, -1):
            run = parts[first : first + length]
            if (
                " ".join(part for part, _, _ in run) in self._terms
                and not _inside_word(text, run[-1][2])
                and all(_joined(text, left, right) for left, right in pairwise(run))
            ):
                return length
        return 0


def _respaced(key: str) -> Iterator[str]:
    """Yield `key` with and without spaces between its letters and digits."""
    yield _LETTER_DIGIT.sub(" ", key)
    yield _SPACED_DIGIT.sub("", key)


def _joined(text: str, left: tuple[str, int, int], right: tuple[str, int, int]) -> bool:
    """Tell whether two parts stand together: nothing but space and one hyphen or slash between."""
    gap = text[left[2] : right[1]]
    if "\n" in gap:
        before, _, after = gap.rpartition("\n")
        line_start = text.rfind("\n", 0, left[1]) + 1
        return not after.strip() and "\n" not in before and left[2] - line_start >= _WRAPPED
    if len(left[0]) == len(right[0]) == 1 and right[0].isdigit():
        return not any(char.isspace() for char in gap)
    return len(gap.strip()) <= 1


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

    A salt, release or device word after a name belongs to it: *metoprolol succinate*,
    *diltiazem CD*, *Advair Diskus*.

    Parameters
    ----------
    drugs : list of Drug
        Of two drugs of one name the first counts.
    suffixes : list of str
        Words that belong to the name before them. One in lower case matches in any case, any
        other (``ER``) as it is written; of several parts, with hyphens.
    """

    def __init__(self, drugs: list[Drug], suffixes: list[str]) -> None:
        self._drugs = tuple(drugs)
        names: dict[str, Drug] = {}
        for drug in drugs:
            names.setdefault(drug.name, drug)
            if drug.kind == "group":
                names.setdefault(plural(_key(drug.name)), drug)
        self._terms = TermLexicon(names)
        self._suffixes = frozenset(suffixes)

    def __iter__(self) -> Iterator[Drug]:
        return iter(self._drugs)

    def __len__(self) -> int:
        return len(self._drugs)

    def get(self, name: str) -> Drug | None:
        """Return the drug that `name` as a whole names, or None."""
        drug = self._terms.get(name)
        if drug is None:
            whole = [match for match in self.find(name) if match.end - match.start == len(name)]
            return whole[0].drug if whole else None
        return drug

    def find(self, text: str) -> list[DrugMatch]:
        """Return the drug names in text order: whole words, the longest at each place.

        An ambiguous abbreviation is found only in the case it is listed in (``PEG``, not ``peg``).
        """
        found = [match for match in self._terms.find(text) if _in_case(text, match)]
        matches: list[DrugMatch] = []
        for (start, end, drug), following in zip_longest(found, found[1:]):
            if matches and start < matches[-1].end:
                continue  # a salt of the drug before: penicillin G potassium
            matches.append(DrugMatch(start, self._extend(text, end, drug, following), drug))
        return matches

    def _extend(self, text: str, end: int, drug: Drug, following: TermMatch[Drug] | None) -> int:
        """Return where the name ends with its suffixes."""
        extended = end if drug.kind == "group" else self._after_suffixes(text, end)
        if following and following.start < extended:
            # "lisinopril potassium chloride" is two drugs, "penicillin G potassium" one.
            is_salt = following.value.ambiguous and following.end <= extended
            return extended if is_salt else end
        return extended

    def _after_suffixes(self, text: str, end: int) -> int:
        while word := _SUFFIX.match(text, end):
            suffix = word[1].replace(" ", "-")
            if suffix not in self._suffixes and suffix.lower() not in self._suffixes:
                break
            end = word.end()
        return end


def _in_case(text: str, match: TermMatch[Drug]) -> bool:
    drug = match.value
    return (
        drug.kind != "abbreviation"
        or not drug.ambiguous
        or text[match.start : match.end] == drug.name
    )


@cache
def drugs() -> DrugLexicon:
    """Return the shipped drug lexicon (built once per process)."""
    _, rows = _read("drugs.tsv")  # by position: a dict for each of thousands of rows takes time
    table = [
        Drug(name, ingredient, drug_class, kind, ambiguous == "1")
        for name, ingredient, drug_class, kind, ambiguous in rows
    ]
    classes = {drug.ingredient: drug.drug_class for drug in table}
    for row in load_tsv("drug_abbreviations.tsv"):
        drug_class, ambiguous = classes[row["ingredient"]], row["ambiguous"] == "1"
        table.append(
            Drug(row["abbreviation"], row["ingredient"], drug_class, "abbreviation", ambiguous)
        )
    for row in load_tsv("drug_groups.tsv"):
        table.append(Drug(row["group"], "", row["class"], "group", row["ambiguous"] == "1"))
    return DrugLexicon(table, [row["suffix"] for row in load_tsv("drug_suffixes.tsv")])


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
