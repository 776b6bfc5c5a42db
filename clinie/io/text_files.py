"""Plain-text notes: a folder of ``.txt``, a single file, standard input."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from clinie.errors import InputError
from clinie.io.notes import Entry, Read, checked

__all__ = [
    "count_notes",
    "decode",
    "holds_notes",
    "read_file",
    "read_folder",
    "read_stdin",
    "standard_input",
    "unreadable",
]

_BOM = "\ufeff"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def decode(data: bytes, place: str, document_id: str | None = None, *, file: bool = False) -> str:
    """Return strict UTF-8 text without the byte-order mark at its start.

    Parameters
    ----------
    data : bytes
        A whole file when ``file`` is set, otherwise one line of it.
    place : str
        Where it stands; an error in a file adds the line to it.

    Raises
    ------
    InputError
        When the bytes are UTF-16, binary, or not UTF-8; it says at which byte.
    """
    if data.startswith(_UTF16):
        raise InputError(
            "not UTF-8 but UTF-16",
            mend="convert it: iconv -f UTF-16 -t UTF-8",
            place=place,
            document_id=document_id,
        )
    nul = data.find(b"\0")
    if nul >= 0:
        raise InputError(
            f"not a text file: a NUL byte at byte {nul}",
            mend="give plain UTF-8 text",
            place=place,
            document_id=document_id,
        )
    try:
        return data.decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        if file:
            line = data.count(b"\n", 0, error.start) + 1
            place = f"{place}:{line}"
        raise InputError(
            f"not UTF-8 at byte {error.start}",
            mend="convert it, for example: iconv -f WINDOWS-1252 -t UTF-8",
            place=place,
            document_id=document_id,
        ) from None


def read_file(path: Path, document_id: str | None = None, place: str | None = None) -> Read:
    """Read one note; its id is the file's name without suffix unless another is given."""
    place = place or str(path)
    identifier = path.stem if document_id is None else document_id
    try:
        data = path.read_bytes()
    except OSError as error:
        return unreadable(error, place, identifier)
    return _note(data, place, identifier)


def unreadable(error: OSError, place: str, document_id: str | None = None) -> InputError:
    """Return what to say about a path that cannot be opened."""
    return InputError(
        f"cannot be read: {error.strerror}",
        mend="check that it exists and that you may read it",
        place=place,
        document_id=document_id,
    )


def read_stdin() -> Iterator[Entry]:
    """Read standard input as one note with the id ``stdin``."""
    yield "stdin", _note(standard_input().read(), "stdin", "stdin")


def standard_input() -> BinaryIO:
    """Return standard input as bytes."""
    return sys.stdin.buffer


def read_folder(folder: Path) -> Iterator[Entry]:
    """Read every ``.txt`` below a folder, in the order of names; hidden files are passed over.

    The id is the path relative to the folder, without suffix, with ``/`` between its parts.
    Memory: the names of one folder level at a time.
    """
    for found in _files(folder, ()):
        if isinstance(found, InputError):
            yield found.place, found
        else:
            path = folder.joinpath(*found)
            yield str(path), read_file(path, "/".join((*found[:-1], path.stem)))


def count_notes(folder: Path) -> int:
    """Return how many entries `read_folder` will yield."""
    return sum(1 for _ in _files(folder, ()))


def holds_notes(folder: Path) -> bool:
    """Tell whether `read_folder` will yield anything."""
    return any(True for _ in _files(folder, ()))


def _files(
    folder: Path, above: tuple[str, ...], seen: frozenset[str] = frozenset()
) -> Iterator[tuple[str, ...] | InputError]:
    """Yield the parts of each note's path; a link back to a folder above is not followed."""
    real = os.path.realpath(folder)
    if real in seen:
        return
    try:
        with os.scandir(folder) as entries:
            listing = sorted(
                (entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith(".")
            )
    except OSError as error:
        yield unreadable(error, str(folder))
        return
    for name, is_folder in listing:
        if is_folder:
            yield from _files(folder / name, (*above, name), seen | {real})
        elif name.lower().endswith(".txt"):
            yield (*above, name)


def _note(data: bytes, place: str, document_id: str) -> Read:
    try:
        text = decode(data, place, document_id, file=True)
    except InputError as error:
        return error
    return checked(text, place, document_id)
