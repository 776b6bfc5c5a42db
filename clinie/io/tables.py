"""Notes in rows: JSON Lines, CSV and TSV, Parquet, pandas.

Each reader streams and names the place of what is wrong: ``file:line`` for text files, and
``file, row n`` (counted from 1) for Parquet and pandas.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from clinie.errors import InputError
from clinie.io.notes import Entry, Read, document
from clinie.io.text_files import decode

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Columns",
    "check_csv",
    "check_parquet",
    "read_csv",
    "read_frame",
    "read_jsonl",
    "read_parquet",
]

_LONGEST_FIELD = 2**26
"""Characters in one CSV field; a quote that is never closed swallows no more than this."""

_BATCH_ROWS = 256


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the note and its id stand in a row."""

    text: str = "text"
    id: str = "id"

    def document(self, row: Mapping[str, Any], place: str) -> Read:
        """Turn a row into a document."""
        return document(row, place, text_column=self.text, id_column=self.id)

    def check(
        self,
        names: Iterable[str],
        place: str,
        *,
        show: bool = True,
        options: tuple[str, str] = ("--text-column", "--id-column"),
    ) -> None:
        """Refuse a table in which a column is missing.

        Raises
        ------
        InputError
            Naming the missing column and, where ``show`` is set, those that are there.
        """
        present = list(names)
        seen = f"there are: {', '.join(present[:20])}" if show else "the first line is the header"
        for name, option in zip((self.text, self.id), options, strict=True):
            if present.count(name) != 1:
                how = "no column" if name not in present else "more than one column"
                raise InputError(
                    f"{how} {name!r}",
                    mend=f"name it with {option}; {seen}",
                    place=place,
                )


def read_jsonl(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Entry]:
    """Read JSON Lines; lines end at line feeds only, blank lines are passed over."""
    for number, line in enumerate(stream, start=1):
        if line.strip():
            place = f"{name}:{number}"
            yield place, _json_line(line, place, columns)


def _json_line(line: bytes, place: str, columns: Columns) -> Read:
    try:
        row = json.loads(decode(line.rstrip(b"\r\n"), place))
    except InputError as error:
        return error
    except json.JSONDecodeError as error:
        return InputError(
            f"malformed JSON at column {error.colno}: {error.msg}",
            mend="write one JSON object per line",
            place=place,
        )
    except (RecursionError, ValueError):
        return InputError("malformed JSON", mend="write one JSON object per line", place=place)
    if not isinstance(row, dict):
        return InputError(
            f"not a JSON object but {type(row).__name__}",
            mend='write lines like {"id": "n1", "text": "..."}',
            place=place,
        )
    return columns.document(row, place)


def check_csv(path: Path, columns: Columns) -> None:
    """Refuse a CSV file without the columns of the note and its id."""
    with path.open("rb") as stream, _rows(stream, str(path)) as rows:
        _header(rows, str(path), columns)


def read_csv(stream: BinaryIO, name: str, columns: Columns) -> Iterator[Entry]:
    """Read CSV with a header (TSV when the name ends in ``.tsv``).

    The place of a row is its first line.
    """
    with _rows(stream, name) as rows:
        header = _header(rows, name, columns)
        while True:
            place = f"{name}:{rows.line_num + 1}"
            try:
                fields = next(rows, None)
            except csv.Error as error:
                yield place, _malformed(str(error), place)
                continue
            if fields is None:
                return
            if fields:
                yield place, _csv_row(header, fields, place, columns)


def _malformed(what: str, place: str) -> InputError:
    mend = "quote fields that hold commas, quotes or line ends, and close every quote"
    return InputError(f"malformed row: {what}", mend=mend, place=place)


def _csv_row(header: list[str], fields: list[str], place: str, columns: Columns) -> Read:
    if len(fields) != len(header):
        return _malformed(f"{len(fields)} fields under a header of {len(header)}", place)
    row = dict(zip(header, fields, strict=True))
    try:
        "".join(fields).encode("utf-8")
    except UnicodeEncodeError:
        return InputError(
            "not UTF-8", mend="convert it, for example: iconv -f WINDOWS-1252 -t UTF-8", place=place
        )
    return columns.document(row, place)


@contextmanager
def _rows(stream: BinaryIO, name: str) -> Iterator[Any]:
    # The limit is the csv module's own, one for the process; its default of 131,072 characters
    # is shorter than some notes.
    csv.field_size_limit(_LONGEST_FIELD)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    delimiter = "\t" if name.lower().endswith(".tsv") else ","
    try:
        yield csv.reader(text, delimiter=delimiter, strict=True)
    finally:
        text.detach()  # the stream stays its owner's to close


def _header(rows: Any, name: str, columns: Columns) -> list[str]:
    try:
        header: list[str] = next(rows, [])
    except csv.Error as error:
        raise InputError(
            f"malformed header: {error}", mend="give a CSV file with a header", place=f"{name}:1"
        ) from None
    # Where the header is missing, the first line is a note: its words are not repeated.
    columns.check(header, f"{name}:1", show=False)
    return header


def check_parquet(path: Path, columns: Columns) -> int:
    """Refuse a file that is not Parquet or lacks a column; return its number of rows."""
    file = _parquet(path)
    with file:
        columns.check(file.schema_arrow.names, str(path))
        return int(file.metadata.num_rows)


def read_parquet(path: Path, columns: Columns) -> Iterator[Entry]:
    """Read Parquet, a few hundred rows at a time."""
    number = 0
    with _parquet(path) as file:
        for batch in _batches(file, path):
            names = batch.schema.names
            for index in range(batch.num_rows):
                number += 1
                place = f"{path}, row {number}"
                try:
                    row = {
                        name: batch.column(position)[index].as_py()
                        for position, name in enumerate(names)
                    }
                except UnicodeDecodeError:
                    yield (
                        place,
                        InputError(
                            "not UTF-8", mend="write the column again as UTF-8 strings", place=place
                        ),
                    )
                else:
                    yield place, columns.document(row, place)


def _batches(file: Any, path: Path) -> Iterator[Any]:
    import pyarrow as pa

    try:
        yield from file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False)
    except (pa.ArrowException, OSError):
        raise InputError(
            "damaged: the rest cannot be read", mend="write the file again", place=str(path)
        ) from None


def _parquet(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(path, pre_buffer=False)
    except pa.ArrowException:
        raise InputError(
            "not a Parquet file", mend="check the file, or give its right suffix", place=str(path)
        ) from None


def read_frame(frame: pd.DataFrame, columns: Columns) -> Iterator[Entry]:
    """Read a DataFrame, one note per row."""
    names = [str(name) for name in frame.columns]
    columns.check(names, "the DataFrame", options=("text=", "id="))
    for number, values in enumerate(frame.itertuples(index=False, name=None), start=1):
        place = f"row {number}"
        yield place, columns.document(dict(zip(names, values, strict=True)), place)
