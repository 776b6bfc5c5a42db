"""The arms of a trial: what people were assigned to, each named once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from clinie.tasks.pico.claims import Claim
from clinie.tasks.pico.doses import dose_end
from clinie.tasks.pico.reading import Report
from clinie.tasks.pico.treatments import Core, core_of
from clinie.tasks.pico.vocabulary import words_of

__all__ = ["Arm", "find_arms"]

_UNTOLD = frozenset({"results", "conclusions", "background", "other"})
_ALLOCATES, _SECTION, _TITLE, _GIVES, _COMPARES = 5, 4, 3, 2, 1
_MOST = 8
_MOST_MENTIONS = 30  # in one sentence
_NEAR = 4  # words between two treatments of one arm


class Arm(NamedTuple):
    """An arm: the mention that names it, and how sure it is."""

    start: int
    end: int
    confidence: float


class _Treatment(NamedTuple):
    """A mention of a treatment, or several mentions that make one arm together."""

    first: int
    end: int
    names: tuple[Core, ...]
    start: int
    stop: int

    @property
    def key(self) -> tuple[Core, ...]:
        return tuple(sorted(set(self.names)))


class _Statement(NamedTuple):
    """A sentence that tells the arms apart."""

    worth: int
    arms: list[_Treatment]


def find_arms(report: Report, claims: Sequence[Claim], alias: dict[Core, Core]) -> list[Arm]:
    """Return the arms in text order.

    The best statement counts: whom people were assigned to, a section on interventions, the title,
    what was given, what was compared. Where none names two arms, the treatment of the title (or
    the one most often named) and the comparator are taken. An arm is called as it is first called
    in full; its dose belongs to it only where the same treatment is given in two doses.

    Parameters
    ----------
    report : Report
    claims : sequence of Claim
        Settled claims of the report.
    alias : dict
        Short forms of treatments and what they stand for.
    """
    mentions = _mentions(report, claims, alias)
    if not mentions:
        return []
    statements = [s for s in _statements(report, mentions) if len({a.key for a in s.arms}) > 1 or
                  _differ_by_dose(report, s.arms)]  # fmt: skip
    best = max(statements, key=lambda s: s.worth, default=None)
    controlled = any(one.label == "comparator" for one in claims)
    told = _with_doses(report, best.arms, mentions) if best else []
    if not told and controlled:
        told = _guessed(report, mentions)
    sure = 0.5 + 0.07 * best.worth if best else 0.4
    named = _named(report, told, mentions)
    return [Arm(arm.start, arm.stop, round(sure, 2)) for arm in sorted(named)[:_MOST]]


def _mentions(report: Report, claims: Sequence[Claim], alias: dict[Core, Core]) -> list[_Treatment]:
    found = []
    aside = _in_brackets(report)
    for one in claims:
        if one.label not in ("intervention", "comparator") or one.rule == "within a word":
            continue
        first, end = report.extent(one.start, one.end)
        if first in aside:
            continue
        core = core_of(report, first, end) or tuple(report.lows[first:end])
        bare = all(
            report.kinds[at] == "number" or report.lows[at] in words_of("dose_unit")
            for at in range(first, end)
        )
        lows = report.lows[first:end]
        grouped = not words_of("arm").isdisjoint(lows)  # "group D/E"
        if not (bare or grouped or words_of("no_arm_name").issuperset(lows)):
            found.append(_Treatment(first, end, (alias.get(core, core),), one.start, one.end))
    return found


def _in_brackets(report: Report) -> set[int]:
    """Return the words that stand in brackets."""
    inside, depth = set(), 0
    for at in range(len(report.words)):
        depth += (at in report.close) - (at in report.open)
        if depth:
            inside.add(at)
    return inside


def _statements(report: Report, mentions: Sequence[_Treatment]) -> list[_Statement]:
    found = []
    by_sentence: dict[tuple[int, int], list[_Treatment]] = {}
    for mention in mentions:
        by_sentence.setdefault(report.sentence(mention.first), []).append(mention)
    for (first, end), inside in by_sentence.items():
        section = report.section[inside[0].first]
        if section in _UNTOLD:
            continue
        for at, worth in _cues(report, first, end):
            behind = [mention for mention in inside if mention.first >= at]
            if len(behind) > 1:
                found.append(_Statement(worth, _grouped(report, behind)))
        if section == "interventions":
            found.append(_Statement(_SECTION, _grouped(report, inside)))
        elif section == "title" and len(inside) > 1 and _contrasted(report, inside):
            found.append(_Statement(_TITLE, _grouped(report, inside)))
    return found


def _cues(report: Report, first: int, end: int) -> list[tuple[int, int]]:
    """Return where a sentence begins to tell arms, and what that is worth."""
    cues: dict[int, int] = {}
    for at in range(first, end):
        word = report.lows[at]
        if word in words_of("allocates"):
            cues.setdefault(_ALLOCATES, at)
        elif word in words_of("gives"):
            cues.setdefault(_GIVES, at)
        elif word in words_of("compares"):
            cues.setdefault(_COMPARES, at)
    return [(at, worth) for worth, at in cues.items()]


def _between(report: Report, left: _Treatment, right: _Treatment) -> list[str]:
    """Return the words between two mentions, what stands in brackets left out."""
    words = []
    at = left.end
    while at < right.first:
        if at in report.close and report.close[at] < right.first:
            at = report.close[at] + 1
            continue
        words.append(report.lows[at])
        at += 1
    return words


def _contrasted(report: Report, inside: Sequence[_Treatment]) -> bool:
    return any(
        not words_of("contrast").isdisjoint(_between(report, left, right))
        for left, right in pairwise(inside[:_MOST_MENTIONS])
    )


def _grouped(report: Report, inside: Sequence[_Treatment]) -> list[_Treatment]:
    """Put what is given together into one arm."""
    inside = inside[:_MOST_MENTIONS]
    contrasted = _contrasted(report, inside)
    arms = [inside[0]]
    for mention in inside[1:]:
        words = _between(report, arms[-1], mention)
        apart = not words_of("parts").isdisjoint(words)
        if len(arms) > 1 and not words_of("tells_on").isdisjoint(words):
            break
        if words and words[-1] in words_of("circumstance") and not apart:
            continue
        joins = not words_of("joins").isdisjoint(words) or (contrasted and words == ["and"])
        if joins and not apart and len(words) <= _NEAR:
            last = arms.pop()
            arms.append(
                _Treatment(
                    last.first, mention.end, last.names + mention.names, last.start, mention.stop
                )
            )
        else:
            arms.append(mention)
    return arms


def _guessed(report: Report, mentions: Sequence[_Treatment]) -> list[_Treatment]:
    """Return the treatment of the title, or the one most often named, and the comparator if named.

    "The control group" is no arm, since it does not say what its people were given.
    """
    title = [m for m in mentions if report.section[m.first] == "title"]
    reference = [m for m in mentions if _gives_nothing(m)]
    tried = [m for m in title if not _gives_nothing(m)]
    if not tried:
        often = Counter(m.key for m in mentions if not _gives_nothing(m)).most_common(1)
        tried = [m for m in mentions if often and m.key == often[0][0]]
    return tried[:1] + reference[:1] if tried else []


def _gives_nothing(mention: _Treatment) -> bool:
    return not words_of("nothing_given").isdisjoint(mention.names[0])


def _dose(report: Report, arm: _Treatment) -> tuple[str, ...]:
    return tuple(
        report.lows[at] for at in range(arm.first, arm.end) if report.kinds[at] == "number"
    )


def _differ_by_dose(report: Report, arms: Sequence[_Treatment]) -> bool:
    return len({(arm.key, _dose(report, arm)) for arm in arms}) > 1


def _with_doses(
    report: Report, arms: Sequence[_Treatment], mentions: Sequence[_Treatment]
) -> list[_Treatment]:
    """Add arms that a statement tells by their dose alone: "candesartan 16 mg or 4 mg"."""
    found = []
    for arm in arms:
        found.append(arm)
        limit = report.sentence(arm.first)[1]
        at = report.past_brackets(arm.end, limit)
        while _dose(report, arm) and report.low(at, limit) in ("or", "and", ","):
            at += 1 + (report.low(at + 1, limit) in ("or", "and"))
            end = dose_end(report, at, limit)
            dose = tuple(report.lows[n] for n in range(at, end) if report.kinds[n] == "number")
            found += [m for m in mentions if m.key == arm.key and dose and _dose(report, m) == dose]
            at = report.past_brackets(end, limit) if end > at else limit
    return found


def _named(
    report: Report, told: Sequence[_Treatment], mentions: Sequence[_Treatment]
) -> list[_Treatment]:
    """Return each arm once, by the mention that first names it in full."""
    doses: dict[tuple[Core, ...], set[tuple[str, ...]]] = {}
    for arm in told:
        doses.setdefault(arm.key, set()).add(_dose(report, arm))
    named: dict[object, _Treatment] = {}
    for arm in told:
        if len(doses[arm.key]) > 1:
            if _dose(report, arm):
                named.setdefault((arm.key, _dose(report, arm)), arm)
        elif len(arm.names) > 1:
            named.setdefault(arm.key, arm)
        else:
            named.setdefault(arm.key, _first_in_full(report, arm, mentions))
    return list(named.values())


def _first_in_full(report: Report, arm: _Treatment, mentions: Sequence[_Treatment]) -> _Treatment:
    same = [m for m in mentions if m.key == arm.key]
    full = [m for m in same if core_of(report, m.first, m.end) in (arm.names[0], ())] or same
    bare = [m for m in full if not _dose(report, m)]
    return (bare or full or [arm])[0]
