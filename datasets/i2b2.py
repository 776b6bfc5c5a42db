"""The i2b2 challenges of 2009 (medications) and 2010 (concepts, assertions, relations).

Both point at words by line and token: ``67:8 68:1`` is from the ninth word of line 67 to the second
of line 68; lines count from 1, words from 0, and words are parted by blanks. Annotated words are in
lower case.

2009, one line per mention of a drug; ``nm`` is *not mentioned*, pieces of a discontinuous mention
are parted by commas, their words by three dots::

    m="lasix" 12:3 12:3||do="40 mg" 12:4 12:5||mo="nm"||f="bid...prn" 12:6 12:6,13:0 13:0||du="nm"
    ||r="edema" 13:2 13:2||ln="list"

2010, one file per kind of annotation (``.con``, ``.ast``, ``.rel``)::

    c="chest pain" 4:1 4:2||t="problem"
    c="chest pain" 4:1 4:2||t="problem"||a="absent"
    c="lasix" 9:2 9:2||r="TrAP"||c="chest pain" 9:5 9:6

Folders may lie as they were published, in any depth: a file below a folder with *train* in its name
is for training, all others are for testing (the 2009 texts, which lie together, go with their
annotations).

References
----------
Uzuner Ö, Solti I, Cadag E. Extracting medication information from clinical text. JAMIA 2010.

Uzuner Ö, South BR, Shen S, DuVall SL. 2010 i2b2/VA challenge on concepts, assertions, and relations
in clinical text. JAMIA 2011.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from clinie.datasets.corpora import CorpusItem
from clinie.datasets.user_files import part_of, read_text
from clinie.errors import InputError
from clinie.schema import Document, Relation, Span

__all__ = ["MEDICATION_FIELDS", "concepts", "medications"]

MEDICATION_FIELDS = ("m", "do", "mo", "f", "du", "r")
"""Drug, dosage, mode (route), frequency, duration, reason."""

_SAID_OF_DRUG = ("e", "t", "c", "ln")
_NOT_MENTIONED = "nm"
_FIELD = re.compile(r'\|?\s*(?P<name>[a-z]+)="(?P<words>.*)"(?P<places>[\d:,\s]*)')
_PLACE = re.compile(r"(\d+):(\d+)[\s,]+(\d+):(\d+)")
_BLANK = re.compile(r"\s")
_MARKS = ".,;:"
Pieces = tuple[tuple[int, int], ...]


class _Field(NamedTuple):
    name: str
    words: str
    places: tuple[tuple[int, int, int, int], ...]


def medications(split: str, folder: Path) -> Iterator[CorpusItem]:
    """Yield the discharge summaries of 2009; split ``train`` or ``test``.

    Span labels are `MEDICATION_FIELDS`; a drug (``m``) carries ``ln`` (``list`` or ``narrative``)
    and what else its line says (``e``, ``t``, ``c``). Relations lead from the drug to its fields.

    Parameters
    ----------
    split : str
    folder : Path
        Annotations end in ``.entries`` or ``.m``; the text of a document is a file without suffix,
        named by its number.

    Raises
    ------
    InputError
        When a line is malformed, or an annotated text is not there.
    """
    texts: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix == "" and path.is_file():
            texts.setdefault(path.name, path)
    for path in sorted(p for p in folder.rglob("*") if p.suffix in (".entries", ".m")):
        if part_of(path, folder) == split:
            name = path.name.partition(".")[0].partition("_")[0]
            yield _medications(_document(name, texts.get(name), path), path)


def concepts(split: str, folder: Path) -> Iterator[CorpusItem]:
    """Yield the records of 2010; split ``train`` or ``test``.

    Span labels are ``problem``, ``treatment``, ``test``; a problem carries its ``assertion``.
    Relations (``TrAP``, ``TeRP``, ``PIP``, ...) lead from the first to the second concept.

    Parameters
    ----------
    split : str
    folder : Path
        With a ``.con`` and a ``.txt`` for each record, and ``.ast`` and ``.rel`` where there are.

    Raises
    ------
    InputError
        When a line is malformed, or an annotated text is not there.
    """
    files: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.rglob("*.*")):
        if path.suffix in (".con", ".ast", ".rel", ".txt") and part_of(path, folder) == split:
            files.setdefault(path.stem, {})[path.suffix] = path
    for name, of_record in files.items():
        if ".con" in of_record:
            document = _document(name, of_record.get(".txt"), of_record[".con"])
            yield _concepts(document, of_record)


def _document(name: str, path: Path | None, annotations: Path) -> Document:
    if path is None:
        raise InputError(
            "no text of this name", mend="put its text into the folder", place=str(annotations)
        )
    return Document(read_text(path), name)


def _medications(document: Document, path: Path) -> CorpusItem:
    marks = _Marks(document.text)
    for fields, _ in _lines(path, first="m"):
        said = {f.name: f for f in fields}
        attributes = {n: said[n].words for n in _SAID_OF_DRUG if n in said}
        drug = marks.span("m", said["m"], attributes)
        for name in MEDICATION_FIELDS[1:]:
            if name in said and said[name].words != _NOT_MENTIONED:
                marks.link(name, drug, marks.span(name, said[name]))
    return marks.item(document)


def _concepts(document: Document, files: Mapping[str, Path]) -> CorpusItem:
    marks = _Marks(document.text)
    said = _assertions(files[".ast"]) if ".ast" in files else {}
    for fields, place in _lines(files[".con"], first="c"):
        concept, kind = fields[0], _value(fields, "t", place)
        value = said.pop((concept.places, kind), None)
        marks.span(kind, concept, {} if value is None else {"assertion": value})
    marks.skipped += len(said)
    for fields, place in _lines(files[".rel"], first="c") if ".rel" in files else ():
        if len(fields) != len(("c", "r", "c")) or fields[2].name != "c":
            raise _malformed(place)
        marks.link(_value(fields, "r", place), marks.known(fields[0]), marks.known(fields[2]))
    return marks.item(document)


def _assertions(path: Path) -> dict[tuple[tuple[tuple[int, int, int, int], ...], str], str]:
    return {
        (fields[0].places, _value(fields, "t", place)): _value(fields, "a", place)
        for fields, place in _lines(path, first="c")
    }


def _value(fields: Sequence[_Field], name: str, place: str) -> str:
    for each in fields:
        if each.name == name and each.words:
            return each.words
    raise _malformed(place)


def _lines(path: Path, first: str) -> Iterator[tuple[list[_Field], str]]:
    """Yield the fields of each line, the first of which must have a name and a place."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            place = f"{path}:{number}"
            fields = [_field(part, place) for part in line.strip().split("||")]
            if fields[0].name != first or not fields[0].places:
                raise _malformed(place)
            yield fields, place


