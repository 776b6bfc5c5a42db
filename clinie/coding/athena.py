"""An export of OHDSI's Athena (https://athena.ohdsi.org): CONCEPT.csv and CONCEPT_SYNONYM.csv.

The files are separated by tabs, and quotes in them are literal. Concepts that are no longer valid
are passed over, as are those of domains that no note speaks of (currencies, metadata).
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Collection, Iterator
from functools import cache
from operator import itemgetter
from pathlib import Path

from clinie.coding.lines import fields_error, numbered, unusable
from clinie.coding.store import Index
from clinie.coding.terminology import ANYTHING, Scope, TerminologyBuilder
from clinie.text.lexica import load_tsv

__all__ = ["CONCEPTS", "SYNONYMS", "is_exported", "read_athena"]

CONCEPTS, SYNONYMS = "CONCEPT.csv", "CONCEPT_SYNONYM.csv"
_COLUMNS = (
    "concept_id",
    "concept_name",
    "domain_id",
    "vocabulary_id",
    "standard_concept",
    "concept_code",
    "invalid_reason",
)
_SYNONYM_COLUMNS = ("concept_id", "concept_synonym_name")
_AS_EXPORTED = "give the file as Athena exports it"
_SHORT = {"Meas": "Measurement", "Obs": "Observation"}


def is_exported(header: str) -> bool:
    """Tell a file of an export from a table of the user's own by its first line."""
    names = re.split(r"[\t,]", header.lower().strip())
    return "concept_id" in names and "term" not in names


def read_athena(
    concepts: Path,
    synonyms: Path | None,
    builder: TerminologyBuilder,
    vocabularies: Collection[str] = (),
) -> frozenset[str]:
    """Add the valid concepts of an export and their synonyms.

    Parameters
    ----------
    concepts : Path
        CONCEPT.csv.
    synonyms : Path, optional
        CONCEPT_SYNONYM.csv.
    builder : TerminologyBuilder
    vocabularies : collection of str
        Those to keep; all when empty.

    Returns
    -------
    frozenset of str
        The vocabularies of the export, kept or not.

    Raises
    ------
    InputError
        For missing columns, a short row, or an identifier that is no number.
    """
    seen: set[str] = set()
    kept = frozenset(vocabularies)
    identifiers, numbers = array("q"), array("I")
    for line, row in _rows(concepts, _COLUMNS):
        identifier, name, domain, vocabulary, standard, code, invalid = row
        seen.add(vocabulary)
        if invalid.strip() or not name.strip() or (kept and vocabulary not in kept):
            continue
        scope = _scope(domain)
        if scope is None:
            continue
        identifiers.append(_number(identifier, concepts, line))
        numbers.append(
            builder.add(
                vocabulary, code.strip(), name.strip(), scope=scope, standard=standard == "S"
            )
        )
    if synonyms is not None:
        _read_synonyms(synonyms, Index(identifiers, numbers), builder)
    return frozenset(seen)


def _read_synonyms(path: Path, concepts: Index, builder: TerminologyBuilder) -> None:
    for line, (identifier, name) in _rows(path, _SYNONYM_COLUMNS):
        for concept in concepts[_number(identifier, path, line)]:
            if name.strip():
                builder.name(concept, name.strip())


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the cells of the named columns, in their order, with the number of the line."""
    lines = numbered(path)
    header = next(lines)[1].rstrip("\r\n").lower().split("\t")
    for name in columns:
        if name not in header:
            how = "" if len(header) > 1 else "; its columns are separated by tabs"
            raise unusable(path, f"no column {name!r}", f"{_AS_EXPORTED}{how}", 1)
    width = len(header)
    pick = itemgetter(*(header.index(name) for name in columns))
    for line, text in lines:
        cells = text.rstrip("\r\n").split("\t")
        if len(cells) == width:
            yield line, pick(cells)
        elif text.strip():
            raise fields_error(path, line, len(cells), width, _AS_EXPORTED)


def _number(identifier: str, path: Path, line: int) -> int:
    try:
        return int(identifier)
    except ValueError:
        raise unusable(path, "concept_id is not a number", _AS_EXPORTED, line) from None


@cache
def _scope(domain: str) -> Scope | None:
    """Return which labels a concept of this domain may code; None for none at all.

    A mixed domain such as ``Condition/Meas`` codes what either of its parts does.
    """
    parts = {_SHORT.get(part, part) for part in domain.split("/")}
    table = {row["label"]: not parts.isdisjoint(row["domains"].split("|")) for row in _labels()}
    others = table.pop("*")
    labels = frozenset(label for label, allowed in table.items() if allowed)
    if others:
        return Scope(excluded=frozenset(table) - labels) if len(labels) < len(table) else ANYTHING
    return Scope(labels) if labels else None


@cache
def _labels() -> tuple[dict[str, str], ...]:
    return tuple(load_tsv("athena_labels.tsv", "clinie.coding"))
