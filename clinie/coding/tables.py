"""The user's own table: CSV or TSV with the columns ``system, code, term``.

Two more are optional: ``label`` limits a row to the spans of that label, ``display`` is what to
show for the code. Other columns are passed over.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from clinie.coding.lines import fields_error, numbered, unusable
from clinie.coding.terminology import ANYTHING, Scope, TerminologyBuilder

__all__ = ["read_table"]

_REQUIRED = ("system", "code", "term")
_OPTIONAL = ("label", "display")
_QUOTING = "quote fields that hold commas, quotes or line ends, and close every quote"


def read_table(path: Path, builder: TerminologyBuilder) -> None:
    """Add the rows of a table.

    Raises
    ------
    InputError
        For a missing column, a row without a system, code or term, a malformed row, or a file
        without rows.
    """
    rows = _rows(path)
    _, header = next(rows, (1, []))
    names = [name.strip().lower() for name in header]
    for name in (*_REQUIRED, *_OPTIONAL):
        if names.count(name) > 1 or (name in _REQUIRED and name not in names):
            what = "no column" if name not in names else "more than one column"
            mend = "the first line names the columns: system, code, term, with commas or tabs"
            raise unusable(path, f"{what} {name!r}", mend, 1)
    places = {name: names.index(name) for name in (*_REQUIRED, *_OPTIONAL) if name in names}
    for line, fields in rows:
        if len(fields) != len(header):
            raise fields_error(path, line, len(fields), len(header), _QUOTING)
        cells = {name: fields[place].strip() for name, place in places.items()}
        for name in _REQUIRED:
            if not cells[name]:
                raise unusable(path, f"no {name}", "fill it in, or remove the row", line)
        label = cells.get("label")
        builder.add(
            cells["system"],
            cells["code"],
            cells["term"],
            display=cells.get("display", ""),
            scope=Scope(frozenset((label,))) if label else ANYTHING,
        )


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty, with the number of their first line."""
    lines = numbered(path)
    header = next(lines)[1]

    def texts() -> Iterator[str]:
        yield header
        yield from (text for _, text in lines)

    reader = csv.reader(texts(), delimiter="\t" if "\t" in header else ",", strict=True)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise unusable(path, f"malformed row: {error}", _QUOTING, line) from None
        if fields is None:
            return
        if any(fields):
            yield line, fields
