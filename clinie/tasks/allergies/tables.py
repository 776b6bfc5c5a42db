"""Tables of allergies: columns for the substance and for what it does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from clinie.tasks.allergies.claims import Reader
from clinie.tasks.allergies.cues import is_cue
from clinie.tasks.allergies.page import Claim, Page
from clinie.tasks.allergies.vocabulary import Reaction, Substance

__all__ = ["Table", "find_tables", "read_table"]

_KNOWN, _UNKNOWN = 0.94, 0.7
_LINE = re.compile(r"[^\r\n]+")
_BARS = re.compile(r"[^|]+")
_WIDE = re.compile(r"\S+(?:[ ]\S+)*")
_RULE = re.compile(r"[\s|:=+-]*")
_LONGEST_LINE = 1000
_LONGEST_NAME = 60


class Cell(NamedTuple):
    """The words of a cell, at ``text[start:end]``."""

    start: int
    end: int


class Table(NamedTuple):
    """A table: which columns hold substances, reactions and remarks, and its rows."""

    start: int
    end: int
    columns: list[tuple[str, int]]
    rows: list[list[Cell]]
    wide: bool


def find_tables(text: str) -> list[Table]:
    """Return the tables with a column of substances and one more of allergies."""
    lines = list(_LINE.finditer(text))
    tables: list[Table] = []
    index = 0
    while index < len(lines):
        columns, wide = _heading(text, lines[index])
        if not columns:
            index += 1
            continue
        first = index
        rows: list[list[Cell]] = []
        index += 1
        while index < len(lines) and _follows(text, lines[index - 1], lines[index]):
            line = lines[index]
            if not _RULE.fullmatch(line.group()):
                cells = _cells(text, line, wide=wide)
                if len(cells) < 2 and not wide:
                    break
                if wide and (not cells or (len(cells) == 1 and line.group()[0].isspace())):
                    break
                rows.append(cells)
            index += 1
        tables.append(Table(lines[first].start(), lines[index - 1].end(), columns, rows, wide))
    return tables


def _follows(text: str, before: re.Match[str], line: re.Match[str]) -> bool:
    """Tell whether no blank line lies between two lines."""
    return text[before.end() : line.start()] in ("\n", "\r\n", "\r")


def _heading(text: str, line: re.Match[str]) -> tuple[list[tuple[str, int]], bool]:
    """Return the role and the offset of every column, when a line heads a table of allergies."""
    if len(line.group()) > _LONGEST_LINE:
        return [], False
    wide = "|" not in line.group() and "\t" not in line.group()
    if wide and "  " not in line.group().strip():
        return [], False
    columns = []
    for cell in _cells(text, line, wide=wide):
        name = text[cell.start : cell.end].strip(" *_:#").lower()
        role = next((r for r in _COLUMNS if is_cue(name, r)), "")
        columns.append((role, cell.start - line.start()))
    roles = [role for role, _ in columns]
    if len(roles) < 2 or "table_allergen" not in roles:
        return [], False
    if {"table_reaction", "table_other", "table_comment"}.intersection(roles):
        return (columns, wide) if _is_of_allergies(text, line, roles) else ([], False)
    return [], False


_COLUMNS = ("table_allergen", "table_reaction", "table_comment", "table_other")
_ALLERGY = re.compile(r"allerg|reaction|intoleran|manifest|adverse", re.IGNORECASE)


def _is_of_allergies(text: str, line: re.Match[str], roles: list[str]) -> bool:
    """Tell a table of allergies from one of drugs by its heading or the line before it."""
    before = text[max(0, line.start() - 80) : line.start()]
    return _ALLERGY.search(line.group()) is not None or (
        "table_reaction" in roles and _ALLERGY.search(before) is not None
    )


def _cells(text: str, line: re.Match[str], *, wide: bool) -> list[Cell]:
    if len(line.group()) > _LONGEST_LINE:
        return []
    if wide:
        return [Cell(*m.span()) for m in _WIDE.finditer(text, line.start(), line.end())]
    sign = _BARS if "|" in line.group() else re.compile(r"[^\t]+")
    cells = []
    for match in sign.finditer(text, line.start(), line.end()):
        words = match.group().strip()
        start = match.start() + match.group().index(words) if words else match.start()
        if words or match.start() > line.start():
            cells.append(Cell(start, start + len(words)))
    return cells


def read_table(page: Page, table: Table) -> Iterator[Claim]:
    """Yield one claim per substance of a table's rows."""
    line_start = table.start
    for row in table.rows:
        if row:
            line_start = page.text.rfind("\n", 0, row[0].start) + 1
        by_role: dict[str, list[Cell]] = {}
        for number, cell in enumerate(row):
            role = _role(table, number, cell.start - line_start)
            by_role.setdefault(role, []).append(cell)
        for cell in by_role.get("table_allergen", [])[:1]:
            yield from _row(page, cell, by_role)


def _role(table: Table, number: int, offset: int) -> str:
    if not table.wide:
        return table.columns[number][0] if number < len(table.columns) else ""
    return min(table.columns, key=lambda column: abs(column[1] - offset))[0]


def _row(page: Page, cell: Cell, by_role: dict[str, list[Cell]]) -> Iterator[Claim]:
    others = [c for role in _COLUMNS[1:] for c in by_role.get(role, [])]
    end = max([cell.end, *(c.end for c in others)])
    reader = Reader(page, cell.start, end)
    inside = [s for s in reader.substances if s.end <= cell.end]
    substances = inside or list(_named(page, cell))
    reactions = [r for c in by_role.get("table_reaction", []) for r in _cell_reactions(page, c)]
    if "table_reaction" not in by_role:
        for comment in by_role.get("table_comment", []):
            reactions += page.reactions(comment.start, comment.end)
    for substance in substances:
        read = page.context.read(substance.start, substance.end)
        assertion = "family" if read.relative else "present"
        if read.assertion == "possible":
            assertion = "possible"
        sure = _UNKNOWN if substance.kind == "unknown" else _KNOWN
        claim = Claim(substance, assertion, sure, list(reactions))
        reader.settle([claim], substance.end, entry=end)
        yield claim


def _named(page: Page, cell: Cell) -> Iterator[Substance]:
    found = page.unknown(cell.start, cell.end)
    if found is not None and cell.end - cell.start <= _LONGEST_NAME:
        yield found


def _cell_reactions(page: Page, cell: Cell) -> list[Reaction]:
    """Return the reactions of a cell, all its words when no table knows them."""
    words = page.text[cell.start : cell.end]
    found = page.reactions(cell.start, cell.end)
    if found or not words.strip(" -–—.") or is_cue(words, "no_reaction"):
        return list(found)
    roles = ("refuted", "doubt", "generic", "no_reaction", "taking")
    if is_cue(words, *roles) or is_cue(words.split()[0], *roles):
        return []
    is_name = words.replace(" ", "").isalpha() and len(words) <= _LONGEST_NAME
    return [Reaction(cell.start, cell.end, "")] if is_name else []
