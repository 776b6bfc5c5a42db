"""From the paths that a user names to one terminology."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from clinie.coding.athena import CONCEPTS, SYNONYMS, is_exported, read_athena
from clinie.coding.lines import numbered, unusable
from clinie.coding.tables import read_table
from clinie.coding.terminology import Terminology, TerminologyBuilder
from clinie.errors import ConfigError
from clinie.io.text_files import unreadable

__all__ = ["digest", "load", "source_files"]

_Stamp = tuple[tuple[Path, tuple[int, ...]], ...]
"""The files behind a path, each with what changes when it does."""


def source_files(path: str | Path) -> tuple[Path, ...]:
    """Return the files behind a path: a table, or what there is of an Athena export.

    Parameters
    ----------
    path : str or Path
        A table, an Athena CONCEPT.csv, or the folder it is in.

    Raises
    ------
    InputError
        When there is no such file, or nothing in it.
    """
    path = Path(path)
    if path.is_dir():
        path /= CONCEPTS
        if not path.exists():
            mend = f"name a table, or a folder with Athena's {CONCEPTS}"
            raise unusable(path.parent, f"a folder without {CONCEPTS}", mend)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise unreadable(error, str(path)) from None
    if not size:
        raise unusable(path, "the file is empty", "give a table with a header")
    synonyms = path.with_name(SYNONYMS)
    return (path, synonyms) if _is_athena(path) and synonyms.exists() else (path,)


def _is_athena(path: Path) -> bool:
    if path.suffix.lower() in (".zip", ".gz"):
        raise unusable(path, "a compressed file", "unpack it, and name what was in it")
    return is_exported(next(numbered(path))[1])


def digest(path: str | Path) -> list[str]:
    """Return the SHA-256 of each file behind a path, in hexadecimal.

    Raises
    ------
    InputError
    """
    return list(_digest(_stamp(path)))


@lru_cache(maxsize=16)
def _digest(stamp: _Stamp) -> tuple[str, ...]:
    digests = []
    for path, _ in stamp:
        with path.open("rb") as stream:
            digests.append(hashlib.file_digest(stream, "sha256").hexdigest())
    return tuple(digests)


def load(paths: Sequence[str | Path], vocabularies: Sequence[str] = ()) -> Terminology:
    """Read terminology files; a second time only when one has changed.

    Parameters
    ----------
    paths : sequence of str or Path
        As in `source_files`.
    vocabularies : sequence of str
        What to keep of Athena exports, by their ``vocabulary_id``; all when empty. Tables are
        always kept whole.

    Raises
    ------
    InputError
        Naming the file, the line and the mend, when a file cannot be used.
    ConfigError
        When a vocabulary is in no export.
    """
    return _load(tuple(_stamp(path) for path in paths), frozenset(vocabularies))


def _stamp(path: str | Path) -> _Stamp:
    stats = [(file, file.stat()) for file in source_files(path)]
    return tuple((f, (s.st_dev, s.st_ino, s.st_size, s.st_mtime_ns)) for f, s in stats)


@lru_cache(maxsize=2)
def _load(sources: tuple[_Stamp, ...], vocabularies: frozenset[str]) -> Terminology:
    builder = TerminologyBuilder()
    seen: set[str] = set()
    for (path, _), *others in sources:
        before = len(builder.words)
        if _is_athena(path):
            synonyms = others[0][0] if others else None
            seen |= read_athena(path, synonyms, builder, vocabularies)
        else:
            read_table(path, builder)
        if len(builder.words) == before and not vocabularies:
            raise unusable(path, "no term to look up", "give a file with rows below its header")
    for missing in sorted(vocabularies - seen):
        there = f"there are: {', '.join(sorted(seen)[:20])}" if seen else "none was named"
        raise ConfigError(f"coding.vocabularies: {missing!r} is in no Athena export", mend=there)
    if not builder.words:
        kept = ", ".join(sorted(vocabularies))
        raise ConfigError(
            f"coding.vocabularies: no clinical concept in {kept}",
            mend="name others, or none for all",
        )
    return builder.build()
