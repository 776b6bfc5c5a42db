"""The rule-based first rung of the conditions task: problems, tests and procedures."""

from __future__ import annotations

from typing import Any

from clinie.tasks.conditions.phrases import Mention, mentions
from clinie.text.assertion import ContextReader
from clinie.text.sections import Section

__all__ = ["extract"]

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
        if not _is_title(mention, context.section(mention.start))
    ]


def _item(text: str, mention: Mention, context: ContextReader) -> dict[str, Any]:
    read = context.read(mention.start, mention.end)
    item: dict[str, Any] = {
        "text": text[mention.start : mention.end],
        "label": mention.label,
        "start": mention.start,
        "assertion": read.assertion,
        "temporality": read.temporality,
    }
    if read.assertion == "family" and read.relative:
        item["relative"] = read.relative
    item["confidence"] = mention.confidence
    return item


def _is_title(mention: Mention, section: Section) -> bool:
    """Tell whether a mention is but the heading of a section.

    A heading that as a whole names a problem or a test ("Hypertension:") is a mention.
    """
    if mention.start >= section.body:
        return False
    whole = mention.end - mention.start >= len(section.title.strip(" :.-"))
    named = section.kind == "other" and mention.label == "problem"
    return not (named or (whole and section.kind in _TITLES_THAT_NAME))
