"""Sense inventories: what a clinical short form may stand for.

The shipped inventory is ``data/senses.tsv``, joined by the drug abbreviations that it lacks. A
user's own comes as CSV and adds to it or stands in its place.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from clinie.errors import ConfigError
from clinie.text.folding import fold_word
from clinie.text.lexica import load_tsv

__all__ = [
    "Inventory",
    "Reading",
    "Sense",
    "form_key",
    "no_short_forms",
    "read_inventory",
    "shipped",
    "written_form",
]

NO_SHORT_FORM = "-"
_COLUMNS = ("short_form", "sense", "prior", "cues", "variants", "case")
_CASES = ("", "any", "exact", "word")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]?")


@dataclass(frozen=True, slots=True)
class Sense:
    """One thing that a short form may stand for.

    Parameters
    ----------
    forms : tuple of str
        Spellings of the short form.
    name : str
        The long form, lower case and singular; empty for a reading that is no clinical short form
        (*OR* as a word, *od* in a sig).
    prior : float
        How often, relative to the other senses of the short form.
    cues : tuple of str
        What in the neighbourhood speaks for it, as the head of ``senses.tsv`` says.
    variants : tuple of str
        Other wordings of the long form.
    case : {"", "any", "exact", "word"}
        How the short form may be written: in capitals (with three letters and more in any case),
        in any case, as listed only; ``word``: an ordinary word, in capitals.
    """

    forms: tuple[str, ...]
    name: str
    prior: float = 1.0
    cues: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    case: str = ""

    @property
    def wordings(self) -> tuple[str, ...]:
        """The long form and its other wordings."""
        return (self.name, *self.variants) if self.name else ()


class Reading(NamedTuple):
    """A sense that a written short form may have; `same_case`: it is written as listed."""

    sense: Sense
    same_case: bool


def written_form(written: str) -> str:
    """Return a short form without points between single letters: ``C.O.P.D.`` -> ``COPD``."""
    return written.replace(".", "") if _DOTTED.fullmatch(written) else written


@lru_cache(maxsize=8192)
def form_key(written: str) -> str:
    """Return a short form without case, points and runs of blanks."""
    return " ".join(fold_word(written_form(written)).split())


class Inventory:
    """Short forms and their senses.

    Parameters
    ----------
    senses : iterable of Sense
        Two senses of one name for one short form are one: the later row counts.

    Notes
    -----
    Immutable once made, so that it may be shared by threads.
    """

    def __init__(self, senses: Iterable[Sense]) -> None:
        table: dict[str, dict[tuple[str, str], Sense]] = {}
        for sense in senses:
            for form in sense.forms:
                # a sig's "od" and the degree "OD" are two readings without a name
                key = (sense.name, "" if sense.name else form)
                table.setdefault(form_key(form), {})[key] = sense
        self._table = {key: tuple(rows.values()) for key, rows in table.items()}
        self._words = {
            key for key, rows in self._table.items() if any(row.case == "word" for row in rows)
        }
        self._heads = {key.partition(" ")[0] for key in self._table if " " in key}
        self._read = lru_cache(maxsize=8192)(self._readings)
        self._firsts = self._heads | {key.rstrip("/") for key in self._table}

    def __iter__(self) -> Iterator[tuple[str, tuple[Sense, ...]]]:
        """Iterate over the keys of the short forms, each with its senses, in table order."""
        return iter(self._table.items())

    def __len__(self) -> int:
        """Count the short forms."""
        return len(self._table)

    def has(self, key: str) -> bool:
        """Tell whether a key, as of `form_key`, is a short form or the first word of one."""
        return key in self._firsts

    def knows(self, written: str) -> bool:
        """Tell whether a short form is listed, however it is written."""
        return form_key(written) in self._table

    def opens(self, word: str) -> bool:
        """Tell whether a short form of several words begins with `word` (``lap chole``)."""
        return form_key(word) in self._heads

    def readings(self, written: str) -> tuple[Reading, ...]:
        """Return what a short form may mean as it is written; empty when it is none."""
        if written.isascii() and written.isalnum() and written.lower() not in self._table:
            return ()  # most words of a note
        return self._read(written)

    def _readings(self, written: str) -> tuple[Reading, ...]:
        key = form_key(written)
        plain = written_form(written)
        strict = key in self._words
        found = []
        for sense in self._table.get(key, ()):
            fits = {_fit(form, plain, sense.case, strict=strict) for form in sense.forms
                    if form_key(form) == key} - {None}  # fmt: skip
            if fits:
                found.append(Reading(sense, True in fits))
        return tuple(found)

    def senses(self, written: str) -> tuple[Sense, ...]:
        """Return the named senses of a short form: as it is written, else in any case."""
        fitting = tuple(r.sense for r in self.readings(written) if r.sense.name)
        return fitting or tuple(s for s in self._table.get(form_key(written), ()) if s.name)

    def extended(self, senses: Iterable[Sense]) -> Inventory:
        """Return an inventory with more senses; one that is there already is replaced."""
        own = [sense for rows in self._table.values() for sense in rows]
        return Inventory([*dict.fromkeys(own), *senses])


def _fit(form: str, written: str, case: str, *, strict: bool) -> bool | None:
    """Say whether a listed form may be written so: True as listed, False otherwise, None no."""
    form = written_form(form)
    if written == form or (case == "any" and not form.islower()):
        return True
    if case == "word":
        return True if written.isupper() else None
    if case == "exact" or (strict and case != "any"):
        return None
    if form.islower():  # "pt", "Pt", and in a note in capitals "PT"
        return (
            True if written == form.capitalize() else (False if written == form.upper() else None)
        )
    if written == form.upper():
        return True
    return False if sum(map(str.isalpha, form)) >= 3 and _is_simple(written) else None


def _is_simple(written: str) -> bool:
    """Tell whether letters are all small, or but the first."""
    return written.islower() or written[1:].islower()


def _split(cell: str | None) -> tuple[str, ...]:
    return tuple(part for part in map(str.strip, (cell or "").split(";")) if part)


@cache
def no_short_forms() -> dict[str, str]:
    """Return what looks like a short form and is none (lower case), with its kind."""
    return {row["word"]: row["kind"] for row in load_tsv("no_short_forms.tsv")}


@cache
def shipped() -> Inventory:
    """Return the shipped inventory (read once per process)."""
    senses = [
        Sense(
            _split(row["short_form"]),
            "" if row["sense"] == NO_SHORT_FORM else row["sense"],
            float(row["prior"]),
            _split(row["cues"]),
            _split(row["variants"]),
            row["case"],
        )
        for row in load_tsv("senses.tsv")
    ]
    known = {form_key(form) for sense in senses for form in sense.forms}
    for row in load_tsv("drug_abbreviations.tsv"):
        if row["ambiguous"] != "1" and form_key(row["abbreviation"]) not in known:
            any_case = "any" if row["abbreviation"].islower() else ""
            senses.append(Sense((row["abbreviation"],), row["ingredient"], case=any_case))
    return Inventory(senses)


def read_inventory(path: str | Path) -> list[Sense]:
    """Read a user's inventory: CSV with ``short_form,sense`` and perhaps prior, cues and the like.

    Raises
    ------
    ConfigError
        One line that names the file, the line and the mend.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _check_columns(path, reader.fieldnames or ())
            return [_user_sense(path, reader.line_num, row) for row in reader]
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror}", mend="name a CSV file that you may read"
        ) from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8", mend="save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise ConfigError(f"{path}: not CSV: {error}", mend="save it as CSV in UTF-8") from None


