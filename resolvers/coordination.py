"""Discontinuous mentions: the words of one conjunct with the words all conjuncts share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clinie.resolvers.streams import Pieces
from clinie.resolvers.typed import kind

__all__ = ["discontinuous"]

_JOINS = frozenset(["and", "or", "&", "/"])
_SEPARATES = _JOINS | {",", "-"}
_ENDS_CLAUSE = frozenset(
    [".", ";", ":", "!", "?", "¶", "(", ")", "but", "however", "although", "except", "while",
     "is", "are", "was", "were", "has", "have", "had"]
)  # fmt: skip
_LONGEST_GAP = 7
_MOST_PLACES = 64

Spans = tuple[tuple[int, int], ...]


def discontinuous(
    keys: Sequence[str], note: Pieces, places: Mapping[str, list[int]]
) -> list[Spans]:
    """Find a mention as two fragments around the other conjuncts of a coordination.

    Either the conjuncts share what follows (``left and right leg swelling`` holds ``left leg
    swelling``) or what stands before (``pain in chest and back`` holds ``pain in back``). All
    words stand in text order within one clause. Numbers and negation words are never taken
    apart: in ``aspirin and metoprolol 25 mg`` nothing says that the dose is aspirin's.

    Parameters
    ----------
    keys : sequence of str
        The keys of the mention's pieces.
    note : Pieces
    places : Mapping
        Positions in `note` by key.

    Returns
    -------
    list of spans
        Each two raw extents, in text order. Costs a few comparisons per place of the mention's
        first word, of which at most 64 are visited.
    """
    if len(keys) < 2 or any(k not in places or _bound(k) for k in keys):
        return []
    found: list[Spans] = []
    for start in places[keys[0]][:_MOST_PLACES]:
        shared = 0
        while shared < len(keys) - 1 and _key(note, start + shared) == keys[shared]:
            shared += 1
        for head in range(shared, 0, -1):
            spans = _around(keys, note, start, head)
            if spans is not None:
                found.append(spans)
                break
    return found


def _bound(key: str) -> bool:
    """Tell whether a word may not be parted from its neighbours."""
    return kind(key) in ("number", "negation")


def _key(note: Pieces, position: int) -> str:
    return note.keys[position] if position < len(note.keys) else ""


def _around(keys: Sequence[str], note: Pieces, start: int, head: int) -> Spans | None:
    """Match ``keys[:head]`` at `start`, a gap of conjuncts, then ``keys[head:]``."""
    gap: list[str] = []
    tail = len(keys) - head
    for position in range(start + head, min(start + head + _LONGEST_GAP + 1, len(note.keys))):
        if (
            gap
            and _is_coordination(gap, keys[:head], keys[head:])
            and all(_key(note, position + i) == keys[head + i] for i in range(tail))
        ):
            return (
                note.extent(start, start + head),
                note.extent(position, position + tail),
            )
        key = note.keys[position]
        if key in _ENDS_CLAUSE or _bound(key):
            return None
        gap.append(key)
    return None


def _is_coordination(gap: list[str], before: Sequence[str], after: Sequence[str]) -> bool:
    """Tell whether a gap holds whole conjuncts, none longer than the one it stands beside."""
    if not any(key in _JOINS for key in gap):
        return False
    if gap[0] in _SEPARATES:  # before, X and Y after
        limit = len(before)
    elif gap[-1] in _SEPARATES:  # before X and after
        limit = len(after)
    else:
        return False
    return 0 < max(_conjuncts(gap)) <= limit


def _conjuncts(gap: list[str]) -> list[int]:
    """Return the number of words of each conjunct in a gap."""
    lengths = [0]
    for key in gap:
        if key in _SEPARATES:
            lengths.append(0)
        else:
            lengths[-1] += 1
    return lengths
