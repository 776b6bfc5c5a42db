"""From words to characters: the step that grounds an answer's items in the note."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import partial

from clinie.resolvers.checks import (
    copied_from_example,
    drop_duplicates,
    negated_context,
    orphan_attribute,
    reject,
    wrong_offset,
)
from clinie.resolvers.grounding import NoteIndex, ground, ground_all
from clinie.resolvers.index import Spans
from clinie.resolvers.items import Item, State
from clinie.resolvers.rivals import Rivals
from clinie.text.sentences import sentences

__all__ = ["ground_items"]

_Order = tuple[bool, int, bool, int, Spans]
_NEIGHBOURS = 8
"""How many places on either side of a head are weighed when a wording is frequent."""


def ground_items(state: State) -> None:
    """Ground heads jointly and parts beside their heads; drop what does not stand in the note.

    *metoprolol 50 mg* against a note that says 25 mg leaves `number_mismatch` and is dropped,
    and its route and frequency with it (`orphan_attribute`). Of several places a part takes the
    one in its head's sentence or line, the nearest behind the head first (of a `backward`
    relation: the nearest before the head, and never behind it: `wrong_order`); two heads may share
    one (*aspirin and clopidogrel daily*), two parts of one head may not.

    Findings: those of `clinie.resolvers.ground`, `duplicate`, `wrong_offset`, `wrong_order`,
    `copied_from_example`, `orphan_attribute`, `distant_attribute`.
    """
    drop_duplicates(state)
    index = NoteIndex(state.question.text)
    groundings = ground_all(
        [item.text for item in state.items], index, hints=[item.start for item in state.items]
    )
    referring = {spec.head for spec in state.question.schema.relations if spec.backward}
    kept = []
    for item, grounding in zip(state.items, groundings, strict=True):
        item.spans = grounding.spans
        codes = grounding.findings
        if item.label in referring:  # "no sign of it" denies what it refers to, not the reference
            codes = tuple(code for code in codes if code != "negated_context")
        if _report(state, item, codes):
            kept.append(item)
    state.items = kept
    starts = [start for start, _ in sentences(state.question.text)]
    places = _Places(index)
    rivals = Rivals(state.question.text, starts, kept)
    for item in kept:
        _ground_parts(state, item, places, rivals)
    copied_from_example(state)
    orphan_attribute(state)


def _report(state: State, item: Item, codes: tuple[str, ...]) -> bool:
    """Turn grounding's codes into findings; tell whether the item stands in the note."""
    if not item.spans:
        reject(state, codes[0] if codes else "ungrounded", item)
        for code in codes[1:]:
            state.find(code, item)
        return False
    if "negated_context" in codes and item.relation is None:
        negated_context(state, item)
    if "ambiguous" in codes:
        state.find("ambiguous", item, severity="info")
    wrong_offset(state, item)
    return True


class _Places:
    """Where parts may stand, each wording looked up once."""

    def __init__(self, index: NoteIndex) -> None:
        self.index = index
        self._found: dict[str, list[Spans]] = {}

    def of(self, text: str) -> list[Spans]:
        """Return all places in text order."""
        if text not in self._found:
            self._found[text] = sorted(c.spans for c in self.index.candidates(text))
        return self._found[text]

    def near(self, part: Item, head: Item, taken: set[tuple[str | None, Spans]]) -> list[Spans]:
        """Return the free places about the head and at the stated offset, or all free ones."""
        places = self.of(part.text)
        if len(places) > 2 * _NEIGHBOURS:
            at = bisect_left(places, head.spans)
            close = places[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS]
            if part.start is not None:
                at = bisect_left(places, ((part.start, 0),))
                close += places[at : at + 1]
            free = [spans for spans in close if (part.relation, spans) not in taken]
            if free:
                return free
        return [spans for spans in places if (part.relation, spans) not in taken]


def _ground_parts(state: State, head: Item, places: _Places, rivals: Rivals) -> None:
    kept: list[Item] = []
    taken: set[tuple[str | None, Spans]] = set()
    backward = {spec.name for spec in state.question.schema.relations if spec.backward}
    for part in sorted(head.parts, key=lambda part: part.start is None):
        codes: tuple[str, ...] = ()
        free = places.near(part, head, taken)
        if part.relation in backward:
            free = [spans for spans in free if spans[-1][1] <= head.spans[0][0]]
            order: Callable[[Spans], _Order] = partial(_distance_back, part=part, head=head)
        else:
            order = partial(_distance, part=part, head=head, rivals=rivals)
        if free:
            part.spans = min(free, key=order)
            if part.relation not in backward:
                codes = _contradicted(state, part, head, rivals)
            if codes:
                part.spans = ()
            else:
                taken.add((part.relation, part.spans))
        elif places.of(part.text):
            codes = ("wrong_order",) if part.relation in backward else ("surplus_mention",)
        else:
            codes = ground(part.text, places.index).findings or rivals.mismatches(part, head)
        if _report(state, part, codes):
            kept.append(part)
    head.parts = [part for part in head.parts if any(part is other for other in kept)]


def _contradicted(state: State, part: Item, head: Item, rivals: Rivals) -> tuple[str, ...]:
    """Say in which number or unit the note's own words about a head differ from a part elsewhere.

    Where the head has no such words, a number that stands by another name is kept with the flag
    `distant_attribute`.
    """
    codes = rivals.contradictions(part, head)
    if codes == ():
        state.find("distant_attribute", part, severity="flag")
    return codes or ()


def _distance(spans: Spans, part: Item, head: Item, rivals: Rivals) -> _Order:
    """Order the places of a part: as stated, in the head's sentence, not another's, the nearest."""
    start, end = spans[0][0], spans[-1][1]
    head_start, head_end = head.spans[0][0], head.spans[-1][1]
    sentences_away = abs(rivals.sentence(start) - rivals.sentence(head_start))
    gap = start - head_end if start >= head_end else 2 * max(0, head_start - end)
    owned = part.start is None and rivals.owns(spans, part, head)
    return start != part.start, min(sentences_away, 1), owned, gap, spans


def _distance_back(spans: Spans, part: Item, head: Item) -> _Order:
    """Order the places of a part before its head: as stated, then the nearest."""
    start = spans[0][0]
    return start != part.start, 0, False, head.spans[0][0] - spans[-1][1], spans
