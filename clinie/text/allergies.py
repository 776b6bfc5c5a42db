"""Where a note says that no allergies are known: "NKDA", "no drug allergies", "Allergies: none".

Rules make a statement out of these places, and the resolver believes a model's only where there
is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from clinie.text.assertion import ContextReader
from clinie.text.lexica import load_tsv

__all__ = ["no_known_allergies"]

_HINT = re.compile(r"allerg|\bN\.?K\.?[DM]?\.?A|\bADRs?\b|drug reaction|intoleranc", re.IGNORECASE)
_NOBODY = frozenset({"family", "hypothetical"})
_WORD_BEFORE = re.compile(r"([\w'’/]+)[ \t-]{1,2}$")
_TO = re.compile(r"[ \t]{1,3}to[ \t]{1,3}(?P<words>[A-Za-z' ]{1,60})", re.IGNORECASE)
_LONGEST_WORD = 30


def no_known_allergies(text: str, context: ContextReader | None = None) -> list[tuple[int, int]]:
    """Return the places that say that the patient has no known (drug) allergies, in text order.

    What a relative does not have, general warnings ("if no known allergies") and denials of
    single substances or other kinds ("no latex allergy", "no food allergies") are none.

    Parameters
    ----------
    text : str
    context : ContextReader, optional
        Of the same text, when the caller has one.

    Examples
    --------
    >>> no_known_allergies("PMH: gout. NKDA.")
    [(11, 15)]
    """
    if not _HINT.search(text):
        return []
    reader = context or ContextReader(text)
    found: list[tuple[int, int]] = []
    for start, end in sorted(_places(text)):
        if found and start < found[-1][1]:
            continue
        if _is_of_patient(text, reader, start, end):
            found.append((start, end))
    return found


def _is_of_patient(text: str, reader: ContextReader, start: int, end: int) -> bool:
    """Tell whether a statement is neither about a relative nor a condition.

    A family history does not reach over the end of its line: "FH: gout" and then "No allergies".
    """
    read, section = reader.read(start, end), reader.section(start)
    if read.cue == (section.start, section.body) and "\n" in text[section.body : start]:
        return True
    return read.relative is None and read.assertion not in _NOBODY


def _places(text: str) -> Iterator[tuple[int, int]]:
    for match in _pattern("short").finditer(text):
        if not _is_undone(text, match.end()):
            yield match.span()
    for match in _pattern("denied").finditer(text):
        if _is_of_drugs(match["kinds"] or "") and not _is_undone(text, match.end()):
            yield match.span()
    for match in _pattern("nothing").finditer(text):
        known = _is_of_drugs(match["kinds"] or "") and not _names_one(text, match.start())
        if known and not _is_undone(text, match.end()):
            yield match.span("nothing")


def _is_of_drugs(kinds: str) -> bool:
    """Tell whether the kinds of allergy named are none in particular, or include drugs."""
    said = re.findall(r"[\w'/]+", kinds.lower())
    return any(word in _words("drug") for word in said) or not any(
        word in _words("other") for word in said
    )


def _names_one(text: str, start: int) -> bool:
    """Tell whether a word such as *latex* stands before "allergy: none"."""
    before = _WORD_BEFORE.search(text, max(0, start - _LONGEST_WORD), start)
    known = _words("filler") | _words("drug")
    return before is not None and before[1].lower() not in known


def _is_undone(text: str, end: int) -> bool:
    """Tell whether what follows takes the statement back: "to penicillin", "except latex"."""
    if _pattern("undone").match(text, end):
        return True
    to = _TO.match(text, end)
    return to is not None and not _pattern("general").match(to["words"])


@cache
def _words(*roles: str) -> frozenset[str]:
    rows = load_tsv("no_known_allergies.tsv")
    return frozenset(row["word"] for row in rows if row["role"] in roles)


def _any_of(*roles: str) -> str:
    ordered = sorted(_words(*roles), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace(r"\ ", r"[ \t]{1,3}") for word in ordered)


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """Return a compiled pattern; every repetition in them is bounded."""
    kinds = rf"(?:[\s,/&-]{{1,4}}(?:{_any_of('filler', 'drug', 'other')})){{0,9}}"
    what = (
        r"(?:allerg(?:y|ies)|allergic[ ]reactions?|adverse[ ]drug[ ]reactions?|ADRs?|"
        r"(?:drug|medication)[ ](?:intolerances?|sensitivities))\b"
    )
    source = {
        "short": r"\bNK[DM]?As?\b|\bN\.K\.(?:[DM]\.)?A\b\.?",
        "denied": rf"(?:\b|(?<=does)|(?<=did))(?:{_any_of('deny')})"
        rf"(?P<kinds>{kinds})[\s,/-]{{1,4}}{what}"
        rf"|\bnot(?:[ ]known[ ]to[ ]be)?[ ]allergic[ ]to[ ](?:any|anything)\b"
        rf"(?:[ ](?:known[ ])?(?:{_any_of('drug')})\b)?",
        "nothing": rf"(?:\b(?P<kinds>(?:{_any_of('drug', 'other')})"
        rf"(?:[\s,/&-]{{1,4}}(?:{_any_of('filler', 'drug', 'other')})){{0,5}})[\s/-]{{1,3}})?"
        rf"\b(?:{what}|sensitivities)(?:[ ](?:status|history))?"
        rf"(?:[ ]to[ ](?:{_any_of('general')}))?(?:[ ]?\([^()\n]{{0,40}}\))?"
        r"(?:[ \t]{0,3}[:=–—-]{1,2}\s{0,4}|[ \t]{0,3}(?:\r?\n\s{0,4}){1,2}|"
        r"[ \t]{1,3}(?:(?:are|is)[ ])?)"
        r"(?:[-*•][ \t]{0,3})?"
        rf"(?P<nothing>{_any_of('nothing')})\b(?=[ \t]*(?:$|[\r\n.,;:)|/]|[-–—][ \t]|to\b|for\b))",
        # An exception may begin the next line of a paragraph; "NKDA. Medications:" is a heading.
        "undone": r"(?:[^\w.!?\r\n]|_|\r?\n(?=[ \t]{0,3}(?-i:[a-z]))){0,3}"
        rf"(?:{_any_of('except')})\b"
        rf"|(?<!\.)(?:[ \t]{{1,3}}|-)(?:{_any_of('undone')})\b(?![ \t]{{0,3}}:)",
        "general": rf"(?:{_any_of('general')})\b",
    }[name]
    return re.compile(source, re.IGNORECASE)
