"""The index of one note: where a mention may stand, best first."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from clinie.resolvers.coordination import discontinuous
from clinie.resolvers.streams import Streams
from clinie.resolvers.typed import kind, similar
from clinie.text.lexica import Drug, drugs
from clinie.text.numbers import measures

__all__ = ["Candidate", "NoteIndex", "Spans", "Status"]

Status = Literal["exact", "normalized", "fuzzy", "ungrounded"]
Spans = tuple[tuple[int, int], ...]

_RANK: dict[Status, int] = {"exact": 0, "normalized": 1, "fuzzy": 2}
_DECIMAL_COMMA = re.compile(r"\d,\d{1,2}\s?([^\W\d_]+|%)")
_UNSAFE_PARTS = frozenset(
    ["a", "an", "no", "not", "in", "im", "un", "ir", "il", "de", "dis", "ab", "ad", "anti", "ante"]
)
"""Word parts that change the meaning of what follows: ``a febrile`` is not ``afebrile``."""


class Candidate(NamedTuple):
    """A place where a mention may stand; candidates sort best first, then in text order."""

    rank: int
    spans: Spans
    status: Status


class NoteIndex:
    """Everything grounding needs to know about one text, built once and as late as possible.

    Parameters
    ----------
    text : str
        The note or window; never modified.

    Notes
    -----
    Tokens and the canonical string cost time linear in the text; a mention found exactly or
    normalized then costs one substring search. Postings and the vocabulary for fuzzy matches are
    built at the first mention that is not found so.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.streams = Streams(text)

    def candidates(self, mention: str) -> list[Candidate]:
        """Return where a mention may stand: exact and normalized places, else fuzzy ones.

        The list is sorted by status, then text order. Empty when the mention is nowhere.
        """
        query = Streams(mention)
        return self.equal(query) or self.near(query)

    def equal(self, query: Streams) -> list[Candidate]:
        """Return the exact and normalized places of a mention, the exact ones first."""
        places = self.streams.plain.find(query.plain.text)
        if self.streams.joined is not self.streams.plain or query.joined is not query.plain:
            places += self.streams.joined.find(query.joined.text)
        if query.opens_inside:  # the unit in "101 F" as well as the letter alone
            places += self._verbatim(query.text.strip())
        found: dict[tuple[int, int], Status] = {
            (start, end): "exact" if self.text[start:end] == query.text else "normalized"
            for start, end in places
            if not self._cuts_decimal(start, end)
        }
        return sorted(Candidate(_RANK[status], (span,), status) for span, status in found.items())

    def near(self, query: Streams) -> list[Candidate]:
        """Return the places of a mention that is not there as written.

        Left-out punctuation, words written together and small spelling differences make a fuzzy
        match; the words of a coordination (``left leg swelling`` in ``left and right leg
        swelling``) a normalized one of several fragments.
        """
        keys = query.content_pieces.keys
        if not keys:
            return []
        spans: list[tuple[int, int]] = []
        if all(key in self.places for key in keys):
            spans = self.streams.content.find(query.content.text)
        if not spans:
            spans = list(self._respelt(keys))
        if not spans:
            spans = [s for s in self.streams.run.find(query.run.text) if self._same_parts(s, keys)]
        spans = [span for span in spans if not self._cuts_decimal(*span)]
        if spans:
            return [Candidate(_RANK["fuzzy"], (span,), "fuzzy") for span in sorted(set(spans))]
        if any(key not in self.places for key in keys):
            return []
        note, places = self.streams.pieces, self._plain_places
        whole = query.pieces.keys
        fragments = discontinuous(whole, note, places)
        if not fragments and "-" in whole:  # left sided weakness in left- and right-sided weakness
            fragments = discontinuous([k for k in whole if k != "-"], note, places)
        return [Candidate(_RANK["normalized"], spans, "normalized") for spans in fragments]

    def _cuts_decimal(self, start: int, end: int) -> bool:
        """Tell whether an extent begins or ends inside a number with a decimal comma (``1,5 mg``).

        Without a unit behind it, ``1,5`` may as well be a list.
        """
        text = self.text
        if text[start - 1 : start] != "," and text[end : end + 1] != ",":
            return False
        for at in (start - 1, end):
            if at > 0 and text[at : at + 1] == ",":
                number = _DECIMAL_COMMA.match(text, at - 1)
                if number is not None and measures(number[1]):
                    return True
        return False

    def _verbatim(self, mention: str) -> Iterator[tuple[int, int]]:
        """Yield whole-word places of a string whose tokens depend on what stands around it."""
        starts, ends = self.streams.pieces.starts, self.streams.pieces.ends
        at = self.text.find(mention) if mention else -1
        while at >= 0:
            end = at + len(mention)
            if _holds(starts, at) and _holds(ends, end):
                yield at, end
            at = self.text.find(mention, at + 1)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each key stands among the content pieces."""
        return _postings(self.streams.content_pieces.keys)

    @cached_property
    def _plain_places(self) -> dict[str, list[int]]:
        return _postings(self.streams.pieces.keys)

    @cached_property
    def drugs(self) -> list[tuple[str, Drug]]:
        """The drug names of the text, in lower case."""
        return [(self.text[m.start : m.end].lower(), m.drug) for m in drugs().find(self.text)]

    def piece_at(self, offset: int) -> int:
        """Return the position among the plain pieces of the first that ends after `offset`."""
        return bisect_right(self.streams.pieces.ends, offset)

    @cached_property
    def _vocabulary(self) -> dict[int, list[str]]:
        """Ordinary words of the text by length, for misspelt single words."""
        words: dict[int, list[str]] = {}
        for word in self.places:
            if word.isalpha():
                words.setdefault(len(word), []).append(word)
        return words

    def _same_parts(self, span: tuple[int, int], keys: list[str]) -> bool:
        """Tell whether words written together or apart still say the same."""
        pieces = self.streams.content_pieces
        window = pieces.keys[
            bisect_left(pieces.starts, span[0]) : bisect_left(pieces.starts, span[1])
        ]
        changed = set(window) ^ set(keys)
        return not any(k in _UNSAFE_PARTS or (kind(k) and k != "non") for k in changed)

    def _respelt(self, keys: list[str]) -> Iterator[tuple[int, int]]:
        """Yield the windows that equal the keys but for spelling.

        A word that the note holds anywhere is spelt as its author spells it, and must be equal;
        only the others may differ, at most half of them, and never a typed one. So every match
        holds the rarest known word, and only its places are visited.
        """
        unknown = [i for i, k in enumerate(keys) if k not in self.places]
        if not unknown or len(unknown) > max(1, len(keys) // 2):
            return
        if any(kind(keys[i]) not in (None, "drug") for i in unknown):
            return
        known = [i for i in range(len(keys)) if keys[i] in self.places]
        known.sort(key=lambda i: len(self.places[keys[i]]))
        if known:
            starts = [place - known[0] for place in self.places[keys[known[0]]]]
        else:
            starts = [place for word in self._lookalikes(keys[0]) for place in self.places[word]]
        note = self.streams.content_pieces.keys
        for i in known[1:]:
            starts = [s for s in starts if 0 <= s + i < len(note) and note[s + i] == keys[i]]
        for start in starts:
            if 0 <= start <= len(note) - len(keys) and all(
                similar(keys[i], note[start + i]) for i in unknown
            ):
                yield self.streams.content_pieces.extent(start, start + len(keys))

    def _lookalikes(self, word: str) -> list[str]:
        """Return the words of the note of which a word may be a misspelling."""
        return [
            other
            for length in range(len(word) - 2, len(word) + 3)
            for other, _, _ in extract(
                word,
                self._vocabulary.get(length, ()),
                scorer=OSA.distance,
                score_cutoff=2,
                limit=None,
            )
            if similar(word, other)
        ]

    def inside_word(self, mention: str) -> bool:
        """Tell whether a mention stands in the text only as part of a word."""
        needle, folded = Streams(mention).folded, self.streams.folded
        at = folded.find(needle) if needle else -1
        while at >= 0:
            end = at + len(needle)
            before = at > 0 and folded[at - 1].isalnum() and needle[0].isalnum()
            after = end < len(folded) and folded[end].isalnum() and needle[-1].isalnum()
            if before or after:
                return True
            at = folded.find(needle, at + 1)
        return False


def _holds(numbers: list[int], number: int) -> bool:
    """Tell whether a sorted list holds a number."""
    at = bisect_left(numbers, number)
    return at < len(numbers) and numbers[at] == number


def _postings(keys: list[str]) -> dict[str, list[int]]:
    places: defaultdict[str, list[int]] = defaultdict(list)
    for position, key in enumerate(keys):
        places[key].append(position)
    return dict(places)
