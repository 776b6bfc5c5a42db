"""Annotated text as the network reads it: words in passages, tags by head."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from clinie.models.tagger.features import BOUNDARY
from clinie.models.tagger.tagger import LONGEST, layout
from clinie.schema import Span
from clinie.text.sentences import sentences
from clinie.text.tokens import Token, tokenize

__all__ = ["Passage", "bio", "join", "passages"]


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
    by_people : bool
        Whether people made the tags; otherwise rules did, or a generator.
    times : int
        How often it is read in an epoch.
    """

    words: list[str]
    tags: dict[str, list[str]] = field(default_factory=dict)
    document: str = ""
    by_people: bool = True
    times: int = 1

    def fold(self, count: int) -> int:
        """Return the fold of its document, by SHA-256."""
        return int(hashlib.sha256(self.document.encode()).hexdigest(), 16) % count


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
    """Cut a text into passages, as the runtime does.

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
    lines = []
    for start, end in sentences(text):
        a, b = bisect_left(starts, start), bisect_left(starts, end)
        words = [token.text for token in tokens[a:b]]
        lines.append(Passage(words, {h: tags[a:b] for h, tags in tagged.items()}, document))
    yield from join(lines, longest)


def join(lines: Sequence[Passage], longest: int = LONGEST) -> Iterator[Passage]:
    """Put consecutive sentences of a document together, as the runtime does."""
    for pieces in layout([len(line.words) for line in lines], longest):
        words: list[str] = []
        tags: dict[str, list[str]] = {head: [] for head in lines[0].tags}
        for sentence, part in pieces:
            if words:
                words.append(BOUNDARY)
                for line in tags.values():
                    line.append("O")
            words += lines[sentence].words[part]
            for head in tags:
                tags[head] += lines[sentence].tags[head][part]
        yield Passage(words, tags, lines[0].document)
