"""From an answer to items, whichever grammar the answer is in.

How the grammar is recognised, in this order:

1. JSON, when an object or array opens at the start of a line (or after a colon, a fence, a tag)
   and no bullet comes before it, or when it is valid JSON wherever it opens;
2. tagged text, when it holds a tag or a link that names a label of the task;
3. bullets, for everything else; a Markdown table is read as bullets.

Reasoning in ``<think>`` is no part of an answer.
"""

from __future__ import annotations

from clinie.resolvers.grammars.bullets import MARKER, read_bullets
from clinie.resolvers.grammars.jsonish import find_json, is_strict, read_json
from clinie.resolvers.grammars.reading import Reading
from clinie.resolvers.grammars.tables import rows_as_bullets
from clinie.resolvers.grammars.tagged import is_tagged, read_tagged
from clinie.resolvers.items import State
from clinie.resolvers.vocabulary import vocabulary_of
from clinie.schema import TaskSchema

__all__ = ["parse", "read"]


def parse(state: State) -> None:
    """Read the answer's text into items and document labels.

    An answer ``- "Lasix" (active)`` becomes an item with the model's own words; they are mapped,
    grounded and checked by later steps. Findings: `repaired_json`, `truncated`, `chatter`,
    `malformed`.
    """
    text = state.answer.text
    if not text.strip():
        return
    reading = read(text, state.question.schema, state.question.text, state.answer.truncated)
    state.items.extend(reading.items)
    state.labels.extend(reading.labels)
    truncated = state.answer.truncated
    for code, item, severity in reading.notes:
        if code == "truncated" and item is None:
            truncated = True
        else:
            state.find(code, item, severity=severity)
    if truncated:
        state.find("truncated", severity="flag")
    explained = any(finding.severity != "info" for finding in state.findings)
    if not (reading.items or reading.labels or reading.said_none or explained):
        state.find("malformed")


def read(text: str, schema: TaskSchema, note: str = "", truncated: bool = False) -> Reading:
    """Read an answer by the grammar it is in. Total, and linear in the length of the text."""
    vocabulary = vocabulary_of(schema)
    text = _without_reasoning(text).lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    start = find_json(text)
    if start is not None and _is_json(text, start):
        return read_json(text, vocabulary)
    if is_tagged(text, vocabulary):
        return read_tagged(text, vocabulary, note)
    return read_bullets(rows_as_bullets(text), vocabulary, truncated=truncated)


def _without_reasoning(text: str) -> str:
    _, closed, rest = text.rpartition("</think>")
    if closed:
        return rest
    return "" if text.lstrip().startswith("<think>") else text


def _is_json(text: str, start: int) -> bool:
    *before, own = text[:start].split("\n")
    if MARKER.match(own):  # a list of values within a bullet
        return False
    return not any(map(MARKER.match, before)) or is_strict(text, start)
