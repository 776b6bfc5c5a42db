"""The randomised trials of Yun et al. (2024): articles as plain text, gold, and recorded answers.

An article is the abstract and the results of an open publication, in the XML of PubMed Central.
Its text here has one paragraph a line and one table row a line, each cell with its column's heading
before it, so that a row can be read (and pointed at) by itself::

    Table 2. Adverse events
    | Event | Drug A (n = 79) | Placebo (n = 86) |
    | Nausea | Drug A (n = 79): 12 (15%) | Placebo (n = 86): 9 (10%) |

The corpus has no split. Trials, not questions, are divided here for good: ``dev`` to write rules
on, ``test`` for figures only.

References
----------
Yun HS, Pogrebitskiy D, Marshall IJ, Wallace BC. Automatically extracting numerical results from
randomized controlled trials with large language models. MLHC 2024.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from clinie.datasets.corpora import corpus_file, json_lines, split_of
from clinie.schema import Document

__all__ = ["ARMS", "FIELDS", "RecordedAnswer", "Trial", "plain_text", "recorded_answers", "trials"]

ARMS = ("intervention", "comparator")
FIELDS = {
    "binary": ("events", "group_size"),
    "continuous": ("mean", "standard_deviation", "group_size"),
}
"""The numbers of each arm, by type of outcome."""

_PLACE = "recorded_llm/trials"
_QUESTION = ("intervention", "comparator", "outcome")
_SUPERSCRIPTS = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_POWER = re.compile(r"[+\-−]?\d{1,2}")
_ORDINAL = frozenset({"st", "nd", "rd", "th"})
_EMPTY_BRACKETS = re.compile(r"[ \t]*[\[(][\s,;–-]*[\])]")
_BLANKS = re.compile(r"\s+")
_LETTER = re.compile(r"[^\W\d_]")
_INDENT = re.compile(r"\s*[\u2000-\u200a\u3000\u00a0]")
_BLOCKS = frozenset({"p", "title", "sec", "abstract", "caption", "fn", "list-item", "label"})
_LEFT_OUT = frozenset({"graphic", "object-id", "alt-text", "long-desc", "funding-source"})


@dataclass(frozen=True, slots=True)
class Trial:
    """One question about one trial, with its gold.

    Parameters
    ----------
    document : Document
        The article; its metadata hold ``intervention``, ``comparator``, ``outcome``. The id is
        that of the question, ``patient`` stays empty.
    trial : str
        PubMed Central number: questions of one trial belong together.
    outcome_type : str
        ``binary`` or ``continuous``.
    gold : Mapping of str to str
        ``intervention_events`` and so on, as the annotators wrote it; a number that is not
        reported is left out.
    complete : bool
        The annotators called their data complete. Nine binary questions are, without event counts.
    """

    document: Document
    trial: str
    outcome_type: str
    gold: Mapping[str, str]
    complete: bool


class RecordedAnswer(NamedTuple):
    """What a model really answered to a question (``Trial.document.id``).

    ``task`` is ``binary_outcomes``, ``continuous_outcomes`` or ``outcome_type``; the answers about
    the parts of a long article stand in one text, each followed by a line ``---``.
    """

    question: str
    model: str
    task: str
    text: str


def trials(split: str | None = None, folder: Path | None = None) -> Iterator[Trial]:
    """Yield the questions of the trials; split ``dev`` or ``test`` by trial, None for all."""
    for record in json_lines(corpus_file(_PLACE, "gold.jsonl", folder=folder)):
        part = "test" if split_of(record["pmcid"], folds=2) == "test" else "dev"
        if split not in (None, part):
            continue
        names = [f"{arm}_{name}" for arm in ARMS for name in FIELDS[record["outcome_type"]]]
        yield Trial(
            Document(
                _article(record["pmcid"], folder),
                record["id"],
                metadata={name: record[name] for name in _QUESTION},
            ),
            record["pmcid"],
            record["outcome_type"],
            {name: record[name].strip() for name in names if record[name].strip()},
            record["is_data_complete"] == "TRUE",
        )


def recorded_answers() -> Iterator[RecordedAnswer]:
    """Yield what eight language models answered to the questions, in the order of the file."""
    for record in json_lines(corpus_file(_PLACE, "outputs.jsonl")):
        yield RecordedAnswer(record["id"], record["model"], record["task"], record["output"])


@lru_cache(maxsize=4)  # the questions of one trial stand together
def _article(number: str, folder: Path | None) -> str:
    path = corpus_file(_PLACE, "documents", f"PMC{number}.xml", folder=folder)
    return plain_text(path.read_text(encoding="utf-8"))


def plain_text(xml: str) -> str:
    """Return a PubMed Central article as plain text, its tables row by row.

    Citation marks are left out; a superscript number becomes superscript characters (``10⁶``),
    another superscript a footnote mark (``12^a``). Total: what is no XML is text. Linear in the
    length of the article, but for cells that span rows or columns.
    """
    reader = _Article()
    reader.feed(xml)
    reader.close()
    return reader.finish()


@dataclass(slots=True, eq=False)
class _Cell:
    """A cell, which may span several rows and columns of its table."""

    pieces: list[str] = field(default_factory=list)
    rows: int = 1
    columns: int = 1

    @property
    def line(self) -> str:
        return _one_line("".join(self.pieces))

    @property
    def is_indented(self) -> bool:
        return _INDENT.match("".join(self.pieces)) is not None


@dataclass(slots=True)
class _Table:
    """A table in the making: rows of cells, and how many of them are headings."""

    rows: list[list[_Cell]] = field(default_factory=list)
    headings: int = 0
    in_heading: bool = False

    def open_row(self) -> None:
        self.rows.append([])
        self.headings += self.in_heading

    def open_cell(self, attributes: Mapping[str, str | None]) -> _Cell:
        if not self.rows:
            self.open_row()
        cell = _Cell([], _span(attributes.get("rowspan")), _span(attributes.get("colspan")))
        self.rows[-1].append(cell)
        return cell


def _span(value: str | None, most: int = 50) -> int:
    return min(int(value), most) if value and value.isascii() and value.isdecimal() else 1


class _Article(HTMLParser):
    """Writes paragraphs and table rows as lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self.words: list[str] = []
        self.table: _Table | None = None
        self.cell: _Cell | None = None
        self.raised: list[str] | None = None
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if self.silent or tag in _LEFT_OUT or attributes.get("ref-type") == "bibr":
            self.silent.append(tag)
        elif tag == "table":
            self._end_line()
            self.table = _Table()
        elif self.table and tag in ("thead", "tbody"):
            self.table.in_heading = tag == "thead"
        elif self.table and tag == "tr":
            self.table.open_row()
        elif self.table and tag in ("td", "th"):
            self.cell = self.table.open_cell(attributes)
        elif tag == "sup":
            self.raised = []
        elif tag in ("break", "hr"):
            self._write(" ")
        elif tag in _BLOCKS and not self.table:
            self._end_line()

    def handle_endtag(self, tag: str) -> None:
        if self.silent:
            if self.silent[-1] == tag:
                self.silent.pop()
        elif tag == "sup" and self.raised is not None:
            said, self.raised = "".join(self.raised).strip(), None
            self._write(_superscript(said))
        elif tag in ("td", "th"):
            self.cell = None
        elif tag == "table" and self.table:
            self.lines += _rows_as_lines(self.table)
            self.table = self.cell = None
        elif tag == "label":
            self._write(" ")
        elif tag in _BLOCKS and not self.table:
            self._end_line()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self._write(data)

    def finish(self) -> str:
        if self.table:  # never closed
            self.lines += _rows_as_lines(self.table)
        self._end_line()
        return "\n".join(self.lines)

    def _write(self, said: str) -> None:
        if self.raised is not None:
            self.raised.append(said)
        elif self.table:
            if self.cell:
                self.cell.pieces.append(said)
        else:
            self.words.append(said)

    def _end_line(self) -> None:
        line = _one_line("".join(self.words))
        self.words = []
        if line:
            self.lines.append(line)


