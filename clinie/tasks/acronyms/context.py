"""What stands around a short form, and which of the cues for a sense are there.

Cues are written as the head of ``senses.tsv`` says: words, neighbours, numbers, a colon, the kind
of the section.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from clinie.text.folding import fold_word
from clinie.text.lexica import drugs, load_tsv
from clinie.text.sections import Section

__all__ = ["Context", "Place", "words_of"]

_WORD = re.compile(r"[^\W\d_]+|\d+(?:[.,]\d+)*")
_NUMBER_BEHIND = re.compile(
    r"[ \t]{0,3}(?:[:=~-]|is|was|of|at|in the)?[ \t]{0,3}[<>≤≥]?[ \t]?\d", re.IGNORECASE
)
_DOSE_BEHIND = re.compile(
    r"[ \t]{0,3}[:-]?[ \t]?\d+(?:[.,]\d+)?[ \t]?(?:mg|mcg|g|gm|units?|meq|iu|ml|tabs?|puffs?)\b",
    re.IGNORECASE,
)
_FRACTION_BEHIND = re.compile(r"[ \t]{0,3}[:=-]?[ \t]{0,3}\d{1,3}/\d{1,3}")
_DECIMAL_BEHIND = re.compile(r"[ \t]{0,3}[:=~]?[ \t]{0,3}[<>]?\d{1,4}[.,]\d")
_COLON_BEHIND = re.compile(r"[ \t]?:")
_NUMBER_BEFORE = re.compile(r"\d[ \t]?\Z")
_PERCENT_BEFORE = re.compile(r"\d[ \t]?%[ \t]{0,2}(?:on[ \t])?\Z", re.IGNORECASE)
_AGE_BEFORE = re.compile(r"(?:\A|[^\w.,/])(?:1[01]\d|\d{1,2})[ \t]?\Z")
_BEHIND = {
    "#": _NUMBER_BEHIND,
    "#dose": _DOSE_BEHIND,
    "#/": _FRACTION_BEHIND,
    "#.": _DECIMAL_BEHIND,
    ":": _COLON_BEHIND,
}
_BEFORE = {"<#": _NUMBER_BEFORE, "<%": _PERCENT_BEFORE, "<age": _AGE_BEFORE}
_WIDTH = 24

# Weights in nats, set on the training documents of ACI-Bench and MACCROBAT.
NEIGHBOUR, SIGN, SECTION = 3.0, 2.0, 1.0
NEAR = ((3, 1.6), (8, 1.3), (25, 0.9))
SAME_SENTENCE, FAR = 0.7, ((25, 0.6), (80, 0.35))
ANYWHERE = 0.15


@dataclass(frozen=True, slots=True)
class _Cue:
    """A cue taken apart: `kind` is word, next, previous, behind, before, section, site or drug."""

    kind: str
    words: tuple[str, ...] = ()
    is_prefix: bool = False
    sign: str = ""


@lru_cache(maxsize=16384)
def words_of(phrase: str) -> tuple[str, ...]:
    """Return the words of a phrase, folded, as a text's are compared."""
    return tuple(_WORD.findall(fold_word(phrase)))


def _parse(cue: str) -> _Cue:
    if cue in _BEHIND:
        return _Cue("behind", sign=cue)
    if cue in _BEFORE:
        return _Cue("before", sign=cue)
    if cue in ("&site", "<drug"):
        return _Cue(cue[1:])
    if cue[0] == "@":
        return _Cue("section", sign=cue[1:])
    kind = {">": "next", "<": "previous"}.get(cue[0], "word")
    return _Cue(kind, words_of(cue), cue.endswith("*"))


@lru_cache(maxsize=4096)
def _parse_all(cues: tuple[str, ...]) -> tuple[_Cue, ...]:
    return tuple(map(_parse, cues))


@cache
def _sites() -> frozenset[str]:
    """Return the first words of the names of body sites."""
    return frozenset(row["term"].split()[0].lower() for row in load_tsv("anatomy.tsv"))


