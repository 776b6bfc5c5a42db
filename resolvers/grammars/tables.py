"""Markdown tables, rewritten as bullets: each row is an item, each column a field."""

from __future__ import annotations

__all__ = ["rows_as_bullets"]


def rows_as_bullets(text: str) -> str:
    """Return the text with the rows of its tables as bullets; other lines stay as they are.

    ``| Lasix | active |`` under ``| Medication | Status |`` becomes
    ``- Medication: "Lasix"; Status: "active"``.
    """
    if "|--" not in text and "| -" not in text and "|:-" not in text:
        return text
    lines = text.split("\n")
    written: list[str] = []
    columns: list[str] = []
    for number, line in enumerate(lines):
        if not line.strip().startswith("|"):
            columns = []
            written.append(line)
        elif _is_rule(line):
            continue
        elif number + 1 < len(lines) and _is_rule(lines[number + 1]):
            columns = _cells(line)
        elif columns:
            written.append(_bullet(columns, _cells(line)))
        else:
            written.append(line)
    return "\n".join(written)


def _is_rule(line: str) -> bool:
    """Tell whether a line only rules off the heading: ``|---|:---:|``."""
    return "--" in line and "|" in line and set(line) <= set("|-: \t")


def _cells(line: str) -> list[str]:
    return [cell.strip(' \t*`"') for cell in line.strip().strip("|").split("|")]


def _bullet(columns: list[str], cells: list[str]) -> str:
    named = [
        (name, cell.replace('"', '\\"'))
        for name, cell in zip(columns, cells, strict=False)
        if cell and any(char.isalpha() for char in name)
    ]
    return "- " + "; ".join(f'{name}: "{cell}"' for name, cell in named)
