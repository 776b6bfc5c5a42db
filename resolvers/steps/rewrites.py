"""Answers that are the note once more, with its short forms spelled out.

A model that is asked to expand short forms in place ("edit") returns the text itself. What
replaced a short form is found by aligning the two texts word by word (Agrawal et al. 2022): words
that stand once in both anchor the alignment, and what lies between two anchors is compared in full
(patience diff).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from rapidfuzz.distance import Levenshtein

from clinie.resolvers.grammars.bullets import MARKER
from clinie.resolvers.grammars.jsonish import find_json
from clinie.resolvers.grammars.tagged import is_tagged
from clinie.resolvers.items import Item, State, Step
from clinie.resolvers.steps.senses import ATTRIBUTE, asks_for_senses, plain
from clinie.resolvers.vocabulary import vocabulary_of
from clinie.text.folding import fold_word
from clinie.text.senses import Inventory, Sense, shipped

__all__ = ["read_rewrite", "rewrite_reader"]

_CHUNK = re.compile(r"[^\W_]+(?:[&./'’+-][^\W_]+|/(?=\s))*|[^\w\s]|_")
_FIELD = re.compile(r"[\"”]\s*[(;]|[\"”]\s*$", re.MULTILINE)
_LEAD_IN = re.compile(r"\s*[A-Z][^\n:]{0,80}:\s*\n")
_LEAST_KEPT = 0.5
_LEAST_WORDS = 3
_LARGEST_GAP = 1_000_000
_LONGEST_FORM = 12
_LONGEST_SENSE = 12
_LONGEST_ANSWER = 120


class _Pair(NamedTuple):
    """A note and its rewriting, with the places of their words."""

    note: str
    answer: str
    ours: list[tuple[int, int]]
    theirs: list[tuple[int, int]]


class _Edit(NamedTuple):
    """Words ``[a, b)`` of the note became words ``[c, d)`` of the answer."""

    a: int
    b: int
    c: int
    d: int


def read_rewrite(state: State) -> None:
    """Read an answer that rewrites the note, by the shipped inventory (see `rewrite_reader`)."""
    _read(state, shipped())


def rewrite_reader(inventory: Inventory) -> Step:
    """Return the step ``read_rewrite`` for another inventory.

    *Pt w/ MS* answered by *Patient with multiple sclerosis* becomes one item for each short form,
    with what stands in its place as its sense; ``multiple sclerosis (MS)`` is read too. An answer
    that is but a few words, to a note with one short form, is that form's sense. Any other answer
    is left to ``parse``. Runs before it.

    Findings: `chatter` when other words were rewritten too.
    """

    def read_rewrite(state: State) -> None:
        _read(state, inventory)

    return read_rewrite


def _read(state: State, inventory: Inventory) -> None:
    note = state.question.text
    answer = _unquoted(state.answer.text)
    mapped = _mapping(answer, state) if asks_for_senses(state) else []
    if mapped:
        state.items.extend(mapped)
        state.answer = replace(state.answer, text="")
        return
    if not asks_for_senses(state) or not answer or _is_listed(state, answer):
        return
    ours = [match.span() for match in _CHUNK.finditer(note)]
    items = _whole_answer(answer, note, ours, inventory)
    if items is None:
        lead = _LEAD_IN.match(answer)
        items = _aligned(state, answer[lead.end() :] if lead else answer, ours, inventory)
    if items is not None:
        state.items.extend(items)
        state.answer = replace(state.answer, text="")


def _mapping(answer: str, state: State) -> list[Item]:
    """Read a plain JSON object, short form to long form: every occurrence in the note."""
    start, end = answer.find("{"), answer.rfind("}")
    try:
        said = json.loads(answer[start : end + 1]) if 0 <= start < end else None
    except (ValueError, RecursionError):
        return []
    if not isinstance(said, dict) or not all(isinstance(v, str | None) for v in said.values()):
        return []
    vocabulary = vocabulary_of(state.question.schema)
    if any(vocabulary.role(key)[0] != "unknown" for key in said):
        return []
    note = state.question.text
    return [
        Item(note[a:b], start=a, attributes={ATTRIBUTE: said[note[a:b]]})
        for a, b in (match.span() for match in _CHUNK.finditer(note))
        if note[a:b] in said
    ]


def _unquoted(answer: str) -> str:
    """Return an answer without the quotes or the fence about the whole of it."""
    answer = answer.strip()
    for opening, closing in (('"', '"'), ("“", "”"), ("```", "```")):
        if answer.startswith(opening) and answer.endswith(closing):
            return answer[len(opening) : -len(closing)].strip()
    return answer


def _is_listed(state: State, answer: str) -> bool:
    """Tell an answer in one of the grammars from running text."""
    if find_json(answer) is not None or _FIELD.search(answer):
        return True
    if is_tagged(answer, vocabulary_of(state.question.schema)):
        return True
    ours, theirs = (
        sum(bool(MARKER.match(line)) for line in text.split("\n"))
        for text in (state.question.text, answer)
    )
    return theirs > ours


def _whole_answer(
    answer: str, note: str, ours: list[tuple[int, int]], inventory: Inventory
) -> list[Item] | None:
    """Read a few words as the sense of the note's only short form."""
    if "\n" in answer or len(answer) > _LONGEST_ANSWER or fold_word(answer) in fold_word(note):
        return None
    forms = [(a, b) for a, b in ours if _is_listed_form(note[a:b], inventory)]
    if len({note[a:b] for a, b in forms}) != 1:
        return None
    words = {fold_word(word) for word in re.findall(r"\w+", answer)}
    senses = inventory.senses(note[slice(*forms[0])])
    named = {word for sense in senses for name in sense.wordings for word in name.split()}
    if not words & named or len(words - named) > len(words & named):
        return None
    return [_item(note, a, b, answer) for a, b in forms]


