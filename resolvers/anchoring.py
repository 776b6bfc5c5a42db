"""From words to characters: the step that grounds an answer's items in the note."""

from __future__ import annotations

from bisect import bisect_right

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
from clinie.text.sentences import sentences

__all__ = ["ground_items"]


def ground_items(state: State) -> None:
    """Ground heads jointly and parts beside their heads; drop what does not stand in the note.

    *metoprolol 50 mg* against a note that says 25 mg leaves `number_mismatch` and is dropped,
    and its route and frequency with it (`orphan_attribute`). Of several places a part takes the
    one in its head's sentence or line, the nearest behind the head first; two heads may share
    one (*aspirin and clopidogrel daily*), two parts of one head may not.

    Findings: those of `clinie.resolvers.ground`, `duplicate`, `wrong_offset`,
    `copied_from_example`, `orphan_attribute`.
    """
    drop_duplicates(state)
    index = NoteIndex(state.question.text)
    groundings = ground_all(
        [item.text for item in state.items], index, hints=[item.start for item in state.items]
    )
    kept = []
    for item, grounding in zip(state.items, groundings, strict=True):
        item.spans = grounding.spans
        if _report(state, item, grounding.findings):
            kept.append(item)
    state.items = kept
    starts = [start for start, _ in sentences(state.question.text)]
    for item in kept:
        _ground_parts(state, item, index, starts)
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


def _ground_parts(state: State, head: Item, index: NoteIndex, starts: list[int]) -> None:
    kept: list[Item] = []
    taken: set[tuple[str | None, Spans]] = set()
    for part in sorted(head.parts, key=lambda part: part.start is None):
        found = index.candidates(part.text)
        free = [c.spans for c in found if (part.relation, c.spans) not in taken]
        if free:
            part.spans = min(free, key=lambda spans: _distance(spans, part.start, head, starts))
            taken.add((part.relation, part.spans))
            codes: tuple[str, ...] = ()
        else:
            part.spans = ()
            codes = ("surplus_mention",) if found else ground(part.text, index).findings
        if _report(state, part, codes):
            kept.append(part)
    head.parts = [part for part in head.parts if any(part is other for other in kept)]


def _distance(
    spans: Spans, hint: int | None, head: Item, starts: list[int]
) -> tuple[bool, int, int, Spans]:
    """Order the places of a part: as stated, in the head's sentence, behind it, near it."""
    start, end = spans[0][0], spans[-1][1]
    head_start, head_end = head.spans[0][0], head.spans[-1][1]
    sentences_away = abs(bisect_right(starts, start) - bisect_right(starts, head_start))
    gap = start - head_end if start >= head_end else 2 * max(0, head_start - end)
    return start != hint, min(sentences_away, 1), gap, spans
