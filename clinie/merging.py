"""Two tiers read the same note: which of their claims stand, and what is said about the others.

The rules, in short (docs/cascade.md tells them with examples):

- A sure item of the earlier tier stands as it is, so that it reads the same whether or not a later
  tier happened to look at its window.
- An unsure item that the later tier claims too stands as the later tier has it.
- An unsure item that the later tier does not claim, though it read the place, is dropped:
  `unconfirmed`.
- What only the later tier claims is added.
- An item that both claim has the higher confidence of the two. Tiers read the same words, often
  with the same lists in hand, so they are no independent witnesses: a noisy-or would promise too
  much.
- What the two say differently of one item is noted: `tiers_differ`.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import TypeVar

from clinie.facts import Claim, Facts, LinkKey, MentionKey, Place, StatementKey, higher
from clinie.schema import Finding, Severity

__all__ = ["Stretch", "extent", "merge", "pair", "touches", "union", "within"]

Stretch = tuple[int, int]
"""A part of a document, half open."""

_Key = TypeVar("_Key", LinkKey, StatementKey)

_BUCKET = 64  # characters; mentions that touch one bucket are compared


def merge(
    earlier: Facts, later: Facts, read: Sequence[Stretch], text: str
) -> tuple[Facts, tuple[Finding, ...]]:
    """Merge what a later tier claims into what earlier ones do. Pure: neither is changed.

    Parameters
    ----------
    earlier, later : Facts
    read : sequence of (start, end)
        The windows that the later tier read. Elsewhere it confirms nothing and contradicts
        nothing: an item that does not lie within one of them stands.
    text : str
        The document.

    Returns
    -------
    (Facts, tuple of Finding)
        With one finding for whatever was dropped or is said differently.
    """
    merger = _Merger(earlier, later, read, text)
    merger.merge_mentions()
    merger.merge_links()
    merger.merge_statements()
    merger.leave_no_orphan()
    return merger.merged, tuple(merger.findings)


class _Merger:
    """The working sheet of one merge."""

    def __init__(self, earlier: Facts, later: Facts, read: Sequence[Stretch], text: str) -> None:
        self.earlier, self.later, self.text = earlier, later, text
        self.read = sorted(read)
        self.read_all = union(read) == [(0, len(text))]
        self.merged = Facts()
        self.findings: list[Finding] = []
        self.went: dict[MentionKey, MentionKey | None] = {}  # earlier mentions; None: dropped
        self.came: dict[MentionKey, MentionKey] = {key: key for key in later.mentions}

    def merge_mentions(self) -> None:
        """Keep, replace or drop each mention of the earlier tiers; add those of the later one."""
        partners: defaultdict[MentionKey, list[MentionKey]] = defaultdict(list)
        for other, key in pair(self.earlier.mentions, self.later.mentions).items():
            partners[key].append(other)
        for key, claim in self.earlier.mentions.items():
            own = sorted(partners[key], key=lambda other: (-_share(key[1], other[1]), other))
            if claim.sure:
                self.went[key] = key
                self.merged.mentions[key] = self._absorb(key, claim, own)
            elif own:
                self._replace(key, claim, own[0])
            elif self._was_read(extent(key[1])):
                self.went[key] = None
                self._find("unconfirmed", extent(key[1]))
            else:
                self.went[key] = key
                self.merged.mentions[key] = claim
        for key, claim in self.later.mentions.items():
            if self.came[key] == key:
                self.merged.mentions.setdefault(key, claim)

    def _absorb(self, key: MentionKey, claim: Claim, others: Iterable[MentionKey]) -> Claim:
        """Return a sure mention, backed by what the later tier has in its place."""
        for other in others:
            self.came[other] = key
            second = self.later.mentions[other]
            self._compare(claim, key[1], second, other[1])
            claim = _agreed(claim, second, winner=claim)
        return claim

    def _replace(self, key: MentionKey, claim: Claim, other: MentionKey) -> None:
        """Let the later tier's mention take the place of an unsure one."""
        second = self.later.mentions[other]
        self._compare(second, other[1], claim, key[1])
        self.went[key] = other
        self.merged.mentions[other] = _agreed(claim, second, winner=second)

    def _compare(self, winner: Claim, place: Place, loser: Claim, lost: Place) -> None:
        """Note what the loser says differently of a mention."""
        differ = _conflicts(winner, loser)
        if differ:
            said = ", ".join(f"{name}: {loser.attributes[name]}" for name in differ)
            start, end = extent(lost)
            self._find("tiers_differ", (start, end), f"{self.text[start:end]} ({said})", "flag")
        elif place != lost:
            self._find("tiers_differ", extent(lost))

    def merge_links(self) -> None:
        """Keep or drop each link of the earlier tiers; a link goes with either of its ends."""
        later: dict[LinkKey, Claim] = {}
        for (label, head, tail), claim in self.later.links.items():
            if self.came[head] != self.came[tail]:
                _keep(later, (label, self.came[head], self.came[tail]), claim)
        for (label, head, tail), claim in self.earlier.links.items():
            ends = self.went[head], self.went[tail]
            if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
                continue
            link = (label, ends[0], ends[1])
            second = later.get(link)
            if second:
                winner = claim if claim.sure else second
                _keep(self.merged.links, link, _agreed(claim, second, winner=winner))
            elif claim.sure or not self._was_read(extent((*head[1], *tail[1]))):
                _keep(self.merged.links, link, claim)
            else:
                start, end = extent(tail[1])
                said = f"{self._words(head)}: {label} {self._words(tail)}"
                self._find("unconfirmed", (start, end), said)
        for link, claim in later.items():
            self.merged.links.setdefault(link, claim)

    def merge_statements(self) -> None:
        """Keep or drop each statement; the same value, or the same mention named, is the same."""
        later: dict[StatementKey, Claim] = {}
        for (name, value, named), claim in self.later.statements.items():
            _keep(later, (name, value, self.came[named] if named else None), claim)
        said: dict[Hashable, StatementKey] = {}
        for other in later:
            for form in _forms(other):
                said.setdefault(form, other)
        for (name, value, named), claim in self.earlier.statements.items():
            key = (name, value, self.went[named] if named else None)
            forms = (said[form] for form in _forms(key) if form in said)
            same = next((other for other in forms if other in later), None)
            second = later.pop(same) if same else None
            if same and second:
                winner, kept, lost = (claim, key, same) if claim.sure else (second, same, key)
                self.merged.statements[kept] = _agreed(claim, second, winner=winner)
                if value != same[1]:
                    self._find("tiers_differ", _named(lost), f"{name}: {lost[1]}")
            elif claim.sure or not self._was_read(_named((name, value, named))):
                self.merged.statements[key] = claim
            else:
                self._find("unconfirmed", named and extent(named[1]), f"{name}: {value}")
        for other, claim in later.items():
            self.merged.statements.setdefault(other, claim)

    def leave_no_orphan(self) -> None:
        """Drop what only a dropped mention held; flag what lost its link for another reason.

        As in the resolvers: a dose without its drug is no fact. What the later tier claims too
        stays, with a flag, and so does what other items hang on.
        """
        held = {tail for _, _, tail in self.merged.links}
        holding = {head for _, head, _ in self.merged.links} | set(self.came.values())
        holding |= {named for _, _, named in self.merged.statements if named}
        widowed: dict[MentionKey, bool] = {}
        for _, head, tail in self.earlier.links:
            stands = self.went[tail]
            if stands and stands not in held:
                widowed[stands] = widowed.get(stands, True) and self.went[head] is None
        for tail, headless in widowed.items():
            if headless and tail not in holding:
                del self.merged.mentions[tail]
                self._find("orphan_attribute", extent(tail[1]), severity="reject")
            else:
                self._find("orphan_attribute", extent(tail[1]), severity="flag")

    def _was_read(self, stretch: Stretch | None) -> bool:
        """Tell whether the later tier saw a stretch in one piece, or (None) the whole document."""
        if stretch is None:
            return self.read_all
        return within(stretch, self.read)

    def _find(
        self,
        code: str,
        place: Stretch | None,
        item: str | None = None,
        severity: Severity = "info",
    ) -> None:
        start, end = place or (None, None)
        words = self.text[start:end] if item is None else item
        self.findings.append(Finding(code, severity, words, start, end))

    def _words(self, mention: MentionKey) -> str:
        start, end = extent(mention[1])
        return self.text[start:end]


