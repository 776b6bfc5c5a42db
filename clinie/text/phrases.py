"""A small grammar of clinical noun phrases: which words around a head belong to a mention.

The boundaries are those of ``docs/annotation.md``: modifiers of place, side, severity, course and
quality before the head, a phrase of place or kind behind it; no determiners, no words of assertion.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from clinie.text.terms import LABELS, Piece, pieces

__all__ = ["Mention", "mentions"]


class Mention(NamedTuple):
    """A mention: ``text[start:end]``, its label, and how sure the grammar is of it."""

    start: int
    end: int
    label: str
    confidence: float


_PLACE = ("site", "site_adjective", "side")
_BEFORE = {
    "problem": {*_PLACE, "severity", "course", "quality", "problem"},
    "test": {*_PLACE, "modality", "test", "quality"},
    "procedure": {*_PLACE, "approach", "problem", "procedure", "modality"},
}
_TAIL = {label: f"{label}_tail" for label in LABELS}
_SPECIFIC = frozenset(
    {"site", "site_adjective", "quality", "problem", "test", "modality", "approach"}
)

_GAP = re.compile(r"[ \t]?|-|[ \t]*\n[ \t]*")
_WORD_BEFORE = re.compile(r"(?<![\w-])([A-Za-z][A-Za-z'’-]*[a-z])[^\S\n]+$")
_ADJECTIVE = re.compile(r"[a-z-]+(?:al|ic|ous|ive|ar|ary|oid|form|genic|like)$")
_PREFIX_BEFORE = re.compile(r"(?<![\w-])[A-Za-z]{2,}-$")
_EPONYM_BEFORE = re.compile(
    r"(?<=[a-z,(][^\S\n])([A-Z][a-z]{2,}(?:[-–][A-Z][a-z]+)*)(?:['’]s)?[^\S\n]+$"
)
_MEASURE_BEFORE = re.compile(
    r"(?<![\w./])(?:"
    r"(?:grade|stage|type|class)[^\S\n]+(?:\d[ab]?|[IVX]+[ab]?)(?:/(?:\d|[IVX]+))?"
    r"|(?:grade[^\S\n]+)?(?:[1-6]|[IV]{1,3})(?:/|[^\S\n]+out[^\S\n]+of[^\S\n]+)(?:[4-6]|VI)"
    r"|[1-4](?:\.5)?\+|\d{1,3}%"
    r"|\d+(?:\.\d+)?(?:[^\S\n]*(?:[x×–-]|\bto\b)[^\S\n]*\d+(?:\.\d+)?)*[^\S\n]*-?(?:cm|mm|centimeters?|millimeters?)"
    r")(?:(?<=\+)|[^\S\n]+)$",
    re.IGNORECASE,
)
_ATTACH = re.compile(
    r"[^\S\n]+(?:of|in|to|over|on|at|along|around|involving|within|throughout|across|overlying)"
    r"\s+(?:(?:the|his|her|their|your|my|a|an)[^\S\n]+)?",
    re.IGNORECASE,
)
_AND = re.compile(
    r"(?:[^\S\n]*,)?\s+(?:and|or|of)\s+(?:(?:the|his|her|their)\s+)?|[^\S\n]*[,/][^\S\n]*"
)
_AND_BEFORE = re.compile(r"[^\S\n]+(?:and|or)[^\S\n]+")
_VALUE = re.compile(
    r"(?:[^\S\n]*(?:level|levels|of|was|is|at|were|today|[:=,(])){0,3}[^\S\n]*"
    r"(?:[<>]?\d|normal|low|high|elevated|wnl|within)",
    re.IGNORECASE,
)
_DOSE = re.compile(
    r"\d(?:[\d.,]*\d)?[^\S\n]*(?:mEq|mg|g|mcg|tab\w*|capsules?|units?|mmol)\b(?!/)", re.IGNORECASE
)

_NUMBER_AFTER = re.compile(r"[^\S\n]*(?:(?:was|is|at|of|in|the|goal|[:=<>≤≥~])[^\S\n]*){0,3}\d")
_LETTERS = re.compile(r"[A-Za-z]{2,}")
_DIGIT = re.compile(r"\d")
_SURE = {
    "": 0.9,
    "acronym": 0.85,
    "weak": 0.75,
    "analyte": 0.7,
    "guess": 0.5,
    "doubtful": 0.45,
    "ambiguous": 0.4,
}


def mentions(text: str, bounds: Sequence[tuple[int, int]]) -> list[Mention]:
    """Return the mentions of a text in order; none overlaps another.

    Parameters
    ----------
    text : str
    bounds : sequence of (int, int)
        Sentences in text order; no mention crosses one.
    """
    found = pieces(text)
    starts = [piece.start for piece in found]
    result: list[Mention] = []
    for start, end in bounds:
        inside = found[bisect_left(starts, start) : bisect_left(starts, end)]
        inside = [piece for piece in inside if piece.end <= end]
        result.extend(_Sentence(text, start, end, inside).mentions())
    return result


class _Sentence:
    """The pieces of one sentence, and the mentions they make."""

    def __init__(self, text: str, start: int, end: int, found: list[Piece]) -> None:
        self.text, self.start, self.end = text, start, end
        self.pieces = found

    def mentions(self) -> list[Mention]:
        known: list[Mention] = []
        index, floor = 0, self.start
        while index < len(self.pieces):
            head = self._head(index)
            if head is None:
                index += 1
                continue
            mention, index = self._grow(*head, floor)
            if mention is not None:
                known.append(mention)
            floor = mention.end if mention else self.pieces[index - 1].end
        return known

    # -- heads -----------------------------------------------------------------------------

    def _head(self, index: int) -> tuple[int, int, str] | None:
        """Return the run's first and last piece and its label, if piece `index` opens a phrase.

        English phrases end in their head: of adjacent heads the last one gives the label.
        """
        label = self._label(index)
        if label is None:
            return None
        last = index
        while last + 1 < len(self.pieces) and self._adjacent(last, last + 1):
            following = self._joined(label, last, last + 1)
            if following is None or (following != label and self._wrapped(last)):
                break
            label, last = following, last + 1
        return index, last, label

    def _label(self, index: int) -> str | None:
        piece = self.pieces[index]
        if piece.marks.get("problem") == "ambiguous" and piece.is_a("test"):
            return "test" if _NUMBER_AFTER.match(self.text, piece.end) else "problem"
        return next((label for label in LABELS if label in piece.roles), None)

    def _joined(self, label: str, last: int, following: int) -> str | None:
        """Return the label of a phrase when the piece behind it belongs to it, else None."""
        piece = self.pieces[following]
        if piece.is_a(_TAIL[label]):
            return label
        if label == "test" and piece.is_a("abnormal_after"):
            return "problem"
        if label == "problem" and piece.is_a("panel"):
            return "test"
        other = self._label(following)
        if other is None:
            if label != "test" and piece.is_a("procedure_tail"):
                return "procedure"
            if label == "test" and piece.is_a("site", "site_adjective"):
                return label
            return None
        if other == "problem" and label != "problem":
            return None
        if self._acronym(following) or (other == "problem" and self._acronym(last)):
            return other if piece.marks[other] == "weak" else None
        return other

    def _acronym(self, index: int) -> bool:
        return not {"acronym", "ambiguous"}.isdisjoint(self.pieces[index].marks.values())

    def _wrapped(self, index: int) -> bool:
        """Tell whether the line ends behind piece `index`."""
        return "\n" in self.text[self.pieces[index].end : self.pieces[index + 1].start]

    def _adjacent(self, left: int, right: int) -> bool:
        gap = _GAP.fullmatch(self.text, self.pieces[left].end, self.pieces[right].start)
        return gap is not None

    # -- growth ----------------------------------------------------------------------------

    def _grow(self, first: int, last: int, label: str, floor: int) -> tuple[Mention | None, int]:
        """Return the whole mention around a head (None when it is none) and where to go on."""
        start, leftmost, label = self._leftwards(first, label, floor)
        end, after = self._rightwards(last, label)
        head = self.pieces[last]
        mark = head.marks.get(label, "")
        if mark == "ambiguous" and "%" in self.text[start : head.start]:
            return None, last + 1  # "97% RA" is room air
        if label == "problem" and self.text[start : head.start].lower() == "non-":
            return None, last + 1  # "non-tender" is no finding
        grown = (
            any(self.pieces[i].is_a(*_SPECIFIC) for i in range(leftmost, last))
            or start < self.pieces[leftmost].start  # a measure, an eponym, an unknown adjective
            or (end > head.end and mark == "weak")
        )
        if not self._believable(label, mark, last, end, grown=grown):
            return None, last + 1
        words = sum(piece.words for piece in self.pieces[leftmost : last + 1])
        sure = _SURE["weak" if mark == "doubtful" and grown else mark] + (
            0.05 if words > 1 or end > head.end else 0.0
        )
        return Mention(start, end, label, round(sure, 2)), max(after, last + 1)

    def _leftwards(self, first: int, label: str, floor: int) -> tuple[int, int, str]:
        """Return where the phrase starts, its first piece, and its label with what stands there."""
        start, index = self.pieces[first].start, first
        while True:
            before = index - 1
            if before >= 0 and self.pieces[before].start >= floor:
                piece = self.pieces[before]
                if _GAP.fullmatch(self.text, piece.end, start):
                    sign = self.text[self.pieces[first].start : self.pieces[first].end]
                    if piece.is_a("abnormal") and (label == "test" or sign.endswith(" sign")):
                        label, start, index = "problem", piece.start, before
                        continue
                    predicate = self.pieces[first].is_a("predicate") and piece.is_a("site")
                    if piece.is_a(*_BEFORE[label]) and not predicate:
                        start, index = piece.start, before
                        continue
                if self._coordinated(before, index, start):
                    start, index = piece.start, before
                    continue
            shifted = self._word_before(start, floor, label)
            if shifted == start:
                return start, index, label
            start = shifted
            while index and self.pieces[index - 1].start >= start:
                index -= 1

    def _coordinated(self, before: int, index: int, start: int) -> bool:
        """Tell whether ``hepatic`` stands beside ``renal`` in *hepatic and renal failure*."""
        left, right = self.pieces[before], self.pieces[index]
        if right.start != start or not _AND_BEFORE.fullmatch(self.text, left.end, start):
            return False
        if left.is_a(*LABELS):
            return False
        word = self.text[start : right.end].partition(" ")[0]
        first_word = next(iter(pieces(word)), right)
        return (
            left.is_a("site", "site_adjective") and first_word.is_a("site", "site_adjective")
        ) or (left.is_a("side") and first_word.is_a("side"))

    def _word_before(self, start: int, floor: int, label: str) -> int:
        """Take in a measure or an unknown adjective before the phrase."""
        window = self.text[max(floor, start - 40) : start]
        prefix = _PREFIX_BEFORE.search(window)
        if prefix:
            return start - (len(window) - prefix.start())
        eponym = _EPONYM_BEFORE.search(window)
        if eponym and label == "problem" and not _is_never(eponym[1]):
            return start - (len(window) - eponym.start())
        measure = _MEASURE_BEFORE.search(window)
        if measure and label == "problem":
            return start - (len(window) - measure.start())
        word = _WORD_BEFORE.search(window)
        if word and _ADJECTIVE.fullmatch(word[1].lower()) and not _is_never(word[1]):
            return start - (len(window) - word.start())
        return start

    def _rightwards(self, last: int, label: str) -> tuple[int, int]:
        end, index = self.pieces[last].end, last + 1
        while index < len(self.pieces):
            piece = self.pieces[index]
            if not _GAP.fullmatch(self.text, end, piece.start) or not piece.is_a(_TAIL[label]):
                break
            end, index = piece.end, index + 1
        attach = _ATTACH.match(self.text, end)
        if attach and index < len(self.pieces) and self.pieces[index].start == attach.end():
            after = self._place(index)
            if after > index:
                end, index = self._more_places(self.pieces[after - 1].end, after)
        elif label == "test" and self.pieces[last].is_a("site"):
            end, index = self._more_places(end, index)
        elif label == "problem" and self._describes(last):
            after = self._place(index)
            end, index = self.pieces[after - 1].end, after
        while index < len(self.pieces) and label == "test":
            piece = self.pieces[index]
            if not _GAP.fullmatch(self.text, end, piece.start) or not piece.is_a(_TAIL[label]):
                break
            end, index = piece.end, index + 1
        return end, index

    def _describes(self, last: int) -> bool:
        """Tell whether an adjective stands before its place, as in *swollen joints*."""
        if not self.pieces[last].is_a("predicate") or last + 1 == len(self.pieces):
            return False
        return self._adjacent(last, last + 1)

    def _place(self, index: int) -> int:
        """Return the piece behind the phrase of place that opens at piece `index`.

        `index` itself when there is none, or when it belongs to a mention of its own (the
        *right knee* of *pain in the back and right knee swelling*).
        """
        last = index
        while last < len(self.pieces) and self._continues_place(index, last):
            last += 1
        following = last < len(self.pieces) and self._adjacent(last - 1, last)
        if last > index and following and self.pieces[last].is_a(*LABELS):
            return index
        while last > index and not self.pieces[last - 1].is_a("site"):
            last -= 1
        return last

    def _continues_place(self, first: int, index: int) -> bool:
        piece = self.pieces[index]
        if piece.is_a(*LABELS) or not piece.is_a(*_PLACE):
            return False
        return index == first or self._adjacent(index - 1, index)

    def _more_places(self, end: int, index: int) -> tuple[int, int]:
        """Go on over ``, abdomen and pelvis``."""
        while index < len(self.pieces):
            joint = _AND.match(self.text, end)
            if joint is None or self.pieces[index].start != joint.end():
                break
            after = self._place(index)
            if after == index:
                break
            end, index = self.pieces[after - 1].end, after
        return end, index

    # -- doubts ----------------------------------------------------------------------------

    def _believable(self, label: str, mark: str, last: int, end: int, *, grown: bool) -> bool:
        """Tell whether a head of this mark is a mention here."""
        if mark == "weak" and not grown:
            return False
        if mark == "analyte" and not self._measured(end, grown=grown):
            return False
        if mark == "ambiguous" and self._shouts:
            return False
        if label == "problem" and mark in ("acronym", "ambiguous") and self._dosed(end):
            return False
        return label == "procedure" or not self._names_a_thing(last)

    @cached_property
    def _shouts(self) -> bool:
        """Tell whether the sentence is in capitals, so that an acronym may be any word."""
        sentence = self.text[self.start : self.end]
        return sentence.isupper() and len(_LETTERS.findall(sentence)) > 1

    def _names_a_thing(self, last: int) -> bool:
        """Tell whether a thing follows, as in *pain medication* or *stroke clinic*."""
        following = last + 1
        if following == len(self.pieces) or not self._adjacent(last, following):
            return False
        return self.pieces[following].is_a("thing") and not self.pieces[following].is_a(*LABELS)

    def _dosed(self, end: int) -> bool:
        """Tell whether a dose follows: "NPH 20 units" is an insulin."""
        return _DOSE.match(self.text, end + 1) is not None and self.text[end] == " "

    def _measured(self, end: int, *, grown: bool) -> bool:
        """Tell whether an analyte stands beside a result, not beside a dose."""
        value = _VALUE.match(self.text, end)
        if value is None:
            return grown or "level" in self.text[end - 6 : end].lower()
        number = _DIGIT.search(self.text, end, value.end())
        return number is None or not _DOSE.match(self.text, number.start())


def _is_never(word: str) -> bool:
    return any(piece.is_a("never") for piece in pieces(word))
