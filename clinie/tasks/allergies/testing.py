"""Allergy tests: "Skin prick (mm): peanut 9, cat 0", "patch test positive to nickel"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clinie.tasks.allergies.claims import Reader
from clinie.tasks.allergies.cues import Cue, is_cue, roles_of
from clinie.tasks.allergies.page import Claim
from clinie.tasks.allergies.vocabulary import Substance

__all__ = ["read_tests"]

_VALUE, _RESULT, _PLANNED = 0.88, 0.85, 0.6
_WHEAL_MM, _IGE_KU = 3.0, 0.35  # EAACI: a wheal of 3 mm over the control; the assays' usual cut-off

_REMARK = r"[ \t]*(?:\([^()]{0,30}\)[ \t]*)?"
_NUMBER = re.compile(
    _REMARK + r"[:=]?[ \t]*(?P<sign>[<>≥≤])?[ \t]*(?P<number>\d{1,4}(?:\.\d{1,3})?)"
    r"(?![\d/-]|[ \t]*(?:mg|mcg|g|ml|%|years?|days?|h\b|hours?|min))",
    re.IGNORECASE,
)
_SIGN = re.compile(
    _REMARK + r"(?:[ \t:=(–-]{1,4}(?P<word>positive|negative|pos|neg|\++(?!\w)|-(?=[\s,;.)]|$))"
    r"|(?P<plus>\++)(?!\w))",
    re.IGNORECASE,
)
_IGE = re.compile(r"\bige\b|rast|immunocap|kua?/l", re.IGNORECASE)
_RESULT_WINDOW = 80


def read_tests(reader: Reader) -> Iterator[Claim]:
    """Yield the substances that a sentence about an allergy test names, with its result.

    Controls (histamine, saline) are none. A wheal of 3 mm and specific IgE of 0.35 kU/L are
    positive.
    """
    tests = [cue for cue in reader.page.cues(reader.start, reader.end) if "test" in cue.roles]
    if not tests:
        return
    yield from _values(reader, tests[0])
    yield from _results(reader)
    for cue in tests:
        yield from _tested(reader, cue)


def _values(reader: Reader, test: Cue) -> Iterator[Claim]:
    """Read "peanut 9, hazelnut 4, cat 0" and "nickel ++, cobalt -"."""
    limit = _IGE_KU if _IGE.search(reader.text, test.start, reader.end) else _WHEAL_MM
    for substance in reader.substances[reader.next_substance(test.end) :]:
        if is_cue(reader.text[substance.start : substance.end], "control"):
            continue
        sign = _SIGN.match(reader.text, substance.end, reader.end)
        number = _NUMBER.match(reader.text, substance.end, reader.end)
        if sign:
            said = (sign["word"] or sign["plus"]).lower()
            positive = said[0] in "p+"
        elif number:
            positive = float(number["number"]) >= limit and number["sign"] not in ("<", "≤")
        else:
            continue
        yield Claim(substance, "present" if positive else "absent", _VALUE)


def _results(reader: Reader) -> Iterator[Claim]:
    """Read "positive to cat and dog, negative to mites"."""
    for cue in reader.page.cues(reader.start, reader.end):
        if not cue.roles & {"positive", "negative"}:
            continue
        value = "present" if "positive" in cue.roles else "absent"
        if reader.page.context.read(cue.start, cue.end).assertion == "absent":
            value = "absent"
        run = reader.run(cue.end, assertion=value, sure=_RESULT, more=("to_test", "behind", "test"))
        for claim in run.claims:
            claim.assertion = value
        yield from run.claims


def _tested(reader: Reader, cue: Cue) -> Iterator[Claim]:
    """Read "skin testing to penicillin was negative", "Amoxicillin: intradermal tests negative"."""
    named = reader.run(cue.end, assertion="present", sure=_RESULT, more=("to_test",)).claims
    end = cue.end
    if named:
        end = named[-1].substance.end
    else:
        before = _before(reader, cue)
        named = [Claim(before, "present", _RESULT)] if before else []
    named = [c for c in named if not is_cue(_words(reader, c.substance), "control")]
    if not named:
        return
    result = _result(reader, end)
    for claim in named:
        if result is None:
            claim.assertion, claim.confidence = "possible", _PLANNED
        else:
            claim.assertion = result
    if result is not None or _is_planned(reader, cue):
        yield from named


def _before(reader: Reader, cue: Cue) -> Substance | None:
    """Return the substance in front of a test: "penicillin skin test", "Amoxicillin: ..."."""
    at = reader.next_substance(cue.start) - 1
    if at < 0:
        return None
    substance = reader.substances[at]
    gap = reader.text[substance.end : cue.start]
    plain = roles_of(gap, ("filler", "light", "test"), " \t\r\n-:")
    return substance if plain is not None and len(gap) < 30 else None


def _result(reader: Reader, offset: int) -> str | None:
    for found in reader.cues_from(offset, offset + _RESULT_WINDOW):
        if found.roles & {"positive", "negative"}:
            read = reader.page.context.read(found.start, found.end)
            negative = "negative" in found.roles or read.assertion == "absent"
            return "absent" if negative else "present"
    return None


def _is_planned(reader: Reader, cue: Cue) -> bool:
    near = reader.cues_from(cue.start - _RESULT_WINDOW, cue.end + _RESULT_WINDOW)
    return any("planned" in found.roles for found in near)


def _words(reader: Reader, substance: Substance) -> str:
    return reader.text[substance.start : substance.end]
