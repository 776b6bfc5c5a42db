"""References in an answer: antecedents cut to the note's words, chains followed to their end.

For tasks with a ``backward`` relation, whose tail stands before its head: an antecedent and its
anaphor. As in Agrawal et al. (2022) the longest piece of an answer that stands in the text is kept.

References
----------
Agrawal M, Hegselmann S, Lang H, Kim Y, Sontag D. Large language models are few-shot clinical
information extractors. EMNLP 2022.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from clinie.resolvers.checks import reject
from clinie.resolvers.grounding import NoteIndex
from clinie.resolvers.items import Item, State
from clinie.resolvers.steps.reference_words import (
    backward_relation,
    reference_pattern,
    reference_words,
)
from clinie.resolvers.streams import Streams
from clinie.resolvers.typed import kind
from clinie.schema import RelationSpec
from clinie.text.folding import fold_word
from clinie.text.tokens import tokenize

__all__ = ["follow_references", "trim_references"]

_PUNCTUATED = re.compile(r"\s*[,;(—]|\s+[-–]\s")
_AND = re.compile(r"[ \t]*,[ \t]+(?:and[ \t]+|or[ \t]+)?|[ \t]+(?:and|or)[ \t]+")
_MOST_MEMBERS = 12
_MOST_WORDS = 40
_MOST_PLACES = 400
_SHOWN = 200
_LOOK_BACK = 8
"""How many anaphors back a pronoun given as antecedent is looked for."""


@cache
def _break() -> re.Pattern[str]:
    return re.compile(rf"\s{reference_pattern('break')}", re.IGNORECASE)


# -- trimming --------------------------------------------------------------------------------


def trim_references(state: State) -> None:
    """Cut antecedents to the noun phrase that stands in the note, and place their anaphors.

    *the mass, which was seen on CT* becomes *mass*; the determiner and what follows the noun
    phrase go in silence, other words that do not stand in the note with `trimmed`. A number, a
    unit, a side, a drug or a negation is never cut: an antecedent that differs in one is left for
    grounding to refuse. *fever, cough and rash* are three. An anaphor without an offset is placed
    at its first occurrence, in the order of the answer, that has its antecedent before it. Runs
    after `map_labels`, before `ground_items`.
    """
    spec = backward_relation(state)
    if spec is None:
        return
    index = NoteIndex(state.question.text)
    note = _Note(state.question.text)
    for item in state.items:
        item.parts = [one for part in item.parts for one in _apart(part, spec, index)]
        for part in item.parts:
            if part.relation == spec.name:
                _trim(state, part, index, note)
    _place(state, spec, index)


def _apart(part: Item, spec: RelationSpec, index: NoteIndex) -> list[Item]:
    """Return the members of an enumeration, of a coordination that the note does not write so."""
    stands = index.equal(Streams(part.text)) and "," not in part.text
    if part.relation != spec.name or stands or part.start is not None:
        return [part]
    members = [_without_article(words.strip(" .")) for words in _AND.split(part.text)]
    if 1 < len(members) <= _MOST_MEMBERS and all(
        words and index.equal(Streams(words)) for words in members
    ):
        return [replace(part, text=words, start=None) for words in members]
    return [part]


class _Note:
    """The words of a note, and where each stands among them."""

    def __init__(self, text: str) -> None:
        self.words = [fold_word(token.text) for token in tokenize(text)]
        self.places: dict[str, list[int]] = {}
        for at, word in enumerate(self.words):
            self.places.setdefault(word, []).append(at)

    def longest(self, words: Sequence[str]) -> tuple[int, int]:
        """Return the first and longest run of `words` that stands in the note."""
        best = (0, 0)
        for first in range(len(words)):
            for place in self.places.get(words[first], ())[:_MOST_PLACES]:
                size = 0
                while (
                    first + size < len(words)
                    and place + size < len(self.words)
                    and words[first + size] == self.words[place + size]
                ):
                    size += 1
                if size > best[1] - best[0]:
                    best = (first, first + size)
        return best


def _trim(state: State, part: Item, index: NoteIndex, note: _Note) -> None:
    said = part.text
    if part.start is not None and state.question.text.startswith(said, part.start):
        return
    noun_phrase = said if index.equal(Streams(said)) else _first_phrase(said)
    if index.equal(Streams(noun_phrase)):
        part.text = _without_article(noun_phrase)
        if part.start is not None:
            part.start += noun_phrase.find(part.text)
        return
    noun_phrase = _without_article(noun_phrase)
    if index.equal(Streams(noun_phrase)):
        part.text, part.start = noun_phrase, None
        return
    tokens = [token for token in tokenize(noun_phrase) if token.text[0].isalnum()][:_MOST_WORDS]
    words = [fold_word(token.text) for token in tokens]
    first, last = note.longest(words)
    while first < last and words[first] in reference_words("article"):
        first += 1
    if not _is_telling(words[first:last]):
        return
    if any(_is_typed(word) for word in (*words[:first], *words[last:])):
        return
    part.text = noun_phrase[tokens[first].start : tokens[last - 1].end]
    part.start = None
    state.find("trimmed", said[:_SHOWN], severity="info")


def _is_typed(word: str) -> bool:
    """Tell whether a word may not be cut; *two* of "the two masses" may."""
    of_kind = kind(word)
    return of_kind is not None and not (of_kind == "number" and word.isalpha())


def _first_phrase(said: str) -> str:
    """Return what stands before a relative clause, a remark or a second clause."""
    ends = [found.start() for found in (_break().search(said), _PUNCTUATED.search(said)) if found]
    cut = said[: min(ends)].strip() if ends else said.strip()
    return cut if any(map(str.isalnum, cut)) else said.strip()


def _without_article(said: str) -> str:
    tokens = tokenize(said)
    at = 0
    while at < len(tokens) - 1 and fold_word(tokens[at].text) in reference_words("article"):
        at += 1
    return said[tokens[at].start :].strip() if tokens and at else said


def _is_telling(words: Sequence[str]) -> bool:
    """Tell whether a run of words can name something: not only small words."""
    small = (
        reference_words("article")
        | reference_words("pronoun")
        | {"of", "in", "and", "or", "to", "on", "with"}
    )
    return any(word.isalpha() and len(word) > 1 and word not in small for word in words)


def _place(state: State, spec: RelationSpec, index: NoteIndex) -> None:
    """Say where each anaphor stands that did not say so itself."""
    found: dict[str, list[tuple[int, int]]] = {}

    def places(words: str) -> list[tuple[int, int]]:
        if words not in found:
            spans = [c.spans for c in index.equal(Streams(words))]
            found[words] = sorted((s[0][0], s[-1][1]) for s in spans)
        return found[words]

    cursor = -1
    last: dict[str, int] = {}
    for item in state.items:
        if item.label != spec.head:
            continue
        key = fold_word(item.text)
        if item.start is None:
            tails = [places(part.text) for part in item.parts if part.relation == spec.name]
            firsts = [min(end for _, end in ends) for ends in tails if ends]
            earliest = max(firsts, default=0)
            floor = max(earliest - 1, last.get(key, -1))
            starts = [start for start, _ in places(item.text)]
            at = bisect_right(starts, max(floor, cursor))
            at = at if at < len(starts) else bisect_right(starts, floor)
            if at < len(starts):
                item.start = starts[at]
        if item.start is not None:
            cursor = last[key] = item.start


# -- following -------------------------------------------------------------------------------


def follow_references(state: State) -> None:
    """Follow antecedents that are anaphors themselves, and drop what leads nowhere.

    *the lesion* -> *it* -> *3 cm renal mass* makes *3 cm renal mass* the antecedent of both:
    `chained`. A pronoun that leads no further is no antecedent (`pronoun_antecedent`), and an
    anaphor that has none left is dropped (`no_antecedent`). Runs after `ground_items`.
    """
    spec = backward_relation(state)
    if spec is None:
        return
    heads = sorted((i for i in state.items if i.label == spec.head and i.spans), key=_at)
    starts = [_at(item) for item in heads]
    kept = []
    for item in state.items:
        if item.label != spec.head:
            kept.append(item)
            continue
        own = [part for part in item.parts if part.relation == spec.name]
        others = [part for part in item.parts if part.relation != spec.name]
        item.parts = others + _followed(state, item, own, heads, starts)
        if any(part.relation == spec.name for part in item.parts):
            kept.append(item)
        else:
            reject(state, "no_antecedent", item)
    state.items = kept


def _at(item: Item) -> int:
    return item.spans[0][0]


def _followed(
    state: State, item: Item, parts: Sequence[Item], heads: Sequence[Item], starts: Sequence[int]
) -> list[Item]:
    found: dict[object, Item] = {}
    queue = list(parts)
    seen = {id(item)}
    for part in queue:
        link = _anaphor_at(part, item, heads, starts)
        if link is not None and id(link) not in seen and link.parts:
            seen.add(id(link))
            queue += [replace(p, confidence=part.confidence) for p in link.parts]
            state.find("chained", part, severity="info")
        elif fold_word(part.text.strip()) in reference_words("pronoun"):
            state.find("pronoun_antecedent", part)
        else:
            found.setdefault(part.spans, part)
    return list(found.values())


def _anaphor_at(
    part: Item, item: Item, heads: Sequence[Item], starts: Sequence[int]
) -> Item | None:
    """Return the anaphor at whose place an antecedent stands, or None.

    A pronoun may mean the latest anaphor of the same word instead, as placed.
    """
    at = bisect_right(starts, _at(part)) - 1
    if at >= 0 and part.spans[-1][1] <= heads[at].spans[-1][1]:
        return heads[at]
    word = fold_word(part.text.strip())
    if word in reference_words("pronoun"):
        last = bisect_left(starts, _at(item))
        for head in reversed(heads[max(0, last - _LOOK_BACK) : last]):
            if fold_word(head.text.strip()) == word:
                return head
    return None
