"""JSON answers: the canonical grammar, its dialects, and what is nearly JSON.

Canonical::

    {"items": [{"text": "Lasix", "label": "medication", "start": 0, "status": "active",
                "confidence": 0.97, "dosage": [{"text": "40 mg", "start": 6}], "route": "IV"}],
     "no_known_allergies": true}

Also a bare list, a list under any one key, lists keyed by label (``{"problem": [...]}``), objects
keyed by mention (``{"Lasix": {"status": "active"}}``), one object per line, strings for objects.
"""

from __future__ import annotations

import json
import re
from typing import Any

from clinie.resolvers.grammars.lenient import TooDeepError, read_lenient
from clinie.resolvers.grammars.reading import Reading
from clinie.resolvers.items import Item, Statement
from clinie.resolvers.vocabulary import Vocabulary, flat, is_none, probability, whole_number, words

__all__ = ["find_json", "read_json"]

_CANDIDATE = re.compile(r"(?:\A|[\n>`:])[ \t]*(?=\{\s*[\"'“}\w]|\[\s*[\"'“{\]])")
_NEXT = re.compile(r"[\s,`]*(?=[{\[])")
_DECODER = json.JSONDecoder()
_DEEPEST = 8
_LONGEST_SHOWN = 200


def find_json(text: str) -> int | None:
    """Return where the first JSON value of an answer begins, or None.

    An object or array counts at the start of a line or after a colon, a fence or a tag; a bullet
    line before it makes the answer one of bullets, unless the value is valid JSON.
    """
    found = _CANDIDATE.search(text)
    return found.end() if found else None


def is_strict(text: str, start: int) -> bool:
    """Tell whether a valid, non-trivial JSON value begins at ``start``."""
    try:
        return bool(_DECODER.raw_decode(text, start)[0])
    except (ValueError, RecursionError):
        return False


def read_json(text: str, vocabulary: Vocabulary) -> Reading:
    """Read every JSON value of an answer; prose around them is chatter."""
    reading = Reading()
    at, start, prose = 0, find_json(text), []
    while start is not None:
        prose.append(text[at:start])
        value, at, fits = _decode(text, start, reading)
        if fits:
            _collect(value, None, vocabulary, reading, 0)
        follows = _NEXT.match(text, at) or _CANDIDATE.search(text, at)
        start = follows.end() if follows else None
    prose.append(text[at:])
    _note_chatter(prose, reading)
    reading.said_none = not reading.items and not reading.labels and not reading.notes
    return reading


