"""The catalogue of corpora: what there is, what may be done with it, and one way to read it all.

::

    from clinie.datasets.catalogue import load

    for item in load("maccrobat", "train"):
        item.document, item.spans, item.relations, item.labels   # in the corpus's own labels
    for record in load("maccrobat", "test", task="medications"):
        record.spans                                             # in the task's labels

Only the bundled notes ship with Clinie. Every other corpus is read from the folder of corpora
(`clinie.datasets.corpora.root`), each at its `Entry.place`, or from a folder of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from typing import overload

from clinie.datasets.corpora import CorpusItem, corpus_file, root
from clinie.datasets.mappings import mapped, tasks_of
from clinie.datasets.readers import READERS
from clinie.errors import ConfigError, InputError
from clinie.schema import Extraction
from clinie.text.lexica import load_tsv

__all__ = ["Entry", "catalogue", "entry", "load"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a corpus.

    Parameters
    ----------
    name, what, size : str
    unit : str
        What one item is: a ``document``, or a ``sentence`` where document ids are missing.
    splits : tuple of str
        Its parts, in the order in which they are read.
    divided : str
        How the parts were made.
    licence : str
    weights : str
        Whether a model that was trained on it may ship.
    access : str
        Where to get it, or whom to ask.
    place : str
        Its folder, below the folder of corpora.
    files : tuple of str
        Its files there, at any depth, as globs.
    """

    name: str
    what: str
    size: str
    unit: str
    splits: tuple[str, ...]
    divided: str
    licence: str
    weights: str
    access: str
    place: str
    files: tuple[str, ...]

    @property
    def tasks(self) -> tuple[str, ...]:
        """The tasks that it has gold for."""
        return tasks_of(self.name)

    def is_present(self, folder: Path | None = None) -> bool:
        """Tell whether any file of it is there.

        Parameters
        ----------
        folder : Path, optional
            Of this corpus; without it, its place below the folder of corpora.
        """
        corpora = root()
        if folder is None and corpora is not None:
            folder = corpora / self.place
        return folder is not None and any(
            next(folder.rglob(pattern), None) is not None for pattern in self.files
        )


@cache
def catalogue() -> tuple[Entry, ...]:
    """Return all corpora that can be read, by name."""
    return tuple(map(_entry, load_tsv("catalogue.tsv", package="clinie.datasets")))


def _entry(row: Mapping[str, str]) -> Entry:
    plain = {name: row[name] for name in row if name not in ("splits", "files")}
    return Entry(**plain, splits=tuple(row["splits"].split()), files=tuple(row["files"].split()))


def entry(name: str) -> Entry:
    """Return one corpus.

    Raises
    ------
    ConfigError
        When the catalogue does not have it.
    """
    for each in catalogue():
        if each.name == name:
            return each
    raise ConfigError(f"no corpus {name!r}", mend="clinie datasets lists them")


@overload
def load(
    name: str, split: str | None = None, folder: Path | None = None, *, task: None = None
) -> Iterator[CorpusItem]: ...
@overload
def load(
    name: str, split: str | None = None, folder: Path | None = None, *, task: str
) -> Iterator[Extraction]: ...
def load(
    name: str, split: str | None = None, folder: Path | None = None, *, task: str | None = None
) -> Iterator[CorpusItem] | Iterator[Extraction]:
    """Yield the items of a corpus, always in the same order.

    Parameters
    ----------
    name : str
        One of `catalogue`.
    split : str, optional
        One of its parts; None for all, one after the other.
    folder : Path, optional
        Where the corpus is, when it is not at its place below the folder of corpora.
    task : str, optional
        One of its tasks, with or without a version: yields gold records of the task instead of
        items in the corpus's own labels. `clinie.datasets.mappings` says what becomes of them.

    Raises
    ------
    ConfigError
        When there is no such corpus or part, or it has no gold for the task.
    InputError
        When it is not there; while reading, when a file is not as it should be. One line says
        which, and the line in it.
    """
    found = entry(name)
    if split is not None and split not in found.splits:
        raise ConfigError(f"{name} has no part {split!r}", mend=f"one of {', '.join(found.splits)}")
    short = task.partition("@")[0] if task is not None else None
    if short is not None and short not in found.tasks:
        raise ConfigError(f"{name} has no gold for task {task!r}", mend=_offered(found.tasks))
    if not found.is_present(folder) and (folder or root()):
        raise InputError(f"{name} is not here", mend=_mend(found), place=str(folder or found.place))
    place = corpus_file(found.place, folder=folder)
    parts: Iterable[str] = found.splits if split is None else (split,)
    items = chain.from_iterable(READERS[name](part, place) for part in parts)
    return items if short is None else mapped(items, name, short)


def _mend(found: Entry) -> str:
    return f"get {' or '.join(found.files)} from {found.access}"


def _offered(tasks: Iterable[str]) -> str:
    return f"one of {', '.join(tasks)}" if tasks else "it has gold for no task"
