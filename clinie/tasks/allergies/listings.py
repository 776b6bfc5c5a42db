"""Sections of allergies, and lists behind "allergic to:": what is named there is an allergen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clinie.tasks.allergies.claims import Reader
from clinie.tasks.allergies.cues import is_cue, roles_of
from clinie.tasks.allergies.page import Claim, Page
from clinie.tasks.allergies.vocabulary import Reaction, Substance, find_substances
from clinie.text.sentences import BULLET

__all__ = ["listed_sentences", "read_entries", "read_follow_ups"]

_CLEAN, _LOOSE = 0.95, 0.7
_ENTRY = re.compile(r"[^;|\r\n]+")
_CHUNK_SIGNS = re.compile(r"[,;:|()\[\]/\r\n]| [-–—] |->|=>|→")
_DOSE = re.compile(
    r"[ \t]*\d[\d.,]*[ \t]*(?:mg|mcg|µg|g|ml|units?|puffs?|tabs?|tablets?)\b"
    r"(?![^,;\r\n]{0,40}(?:\(|[-–:]|caus|gave))",
    re.IGNORECASE,
)
_NOT_A_LIST = re.compile(r"season|rhinitis|hay fever", re.IGNORECASE)
_CULTURE = re.compile(r"\b[SRI]\b|suscept|resist|culture", re.IGNORECASE)
_LONGEST_LIST = 60
_LONGEST_LEAD = 100
_MOST_BELOW = 5
_SIGNS_BEFORE = " \t-*•·–>"
_ALLERGIES = re.compile(r"allergies|allergic|allergy|intoleran|adverse (?:drug )?reactions", re.I)
_HEADING = re.compile(
    r"(?<![\w/'’ -])[ ]?(?P<title>[A-Za-z][\w/'’-]{1,30}(?:[ ][\w/'’-]{1,30}){0,2})"
    r"[ \t]{0,2}:(?!\d)"
)
_ENDS_ENTRY = (";", ".", "|", "")
_OF_ALLERGY = (
    *("generic", "filler", "light", "doubt", "follow", "behind", "to", "to_known", "test"),
    *("table_allergen", "table_reaction", "table_comment", "table_other"),
)
_OPENS = re.compile(r"[ \t]{0,3}(?:[:=(\[→>-]|[–—]|[.!,]|$)")


def listed_sentences(page: Page) -> list[tuple[int, int]]:
    """Return the stretches of sentences that list allergies, in text order.

    These are the sentences of a section of that kind, from its heading on, and the items below a
    line that ends in "allergic to:".
    """
    found: list[tuple[int, int]] = []
    sentences = page.context.sentences
    for section in page.context.sections:
        if section.kind != "allergies" or _NOT_A_LIST.search(section.title):
            continue
        if section.title.lower().endswith("sensitivities") and _CULTURE.search(
            page.text, section.body, min(section.end, section.body + 200)
        ):
            continue  # what bacteria are sensitive to
        found += _within_section(page, section.body, section.end)
    for index, (start, end) in enumerate(sentences):
        if page.text[end - 1] == ":" and _opens_list(page, start, end):
            found += _items(page, index + 1)
    return sorted(set(found))


def _within_section(page: Page, body: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a section, up to a heading that the section did not end at."""
    sentences = page.context.sentences
    index = page.sentence(body)
    inline = bool(page.text[body : page.line_end(body)].strip())
    stated = False
    while index < len(sentences) and sentences[index][0] < stop:
        start, end = max(sentences[index][0], body), min(sentences[index][1], stop)
        index += 1
        if start >= end:
            continue
        own_line = start < page.line_end(body)
        if inline and not own_line and not _goes_on(page, start, end):
            return
        if inline and stated and not _reopens(page, start, end):
            return
        heading = _heading_at(page, start, end, own_line=inline and own_line, body=body)
        if heading is None or start < heading:
            yield start, heading or end
        if heading is not None:
            return
        stated = stated or page.in_statement(start, end)


def _heading_at(page: Page, start: int, end: int, *, own_line: bool, body: int) -> int | None:
    """Return where in a sentence of a section something else begins: "PCN; Pets: cat"."""
    known = (
        cue.start
        for cue in page.cues(start, end)
        if "other_heading" in cue.roles and page.heads(cue.end)
    )
    found = next(known, None)
    if own_line:
        reader = Reader(page, start, end)
        for match in _HEADING.finditer(page.text, start, end):
            title = match.start("title")
            before = page.text[max(start, title - 4) : title].rstrip()
            is_first = start == body and title - start < 4 and not before
            if not is_first and before[-1:] in _ENDS_ENTRY and _is_other(reader, match):
                return title if found is None else min(title, found)
    return found


