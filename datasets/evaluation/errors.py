"""Every error of a prediction, with its kind and its place.

Spans are matched strictly first. Of what is left, a gold and a predicted span of one label that
overlap are *wrong boundaries*, overlapping ones of two labels a *wrong label*; the rest is *missed*
or *spurious*. A matched span with another value of an attribute is a *wrong value*. Relations whose
ends overlap those of a gold relation of the same label are right here: what is wrong with their
ends is told of the spans.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from clinie.datasets.evaluation.attributes import NONE
from clinie.datasets.evaluation.pairs import Pair
from clinie.datasets.scoring import (
    Mode,
    match_labels,
    match_relations,
    match_spans,
    said_once,
)
from clinie.schema import Extraction, Label, Relation, Span

__all__ = ["KINDS", "Error", "Place", "errors"]

KINDS = (
    "missed",
    "spurious",
    "wrong boundaries",
    "wrong label",
    "wrong value",
    "relation missed",
    "relation spurious",
    "statement missed",
    "statement spurious",
)
"""Kinds of error, in the order in which they are told."""

Side = Literal["gold", "predicted"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span of one side stands: half-open code point offsets."""

    side: Side
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Error:
    """One error.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    label : str
        Label of the gold item; of the predicted one where there is no gold.
    document_id : str
    gold, predicted : str
        What either side says; empty where it says nothing. May be words of the note.
    hint : str
        What is known about the cause, never words of the note.
    places : tuple of Place
    confidence : float, optional
        Of the predicted item.
    """

    kind: str
    label: str
    document_id: str
    gold: str = field(default="", repr=False)
    predicted: str = field(default="", repr=False)
    hint: str = ""
    places: tuple[Place, ...] = ()
    confidence: float | None = None


def errors(pair: Pair, *, labels: bool = True) -> Iterator[Error]:
    """Yield the errors of one document, in the order of `KINDS`.

    Parameters
    ----------
    pair : Pair
    labels : bool
        Also compare the labels of the document.
    """
    found = [*_span_errors(pair), *_relation_errors(pair), *(_label_errors(pair) if labels else ())]
    yield from sorted(found, key=lambda error: KINDS.index(error.kind))


def _span_errors(pair: Pair) -> Iterator[Error]:
    gold, predicted = list(pair.gold.spans), list(pair.predicted.spans)
    matched = _take(gold, predicted, "strict")
    for one, other in matched:
        yield from _value_errors(pair, one, other)
    for one, other in _take(gold, predicted, "relaxed"):
        yield _between(pair, "wrong boundaries", one, other)
        yield from _value_errors(pair, one, other)
    for one, other in _take(gold, predicted, "relaxed", any_label=True):
        yield replace(_between(pair, "wrong label", one, other), hint=f"called {other.label}")
    for span in gold:
        yield _alone(pair, "missed", span, "gold")
    for span in predicted:
        yield _alone(pair, "spurious", span, "predicted")


def _take(
    gold: list[Span], predicted: list[Span], mode: Mode, *, any_label: bool = False
) -> list[tuple[Span, Span]]:
    """Match spans, and take them out of the lists."""
    ours, theirs = gold, predicted
    if any_label:
        ours, theirs = ([replace(s, label="") for s in spans] for spans in (gold, predicted))
    pairs = match_spans(ours, theirs, mode)
    taken = [(gold[g], predicted[p]) for g, p in pairs]
    for number in sorted((g for g, _ in pairs), reverse=True):
        del gold[number]
    for number in sorted((p for _, p in pairs), reverse=True):
        del predicted[number]
    return taken


def _value_errors(pair: Pair, gold: Span, predicted: Span) -> Iterator[Error]:
    for name, value in gold.attributes.items():
        said = predicted.attributes.get(name)
        if said != value:
            error = _between(pair, "wrong value", gold, predicted)
            yield replace(
                error,
                gold=NONE if value is None else value,
                predicted=NONE if said is None else said,
                hint=name,
            )


def _between(pair: Pair, kind: str, gold: Span, predicted: Span) -> Error:
    return Error(
        kind,
        gold.label,
        pair.document_id,
        gold.text,
        predicted.text,
        places=(*_places("gold", gold), *_places("predicted", predicted)),
        confidence=predicted.confidence,
    )


def _alone(pair: Pair, kind: str, span: Span, side: Side) -> Error:
    error = Error(
        kind,
        span.label,
        pair.document_id,
        places=tuple(_places(side, span)),
        confidence=span.confidence if side == "predicted" else None,
    )
    return _said(error, side, span.text)


def _places(side: Side, *spans: Span) -> list[Place]:
    return [
        Place(side, start, end)
        for span in spans
        for start, end in span.fragments or ((span.start, span.end),)
    ]


def _said(error: Error, side: Side, words: str) -> Error:
    return replace(error, gold=words) if side == "gold" else replace(error, predicted=words)


def _relation_errors(pair: Pair) -> Iterator[Error]:
    matched = match_relations(pair.gold, pair.predicted, "relaxed")
    right = {g for g, _ in matched}, {p for _, p in matched}
    yield from _unmatched(pair.gold, pair.predicted, right[0], "relation missed", "gold")
    yield from _unmatched(pair.predicted, pair.gold, right[1], "relation spurious", "predicted")


def _unmatched(
    ours: Extraction, theirs: Extraction, right: set[int], kind: str, side: Side
) -> Iterator[Error]:
    spans = {span.id: span for span in ours.spans}
    known = {ours.spans[k].id for k, _ in match_spans(ours.spans, theirs.spans, "relaxed")}
    other = "prediction" if side == "gold" else "gold"
    for number, link in enumerate(ours.relations):
        if number not in right:
            head, tail = spans[link.head], spans[link.tail]
            error = Error(
                kind,
                link.label,
                ours.document_id,
                hint=_lacking(link, known, other),
                places=tuple(_places(side, head, tail)),
                confidence=link.confidence if side == "predicted" else None,
            )
            yield _said(error, side, f"{head.text} → {tail.text}")


def _lacking(link: Relation, known: set[str], other: str) -> str:
    ends = [name for name, id in (("head", link.head), ("tail", link.tail)) if id not in known]
    return f"no {' and no '.join(ends)} in the {other}" if ends else f"both ends are in the {other}"


def _label_errors(pair: Pair) -> Iterator[Error]:
    gold, predicted = said_once(pair.gold.labels), said_once(pair.predicted.labels)
    matched = match_labels(gold, predicted)
    sides: tuple[tuple[Side, str, Extraction, list[Label], set[int]], ...] = (
        ("gold", "statement missed", pair.gold, gold, {g for g, _ in matched}),
        ("predicted", "statement spurious", pair.predicted, predicted, {p for _, p in matched}),
    )
    for side, kind, record, labels, right in sides:
        spans = {span.id: span for span in record.spans}
        for number, label in enumerate(labels):
            if number not in right:
                about: Sequence[Span] = [spans[label.span]] if label.span in spans else []
                error = Error(
                    kind,
                    label.name,
                    pair.document_id,
                    places=tuple(_places(side, *about)),
                    confidence=label.confidence if side == "predicted" else None,
                )
                yield _said(error, side, label.value)