def _field(part: str, place: str) -> _Field:
    found = _FIELD.fullmatch(part.strip())
    if found is None:
        raise _malformed(place)
    places = tuple(
        (int(a), int(b), int(c), int(d)) for a, b, c, d in _PLACE.findall(found["places"])
    )
    return _Field(found["name"], found["words"], places)


def _malformed(place: str) -> InputError:
    return InputError(
        "not a line of this challenge", mend='fields like c="words" 4:1 4:2, parted by ||',
        place=place,
    )  # fmt: skip


class _Marks:
    """Spans and relations of one text; what does not stand where a line says is counted."""

    def __init__(self, text: str) -> None:
        self.words = _Words(text)
        self.spans: dict[tuple[str, Pieces], Span] = {}
        self.links: dict[tuple[str, str, str], None] = {}
        self.skipped = 0

    def span(
        self, label: str, said: _Field, attributes: Mapping[str, str] | None = None
    ) -> Span | None:
        """Return the span of a field, the same one for the same place."""
        pieces = self.words.pieces(said)
        if pieces is None:
            self.skipped += 1
            return None
        start, end = pieces[0][0], pieces[-1][1]
        fragments = pieces if len(pieces) > 1 else None
        words = self.words.text[start:end]
        made = Span(
            f"s{len(self.spans)}", label, start, end, words, fragments, dict(attributes or {})
        )
        return self.spans.setdefault((label, pieces), made)

    def known(self, said: _Field) -> Span | None:
        """Return the span that stands at a place already."""
        pieces = self.words.pieces(said)
        return next((span for (_, own), span in self.spans.items() if own == pieces), None)

    def link(self, label: str, head: Span | None, tail: Span | None) -> None:
        """Link two spans; a link without one of its ends is counted."""
        if head is None or tail is None:
            self.skipped += 1
        else:
            self.links[label, head.id, tail.id] = None

    def item(self, document: Document) -> CorpusItem:
        """Return what was gathered."""
        relations = (Relation(f"r{n}", *link) for n, link in enumerate(self.links))
        return CorpusItem(document, tuple(self.spans.values()), tuple(relations), self.skipped)


class _Words:
    """Finds the characters of words by line and token.

    Where a line has two blanks in a row, some annotations count the empty word between them; the
    annotated words tell which way of counting holds.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.found: dict[tuple[int, bool], list[tuple[int, int]]] = {}

    def pieces(self, said: _Field) -> Pieces | None:
        """Return the pieces that hold the field's words, or None when none do."""
        wanted = _plain(said.words)
        for empty in (False, True):
            found = [self._piece(place, empty=empty) for place in said.places]
            pieces = tuple(sorted(piece for piece in found if piece is not None))
            if len(pieces) < len(found):
                continue
            # A mark at the end of a word is part of it in the text, often not in the annotation.
            bare = tuple((a, a + len(self.text[a:b].rstrip(_MARKS))) for a, b in pieces)
            for cut in (pieces, bare):
                if wanted and _plain(" ".join(self.text[a:b] for a, b in cut)) == wanted:
                    return cut
        return None

    def _piece(self, place: tuple[int, int, int, int], *, empty: bool) -> tuple[int, int] | None:
        line, word, last_line, last_word = place
        first, last = self._line(line, empty=empty), self._line(last_line, empty=empty)
        if word >= len(first) or last_word >= len(last) or first[word] > last[last_word]:
            return None
        return first[word][0], last[last_word][1]

    def _line(self, number: int, *, empty: bool) -> list[tuple[int, int]]:
        """Return the words of a line, with or without the empty ones between two blanks."""
        if not 1 <= number <= len(self.lines):
            return []
        if (number, empty) not in self.found:
            start, line, words = self.starts[number - 1], self.lines[number - 1], []
            at = 0
            for word in _BLANK.split(line):
                if word or empty:
                    words.append((start + at, start + at + len(word)))
                at += len(word) + 1
            self.found[number, empty] = words
        return self.found[number, empty]


def _plain(words: str) -> list[str]:
    return words.replace("...", " ").lower().split()