def _check_columns(path: Path, names: Iterable[str]) -> None:
    names = [name.strip() for name in names]
    for needed in _COLUMNS[:2]:
        if needed not in names:
            raise ConfigError(
                f"{path}:1: no column {needed!r}",
                mend=f"the first line names the columns, parted by commas: {','.join(_COLUMNS)}",
            )
    for name in names:
        if name not in _COLUMNS:
            raise ConfigError(
                f"{path}:1: unknown column {name!r}", mend=f"columns: {', '.join(_COLUMNS)}"
            )


def _user_sense(path: Path, line: int, row: dict[str | None, str | None]) -> Sense:
    if None in row:
        raise ConfigError(
            f"{path}:{line}: more cells than columns", mend="put cells that hold commas in quotes"
        )
    cells = {str(name).strip(): (cell or "").strip() for name, cell in row.items()}
    forms = _split(cells["short_form"])
    name = " ".join(cells["sense"].lower().split())
    if not forms or not name:
        empty = "short_form" if not forms else "sense"
        raise ConfigError(f"{path}:{line}: {empty} is empty", mend="fill it in, or remove the line")
    case = cells.get("case", "")
    if case not in _CASES:
        raise ConfigError(f"{path}:{line}: case {case!r}", mend="any, exact, word, or nothing")
    return Sense(
        forms,
        "" if name == NO_SHORT_FORM else name,
        _prior(path, line, cells.get("prior", "")),
        _split(cells.get("cues")),
        _split(cells.get("variants")),
        case,
    )


def _prior(path: Path, line: int, cell: str) -> float:
    try:
        prior = float(cell or 1)
    except ValueError:
        prior = 0.0
    if not 0 < prior < float("inf"):
        raise ConfigError(
            f"{path}:{line}: prior {cell!r}", mend="a number above 0, or nothing for 1"
        )
    return prior
