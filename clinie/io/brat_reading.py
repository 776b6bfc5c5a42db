"""BRAT standoff read back: what `clinie.io.brat` writes, and what brat itself does.

Format: https://brat.nlplab.org/standoff.html. An event stands for its trigger, in attributes and
relations alike; its arguments are relations from the trigger. Sets (``*``) and free notes have no
place in a record and are passed over; a note of the form ``key=value`` is an attribute of its span,
as `clinie.io.brat` writes values with white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from clinie.errors import InputError
from clinie.io.text_files import decode, unreadable
from clinie.schema import Document, Relation, Span

__all__ = ["Standoff", "document_id", "read_brat", "read_standoff"]

Pieces = tuple[tuple[int, int], ...]

_KEY_VALUE = re.compile(r"(?P<key>[A-Za-z_]\w*)=(?P<value>.*)")
_MEND = "give the .ann as brat or Clinie wrote it"


@dataclass(frozen=True, slots=True)
class Standoff:
    """The annotations of one document.

    Parameters
    ----------
    spans, relations : tuple
        In the order of the file, with the file's own ids.
    skipped : tuple of int
        Lines (from 1) left out: spans whose words do not stand where the line says, and relations
        with an end that is not there.
    """

    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    skipped: tuple[int, ...] = ()


def read_brat(folder: Path) -> Iterator[tuple[Document, Standoff]]:
    """Read a folder of ``.txt`` and ``.ann``, recursively, in the order of their paths.

    A ``.txt`` without ``.ann`` is a document without annotations. A mention that standoff had to
    cut at line ends is whole again.

    Raises
    ------
    InputError
        When the folder holds no note, an ``.ann`` has no ``.txt``, a file is not UTF-8, or a line
        is not standoff; it names the file and the line.
    """
    notes = sorted(path for path in folder.rglob("*.txt") if path.is_file())
    texts = set(notes)
    for path in sorted(folder.rglob("*.ann")):
        if path.with_suffix(".txt") not in texts:
            raise InputError("no .txt stands beside it", mend="put its text there", place=str(path))
    if not notes:
        raise InputError(
            "no .txt file in this folder",
            mend="give a folder of .txt and .ann files",
            place=str(folder),
        )
    for path in notes:
        text = _content(path)
        document = Document(text, document_id(path.relative_to(folder).with_suffix("")))
        annotations = path.with_suffix(".ann")
        content = _content(annotations) if annotations.exists() else ""
        found = read_standoff(document, content, place=str(annotations))
        spans = tuple(_with_lines_joined(span, text) for span in found.spans)
        yield document, Standoff(spans, found.relations, found.skipped)


def document_id(path: Path) -> str:
    """Return the id behind a relative path that `clinie.io.brat.file_name` made.

    A part that was too long for a file system, which has a hash behind ``%%``, stays as it is.
    """
    return "/".join(part if "%%" in part else unquote(part) for part in path.as_posix().split("/"))


def read_standoff(document: Document, annotations: str, *, place: str = "") -> Standoff:
    """Read the content of an ``.ann``.

    Parameters
    ----------
    document : Document
    annotations : str
    place : str
        Name of the file, for errors.

    Raises
    ------
    InputError
        At the first line that is not standoff; it names the line, never its words.
    """
    reader = _Reader(document.text)
    for number, line in enumerate(annotations.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            reader.read(number, line.removesuffix("\r"))
        except (ValueError, IndexError, KeyError):
            where = f"{place}:{number}" if place else f"line {number}"
            raise InputError("not a line of BRAT standoff", mend=_MEND, place=where) from None
    return reader.standoff()


@dataclass(slots=True)
class _Reader:
    """Gathers lines, which may speak of ids that only a later line explains."""

    text: str
    marked: dict[str, tuple[int, str, Pieces, str]] = field(default_factory=dict)
    trigger: dict[str, str] = field(default_factory=dict)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    codes: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    links: list[tuple[int, Relation]] = field(default_factory=list)

    def read(self, number: int, line: str) -> None:
        name, body, *rest = line.split("\t")
        kind = name[0]
        if kind == "T":
            label, places = body.split(" ", 1)
            self._once(name, self.marked)
            self.marked[name] = (number, label, _pieces(places), rest[0])
        elif kind == "E":
            self._event(number, name, body)
        elif kind in "AM":
            attribute, target, *value = body.split()
            self.attributes.append((target, attribute, value[0] if value else "true"))
        elif kind == "R":
            label, head, tail = body.split()
            ends = head.split(":")[1], tail.split(":")[1]
            self.links.append((number, Relation(name, label, *ends)))
        elif kind == "N":
            _, target, reference = body.split()
            system, _, code = reference.partition(":")
            display = rest[0] if rest else ""
            self.codes.append(
                (target, {"system": unquote(system), "code": unquote(code), "display": display})
            )
        elif kind == "#":
            note, target = body.split()
            said = _KEY_VALUE.fullmatch(rest[0] if rest else "")
            if said and note == "AnnotatorNotes":
                self.attributes.append((target, said["key"], said["value"]))
        elif kind != "*":
            raise ValueError

    def _event(self, number: int, name: str, body: str) -> None:
        (_, trigger), *arguments = (part.split(":") for part in body.split())
        self._once(name, self.trigger)
        self.trigger[name] = trigger
        for count, (role, target) in enumerate(arguments, start=1):
            self.links.append((number, Relation(f"{name}.{count}", role, name, target)))

    @staticmethod
    def _once(name: str, known: dict[str, str] | dict[str, tuple[int, str, Pieces, str]]) -> None:
        if name in known:
            raise ValueError

    def standoff(self) -> Standoff:
        """Return what was read, every event replaced by its trigger."""
        attributes: dict[str, dict[str, str]] = {}
        for target, key, value in self.attributes:
            attributes.setdefault(self._span_of(target), {})[key] = value
        codes: dict[str, list[dict[str, str]]] = {}
        for target, code in self.codes:
            codes.setdefault(self._span_of(target), []).append(code)
        spans, skipped = [], []
        for name, (number, label, pieces, words) in self.marked.items():
            if not words or " ".join(self.text[a:b] for a, b in pieces) != words:
                skipped.append(number)
                continue
            start, end = pieces[0][0], pieces[-1][1]
            spans.append(
                Span(
                    name,
                    label,
                    start,
                    end,
                    self.text[start:end],
                    pieces if len(pieces) > 1 else None,
                    attributes.get(name, {}),
                    tuple(codes.get(name, ())),
                )
            )
        known, relations = {span.id for span in spans}, []
        for number, link in self.links:
            head, tail = self._span_of(link.head), self._span_of(link.tail)
            if {head, tail} <= known:
                relations.append(replace(link, head=head, tail=tail))
            else:
                skipped.append(number)
        return Standoff(tuple(spans), tuple(relations), tuple(sorted(skipped)))

    def _span_of(self, name: str) -> str:
        return self.trigger.get(name, name)


def _pieces(places: str) -> Pieces:
    pieces = sorted((int(a), int(b)) for a, b in (piece.split() for piece in places.split(";")))
    if any(not 0 <= a < b for a, b in pieces):
        raise ValueError
    return tuple(pieces)


def _with_lines_joined(span: Span, text: str) -> Span:
    """Join fragments with nothing but line ends between them: brat reads line by line."""
    if span.fragments is None:
        return span
    joined = [span.fragments[0]]
    for start, end in span.fragments[1:]:
        if text[joined[-1][1] : start].strip("\r\n"):
            joined.append((start, end))
        else:
            joined[-1] = (joined[-1][0], end)
    return replace(span, fragments=tuple(joined) if len(joined) > 1 else None)


def _content(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(error, str(path)) from None
    return decode(data, str(path), file=True)
