"""The record file: JSON Lines, one line per document and task."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from clinie.errors import InputError
from clinie.io.files import Appender, writing
from clinie.schema import Document, Extraction

__all__ = [
    "RecordWriter",
    "count_lines",
    "cut_lines",
    "cut_torn_line",
    "line",
    "read_records",
]


def line(extraction: Extraction) -> bytes:
    r"""Return a record as one line of UTF-8.

    Half a surrogate pair, which only a model's own words can hold, becomes its JSON escape
    (``\ud83d``), so that every record can be written and reads back the same.
    """
    return extraction.to_json().encode("utf-8", "backslashreplace") + b"\n"


class RecordWriter:
    """Writes records; each stands in the file as soon as `write` returns."""

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self._file = Appender(path, append=append)

    def write(self, document: Document, extractions: Sequence[Extraction]) -> None:  # noqa: ARG002
        """Write the records of one document."""
        self._file.write(b"".join(map(line, extractions)))

    def close(self, *, complete: bool) -> None:  # noqa: ARG002 - an incomplete file is resumed
        """Close the file."""
        self._file.close()


def read_records(path: str | Path) -> Iterator[Extraction]:
    """Read a record file back, one record at a time.

    Raises
    ------
    OSError
        When the file cannot be read.
    InputError
        Naming file and line, when a line is not a record.
    """
    with Path(path).open("rb") as stream:
        for number, text in enumerate(stream, start=1):
            try:
                yield Extraction.from_dict(json.loads(text))
            except (ValueError, AttributeError, RecursionError) as error:
                kind = "not JSON" if isinstance(error, json.JSONDecodeError) else "not a record"
                raise InputError(
                    f"{kind} of clinie.extraction/1",
                    mend="give a file that clinie extract wrote",
                    place=f"{path}:{number}",
                ) from None


def cut_torn_line(path: Path) -> None:
    """Cut an unfinished last line off a file: what a killed run may leave behind.

    Raises
    ------
    OutputError
    """
    with writing(path), path.open("r+b") as stream:
        end = stream.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 2**16)
            stream.seek(start)
            newline = stream.read(end - start).rfind(b"\n")
            if newline >= 0:
                end = start + newline + 1
                break
            end = start
        stream.truncate(end)


def count_lines(path: Path) -> int:
    """Return how many lines a file has.

    Raises
    ------
    OutputError
    """
    with writing(path), path.open("rb") as stream:
        return sum(1 for _ in stream)


def cut_lines(path: Path, *, after: int) -> None:
    """Cut off whatever stands after so many lines.

    Raises
    ------
    OutputError
    """
    with writing(path), path.open("r+b") as stream:
        stream.truncate(sum(map(len, islice(stream, after))))