def _keep(claims: dict[_Key, Claim], key: _Key, claim: Claim) -> None:
    """Keep a claim, or the stronger one where mentions that became one bring two of them."""
    claims[key] = max(claims.get(key, claim), claim, key=_strength)


def _strength(claim: Claim) -> tuple[bool, float, tuple[str, ...]]:
    return claim.sure, -1.0 if claim.confidence is None else claim.confidence, claim.tiers


def _agreed(one: Claim, other: Claim, winner: Claim) -> Claim:
    """Return an item that an earlier and a later tier claim, as the winner of the two has it.

    What only the loser says of it is added where the two contradict each other in nothing.
    """
    loser = other if winner is one else one
    extra = {} if _conflicts(winner, loser) else loser.attributes
    return Claim(
        winner.tier,
        higher(one.confidence, other.confidence),
        one.sure or other.sure,
        {**extra, **winner.attributes},
        one.tiers + tuple(name for name in other.tiers if name not in one.tiers),
    )


def _conflicts(winner: Claim, loser: Claim) -> list[str]:
    """Return the attributes to which the two give different values."""
    own = winner.attributes
    return [name for name, value in loser.attributes.items() if own.get(name, value) != value]


def _forms(statement: StatementKey) -> Iterator[Hashable]:
    """Yield what makes two statements the same, the strictest first."""
    name, value, named = statement
    yield statement
    yield name, value.casefold()
    if named:
        yield name, named


