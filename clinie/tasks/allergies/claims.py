"""How a claim is made: lists of substances with their reactions, and the assertion of each."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from clinie.tasks.allergies.cues import Cue, is_cue, roles_of
from clinie.tasks.allergies.page import Claim, Page
from clinie.tasks.allergies.vocabulary import Reaction, Substance

__all__ = ["Reader", "Run"]

Span = tuple[int, int]

_TAIL = re.compile(r"(?:\([^()]{0,160}\)|\[[^\[\]]{0,160}\]|[^,;()\[\]\r\n]){0,240}")
_ANSWER_NO = re.compile(
    r"[ \t]*[:=?–—-]+[ \t]*(?:no|none|nil|n|negative|neg|denie[sd]|absent|false)\b"
    r"(?![\w/]|[ \t]+(?:known|reaction|record))",
    re.IGNORECASE,
)
_WARNED_BEFORE = 40
_MOST_SHARING = 30
_LONGEST_LEAD = 40
_AND = re.compile(r"\s*(?:,\s*)?(?:and|&|/|or|\+|and/or)\s*(?:the\s+|other\s+)?$", re.IGNORECASE)
_SHARED = re.compile(r"\b(?:both|all|each|(?:which|that) (?:cause|give|make))\b", re.IGNORECASE)


@dataclass(slots=True)
class Run:
    """A stretch of substances and reactions that belong to one statement."""

    claims: list[Claim] = field(default_factory=list)
    end: int = 0


class Reader:
    """Reads the claims of one sentence.

    Parameters
    ----------
    page : Page
    start, end : int
        The sentence.
    """

    def __init__(self, page: Page, start: int, end: int) -> None:
        self.page, self.text = page, page.text
        self.start, self.end = start, end
        self.substances = page.substances(start, end)

    @property
    def reactions(self) -> list[Reaction]:
        """The reactions of the sentence."""
        return self.page.reactions(self.start, self.end)

    def next_substance(self, offset: int) -> int:
        """Return the index of the first substance at or behind an offset."""
        return bisect_left(self.substances, offset, key=lambda s: s.start)

    def reactions_from(self, offset: int, stop: int) -> list[Reaction]:
        """Return the reactions that start in ``offset:stop``."""
        found = self.reactions
        first = bisect_left(found, offset, key=lambda r: r.start)
        last = bisect_left(found, stop, lo=first, key=lambda r: r.start)
        return found[first:last]

    def cues_from(self, offset: int, stop: int) -> list[Cue]:
        """Return the cues that start in ``offset:stop``."""
        found = self.page.cues(self.start, self.end)
        first = bisect_left(found, offset, key=lambda c: c.start)
        return found[first : bisect_left(found, stop, lo=first, key=lambda c: c.start)]

    # -- lists -----------------------------------------------------------------------------

    def run(
        self,
        offset: int,
        *,
        assertion: str,
        sure: float,
        unknown: bool = False,
        more: Sequence[str] = (),
    ) -> Run:
        """Read the list of substances, with their reactions, that begins at an offset.

        ``unknown`` lets words count that no table knows; ``more`` are roles that words before the
        first substance may play.
        """
        run = Run(end=offset)
        denied = False
        while True:
            at = self.next_substance(run.end)
            known = self.substances[at] if at < len(self.substances) else None
            said = self._gap(run, known, more)
            if known is None or said is None:
                known = self._unknown(run) if unknown else None
                if known is None:
                    return run
                said = self._gap(run, known, more) or set()
            denied = denied or "not" in said
            value = "absent" if denied and assertion == "present" else assertion
            if "doubt" in said and value == "present":
                value = "possible"
            claim = Claim(known, value, _confidence(sure, known))
            run.claims.append(claim)
            run.end = self.take_reactions(run.claims, known.end)
            self.settle([claim], run.end)

    def _gap(self, run: Run, known: Substance | None, more: Sequence[str]) -> set[str] | None:
        if known is None:
            return None
        if not run.claims:
            first = self.page.first_gap(run.end, known.start, *more)
            if first is None and self.text[run.end : run.end + 2].strip().isalpha():
                return self.page.list_gap(run.end, known.start)  # "to medications, latex"
            return first
        return self.page.list_gap(run.end, known.start)

    def _unknown(self, run: Run) -> Substance | None:
        at = self.next_substance(run.end)
        stop = self.substances[at].start if at < len(self.substances) else self.end
        found = self.page.unknown(run.end, min(stop, run.end + 80))
        if found is None or self.reactions_from(found.start, found.end):
            return None
        if run.claims:  # in a list a name that no table knows is written like one
            listed = self.page.list_gap(run.end, found.start) is not None
            if not listed or not self.text[found.start].isupper():
                return None
        if stop < self.end and not self.text[found.end : stop].strip():
            return self.substances[at]  # "to intravenous iron"
        return found

    def take_reactions(self, claims: Sequence[Claim], offset: int, *, listed: bool = False) -> int:
        """Give the reactions that follow a substance to it; return where they end."""
        at = self.next_substance(offset)
        stop = self.substances[at].start if at < len(self.substances) else self.end
        end = offset
        taken: list[Reaction] = []
        for reaction in self.reactions_from(offset, stop):
            if taken:
                bracketed = _inside_bracket(self.text[offset : reaction.start])
                joined = bracketed or self.page.more_gap(end, reaction.start)
            else:
                joined = self.page.reaction_gap(end, reaction.start, listed=listed)
            if not joined:
                break
            end = reaction.end
            if not self._is_denied(reaction):
                taken.append(reaction)
        if taken:
            shared = bool(_SHARED.search(self.text, offset, taken[0].start))
            for claim in self._sharing(claims, shared=shared):
                claim.reactions += taken
        return end

    def _is_denied(self, reaction: Reaction) -> bool:
        """Tell whether a word before a reaction denies it ("no anaphylaxis")."""
        read = self.page.context.read(reaction.start, reaction.end)
        return read.assertion == "absent" and (not read.cue or read.cue[0] < reaction.start)

    def _sharing(self, claims: Sequence[Claim], *, shared: bool) -> list[Claim]:
        """Return the claims that share what follows the last: those joined to it by *and*."""
        near = list(claims[-_MOST_SHARING:])
        sharing = [near[-1]]
        for before, after in zip(near[-2::-1], near[:0:-1], strict=False):
            gap = self.text[before.substance.end : after.substance.start]
            joined = _AND.fullmatch(gap) or (shared and len(gap) < 8)
            if not joined or before.reactions:
                break
            sharing.append(before)
        return sharing

    # -- assertion -------------------------------------------------------------------------

    def assertion(self, start: int, end: int) -> str:
        """Return the assertion of the statement whose cue (or substance) is ``text[start:end]``."""
        read = self.page.context.read(start, end)
        in_statement = self.page.in_statement
        elsewhere = read.cue and in_statement(*read.cue) and not in_statement(start, end)
        # The "no" of NKDA is its own, and "codeine: N/V" is no answer.
        elsewhere = elsewhere or (read.cue and self.text.startswith("/", read.cue[1]))
        negated = read.assertion == "absent" and not elsewhere
        if read.relative is not None:
            return "absent" if negated else "family"
        if read.assertion == "hypothetical" or self._is_warning(start):
            return "hypothetical"
        if negated:
            return "absent"
        return "possible" if read.assertion == "possible" else "present"

    def _is_warning(self, start: int) -> bool:
        for cue in self.cues_from(start - _WARNED_BEFORE, start):
            if "warning" in cue.roles and cue.end <= start:
                between = roles_of(self.text[cue.end : start], ("filler", "light", "doubt"))
                at = self.next_substance(cue.end)
                named = at < len(self.substances) and self.substances[at].start < start
                if between is not None or named:
                    return True
        return False

    def settle(self, claims: Sequence[Claim], end: int, *, entry: int | None = None) -> None:
        """Let the words behind a statement decide: tolerated since, ruled out, unconfirmed.

        ``end`` is where the statement ends; ``entry`` the end of its entry in a list of allergies,
        all of whose words speak of it.
        """
        if not claims:
            return
        stop = self._settling_end(end, entry)
        first = claims[0].substance.end
        if _ANSWER_NO.match(self.text, end, stop):
            _assert(claims, "absent", over=("present", "possible"))
            return
        for cue in self.cues_from(first, stop):
            if not (entry is not None or self._is_near(max(end, first), cue.start, first)):
                continue
            if "circumstance" in cue.roles:
                _assert(claims, "conditional", over=("present",))
            elif "refuted" in cue.roles and self._refutes(cue.start, cue.end):
                _assert(claims, "absent", over=("present", "possible"))
            elif "doubt" in cue.roles and not self._is_of_next(cue.end):
                _assert(claims, "possible", over=("present",))

    def _settling_end(self, end: int, entry: int | None) -> int:
        if entry is not None:
            return entry
        tail = _TAIL.match(self.text, end, self.end)
        stop = tail.end() if tail else end
        at = self.next_substance(end)
        if at < len(self.substances):
            following = self.substances[at].start
            between = self.text[end:following]
            if following < stop and not _inside_bracket(between):
                stop = following
        for cue in self.cues_from(stop, stop + 3)[:1]:  # "penicillin allergy, unconfirmed"
            if cue.roles & {"doubt", "refuted"} and self.text.startswith(",", stop):
                return cue.end
        return stop

    def _is_near(self, end: int, cue: int, first: int) -> bool:
        """Tell whether a cue stands within the statement, in brackets behind it, or next to it."""
        if first <= cue < end or _inside_bracket(self.text[end:cue]):
            return True
        gap = re.sub(r"\([^()]{0,160}\)", " ", self.text[end:cue])
        return roles_of(gap, ("light", "filler", "doubt", "refuted", "clause")) is not None

    def _refutes(self, start: int, end: int) -> bool:
        """Tell whether a cue such as *tolerated* speaks of what stands before it."""
        said = self.text[start:end]
        denies = said.lower() in ("denies", "denied")
        if denies and self.reactions_from(end, end + 20):
            return False
        looks_on = denies or is_cue(said, "tolerated", "not")
        return not (looks_on and self._is_of_next(end))

    def _is_of_next(self, end: int) -> bool:
        """Tell whether the next substance follows a cue directly, so that it speaks of that."""
        at = self.next_substance(end)
        if at == len(self.substances) or self.substances[at].start - end > _LONGEST_LEAD:
            return False
        between = self.text[end : self.substances[at].start]
        return roles_of(between, ("filler", "light", "joiner")) is not None


def _assert(claims: Sequence[Claim], value: str, over: Sequence[str]) -> None:
    for claim in claims:
        if claim.assertion in over:
            claim.assertion = value


def _inside_bracket(text: str) -> bool:
    opened = max(text.rfind("("), text.rfind("["))
    return opened >= 0 and not set(text[opened:]) & set(")]")


def _confidence(sure: float, substance: Substance) -> float:
    if substance.kind == "unknown":
        return round(sure - 0.33, 2)
    return round(sure if substance.is_sure else sure - 0.1, 2)
