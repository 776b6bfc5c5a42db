"""ConText cues: the table ``data/context_cues.tsv`` and where its cues stand in a sentence.

All cues live in one token trie, so that a sentence is read once however many cues there are.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from clinie.text.lexica import load_tsv

__all__ = ["SCOPED_KINDS", "Cue", "Hit", "Scope", "Word", "find_cues", "scope_of", "words"]

SCOPED_KINDS = frozenset({"cue", "mark"})
"""Kinds of cues that speak of the mentions about them."""


LONGEST_WINDOW = 99
"""Words over which a cue reaches whose row names no window; no row may name a longer one."""

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]|_")
_DETERMINERS = frozenset(
    {"a", "an", "any", "her", "his", "my", "patient's", "pt's", "some", "the", "their"}
)
_NUMBERS = frozenset(
    {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"}
    | {"twelve", "several", "few", "many"}
)
_WHO_HAS = re.compile(r",? ?who (?:has|had|is|was|suffers|suffered|died)\b")
_SPLICE = re.compile(r"[\s,;:/(|]")


class Word(NamedTuple):
    """A token as cues see it: lower case, at ``start:end`` of the text."""

    key: str
    start: int
    end: int


class Cue(NamedTuple):
    """A row of the table.

    Parameters
    ----------
    category : str
        absent, present, possible, conditional, hypothetical, historical, background, family;
        for a terminator the category whose scope it closes ("any": all).
    direction : str
        Where the mentions lie that it speaks of: forward, backward or both.
    kind : str
        cue, mark, informant, pseudo or terminate.
    window : int
        How many words may lie between cue and mention.
    relative : str
        For family cues, who.
    """

    category: str
    direction: str
    kind: str
    window: int
    relative: str


class Hit(NamedTuple):
    """A cue at words ``first:last`` of a sentence."""

    cue: Cue
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Scope:
    """A sentence with its cues.

    Parameters
    ----------
    tokens : list of Word
        Closed by an ``<end>``.
    hits, terminators : list of Hit
        In text order.
    marks : str
        On which side of its mention the sentence writes a mark such as ``(-)``.
    is_cued : bool
        A cue that could change a reading stands in the sentence.
    """

    tokens: list[Word]
    hits: list[Hit]
    terminators: list[Hit]
    marks: str
    is_cued: bool

    def reaching(self, first: int, last: int) -> list[Hit]:
        """Return the cues near enough to words ``first:last`` to speak of them."""
        begin = bisect_left(self.hits, first - LONGEST_WINDOW, key=lambda hit: hit.last)
        return self.hits[
            begin : bisect_right(self.hits, last + LONGEST_WINDOW, key=lambda hit: hit.first)
        ]


class _Node:
    """A trie node: the words that may follow, and the cues that end here."""

    __slots__ = ("children", "cues")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.cues: list[Cue] = []


def words(text: str, start: int, end: int) -> list[Word]:
    """Return the words and signs of ``text[start:end]``, closed by an ``<end>`` of no length."""
    found = []
    for match in _WORD.finditer(text, start, end):
        key = match.group().lower().replace("’", "'")
        at = match.start()
        if key in "+-" and at > start and text[at + 1 : at + 2].isalpha():
            # "cough, +fever, -chills": a sign glued to the word it speaks of, and to no other.
            if _SPLICE.match(text[at - 1]):
                key = "<plus>" if key == "+" else "<minus>"
        elif key == ";":
            key = "<semi>"
        found.append(Word(key, at, match.end()))
    return [*found, Word("<end>", end, end)]


def find_cues(sentence: list[Word]) -> tuple[list[Hit], list[Hit]]:
    """Return the cues of a sentence and its terminators.

    Cues are the longest from left to right and never overlap, so that a pseudo-cue hides the cue
    inside it. Terminators may overlap cues and each other.
    """
    cues: list[Hit] = []
    terminators: list[Hit] = []
    cue_root, terminator_root = _trie(terminators=False), _trie(terminators=True)
    options = [_classes(word.key) for word in sentence]
    free = 0
    for at in range(len(options)):
        terminators += _hits(terminator_root, options, at)
        if at >= free:
            found = _hits(cue_root, options, at)
            if found:
                free = found[-1].last
                cues += [hit for hit in found if hit.last == free]
    return cues, terminators


def _hits(root: _Node, options: list[tuple[str, ...]], at: int) -> list[Hit]:
    """Return every entry of the trie that begins at word ``at``, shorter ones first."""
    hits: list[Hit] = []
    nodes = [root]
    for index in range(at, len(options)):
        nodes = [n.children[key] for key in options[index] for n in nodes if key in n.children]
        if not nodes:
            break
        for node in nodes:
            if node.cues:
                hits += [Hit(cue, at, index + 1) for cue in node.cues]
    return hits


def _classes(key: str) -> tuple[str, ...]:
    """Return a word and the class it belongs to in the table, if any."""
    if key in _DETERMINERS:
        return key, "<det>"
    if key in _NUMBERS:
        return key, "<num>"
    if key[0].isdigit():
        year = len(key) == 4 and key[:2] in {"19", "20"}
        return (key, "<year>", "<num>") if year else (key, "<num>")
    return (key,)


@cache
def _trie(*, terminators: bool) -> _Node:
    root = _Node()
    for row in load_tsv("context_cues.tsv"):
        if (row["kind"] == "terminate") is not terminators:
            continue
        cue = Cue(
            row["category"],
            row["direction"],
            row["kind"],
            int(row["window"] or LONGEST_WINDOW),
            row["relative"],
        )
        whose = cue.category == "family" and cue.kind == "cue"
        for phrase in _spelled_out(row["cue"], whose=whose):
            node = root
            for word in phrase:
                node = node.children.setdefault(word, _Node())
            node.cues.append(cue)
    return root


def _spelled_out(phrase: str, *, whose: bool) -> Iterator[list[str]]:
    """Yield a cue's words, with and without the determiner where it has an optional one.

    `whose`: a relative may also be "the patient's mother".
    """
    parts: list[str] = []
    for part in phrase.split(" "):
        is_class = part.startswith("<")
        parts += [part] if is_class else [word.key for word in words(part, 0, len(part))[:-1]]
    yield parts
    if "<det>" in parts:
        yield [part for part in parts if part != "<det>"]
        if whose:
            at = parts.index("<det>")
            yield [*parts[:at], "the", *parts[at:]]


def scope_of(text: str, start: int, end: int) -> Scope:
    """Return the cues of the sentence ``text[start:end]``; relatives who only tell are left out."""
    tokens = words(text, start, end)
    found, terminators = find_cues(tokens)
    hits = _drop_informants(found, tokens)
    return Scope(tokens, hits, terminators, _mark_direction(tokens, hits), any(map(_changes, hits)))


def _changes(hit: Hit) -> bool:
    return hit.cue.kind in SCOPED_KINDS and hit.cue.category not in {"present", "family"}


def _mark_direction(tokens: list[Word], hits: list[Hit]) -> str:
    """Say on which side of its mention a sentence writes '(-)': 'fever (-)' or '(-) fever'."""
    marks = [hit for hit in hits if hit.cue.kind == "mark"]
    if not marks:
        return "both"
    behind = [word.key for word in tokens[marks[-1].last :]]
    return "backward" if marks[0].first > 0 and set(behind) <= {".", "<end>"} else "forward"


def _drop_informants(hits: list[Hit], tokens: list[Word]) -> list[Hit]:
    """Leave out relatives who only tell: 'mother denies fever', 'per his wife, no cough'.

    One of whom the sentence goes on to tell stays: 'lives with his wife, who has dementia'.
    """
    ends = {
        hit.last for hit in hits if hit.cue.kind == "informant" and hit.cue.direction == "forward"
    }
    starts = {
        hit.first for hit in hits if hit.cue.kind == "informant" and hit.cue.direction == "backward"
    }
    return [
        hit
        for hit in hits
        if hit.cue.category != "family"
        or hit.cue.kind != "cue"
        or hit.cue.relative == "family"
        or not (hit.first in ends or hit.last in starts or hit.last + 1 in starts)
        or _WHO_HAS.match(" ".join(word.key for word in tokens[hit.last : hit.last + 4]))
    ]
