"""Statements about a document as a whole: into closed sets, and onto the note's characters."""

from __future__ import annotations

from clinie.resolvers.grounding import NoteIndex, ground
from clinie.resolvers.index import Spans
from clinie.resolvers.items import Item, State, Statement
from clinie.resolvers.vocabulary import closed_value

__all__ = ["ground_labels", "map_statements"]

_PLAIN = ("true",)


def map_statements(state: State) -> None:
    """Map the values of document labels onto their closed sets: `outside_label_set`.

    ``{"outcome_type": "A) binary"}`` becomes *binary*; a plain statement such as
    ``no_known_allergies`` is made or not, whatever the words. A value that cannot be mapped is
    dropped, since a statement has no default.
    """
    kept = []
    for statement in state.labels:
        spec = state.question.schema.document_label(statement.name)
        allowed = spec.values if spec else ()
        value = statement.value
        if allowed == _PLAIN:
            value = _PLAIN[0]
        elif allowed:
            value = closed_value(statement.value, allowed) or ""
        if value:
            statement.value = value
            kept.append(statement)
        else:
            state.find("outside_label_set", f"{statement.name}: {statement.value}")
    state.labels = kept


def ground_labels(state: State) -> None:
    """Ground the document labels whose values name something in the note, each at a span.

    The trial arm *placebo* points at the span *placebo*; an arm that the article does not name is
    dropped with the finding that `clinie.resolvers.ground` gives. Two labels of one name at one
    place are one: `duplicate`. Runs after `ground_items`.
    """
    schema = state.question.schema
    if not any(spec.span for spec in schema.document_labels):
        return
    index = NoteIndex(state.question.text)
    kept: dict[object, Statement] = {}
    for statement in state.labels:
        spec = schema.document_label(statement.name)
        if spec is None or spec.span is None or statement.item is not None:
            kept[id(statement)] = statement
            continue
        grounding = ground(statement.value, index, hint=statement.start)
        if not grounding.spans:
            for code in grounding.findings or ("ungrounded",):
                state.find(code, statement.value)
            continue
        statement.item = _mention(state, grounding.spans, spec.span, statement)
        key = (statement.name, grounding.spans)
        if kept.setdefault(key, statement) is not statement:
            state.find("duplicate", statement.item, severity="info")
    state.labels = list(kept.values())


def _mention(state: State, spans: Spans, label: str, statement: Statement) -> Item:
    """Return the item at a place, any part included, or a new one of the label."""
    items = [item for head in state.items for item in (head, *head.parts)]
    here = [item for item in items if item.spans == spans]
    if here:
        return next((item for item in here if item.label == label), here[0])
    item = Item(statement.value, label, spans=spans, confidence=statement.confidence)
    spec = state.question.schema.label(label)
    item.attributes = {name: v[0] for name, v in spec.attributes.items() if v} if spec else {}
    state.items.append(item)
    return item
