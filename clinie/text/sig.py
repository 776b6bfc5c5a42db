"""The sig grammar: dose, route, frequency, duration and reason of a prescription, as spans.

A sig ("signetur") is the line that says how a medicine is taken: "1-2 tabs PO q6h prn pain x 5
days". `find_sigs` finds its parts anywhere in a text, with or without a drug beside them.

Conventions
-----------
They follow the medication challenges i2b2 2009 and n2c2 2018 (track 2); the section "medications"
of the annotation guide spells them out.

* dosage: number, range, fraction or number word with its unit ("40 mg", "1-2 tablets", "half a
  tablet", "500 mg/5 mL"); a rate after a slash stays in ("2 mg/day"); the form after a strength
  stays out ("40 mg" of "40 mg tablet").
* route: the route words alone ("PO", "by mouth").
* frequency: one phrase, time of day and PRN included when they stand together ("q6h prn").
* duration: without its preposition ("10 days" of "for 10 days"), but "until" and "since" stay in.
* reason: the noun phrase alone ("pain" of "prn pain"); one span per listed reason.

Every step of a taper gives parts of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from clinie.text.sig_grammar import Grammar, grammar

__all__ = ["Kind", "SigPart", "find_sigs"]

Kind = Literal["dosage", "route", "frequency", "duration", "reason"]


class SigPart(NamedTuple):
    """A part of a sig: ``text[start:end]``.

    Parameters
    ----------
    start, end : int
        Code points.
    kind : str
        ``"dosage"``, ``"route"``, ``"frequency"``, ``"duration"`` or ``"reason"``.
    weak : bool
        The words alone prove nothing ("at night", "once", "injection"): believe them only beside a
        drug or another part.
    """

    start: int
    end: int
    kind: Kind
    weak: bool = False


def find_sigs(text: str) -> list[SigPart]:
    """Return the parts of sigs in text order; parts of one kind do not overlap.

    Complexity is linear in the length of the text.

    Examples
    --------
    >>> sig = "1-2 tabs PO q6h prn pain"
    >>> [(sig[p.start : p.end], p.kind) for p in find_sigs(sig)]
    [('1-2 tabs', 'dosage'), ('PO', 'route'), ('q6h prn', 'frequency'), ('pain', 'reason')]
    """
    rules = grammar()
    low = _lower(text)
    frequencies, routes = _timing(text, low, rules)
    durations = _without(list(_durations(low, rules, [*frequencies, *routes])), frequencies)
    parts = _dosages(low, rules, [*frequencies, *durations], [*frequencies, *routes])
    routes = _without(routes, [*parts, *frequencies])
    sigs = [*parts, *frequencies, *durations, *routes]
    reasons = _without(_longest([*_reasons(low, rules), *_remarks(low, rules, sigs)]), sigs)
    return sorted([*parts, *routes, *frequencies, *durations, *reasons])


def _dosages(
    low: str, rules: Grammar, taken: list[SigPart], followers: list[SigPart]
) -> list[SigPart]:
    """Return doses with a unit, and the weak ones: shares, pairs, numbers before "bd" or "SQ"."""
    strong = []
    for match in rules.dosage.finditer(low):
        if _laboratory(low, match):
            continue
        start, end = match.span()
        both = rules.from_to.match(match.group()) if low.endswith("from ", 0, start) else None
        if both:  # "from 5 mg to 10 mg" is two doses, not a range
            if both["unit"]:
                strong.append(SigPart(start, start + both.end("first"), "dosage"))
            else:
                strong.append(SigPart(start, start + both.end("first"), "dosage", True))
            start += both.end()
        strong.append(SigPart(start, end, "dosage", _is_volume(low[start:end])))
    found = _without(strong, taken)
    weak = [
        SigPart(*match.span(match.lastgroup or 0), "dosage", True)
        for match in rules.weak_dosage.finditer(low)
    ]
    for follower in followers:
        bare = rules.bare_number.search(low[max(0, follower.start - 12) : follower.start])
        if bare:
            offset = max(0, follower.start - 12)
            weak.append(SigPart(offset + bare.start(1), offset + bare.end(1), "dosage", True))
    return [*found, *_without(_longest(weak), [*found, *taken])]


def _is_volume(words: str) -> bool:
    """Tell litres and shares, which are as often something else than a dose."""
    return words.endswith("%") or bool(re.fullmatch(r"[\d.,\s-]+(?:l|liters?|litres?)", words))


def _lower(text: str) -> str:
    """Lower-case without changing any offset."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low


def _laboratory(low: str, match: re.Match[str]) -> bool:
    """Tell a concentration of a blood test ("126 mg/dL") from a dose."""
    return bool(_PER_DECILITRE.search(match.group()) or _PER_DECILITRE.match(low, match.end()))


_PER_DECILITRE = re.compile(
    r"\s?(?:/|per)\s?(?:dl|l|liter|litre|mmol|mm3|milliliter)\b|n?[gm]g?\s?/\s?(?:dl|l)\b|\bng\s?/"
)