@cache
def _drugs() -> frozenset[str]:
    """Return the last words of drug names."""
    return frozenset(words_of(drug.name)[-1] for drug in drugs() if words_of(drug.name))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a short form stands: characters, words ``[first, last)``, sentence, section."""

    start: int
    end: int
    first: int
    last: int
    sentence: int
    section: str


class Context:
    """A text, ready to be asked what stands near a place.

    Parameters
    ----------
    text : str
    sentences : sequence of (int, int)
    sections : sequence of Section
    """

    def __init__(
        self,
        text: str,
        sentences: Sequence[tuple[int, int]],
        sections: Sequence[Section],
    ) -> None:
        self.text = text
        words = list(_WORD.finditer(text))
        self._words = [fold_word(word.group()) for word in words]
        self._starts = [word.start() for word in words]
        self._at: dict[str, list[int]] = {}
        for number, word in enumerate(self._words):
            self._at.setdefault(word, []).append(number)
        self._sorted = sorted(self._at)
        self._sentences = [start for start, _ in sentences]
        self._sections = sections
        self._section_starts = [section.start for section in sections]
        self._found: dict[tuple[tuple[str, ...], bool], list[int]] = {}
        self._bounds: dict[int, tuple[int, int]] = {}
        self._live: dict[tuple[str, ...], list[_Cue]] = {}

    def sentence(self, offset: int) -> int:
        """Return the number of the sentence at an offset."""
        return max(0, bisect_right(self._sentences, offset) - 1)

    def place(self, start: int, end: int) -> Place:
        """Return the place of a short form."""
        at = bisect_right(self._section_starts, start) - 1
        return Place(
            start,
            end,
            bisect_left(self._starts, start),
            bisect_left(self._starts, end),
            self.sentence(start),
            self._sections[at].kind if at >= 0 else "other",
        )

    def weights(self, cues: tuple[str, ...], place: Place) -> list[float]:
        """Return how much each cue speaks at a place, in nats; those not there are left out."""
        if cues not in self._live:  # most cues of most senses stand nowhere in a text
            self._live[cues] = [cue for cue in _parse_all(cues) if self._may_speak(cue)]
        spoken = (self._weight(cue, place) for cue in self._live[cues])
        return [weight for weight in spoken if weight]

    def _may_speak(self, cue: _Cue) -> bool:
        if cue.kind == "section":
            return any(section.kind == cue.sign for section in self._sections)
        if not cue.words:
            return True
        if (len(cue.words) > 1 or not cue.is_prefix) and cue.words[0] not in self._at:
            return False  # at once, for most of them
        return bool(self.positions(cue.words, cue.is_prefix))

    def _weight(self, cue: _Cue, place: Place) -> float:
        if cue.kind == "word":
            return self._near(self.positions(cue.words, cue.is_prefix), place)
        if cue.kind == "section":
            return SECTION if place.section == cue.sign else 0.0
        if cue.kind == "behind":
            return SIGN if _BEHIND[cue.sign].match(self.text, place.end) else 0.0
        if cue.kind == "before":
            window = self.text[max(0, place.start - _WIDTH) : place.start]
            return SIGN if _BEFORE[cue.sign].search(window) else 0.0
        return NEIGHBOUR if self._is_neighbour(cue, place) else 0.0

    def positions(self, words: tuple[str, ...], is_prefix: bool) -> list[int]:
        """Return where a phrase begins, in words; with `is_prefix` its last word may go on."""
        key = (words, is_prefix)
        if key not in self._found:
            self._found[key] = self._look_up(words, is_prefix)
        return self._found[key]

    def _look_up(self, words: tuple[str, ...], is_prefix: bool) -> list[int]:
        if not words:
            return []
        if len(words) > 1:
            return [at for at in self._at.get(words[0], ()) if self._begins(words, is_prefix, at)]
        if not is_prefix:
            return self._at.get(words[0], [])
        found: list[int] = []
        at = bisect_left(self._sorted, words[0])
        while at < len(self._sorted) and self._sorted[at].startswith(words[0]):
            found += self._at[self._sorted[at]]
            at += 1
        return sorted(found)

    def _begins(self, words: tuple[str, ...], is_prefix: bool, at: int) -> bool:
        run = self._words[at : at + len(words)]
        if len(run) < len(words) or tuple(run[:-1]) != words[:-1]:
            return False
        return run[-1].startswith(words[-1]) if is_prefix else run[-1] == words[-1]

    def _is_neighbour(self, cue: _Cue, place: Place) -> bool:
        """Tell whether a phrase stands directly behind or before a place, in the same sentence."""
        size = 1 if cue.kind in ("site", "drug") else len(cue.words)
        if not size:
            return False
        at = place.last if cue.kind in ("next", "site") else place.first - size
        if at < 0 or at >= len(self._words) or self.sentence(self._starts[at]) != place.sentence:
            return False
        if cue.kind == "site":
            return self._words[at] in _sites()
        if cue.kind == "drug":
            return self._words[at] in _drugs()
        return self._begins(cue.words, cue.is_prefix, at)

    def _near(self, positions: list[int], place: Place) -> float:
        """Weigh the occurrence of a phrase that is nearest to a place."""
        at = bisect_left(positions, place.first)
        best = 0.0
        before = positions[at - 1] if at else None
        while at < len(positions) and positions[at] < place.last:
            at += 1  # the short form itself
        behind = positions[at] if at < len(positions) else None
        for position, distance in (
            (before, place.first - before if before is not None else 0),
            (behind, behind - place.last + 1 if behind is not None else 0),
        ):
            if position is not None:
                best = max(best, self._decay(position, distance, place))
        return best

    def _decay(self, position: int, distance: int, place: Place) -> float:
        steps: tuple[tuple[int, float], ...] = FAR
        default = ANYWHERE
        if place.sentence not in self._bounds:
            self._bounds[place.sentence] = self._sentence_words(place.sentence)
        first, last = self._bounds[place.sentence]
        if first <= position < last:
            steps, default = NEAR, SAME_SENTENCE
        return next((weight for limit, weight in steps if distance <= limit), default)

    def _sentence_words(self, sentence: int) -> tuple[int, int]:
        if not self._sentences:
            return 0, 0
        start = self._sentences[sentence]
        after = self._sentences[sentence + 1 :][:1]
        end = bisect_left(self._starts, after[0]) if after else len(self._starts)
        return bisect_left(self._starts, start), end
