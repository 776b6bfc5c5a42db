"""Bulleted answers, one mention a line, in the many hands that models write.

Canonical::

    - "Lasix" (active); dosage: "40 mg"; route: "IV"

Also read: other markers and numbers, heads without quotes, typographic quotes, values after a
colon, dash or bar instead of in parentheses, fields on lines of their own or as nested bullets,
headings that name a label, blocks of ``Field: value`` lines, and an answer that continues the
prompt's own ``- "``. A line that says *none* ends what it heads; a line that begins another note
(``Input:``) ends the answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from clinie.resolvers.grammars.reading import KEYLESS, Reading
from clinie.resolvers.items import Item, Statement
from clinie.resolvers.vocabulary import Vocabulary, is_none, words

__all__ = ["MARKER", "read_bullets"]

MARKER = re.compile(
    r"[ \t>]*(?:(?:[-*+•‣◦·▪●○–—]|\d{1,3}[.)]|\(\d{1,3}\)|[a-zA-Z][.)])(?=[ \t]|$)|"
    r"[-•‣◦▪●–—*](?=[\"“'‘\[\w*]))[ \t]*(?:\[[ xX]?\][ \t])?"
)
"""What opens a bullet; a dash needs no blank before a quote or a word."""

_STOP = re.compile(
    r"\s*(?:#+\s*)?\**(?:input|note|text|clinical note|example(?: \d+)?|user|human|question|"
    r"patient note|document)\**\s*:|\s*<\||\s*(?:---+|===+)\s*$",
    re.IGNORECASE,
)
_LEAD_IN = re.compile(r"\s*\**(?:output|answer|response|result)s?\**\s*:\s*\**\s*", re.IGNORECASE)
_KEY = re.compile(r"\s*[\"“*_`]*([A-Za-z][A-Za-z _/-]{0,40}?)[\"”*_`]*\s*(?::|=)[*_`]*\s*")
_HEADING = re.compile(r"\s*(?:#+\s*)?[*_]*([A-Za-z][A-Za-z _/&-]{0,60}?)[*_]*\s*:?\s*[*_]*\s*:?$")
_OPENING = {'"': '"', "“": "”", "‘": "’", "'": "'", "`": "`", "«": "»"}
_QUOTE_ENDS = re.compile(r"\s*(?:\Z|[;:,|()\[\]→=.]|[-–—](?:\s|>)|(?:and|or|/)\s*[\"“])")
_BRACKETED = re.compile(r"\s*(?:\(([^()]{1,200})\)|\[([^\[\]]{1,200})\])\s*$")
_LONGEST_BRACKET = 220
_OPENS = {"(": ")", "[": "]"}
_BREAK = re.compile(r"[;,|\"“”()\[\]\t]| [-–—] ")
_LONGEST_SHOWN = 200


@dataclass(slots=True)
class _Sheet:
    """Where the reader is: the item that fields go to, and the label of the last heading."""

    vocabulary: Vocabulary
    reading: Reading = field(default_factory=Reading)
    label: str | None = None
    open: Item | None = None
    unfinished: Item | None = None
    silenced: bool = False  # after "none"
    prose: list[str] = field(default_factory=list)


def read_bullets(text: str, vocabulary: Vocabulary, *, truncated: bool = False) -> Reading:
    """Read an answer line by line.

    ``truncated`` says that the answer was cut off: a last line without its end is then half
    written, and its item is left out.
    """
    sheet = _Sheet(vocabulary)
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if not line.strip() or set(line.strip()) <= set("`|"):
            continue
        if _STOP.match(line) and not _starts_field(line, vocabulary):
            sheet.prose.extend(lines[number:][:1])
            break
        sheet.unfinished = None
        _read_line(line, sheet, first=number == 0)
    reading = sheet.reading
    last = lines[-1].strip()
    if last and (sheet.unfinished is not None or (truncated and sheet.open is not None)):
        _drop_half_written(sheet)
    if sheet.prose and (reading.items or reading.labels or reading.said_none):
        reading.note("chatter", words(sheet.prose[0][:_LONGEST_SHOWN]), "info")
    reading.said_none = reading.said_none and not reading.items
    return reading


def _drop_half_written(sheet: _Sheet) -> None:
    item = sheet.unfinished or sheet.open
    sheet.reading.note("truncated", None, "flag")
    sheet.reading.items = [kept for kept in sheet.reading.items if kept is not item]
    sheet.reading.note("truncated", item, "reject")


def _starts_field(line: str, vocabulary: Vocabulary) -> bool:
    found = _KEY.match(line)
    return bool(found) and vocabulary.role(found.group(1))[0] != "unknown"  # type: ignore[union-attr]


def _read_line(line: str, sheet: _Sheet, *, first: bool) -> None:
    marker = MARKER.match(line)
    body = line[marker.end() :] if marker else line
    body = _plain(body)
    lead = _LEAD_IN.match(body)
    if lead:
        body = body[lead.end() :]
        if not body:
            return
    if _heads(body, sheet, marker=marker is not None):
        return
    if any(map(str.isalnum, body)) and sheet.vocabulary.says_none(body):
        sheet.reading.said_none = sheet.silenced = True
        return
    if sheet.silenced:
        sheet.reading.note("chatter", words(body[:_LONGEST_SHOWN]), "info")
        return
    if sheet.open is not None and _fills(body, sheet.open, sheet):
        return
    primed = first and marker is None and _ends_quote(body)
    if marker or primed or body[:1] in _OPENING or _is_block_head(body, sheet):
        _read_item(body, sheet)
    else:
        sheet.prose.append(line)


def _plain(body: str) -> str:
    """Take Markdown emphasis off: ``**Lasix**`` -> ``Lasix``."""
    return body.replace("**", "").replace("__", "").replace("`", "").strip()


def _heads(body: str, sheet: _Sheet, *, marker: bool) -> bool:
    """Read a heading that names a label, or a document label; tell whether it was one."""
    vocabulary = sheet.vocabulary
    found = _HEADING.match(body)
    if found and body[:1] not in _OPENING:
        role, name = vocabulary.role(found.group(1))
        colon = body.rstrip("*_ ").endswith(":") or body.startswith("#")
        if role == "document":
            if vocabulary.names_something(name):
                sheet.label, sheet.open, sheet.silenced = name, None, False
            else:
                sheet.reading.labels.append(Statement(name, "true"))
            return True
        if role == "group" and (colon or not marker):
            sheet.silenced = False
            return True
        label = vocabulary.label(found.group(1))
        if label and (colon or not marker):
            sheet.label, sheet.open, sheet.silenced = label, None, False
            return True
    return _document_field(body, sheet)


def _document_field(body: str, sheet: _Sheet) -> bool:
    key = _KEY.match(body)
    if not key:
        return False
    role, name = sheet.vocabulary.role(key.group(1))
    if role != "document":
        return False
    value = _unquote(body[key.end() :])
    if not is_none(value) and value.lower() not in ("no", "false"):
        sheet.reading.labels.append(Statement(name, words(value)))
    return True


def _is_block_head(body: str, sheet: _Sheet) -> bool:
    """Tell whether a line without a marker is an item, as ``Medication: Lasix`` is."""
    key = _KEY.match(body)
    if key and (
        sheet.vocabulary.role(key.group(1))[0] in ("label", "head")
        or (sheet.vocabulary.label(key.group(1)) and sheet.open is None)
    ):
        return True
    segments = _segments(body, sheet.vocabulary)
    return len(segments) > 1 and any(
        (found := _KEY.match(s)) and sheet.vocabulary.role(found.group(1))[0] in _FIELDS
        for s in segments[1:]
    )


_FIELDS = ("attribute", "relation", "kind", "start", "confidence")


def _fills(body: str, item: Item, sheet: _Sheet) -> bool:
    """Read a line as fields of the item above it; tell whether it was."""
    segments = _segments(body, sheet.vocabulary)
    keys = [_KEY.match(segment) for segment in segments]
    roles = [sheet.vocabulary.role(key.group(1))[0] if key else "" for key in keys]
    if not roles or roles[0] not in _FIELDS:
        return False
    for segment in segments:
        _set(segment, item, sheet)
    return True


def _read_item(body: str, sheet: _Sheet) -> None:
    """Read one bullet: its head, and what follows it."""
    vocabulary = sheet.vocabulary
    segments = _segments(body, vocabulary)
    head = segments[0] if segments else ""
    item = Item("", label=sheet.label)
    key = _KEY.match(head)
    of_document = sheet.label is not None and vocabulary.names_something(sheet.label)
    if key and head[:1] not in _OPENING and not of_document:
        role = vocabulary.role(key.group(1))[0]
        label = vocabulary.label(key.group(1))
        if role in ("head", "label") or (label and role != "attribute"):
            item.label = label or item.label
            head = head[key.end() :]
            if label and role == "label" and _inline_list(segments, head, label, sheet):
                return
    _read_head(head, item, sheet)
    sheet.open = item
    for segment in segments[1:]:
        _set(segment, item, sheet)
    if vocabulary.says_none(item.text):
        sheet.reading.said_none = sheet.reading.said_none or not item.parts
        sheet.open = None
        return
    sheet.reading.items.append(item)


def _inline_list(segments: list[str], head: str, label: str, sheet: _Sheet) -> bool:
    """Read ``Medications: aspirin, Lasix``: a heading with its items on the same line."""
    entries = [entry for entry in _split(head, ",;") if entry]
    if len(segments) > 1 and any(_KEY.match(segment) for segment in segments[1:]):
        return False
    entries += segments[1:]
    if len(entries) < 2:
        return False
    for entry in entries:
        item = Item("", label=label)
        _read_head(entry, item, sheet)
        if not sheet.vocabulary.says_none(item.text):
            sheet.reading.items.append(item)
    sheet.open = None
    return True


def _read_head(head: str, item: Item, sheet: _Sheet) -> None:
    """Split ``"Lasix" (active)`` into the mention and values without a name."""
    head = head.strip()
    rest = ""
    if head[:1] in _OPENING:
        end = _quote_end(head)
        if end is None:
            item.text = words(head[1:])
            sheet.unfinished = item
            return
        item.text, rest = words(_unescape(head[1:end])), head[end + 1 :]
    elif _ends_quote(head):
        end = head.index('"')
        item.text, rest = words(head[:end]), head[end + 1 :]
    else:
        values: list[str] = []
        end = len(head)
        while found := _BRACKETED.search(head, max(0, end - _LONGEST_BRACKET), end):
            values.append(found.group(1) or found.group(2))
            end = found.start()
        if values and head[:end].strip():
            item.text, rest = words(head[:end].strip(" :–—-→=")), "\n".join(reversed(values))
        else:
            item.text, rest = _before_value(head, sheet)
        item.text = item.text.strip(" \t:;,")
    _set_values(rest, item, sheet)


def _before_value(head: str, sheet: _Sheet) -> tuple[str, str]:
    """Split ``Lasix: active`` and ``Lasix - active`` where the end is a closed value."""
    for sign in (": ", " - ", " – ", " — ", " → ", " -> ", " = "):
        before, found, after = head.rpartition(sign)
        if found and before.strip() and sheet.vocabulary.is_closed_value(after):
            return words(before), after
    return words(head), ""


def _set_values(rest: str, item: Item, sheet: _Sheet) -> None:
    """Keep the values that stand without a name (and read the fields) behind a head."""
    values = []
    for raw in re.split(r"[()\[\]\n]", rest):
        for piece in _segments(raw.strip(" :–—-→=|>"), sheet.vocabulary):
            key = _KEY.match(piece)
            if key and sheet.vocabulary.role(key.group(1))[0] in (*_FIELDS, "unknown"):
                sheet.vocabulary.set_field(item, key.group(1), _unquote(piece[key.end() :]))
            elif piece.strip(" .,;:"):
                values.append(_unquote(piece))
    if values:
        said = item.attributes.get(KEYLESS)
        item.attributes[KEYLESS] = "\n".join([said, *values] if said else values)


def _set(segment: str, item: Item, sheet: _Sheet) -> None:
    """Put ``key: value`` on an item; what has no key waits for `map_labels`."""
    key = _KEY.match(segment)
    if not key:
        _set_values(segment, item, sheet)
        return
    value = segment[key.end() :].strip()
    role, name = sheet.vocabulary.role(key.group(1))
    if role == "relation":
        for entry in _values(value, sheet, item):
            item.parts.extend(sheet.vocabulary.parts(name, entry))
    else:
        sheet.vocabulary.set_field(item, key.group(1), _unquote(value))


def _values(value: str, sheet: _Sheet, item: Item) -> list[str]:
    """Return the one or several values of a field: ``"40 mg", "20 mg"``."""
    value = value.strip().strip("[]")
    if value[:1] not in _OPENING:
        return [value.strip(" ,.")] if value.strip() else []
    found: list[str] = []
    while value[:1] in _OPENING:
        end = _quote_end(value)
        if end is None:
            sheet.unfinished = item
            return found
        found.append(_unescape(value[1:end]))
        value = re.sub(r"^\s*(?:,|;|and|or|/)?\s*", "", value[end + 1 :])
    return found


def _segments(body: str, vocabulary: Vocabulary) -> list[str]:
    """Cut a bullet at ``;`` and ``|``, and at commas and dashes before a known ``key:``."""
    pieces: list[str] = []
    last, at = 0, 0
    while found := _BREAK.search(body, at):
        sign, at = found.group(), found.end()
        if sign in _OPENING and _may_open(body, found.start()):
            end = _quote_end(body, found.start())
            at = end + 1 if end is not None else len(body)
        elif sign in _OPENS:
            end = body.find(_OPENS[sign], at)
            at = end + 1 if end >= 0 else at
        elif sign in ";|\t" or (
            sign not in '"“”()[]' and _known_key(body, found.end(), vocabulary)
        ):
            pieces.append(body[last : found.start()])
            last = found.end()
    pieces.append(body[last:])
    return [piece.strip() for piece in pieces if piece.strip()]


def _known_key(body: str, at: int, vocabulary: Vocabulary) -> bool:
    key = _KEY.match(body, at)
    return bool(key) and vocabulary.role(key.group(1))[0] in _FIELDS  # type: ignore[union-attr]


def _may_open(body: str, at: int) -> bool:
    return at == 0 or not body[at - 1].isalnum()


def _split(body: str, signs: str) -> list[str]:
    """Cut at any of ``signs`` outside quotes and brackets."""
    pieces, last, depth, quote = [], 0, 0, ""
    for at, char in enumerate(body):
        if quote:
            quote = "" if char == quote else quote
        elif char in '"“' and (at == 0 or not body[at - 1].isalnum()):
            quote = _OPENING[char]
        elif char in "([":
            depth += 1
        elif char in ")]":
            depth = max(0, depth - 1)
        elif char in signs and not depth:
            pieces.append(body[last:at].strip())
            last = at + 1
    return [*pieces, body[last:].strip()]


def _quote_end(text: str, start: int = 0) -> int | None:
    """Return the offset of the quote that closes the one at ``start``.

    A quote closes where a field could end, so quotes within quotes stay inside.
    """
    closing = _OPENING[text[start]]
    signs = f'[{re.escape(closing)}"”]' if closing in '"”' else re.escape(closing)
    fallback = None
    for found in re.finditer(signs, text[start + 1 :]):
        at = start + 1 + found.start()
        if text[at - 1] == "\\":
            continue
        if _QUOTE_ENDS.match(text, at + 1):
            return at
        fallback = at
    return fallback


def _ends_quote(body: str) -> bool:
    """Tell whether a quote is closed that was never opened (it stood in the prompt)."""
    at = body.find('"')
    return at > 0 and body[at - 1] not in " (" and _QUOTE_ENDS.match(body, at + 1) is not None


def _unquote(value: str) -> str:
    value = value.strip()
    if value[:1] in _OPENING:
        end = _quote_end(value)
        return _unescape(value[1:] if end is None else value[1:end])
    return value.strip(" ,;")


def _unescape(value: str) -> str:
    return value.replace('\\"', '"').replace("\\'", "'") if "\\" in value else value
