"""Notes of MIMIC-III and MIMIC-IV-Note, from the tables that PhysioNet hands out.

``NOTEEVENTS.csv`` of MIMIC-III, or ``discharge.csv`` and ``radiology.csv`` of MIMIC-IV-Note, each
as it is or compressed (``.csv.gz``). There is no gold. Patients are divided here for good, by a
hash of their number, so that no patient is on both sides. A note that MIMIC-III calls an error
(``ISERROR``) says so in its metadata.

References
----------
Johnson AEW et al. MIMIC-III, a freely accessible critical care database. Scientific Data 2016.

Johnson A, Pollard T, Horng S, Celi LA, Mark R. MIMIC-IV-Note: deidentified free-text clinical
notes. PhysioNet 2023.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from clinie.datasets.corpora import CorpusItem, split_of
from clinie.datasets.user_files import Row, rows
from clinie.errors import InputError
from clinie.schema import Document

__all__ = ["mimic_iii", "mimic_iv"]


class _Table(NamedTuple):
    """The columns of a table of notes."""

    stem: str
    text: str
    id: str
    patient: str
    date: str
    more: tuple[str, ...]


_III = (
    _Table("NOTEEVENTS", "TEXT", "ROW_ID", "SUBJECT_ID", "CHARTDATE",
           ("HADM_ID", "CATEGORY", "DESCRIPTION", "ISERROR")),
)  # fmt: skip
_IV = tuple(
    _Table(stem, "text", "note_id", "subject_id", "charttime", ("hadm_id", "note_type"))
    for stem in ("discharge", "radiology")
)


def mimic_iii(split: str, folder: Path) -> Iterator[CorpusItem]:
    """Yield the notes of MIMIC-III; split ``train`` or ``test`` (a fifth), by patient.

    Raises
    ------
    InputError
        When the table is not there, lacks a column or holds a malformed row.
    """
    return _notes(_III, split, folder)


def mimic_iv(split: str, folder: Path) -> Iterator[CorpusItem]:
    """Yield the notes of MIMIC-IV-Note; split ``train`` or ``test`` (a fifth), by patient.

    Raises
    ------
    InputError
        When neither table is there, or one lacks a column or holds a malformed row.
    """
    return _notes(_IV, split, folder)


def _notes(tables: tuple[_Table, ...], split: str, folder: Path) -> Iterator[CorpusItem]:
    found = [
        (table, path)
        for table in tables
        for path in sorted(folder.rglob(f"{table.stem}.csv*"))
        if path.name in (f"{table.stem}.csv", f"{table.stem}.csv.gz")
    ]
    if not found:
        names = " or ".join(f"{table.stem}.csv" for table in tables)
        raise InputError(f"no {names} in this folder", place=str(folder))
    for table, path in found:
        columns = (table.text, table.id, table.patient, table.date, *table.more)
        for row in rows(path, columns):
            if split_of(row.cells[table.patient]) == split:
                yield CorpusItem(_document(table, row))


def _document(table: _Table, row: Row) -> Document:
    return Document(
        row.cells[table.text],
        row.cells[table.id],
        patient=row.cells[table.patient],
        date=row.cells[table.date][:10] or None,
        metadata={name.lower(): row.cells[name] for name in table.more if row.cells[name]},
    )
