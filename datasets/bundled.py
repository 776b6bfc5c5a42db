"""The notes that come with Clinie, and their gold: invented people, answers by the developers.

The notes and what each of them tests are listed in ``docs/notes.md``; what counts as a mention in
``docs/annotation.md``.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from clinie.errors import ConfigError
from clinie.schema import Document, Extraction

__all__ = ["TASKS", "documents", "folder", "gold"]

TASKS = (
    "medications",
    "conditions",
    "allergies",
    "measurements",
    "acronyms",
    "coreference",
    "pico",
    "trial-results",
    "vaccine-events",
)
"""Tasks with gold."""


def folder() -> Path:
    """Return the folder of the notes, one ``.txt`` file each; the file's stem is the id."""
    return Path(str(_data() / "notes"))


@cache
def documents() -> tuple[Document, ...]:
    """Return the bundled notes in the order of their ids, their line ends as they are."""
    notes = (entry for entry in (_data() / "notes").iterdir() if entry.name.endswith(".txt"))
    return tuple(
        Document(text=note.read_bytes().decode("utf-8"), id=note.name.removesuffix(".txt"))
        for note in sorted(notes, key=lambda entry: entry.name)
    )


@cache
def gold(task: str) -> dict[str, Extraction]:
    """Return the gold records of a task by document id, each with its document.

    Parameters
    ----------
    task : str
        One of `TASKS`, with or without a version.

    Raises
    ------
    ConfigError
        If there is no gold for the task.
    """
    name = task.partition("@")[0]
    if name not in TASKS:
        raise ConfigError(f"no bundled gold for task {task!r}", mend=f"one of {', '.join(TASKS)}")
    notes = {document.id: document for document in documents()}
    lines = (_data() / "gold" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    records = (json.loads(line) for line in lines)
    return {
        record["document_id"]: Extraction.from_dict(record, notes.get(record["document_id"]))
        for record in records
    }


def _data() -> Traversable:
    return files("clinie.datasets")
