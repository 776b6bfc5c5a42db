"""The index of one note: where a mention may stand, best first."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from typing import Literal, NamedTuple

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from clinie.resolvers.coordination import discontinuous
from clinie.resolvers.streams import Streams
from clinie.resolvers.typed import kind, similar

__all__ = ["Candidate", "NoteIndex", "Spans", "Status"]

Status = Literal["exact", "normalized", "fuzzy", "ungrounded"]
Spans = tuple[tuple[int, int], ...]

_RANK: dict[Status, int] = {"exact": 0, "normalized": 1, "fuzzy": 2}
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
        self._starts = {token.start for token in self.streams.tokens}
        self._ends = {token.end for token in self.streams.tokens}

    def candidates(self, mention: str) -> list[Candidate]:
        """Return where a mention may stand: exact and normalized places, else fuzzy ones.

        The list is sorted by status, then text order. Empty when the mention is nowhere.
        """
        query = Streams(mention)
        return self.equal(query) or self.near(query)

    def equal(self, query: Streams) -> list[Candidate]:
        """Return the exact and normalized places of a mention, the exact ones first."""
        mention = query.text.strip()
        if not query.tokens:
            return []
        verbatim = mention == query.text
        found: dict[tuple[int, int], Status] = {}
        for span in self._verbatim(mention):
            found[span] = "exact" if verbatim else "normalized"
        for stream, needle in (
            (self.streams.plain, query.plain.text),
            (self.streams.joined, query.joined.text),
        ):
            for span in stream.find(needle):
                found.setdefault(span, "normalized")
            if self.streams.joined is self.streams.plain and query.joined is query.plain:
                break
        return sorted(Candidate(_RANK[status], (span,), status) for span, status in found.items())

    def near(self, query: Streams) -> list[Candidate]:
        """Return the places of a mention that is not there as written.

        Left-out punctuation, words written together and small spelling differences make a fuzzy
        match; the words of a coordination (``left leg swelling`` in ``left and right leg
        swelling``) a normalized one of several fragments.
        """
        if not query.keys:
            return []
        spans = self.streams.content.find(query.content.text)
        if not spans:
            spans = [s for s in self.streams.run.find(query.run.text) if self._same_parts(s, query)]
        if not spans:
            spans = list(self._respelt(query.keys))
        if spans:
            return [Candidate(_RANK["fuzzy"], (span,), "fuzzy") for span in sorted(set(spans))]
        fragments = discontinuous(query.plain.pieces, self.streams.plain.pieces, self._plain_places)
        return [Candidate(_RANK["normalized"], spans, "normalized") for spans in fragments]

    def _verbatim(self, mention: str) -> Iterator[tuple[int, int]]:
        at = self.text.find(mention)
        while at >= 0:
            end = at + len(mention)
            if at in self._starts and end in self._ends:
                yield at, end
            at = self.text.find(mention, at + 1)

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """Where each key stands among the content pieces."""
        return _postings(self.streams.keys)

    @cached_property
    def _plain_places(self) -> dict[str, list[int]]:
        return _postings([piece.key for piece in self.streams.plain.pieces])

    @cached_property
    def drug_words(self) -> list[str]:
        """The one-word drug names of the text, in text order."""
        return [word for word in self.places if kind(word) == "drug"]

    def piece_at(self, offset: int) -> int:
        """Return the position among the plain pieces of the first that ends after `offset`."""
        return bisect_right(self.streams.plain.pieces, offset, key=lambda piece: piece.end)

    @cached_property
    def _vocabulary(self) -> dict[int, list[str]]:
        """Ordinary words of the text by length, for misspelt single words."""
        words: dict[int, list[str]] = {}
        for word in self.places:
            if word.isalpha():
                words.setdefault(len(word), []).append(word)
        return words

    def _same_parts(self, span: tuple[int, int], query: Streams) -> bool:
        """Tell whether words written together or apart still say the same."""
        window = [p.key for p in self.streams.content_pieces if span[0] <= p.start < span[1]]
        ours, theirs = set(window) - set(query.keys), set(query.keys) - set(window)
        return not any(k in _UNSAFE_PARTS or (kind(k) and k != "non") for k in ours | theirs)

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
        if known:
            anchor = min(known, key=lambda i: len(self.places[keys[i]]))
            starts = [p - anchor for p in self.places[keys[anchor]]]
        else:
            starts = [p for word in self._lookalikes(keys[0]) for p in self.places[word]]
        pieces = self.streams.content_pieces
        for start in starts:
            end = start + len(keys)
            if start < 0 or end > len(pieces):
                continue
            window = pieces[start:end]
            if all(
                p.key == k or (k not in self.places and similar(k, p.key))
                for k, p in zip(keys, window, strict=True)
            ):
                yield window[0].start, window[-1].end

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
        needle = Streams(mention).folded
        return bool(needle) and any(c.isalpha() for c in needle) and needle in self.streams.folded


def _postings(keys: list[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for position, key in enumerate(keys):
        places.setdefault(key, []).append(position)
    return places
