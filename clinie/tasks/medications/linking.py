"""Which part of a sig belongs to which drug: by order, nearness and shared lists."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from clinie.tasks.medications.mentions import Mention
from clinie.text.sig import SigPart

__all__ = ["Link", "link"]


T = TypeVar("T", Mention, SigPart)


class Link(NamedTuple):
    """A part of a sig and how sure it is that it belongs to the drug."""

    part: SigPart
    confidence: float


_FILLER = re.compile(
    r"\b(?:tablets?|tabs?|capsules?|caps?|cream|ointment|gel|lotion|solution|suspension|syrup|"
    r"inhaler|"
    r"spray|patch|patches|drops|oral|pen|injections?|infusion|drip|dose|doses|dosage|dosing|at|"
    r"to|of|a|an|the|"
    r"was|were|is|given|taken|taking|take|takes|administered|started|continued|increased|decreased|"
    r"reduced|titrated|uptitrated|changed|raised|lowered|from|then|and|by|sig|total|up|down|via|"
    r"per|be|with|"
    r"initiated|dosed|disp|dispense|ec|er|xl|sr|inhale|apply|inject|use|one|each|only|now|still|"
    r"currently|"
    r"followed|maintenance|loading|bolus|initial|initially|therapy|treatment|route|freq|"
    r"frequency|strength|"
    r"for|as|x|as\s+needed|prn|plus|or|tapered|taper|day|days|concentration|rate|on|in)\b|[\W_]|\d",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"\b(?:and|or|but|not|no|never|denies|while|who|which|he|she|they|we|plus)\b|;", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d_]+")
_SEPARATOR = re.compile(r"[,;.:|\n+&/]|\band\b|\bor\b|\bplus\b|\bwith\b", re.IGNORECASE)
_FORWARD = re.compile(
    r"\s*(?:(?:tablets?|tabs?|capsules?|caps?|doses?|pulses?|courses?|bolus|boluses|infusions?|"
    r"injections?|"
    r"cycles?|treatment|therapy|taper|trial|supply|drip|total|regimen|puffs?|units?)\s+)?"
    r"(?:of\s+(?:[^\W\d_]+(?:['’]s)?\s+){0,3}|with\s+|on\s+)?(?:the\s+|his\s+|her\s+|"
    r"an?\s+)?[^\W\d_]*[\s-]*",
    re.IGNORECASE,
)
_COORDINATED = re.compile(
    r"\s*(?:[,/&+]|\band\b|\bor\b|\bplus\b|\bas well as\b|,\s*and\b|\s)+\s*", re.IGNORECASE
)
_IN_LIST = re.compile(r"[\s,/&]*(?:\b(?:and|or)\b|[,/&])\s*", re.IGNORECASE)
_ALL_OF_THEM = re.compile(
    r"\b(?:both|each|all)\b(?!\s+(?:eyes?|ears?|nostrils?|nares?|sides?|feet|hands|legs|arms|"
    r"mornings?|evenings?|nights?|days?|doses?|meals?|weeks?|am|pm|affected|"
    r"of\s+the\s+affected)\b)",
    re.IGNORECASE,
)
_FARTHEST = 1000  # characters between a drug and a part of its sig
_LIMIT = {"dosage": 5, "route": 4, "frequency": 3, "duration": 3, "reason": 3}
_OPENS = re.compile(
    r"[\s\-*•–]*(?:(?:then|tapered|taper|tapering|followed\s+by|sig|dose|dosage|directions|"
    r"instructions|route|frequency|take|takes|inject|apply|inhale|use|give|started\s+at|"
    r"current\s+dose)\b\s*:?\s*)*",
    re.IGNORECASE,
)


def link(
    text: str,
    sentences: Sequence[tuple[int, int]],
    mentions: Sequence[Mention],
    parts: Sequence[SigPart],
) -> dict[Mention, list[Link]]:
    """Give every part of a sig to its drug, or to none.

    Within a sentence, list item or table row a part goes to the drug before it, or to the drug
    after it where the words say so ("40 mg of X", "oral X"). Drugs of one list share what follows
    it ("X and Y daily"). A sentence without a drug that opens with a sig continues the one before.
    """
    links: dict[Mention, list[Link]] = {mention: [] for mention in mentions}
    last: Mention | None = None
    for start, end in sentences:
        drugs = _starting(mentions, start, end)
        inside = [p._replace(end=min(p.end, end)) for p in _starting(parts, start, end)]
        if drugs:
            _Segment(text, drugs, inside).fill(links)
            last = drugs[-1]
        elif last and inside and _continues(text, start, inside):
            _carry_over(text, last, inside, links)
        else:
            last = None
    return links


def _starting(items: Sequence[T], start: int, end: int) -> list[T]:
    """Return the items, sorted by start, that start in ``start:end``."""
    first = bisect_left(items, start, key=lambda item: item.start)
    last = bisect_left(items, end, lo=first, key=lambda item: item.start)
    return list(items[first:last])


def _continues(text: str, start: int, parts: list[SigPart]) -> bool:
    opening = _OPENS.match(text, start)
    return bool(opening and opening.end() >= parts[0].start and not parts[0].weak)


def _carry_over(
    text: str, mention: Mention, parts: list[SigPart], links: dict[Mention, list[Link]]
) -> None:
    end = parts[0].start
    for part in parts:
        if _words(text[end : part.start]) > 2:
            break
        links[mention].append(Link(part, 0.6))
        end = part.end


def _words(gap: str) -> int:
    """Count the words of a gap that are not usual between a drug and its sig."""
    breaks = len(_BREAK.findall(gap))
    rest = _FILLER.sub(" ", gap)
    unusual = len(_WORD.findall(rest))
    return unusual + 3 * breaks if unusual else 0


class _Segment:
    """One sentence, list item or table row."""

    def __init__(self, text: str, mentions: list[Mention], parts: list[SigPart]) -> None:
        self._text, self._mentions, self._parts = text, mentions, parts
        self._number = {mention: number for number, mention in enumerate(mentions)}

    def fill(self, links: dict[Mention, list[Link]]) -> None:
        attached_end = -1
        previous: SigPart | None = None
        choice: tuple[Mention, float, bool] | None = None
        for part in self._parts:
            before = bisect_right(self._mentions, part.start, key=lambda m: m.end)
            after = bisect_left(self._mentions, part.end, key=lambda m: m.start)
            if before < after:
                continue  # inside a drug name
            choice = self._listed(part, previous, choice)
            choice = choice or self._choose(
                part,
                self._mentions[before - 1] if before else None,
                self._mentions[after] if after < len(self._mentions) else None,
                attached_end,
            )
            previous = part
            if choice is None:
                continue
            mention, confidence, forward = choice
            attached_end = part.end
            links[mention].append(Link(part, confidence))
            for other in self._sharing(part, mention, forward=forward):
                links[other].append(Link(part, round(confidence - 0.2, 2)))

    def _listed(
        self,
        part: SigPart,
        previous: SigPart | None,
        choice: tuple[Mention, float, bool] | None,
    ) -> tuple[Mention, float, bool] | None:
        """Return the last choice when a reason continues a list of reasons."""
        if previous is None or not previous.kind == part.kind == "reason":
            return None
        return choice if _IN_LIST.fullmatch(self._text[previous.end : part.start]) else None

    def _gap(self, start: int, end: int) -> str:
        """Return the text between two offsets without the sig parts in it."""
        pieces, at = [], start
        for part in _starting(self._parts, start, end):
            if at <= part.start and part.end <= end:
                pieces.append(self._text[at : part.start])
                at = part.end
        pieces.append(self._text[at:end])
        return " ".join(pieces)

    def _choose(
        self,
        part: SigPart,
        before: Mention | None,
        after: Mention | None,
        attached_end: int,
    ) -> tuple[Mention, float, bool] | None:
        back, words = "", 99
        if before and part.start - before.end <= _FARTHEST:
            back = self._gap(before.end, part.start)
            words = _words(back)
        if after and after.start - part.end > _FARTHEST:
            after = None
        if part.kind == "reason" and before and self._in_list(before, part):
            return None  # "ibuprofen and alcohol" names no reason
        if after and part.kind != "reason" and self._forward(part, after, back, words):
            return after, 0.88, True
        if part.weak:
            follows = attached_end >= 0 and 0 <= part.start - attached_end <= 3
            short = part.end - part.start < 3 and self._text[part.start] not in "x×"
            beside = words == 0 and not (part.kind == "frequency" and short)
            if part.kind == "dosage":  # a number without a unit, a share, litres
                beside = words == 0 and not _SEPARATOR.search(back)
                follows = follows and not self._text[attached_end : part.start].strip()
            return (before, 0.75, False) if before and (beside or follows) else None
        if before and words <= _LIMIT[part.kind]:
            return before, round(max(0.5, 0.95 - 0.08 * words), 2), False
        if before and attached_end > before.end and part.kind != "reason":
            between = self._text[attached_end : part.start]
            if not _words(between) and ";" not in between:  # one sig: "and continue 500 mg BID"
                return before, 0.6, False
        if after and not before and part.kind in {"dosage", "route", "duration"}:
            ahead = self._gap(part.end, after.start)
            if _words(ahead) <= 2 and not _SEPARATOR.search(ahead):
                return after, 0.6, True
        return None

    def _forward(self, part: SigPart, mention: Mention, back: str, words: int) -> bool:
        ahead = self._gap(part.end, mention.start)
        if _SEPARATOR.search(ahead) or "then" in ahead or not _FORWARD.fullmatch(ahead):
            return False
        if part.weak and part.kind == "dosage" and self._text[part.end - 1] not in "%lLrRsS":
            return False  # a number without a unit belongs to the drug before it
        if part.weak and part.kind == "frequency":
            return False
        connected = re.match(r"\s*(?:\w+\s+)?of\b", ahead)
        return bool(words > 0 or connected or _SEPARATOR.search(back))

    def _in_list(self, mention: Mention, part: SigPart) -> bool:
        return bool(_IN_LIST.fullmatch(self._text[mention.end : part.start]))

    def _sharing(self, part: SigPart, mention: Mention, *, forward: bool) -> list[Mention]:
        """Return the other drugs of the list that `mention` ends (or, forward, begins)."""
        if part.kind == "dosage":
            return []
        index = self._number[mention]
        others: list[Mention] = []
        step = 1 if forward else -1
        at = index + step
        while 0 <= at < len(self._mentions):
            left, right = sorted((self._mentions[at - step], self._mentions[at]))
            between = self._text[left.end : right.start]
            if forward or not _ALL_OF_THEM.search(self._text, mention.end, part.start):
                if not _COORDINATED.fullmatch(between):
                    break
            elif _words(self._gap(left.end, right.start)):
                break
            others.append(self._mentions[at])
            at += step
        if not forward and others and self._dosed(mention, part):
            return [] if not _ALL_OF_THEM.search(self._text, mention.end, part.start) else others
        return others

    def _dosed(self, mention: Mention, part: SigPart) -> bool:
        return any(p.kind == "dosage" for p in _starting(self._parts, mention.end, part.start))