def _is_other(reader: Reader, heading: re.Match[str]) -> bool:
    """Tell whether a heading names no substance, no kind of allergy and nothing told of one."""
    first, last = heading.span("title")
    if roles_of(heading["title"], _OF_ALLERGY) is not None:
        return False
    at = reader.next_substance(last) - 1
    if at >= 0 and reader.substances[at].end > first:
        return False
    told = heading.end()  # "Zorvaxine: hives" is an entry, whatever Zorvaxine is
    return not reader.reactions_from(told, told + 3)


def _reopens(page: Page, start: int, end: int) -> bool:
    """Tell whether a list goes on behind "NKDA.": "Intolerances: codeine", "Latex - rash"."""
    if BULLET.match(page.text, start) or _ALLERGIES.search(page.text, start, end):
        return True
    named = page.substances(start, end)
    if not named:
        return False
    lead = page.text[start : named[0].start].strip(_SIGNS_BEFORE)
    if lead and not (lead.endswith(":") and is_cue(lead[:-1].strip(), "generic")):
        return False
    if _OPENS.match(page.text, named[0].end) is None:
        return False
    return not named[0].is_drug or bool(page.reactions(start, end))


def _goes_on(page: Page, start: int, end: int) -> bool:
    """Tell whether a line goes on with the list that began on the line of its heading."""
    if BULLET.match(page.text, start) or page.in_statement(start, start + 1):
        return True
    if _ALLERGIES.search(page.text, start, end):
        return True
    named = page.substances(start, end)
    return bool(named) and named[0].start == start


def _opens_list(page: Page, start: int, end: int) -> bool:
    """Tell whether a line such as "He is allergic to:" introduces a list of allergies."""
    if end - start > _LONGEST_LEAD or not _ALLERGIES.search(page.text, start, end):
        return False
    if _NOT_A_LIST.search(page.text, start, end):
        return False
    return not find_substances(page.text, start, end)


def _items(page: Page, index: int) -> Iterator[tuple[int, int]]:
    sentences = page.context.sentences
    for start, end in sentences[index : index + _LONGEST_LIST]:
        before = page.text[sentences[index - 1][1] : start]
        item = BULLET.match(page.text, start) is not None
        if not item and len(re.findall(r"\r\n|[\r\n]", before)) != 1:
            return
        if page.context.section(start).kind not in ("other", "allergies"):
            return
        yield start, end
        index += 1


def read_entries(reader: Reader) -> Iterator[Claim]:
    """Yield the claims of one sentence of a list: "PCN (hives), sulfa - rash; latex"."""
    text = reader.text
    for entry in _ENTRY.finditer(text, reader.start, reader.end):
        yield from _entry(reader, entry.start(), entry.end())


def _entry(reader: Reader, start: int, stop: int) -> Iterator[Claim]:
    members = _members(reader, start, stop)
    claims: list[Claim] = []
    end, taken = start, False
    for index, substance in enumerate(members):
        taken = _is_taken(reader, end, substance, after_taken=taken)
        claim = None if taken else _member(reader, claims, end, substance)
        end = max(end, substance.end)
        if claim is None:
            continue
        claims.append(claim)
        following = members[index + 1].start if index + 1 < len(members) else stop
        end = reader.take_reactions(claims, substance.end, listed=True)
        _reaction_before(reader, claim, substance)
        reader.settle([claim], substance.end, entry=following)
    yield from claims


def _members(reader: Reader, start: int, stop: int) -> list[Substance]:
    """Return the substances of an entry with the chunks between signs that no table knows."""
    first, last = reader.next_substance(start), reader.next_substance(stop)
    members = reader.substances[first:last]
    at = start
    for sign in [*_CHUNK_SIGNS.finditer(reader.text, start, stop), None]:
        end = sign.start() if sign else stop
        chunk = _unknown_chunk(reader, at, end)
        if chunk is not None:
            members.append(chunk)
        at = sign.end() if sign else stop
    return sorted(members)