def _timing(text: str, low: str, rules: Grammar) -> tuple[list[SigPart], list[SigPart]]:
    """Return frequencies (phrases standing together joined) and routes."""
    atoms = [
        SigPart(m.start(), m.end(), "frequency", m.lastgroup == "once")
        for m in rules.frequency.finditer(low)
        if not _everyday(low, m.start(), m.end())
    ]
    routes: list[SigPart] = []
    for match in rules.terms.finditer(low):
        named, use = rules.uses[" ".join(match.group().split())]
        kind: Kind = "route" if named == "route" else "frequency"
        if use == "upper" and not text[match.start() : match.end()].isupper():
            continue
        if _everyday(low, match.start(), match.end()):
            continue
        part = SigPart(match.start(), match.end(), kind, bool(use))
        (routes if kind == "route" else atoms).append(part)
    return _joined(low, _longest(atoms)), _longest(routes)


_NOT_SIG = re.compile(
    r"\s+(?:living|activit|basis of|exam|routine|life|cavity|mucosa|intake|cancer|hygiene)"
)
# "daily weights", "q4h neuro checks": how often something else is done than taking the drug.
_CARE = re.compile(
    r"\s+(?:weights?|labs?|inrs?|cbcs?|bmps?|bloods?|u&es?|e[ck]gs?|lfts?|checks?|monitoring|"
    r"dressings?|visits?|reviews?|observations|exercises?|walks?|headaches?|fevers?|vomiting|"
    r"smok(?:ing|er)|drinking|alcohol|stools?|bowel|"
    r"(?:neuro|wound|skin|foot|glucose|bp|blood|fluid|nursing|vital)\s+"
    r"(?:checks?|care|sugars?|pressures?|balance|signs|monitoring|dressings?|obs|observations))\b"
)
_NEEDED = re.compile(r"(?:prn|p\.r\.n\.?|needed|required|basis)$")


_ELAPSED = re.compile(r"\s+(?:before|prior|after|later|ago|from)\b")


def _everyday(low: str, start: int, end: int) -> bool:
    """Tell "activities of daily living", "oral cavity" and "a week before" from a sig."""
    if low.startswith("a ", start) and _ELAPSED.match(low, end):
        return True
    if _CARE.match(low, end) and not _NEEDED.search(low, start, end):
        return True
    return bool(_NOT_SIG.match(low, end)) or low[max(0, start - 14) : start].endswith(
        "activities of "
    )


def _longest(parts: list[SigPart]) -> list[SigPart]:
    kept: list[SigPart] = []
    for part in sorted(parts, key=lambda p: (p.start, -p.end)):
        if not kept or part.start >= kept[-1].end:
            kept.append(part)
        elif part.end > kept[-1].end:
            kept[-1] = kept[-1]._replace(end=part.end)
    return kept


_TOGETHER = re.compile(r"[ ]*(?:[:,][ ]*|[ ]and[ ]+|/)?(?:\n[ ]*)?")


def _joined(low: str, atoms: list[SigPart]) -> list[SigPart]:
    """Join "every 4-6 hours" and "as needed" to one frequency."""
    joined: list[SigPart] = []
    for atom in atoms:
        labelled = low[atom.end : atom.end + 1] == ":"  # "q4h\nPRN: ..." opens a list
        counted = low[atom.start] in "x×"  # "q24h x2" says two things
        if (
            joined
            and not labelled
            and not counted
            and _TOGETHER.fullmatch(low, joined[-1].end, atom.start)
        ):
            last = joined[-1]
            joined[-1] = SigPart(last.start, atom.end, "frequency", last.weak and atom.weak)
        else:
            joined.append(atom)
    return joined


def _durations(low: str, rules: Grammar, leads: list[SigPart]) -> Iterator[SigPart]:
    found = []
    for match in rules.duration.finditer(low):
        start, end = match.span(match.lastgroup or 0)
        found.append(SigPart(start, end, "duration"))
    for lead in leads:
        following = rules.length_after.match(low, lead.end)
        if following:
            found.append(SigPart(*following.span("for"), "duration"))
    yield from _longest(found)


def _reasons(low: str, rules: Grammar) -> Iterator[SigPart]:
    for match in rules.reason.finditer(low):
        start, end = match.span("reason")
        while start < end:
            separator = rules.separator.search(low, start, end)
            stop = separator.start() if separator else end
            limit = _LIMIT.search(low, start, stop)
            if stop - start > 1:
                yield SigPart(start, limit.start() if limit else stop, "reason")
            start = separator.end() if separator else end


_LIMIT = re.compile(r"\s*[<>≤≥]")


def _remarks(low: str, rules: Grammar, parts: list[SigPart]) -> Iterator[SigPart]:
    """Yield indications that close a sig: "40 mg BD - varices", "500 mg QDS PRN (pain)"."""
    for part in parts:
        match = rules.remark.match(low, part.end)
        if match:
            yield SigPart(*match.span(match.lastgroup or 0), "reason")


def _without(parts: list[SigPart], others: list[SigPart]) -> list[SigPart]:
    """Drop the parts that overlap one of `others`."""
    taken = sorted(others)
    kept = []
    position = 0
    for part in sorted(parts):
        while position < len(taken) and taken[position].end <= part.start:
            position += 1
        if position == len(taken) or taken[position].start >= part.end:
            kept.append(part)
    return kept