def _named(statement: StatementKey) -> Stretch | None:
    return extent(statement[2][1]) if statement[2] else None


def extent(place: Place) -> Stretch:
    """Return the stretch from the first to the last character of a place."""
    return min(start for start, _ in place), max(end for _, end in place)


def union(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the same characters as few stretches in order; those that touch become one."""
    joined: list[Stretch] = []
    for start, end in sorted(stretches):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def within(stretch: Stretch, ordered: Sequence[Stretch]) -> bool:
    """Tell whether a stretch lies in one of others, which are ordered by start and by end."""
    at = bisect_right(ordered, stretch[0], key=itemgetter(0)) - 1
    return at >= 0 and stretch[1] <= ordered[at][1]


def touches(stretch: Stretch, apart: Sequence[Stretch]) -> bool:
    """Tell whether a stretch shares characters with one of others, which `union` made."""
    at = bisect_left(apart, stretch[1], key=itemgetter(0)) - 1
    return at >= 0 and apart[at][1] > stretch[0]


def pair(
    earlier: Collection[MentionKey], later: Collection[MentionKey]
) -> dict[MentionKey, MentionKey]:
    """Find for each later mention the earlier one that it most likely means.

    It is one of the same label that shares characters with it: the one at the very same place,
    else the one with the largest share of common characters (Jaccard), else the first in the text.
    Two later mentions may mean one earlier mention. Those that mean none are left out.

    Linear in the length of the mentions and the number of pairs that touch one bucket of the text.
    """
    near: defaultdict[tuple[str, int], list[MentionKey]] = defaultdict(list)
    for key in earlier:
        for bucket in _buckets(key):
            near[bucket].append(key)
    found = {}
    for key in later:
        rivals = {rival for bucket in _buckets(key) for rival in near.get(bucket, ())}
        scored = [(_share(key[1], rival[1]), rival) for rival in rivals]
        best = min(((-share, extent(r[1]), r[1], r) for share, r in scored if share), default=None)
        if best:
            found[key] = best[-1]
    return found


def _buckets(key: MentionKey) -> set[tuple[str, int]]:
    label, place = key
    return {
        (label, number)
        for start, end in place
        for number in range(start // _BUCKET, (end - 1) // _BUCKET + 1)
    }


def _share(one: Place, other: Place) -> float:
    """Return the Jaccard index of two places, in characters."""
    common = sum(max(0, min(b, d) - max(a, c)) for a, b in one for c, d in other)
    total = sum(b - a for a, b in one) + sum(d - c for c, d in other)
    return common / (total - common) if common else 0.0
