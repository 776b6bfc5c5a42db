"""From paths to documents: which reader for which path, ids checked, all of it streamed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from clinie.errors import ConfigError, InputError
from clinie.io import tables, text_files
from clinie.io.notes import Entry, Read
from clinie.io.seen import unique
from clinie.io.tables import Columns
from clinie.schema import Document

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STDIN", "InputFormat", "Source", "Sources", "frame_documents", "read_documents"]

STDIN = "-"

InputFormat = Literal["text", "jsonl", "csv", "parquet"]

_SUFFIXES: dict[str, InputFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".parquet": "parquet",
}
_REFUSED = {
    ".json": "write one JSON object per line into a .jsonl file",
    ".pdf": "export its text to a .txt file",
    ".doc": "export its text to a .txt file",
    ".docx": "export its text to a .txt file",
    ".rtf": "export its text to a .txt file",
    ".xls": "export it as .csv",
    ".xlsx": "export it as .csv",
    ".gz": "unpack it first",
    ".zip": "unpack it first",
}


def read_documents(
    paths: Sequence[str | Path],
    *,
    text_column: str = "text",
    id_column: str = "id",
    stdin_format: InputFormat = "text",
) -> Sources:
    """Read notes from folders, files and standard input.

    Parameters
    ----------
    paths : sequence of str or Path
        Folders of ``.txt`` (read recursively), ``.jsonl``, ``.csv``, ``.tsv`` and ``.parquet``
        files, any other file as one plain-text note, ``-`` for standard input.
    text_column, id_column : str
        Where the note and its id stand in JSON Lines, CSV and Parquet.
    stdin_format : {"text", "jsonl", "csv"}
        What standard input holds; ``text`` is one note.

    Returns
    -------
    Sources
        Iterates over documents in input order; a bad document is an `InputError` in its place.

    Raises
    ------
    InputError
        At once, before anything is read, when a path does not exist, a folder holds no note, or
        a table lacks a column.
    """
    columns = Columns(text_column, id_column)
    return Sources([_source(str(path), columns, stdin_format) for path in paths])


def frame_documents(
    frame: pd.DataFrame,
    *,
    text: str = "text",
    id: str = "id",
) -> Iterator[Document]:
    """Read notes from a DataFrame.

    Raises
    ------
    InputError
        For a missing column, and at the first row that cannot be used; it names the row.
    """
    for read in unique(tables.read_frame(frame, Columns(text, id))):
        if isinstance(read, InputError):
            raise read
        yield read


@dataclass(frozen=True, slots=True)
class Source:
    """One path, and how it is read."""

    path: str
    format: InputFormat | Literal["folder"]
    columns: Columns = field(default_factory=Columns)

    def entries(self) -> Iterator[Entry]:
        """Yield what stands there, with its places."""
        path = Path(self.path)
        if self.path == STDIN:
            yield from self._standard_input()
        elif self.format == "folder":
            yield from text_files.read_folder(path)
        elif self.format == "text":
            yield self.path, text_files.read_file(path)
        elif self.format == "parquet":
            yield from tables.read_parquet(path, self.columns)
        else:
            read = tables.read_jsonl if self.format == "jsonl" else tables.read_csv
            with path.open("rb") as stream:
                yield from read(stream, self.path, self.columns)

    def _standard_input(self) -> Iterator[Entry]:
        if self.format == "jsonl":
            yield from tables.read_jsonl(text_files.standard_input(), "stdin", self.columns)
        elif self.format == "csv":
            yield from tables.read_csv(text_files.standard_input(), "stdin", self.columns)
        else:
            yield from text_files.read_stdin()

    def count(self) -> int | None:
        """Return how many documents there are, or None when only reading them would tell."""
        path = Path(self.path)
        if self.path == STDIN:
            return 1 if self.format == "text" else None
        if self.format == "folder":
            return text_files.count_notes(path)
        if self.format == "parquet":
            return tables.check_parquet(path, self.columns)
        if self.format == "jsonl":
            with path.open("rb") as stream:
                return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(2**20), b""))
        return 1 if self.format == "text" else None


@dataclass(frozen=True, slots=True)
class Sources:
    """The documents of several paths, in the order given; may be iterated again and again."""

    sources: Sequence[Source]

    def __iter__(self) -> Iterator[Read]:
        return unique(entry for source in self.sources for entry in _going_on(source))

    def hold(self, path: Path) -> bool:
        """Tell whether a path is one of these inputs, or a note's place in one of the folders."""
        place = path.resolve()
        folders = [Path(s.path).resolve() for s in self.sources if s.format == "folder"]
        within = place.suffix.lower() == ".txt" and any(f in place.parents for f in folders)
        others = (Path(s.path) for s in self.sources if s.path != STDIN)
        return within or (place.exists() and any(place.samefile(o) for o in others if o.exists()))

    def count(self) -> int | None:
        """Return how many documents there are (about, for JSON Lines), or None when unknown."""
        counts = [source.count() for source in self.sources]
        return None if None in counts else sum(count or 0 for count in counts)


def _going_on(source: Source) -> Iterator[Entry]:
    """Yield the entries of a source; when it breaks off, that is one entry, not the end of all."""
    try:
        yield from source.entries()
    except InputError as error:
        yield error.place, error
    except OSError as error:
        yield source.path, text_files.unreadable(error, source.path)


def _source(path: str, columns: Columns, stdin_format: InputFormat) -> Source:
    if path == STDIN:
        if stdin_format == "parquet":
            raise ConfigError("Parquet cannot be read from standard input", mend="give the file")
        return Source(path, stdin_format, columns)
    place = Path(path)
    if place.is_dir():
        if not text_files.holds_notes(place):
            raise InputError(
                "no .txt file in this folder",
                mend="give a folder of .txt notes, or name .jsonl, .csv or .parquet files",
                place=path,
            )
        return Source(path, "folder", columns)
    suffix = place.suffix.lower()
    if suffix in _REFUSED:
        raise InputError(f"{suffix} files are not read", mend=_REFUSED[suffix], place=path)
    source = Source(path, _SUFFIXES.get(suffix, "text"), columns)
    try:
        with place.open("rb"):
            pass
        if source.format == "csv":
            tables.check_csv(place, columns)
        elif source.format == "parquet":
            tables.check_parquet(place, columns)
    except OSError as error:
        raise text_files.unreadable(error, path) from None
    return source