def _decode(text: str, start: int, reading: Reading) -> tuple[Any, int, bool]:
    """Return the value at ``start``, where it ends, and whether anything could be made of it."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        pass
    else:
        return value, end, True
    try:
        lenient = read_lenient(text, start)
    except TooDeepError:
        reading.note("malformed", None, "reject")
        return None, len(text), False
    if not lenient.complete:
        reading.note("truncated", None, "flag")
    else:
        reading.note("repaired_json", None, "info")
    for raw in lenient.dropped:
        reading.note("truncated", words(raw[:_LONGEST_SHOWN]), "reject")
    return lenient.value, lenient.end, True


def _note_chatter(prose: list[str], reading: Reading) -> None:
    said = [words(re.sub(r"```\w*|^\s*json\b|</?\w{1,20}>", "", part)[:_LONGEST_SHOWN])
            for part in prose]  # fmt: skip
    said = [part for part in said if part.strip(" \t\n,;.:]}`")]
    if said:
        reading.note("chatter", said[0], "info")


def _collect(
    value: Any, label: str | None, vocabulary: Vocabulary, reading: Reading, depth: int
) -> None:
    """Turn a decoded value into items, all under ``label`` unless they carry their own."""
    if depth > _DEEPEST:
        reading.note("malformed", None, "reject")
    elif isinstance(value, list):
        for entry in value:
            _collect(entry, label, vocabulary, reading, depth + 1)
    elif isinstance(value, dict):
        _collect_object(value, label, vocabulary, reading, depth)
    elif isinstance(value, str):
        role, name = vocabulary.role(value)
        if role == "document":
            reading.labels.append(Statement(name, "true"))
        elif not vocabulary.says_none(value):
            reading.items.append(Item(words(value), label=label))
    elif value is not None and value is not False:
        reading.note("malformed", words(value), "reject")


def _collect_object(
    value: dict[str, Any], label: str | None, vocabulary: Vocabulary, reading: Reading, depth: int
) -> None:
    fields = _take_document_labels(value, vocabulary, reading)
    head = _head(fields, vocabulary)
    if head is not None:
        item = _item(fields, head, label, vocabulary)
        if not vocabulary.says_none(item.text):
            reading.items.append(item)
        return
    orphans = Item("")
    for key, content in fields.items():
        role, name = vocabulary.role(key)
        if is_none(content):
            continue
        if isinstance(content, dict) and role == "unknown" and _is_fields(content, vocabulary):
            _collect({"text": key, **content}, label, vocabulary, reading, depth + 1)
        elif isinstance(content, (list, dict)) or role in ("label", "relation"):
            if role == "relation" and depth and not _is_list_of_items(content):
                orphans.parts.extend(vocabulary.parts(name, content))
                continue
            group = vocabulary.label(key) or (None if role in ("group", "head") else words(key))
            lone = len(fields) == 1 and role == "unknown"
            _collect(content, label if lone else group or label, vocabulary, reading, depth + 1)
        else:
            reading.note("outside_label_set", words(key), "info")
    reading.items.extend(Item(p.text, p.label, p.start, confidence=p.confidence)
                         for p in orphans.parts)  # fmt: skip


def _take_document_labels(
    value: dict[str, Any], vocabulary: Vocabulary, reading: Reading
) -> dict[str, Any]:
    """Move document labels to the reading; return the other fields."""
    rest = {}
    for key, content in value.items():
        role, name = vocabulary.role(str(key))
        if role != "document":
            rest[str(key)] = content
            continue
        for entry in _entries(content, vocabulary):
            statement = _statement(name, entry, vocabulary)
            if statement is not None:
                reading.labels.append(statement)
    return rest


def _entries(content: Any, vocabulary: Vocabulary) -> list[Any]:
    """Return the values of a document label, also of ``{"control": "placebo", ...}``."""
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        roles = {key: vocabulary.role(str(key))[0] for key in content}
        if "head" not in roles.values():
            told = [key for key, role in roles.items() if role not in ("start", "confidence")]
            if len(told) > 1:
                return [content[key] for key in told]
    return [content]


def _statement(name: str, entry: Any, vocabulary: Vocabulary) -> Statement | None:
    """Read a document label: a value, or an object that holds it with its offset."""
    start = confidence = None
    value = entry
    if isinstance(entry, dict):
        roles = {vocabulary.role(str(key))[0]: content for key, content in entry.items()}
        start = whole_number(roles.get("start"))
        confidence = probability(roles.get("confidence"))
        value = roles.get("head", next(iter(entry.values()), None))
    if value is False or is_none(value):
        return None
    return Statement(name, flat(value), start, confidence=confidence)


def _head(fields: dict[str, Any], vocabulary: Vocabulary) -> str | None:
    """Return the key under which an object names its mention, or None for a group of items."""
    scalars = [key for key, content in fields.items() if isinstance(content, (str, int, float))]
    for wanted in ("head", "label", "relation"):
        for key in scalars:
            if vocabulary.role(key)[0] == wanted and (wanted != "relation" or len(fields) == 1):
                return key
    return None


def _item(fields: dict[str, Any], head: str, label: str | None, vocabulary: Vocabulary) -> Item:
    item = Item(words(fields[head]), label=label)
    if vocabulary.role(head)[0] in ("label", "relation"):
        item.label = vocabulary.label(head)
    for key, content in fields.items():
        if key != head:
            vocabulary.set_field(item, key, content)
    return item


def _is_fields(content: dict[str, Any], vocabulary: Vocabulary) -> bool:
    """Tell whether an object holds the fields of one item (whose mention is then its key)."""
    roles = {vocabulary.role(str(key))[0] for key in content}
    return (
        bool(content)
        and "head" not in roles
        and bool(roles & {"attribute", "relation", "start", "confidence", "kind"})
    )


def _is_list_of_items(content: Any) -> bool:
    return isinstance(content, list) and any(isinstance(entry, dict) for entry in content)
