"""Statements in running text: "allergic to", "penicillin allergy", "hives with", "gave a rash"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clinie.tasks.allergies.claims import Reader
from clinie.tasks.allergies.cues import Cue, is_cue, roles_of
from clinie.tasks.allergies.page import Claim
from clinie.tasks.allergies.vocabulary import Reaction, Substance, is_misspelt_drug

__all__ = ["read_links", "read_named", "read_statements", "read_tolerated"]

_TO, _TO_KNOWN, _BEHIND, _LISTED, _LINK, _VERB = 0.93, 0.86, 0.92, 0.9, 0.75, 0.8
_TOLERATED, _BESIDE, _ENTRY = 0.7, 0.7, 0.75

_DENIED = re.compile(r"\b(?:no|not|none|nil|denie[sd]|without|NK[DM]?A)\b", re.IGNORECASE)
_ALLERGY = re.compile(r"allerg|intoleran|hypersens|anaphyla|NK[DM]?A", re.IGNORECASE)
_SUSCEPTIBLE = re.compile(r"[a-z] [SRI](?=[,;.\s]|$)")  # "ampicillin R, gentamicin S"
_AND = re.compile(r"(?:,?\s+(?:and|or|nor|&)\s+|\s*/\s*)(?:the\s+)?", re.IGNORECASE)
_OR = re.compile(r"\b(?:and|or|nor)\b", re.IGNORECASE)
_COMMA = re.compile(r",\s*")
_FROM_LIST = re.compile(
    r"\s+(?:(?:allergy\s+)?label\b|(?:allergy\s+)?from\b.{0,30}allerg)", re.IGNORECASE
)
_SINGLE = re.compile(r"[ \t]+([A-Za-z]{6,})\b")
_BESIDE_GAP = re.compile(r"\s{0,3}[,;.&+/–-]{1,2}\s{0,3}(?:but\s|and\s)?", re.IGNORECASE)
_TREATED, _BEFORE, _LONGEST_CHAIN = 30, 60, 30
_RELIEF = frozenset(
    {"antihistamine", "corticosteroid", "vasopressor", "leukotriene receptor antagonist"}
)


def read_statements(reader: Reader) -> Iterator[Claim]:
    """Yield the claims of a sentence that a plain statement makes: "allergic to", "... allergy"."""
    for cue in _cues(reader):
        if "behind" in cue.roles:
            yield from _behind(reader, cue)
        if "listed" in cue.roles or "removed" in cue.roles:
            yield from _on_list(reader, cue)
        if "remove" in cue.roles:
            yield from _taken_off(reader, cue)
        if "to" in cue.roles:
            yield from _to(reader, cue)


def read_named(reader: Reader) -> Iterator[Claim]:
    """Yield the claims of words that only a known substance makes a statement: "reaction to"."""
    for cue in _cues(reader):
        if "to_known" in cue.roles:
            yield from _to(reader, cue)
    for _, end in reader.page.statements_in(reader.start, reader.end):
        yield from _beside_statement(reader, end)


def _cues(reader: Reader) -> list[Cue]:
    """Return the cues of a sentence, without those that speak of bacteria, sugar or light."""
    cues = reader.page.cues(reader.start, reader.end)
    culture = any("culture" in cue.roles for cue in cues) or _SUSCEPTIBLE.search(
        reader.text, reader.start, reader.end
    )
    return [
        cue
        for cue in cues
        if not (culture and reader.text[cue.start : cue.end].lower().startswith("sensitiv"))
    ]


def _beside_statement(reader: Reader, end: int) -> list[Claim]:
    """Read "NKDA, latex": what is listed behind the statement, unless it may be a drug taken."""
    at = reader.next_substance(end)
    if at == len(reader.substances):
        return []
    if not _BESIDE_GAP.fullmatch(reader.text, end, reader.substances[at].start):
        return []
    run = reader.run(reader.substances[at].start, assertion="present", sure=_BESIDE)
    return [claim for claim in run.claims if claim.reactions or not claim.substance.is_drug]


def _to(reader: Reader, cue: Cue) -> list[Claim]:
    said = reader.text[cue.start : cue.end]
    before = reader.text[max(reader.start, cue.start - 40) : cue.start]
    if "except" in cue.roles:
        if not _ALLERGY.search(before):
            return []
        assertion = "present" if _DENIED.search(before) else "absent"
    else:
        assertion = reader.assertion(cue.start, cue.end)
    if "not" in cue.roles and assertion in ("present", "possible"):
        assertion = "absent"
    strong = "to" in cue.roles
    more = ("after_band",) if "band" in said.lower() else ()
    run = reader.run(
        cue.end,
        assertion=assertion,
        sure=_TO if strong else _TO_KNOWN,
        unknown=strong,
        more=more,
    )
    if not run.claims and not strong:
        return _misspelt(reader, cue, assertion)
    return run.claims


def _misspelt(reader: Reader, cue: Cue, assertion: str) -> list[Claim]:
    """Read "allergic amoxicilin": a drug of the lexicon but for a typing error."""
    word = _SINGLE.match(reader.text, cue.end, reader.end)
    if word is None or is_cue(word[1], "generic") or not is_misspelt_drug(word[1]):
        return []
    claim = Claim(Substance(*word.span(1), "unknown", is_sure=False), assertion, 0.5)
    reader.settle([claim], reader.take_reactions([claim], word.end()))
    return [claim]


def _behind(reader: Reader, cue: Cue) -> list[Claim]:
    """Read "penicillin allergy", "egg/soya allergy (hives)", "Latex allergy: No"."""
    members = _before(reader, cue)
    if not members:
        return []
    first = members[0].start
    assertion = reader.assertion(first, cue.end)
    claims = [
        Claim(s, assertion, _BEHIND if s.is_sure else round(_BEHIND - 0.1, 2)) for s in members
    ]
    end = reader.take_reactions(claims, cue.end)
    shared = next((claim.reactions for claim in claims if claim.reactions), [])
    for claim in claims:
        claim.reactions = list(shared)
    reader.settle(claims, max(end, cue.end))
    return claims


def _before(reader: Reader, cue: Cue) -> list[Substance]:
    """Return the list of substances directly before a cue, in text order."""
    at = reader.next_substance(cue.start) - 1
    if at < 0:
        return []
    gap = reader.text[reader.substances[at].end : cue.start]
    if len(gap) > 40 or roles_of(gap, ("filler",), " \t\r\n-'’/\"") is None:
        return []
    return _chain(reader, at)


def _chain(reader: Reader, at: int) -> list[Substance]:
    """Return the substances that *and*, *or* or a slash joins to one, which comes last."""
    members = [reader.substances[at]]
    anded = False
    while at > 0 and len(members) < _LONGEST_CHAIN:
        before, after = reader.substances[at - 1], members[0]
        gap = reader.text[before.end : after.start]
        is_and = _AND.fullmatch(gap) is not None or _is_kind(gap)
        if not is_and and not (anded and _COMMA.fullmatch(gap)):
            break
        if is_and and _is_taken(reader, before):
            break
        anded = anded or is_and
        members.insert(0, before)
        at -= 1
    return members


def _is_kind(gap: str) -> bool:
    """Tell whether only a kind of allergy stands between: "latex, food, or contrast allergy"."""
    said = roles_of(gap, ("joiner", "filler"), " ,/") if len(gap) < 30 else None
    return said is not None and _OR.search(gap) is not None


def _is_taken(reader: Reader, substance: Substance) -> bool:
    """Tell whether a word of taking stands directly before a substance."""
    cues = reader.cues_from(substance.start - 30, substance.start)
    return bool(cues) and "taking" in cues[-1].roles and cues[-1].end >= substance.start - 2


def _on_list(reader: Reader, cue: Cue) -> list[Claim]:
    """Read "penicillin is listed as an allergy", "codeine was removed from his allergy list"."""
    at = reader.next_substance(cue.start) - 1
    if at < 0:
        return []
    substance = reader.substances[at]
    gap = reader.text[substance.end : cue.start]
    allowed = ("filler", "light", "doubt", "behind", "verb_weak")
    if len(gap) > 40 or roles_of(gap, allowed) is None:
        return []
    read = reader.assertion(substance.start, cue.end)
    removed = "removed" in cue.roles and read != "family"
    claim = Claim(substance, "absent" if removed else read, _LISTED)
    if not removed:
        reader.settle([claim], reader.take_reactions([claim], cue.end))
    return [claim]


def _taken_off(reader: Reader, cue: Cue) -> list[Claim]:
    """Read "removed penicillin from the allergy list", "remove the penicillin label"."""
    at = reader.next_substance(cue.end)
    if at == len(reader.substances):
        return []
    substance = reader.substances[at]
    if reader.page.first_gap(cue.end, substance.start) is None:
        return []
    if not _FROM_LIST.match(reader.text, substance.end, reader.end):
        return []
    return [Claim(substance, "absent", _LISTED)]


def read_links(reader: Reader) -> Iterator[Claim]:
    """Yield claims that a reaction makes: "hives after penicillin", "Elastoplast gave her a rash".

    Without a word of allergy in the sentence only a reaction that speaks of allergy by itself
    counts, since a side effect is none; and never a drug that is given against it.
    """
    if not reader.substances:
        return
    told = _ALLERGY.search(reader.text, reader.start, reader.end) is not None
    told_before = (
        _ALLERGY.search(reader.text, max(0, reader.start - _BEFORE), reader.end) is not None
    )
    for index, reaction in enumerate(reader.reactions):
        if not (reaction.speaks or told_before):
            continue
        at = reader.next_substance(reaction.end)
        before = reader.substances[at - 1] if at else None
        if told_before and before and _is_entry(reader, before, reaction.start):
            yield from _caused(reader, [before], "present", _ENTRY, reader.end)
            continue
        assertion = _of_reaction(reader, reaction) if reaction.speaks or told else None
        if assertion is None:
            continue
        alone = told or reaction.speaks == "always"
        if alone and at < len(reader.substances) and _links(reader, reaction, at):
            run = reader.run(
                reaction.end, assertion=assertion, sure=_LINK, more=("link", "during", "light")
            )
            listed = [*_listed_before(reader, index), reaction]
            for claim in run.claims:
                claim.reactions = [*listed, *claim.reactions]
            yield from run.claims
        elif before and _causes(reader, before, reaction.start):
            yield from _caused(reader, _chain(reader, at - 1), assertion, _VERB, None)


def _of_reaction(reader: Reader, reaction: Reaction) -> str | None:
    """Return the assertion of a substance whose reaction is told; None when it was none."""
    read = reader.page.context.read(reaction.start, reaction.end)
    if read.assertion in ("absent", "hypothetical"):
        return None
    if read.relative:
        return "family"
    return "possible" if read.assertion == "possible" else "present"


def _caused(
    reader: Reader, members: list[Substance], assertion: str, sure: float, entry: int | None
) -> list[Claim]:
    claims = [Claim(member, assertion, sure) for member in members]
    end = reader.take_reactions(claims, claims[-1].substance.end)
    claims = [claim for claim in claims if claim.reactions or entry is not None]
    reader.settle(claims, end, entry=entry)
    return claims


def _links(reader: Reader, reaction: Reaction, at: int) -> bool:
    """Tell whether a reaction is tied to the substance behind it, and not treated with it."""
    substance = reader.substances[at]
    said = reader.page.first_gap(reaction.end, substance.start, "link", "during", "light")
    if said is None or "link" not in said or _is_treated(reader, reaction.start):
        return False
    gap = reader.text[reaction.end : substance.start]
    return substance.kind not in _RELIEF or not re.search(r"\b(?:with|on|after)\b", gap, re.I)


def _is_entry(reader: Reader, substance: Substance, start: int) -> bool:
    """Tell whether a substance opens a line or sentence, before a colon: "Amoxicillin: rash"."""
    before = reader.text[reader.start : substance.start]
    gap = reader.text[substance.end : start]
    if before.strip(" \t-*•·0123456789.)(") or not gap.lstrip().startswith((":", "-", "–")):
        return False
    return roles_of(gap, ("light", "filler")) is not None


def _listed_before(reader: Reader, index: int) -> list[Reaction]:
    """Return the reactions that stand in one list before a reaction."""
    found = reader.reactions
    listed = []
    while index and reader.page.more_gap(found[index - 1].end, found[index].start):
        index -= 1
        listed.append(found[index])
    return listed[::-1]


def _causes(reader: Reader, substance: Substance, start: int) -> bool:
    gap = reader.text[substance.end : start]
    said = roles_of(gap, ("verb", "person", "filler", "light")) if len(gap) < 60 else None
    return said is not None and "verb" in said and substance.kind not in _RELIEF


def _is_treated(reader: Reader, start: int) -> bool:
    """Tell whether a word of treatment stands before a reaction: "treated the rash with"."""
    return any(
        "relief" in cue.roles
        and roles_of(reader.text[cue.end : start], ("filler", "light")) is not None
        for cue in reader.cues_from(start - _TREATED, start)
        if cue.end <= start
    )


def read_tolerated(reader: Reader) -> Iterator[Claim]:
    """Yield what is said to be tolerated; counts only beside a statement about allergy."""
    for cue in reader.page.cues(reader.start, reader.end):
        read = reader.page.context.read(cue.start, cue.end) if "tolerated" in cue.roles else None
        if read is not None and read.assertion != "absent":
            yield from reader.run(cue.end, assertion="absent", sure=_TOLERATED).claims
        elif "harmless" in cue.roles:
            yield from _taken_without_harm(reader, cue)


def _taken_without_harm(reader: Reader, cue: Cue) -> Iterator[Claim]:
    """Read "has since taken amoxicillin without reaction"."""
    at = reader.next_substance(cue.start) - 1
    if at < 0:
        return
    members = _chain(reader, at)
    gap = reader.text[members[-1].end : cue.start]
    near = len(gap) < 40 and roles_of(gap, ("light", "filler", "clause")) is not None
    before = reader.cues_from(members[0].start - 30, members[0].start)
    taken = [c for c in before if "taking" in c.roles]
    if near and taken and reader.page.first_gap(taken[-1].end, members[0].start) is not None:
        for member in members:
            yield Claim(member, "absent", _TOLERATED)
