"""Medication tables: the column that says what a drug is for.

Doses, routes and frequencies speak for themselves in any cell; an indication is a plain noun
phrase, so only the heading of its column tells it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from clinie.text.sig import SigPart

__all__ = ["column_reasons"]

_ROW = re.compile(r"^[^\r\n|\t]*[|\t][^\r\n]*", re.MULTILINE)
_CELL = re.compile(r"[^|\t]+")
_HEADING = re.compile(
    r"(?:indications?|reasons?|diagnosis|purpose|used for|what for|for)(?: for use)?", re.IGNORECASE
)
_NO_REASON = re.compile(r"[\W\d_]*|n/?a|none|unknown|unclear|see .*", re.IGNORECASE)


def column_reasons(text: str) -> list[SigPart]:
    """Return the cells below a heading such as "Indication", rows by ``|`` or tab."""
    return list(_reasons(text))


def _reasons(text: str) -> Iterator[SigPart]:
    column: int | None = None
    end_of_table = 0
    for row in _ROW.finditer(text):
        cells = [m for m in _CELL.finditer(text, row.start(), row.end()) if m.group().strip()]
        if text[end_of_table : row.start()].strip():
            column = None  # other lines between: another table
        end_of_table = row.end()
        headings = [i for i, m in enumerate(cells) if _HEADING.fullmatch(m.group().strip())]
        if headings:
            column = headings[0]
        elif column is not None and column < len(cells):
            cell = cells[column]
            words = cell.group().strip()
            if not _NO_REASON.fullmatch(words):
                start = cell.start() + cell.group().index(words)
                yield SigPart(start, start + len(words), "reason")
