"""What a judge of a mention sees: the words and cues about it, its section, and what the rules say.

A mention is described by strings for a `~clinie.models.tagger.classifiers.LinearClassifier`. Words
count by side and nearness; other mentions are one sign, so that "stopped aspirin, Plavix and
warfarin" looks alike from each of the three. The answer of the rules is a feature among others: the
classifier corrects the rules where the words about a mention speak against them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from clinie.text.assertion import Assertion, ContextReader, locate
from clinie.text.cues import SCOPED_KINDS, Hit, Scope

__all__ = ["DEFAULT_HABIT", "OF_CUES", "OF_RULES", "Contexts"]

DEFAULT_HABIT = "notes"
"""Whose habit of marking is followed: that of clinical notes, as in ``docs/annotation.md``."""

OF_RULES, OF_CUES = "rules ", "cue "
"""How features begin that hold the rules' answer, and those that hold the cues about a mention."""

_MENTION = "<m>"
_LISTED = frozenset(
    {_MENTION, "<n>", ",", "/", "&", "and", "or", "a", "an", "any", "the", "her", "his", "their"}
    | {"my", "of", "to", "on", "mg", "mcg", "ml", "daily", "her", "acute", "new", "both", "home"}
)
_NEAR = 5  # words told apart by place
_FAR = 24  # words on either side that are seen at all
_LOOKED = 2 * _FAR  # a mention of many words is seen as one
_MOST_HITS = 8
_WORD = re.compile(r"[^\W\d_]+")


class Contexts:
    """Describes mentions of one note.

    Parameters
    ----------
    text : str
        The whole note.
    mentions : sequence of (int, int)
        Where the mentions stand, those to be described among them, in any order.
    reader : ContextReader, optional
        Of the same text, when there is one already.
    """

    def __init__(
        self,
        text: str,
        mentions: Sequence[tuple[int, int]],
        reader: ContextReader | None = None,
    ) -> None:
        self._text = text
        self._mentions = sorted(set(mentions))
        self._starts = [start for start, _ in self._mentions]
        self.reader = reader or ContextReader(text)
        self._keys: dict[int, list[str]] = {}
        self._read: dict[tuple[int, int], Assertion] = {}

    def read(self, start: int, end: int) -> Assertion:
        """Return what the rules of context say of ``text[start:end]``; read once, then kept."""
        if (start, end) not in self._read:
            self._read[start, end] = self.reader.read(start, end)
        return self._read[start, end]

    def features(self, start: int, end: int, label: str, *, said: str = "") -> list[str]:
        """Return the features of the mention ``text[start:end]``.

        Parameters
        ----------
        start, end : int
        label : str
            What is mentioned: ``problem``, ``medication``, and so on.
        said : str
            What the task's own rules say of it, empty when they did not find it.
        """
        read = self.read(start, end)
        found = [f"label {label}", *_of_rules(read, said, label)]
        if self.reader.sentences:
            scope = self.reader.scope(start)
            first, last = locate(scope.tokens, start, end)
            keys = self._keys_of(scope)
            left = _seen(keys[max(0, first - _LOOKED) : first][::-1])
            right = _seen(keys[last : last + _LOOKED])
            found += _of_cues(scope, first, last)
            found += _of_side("l", left)
            found += _of_side("r", right)
            found += self._of_place(scope, start)
        return [*found, *_of_mention(self._text[start:end])]

    def _keys_of(self, scope: Scope) -> list[str]:
        """Return the words of a sentence, its mentions and numbers as signs."""
        at = scope.tokens[0].start
        keys = self._keys.get(at)
        if keys is None:
            keys = ["<n>" if word.key[0].isdigit() else word.key for word in scope.tokens[:-1]]
            number = max(bisect_right(self._starts, at) - 1, 0)
            for start, end in self._mentions[number:]:
                if start >= scope.tokens[-1].end:
                    break
                first, last = locate(scope.tokens, start, end)
                for index in range(first, last):
                    keys[index] = _MENTION
            self._keys[at] = keys
        return keys

    def _of_place(self, scope: Scope, start: int) -> Iterator[str]:
        section = self.reader.section(start)
        yield f"section {section.kind}"
        if section.title:
            yield f"title {' '.join(_WORD.findall(section.title.lower())[:4])}"
        yield f"first {scope.tokens[0].key}"
        lead = self.reader.lead_in(start)
        if lead is not None:
            for word in lead.tokens[-8:-1]:
                yield f"lead {word.key}"
        previous = self.reader.previous(start)
        if previous is not None:
            for category in dict.fromkeys(hit.cue.category for hit in previous.hits[:6]):
                yield f"previous {category}"


