"""Readings in tables: rows of tests under dates, rows of times under vital signs."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from clinie.tasks.measurements.readings import Extent, Reading, belief, is_dosed, unit_behind
from clinie.tasks.measurements.values import is_range, value_at, words_at
from clinie.text.dates import DateMention
from clinie.text.quantities import NameMatch
from clinie.text.tables import Cell, Row, Table
from clinie.text.units import unit_at

__all__ = ["Grid", "Grids"]

_LEAD = re.compile(r"[-*•·#\s]*")
_REST = re.compile(
    r"(?:[ ]?/\d{1,2})?(?:,[ ]?[\w -]{1,20})?[\s:*.,†]*(?:[(\[][^()\[\]]{0,30}[)\]][\s:*]*)?"
)
_LABELLED = re.compile(r"(?:date|time|collected|drawn|day)s?[ ]?:[ ]?", re.IGNORECASE)
_OPENS_VALUE = re.compile(r"(?:\(!\)|[*=:]|\s)*")
_OPENS_UNIT = re.compile(r"[ \u00a0]?[,:]?[ \u00a0]?[(\[]?")
_ENDS_UNIT = re.compile(r"[)\]]?[:*]?")
_FLAG = re.compile(r"[(\[]?(?:[HLhl]{1,2}|[*!]{1,2}|↑+|↓+|A|N|high|low|normal|abn\w*)[)\]]?", re.I)
_REFERENCE = re.compile(
    r"(?:ref(?:erence)?|normal|nl)\.?(?:[ ](?:range|values?|interval|limits?))?|range|limits", re.I
)
_FEWEST_HEADS = 2


class Grid(NamedTuple):
    """What a table gave.

    Parameters
    ----------
    readings : list of Reading
    rows : list of Row
        Those that belong to the grid, heading included.
    rest : list of Extent
        Cells of these rows that are neither name nor value: remarks, to be read as prose.
    """

    readings: list[Reading]
    rows: list[Row]
    rest: list[Extent]


class _Head(NamedTuple):
    """A name as a heading, with its unit where that stands in the same cell."""

    name: NameMatch
    unit: Extent | None


class Grids:
    """Reads the tables of a note.

    Parameters
    ----------
    text : str
    names, dates : sequence
        All of the note, in text order.
    """

    def __init__(self, text: str, names: Sequence[NameMatch], dates: Sequence[DateMention]) -> None:
        self._text = text
        self._names = {name.start: name for name in names}
        self._dates = {date.start: date for date in dates}
        self._date_starts = [date.start for date in dates]

    def read(self, table: Table) -> Grid:
        """Return the readings of a table; none when its cells are no values of quantities."""
        for at, row in enumerate(table.rows):
            heads = self._heads(row)
            if len(heads) >= _FEWEST_HEADS and not any(
                self._value(cell, head)
                for cell in row.cells
                for head in heads.values()
                if cell not in heads
            ):
                return self._under_names(table, at)
            if row.cells and self._head(row.cells[0]):
                break
        return self._beside_names(table)

    # -- names above -----------------------------------------------------------------------

    def _under_names(self, table: Table, at: int) -> Grid:
        """Read rows of times under a row of names."""
        heading, grid = table.rows[at], Grid([], [], [])
        heads: dict[Cell, _Head] = {}
        for row in table.rows[at:]:
            own = self._heads(row)
            if len(own) >= _FEWEST_HEADS:
                heading, heads = row, own
                grid.rows.append(row)
                continue
            dates = [date for cell in row.cells if (date := self._date(cell))]
            found = []
            for cell in row.cells:
                above = table.column(cell, row, heading)
                head = heads.get(above) if above else None
                reading = self._value(cell, head) if head else None
                if reading is not None:
                    reading.dates = dates
                    found.append(reading)
                elif not self._date(cell):
                    grid.rest.append(Extent(cell.start, cell.end))
            grid.readings.extend(found)
            grid.rows.append(row)
        return grid if grid.readings else Grid([], [], [])

    def _heads(self, row: Row) -> dict[Cell, _Head]:
        return {cell: head for cell in row.cells if (head := self._head(cell))}

    # -- names in front --------------------------------------------------------------------

    def _beside_names(self, table: Table) -> Grid:
        """Read rows that open with a name, under dates or *result*, *unit*, *reference*."""
        grid = Grid([], [], [])
        headings: list[Row] = []
        for row in table.rows:
            head = self._head(row.cells[0])
            found = self._row(table, row, head, headings) if head else []
            if found:
                grid.readings.extend(found)
                grid.rows.append(row)
            elif head is None and len(row.cells) + (table.separator != "blanks") > 1:
                if headings and grid.readings and not self._is_heading(row):
                    continue
                if grid.rows and grid.rows[-1] not in headings:
                    headings = []
                headings.append(self._shifted(row))
        return grid

    def _shifted(self, row: Row) -> Row:
        """Set the word and the date of a first cell such as "Date: 14 Jan" apart."""
        first = row.cells[0]
        label = _LABELLED.match(self._text, first.start, first.end)
        if label is None or first.column or label.end() == first.end:
            return row
        cells = [Cell(first.start, label.end(), 0), Cell(label.end(), first.end, 1)]
        cells += [Cell(c.start, c.end, c.column + 1) for c in row.cells[1:]]
        return Row(row.start, row.end, tuple(cells))

    def _is_heading(self, row: Row) -> bool:
        return any(self._date(cell) for cell in row.cells[1:])

    def _row(self, table: Table, row: Row, head: _Head, headings: Sequence[Row]) -> list[Reading]:
        """Return the readings of one row; none if it holds other names, as a dense list does."""
        cells = row.cells[1:]
        if not cells or any(self._head(cell) for cell in cells):
            return []
        unit = head.unit
        row_dates: list[Extent] = []
        found: list[Reading] = []
        dated = any(self._is_heading(heading) for heading in headings)
        for cell in cells:
            above = [h for heading in headings if (h := self._above(table, cell, row, heading))]
            whole = unit_at(self._text, cell.start, cell.end)
            if _FLAG.fullmatch(self._text, cell.start, cell.end):
                continue
            if whole == (cell.start, cell.end):
                unit = unit or Extent(*whole)
            elif date := self._date(cell):
                row_dates.append(date)
            elif any(map(self._is_reference, above)) or (
                found and not dated and self._is_range(cell)
            ):
                unit = unit or self._unit_of_range(cell)
            elif reading := self._value(cell, head):
                reading.dates = [date for h in above if (date := self._date(h))]
                found.append(reading)
        for reading in found:
            reading.dates = reading.dates + row_dates
            reading.unit = reading.unit or unit
        return found

    def _above(self, table: Table, cell: Cell, row: Row, heading: Row) -> Cell | None:
        """Return the heading of a cell: by number where a column of references is askew."""
        full = len(row.cells) == len(heading.cells)
        if full and any(map(self._is_reference, heading.cells)):
            return heading.cells[row.cells.index(cell)]
        return table.column(cell, row, heading)

    def _is_reference(self, heading: Cell) -> bool:
        return _REFERENCE.match(self._text, heading.start, heading.end) is not None

    def _is_range(self, cell: Cell) -> bool:
        start = cell.start + (self._text[cell.start] in "([")
        return is_range(self._text, start, cell.end) is not None

    def _unit_of_range(self, cell: Cell) -> Extent | None:
        start = cell.start + (self._text[cell.start] in "([")
        bounds = is_range(self._text, start, cell.end)
        if bounds is None:
            return None
        after = bounds.end() + (self._text[bounds.end() : bounds.end() + 1] in (")", "]"))
        unit = unit_at(self._text, after, cell.end)
        return Extent(*unit) if unit else None

    # -- cells -----------------------------------------------------------------------------

    def _head(self, cell: Cell) -> _Head | None:
        """Return the name that a cell as a whole is, its unit and a remark aside."""
        text, end = self._text, cell.end
        lead = _LEAD.match(text, cell.start, end)
        name = self._names.get(lead.end() if lead else cell.start)
        if name is None or name.end > end:
            return None
        if unit_at(text, cell.start, end) == (cell.start, end) and name.end < end:
            return None  # the unit "K/uL"
        if name.mark != "substance":
            name = name._replace(mark="")
        opens = _OPENS_UNIT.match(text, name.end, end)
        unit = unit_at(text, opens.end(), end) if opens else None
        if unit is not None and _ENDS_UNIT.fullmatch(text, unit[1], end):
            return _Head(name, Extent(*unit))
        return _Head(name, None) if _REST.fullmatch(text, name.end, end) else None

    def _date(self, cell: Cell) -> Extent | None:
        """Return the date that a cell is, or opens with."""
        at = bisect_left(self._date_starts, cell.start)
        if at == len(self._date_starts):
            return None
        date = self._dates[self._date_starts[at]]
        inside = date.start - cell.start <= 1 and date.end <= cell.end
        return Extent(date.start, date.end) if inside and cell.end - date.end <= 4 else None

    def _value(self, cell: Cell, head: _Head) -> Reading | None:
        """Return the reading that a cell is, flags and short remarks aside."""
        text, name = self._text, head.name
        opens = _OPENS_VALUE.match(text, cell.start, cell.end)
        start = opens.end() if opens else cell.start
        value = value_at(text, start, cell.end, name.quantity)
        if value is None:
            words = words_at(text, start, cell.end, name.quantity)
            whole = words is not None and _REST.fullmatch(text, words.end, cell.end)
            return Reading(name, words, None, [], 0.85) if words and whole else None
        unit = unit_behind(text, value.end, cell.end, name)
        dosed = name.mark == "substance" and is_dosed(text, value.end, cell.end)
        if dosed or not belief(text, name._replace(mark=""), value, unit, end=cell.end):
            return None
        own = Extent(unit.start, unit.end) if unit else head.unit
        return Reading(name, value, own, [], 0.9)
