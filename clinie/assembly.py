"""From what the tiers claim to one record: order, number, decide, say why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clinie.facts import Claim, Facts, MentionKey
from clinie.schema import (
    NO_ERROR_LEVEL,
    Decision,
    Document,
    Extraction,
    Finding,
    Label,
    Relation,
    Span,
    Trace,
    Windows,
)

__all__ = ["Ruling", "assemble"]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rejector says about every item, and why.

    Parameters
    ----------
    decision : {"accept", "defer", None}
    reason : str
    names_tiers : bool
        Whether the reason of each item also says which tiers claim it: where several might.
    """

    decision: Decision = None
    reason: str = NO_ERROR_LEVEL
    names_tiers: bool = False

    def of(self, claim: Claim) -> dict[str, Any]:
        """Return the fields of an item that say what was decided, and on whose word."""
        reason = f"{self.reason}; {_backing(claim)}" if self.names_tiers else self.reason
        return {
            "confidence": claim.confidence,
            "decision": self.decision,
            "reason": reason,
            "tier": claim.tier,
        }


def _backing(claim: Claim) -> str:
    """Say who stands behind an item."""
    if len(claim.tiers) > 1:
        *others, last = claim.tiers
        return f"{', '.join(others)} and {last} agree"
    return f"{claim.tier} alone, {'sure' if claim.sure else 'not sure'}"


def assemble(
    document: Document,
    task: str,
    facts: Facts,
    *,
    windows: Windows,
    findings: Iterable[Finding],
    trace: Iterable[Trace],
    ruling: Ruling,
) -> Extraction:
    """Make the record of a document.

    Spans are numbered in text order, relations by their spans, statements as they came.

    Parameters
    ----------
    document : Document
    task : str
        Versioned task name.
    facts : Facts
        What is kept of the answers.
    windows : Windows
        How many windows there were, and how many no tier could read.
    findings : iterable of Finding
        In document offsets.
    trace : iterable of Trace
        One entry per tier that was asked, in order.
    ruling : Ruling
    """
    keys = sorted(facts.mentions, key=_by_place)
    ids = {key: f"s{number}" for number, key in enumerate(keys)}
    rank = {key: number for number, key in enumerate(keys)}
    links = sorted(facts.links, key=lambda link: (rank[link[1]], rank[link[2]], link[0]))
    return Extraction(
        document_id=document.id,
        task=task,
        spans=tuple(_span(document, ids[k], k, facts.mentions[k], ruling) for k in keys),
        relations=tuple(
            Relation(f"r{n}", k[0], ids[k[1]], ids[k[2]], **ruling.of(facts.links[k]))
            for n, k in enumerate(links)
        ),
        labels=tuple(
            Label(f"l{n}", name, value, named and ids[named], **ruling.of(claim))
            for n, ((name, value, named), claim) in enumerate(facts.statements.items())
        ),
        findings=tuple(findings),
        complete=windows.failed == 0,
        windows=windows,
        decision=ruling.decision,
        reason=ruling.reason,
        trace=tuple(trace),
        document=document,
    )


def _by_place(key: MentionKey) -> tuple[int, int, MentionKey]:
    """Sort by start, longer mentions first."""
    place = key[1]
    return place[0][0], -place[-1][1], key


def _span(document: Document, name: str, key: MentionKey, claim: Claim, ruling: Ruling) -> Span:
    label, place = key
    start, end = place[0][0], place[-1][1]
    return Span(
        id=name,
        label=label,
        start=start,
        end=end,
        text=document.text[start:end],
        fragments=place if len(place) > 1 else None,
        attributes=claim.attributes,
        **ruling.of(claim),
    )
