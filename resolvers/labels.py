"""Mapping a model's words for labels and values onto the task's closed label set."""

from __future__ import annotations

import re

from clinie.resolvers.checks import reject
from clinie.resolvers.grammars.reading import KEYLESS
from clinie.resolvers.items import Item, State
from clinie.resolvers.statements import map_statements
from clinie.resolvers.vocabulary import Vocabulary, closed_value, is_none, key_form, vocabulary_of
from clinie.schema import LabelSpec

__all__ = ["map_labels"]

_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})


def map_labels(state: State) -> None:
    """Map labels and attribute values onto the closed label set: `outside_label_set`.

    ``"Lasix" (currently taking)`` becomes status ``active``; an item of a label that the task
    does not have (``social history``) is dropped; a value that cannot be mapped becomes the first
    of its set, with a flag. Case, spacing, plurals and synonyms do not matter. Statements about
    the document are mapped too (`map_statements`).
    """
    map_statements(state)
    vocabulary = vocabulary_of(state.question.schema)
    kept = []
    for item in state.items:
        keyless = _pieces(item.attributes.pop(KEYLESS, None))
        spec = _label(item, keyless, vocabulary)
        if spec is None:
            reject(state, "outside_label_set", item)
            continue
        item.label = spec.name
        _map_attributes(state, item, keyless, spec)
        _keep_parts(state, item, vocabulary)
        kept.append(item)
    state.items = kept


def _pieces(raw: str | None) -> list[str]:
    return [piece.strip() for piece in re.split(r"[\n,;/|]", raw or "") if piece.strip()]


def _label(item: Item, keyless: list[str], vocabulary: Vocabulary) -> LabelSpec | None:
    """Return the item's label; a label among the values without a name is taken out of them."""
    schema = vocabulary.schema
    for piece in keyless:
        role, name = vocabulary.role(piece)
        if role == "label" or (role == "relation" and item.label is None):
            keyless.remove(piece)
            return schema.label(vocabulary.label(name) or name)
    if item.label is None:
        return schema.labels[0] if schema.labels else None
    own = vocabulary.label(item.label)
    return schema.label(own) if own else None


def _map_attributes(state: State, item: Item, keyless: list[str], spec: LabelSpec) -> None:
    said = dict(item.attributes)
    values: dict[str, str | None] = {}
    for name, allowed in spec.attributes.items():
        raw = said.pop(name, None)
        values[name] = closed_value(raw, allowed) if raw and allowed else None
        if values[name] is None and not is_none(raw):
            values[name] = allowed[0] if allowed else raw
            if allowed:
                state.find("outside_label_set", raw, severity="flag")
    _place_keyless(state, keyless, spec, values)
    _place_statements(state, said, spec, values)
    for name, allowed in spec.attributes.items():
        if allowed and values[name] is None:
            values[name] = allowed[0]
    # Free text that nobody stated is left out; a stated null (an abstention) stays.
    item.attributes = {
        name: value
        for name, value in values.items()
        if value is not None or name in item.attributes
    }


def _place_keyless(
    state: State, keyless: list[str], spec: LabelSpec, values: dict[str, str | None]
) -> None:
    """Give each value without a name to the first attribute that knows it and has none yet."""
    for piece in keyless:
        for name, allowed in spec.attributes.items():
            if values[name] is None and allowed:
                values[name] = closed_value(piece, allowed)
                if values[name] is not None:
                    break
        else:
            free = [n for n, allowed in spec.attributes.items() if not allowed and not values[n]]
            known = any(a and closed_value(piece, a) for a in spec.attributes.values())
            if known or is_none(piece):
                continue
            if free:
                values[free[0]] = piece
            else:
                state.find("outside_label_set", piece, severity="flag")


def _place_statements(
    state: State, said: dict[str, str | None], spec: LabelSpec, values: dict[str, str | None]
) -> None:
    """Read ``negated: true`` as a value; a field that nobody asked for is only noted."""
    for key, raw in said.items():
        form = key_form(raw or "")
        if form in _NO or is_none(raw):
            continue
        if form in _YES:
            for name, allowed in spec.attributes.items():
                if allowed and values[name] is None:
                    values[name] = closed_value(key, allowed)
                    if values[name]:
                        break
            else:
                state.find("outside_label_set", key, severity="info")
        else:
            state.find("outside_label_set", key, severity="info")


def _keep_parts(state: State, item: Item, vocabulary: Vocabulary) -> None:
    """Keep the parts whose relation may start at the item's label."""
    kept = []
    for part in item.parts:
        spec = vocabulary.relation(part.relation) if part.relation else None
        if spec is not None and spec.head == item.label:
            part.label = spec.tail
            tail = vocabulary.schema.label(spec.tail)
            part.attributes = {}
            if tail:
                _map_attributes(state, part, [], tail)
            kept.append(part)
        else:
            reject(state, "outside_label_set", part)
    item.parts = kept
