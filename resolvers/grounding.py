"""Grounding: where in the note a mention stands, if anywhere.

Nothing here raises, whatever the strings: a mention is found, or it is ``ungrounded`` with a
finding that says why.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from clinie.resolvers.assignment import Claims
from clinie.resolvers.conflicts import conflicts, negated
from clinie.resolvers.index import Candidate, NoteIndex, Spans, Status
from clinie.resolvers.streams import Streams

__all__ = ["Grounding", "NoteIndex", "Status", "ground", "ground_all"]


@dataclass(frozen=True, slots=True)
class Grounding:
    """Where a mention stands.

    Parameters
    ----------
    status : {"exact", "normalized", "fuzzy", "ungrounded"}
    spans : tuple of (int, int)
        Half-open code point offsets in text order, more than one only for a discontinuous
        mention, none when ungrounded.
    findings : tuple of str
        Codes, sorted: why an ungrounded mention was refused, or ``ambiguous`` and
        ``negated_context`` about a grounded one.
    """

    status: Status
    spans: Spans = ()
    findings: tuple[str, ...] = ()


def ground(
    mention: str,
    text: str | NoteIndex,
    *,
    hint: int | None = None,
) -> Grounding:
    """Find a mention in a text.

    Parameters
    ----------
    mention : str
        The words to find.
    text : str or NoteIndex
        The note; pass a `NoteIndex` to ground many mentions one by one.
    hint : int, optional
        Where the mention is said to start. Believed when it stands there, else the occurrence
        nearest to it is taken.

    Returns
    -------
    Grounding
        The best occurrence: the best status first, then the preferred or first place.

    Notes
    -----
    Time is linear in the text to index it, then one substring search per mention found; a
    mention that is not there as written costs in addition the places of its rarest word.

    Examples
    --------
    >>> ground("Lisinopril 10mg", "takes lisinopril 10 mg daily")
    Grounding(status='normalized', spans=((6, 22),), findings=())
    """
    index = text if isinstance(text, NoteIndex) else NoteIndex(text)
    query = Streams(mention)
    found = index.equal(query) or index.near(query)
    if not found:
        return Grounding("ungrounded", (), conflicts(query, index))
    best = [c for c in found if c.rank == found[0].rank]
    chosen = best[0] if hint is None else min(found, key=lambda c: _from_hint(c, hint))
    return _grounding(chosen, index, ambiguous=len(best) > 1 and chosen.spans[0][0] != hint)


def ground_all(
    mentions: Sequence[str],
    text: str | NoteIndex,
    *,
    hints: Sequence[int | None] | None = None,
) -> list[Grounding]:
    """Find many mentions in a text; no two of them get the same span.

    Longer mentions choose first. A mention prefers its hint, then an occurrence that overlaps no
    other mention's, then the best status, then text order; identical mentions take theirs in text
    order. A mention nested in another's only occurrence keeps it (the spans differ). When an
    occurrence can be found for all mentions, one is found for all.

    Parameters
    ----------
    mentions : sequence of str
    text : str or NoteIndex
    hints : sequence of int or None, optional
        Where each mention is said to start, as many as mentions.

    Returns
    -------
    list of Grounding
        In the order of `mentions`; what a mention gets does not depend on that order. One more
        mention than there are occurrences is ``ungrounded`` with ``surplus_mention``.

    Notes
    -----
    Linear in the text, then per mention as `ground`, plus the matching, which revisits other
    mentions only when they compete for the same words.

    Examples
    --------
    >>> [g.spans for g in ground_all(["fever", "aspirin", "aspirin"], "aspirin, fever, aspirin")]
    [((9, 14),), ((0, 7),), ((16, 23),)]
    """
    index = text if isinstance(text, NoteIndex) else NoteIndex(text)
    given = list(hints) if hints is not None else []
    given += [None] * (len(mentions) - len(given))
    return _Round(index, mentions, given).groundings()


def _number(hint: int | None) -> float:
    return float("inf") if hint is None else float(hint)


class _Round:
    """One joint grounding."""

    def __init__(
        self,
        index: NoteIndex,
        mentions: Sequence[str],
        hints: Sequence[int | None],
    ) -> None:
        self.index = index
        self.mentions = mentions
        self.hints = hints
        self.claims = Claims()
        self.taken = _Taken()
        self.queries = {mention: Streams(mention) for mention in mentions}
        self.equal = {mention: index.equal(query) for mention, query in self.queries.items()}
        self.near: dict[str, list[Candidate]] = {}
        self.choices: dict[str, list[Candidate]] = {}
        self.exhausted: set[str] = set()
        self.by_start: dict[str, dict[int, Candidate]] = {}
        self.order = sorted(range(len(mentions)), key=self._precedence)

    def groundings(self) -> list[Grounding]:
        for i in self.order:
            self._claim(i, self.equal[self.mentions[i]])
        self.choices.clear()
        self.exhausted.clear()
        for i in self.order:  # fuzzy places only for those that found no other
            mention = self.mentions[i]
            if i not in self.claims.held:
                if mention not in self.near:
                    self.near[mention] = self.index.near(self.queries[mention])
                self._claim(i, self.equal[mention] + self.near[mention])
        self._text_order()
        return [self._result(i) for i in range(len(self.mentions))]

    def _precedence(self, i: int) -> tuple[int, int, str, float, int]:
        """Longer mentions first, then those that stand in the note as written."""
        mention = self.mentions[i]
        found = self.equal[mention]
        rank = found[0].rank if found else len(mention)
        return -len(mention), rank, mention, _number(self.hints[i]), i

    def _claim(self, i: int, found: list[Candidate]) -> None:
        mention, hint = self.mentions[i], self.hints[i]
        if not found or mention in self.exhausted:
            return
        if hint is None:
            if mention not in self.choices:  # identical mentions choose alike
                self.choices[mention] = sorted(found, key=self._preference)
            claimed = self.claims.claim(i, self.choices[mention])
        else:
            claimed = self._claim_stated(i, found, hint)
        if claimed:
            self.taken.add(self.claims.held[i].spans)
        else:  # nor will its likes find a place: no claim ever frees one (Kuhn 1955)
            self.exhausted.add(mention)

    def _claim_stated(self, i: int, found: list[Candidate], hint: int) -> bool:
        """Claim the stated place, which is free as a rule; order the others only when it is not."""

        def nearest() -> list[Candidate]:
            return sorted(found, key=lambda c: _from_hint(c, hint))

        mention = self.mentions[i]
        if mention not in self.by_start:
            self.by_start[mention] = {c.spans[0][0]: c for c in reversed(self.equal[mention])}
        stated = self.by_start[mention].get(hint)
        if stated is not None and self.claims.take_free(i, stated, nearest):
            return True
        return self.claims.claim(i, nearest())

    def _preference(self, candidate: Candidate) -> tuple[int, bool, Spans]:
        return candidate.rank, self.taken.overlaps(candidate.spans), candidate.spans

    def _text_order(self) -> None:
        groups: dict[str, list[int]] = {}
        for i in self.order:
            if self.hints[i] is None:
                groups.setdefault(self.mentions[i], []).append(i)
        for group in groups.values():
            if len(group) > 1:
                self.claims.reorder(group)

    def _result(self, i: int) -> Grounding:
        mention = self.mentions[i]
        candidate = self.claims.held.get(i)
        if candidate is not None:
            return _grounding(candidate, self.index)
        if self.equal[mention] or self.near.get(mention):
            return Grounding("ungrounded", (), ("surplus_mention",))
        return Grounding("ungrounded", (), conflicts(self.queries[mention], self.index))


class _Taken:
    """Extents that mentions hold, by their start."""

    def __init__(self) -> None:
        self._extents: list[tuple[int, int]] = []
        self._longest = 0

    def add(self, spans: Spans) -> None:
        for span in spans:
            self._extents.insert(bisect_left(self._extents, span), span)
            self._longest = max(self._longest, span[1] - span[0])

    def overlaps(self, spans: Spans) -> bool:
        for start, end in spans:
            first = bisect_left(self._extents, (start - self._longest, 0))
            for other_start, other_end in self._extents[first:]:
                if other_start >= end:
                    break
                if other_end > start:
                    return True
        return False


def _from_hint(candidate: Candidate, hint: int) -> tuple[bool, int, int]:
    start = candidate.spans[0][0]
    return start != hint, candidate.rank, abs(start - hint)


def _grounding(candidate: Candidate, index: NoteIndex, *, ambiguous: bool = False) -> Grounding:
    findings = ["ambiguous"] if ambiguous else []
    if negated(candidate.spans, index):
        findings.append("negated_context")
    return Grounding(candidate.status, candidate.spans, tuple(findings))
