"""What a linker sees of a drug and a part of a sig: what stands between, beside and instead.

A pair is described by strings for a `~clinie.models.tagger.classifiers.LinearClassifier`. What
stands between the two is written as signs: mentions by a letter for their kind, marks and short
connecting words as they are, a line end as a bar, every other word as an underscore. Between
*aspirin* and *daily* of "aspirin 81 mg and Plavix 75 mg daily" stands ``D and M D``.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from clinie.text.sentences import sentences
from clinie.text.tokens import Token, tokenize

__all__ = ["ATTRIBUTES", "HEAD", "Mention", "Pair", "Pairs", "Stated"]

HEAD = "medication"
ATTRIBUTES = ("dosage", "route", "frequency", "duration", "reason")

_LETTERS = dict(zip((HEAD, *ATTRIBUTES), "MDRFUE", strict=True))
_OTHER, _LINE_END = "_", "|"
_CONNECTING = frozenset(
    """, ; . : ( ) [ ] / & + - and or of with for by then plus to at from the a in on as was per
    both each all via but""".split()  # noqa: SIM905 - a word list
)
_BEFORE, _AFTER = 5, 3  # drugs before and after an attribute that are weighed
_FARTHEST = 400  # characters between the two
_PATTERN = 12  # signs of a pattern, words looked at one by one
_RIVAL = 40  # signs up to the next drug that are looked at
_RIVAL_PATTERN = 4


class Mention(NamedTuple):
    """A mention: ``text[start:end]`` and its label, `HEAD` or one of `ATTRIBUTES`."""

    start: int
    end: int
    label: str


class Pair(NamedTuple):
    """A drug and an attribute, by their numbers in the sequence of mentions."""

    head: int
    tail: int


@dataclass(frozen=True, slots=True)
class Stated:
    """What the rules say of a text, in terms of mentions that need not be theirs.

    Parameters
    ----------
    pairs : frozenset of Pair
        Linked by the rules.
    mentions : frozenset of int
        Numbers of the mentions that the rules know, too.
    """

    pairs: frozenset[Pair] = frozenset()
    mentions: frozenset[int] = frozenset()

    @classmethod
    def of(cls, items: Iterable[Mapping[str, Any]], mentions: Sequence[Mention]) -> Stated:
        """Read items of ``medications@1`` in the canonical grammar, offsets stated.

        A mention is known to the rules when one of theirs, of the same kind, overlaps it.
        """
        order = sorted(range(len(mentions)), key=lambda number: mentions[number])
        starts = [mentions[number].start for number in order]

        def over(said: Mapping[str, Any], kinds: tuple[str, ...]) -> list[int]:
            start, end = said["start"], said["start"] + len(said["text"])
            at = bisect_left(starts, end) - 1
            found = []
            while at >= 0 and mentions[order[at]].end > start:  # mentions overlap little
                if mentions[order[at]].label in kinds:
                    found.append(order[at])
                at -= 1
            return found

        pairs: set[Pair] = set()
        known: set[int] = set()
        for item in items:
            heads = over(item, (HEAD,))
            tails = [
                tail for name in ATTRIBUTES for part in item.get(name, ())
                for tail in over(part, ATTRIBUTES)
            ]  # fmt: skip
            known.update(heads, tails)
            pairs.update(Pair(head, tail) for head in heads for tail in tails)
        return cls(frozenset(pairs), frozenset(known))

    def features(self, pair: Pair) -> Iterator[str]:
        """Yield what the rules say of a pair."""
        if pair in self.pairs:
            yield "rules: linked"
        else:
            yield f"rules: apart {pair.head in self.mentions:d}{pair.tail in self.mentions:d}"


class _Sign(NamedTuple):
    """A sign, the word or words it stands for, the number of the mention (or -1)."""

    sign: str
    words: str
    mention: int = -1


class Pairs:
    """The pairs of a text that may belong together, and their features.

    Parameters
    ----------
    text : str
    mentions : sequence of Mention
        In any order. One that overlaps an earlier one takes no part.
    stated : Stated, optional
        What the rules say; None when they were not asked.
    tokens : sequence of Token, optional
    bounds : sequence of (int, int), optional
        The tokens and sentences of the text, where they are known already.
    """

    def __init__(
        self,
        text: str,
        mentions: Sequence[Mention],
        stated: Stated | None = None,
        *,
        tokens: Sequence[Token] | None = None,
        bounds: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        self.mentions = mentions
        self.stated = stated
        self._signs: list[_Sign] = []
        self._place: dict[int, int] = {}  # of a mention among the signs
        self._sentences: list[int] = []
        if any(mention.label != HEAD for mention in mentions):
            self._sentences = [start for start, _ in bounds or sentences(text)]
            self._write(text, tokens or tokenize(text))
        self._heads = sorted(
            place for number, place in self._place.items() if mentions[number].label == HEAD
        )

    def _write(self, text: str, tokens: Sequence[Token]) -> None:
        """Write the text as signs."""
        starts = [token.start for token in tokens]
        at = end = 0
        for number in sorted(range(len(self.mentions)), key=lambda n: self.mentions[n]):
            mention = self.mentions[number]
            if mention.start < end:
                continue
            stop = bisect_left(starts, mention.start, lo=at)
            self._signs += _words(text, tokens[at:stop], end, mention.start)
            self._place[number] = len(self._signs)
            words = _plain(text[mention.start : mention.end])
            self._signs.append(_Sign(_LETTERS[mention.label], words, number))
            end = mention.end
            at = bisect_left(starts, end, lo=stop)
        self._signs += _words(text, tokens[at:], end, len(text))

    def __iter__(self) -> Iterator[Pair]:
        """Iterate over the pairs, attribute by attribute, its drugs in text order."""
        for tail, mention in enumerate(self.mentions):
            if mention.label == HEAD or tail not in self._place:
                continue
            for place in self._near(self._place[tail]):
                head = self._signs[place].mention
                drug = self.mentions[head]
                if max(drug.start - mention.end, mention.start - drug.end) <= _FARTHEST:
                    yield Pair(head, tail)

    def _near(self, tail: int) -> Sequence[int]:
        """Return the drugs in the sentence of an attribute, else the nearest on either side."""
        at = bisect_left(self._heads, tail)
        near = self._heads[max(0, at - _BEFORE) : at + _AFTER]
        here = self._sentence(tail)
        inside = [place for place in near if self._sentence(place) == here]
        return inside or self._heads[max(0, at - 1) : at + 1]

    def features(self, pair: Pair) -> list[str]:
        """Return what describes a pair."""
        head, tail = self._place[pair.head], self._place[pair.tail]
        first, last = sorted((head, tail))
        between = self._signs[first + 1 : last]
        distance = _coarse(len(between))
        drugs = min(3, sum(sign.sign == "M" for sign in between))
        apart = self._sentence(head) - self._sentence(tail)
        plain = [
            "",
            f"distance {distance}",
            f"drugs {drugs}",
            f"drugs {drugs} distance {distance}",
            f"sentences {min(abs(apart), 3)}",
            *_patterns(between),
            *self._rival(head, tail, distance),
            *self._around(tail),
        ]
        side = "<" if head < tail else ">"
        kind = self.mentions[pair.tail].label
        found = [f"{kind}{side}{feature}" for feature in plain]
        if self.stated is not None:
            for said in self.stated.features(pair):
                found += [said, f"{kind} {said}"]
        return found

    def _sentence(self, place: int) -> int:
        return bisect_right(self._sentences, self.mentions[self._signs[place].mention].start)

    def _rival(self, head: int, tail: int, distance: int) -> Iterator[str]:
        """Describe the nearest drug on the other side of the attribute."""
        at = bisect_left(self._heads, tail) - (head > tail)
        if not 0 <= at < len(self._heads):
            yield "alone"
            return
        rival = self._heads[at]
        apart = self._sentence(rival) != self._sentence(tail)
        first, last = sorted((rival, tail))
        yield f"rival {_coarse(last - first - 1)} distance {distance}"
        yield f"rival apart {apart:d}"
        between = self._signs[first + 1 : min(last, first + _RIVAL)]
        pattern = _collapsed([sign.sign for sign in between])
        if len(pattern) <= _RIVAL_PATTERN and not apart:
            yield f"rival {' '.join(pattern)}"
            yield f"rival {' '.join(pattern)} distance {distance}"

    def _around(self, tail: int) -> Iterator[str]:
        """Describe the attribute itself and the signs beside it."""
        words = self._signs[tail].words
        yield f"itself {words}"
        yield f"ends {words.split()[-1] if words.strip() else ''}"
        yield f"behind {' '.join(s.sign for s in self._signs[tail + 1 : tail + 3])}"
        yield f"before {' '.join(s.sign for s in self._signs[max(0, tail - 2) : tail])}"


def _words(text: str, tokens: Sequence[Token], end: int, stop: int) -> Iterator[_Sign]:
    """Yield the signs of a stretch without mentions."""
    for token in tokens:
        if token.start < end:
            continue  # the mention before ends within it
        if "\n" in text[end : token.start]:
            yield _Sign(_LINE_END, _LINE_END)
        word = _plain(token.text)
        yield _Sign(word if word in _CONNECTING else _OTHER, word)
        end = token.end
    if "\n" in text[end:stop]:
        yield _Sign(_LINE_END, _LINE_END)


def _patterns(between: Sequence[_Sign]) -> Iterator[str]:
    """Yield what stands between: whole, without other words, mentions only, both ends, words."""
    signs = _collapsed([sign.sign for sign in between])
    if len(signs) <= _PATTERN:
        yield f"all {' '.join(signs)}"
    telling = [sign for sign in signs if sign != _OTHER]
    yield f"signs {' '.join(telling[:_PATTERN])}"
    yield f"mentions {''.join([sign for sign in telling if sign in 'MDRFUE'][:_PATTERN])}"
    yield f"last {' '.join(signs[-3:])}"
    yield f"first {' '.join(signs[:3])}"
    for sign in between[:_PATTERN]:
        if sign.mention < 0:
            yield f"word {sign.words}"


def _collapsed(signs: Sequence[str]) -> list[str]:
    """Return signs, runs of one sign as one; each drug of a run counts."""
    return [sign for at, sign in enumerate(signs) if not at or sign != signs[at - 1] or sign == "M"]


def _plain(words: str) -> str:
    """Return words in lower case, every digit as 0."""
    low = words.lower()
    return "".join("0" if c.isdigit() else c for c in low) if not low.isalpha() else low


def _coarse(count: int) -> int:
    """Return a count, from four on by powers of two."""
    return count if count < 4 else min(9, 4 + (count - 4).bit_length())
