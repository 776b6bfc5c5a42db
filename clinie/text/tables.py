r"""Tables in a note: rows of cells set apart by bars, tabs, or two blanks and more.

Only the layout is read here; what rows and columns mean is for the task to say. Cells of a table
with bars or tabs belong to a column by their number; cells set apart by blanks belong to the
column of the heading that they stand under.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["Cell", "Row", "Table", "find_tables"]

Separator = Literal["bars", "tabs", "blanks"]

_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_BLANK = " \u00a0\u2007\u202f"
_BLANK_CELL = re.compile(rf"\S+(?:[{_BLANK}]\S+)*")
_GAP = re.compile(rf"\S[{_BLANK}]{{2,}}\S")
_RULE = re.compile(r"[\s|+:=_\u2014\u2500-\u257f-]*")
_LINE_ENDS = ("\n", "\r\n", "\r")
_LONGEST_LINE = 2000


class Cell(NamedTuple):
    """A cell's words, ``text[start:end]``, and the number of its column in its own row."""

    start: int
    end: int
    column: int


@dataclass(frozen=True)
class Row:
    """A line of a table; `cells` leaves empty ones out."""

    start: int
    end: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Consecutive rows with one kind of separator; rules between rows are left out.

    Parameters
    ----------
    separator : {"bars", "tabs", "blanks"}
    rows : tuple of Row
        Two at least.
    """

    separator: Separator
    rows: tuple[Row, ...]

    @property
    def start(self) -> int:
        """Where the first row starts."""
        return self.rows[0].start

    @property
    def end(self) -> int:
        """Where the last row ends."""
        return self.rows[-1].end

    def row(self, offset: int) -> Row | None:
        """Return the row at an offset, or None."""
        index = bisect_right(self.rows, offset, key=lambda row: row.start) - 1
        return self.rows[index] if index >= 0 and offset < self.rows[index].end else None

    def column(self, cell: Cell, row: Row, heading: Row) -> Cell | None:
        """Return the cell of a heading row that a cell of a row stands under, or None."""
        if self.separator != "blanks":
            return next((h for h in heading.cells if h.column == cell.column), None)
        left, right = cell.start - row.start, cell.end - row.start
        return max(
            heading.cells,
            key=lambda h: (
                min(right, h.end - heading.start) - max(left, h.start - heading.start),
                -h.start,
            ),
            default=None,
        )


def find_tables(text: str) -> list[Table]:
    r"""Return the tables of a text in order.

    Examples
    --------
    >>> [[len(row.cells) for row in t.rows] for t in find_tables("\tadm\td/c\nHb\t64\t88")]
    [[2, 3]]
    """
    return list(_tables(text))


def _tables(text: str) -> Iterator[Table]:
    run: list[Row] = []
    kind: Separator | None = None
    previous = 0
    for line in _LINE.finditer(text):
        gap = text[previous : line.start()]
        previous = line.end()
        adjacent = gap in _LINE_ENDS
        own = _separator(line.group())
        if own is None and run and adjacent and _RULE.fullmatch(line.group()):
            continue
        if own != kind or not adjacent:
            yield from _table(text, run, kind)
            run, kind = [], own
        if own is not None:
            row = _row(text, line.start(), line.end(), own)
            if row.cells:  # a rule of a table with bars has none
                run.append(row)
    yield from _table(text, run, kind)


def _table(text: str, run: Sequence[Row], kind: Separator | None) -> Iterator[Table]:
    if kind and len(run) > 1:
        first, *rows = run
        if kind == "blanks":
            rows = [_split(row, first, text) for row in rows]
        yield Table(kind, (first, *rows))


def _split(row: Row, heading: Row, text: str) -> Row:
    """Cut cells that only one blank sets apart where the next column begins."""
    cuts = {row.start + h.start - heading.start for h in heading.cells}
    pieces: list[tuple[int, int]] = []
    for start, end, _ in row.cells:
        at = start
        for cut in sorted(cut for cut in cuts if start < cut < end and text[cut - 1] in _BLANK):
            pieces.append((at, at + len(text[at:cut].rstrip())))
            at = cut
        pieces.append((at, end))
    return Row(row.start, row.end, tuple(Cell(a, b, n) for n, (a, b) in enumerate(pieces)))


def _separator(line: str) -> Separator | None:
    """Return what sets the cells of a line apart, or None when it is no row."""
    if len(line) > _LONGEST_LINE:
        return None
    body = line.strip()
    if "|" in body.strip("|"):
        return "bars"
    if "\t" in line.rstrip() and body:
        return "tabs"
    return "blanks" if _GAP.search(body) else None


def _row(text: str, start: int, end: int, kind: Separator) -> Row:
    if kind == "blanks":
        found = [m.span() for m in _BLANK_CELL.finditer(text, start, end)]
        return Row(start, end, tuple(Cell(a, b, n) for n, (a, b) in enumerate(found)))
    cells: list[Cell] = []
    at = start
    for column, piece in enumerate(text[start:end].split("|" if kind == "bars" else "\t")):
        words = piece.strip()
        if words and not _RULE.fullmatch(words):
            first = at + piece.index(words)
            cells.append(Cell(first, first + len(words), column))
        at += len(piece) + 1
    return Row(start, end, tuple(cells))
