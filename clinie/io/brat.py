"""BRAT standoff: a ``.txt`` and an ``.ann`` per document.

Format: https://brat.nlplab.org/standoff.html. An ``.ann`` holds spans (``T``), relations (``R``),
attributes (``A``; those with white space in their value as notes, ``#``), codes (``N``) and labels
that speak about a span (notes). Standoff has no place for findings, confidences and labels of the
whole document; the other formats do.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from clinie.errors import OutputError
from clinie.io.files import Appender, open_protected, writing
from clinie.schema import Document, Extraction, Span

__all__ = ["BratWriter", "file_name", "standoff"]

_SUFFIXES = (".txt", ".ann")
_LIST = ".clinie"

_LONGEST_PART = 180
"""Bytes of one part of a file name; file systems allow 255, suffix included."""


def standoff(document: Document, extractions: Sequence[Extraction]) -> str:
    """Return the ``.ann`` of a document; ids are numbered through all of its tasks."""
    return "".join(f"{line}\n" for line in _lines(document, extractions))


def _lines(document: Document, extractions: Sequence[Extraction]) -> Iterator[str]:
    spans, relations, attributes, codes, notes = (count(1) for _ in range(5))
    for extraction in extractions:
        names = {span.id: f"T{next(spans)}" for span in extraction.spans}
        for span in extraction.spans:
            yield _text_bound(document, span, names[span.id])
            for key, value in span.attributes.items():
                if value is None:
                    continue
                if value.split() == [value]:
                    yield f"A{next(attributes)}\t{key} {names[span.id]} {value}"
                else:
                    yield _note(next(notes), names[span.id], key, value)
            for code in span.codes:
                yield _reference(next(codes), names[span.id], code)
        for relation in extraction.relations:
            head, tail = names[relation.head], names[relation.tail]
            yield f"R{next(relations)}\t{relation.label} Arg1:{head} Arg2:{tail}"
        for label in extraction.labels:
            if label.span is not None:
                yield _note(next(notes), names[label.span], label.name, label.value)


def _reference(number: int, target: str, code: Mapping[str, str]) -> str:
    """Return a normalisation: the system ends at the first colon, the code at white space."""
    system = re.sub(r"[\s:%]", _encoded, code.get("system", ""))
    identifier = re.sub(r"[\s%]", _encoded, code.get("code", ""))
    display = " ".join(code.get("display", "").split())
    return f"N{number}\tReference {target} {system}:{identifier}\t{display}"


def _text_bound(document: Document, span: Span, name: str) -> str:
    pieces = [
        piece
        for start, end in span.fragments or ((span.start, span.end),)
        for piece in _unbroken(document.text, start, end)
    ]
    extents = ";".join(f"{start} {end}" for start, end in pieces)
    words = " ".join(document.text[start:end] for start, end in pieces)
    return f"{name}\t{span.label} {extents}\t{words}"


def _unbroken(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut an extent at line ends: an ``.ann`` is read line by line."""
    for index in range(start, end + 1):
        if index == end or text[index] in "\r\n":
            if index > start:
                yield start, index
            start = index + 1


def _note(number: int, target: str, key: str, value: str) -> str:
    return f"#{number}\tAnnotatorNotes {target}\t{key}={' '.join(value.split())}"


def file_name(document_id: str) -> Path:
    """Return the relative path of a document's files, without suffix.

    ``/`` in an id makes a folder. Whatever could lead out of the folder or mean something to a
    file system is percent-encoded, so that different ids get different names and every name
    stays inside.
    """
    *folders, name = document_id.split("/")
    return Path(*(_part(folder, is_folder=True) for folder in folders), _part(name))


def _part(part: str, *, is_folder: bool = False) -> str:
    kept = "".join(c if c.isalnum() or c in " ._-" else _encode(c) for c in part)
    if not kept.strip(". ") or kept[0] == ".":
        kept = _encode(kept[:1] or "/") + kept[1:]
    if is_folder and kept.endswith(_SUFFIXES):
        kept = f"{kept[:-4]}%2E{kept[-3:]}"
    if len(kept.encode()) <= _LONGEST_PART:
        return kept
    start = kept.encode()[: _LONGEST_PART - 34].decode("utf-8", "ignore")
    return f"{start}%%{hashlib.blake2b(part.encode(), digest_size=16).hexdigest()}"


def _encoded(found: re.Match[str]) -> str:
    return _encode(found[0])


def _encode(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


class BratWriter:
    """Writes standoff into a folder that does not exist yet or is empty.

    The folder's file ``.clinie`` lists the documents written, so that a later run knows which
    files are Clinie's own.

    Parameters
    ----------
    folder : Path
    overwrite : bool
        Allow a folder that an earlier run wrote: the files of that run are removed, all others
        left alone.

    Raises
    ------
    OutputError
    """

    def __init__(self, folder: Path, *, overwrite: bool = False) -> None:
        self._folder = folder
        self._list: Appender | None = None
        with writing(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if overwrite and (folder / _LIST).is_file():
                _remove_listed(folder)
            elif any(folder.iterdir()):
                what = "holds files that Clinie did not write" if overwrite else "is not empty"
                hint = "" if overwrite else ", or --overwrite"
                raise OutputError(f"{folder}: the folder {what}", mend=f"choose another{hint}")

    def write(self, document: Document, extractions: Sequence[Extraction]) -> None:
        """Write the two files of one document; they are listed first, whatever happens then."""
        name = file_name(document.id)
        path = self._folder / name
        if self._list is None:
            self._list = Appender(self._folder / _LIST)
        if any(os.path.lexists(_with(path, suffix)) for suffix in _SUFFIXES):
            raise OutputError(
                f"{path}: a file of this name stands there already", mend="choose another folder"
            )
        self._list.write(name.as_posix().encode() + b"\n")
        with writing(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            for suffix, text in zip(
                _SUFFIXES, (document.text, standoff(document, extractions)), strict=True
            ):
                with os.fdopen(open_protected(_with(path, suffix)), "wb") as stream:
                    stream.write(text.encode("utf-8", "backslashreplace"))

    def close(self, *, complete: bool) -> None:  # noqa: ARG002 - every document stands complete
        """Close the list."""
        if self._list is not None:
            self._list.close()


def _with(path: Path, suffix: str) -> Path:
    """Add a suffix; a dot in the name itself is no suffix."""
    return path.with_name(path.name + suffix)


def _remove_listed(folder: Path) -> None:
    """Remove the files that an earlier run listed, and the folders they leave empty.

    A line without its end is of a killed run, and names nothing that was written.
    """
    inside = folder.resolve()
    for name in (folder / _LIST).read_bytes().split(b"\n")[:-1]:
        path = folder / os.fsdecode(name)
        if not path.parent.resolve().is_relative_to(inside):
            continue
        for suffix in _SUFFIXES:
            _with(path, suffix).unlink(missing_ok=True)
        for parent in path.parents:
            if parent == folder:
                break
            with suppress(OSError):  # it holds something else
                parent.rmdir()
    (folder / _LIST).unlink()
