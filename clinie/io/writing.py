"""From the name of an output to its writer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol, get_args

from clinie.errors import ConfigError, OutputError
from clinie.io import records
from clinie.io.files import writing
from clinie.schema import Document, Extraction

__all__ = ["OutputFormat", "StdoutWriter", "Writer", "open_writer", "output_format", "sidecar"]

OutputFormat = Literal["jsonl", "csv", "parquet", "spacy", "brat"]

_SUFFIXES: dict[str, OutputFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".spacy": "spacy",
}


class Writer(Protocol):
    """Takes documents with their records, one after the other."""

    def write(self, document: Document, extractions: Sequence[Extraction]) -> None:
        """Write the records of one document."""
        ...

    def close(self, *, complete: bool) -> None:
        """Finish the output; ``complete`` is False when the run broke off."""
        ...


class StdoutWriter:
    """Writes JSON Lines to standard output."""

    def write(self, document: Document, extractions: Sequence[Extraction]) -> None:  # noqa: ARG002
        """Write the records of one document."""
        with writing("standard output"):
            sys.stdout.buffer.write(b"".join(map(records.line, extractions)))
            sys.stdout.buffer.flush()

    def close(self, *, complete: bool) -> None:
        """Nothing to do: every record has been flushed."""


def output_format(out: str, wanted: str | None = None) -> OutputFormat:
    """Return the format of an output: the one asked for, or what its suffix says.

    Raises
    ------
    ConfigError
    """
    if wanted is not None:
        for known in get_args(OutputFormat):
            if wanted == known:
                return wanted  # type: ignore[return-value]
        raise ConfigError(
            f"unknown output format {wanted!r}", mend=f"one of {', '.join(get_args(OutputFormat))}"
        )
    if out.endswith("/"):
        return "brat"
    suffix = Path(out).suffix.lower()
    if suffix not in _SUFFIXES:
        raise ConfigError(
            f"the format of {out!r} cannot be told from its suffix",
            mend=f"use {', '.join(_SUFFIXES)}, or a folder ending in / for BRAT standoff",
        )
    return _SUFFIXES[suffix]


def open_writer(
    out: str, kind: OutputFormat, *, overwrite: bool = False, append: bool = False
) -> Writer:
    """Open an output for writing.

    Parameters
    ----------
    out : str
        A file, or a folder for BRAT.
    kind : OutputFormat
    overwrite : bool
        Replace what stands there.
    append : bool
        Go on at the end of a ``.jsonl``.

    Raises
    ------
    OutputError
        When it exists and neither was asked for, or cannot be written.
    """
    path = Path(out)
    if kind == "brat":
        from clinie.io.brat import BratWriter

        return BratWriter(path, overwrite=overwrite)
    if path.exists() and not (overwrite or append):
        raise OutputError(f"{out} exists", mend=_how_to_go_on(kind))
    if kind == "jsonl":
        return records.RecordWriter(path, append=append)
    if kind == "spacy":
        from clinie.io.spacy_docs import DocBinWriter

        return DocBinWriter(path)
    from clinie.io import flat

    return flat.CsvWriter(path) if kind == "csv" else flat.ParquetWriter(path)


def sidecar(out: str, name: str) -> Path:
    """Return the place of a file that goes with an output.

    ``facts.errors.jsonl`` for ``facts.jsonl``; any other output keeps its whole name, so that
    ``facts.csv`` has side files of its own.
    """
    path = Path(out)
    stem = path.with_suffix("") if path.suffix.lower() == ".jsonl" else path
    return stem.with_name(f"{stem.name}.{name}.jsonl")


def _how_to_go_on(kind: OutputFormat) -> str:
    resume = "--resume continues it, " if kind == "jsonl" else ""
    return f"{resume}--overwrite replaces it"
