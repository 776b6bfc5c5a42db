"""The rules of ``measurements@1``: the first rung, deterministic and free of charge."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from clinie.tasks.measurements.grids import Grids
from clinie.tasks.measurements.prose import readings_in
from clinie.tasks.measurements.readings import Extent, Reading, grown
from clinie.tasks.measurements.timing import Calendar
from clinie.text.dates import find_dates
from clinie.text.quantities import NameMatch, find_names
from clinie.text.sentences import sentences
from clinie.text.tables import find_tables

__all__ = ["extract"]

_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2005\u2007\u2009\u200a\u202f"), " ")
"""Blanks that one blank may stand for without moving any offset."""


def extract(text: str) -> list[dict[str, Any]]:
    """Return the measurements of a note in Clinie's canonical JSON grammar, in text order.

    Total and deterministic; time is linear in the text. Confidences are ordinal: a value with its
    usual unit right behind a name ranks above one without, a short form, a result in words and a
    value in front of its name.

    Examples
    --------
    >>> (item,) = extract("BP was 142/88 mmHg")
    >>> item["text"], item["value"][0]["text"], item["unit"][0]["text"]
    ('BP', '142/88', 'mmHg')
    """
    written, text = text, text.translate(_BLANKS)
    names = [grown(text, name) for name in find_names(text)]
    if not names:
        return []
    dates = find_dates(text)
    bounds = sentences(text)
    calendar = Calendar(text, dates, bounds)
    readings: list[Reading] = []
    taken: list[Extent] = []
    pieces: list[Extent] = []
    grids = Grids(text, names, dates)
    for table in find_tables(text):
        grid = grids.read(table)
        readings.extend(grid.readings)
        taken.extend(Extent(row.start, row.end) for row in grid.rows)
        pieces.extend(grid.rest)
    calendar.give_heading(readings)
    pieces.extend(_outside(bounds, taken))
    at_start = {date.start: date for date in dates}
    starts = [name.start for name in names]
    heads = {reading.name.start for reading in readings}
    for start, end in sorted(pieces):
        own = names[bisect_left(starts, start) : bisect_left(starts, end)]
        own = [name for name in own if name.end <= end and name.start not in heads]
        if own:
            found = readings_in(text, start, end, own, at_start)
            calendar.give(found, start, end)
            readings.extend(found)
    return _items(written, readings)


def _outside(spans: Sequence[tuple[int, int]], taken: Sequence[Extent]) -> list[Extent]:
    """Return the stretches of sentences that no table row takes."""
    rows = sorted(taken)
    starts = [row.start for row in rows]
    left: list[Extent] = []
    for start, end in spans:
        at = start
        first = max(0, bisect_left(starts, start) - 1)
        for row in rows[first : bisect_left(starts, end)]:
            if row.end > at:
                left.append(Extent(at, row.start))
                at = row.end
        left.append(Extent(at, end))
    return [piece for piece in left if piece.start < piece.end]


def _items(text: str, readings: Sequence[Reading]) -> list[dict[str, Any]]:
    """Return one item per name with all its values, units and dates, each once."""
    by_name: dict[NameMatch, list[Reading]] = {}
    for reading in readings:
        by_name.setdefault(reading.name, []).append(reading)
    items = []
    for name, own in sorted(by_name.items(), key=lambda entry: entry[0].start):
        parts: dict[str, dict[Extent, float]] = {"value": {}, "unit": {}, "date": {}}
        for reading in own:
            sure = reading.confidence
            value = Extent(reading.value.start, reading.value.end)
            parts["value"].setdefault(value, sure)
            if reading.unit:
                parts["unit"].setdefault(reading.unit, sure)
            for date in reading.dates:
                parts["date"].setdefault(date, round(sure - 0.1, 2))
        item: dict[str, Any] = {
            "text": text[name.start : name.end],
            "label": "measurement",
            "start": name.start,
            "confidence": round(max(reading.confidence for reading in own), 2),
        }
        for relation, extents in parts.items():
            if extents:
                item[relation] = [
                    {"text": text[a:b], "start": a, "confidence": round(sure, 2)}
                    for (a, b), sure in sorted(extents.items())
                ]
        items.append(item)
    return items
