"""The rule-based first rung of the pico task."""

from __future__ import annotations

from typing import Any

from clinie.tasks.pico.arms import Arm, find_arms
from clinie.tasks.pico.claims import Claim, settle
from clinie.tasks.pico.gate import reports_a_trial
from clinie.tasks.pico.outcomes import find_outcomes
from clinie.tasks.pico.participants import find_participants
from clinie.tasks.pico.reading import Report
from clinie.tasks.pico.treatments import find_treatments

__all__ = ["elements", "extract"]


def extract(text: str) -> dict[str, Any]:
    """Find participants, interventions, comparators, outcomes and arms of a trial's report.

    Parameters
    ----------
    text : str
        An abstract or article, or a window of one. A text that is no report of a trial or a
        controlled comparison has no elements.

    Returns
    -------
    dict
        The canonical JSON object: ``items`` in text order, each with ``text``, ``label``,
        ``start`` and an ordinal ``confidence``, and the document label ``arm``.

    Notes
    -----
    Deterministic; time linear in the text.
    """
    if not reports_a_trial(text):
        return {"items": [], "arm": []}
    claims, arms = elements(text)
    return {
        "items": [
            {
                "text": text[one.start : one.end],
                "label": one.label,
                "start": one.start,
                "confidence": one.confidence,
            }
            for one in claims
        ],
        "arm": [
            {"text": text[arm.start : arm.end], "start": arm.start, "confidence": arm.confidence}
            for arm in arms
        ],
    }


def elements(text: str) -> tuple[list[Claim], list[Arm]]:
    """Return the elements of a text that is known to report a trial, and its arms."""
    report = Report(text)
    treatments = find_treatments(report)
    claims = settle([*find_participants(report), *treatments.claims, *find_outcomes(report)])
    arms = find_arms(report, claims, treatments.alias)
    return _with_whole_arms(claims, arms), arms


def _with_whole_arms(claims: list[Claim], arms: list[Arm]) -> list[Claim]:
    """Put one element in the place of those that make up an arm together."""
    whole = [
        Claim(arm.start, arm.end, "intervention", 0.6, "arm")
        for arm in arms
        if not any(one.start == arm.start and one.end == arm.end for one in claims)
    ]
    kept = [
        one
        for one in claims
        if not any(arm.start < one.end and one.start < arm.end for arm in whole)
    ]
    return sorted([*kept, *whole])
