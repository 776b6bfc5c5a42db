"""ConText cues: the table ``data/context_cues.tsv`` and where its cues stand in a sentence.

All cues live in one token trie, so that a sentence is read once however many cues there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from clinie.text.lexica import load_tsv

__all__ = ["Cue", "Hit", "Word", "find_cues", "words"]

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]|_")
_DETERMINERS = ("a", "an", "any", "her", "his", "patient's", "pt's", "some", "the", "their", "my")
_NUMBERS = frozenset(
    {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"}
    | {"twelve", "several", "few", "many"}
)
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
    free = 0
    for at in range(len(sentence)):
        terminators.extend(_hits(terminator_root, sentence, at))
        if at >= free:
            found = list(_hits(cue_root, sentence, at))
            free = found[-1].last if found else at
            cues.extend(hit for hit in found if hit.last == free)
    return cues, terminators


def _hits(root: _Node, sentence: list[Word], at: int) -> Iterator[Hit]:
    """Yield every entry of the trie that begins at word ``at``, shorter ones first."""
    node: _Node | None = root
    for index in range(at, len(sentence)):
        node = _step(node, sentence[index].key) if node else None
        if node is None:
            return
        for cue in node.cues:
            yield Hit(cue, at, index + 1)


def _step(node: _Node, key: str) -> _Node | None:
    following = node.children.get(key)
    if following is None and (key.isdigit() or key in _NUMBERS):
        if len(key) == 4 and key[:2] in {"19", "20"}:
            following = node.children.get("<year>")
        following = following or node.children.get("<num>")
    return following


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
            int(row["window"] or 99),
            row["relative"],
        )
        for phrase in _spelled_out(row["cue"]):
            node = root
            for word in phrase:
                node = node.children.setdefault(word, _Node())
            node.cues.append(cue)
    return root


def _spelled_out(phrase: str) -> Iterator[list[str]]:
    """Yield a cue's words, once without and once with each determiner for ``<det>``."""
    parts = [
        word.key if word.key != "<end>" else ""
        for part in phrase.split(" ")
        for word in (
            [Word(part, 0, 0)] if part[0] == "<" and len(part) > 1 else words(part, 0, len(part))
        )
    ]
    parts = [part for part in parts if part] + (["<end>"] if phrase.endswith("<end>") else [])
    if "<det>" not in parts:
        yield parts
        return
    at = parts.index("<det>")
    for determiner in ("", *_DETERMINERS):
        yield [*parts[:at], *([determiner] if determiner else []), *parts[at + 1 :]]
