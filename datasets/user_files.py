"""Files of gated corpora, as their owners hand them out: read strictly.

A file that is not what its format says is refused in one line that names the file and the line,
never a word of it.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from clinie.errors import InputError
from clinie.io.text_files import decode, unreadable

__all__ = ["Row", "part_of", "read_text", "rows"]

_LONGEST_FIELD = 2**31 - 1
_TRAINING = "train"


class Row(NamedTuple):
    """A row of a table, by column, and its place for errors."""

    cells: dict[str, str]
    place: str


def read_text(path: Path) -> str:
    """Return the text of a file, which must be UTF-8.

    Raises
    ------
    InputError
        When it cannot be read or is not UTF-8.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(error, str(path)) from None
    return decode(data, str(path), file=True)


def part_of(path: Path, folder: Path) -> str:
    """Return ``train`` for a file below a folder with *train* in its name, else ``test``.

    Parameters
    ----------
    path : Path
    folder : Path
        The corpus; only folders below it are looked at.
    """
    names = path.relative_to(folder).parts[:-1]
    return "train" if any(_TRAINING in name.lower() for name in names) else "test"


def rows(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a CSV file with a header, which may be compressed (``.gz``).

    Parameters
    ----------
    path : Path
    columns : sequence of str
        Those that must be there.

    Raises
    ------
    InputError
        When it cannot be read, a column is missing, or a row is malformed; it names the line that
        the row begins in.
    """
    with _opened(path) as stream:
        # The limit is one for the process; its default is shorter than some notes.
        csv.field_size_limit(_LONGEST_FIELD)
        reader = csv.reader(stream, strict=True)
        header = _next(reader, path, 1) or []
        missing = [name for name in columns if name not in header]
        if missing:
            raise InputError(
                f"no column {missing[0]!r}",
                mend=f"the header must name {', '.join(columns)}",
                place=f"{path}:1",
            )
        while True:
            number = reader.line_num + 1
            fields = _next(reader, path, number)
            if fields is None:
                return
            if not fields:
                continue
            if len(fields) != len(header):
                raise _malformed(path, number)
            yield Row(dict(zip(header, fields, strict=True)), f"{path}:{number}")


def _next(reader: Iterator[list[str]], path: Path, number: int) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error:
        raise _malformed(path, number) from None
    except UnicodeDecodeError:
        raise InputError("not UTF-8", mend="convert it", place=f"{path}:{number}") from None
    except (OSError, EOFError):
        raise InputError(
            "the compressed file is damaged", mend="get it again", place=str(path)
        ) from None


def _malformed(path: Path, number: int) -> InputError:
    return InputError(
        "malformed row", mend="give the CSV file as it was published", place=f"{path}:{number}"
    )


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        stream = opened(path, "rt", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise unreadable(error, str(path)) from None
    with stream as text:
        yield text
