"""Annotated text as the network reads it: words in passages, tags by head."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from clinie.models.tagger.features import BOUNDARY
from clinie.schema import Span
from clinie.text.sentences import sentences
from clinie.text.tokens import Token, tokenize

__all__ = ["LONGEST", "Passage", "bio", "join", "passages"]

LONGEST = 100
"""Words of a passage: whole sentences are put together up to here."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences, a boundary between them, and the tags of the heads that know.

    Parameters
    ----------
    words : list of str
    tags : dict of str to list of str
        By head, one BIO tag per word.
    document : str
        What the passage was cut from: folds keep its passages together.
    """

    words: list[str]
    tags: dict[str, list[str]] = field(default_factory=dict)
    document: str = ""


def bio(tokens: Sequence[Token], spans: Iterable[Span]) -> list[str]:
    """Return one BIO tag per token; of overlapping spans the longer one counts.

    A span that begins or ends within a token takes the whole token.
    """
    tags = ["O"] * len(tokens)
    ends = [token.end for token in tokens]
    for span in sorted(spans, key=lambda s: (s.start - s.end, s.start)):
        first = bisect_left(ends, span.start + 1)
        last = first
        while last < len(tokens) and tokens[last].start < span.end:
            last += 1
        if last > first and all(tag == "O" for tag in tags[first:last]):
            tags[first:last] = [f"B-{span.label}"] + [f"I-{span.label}"] * (last - first - 1)
    return tags


def passages(
    text: str,
    spans: Mapping[str, Iterable[Span]],
    document: str = "",
    longest: int = LONGEST,
) -> Iterator[Passage]:
    """Cut a text into passages.

    Parameters
    ----------
    text : str
    spans : Mapping of str to iterable of Span
        By head.
    document : str
    longest : int
    """
    tokens = tokenize(text)
    tagged = {head: bio(tokens, marked) for head, marked in spans.items()}
    starts = [token.start for token in tokens]
    pieces = []
    for start, end in sentences(text):
        a, b = bisect_left(starts, start), bisect_left(starts, end)
        words = [token.text for token in tokens[a:b]]
        pieces.append(Passage(words, {h: tags[a:b] for h, tags in tagged.items()}, document))
    yield from join(pieces, longest)


def join(pieces: Iterable[Passage], longest: int = LONGEST) -> Iterator[Passage]:
    """Put consecutive sentences of a document together, as many as fit; a longer one is cut."""
    group: list[Passage] = []
    size = 0
    for piece in (part for whole in pieces for part in _cut(whole, longest)):
        apart = group and piece.document != group[0].document
        if group and (apart or size + 1 + len(piece.words) > longest):
            yield _joined(group)
            group, size = [], 0
        group.append(piece)
        size += len(piece.words) + 1
    if group:
        yield _joined(group)


def _cut(piece: Passage, longest: int) -> Iterator[Passage]:
    for start in range(0, len(piece.words), longest):
        part = slice(start, start + longest)
        yield Passage(
            piece.words[part], {h: t[part] for h, t in piece.tags.items()}, piece.document
        )


def _joined(group: Sequence[Passage]) -> Passage:
    words: list[str] = []
    tags: dict[str, list[str]] = {head: [] for head in group[0].tags}
    for number, piece in enumerate(group):
        if number:
            words.append(BOUNDARY)
        words += piece.words
        for head in tags:
            tags[head] += ["O"] * (number > 0) + piece.tags[head]
    return Passage(words, tags, group[0].document)
