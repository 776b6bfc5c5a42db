"""Whose number is it? Parts that stand beside another head than the one they are answered for.

A note about two drugs or two laboratory tests holds the right number of the wrong one. A number
belongs to the name before it in its sentence, to the name that its table column is headed by, or
to the nearer of two; names are those that a lexicon knows for the head's label, and the other
heads of the answer.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from clinie.resolvers.grounding import ground
from clinie.resolvers.index import Spans
from clinie.resolvers.items import Item
from clinie.text.lexica import drugs
from clinie.text.quantities import find_names
from clinie.text.tables import Table, find_tables

__all__ = ["Rivals"]

Extents = list[tuple[int, int]]

_LEXICA: dict[str, Callable[[str], Iterable[tuple[int, int]]]] = {
    "medication": lambda text: [(match.start, match.end) for match in drugs().find(text)],
    "measurement": lambda text: [(match.start, match.end) for match in find_names(text)],
}
"""How the names of a label are found in a text."""
_SHARED = frozenset({"date", "unit"})
"""Relations whose numbers several heads may share: "WBC 12, Hgb 9.8 on 3 March"."""
_ALIAS = re.compile(r"[ ]?[(\[]")
_MISMATCHES = ("number_mismatch", "unit_mismatch")


class Rivals:
    """The names of a text beside which a number may stand.

    Parameters
    ----------
    text : str
        The window.
    starts : sequence of int
        Where its sentences start.
    heads : iterable of Item
        The grounded heads of the answer.
    """

    def __init__(self, text: str, starts: Sequence[int], heads: Iterable[Item]) -> None:
        self._text, self._starts = text, starts
        self._heads = list(heads)
        self._names: dict[str | None, Extents] = {}

    def sentence(self, offset: int) -> int:
        """Return the number of the sentence at an offset, from 1."""
        return bisect_right(self._starts, offset)

    def contradictions(self, part: Item, head: Item) -> tuple[str, ...] | None:
        """Say how the note's own words about a head differ from a part that stands elsewhere.

        ``Lasix 40 mg IV. Aspirin 81 mg daily.`` holds *40 mg*, but of another drug: not of aspirin,
        and ``Na 138, K 4.1`` holds *138*, but of another test.

        Returns
        -------
        tuple of str or None
            None when the part stands by no other name; else the types in which the head's own
            words contradict it, none where it has no such words (*Coumadin held*).
        """
        if part.spans[0][0] == part.start or not self.owns(part.spans, part, head):
            return None
        return self.mismatches(part, head)

    def mismatches(self, part: Item, head: Item) -> tuple[str, ...]:
        """Say in which types the note's own words about a head differ from a number.

        Its own words reach to the next name or the end of the sentence.
        """
        if part.relation in _SHARED or not any(map(str.isdigit, part.text)):
            return ()
        start, end = head.spans[0][0], head.spans[-1][1]
        sentence = self.sentence(start)
        stop = self._starts[sentence] if sentence < len(self._starts) else len(self._text)
        names = self.names(head.label)
        following = names[bisect_left(names, (end, end)) :][:1]
        own = self._text[start : min(stop, following[0][0]) if following else stop]
        found = ground(f"{own[: end - start]} {part.text}", own).findings
        return tuple(code for code in found if code in _MISMATCHES)

    def owns(self, spans: Spans, part: Item, head: Item) -> bool:
        """Tell whether another name than its head would own a part at a place.

        Only numbers are owned. One before its head (*20 mg of prednisone*) belongs to the nearer of
        the two, one right behind its head, or behind an abbreviation of it in brackets, to the
        head.
        """
        if part.relation in _SHARED or not any(map(str.isdigit, part.text)):
            return False
        at, start, end = spans[0][0], head.spans[0][0], head.spans[-1][1]
        if end <= at and not self._text[end:at].strip(" \t:-("):
            return False  # the usual place
        if self._in_another_column(at, head):
            return True
        names = self.names(head.label)
        before = bisect_left(names, (at, at)) - 1
        if before < 0:
            return False
        name_start, name_end = names[before]
        here = self.sentence(at)
        if name_start < (self._starts[here - 1] if here else 0) or name_end > at:
            return False  # "Then 20 mg" goes on about the head
        if at < start:
            return at - name_end < start - spans[-1][1]
        alias = end <= name_start and _ALIAS.fullmatch(self._text, end, name_start)
        return name_start >= end and not (alias and self._text[name_end : name_end + 1] in ")]")

    def names(self, label: str | None) -> Extents:
        """Return the names of a label in text order: of its lexicon, and heads of the answer."""
        if label not in self._names:
            find = _LEXICA.get(label or "")
            known = set(find(self._text)) if find else set()
            known |= {(h.spans[0][0], h.spans[-1][1]) for h in self._heads if h.label == label}
            self._names[label] = sorted(known)
        return self._names[label]

    @cached_property
    def _tables(self) -> list[Table]:
        return find_tables(self._text)

    def _in_another_column(self, at: int, head: Item) -> bool:
        """Tell whether a part stands in a table under another name than its head."""
        index = bisect_right(self._tables, at, key=lambda table: table.start) - 1
        if index < 0 or at >= self._tables[index].end:
            return False
        table, start = self._tables[index], head.spans[0][0]
        row, heading = table.row(at), table.row(start)
        if row is None or heading is None or heading.start >= row.start:
            return False
        cell = next((c for c in row.cells if c.start <= at < c.end), None)
        above = table.column(cell, row, heading) if cell else None
        if above is None or above.start <= start < above.end:
            return False
        names = self.names(head.label)
        first = bisect_left(names, (above.start, 0))
        return first < len(names) and names[first][1] <= above.end
