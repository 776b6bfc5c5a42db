"""Measurements: units that models write into values, and readings that cannot be meant."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from clinie.resolvers.items import Item, State
from clinie.schema import RelationSpec
from clinie.text.quantities import find_names, is_implausible, quantity_of
from clinie.text.tables import Table, find_tables
from clinie.text.units import unit_at, unit_key

__all__ = ["check_units", "check_values", "split_values"]

_NUMBER = r"\d+(?:[.,]\d+)*"
_VALUE = re.compile(
    r"\s*(?:(?:[<>≤≥]=?|~|(?:less|greater|more) than)\s*)?[+-−]?"
    rf"{_NUMBER}(?:\s*(?:-|–|to|/|over)\s*{_NUMBER})*(?:s\b)?"
)
_IN_NAME = re.compile(r"(?<=[\w)\]])(?:\s*[:=]\s*|\s+(?:of|was|is)\s+|\s+)(?=[<>≤≥+~-]?\s?\d)")
_BESIDE = re.compile(r"(?:[\s\d.,/()\[\]<>*!~–-]|\b(?:and|to|[HL]|x)\b|[↑↓])*")
_AFTER_NAME = re.compile(r"[\s(\[,:]{0,8}")
_OTHER_FLUID = re.compile(
    r"\b(?:urin|csf\b|cerebrospinal|pleural|ascit|stool|fa?ecal|sweat|synovial|fluid|dialysate)",
    re.I,
)
"""The limits are those of blood."""
_LONGEST = 120
_FARTHEST = 60


def split_values(state: State) -> None:
    """Cut units off values, and values off names.

    *value: "142/88 mmHg"* is the value *142/88* with a unit, and the name *Hemoglobin 9.2 g/dL*
    the name with both, when the answer states no other. *CA 125* and *vitamin B 12* stay whole.
    """
    relations = {spec.name: spec for spec in state.question.schema.relations}
    value = relations.get("value")
    if value is None:
        return
    unit = relations.get("unit")
    for item in state.items:
        if item.label not in (None, value.head):
            continue
        _split_name(item, value)
        for part in [part for part in item.parts if part.relation == "value"]:
            if unit is not None:
                _split_value(item, part, unit)


def _split_name(item: Item, spec: RelationSpec) -> None:
    """Cut a value off a name when what is left is the name of a quantity."""
    text = item.text
    if len(text) > _LONGEST or _is_name(text):
        return
    for gap in _IN_NAME.finditer(text):
        name, rest = text[: gap.start()], text[gap.end() :]
        if not _is_name(name):
            continue
        if not _VALUE.match(rest):
            return
        stated = [part for part in item.parts if part.relation == spec.name]
        if not stated:
            start = None if item.start is None else item.start + gap.end()
            item.parts.append(Item(rest, spec.tail, start, relation=spec.name))
        item.text = name
        return


def _is_name(text: str) -> bool:
    """Tell whether words as a whole name a quantity, an adjective or specimen before it aside."""
    found = find_names(text)
    return bool(found) and found[-1].end == len(text.rstrip())


def _split_value(item: Item, part: Item, spec: RelationSpec) -> None:
    found = _VALUE.match(part.text) if len(part.text) <= _LONGEST else None
    unit = unit_at(part.text, found.end()) if found else None
    if found is None or unit is None or unit[1] != len(part.text.rstrip()):
        return
    words = part.text[slice(*unit)]
    known = {unit_key(other.text) for other in item.parts if other.relation == spec.name}
    if unit_key(words) not in known:
        start = None if part.start is None else part.start + unit[0]
        item.parts.append(Item(words, spec.tail, start, relation=spec.name))
    lead = len(found.group()) - len(found.group().lstrip())
    if part.start is not None:
        part.start += lead
    part.text = found.group().strip()


def check_units(state: State) -> None:
    """Flag a unit that stands by no value of its measurement: `distant_unit`.

    In "Na 138, K 4.1 mmol/L" the unit stands by the value of another test. A unit also belongs to
    a name that it follows ("Temp (C)"), and in a table to the names of its row and column. Runs
    after `ground_items`.
    """
    tables: list[Table] | None = None
    text = state.question.text
    for item, values, units in _measurements(state):
        for unit in units:
            if _is_beside(text, item, values, unit):
                continue
            tables = find_tables(text) if tables is None else tables
            if not _shares_table(tables, item, unit):
                state.find("distant_unit", unit, severity="flag")


def check_values(state: State) -> None:
    """Flag values that no patient can have, and names without any.

    A temperature of 986, an oxygen saturation above 100 %, a potassium of 41; units are taken into
    account where they stand. The value stays as the note has it: the error may be the note's own.

    Findings: `implausible_value`, `no_value`.
    """
    text = state.question.text
    spec = next((spec for spec in state.question.schema.relations if spec.name == "value"), None)
    for item in state.items:
        if spec and item.label == spec.head and not _parts(item, "value"):
            state.find("no_value", item, severity="flag")
    for item, values, units in _measurements(state):
        quantity = quantity_of(item.text)
        if quantity is None or _OTHER_FLUID.search(item.text):
            continue
        for value in values:
            unit = _unit_of(text, value, units)
            if is_implausible(quantity, value.text, unit.text if unit else None):
                state.find("implausible_value", value, severity="flag")


def _measurements(state: State) -> Iterable[tuple[Item, list[Item], list[Item]]]:
    """Yield the grounded items that have values, with these and their units."""
    for item in state.items:
        values = _parts(item, "value")
        if item.spans and values:
            yield item, values, _parts(item, "unit")


def _parts(item: Item, relation: str) -> list[Item]:
    """Return the grounded parts of a relation in text order."""
    parts = [part for part in item.parts if part.relation == relation and part.spans]
    return sorted(parts, key=lambda part: part.spans)


def _unit_of(text: str, value: Item, units: Sequence[Item]) -> Item | None:
    """Return the unit of a value by position: the one beside it, else the item's only one."""
    end = value.spans[-1][1]
    at = bisect_left(units, end, key=_start)
    if at < len(units) and _follows(text, end, _start(units[at])):
        return units[at]
    return units[0] if len(units) == 1 else None


def _start(part: Item) -> int:
    return part.spans[0][0]


def _end(part: Item) -> int:
    return part.spans[-1][1]


def _follows(text: str, end: int, start: int) -> bool:
    """Tell whether only numbers, flags and marks stand between a value and a unit."""
    return end <= start <= end + _FARTHEST and _BESIDE.fullmatch(text, end, start) is not None


def _is_beside(text: str, item: Item, values: Sequence[Item], unit: Item) -> bool:
    start = _start(unit)
    if _end(item) <= start and _AFTER_NAME.fullmatch(text, _end(item), start):
        return True
    at = bisect_right(values, start, key=_end) - 1
    return at >= 0 and _follows(text, _end(values[at]), start)


def _shares_table(tables: Iterable[Table], item: Item, unit: Item) -> bool:
    """Tell whether a unit and a name stand in one row, or one under the other, of a table."""
    start, at = item.spans[0][0], unit.spans[0][0]
    for table in tables:
        if not (table.start <= min(start, at) and max(start, at) < table.end):
            continue
        own, other = table.row(start), table.row(at)
        if own is None or other is None:
            return False
        if own is other:
            return not any(c.start <= start < c.end and c.start <= at < c.end for c in own.cells)
        cell = next((c for c in other.cells if c.start <= at < c.end), None)
        above = table.column(cell, other, own) if cell else None
        return above is not None and above.start <= start < above.end
    return False