def _unknown_chunk(reader: Reader, start: int, end: int) -> Substance | None:
    """Return a chunk as a substance when all of it is words that could be a name."""
    if _inside(reader.text, start, reader.start) or not reader.text[start:end].strip():
        return None
    at = reader.next_substance(end) - 1
    if at >= 0 and reader.substances[at].end > start:
        return None
    found = reader.page.unknown(start, end)
    if found is None or reader.text[found.end : end].strip(" \t.*!\"'"):
        return None
    before = reader.reactions_from(start - _LONGEST_LIST, found.end)
    return None if before and before[-1].end > found.start else found


def _inside(text: str, offset: int, start: int) -> bool:
    """Tell whether an offset stands within brackets."""
    before = text[max(start, offset - 160) : offset]
    opened = max(before.rfind("("), before.rfind("["))
    return opened >= 0 and not set(before[opened:]) & set(")]")


def _is_taken(reader: Reader, end: int, substance: Substance, *, after_taken: bool) -> bool:
    """Tell whether a list says of a drug that it is taken: "continue Flonase and Zyrtec"."""
    cues = reader.cues_from(end, substance.start)
    if any(cue.roles & {"tolerated", "not"} for cue in cues):
        return False
    if after_taken or any("taking" in cue.roles and "filler" not in cue.roles for cue in cues):
        return True
    return _DOSE.match(reader.text, substance.end) is not None


def _member(reader: Reader, claims: list[Claim], end: int, substance: Substance) -> Claim | None:
    """Read one substance of a list; None where the words before it speak of something else."""
    cues = reader.cues_from(end, substance.start)
    tolerated = any(cue.roles & {"tolerated", "not"} for cue in cues)
    first = reader.page.first_gap(end, substance.start) if not claims else None
    listed = reader.page.list_gap(end, substance.start) if claims else None
    clean = first is not None or listed is not None or not cues
    if not clean and not substance.is_sure:
        return None
    assertion = reader.assertion(substance.start, substance.end)
    excepted = claims and any("except" in cue.roles for cue in cues)
    if (tolerated or excepted) and assertion in ("present", "possible"):
        assertion = "absent"
    elif assertion == "present" and _is_doubted(reader, end, substance.start):
        assertion = "possible"
    sure = _CLEAN if clean else _LOOSE
    if substance.kind == "unknown":
        sure -= 0.35
    elif not substance.is_sure:
        sure -= 0.1
    return Claim(substance, assertion, round(sure, 2))


def _is_doubted(reader: Reader, start: int, stop: int) -> bool:
    """Tell whether a word of doubt stands before a substance, behind the last sign."""
    last = max(reader.text.rfind(sign, start, stop) for sign in ",;)]")
    return any("doubt" in cue.roles for cue in reader.cues_from(max(start, last), stop))


def _reaction_before(reader: Reader, claim: Claim, substance: Substance) -> None:
    """Give a substance the reaction in front of it: "hives with penicillin"."""
    found = reader.reactions_from(substance.start - _LONGEST_LIST, substance.start)
    if claim.reactions or not found:
        return
    last: Reaction = found[-1]
    said = reader.page.first_gap(last.end, substance.start, "link", "during", "light")
    if said is not None and "link" in said:
        claim.reactions = [last]


def read_follow_ups(page: Page, claims: list[Claim]) -> None:
    """Give claims the reactions that the next sentence or lines tell: "Reaction: hives"."""
    last = {page.sentence(claim.substance.start): claim for claim in claims}
    for index, claim in last.items():
        if claim.reactions or claim.assertion == "absent":
            continue
        for start, end in page.context.sentences[index + 1 : index + 1 + _MOST_BELOW]:
            reader = Reader(page, start, end)
            told = None if reader.substances else _told_at(reader, claim)
            found = reader.reactions_from(told, end) if told is not None else []
            if told is None or not found or found[0].start - told > _LONGEST_LIST:
                break
            reader.take_reactions([claim], found[0].start, listed=True)


def _told_at(reader: Reader, claim: Claim) -> int | None:
    """Return from where a sentence tells the reaction to the substance before it, if it does."""
    start, text = reader.start, reader.text
    cues = reader.cues_from(start, start + 40)
    if cues and "follow" in cues[0].roles and not text[start : cues[0].start].strip(_SIGNS_BEFORE):
        return cues[0].end
    bullet = BULLET.match(text, start)
    line = text.rfind("\n", 0, start) + 1
    own = text.rfind("\n", 0, claim.substance.start) + 1
    indented = start - line > _indent(text, own) and not text[line:start].strip()
    return bullet.end() if bullet and indented else None


def _indent(text: str, line: int) -> int:
    return len(text[line : line + 80]) - len(text[line : line + 80].lstrip(" \t"))
