"""Rows, cells and columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.tables import find_tables


def cells(text: str) -> list[list[list[str]]]:
    return [
        [[text[c.start : c.end] for c in row.cells] for row in t.rows] for t in find_tables(text)
    ]


def under(text: str) -> list[dict[str, str]]:
    """Return for the rows of the first table each cell and the heading above it."""
    (table,) = find_tables(text)
    heading, *rows = table.rows
    result = []
    for row in rows:
        above = {}
        for cell in row.cells:
            head = table.column(cell, row, heading)
            above[text[cell.start : cell.end]] = text[head.start : head.end] if head else ""
        result.append(above)
    return result


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_blanks(end: str) -> None:
    text = end.join(["Time   BP       HR", "08:00  120/80   72", "12:00  118/76   80"])
    assert cells(text) == [
        [["Time", "BP", "HR"], ["08:00", "120/80", "72"], ["12:00", "118/76", "80"]]
    ]


def test_bars_and_a_rule() -> None:
    text = "| Test | 1 Mar |  |\n|---|---|---|\n| Hb | 98 | g/L |"
    assert cells(text) == [[["Test", "1 Mar"], ["Hb", "98", "g/L"]]]
    assert under(text) == [{"Hb": "Test", "98": "1 Mar", "g/L": ""}]


def test_tabs_keep_the_number_of_an_empty_cell() -> None:
    text = "\tadm\td/c\nHb\t64\t88\nINR\t\t1.4"
    assert under(text) == [{"Hb": "", "64": "adm", "88": "d/c"}, {"INR": "", "1.4": "d/c"}]


def test_a_missing_cell_among_blanks() -> None:
    text = "Test      15/06     17/06\nSodium    131       133\nCalcium             2.66"
    assert under(text)[1] == {"Calcium": "Test", "2.66": "17/06"}


def test_one_blank_before_the_next_column() -> None:
    text = "T (C)  HR   RR\n38.9   118  20\n101.3F 104  18"
    assert under(text)[1] == {"101.3F": "T (C)", "104": "HR", "18": "RR"}


def test_the_row_at_an_offset() -> None:
    (table,) = find_tables("a  b\nc  d")
    assert [table.row(at) for at in (0, 4, 5, 9)] == [table.rows[0], None, table.rows[1], None]


@pytest.mark.parametrize("text", ["", "one  line", "a b\nc d", "a  b\n\nc  d", "a | b\nc\td"])
def test_no_tables(text: str) -> None:
    assert cells(text) == []


def test_an_endless_line_is_no_row() -> None:
    assert cells("a  " * 5000 + "\n" + "b  " * 5000) == []


@given(st.text(alphabet="ab1 \t|-\n\r", max_size=120))
def test_cells_lie_in_their_rows(text: str) -> None:
    for table in find_tables(text):
        assert len(table.rows) > 1
        for row in table.rows:
            assert row.cells
            for cell in row.cells:
                assert row.start <= cell.start < cell.end <= row.end
                assert text[cell.start : cell.end].strip() == text[cell.start : cell.end]
                assert table.column(cell, row, table.rows[0]) is None or table.rows[0].cells
