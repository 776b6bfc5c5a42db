"""What a student sees of a candidate mention: its words, those around it, and its section."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property

from clinie.text.folding import fold_word
from clinie.text.sections import sections
from clinie.text.tokens import tokenize

__all__ = ["Mentions", "Place"]

Place = tuple[int, int]
"""Half-open code points."""

_NEAR = 3  # words told apart by their place
_FAR = 8  # words on either side that are seen at all
_LONG = 40  # characters of a mention whose n-grams are looked at


class Mentions:
    """Describes places of one text by strings, for a linear classifier.

    Nothing of a teacher's answer is seen: a student that can copy its teacher learns its mistakes.

    Parameters
    ----------
    text : str

    Attributes
    ----------
    words : list of str
        The folded words and marks of the text.
    """

    def __init__(self, text: str) -> None:
        tokens = tokenize(text)
        self._text = text
        self._starts = [token.start for token in tokens]
        self._ends = [token.end for token in tokens]
        self.words = ["#" if token.text[0].isdigit() else fold_word(token.text) for token in tokens]

    def place(self, first: int, end: int) -> Place:
        """Return the code points of a run of words."""
        return self._starts[first], self._ends[end - 1]

    def run(self, place: Place) -> Place:
        """Return the numbers of the words that a place touches, half open."""
        start, end = place
        first = bisect_right(self._ends, start)
        return first, max(first, bisect_left(self._starts, end))

    def term(self, place: Place) -> tuple[str, ...]:
        """Return the words of a place, empty where it cuts through a word."""
        first, end = self.run(place)
        if first == end or self.place(first, end) != place:
            return ()
        return tuple(self.words[first:end])

    @cached_property
    def _sections(self) -> tuple[list[int], list[str]]:
        found = sections(self._text)
        return [section.start for section in found], [section.kind for section in found]

    def _section(self, start: int) -> str:
        starts, kinds = self._sections
        return kinds[bisect_right(starts, start) - 1] if starts else "other"

    def features(self, place: Place) -> list[str]:
        """Return the features of a place."""
        first, end = self.run(place)
        inside = self.words[first:end]
        before = ["<" if self._breaks(i) else self.words[i] for i in self._left(first)]
        after = [">" if self._breaks(i - 1) else self.words[i] for i in self._right(end)]
        start, stop = place
        mention = self._text[start:stop]
        whole = " ".join(inside)[:_LONG]
        padded = f"^{whole}$"
        return [
            "is=" + whole,
            *(f"has={word}" for word in inside),
            *(f"ends={whole[-size:]}" for size in (2, 3, 4)),
            *(f"gram={padded[i : i + 4]}" for i in range(len(padded) - 3)),
            f"case={'upper' if mention.isupper() else 'lower' if mention.islower() else 'mixed'}",
            f"long={min(end - first, 5)}",
            *(f"before{n}={word}" for n, word in enumerate(before[:_NEAR])),
            *(f"after{n}={word}" for n, word in enumerate(after[:_NEAR])),
            "before=" + " ".join(reversed(before[:2])),
            "after=" + " ".join(after[:2]),
            *(f"left={word}" for word in before),
            *(f"right={word}" for word in after),
            "section=" + self._section(start),
        ]

    def _left(self, first: int) -> range:
        return range(first - 1, max(first - 1 - _FAR, -1), -1)

    def _right(self, end: int) -> range:
        return range(end, min(end + _FAR, len(self.words)))

    def _breaks(self, index: int) -> bool:
        """Tell whether a line ends behind a word."""
        if not 0 <= index < len(self._ends) - 1:
            return False
        return "\n" in self._text[self._ends[index] : self._starts[index + 1]]
