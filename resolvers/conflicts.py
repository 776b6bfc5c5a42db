"""Why a mention is not in the note, and what a reader must know of one that is."""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

from clinie.resolvers.index import NoteIndex, Spans
from clinie.resolvers.streams import Streams
from clinie.resolvers.typed import conflict, governs, is_negation, kind, one_drug
from clinie.text.lexica import drugs

__all__ = ["conflicts", "negated"]

_CODES = {
    "number": "number_mismatch",
    "unit": "unit_mismatch",
    "drug": "drug_mismatch",
    "side": "laterality_mismatch",
    "negation": "negation_mismatch",
}
_MOST_PLACES = 8
_SHORT = 3
"""A longer mention of which no word stands in the note has no near place there."""
_ALIKE = 0.4
"""Two drug names this far apart (edits per letter) or nearer are easily mistaken."""
_NEGATING = ("non", "un", "in", "im", "ir", "dis", "an", "a")
_REACH = 8
_TIMES_A_DAY = frozenset("daily qd od bid bd tid tds qid qds".split())  # noqa: SIM905
_DIGITS = re.compile(r"[\d.]+")
_STOPS = frozenset(
    [".", ";", ":", "!", "?", "¶", "but", "however", "although", "except", "though", "yet",
     "has", "have", "had", "is", "are", "was", "were", "presents", "presented", "reports",
     "reported", "endorses", "complains", "with", "until", "because", "due"]
)  # fmt: skip


def conflicts(query: Streams, index: NoteIndex) -> tuple[str, ...]:
    """Say in which types a mention that is nowhere contradicts its nearest place in the note.

    Visits at most eight places of each of the mention's two rarest words; at each, one edit
    alignment of the mention's keys with as many of the note.

    Returns
    -------
    tuple of str
        Finding codes, sorted; empty when nothing near contradicts it.
    """
    keys = query.content_pieces.keys
    codes: set[str] = set()
    if len(keys) <= _SHORT or any(key in index.places for key in keys):
        codes |= _typed_conflicts(keys, index) | _affix_conflicts(keys, index)
        codes |= _drug_conflicts(query.text, index)
    if not codes and index.inside_word(query.text):
        codes = {"inside_word"}
    return tuple(sorted(codes))


def _typed_conflicts(keys: list[str], index: NoteIndex) -> set[str]:
    known = sorted(
        (k for k in set(keys) if k in index.places), key=lambda k: (len(index.places[k]), k)
    )
    best: tuple[int, set[str]] = (0, set())
    for anchor in known[:2]:
        offset = keys.index(anchor)
        for place in index.places[anchor][:_MOST_PLACES]:
            first = max(0, place - offset - 1)
            window = index.streams.content_pieces.keys[first : place - offset + len(keys) + 1]
            equal, kinds = _compare(keys, window)
            # Words that name something may differ in dose and unit alike; a unit names nothing.
            near = equal + (len(kinds) if kind(anchor) in (None, "drug") else 0)
            if 2 * near >= len(keys) and kinds and equal > best[0]:
                best = (equal, kinds)
    if len(keys) == 1:
        return _lone_conflicts(keys[0], index)
    return {_CODES[name] for name in best[1]}


def _lone_conflicts(word: str, index: NoteIndex) -> set[str]:
    """Look for another side, or another interval (``q6h`` for ``q8h``), than a lone word says."""
    if word in index.places:
        return set()
    if kind(word) == "side":
        other = any(conflict(word, key) for key in index.places)
        return {"laterality_mismatch"} if other else set()
    if kind(word) == "number":
        frame = _frame(word)
        other = frame is not None and any(_frame(key) == frame for key in index.places)
        return {"number_mismatch"} if other else set()
    return set()


def _frame(key: str) -> str | None:
    """Return what is left of a number without what it counts; None for a bare number."""
    if key in _TIMES_A_DAY:
        return "times a day"
    if not any(c.isalpha() for c in key) or not any(c.isdigit() for c in key):
        return None
    return _DIGITS.sub("0", key)


def _compare(keys: list[str], window: list[str]) -> tuple[int, set[str]]:
    """Align two lists of keys; return how many are equal and the types that contradict.

    What stands between two equal stretches is compared as a whole: edit operations alone may pair
    ``mcg`` with the word behind the note's ``mg``.
    """
    equal, kinds = 0, set[str]()
    first = 0, 0
    for src, dest, size in Levenshtein.editops(keys, window).as_matching_blocks():
        ours, theirs = keys[first[0] : src], window[first[1] : dest]
        if ours and theirs:
            kinds.update(c for a in ours for b in theirs if (c := conflict(a, b)))
        if first == (0, 0):
            theirs = []  # what stands before the mention is its context
        elif src == len(keys):
            theirs = theirs[: len(ours)]
        if any(map(is_negation, ours)) or any(map(is_negation, theirs)):
            kinds.add("negation")
        equal += size
        first = src + size, dest + size
    return equal, kinds


def _affix_conflicts(keys: list[str], index: NoteIndex) -> set[str]:
    """Look for a word that the note holds without its *un-*, *a-*, *non-*."""
    for key in keys:
        if key not in index.places and any(
            key.startswith(prefix) and key[len(prefix) :] in index.places for prefix in _NEGATING
        ):
            return {"negation_mismatch"}
    return set()


def _drug_conflicts(mention: str, index: NoteIndex) -> set[str]:
    """Look for a drug of the note that is easily mistaken for one of the mention."""
    for start, end, named in drugs().find(mention):
        name = mention[start:end].lower()
        if not any(one_drug(named, other) for _, other in index.drugs) and any(
            Levenshtein.normalized_distance(name, other) <= _ALIKE for other, _ in index.drugs
        ):
            return {"drug_mismatch"}
    return set()


def negated(spans: Spans, index: NoteIndex) -> bool:
    """Tell whether a negation cue left of a mention governs it.

    Looks back over at most eight words of the same clause, so ``denies fever, chills or cough``
    governs ``cough``. A mention that holds a negation word itself says what it means.
    """
    keys = index.streams.pieces.keys
    first, end = index.piece_at(spans[0][0]), index.piece_at(spans[-1][1] - 1)
    if any(map(is_negation, keys[first : end + 1])):
        return False
    for key in reversed(keys[max(0, first - _REACH) : first]):
        if key in _STOPS:
            return False
        if governs(key):
            return True
    return False
