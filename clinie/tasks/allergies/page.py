"""A note as the allergy rules see it: what is named where, and what makes a list of it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from clinie.tasks.allergies.cues import Cue, find_cues, is_cue, roles_of
from clinie.tasks.allergies.vocabulary import (
    Reaction,
    Substance,
    find_reactions,
    find_substances,
)
from clinie.text.allergies import no_known_allergies
from clinie.text.assertion import ContextReader

__all__ = ["Claim", "Page", "merge"]

T = TypeVar("T")

_BRACKETED = re.compile(r"[(\[][^()\[\]]{0,200}[)\]]")
_CLOSED = re.compile(r"^[^()\[\]]{0,200}[)\]]")
_WORD = re.compile(r"[^\W_](?:[\w'’]|-(?=\w))*|[^\w\s]")
_HEADS = re.compile(r"[ \t]{0,9}(?::|[-–—][ \t])")
_LINE_END = re.compile(r"[\r\n]")
_LONGEST_GAP = 120
_LONGEST_UNKNOWN = 3
_STRONG_SIGN = re.compile(r"[(\[:=>→]|[-–—]")
_LEADS = re.compile(r"[:=>→]|[-–—]\s")
_LIST_SIGN = re.compile(r"[,/;&+|•]")
_QUOTES = "\"'“”‘’"
_NEVER_NAMES = ("generic", "joiner", "verb", "link", "to_known", "behind")
_NEAR = ("filler", "light", "doubt", "circumstance", "link")


@dataclass(slots=True)
class Claim:
    """What a note says of one substance.

    Parameters
    ----------
    substance : Substance
    assertion : str
    confidence : float
        Ordinal.
    reactions : list of Reaction
    """

    substance: Substance
    assertion: str
    confidence: float
    reactions: list[Reaction] = field(default_factory=list)


def merge(claims: Iterable[Claim]) -> list[Claim]:
    """Return one claim per place in text order: the first says what, all add their reactions."""
    kept: list[Claim] = []
    taken: dict[int, Claim] = {}
    for claim in claims:
        place = range(claim.substance.start, claim.substance.end)
        first = next((taken[offset] for offset in place if offset in taken), None)
        if first is None:
            kept.append(claim)
            taken.update(dict.fromkeys(place, claim))
        else:
            known = {(r.start, r.end) for r in first.reactions}
            first.reactions += [r for r in claim.reactions if (r.start, r.end) not in known]
    return sorted(kept, key=lambda claim: claim.substance)


class Page:
    """A note with its sentences, and the substances, reactions and cues of any stretch of it.

    Parameters
    ----------
    text : str
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.context = ContextReader(text)
        self._found: dict[tuple[str, int, int], list[object]] = {}

    @cached_property
    def statements(self) -> list[tuple[int, int]]:
        """Where the note says that no allergies are known."""
        return no_known_allergies(self.text, self.context)

    def statements_in(self, start: int, end: int) -> list[tuple[int, int]]:
        """Return the statements of no known allergies that begin in a stretch."""
        first = bisect_left(self.statements, (start, -1))
        return self.statements[first : bisect_left(self.statements, (end, -1))]

    def in_statement(self, start: int, end: int) -> bool:
        """Tell whether a stretch overlaps a statement of no known allergies."""
        before = bisect_right(self.statements, (end, -1)) - 1
        return before >= 0 and self.statements[before][1] > start

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.context.sentences]

    def sentence(self, offset: int) -> int:
        """Return the number of the sentence that holds a character."""
        return max(bisect_right(self._starts, offset) - 1, 0)

    def line_end(self, offset: int) -> int:
        """Return where the line of a character ends."""
        at = bisect_left(self._line_ends, offset)
        return self._line_ends[at] if at < len(self._line_ends) else len(self.text)

    @cached_property
    def _line_ends(self) -> list[int]:
        return [found.start() for found in _LINE_END.finditer(self.text)]

    def substances(self, start: int, end: int) -> list[Substance]:
        """Return the known substances of a stretch, without statements and "Pets:" before a pet."""
        found = self._once("substances", start, end, find_substances)
        return [
            s
            for s, following in zip(found, [*found[1:], None], strict=False)
            if not self.in_statement(s.start, s.end) and not self._heads_pets(s, following)
        ]

    def _heads_pets(self, substance: Substance, following: Substance | None) -> bool:
        """Tell whether an animal is a heading of others: "Pets: cat" is no list of allergens."""
        if following is None or not substance.kind == following.kind == "animal":
            return False
        return self.text[substance.end : following.start].strip() == ":"

    def reactions(self, start: int, end: int) -> list[Reaction]:
        """Return the reactions of a stretch, without the words of substances before them."""
        return self._once("reactions", start, end, self._apart)

    def _apart(self, text: str, start: int, end: int) -> list[Reaction]:
        ends = {o: s.end for s in self.substances(start, end) for o in range(s.start, s.end)}
        found: list[Reaction] = []
        for reaction in find_reactions(text, start, end):
            first, last, _ = reaction
            while first < last and (first in ends or not text[first].isalnum()):
                first = ends.get(first, first + 1)
            if first < last and (last - 1) not in ends:
                found.append(reaction._replace(start=first))
        return found

    def cues(self, start: int, end: int) -> list[Cue]:
        """Return the cues of a stretch."""
        return self._once("cues", start, end, find_cues)

    def _once(
        self, what: str, start: int, end: int, find: Callable[[str, int, int], list[T]]
    ) -> list[T]:
        key = (what, start, end)
        if key not in self._found:
            self._found[key] = list(find(self.text, start, end))
        return self._found[key]  # type: ignore[return-value]

    # -- gaps ------------------------------------------------------------------------------

    def heads(self, end: int) -> bool:
        """Tell whether a sign stands behind a word that makes a heading of it: "Meds:"."""
        return _HEADS.match(self.text, end) is not None

    def first_gap(self, start: int, end: int, *more: str) -> set[str] | None:
        """Return the roles of the words between a cue and the first substance behind it."""
        if not 0 <= end - start <= _LONGEST_GAP:
            return None
        allowed = ("filler", "light", "doubt", "not", *more)
        return roles_of(self.text[start:end], allowed, f" \t\r\n:-–—(*•·>{_QUOTES}")

    def list_gap(self, start: int, end: int) -> set[str] | None:
        """Return the roles of the words between two members of a list; None when it ends."""
        if end - start > _LONGEST_GAP:
            return None
        if any("other_heading" in c.roles for c in self.cues(start, end) if self.heads(c.end)):
            return None
        gap = _BRACKETED.sub(" ", _CLOSED.sub(" ", self.text[start:end]))
        said = roles_of(gap, ("joiner", "filler", "light", "doubt", "not"))
        if said is None or not (said & {"joiner", "not"} or _LIST_SIGN.search(gap)):
            return None
        return said

    def reaction_gap(self, start: int, end: int, *, listed: bool = False) -> bool:
        """Tell whether what stands between a substance and a reaction joins them.

        ``listed`` says that the two stand in one entry of a list of allergies, where other words
        may stand between them.
        """
        if end - start > _LONGEST_GAP:
            return False
        gap = self.text[start:end]
        opened = max(gap.rfind("("), gap.rfind("["))
        if opened >= 0 and not set(gap[opened:]) & set(")]"):
            return listed or roles_of(_BRACKETED.sub(" ", gap[:opened]), _NEAR) is not None
        gap = _BRACKETED.sub(" ", gap)
        said = roles_of(gap, (*_NEAR, "verb", "verb_weak", "person", "joiner"))
        if said is None:
            return listed and _LEADS.search(gap) is not None
        return listed or bool(said & {"verb", "verb_weak"} or _STRONG_SIGN.search(gap))

    def more_gap(self, start: int, end: int) -> bool:
        """Tell whether two reactions stand in one list."""
        gap = self.text[start:end]
        said = roles_of(gap, ("joiner", "light", "doubt"), " \t\r\n,/&+;-–")
        return said is not None and bool(gap.strip())

    # -- words that no table knows -----------------------------------------------------------

    def unknown(self, start: int, end: int) -> Substance | None:
        """Return the words at the beginning of a stretch that may name a substance.

        Signs and words such as *the* before them are passed over; a sign, or a word that is never
        part of a name, ends them.
        """
        first = last = -1
        count = 0
        for word in _WORD.finditer(self.text, start, end):
            said = word.group()
            if not count and _may_lead(said):
                continue
            if not said[0].isalpha() or is_cue(said, *_NEVER_NAMES):
                break
            first, last = first if count else word.start(), word.end()
            count += 1
        if not 0 < count <= _LONGEST_UNKNOWN or last - first < len("abc"):
            return None
        if self.in_statement(first, last):
            return None
        return Substance(first, last, "unknown", is_sure=False)


def _may_lead(word: str) -> bool:
    """Tell whether a word or sign may stand before the name of a substance."""
    if not word[0].isalnum():
        return word in f"(-–:*•·,;/&+{_QUOTES}"
    return is_cue(word, "filler", "light", "doubt", "joiner") and not is_cue(word, "verbal")