def _superscript(said: str) -> str:
    if _POWER.fullmatch(said):
        return said.translate(_SUPERSCRIPTS)
    if said in _ORDINAL:
        return said
    return f"^{said}" if any(map(str.isalnum, said)) or said in ("*", "†", "‡", "§") else ""


def _one_line(text: str) -> str:
    return _EMPTY_BRACKETS.sub("", _BLANKS.sub(" ", text)).strip()


def _rows_as_lines(table: _Table) -> Iterator[str]:
    """Yield the heading and the rows of a table, every cell behind the words of its column."""
    grid = _grid(table.rows)
    headings, body = grid[: table.headings], grid[table.headings :]
    columns = _columns(headings)
    if columns:
        yield _joined(columns)
    group, indented, above = "", False, ""
    for number, row in enumerate(body):
        filled = {id(cell): cell for cell in row if cell.line}
        if not filled:
            continue
        if len(filled) == 1 and row[0].line and len(row) > 1:  # a heading over the rows below it
            group, indented, above = row[0].line, _is_indented(body, number + 1), ""
            yield _joined([group])
            continue
        if group and indented and not row[0].is_indented:
            group = ""
        name = row[0].line
        if not name and len(row) > 1 and _LETTER.match(row[1].line):
            name = above  # written once for several rows
        above = name
        yield _joined([", ".join(filter(None, (group, name))), *_cells(row, columns)])


def _joined(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _is_indented(body: Sequence[Sequence[_Cell]], number: int) -> bool:
    return number < len(body) and bool(body[number]) and body[number][0].is_indented


def _cells(row: Sequence[_Cell], columns: Sequence[str]) -> Iterator[str]:
    """Yield the cells behind the first one, each behind its heading."""
    for at, cell in enumerate(row[1:], start=1):
        if cell.line and cell is not row[at - 1]:  # a cell over several columns is said once
            heading = columns[at] if at < len(columns) else ""
            yield f"{heading}: {cell.line}" if heading else cell.line


def _columns(headings: Sequence[Sequence[_Cell]]) -> list[str]:
    """Return the heading of each column: the words above it, from the top down, each once."""
    width = max(map(len, headings), default=0)
    columns = []
    for at in range(width):
        above = [row[at].line for row in headings if at < len(row)]
        columns.append(", ".join(dict.fromkeys(word for word in above if word)))
    return columns


def _grid(rows: Sequence[Sequence[_Cell]]) -> list[list[_Cell]]:
    """Return the cells at their places, one that spans rows or columns at each of its own."""
    grid: list[list[_Cell]] = []
    hanging: dict[int, tuple[int, _Cell]] = {}  # column: rows still to fill, and with what
    for row in rows:
        placed: list[_Cell] = []
        own = list(reversed(row))
        while own or len(placed) in hanging:
            at = len(placed)
            if at in hanging:
                left, cell = hanging.pop(at)
                placed.append(cell)
                if left > 1:
                    hanging[at] = (left - 1, cell)
                continue
            cell = own.pop()
            placed += [cell] * cell.columns
            if cell.rows > 1:
                for column in range(at, at + cell.columns):
                    hanging[column] = (cell.rows - 1, cell)
        grid.append(placed)
    return grid
