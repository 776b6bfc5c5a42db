"""The journal of a run, ``OUT.journal.jsonl``: with which configuration, when, how far.

It is what allows a run to be resumed with a clear conscience: another configuration, other tasks
or a changed note would make a file of two minds. No note text and no document ids stand in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from clinie.errors import OutputError
from clinie.io import Writer
from clinie.io.files import Appender
from clinie.io.records import cut_torn_line
from clinie.runs.batch import Summary
from clinie.runs.checkpoint import Checkpoint
from clinie.schema import Document, Extraction

__all__ = ["CHECKPOINT_EVERY", "Journal", "JournaledWriter"]

CHECKPOINT_EVERY = 16
"""Documents from one checkpoint to the next: what a killed run loses at most. A million notes
make a journal of some 8 MB."""


class Journal:
    """Writes the start and the end of runs, and checkpoints between; a context manager.

    Parameters
    ----------
    path : Path
    config_hash : str
    tasks : sequence of str
    resumed : int, optional
        Records that an earlier run has left, to go on after it.

    Attributes
    ----------
    start, reached : Checkpoint
        Where every run begins, and how far this one has come: at first, the last checkpoint of
        the earlier run that its records reach.

    Raises
    ------
    OutputError
        When that run had another configuration, other tasks or another version, or its journal
        does not account for its records.
    """

    def __init__(
        self, path: Path, config_hash: str, tasks: Sequence[str], *, resumed: int | None = None
    ) -> None:
        setting = {"clinie": version("clinie"), "config": config_hash, "tasks": list(tasks)}
        self.start = self.reached = Checkpoint(0, config_hash)
        self._open_documents = 0
        if resumed is not None:
            self.reached = _last_checkpoint(path, setting, self.start, resumed)
        self._file = Appender(path, append=resumed is not None)
        self._write("start", setting)
        if resumed is not None:
            self._write("checkpoint", asdict(self.reached))

    def wrote(self, document: Document, records: int) -> None:
        """Take note of a document whose records stand in the output."""
        self.reached = self.reached.after(document, records)
        self._open_documents += 1
        if self._open_documents >= CHECKPOINT_EVERY:
            self._checkpoint()

    def end(self, summary: Summary) -> None:
        """Note that the run came to its end."""
        self._checkpoint()
        figures = {key: value for key, value in asdict(summary).items() if key != "first_error"}
        self._write("end", figures)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OutputError):  # a full disk has been reported; this only saves repetition
            self._checkpoint()
        self._file.close()

    def _checkpoint(self) -> None:
        if self._open_documents:
            self._write("checkpoint", asdict(self.reached))
            self._open_documents = 0

    def _write(self, event: str, body: Mapping[str, Any]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._file.write(json.dumps({"event": event, "time": now, **body}).encode() + b"\n")


class JournaledWriter:
    """Writes records, and then tells the journal how far they reach."""

    def __init__(self, writer: Writer, journal: Journal) -> None:
        self._writer = writer
        self._journal = journal

    def write(self, document: Document, extractions: Sequence[Extraction]) -> None:
        """Write the records of one document."""
        self._writer.write(document, extractions)
        self._journal.wrote(document, len(extractions))

    def close(self, *, complete: bool) -> None:
        """Close the output."""
        self._writer.close(complete=complete)


def _last_checkpoint(
    path: Path, setting: Mapping[str, Any], start: Checkpoint, records: int
) -> Checkpoint:
    """Return the last checkpoint of a journal that the records in the output reach.

    The last in the order of writing: a run that goes on first writes from where, so whatever it
    makes again stands after what it replaces.
    """
    passed = [start]
    if path.exists():
        cut_torn_line(path)
        try:
            entries = [json.loads(line) for line in path.read_bytes().splitlines()]
            _check(path, setting, entries)
            for entry in entries:
                if entry["event"] == "checkpoint":
                    passed.append(Checkpoint(int(entry["records"]), str(entry["chain"])))
        except (ValueError, TypeError, KeyError):
            raise OutputError(
                f"{path}: the journal is damaged", mend="use --overwrite to begin again"
            ) from None
    last = [place for place in passed if place.records <= records][-1]
    if records - last.records > CHECKPOINT_EVERY * len(setting["tasks"]):
        raise OutputError(
            f"{path}: the journal does not account for {records - last.records:,} records",
            mend="bring back the journal of the earlier run, or use --overwrite",
        )
    return last


def _check(path: Path, setting: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]) -> None:
    names = {"clinie": "version of Clinie", "config": "configuration", "tasks": "list of tasks"}
    for entry in entries:
        changed = [names[key] for key in names if key in entry and entry[key] != setting[key]]
        if changed:
            raise OutputError(
                f"{path}: the earlier run had another {' and '.join(changed)}",
                mend="run it as before, or use --overwrite",
            )
