"""What a report is asked: the document's own question, or the primary outcome of its two arms."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Question", "is_question", "is_trial", "question"]

_NAMES = ("outcome", "intervention", "comparator")
_READ = 40_000
"""Characters in which aim, arms and primary outcome stand."""
_RANDOMISED = re.compile(
    r"(?i)\brandomi[sz](?:ed|ation)\b|\brandom(?:ly)? (?:assign|allocat|divid)|\brandom order\b"
)
_SIGNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bprimary (?:\w+ )?(?:outcome|end ?-?point|efficacy)",
        r"\bplacebo\b|\bcontrol (?:group|arm)\b|\bversus\b|\bcompared with\b|\busual care\b",
        r"\(n ?= ?\d|\bp ?[<=] ?0?[.·]\d|\b95 ?% (?:CI|confidence)",
        r"\bconclusions?\b|\binterpretation\b|\bfindings\b|\btrial registration\b",
        r"\b(?:double|single)[- ]blind|\bopen[- ]label\b|\ballocation\b|\bintention to treat\b",
    )
)
_NEEDED = 3
_PRIMARY = re.compile(
    r"(?i)\bprimary (?:\w+ )?(?:outcomes?|end ?-?points?)(?: measures?| variables?)?"
    r"(?:,? (?:was|were|is)\b|:)(?: defined as)?(?: the)?\s+([^.;:(]{3,120})"
    r"|(?m:^)[ \t]*(?:main|primary) outcomes?(?: measures?)?[.:]?\s+(?:primary: )?([^.;:(]{3,120})"
    r"|\bprimary: ([^.;:(]{3,120})"
)
_COMPARED = re.compile(
    r"(?i)\bcompar(?:e|es|ed|ing)\s+([^.;:,()]{3,60}?)\s+(?:with|to|and|versus|vs\.?)\s+([^.;:,()]{3,60})"
)
_WHEN = re.compile(
    r"(?i),|\b(?:assessed|measured|defined|at|on|within|by|over|after|during|up to)\b"
)
_ARMS = re.compile(
    r"(?i)\b(?:assigned|randomi[sz]ed|allocated|given|received?)\b[^.;:]{0,80}?"
    r"\b(?:to|given|receive|received|either)\s+(?:receive\s+|either\s+)?"
    r"([^.;:,]{3,80}?)\s+(?:or|versus|vs\.?|and)\s+(?:to\s+)?([^.;:,]{3,80})"
)
_VERSUS = re.compile(
    r"(?i)\b([\w-]{4,40}(?: [\w.]{1,12}){0,4})\s+(?:versus|vs?\.?|or|and|compared with)\s+"
    r"((?:matching )?placebo|sham[\w -]{0,20}|usual care|standard care|no treatment|control)"
)
_TO = re.compile(r"(?i)\b(?:to|of|with|given|receiv\w+|either|between|comparing)\b")
_ABOUT = re.compile(r"(?i)\b(?:in|for|on|at|during|after|among|as|every|once|twice)\b")
_REFERENCE = re.compile(r"(?i)\b(?:placebo|sham|usual care|standard care|control|no treatment)\b")


@dataclass(frozen=True, slots=True)
class Question:
    """An outcome and the words for two arms; `asked` when the document brought them."""

    outcome: str
    intervention: str
    comparator: str
    asked: bool


def is_trial(text: str) -> bool:
    """Tell whether a text reports a randomised trial: it says so, and reads like a report."""
    head = text[:_READ]
    return (
        bool(_RANDOMISED.search(head))
        and sum(sign.search(head) is not None for sign in _SIGNS) >= _NEEDED
    )


def is_question(metadata: Mapping[str, Any]) -> bool:
    """Tell whether a document brings a whole question: outcome, intervention and comparator."""
    return all(metadata.get(name) for name in _NAMES)


def question(text: str, metadata: Mapping[str, Any]) -> Question | None:
    """Return what is asked of a report, or None where neither says what the arms are."""
    said = {name: str(metadata.get(name) or "") for name in _NAMES}
    if is_question(metadata):
        return Question(**said, asked=True)
    head = text[:_READ]
    outcome = said["outcome"] or _primary(head)
    arms = _arms(head)
    if not outcome or arms is None:
        return None
    return Question(
        outcome, said["intervention"] or arms[0], said["comparator"] or arms[1], asked=False
    )


def _primary(head: str) -> str:
    found = _PRIMARY.search(head)
    said = next(filter(None, found.groups())) if found else ""
    return _WHEN.split(said)[0].strip()


def _arms(head: str) -> tuple[str, str] | None:
    """Return the words for intervention and comparator: the reference treatment comes second."""
    found = _VERSUS.search(head) or _COMPARED.search(head) or _ARMS.search(head)
    if found is None:
        return None
    one, other = (_ABOUT.split(_TO.split(words)[-1])[0].strip() for words in found.groups())
    if _REFERENCE.search(one) and not _REFERENCE.search(other):
        one, other = other, one
    return one, other