def _of_rules(read: Assertion, said: str, label: str) -> Iterator[str]:
    sure = "sure" if read.confidence >= 0.9 else "unsure"
    yield f"{OF_RULES}{read.assertion}"
    yield f"{OF_RULES}{read.assertion} {sure}"
    yield f"{OF_RULES}{read.assertion} {label}"
    yield f"{OF_RULES}time {read.temporality}"
    if read.relative:
        yield f"{OF_RULES}relative"
    if said:
        yield f"{OF_RULES}said {said}"
        yield f"{OF_RULES}said {said} {label}"


def _of_mention(words: str) -> list[str]:
    folded = words.lower()
    parts = _WORD.findall(folded)
    return [f"mention {folded}", *(f"in {word}" for word in parts[:6]), f"ending {folded[-4:]}"]


def _of_cues(scope: Scope, first: int, last: int) -> Iterator[str]:
    """Yield the cues about words ``first:last``, on which side, how far, past what."""
    hits = [hit for hit in scope.reaching(first, last) if hit.cue.kind != "terminate"]
    hits.sort(key=lambda hit: (_distance(hit, first, last), hit.first))
    for hit in hits[:_MOST_HITS]:
        side = "before" if hit.first < first else "behind" if hit.last > last else "inside"
        distance = _distance(hit, first, last)
        how = hit.cue.category if hit.cue.kind in SCOPED_KINDS else hit.cue.kind
        yield f"{OF_CUES}{how} {side} {_bucket(distance)}"
        words = " ".join(word.key for word in scope.tokens[hit.first : hit.last])
        yield f"{OF_CUES}{words} {side}"
        if distance <= 2:
            yield f"{OF_CUES}{words} {side} near"
        for stop in _stops(scope, min(hit.last, last), max(hit.first, first)):
            yield f"{OF_CUES}{how} {side} past {stop}"


def _stops(scope: Scope, first: int, last: int) -> Iterator[str]:
    """Yield what closes a scope between two words, and whether a comma stands there."""
    begin = bisect_left(scope.terminators, first, key=lambda hit: hit.first)
    for hit in scope.terminators[begin : begin + 3]:
        if hit.last > last:
            break
        yield f"end of {hit.cue.category}"
    if any(word.key == "," for word in scope.tokens[first : min(last, first + _FAR)]):
        yield "comma"


def _distance(hit: Hit, first: int, last: int) -> int:
    return max(first - hit.last, hit.first - last, 0)


@lru_cache(maxsize=128)
def _bucket(distance: int) -> str:
    return next(
        (name for limit, name in ((0, "0"), (2, "2"), (5, "5"), (10, "10")) if distance <= limit),
        "far",
    )


def _seen(keys: Sequence[str]) -> list[str]:
    """Return the words on one side, nearest first, neighbouring mention signs as one."""
    seen: list[str] = []
    for key in keys:
        if key != _MENTION or not seen or seen[-1] != _MENTION:
            seen.append(key)
    return seen[:_FAR]


def _of_side(side: str, words: list[str]) -> Iterator[str]:
    """Yield the words on one side: by place, in pairs, as a bag, and what stands past a list."""
    padded = [*words[:3], "<end>"]
    for place, word in enumerate(padded[:3]):
        yield f"{side}{place} {word}"
    yield f"{side}01 {' '.join(padded[:2])}"
    yield f"{side}012 {' '.join(padded[:3])}"
    for place, word in enumerate(dict.fromkeys(words)):
        yield f"{side} near {word}" if place < _NEAR else f"{side} {word}"
    past = [*[word for word in words if word not in _LISTED][:2], "<end>"]
    yield f"{side}p {past[0]}"
    yield f"{side}p2 {past[0]} {past[1] if len(past) > 1 else ''}"
