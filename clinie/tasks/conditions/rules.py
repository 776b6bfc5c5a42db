"""The rule-based first rung of the conditions task: problems, tests and procedures."""

from __future__ import annotations

import re
from typing import Any

from clinie.text.assertion import Assertion, ContextReader
from clinie.text.phrases import Mention, mentions
from clinie.text.sections import Section

__all__ = ["extract"]

_NOT_DONE = re.compile(
    r"\b(?:declin|defer|refus|cancel|postpon|held|(?:not|never|n['’]t)\b|"
    r"no (?:\w+ )*(?:history|hx|h/o|prior|previous|recent)\b)",
    re.IGNORECASE,
)
_RESULT = re.compile(r"\s*[:=]?\s*\d")
_BY_SYSTEM = frozenset({"review_of_systems", "exam"})
_SYSTEMS = frozenset({"MS"})  # musculoskeletal there, multiple sclerosis elsewhere
_TITLES_THAT_NAME = frozenset({"other", "labs", "imaging", "assessment", "plan"})


def extract(text: str) -> list[dict[str, Any]]:
    """Find problems, tests and procedures with assertion, temporality and relative.

    Parameters
    ----------
    text : str
        A note, or a window of one.

    Returns
    -------
    list of dict
        Items of the canonical JSON grammar in text order. ``confidence`` is ordinal: terms of
        several words before single words, then guesses by ending, then ambiguous acronyms.

    Notes
    -----
    Deterministic; time linear in the text.
    """
    context = ContextReader(text)
    return [
        _item(text, mention, context)
        for mention in mentions(text, context.sentences)
        if not _is_title(text, mention, context.section(mention.start))
    ]


def _item(text: str, mention: Mention, context: ContextReader) -> dict[str, Any]:
    read = context.read(mention.start, mention.end)
    item: dict[str, Any] = {
        "text": text[mention.start : mention.end],
        "label": mention.label,
        "start": mention.start,
        "assertion": _assertion(text, mention, read, context.section(mention.start)),
        "temporality": read.temporality,
    }
    if read.relative:
        item["relative"] = read.relative
    item["confidence"] = mention.confidence
    return item


def _assertion(text: str, mention: Mention, read: Assertion, section: Section) -> str:
    """Return the assertion of a mention; tests and procedures are acts, not states.

    A negative or doubtful *result* does not undo the act: the test of "influenza PCR negative" was
    done, that of "stress test declined" was not. What a plan lists without more is to come,
    unless a value stands behind it.
    """
    if mention.label == "problem" or read.assertion in ("family", "hypothetical", "conditional"):
        return read.assertion
    planned = section.kind == "plan" and not _RESULT.match(text, mention.end)
    if read.assertion == "present" or read.cue is None:
        return "hypothetical" if planned and read.temporality == "current" else read.assertion
    cue_start, cue_end = read.cue
    if read.assertion == "possible":
        considered = text[cue_end : mention.start].strip() == "" and cue_start < mention.start
        return "hypothetical" if considered or planned else "present"
    act = mention.label == "procedure" or _NOT_DONE.search(text[cue_start:cue_end])
    return "absent" if act else "present"


def _is_title(text: str, mention: Mention, section: Section) -> bool:
    """Tell whether a mention is but the heading of a section.

    A heading that as a whole names a problem or a test ("Hypertension:") is a mention.
    """
    if mention.start >= section.body:
        # "MS: no joint pain" in a review of systems names a system
        name, after = text[mention.start : mention.end], text[mention.end : mention.end + 1]
        return section.kind in _BY_SYSTEM and name in _SYSTEMS and after == ":"
    whole = mention.end - mention.start >= len(section.title.strip(" :.-"))
    named = section.kind == "other" and mention.label == "problem"
    return not (named or (whole and section.kind in _TITLES_THAT_NAME))