def _item(note: str, start: int, end: int, sense: str) -> Item:
    return Item(note[start:end], start=start, attributes={ATTRIBUTE: sense.strip(" .,;:()\"'")})


def _aligned(
    state: State, answer: str, ours: list[tuple[int, int]], inventory: Inventory
) -> list[Item] | None:
    note = state.question.text
    theirs = [match.span() for match in _CHUNK.finditer(answer)]
    left = [fold_word(note[a:b]) for a, b in ours]
    right = [fold_word(answer[a:b]) for a, b in theirs]
    if len(left) < _LEAST_WORDS:
        return None
    edits = list(_edits(left, right))
    changed = sum(b - a for a, b, _, _ in edits)
    forms = sum(_is_form(note[a:b], inventory) for a, b in ours)
    if len(left) - changed < _LEAST_KEPT * max(1, len(left) - forms):
        return None
    items: list[Item] = []
    rewritten = False
    for edit in edits:
        here = list(_expansions(edit, _Pair(note, answer, ours, theirs), inventory))
        items += here
        rewritten = rewritten or not (here or _is_punctuation(edit, left, right))
    if rewritten and items:
        state.find("chatter", severity="info")
    return items or None


def _is_punctuation(edit: _Edit, left: list[str], right: list[str]) -> bool:
    words = left[edit.a : edit.b] + right[edit.c : edit.d]
    return not any(map(str.isalnum, "".join(words)))


def _is_form(written: str, inventory: Inventory) -> bool:
    """Tell whether a word may be a short form: listed, or by its capitals or its slash."""
    if len(written) > _LONGEST_FORM:
        return False
    capitals = sum(map(str.isupper, written))
    listed = _is_listed_form(written, inventory)
    return listed or capitals >= 2 or "/" in written.strip("/")


def _is_listed_form(written: str, inventory: Inventory) -> bool:
    return any(reading.sense.name for reading in inventory.readings(written))


def _expansions(edit: _Edit, pair: _Pair, inventory: Inventory) -> Iterator[Item]:
    """Yield the short forms that an edit spelled out.

    Where several stand side by side (``HTN DM``), each takes the sense of its own that stands in
    the words.
    """
    if edit.c == edit.d or edit.d - edit.c > _LONGEST_SENSE * max(1, edit.b - edit.a):
        return
    words = pair.answer[pair.theirs[edit.c][0] : pair.theirs[edit.d - 1][1]]
    places = pair.ours[edit.a : edit.b]
    if not places:
        at = _in_brackets(edit, words, len(pair.ours))
        places = [pair.ours[at]] if at is not None else []
    forms = [(a, b) for a, b in places if _is_form(pair.note[a:b], inventory)]
    for start, end in forms:
        senses = inventory.senses(pair.note[start:end])
        own = _named_in(words, senses) if len(forms) > 1 else None
        if own or len(forms) == 1 or not senses:
            yield _item(pair.note, start, end, own or words)


def _named_in(words: str, senses: Iterable[Sense]) -> str | None:
    """Return the longest wording of a sense that stands in the words."""
    said = f" {plain(words)} "
    wordings = [wording for sense in senses for wording in sense.wordings]
    there = [wording for wording in wordings if f" {plain(wording)} " in said]
    return max(there, key=len, default=None)


def _in_brackets(edit: _Edit, words: str, count: int) -> int | None:
    """Return the word that inserted words explain: ``MS (multiple sclerosis)``, or before it."""
    if words.startswith("(") and edit.a > 0:
        return edit.a - 1
    if words.endswith("(") and edit.a < count:
        return edit.a
    return None


def _edits(left: list[str], right: list[str]) -> Iterator[_Edit]:
    """Yield the differences of two lists of words, in order."""
    a = c = 0
    for b, d in [*_anchors(left, right), (len(left), len(right))]:
        yield from _differences(left, right, _Edit(a, b, c, d))
        a, c = b + 1, d + 1


def _anchors(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """Return the words that stand once in both lists, as far as they are in the same order."""
    there = _once(right)
    pairs = [(at, there[word]) for word, at in _once(left).items() if word in there]
    return _increasing(sorted(pairs))


def _once(words: list[str]) -> dict[str, int]:
    places: dict[str, int] = {}
    for at, word in enumerate(words):
        places[word] = -1 if word in places else at
    return {word: at for word, at in places.items() if at >= 0}


def _increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs that rise in both members (patience sorting)."""
    tops: list[int] = []
    at_top: list[int] = []
    before: list[int] = []
    for at, (_, there) in enumerate(pairs):
        pile = bisect_left(tops, there)
        before.append(at_top[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(there)
            at_top.append(at)
        else:
            tops[pile], at_top[pile] = there, at
    run: list[tuple[int, int]] = []
    at = at_top[-1] if at_top else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]


def _differences(left: list[str], right: list[str], gap: _Edit) -> Iterator[_Edit]:
    """Yield the differences between two anchors; a wide gap is taken as one."""
    a, b, c, d = gap
    if a == b and c == d:
        return
    if (b - a) * (d - c) > _LARGEST_GAP:
        yield gap
        return
    open_: _Edit | None = None
    for step in Levenshtein.opcodes(left[a:b], right[c:d]):
        if step.tag == "equal":
            if open_:
                yield open_
            open_ = None
        else:
            first = open_ or _Edit(a + step.src_start, 0, c + step.dest_start, 0)
            open_ = _Edit(first.a, a + step.src_end, first.c, c + step.dest_end)
    if open_:
        yield open_
