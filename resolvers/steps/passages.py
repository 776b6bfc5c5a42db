"""Passages of an article: sentences and table rows, and how near they are to a question's words.

A number often stands in many places of an article. The place that is meant is the one in a passage
about the outcome, beside the words for the arm: in the arm's column, or nearest to its name.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from clinie.text.folding import fold_word
from clinie.text.lexica import load_tsv
from clinie.text.numerals import Numeral, numerals
from clinie.text.sentences import sentences

__all__ = ["Passage", "Passages"]

_WORD = re.compile(r"[^\W_]+")
_STEM = 6
"""Letters by which two forms of a word are told to be one: *remission*, *remitted* are not."""
_ABOVE = 0.3
"""What the words above a table count in its rows."""
_PERCENT = re.compile(r"[ \t\u00a0\u2009]{0,2}(?:%|percent\b|per\s?cent\b)")
_LISTED = re.compile(r"\s{0,2}(?:,|;|-|–|and|or|to|vs\.?|versus|,\s?and|%)\s{0,2}")
_WHOLE = re.compile(r"(?i)(?:/|=|\bof)\s?\Z")
_SHARE = re.compile(r"%|\bper\s?cent")
_COUNT = re.compile(r"(?i)\b(?:n|no|number|patients|participants|subjects)\b[^%]{0,30}%")
_REACH = 160
"""Characters within which the name of an arm speaks of a number in a sentence."""


class Passage(NamedTuple):
    """A sentence, or a row of a table: ``text[start:end]``."""

    start: int
    end: int
    is_row: bool


class Passages:
    """An article read for one question.

    Parameters
    ----------
    text : str
    outcome : str
        The question's words for the outcome; may be empty.
    arms : Mapping of str to str
        Arm to the question's words for it; may be empty.

    Notes
    -----
    Time linear in the text; the score of a passage is computed when first asked for.
    """

    def __init__(self, text: str, outcome: str = "", arms: Mapping[str, str] | None = None) -> None:
        self.text = text
        self.numerals = numerals(text)
        self.passages = [Passage(a, b, text[a] == "|") for a, b in sentences(text)]
        self._starts = [passage.start for passage in self.passages]
        self._outcome = frozenset(_telling(outcome))
        said = {arm: frozenset(_telling(words)) for arm, words in (arms or {}).items()}
        self._arms = {
            arm: own - frozenset(w for other, also in said.items() if other != arm for w in also)
            for arm, own in said.items()
        }

    def at(self, offset: int) -> int:
        """Return the number of the passage that holds a character."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def inside(self, number: int) -> range:
        """Return the indices of the numerals in a passage."""
        passage = self.passages[number]
        return range(
            bisect_left(self.numerals, (passage.start,)),
            bisect_left(self.numerals, (passage.end,)),
        )

    @cached_property
    def _tokens(self) -> list[tuple[int, int, str]]:
        """The words of the article as extent and stem."""
        return [(*word.span(), _stem(word.group())) for word in _WORD.finditer(self.text)]

    def _said(self, start: int, end: int) -> frozenset[str]:
        tokens = self._tokens
        first, last = bisect_left(tokens, (start,)), bisect_left(tokens, (end,))
        return frozenset(stem for _, _, stem in tokens[first:last])

    @cached_property
    def _words(self) -> list[frozenset[str]]:
        return [self._said(passage.start, passage.end) for passage in self.passages]

    @cached_property
    def _weights(self) -> dict[str, float]:
        """The outcome's words that the article holds: the rarer, the heavier."""
        frequency = Counter(word for words in self._words for word in words & self._outcome)
        weights = {w: math.log(1 + len(self.passages) / n) for w, n in frequency.items()}
        whole = sum(weights.values())
        return {word: weight / whole for word, weight in weights.items()} if whole else {}

    @cached_property
    def scores(self) -> list[float]:
        """How much each passage speaks of the outcome, from 0 to 1.

        A row is also read under the line above its table.
        """
        own = [sum(self._weights[w] for w in words & self._weights.keys()) for words in self._words]
        scores, above = [], 0.0
        for passage, score in zip(self.passages, own, strict=True):
            above = above if passage.is_row else score
            scores.append(min(1.0, score + _ABOVE * above) if passage.is_row else score)
        return scores

    def about(self, start: int, end: int) -> float:
        """Say how much a stretch of the article speaks of the outcome, from 0 to 1."""
        return sum(self._weights[word] for word in self._said(start, end) & self._weights.keys())

    @cached_property
    def by_score(self) -> list[int]:
        """The passages, those about the outcome first, then in text order."""
        return sorted(range(len(self.passages)), key=lambda number: (-self.scores[number], number))

    def cell(self, numeral: Numeral) -> tuple[int, int]:
        """Return the extent of the table cell that holds a number, its heading included."""
        passage = self.passages[self.at(numeral.start)]
        start = self.text.rfind("|", passage.start, numeral.start) + 1
        end = self.text.find("|", numeral.end, passage.end)
        return max(start, passage.start), passage.end if end < 0 else end

    def arm(self, numeral: Numeral) -> str | None:
        """Return the arm that a number seems to belong to, or None.

        In a table the arm whose words stand in the cell or its column's heading, else in the row's
        name; in a sentence the arm named nearest, of two as near the one before.
        """
        passage = self.passages[self.at(numeral.start)]
        if passage.is_row:
            name_end = self.text.find("|", passage.start + 1, passage.end)
            return self._named(*self.cell(numeral)) or self._named(passage.start, name_end)
        start, end = (
            max(passage.start, numeral.start - _REACH),
            min(passage.end, numeral.end + _REACH),
        )
        best: tuple[int, str] | None = None
        for first, last, arm in self._mentions[bisect_left(self._mentions, (start,)) :]:
            if first >= end:
                break
            before = first < numeral.start
            gap = self.text[last : numeral.start] if before else self.text[numeral.end : first]
            distance = 2 * len(gap) + (not before)
            if ";" in gap or (")" in gap and not before):  # "rest (n = 50), walking (n = 48)"
                distance += _REACH
            if best is None or distance < best[0]:
                best = (distance, arm)
        return best[1] if best else None

    def order(self, numeral: Numeral) -> list[str]:
        """Return the arms in the order in which a number's passage first names them."""
        passage = self.passages[self.at(numeral.start)]
        first = bisect_left(self._mentions, (passage.start,))
        last = bisect_left(self._mentions, (passage.end,))
        return list(dict.fromkeys(arm for _, _, arm in self._mentions[first:last]))

    def _named(self, start: int, end: int) -> str | None:
        said = self._said(start, end)
        shared = {arm: len(words & said) for arm, words in self._arms.items()}
        top = max(shared.values(), default=0)
        best = [arm for arm, count in shared.items() if count == top]
        return best[0] if top and len(best) == 1 else None

    @cached_property
    def _mentions(self) -> list[tuple[int, int, str]]:
        """Where words that only one arm has stand."""
        arm_of = {word: arm for arm, words in self._arms.items() for word in words}
        return [(a, b, arm_of[stem]) for a, b, stem in self._tokens if stem in arm_of]

    @cached_property
    def percentages(self) -> list[bool]:
        """Whether each numeral is a percentage: by its sign, its list, or its column's heading."""
        found = [False] * len(self.numerals)
        for i in reversed(range(len(self.numerals))):
            numeral = self.numerals[i]
            found[i] = _PERCENT.match(self.text, numeral.end) is not None
            if not found[i] and i + 1 < len(found) and found[i + 1] and numeral.value <= 100:
                gap = self.text[numeral.end : self.numerals[i + 1].start]
                before = self.text[max(0, numeral.start - 5) : numeral.start]
                found[i] = _LISTED.fullmatch(gap) is not None and not _WHOLE.search(before)
        for number, passage in enumerate(self.passages):
            if passage.is_row:
                for i in self.inside(number):
                    found[i] = found[i] or self._share_by_heading(i)
        return found

    def _share_by_heading(self, index: int) -> bool:
        """Tell whether a column of shares, or of counts with shares in brackets, holds a number."""
        numeral = self.numerals[index]
        passage = self.passages[self.at(numeral.start)]
        start, _ = self.cell(numeral)
        heading, colon, _ = self.text[start : numeral.start].rpartition(": ")
        name_end = self.text.find("|", passage.start + 1, passage.end)
        name = self.text[passage.start : name_end] if name_end < numeral.start else ""
        said = next(
            (words for words in (heading if colon else "", name) if _SHARE.search(words)), ""
        )
        bracketed = self.text[numeral.start - 1 : numeral.start] in ("(", "[")
        return bool(said) and (bracketed or not _COUNT.search(said))


def _telling(question: str) -> Iterator[str]:
    """Yield the stems of a question's words, function words aside."""
    for word in _WORD.finditer(question):
        if fold_word(word.group()) not in _function_words():
            yield _stem(word.group())


@cache
def _function_words() -> frozenset[str]:
    return frozenset(row["word"] for row in load_tsv("function_words.tsv", "clinie.resolvers"))


@lru_cache(maxsize=1 << 14)
def _stem(word: str) -> str:
    folded = fold_word(word)
    if len(folded) > _STEM:
        return folded[:_STEM]
    return folded[:-1] if len(folded) > 3 and folded.endswith("s") else folded
