"""The journal of a run, ``OUT.journal.jsonl``: with which configuration, when, how fast.

It is what allows a run to be resumed with a clear conscience: another configuration or other
tasks would make a file of two minds. No note text and no document ids stand in it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from clinie.errors import OutputError
from clinie.io.files import Appender
from clinie.io.records import cut_torn_line
from clinie.runs.batch import Summary

__all__ = ["Journal"]


class Journal:
    """Writes the start and the end of runs.

    Parameters
    ----------
    path : Path
    config_hash : str
    tasks : sequence of str
    append : bool
        Go on after the journal of an interrupted run.

    Raises
    ------
    OutputError
        When that run had another configuration, other tasks or another version.
    """

    def __init__(
        self, path: Path, config_hash: str, tasks: Sequence[str], *, append: bool = False
    ) -> None:
        self._path = path
        setting = {"clinie": version("clinie"), "config": config_hash, "tasks": list(tasks)}
        if append and path.exists():
            cut_torn_line(path)
            _check(path, setting)
        self._file = Appender(path, append=append)
        self._write("start", setting)

    def end(self, summary: Summary) -> None:
        """Note that the run came to its end, and close the journal."""
        figures = {key: value for key, value in asdict(summary).items() if key != "first_error"}
        self._write("end", figures)
        self._file.close()

    def _write(self, event: str, body: Mapping[str, Any]) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._file.write(json.dumps({"event": event, "time": now, **body}).encode() + b"\n")


def _check(path: Path, setting: Mapping[str, Any]) -> None:
    names = {"clinie": "version of Clinie", "config": "configuration", "tasks": "list of tasks"}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            raise OutputError(
                f"{path}: the journal is damaged", mend="use --overwrite to begin again"
            ) from None
        changed = [names[key] for key in names if key in entry and entry[key] != setting[key]]
        if changed:
            raise OutputError(
                f"{path}: the earlier run had another {' and '.join(changed)}",
                mend="run it as before, or use --overwrite",
            )
