"""From resolved windows to one record: merge, order, number, decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from clinie.prompts.base import Window
from clinie.resolvers.items import Item
from clinie.resolvers.program import Resolution
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

_Place = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a rejector says about every item, and why."""

    decision: Decision = None
    reason: str = NO_ERROR_LEVEL


@dataclass(slots=True)
class _Mention:
    """A span in the making: one label at one place, whoever claimed it."""

    label: str
    place: _Place
    attributes: dict[str, str | None] = field(default_factory=dict)
    confidence: float | None = None

    def claim(self, item: Item) -> None:
        self.attributes = {**item.attributes, **self.attributes}
        self.confidence = _surer(self.confidence, item.confidence)


def _surer(one: float | None, other: float | None) -> float | None:
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None


def assemble(
    document: Document,
    task: str,
    resolved: Sequence[tuple[Window, Resolution]],
    *,
    windows: Windows,
    findings: Iterable[Finding],
    trace: Trace,
    ruling: Ruling,
) -> Extraction:
    """Put the resolved windows of a document together.

    Spans are numbered in text order; the same label at the same place is one span, however many
    heads it is related to.

    Parameters
    ----------
    document : Document
    task : str
        Versioned task name.
    resolved : sequence of (Window, Resolution)
    windows : Windows
        How many windows there were, and how many failed.
    findings : iterable of Finding
        Findings about the document as a whole, in document offsets.
    trace : Trace
    ruling : Ruling
    """
    mentions: dict[tuple[str, _Place], _Mention] = {}
    links: dict[tuple[str, tuple[str, _Place], tuple[str, _Place]], float | None] = {}
    labels: dict[tuple[str, str, tuple[str, _Place] | None], float | None] = {}
    all_findings = list(findings)
    for window, resolution in resolved:
        for item in resolution.items:
            head = _claim(mentions, item, window.start)
            for part in item.parts:
                tail = _claim(mentions, part, window.start)
                key = (part.relation or part.label or "", head, tail)
                links[key] = _surer(links.get(key), part.confidence)
        for said in resolution.labels:
            named = _claim(mentions, said.item, window.start) if said.item else None
            label = (said.name, said.value, named)
            labels[label] = _surer(labels.get(label), said.confidence)
        all_findings += [_shift(finding, window.start) for finding in resolution.findings]

    keys = sorted(mentions, key=lambda key: (key[1][0][0], -key[1][-1][1], key[0], key[1]))
    ids = {key: f"s{number}" for number, key in enumerate(keys)}
    spans = tuple(_span(document, ids[key], mentions[key], ruling, trace.tier) for key in keys)
    order = sorted(links, key=lambda k: (int(ids[k[1]][1:]), int(ids[k[2]][1:]), k[0]))
    shared = {"decision": ruling.decision, "reason": ruling.reason, "tier": trace.tier}
    return Extraction(
        document_id=document.id,
        task=task,
        spans=spans,
        relations=tuple(
            Relation(f"r{n}", k[0], ids[k[1]], ids[k[2]], confidence=links[k], **shared)  # type: ignore[arg-type]
            for n, k in enumerate(order)
        ),
        labels=tuple(
            Label(f"l{n}", k[0], k[1], k[2] and ids[k[2]], confidence=labels[k], **shared)  # type: ignore[arg-type]
            for n, k in enumerate(labels)
        ),
        findings=tuple(all_findings),
        complete=windows.failed == 0,
        windows=windows,
        decision=ruling.decision,
        reason=ruling.reason,
        trace=(trace,),
        document=document,
    )


def _claim(
    mentions: dict[tuple[str, _Place], _Mention], item: Item, offset: int
) -> tuple[str, _Place]:
    place = tuple((start + offset, end + offset) for start, end in item.spans)
    key = (item.label or "", place)
    mentions.setdefault(key, _Mention(*key)).claim(item)
    return key


def _span(document: Document, name: str, mention: _Mention, ruling: Ruling, tier: str) -> Span:
    start, end = mention.place[0][0], mention.place[-1][1]
    return Span(
        id=name,
        label=mention.label,
        start=start,
        end=end,
        text=document.text[start:end],
        fragments=mention.place if len(mention.place) > 1 else None,
        attributes=mention.attributes,
        confidence=mention.confidence,
        decision=ruling.decision,
        reason=ruling.reason,
        tier=tier,
    )


def _shift(finding: Finding, offset: int) -> Finding:
    if finding.start is None or finding.end is None:
        return finding
    return Finding(
        finding.code,
        finding.severity,
        finding.item,
        finding.start + offset,
        finding.end + offset,
    )
