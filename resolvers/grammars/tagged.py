"""Tagged text: the note (or a part of it) with tags around the mentions.

::

    <medication status="active">Lasix</medication> <dosage>40 mg</dosage> given.

Also ``<span class="medication">``, ``<entity type="medication">`` and ``[Lasix](medication)``. A
tag that names a relation belongs to the nearest head before it in the same sentence, else to the
nearest after it. Where the text without its tags stands in the note, the place of a tag is a
``start`` hint.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from dataclasses import dataclass, field

from clinie.resolvers.grammars.reading import KEYLESS, Reading
from clinie.resolvers.items import Item
from clinie.resolvers.vocabulary import Vocabulary, words
from clinie.text.sentences import sentences

__all__ = ["is_tagged", "read_tagged"]

_TAG = re.compile(r"<(/?)([A-Za-z][\w.:-]{0,40})((?:\s[^<>]{0,500})?)/?>")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\]\(([A-Za-z][\w ,;=-]{0,60})\)")
_PAIR = re.compile(r"([\w-]{1,40})\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
_GENERIC_TAGS = frozenset({"span", "mark", "entity", "ent", "mention", "annotation", "tag", "a"})
_SHORTEST_UNIQUE = 12
_LONGEST_SHOWN = 200


@dataclass(slots=True)
class _Open:
    """A tag that is not closed yet."""

    name: str
    item: Item
    begins: int


@dataclass(slots=True)
class _Sheet:
    vocabulary: Vocabulary
    plain: list[str] = field(default_factory=list)
    length: int = 0
    stack: list[_Open] = field(default_factory=list)
    found: list[tuple[int, int, Item]] = field(default_factory=list)

    def write(self, piece: str) -> None:
        self.plain.append(piece)
        self.length += len(piece)


def _label(name: str, attributes: str, vocabulary: Vocabulary) -> str | None:
    """Return the label that a tag stands for, or None for a tag that is only text."""
    if vocabulary.role(name)[0] in ("label", "relation", "document"):
        return _named(name, vocabulary)
    if name.lower() in _GENERIC_TAGS:
        for pair in _PAIR.finditer(attributes):
            if pair.group(1).lower() in ("class", "label", "type", "category", "data-label"):
                return _named(pair.group(2) or pair.group(3) or pair.group(4) or "", vocabulary)
    return None


def _named(word: str, vocabulary: Vocabulary) -> str | None:
    """Return the label that a word names, or the statement that points at a mention."""
    role, name = vocabulary.role(word)
    if role == "document" and vocabulary.names_something(name):
        return name
    return vocabulary.label(word)


def is_tagged(text: str, vocabulary: Vocabulary) -> bool:
    """Tell whether an answer holds at least one tag of the task's labels."""
    return any(
        _label(tag.group(2), tag.group(3), vocabulary) for tag in _TAG.finditer(text)
    ) or any(vocabulary.label(_link_label(link)) for link in _LINK.finditer(text))


def read_tagged(text: str, vocabulary: Vocabulary, note: str = "") -> Reading:
    """Read tagged text; ``note`` is what it was made from."""
    text = _LINK.sub(lambda link: _as_tag(link, vocabulary), text)
    sheet = _Sheet(vocabulary)
    reading = Reading()
    at = 0
    for tag in _TAG.finditer(text):
        label = _label(tag.group(2), tag.group(3), vocabulary)
        closes = bool(tag.group(1)) and any(o.name == tag.group(2).lower() for o in sheet.stack)
        if not label and not closes:
            continue
        sheet.write(_unescape(text[at : tag.start()]))
        at = tag.end()
        if closes:
            _close(tag.group(2).lower(), sheet, reading)
        elif label and not tag.group(1):
            _open(tag, label, sheet)
    sheet.write(_unescape(text[at:]))
    plain = "".join(sheet.plain)
    for left in sheet.stack:
        reading.note("truncated", None, "flag")
        left.item.text = words(plain[left.begins :][:_LONGEST_SHOWN])
        reading.note("truncated", left.item, "reject")
    found = sorted(sheet.found, key=lambda entry: entry[:2])
    for begins, end, item in found:
        item.text = words(plain[begins:end])
    found = [entry for entry in found if entry[2].text]
    _hint(plain, note, found)
    reading.items = _attach(plain, found, vocabulary)
    return reading


def _link_label(link: re.Match[str]) -> str:
    return re.split(r"[,;=]", link.group(2))[0].strip()


def _as_tag(link: re.Match[str], vocabulary: Vocabulary) -> str:
    name = _link_label(link)
    if not vocabulary.label(name):
        return link.group()
    values = link.group(2)[len(name) :].strip(" ,;=")
    return f'<entity type="{name}" values="{values}">{link.group(1)}</entity>'


def _open(tag: re.Match[str], label: str, sheet: _Sheet) -> None:
    item = Item("", label=label)
    for pair in _PAIR.finditer(tag.group(3)):
        key = pair.group(1)
        if key.lower() in ("class", "label", "type", "category", "data-label", "id", "style"):
            continue
        value = pair.group(2) or pair.group(3) or pair.group(4) or ""
        if key == "values":
            item.attributes[KEYLESS] = value
            continue
        sheet.vocabulary.set_field(item, key, _unescape(value))
    sheet.stack.append(_Open(tag.group(2).lower(), item, sheet.length))


def _close(name: str, sheet: _Sheet, reading: Reading) -> None:
    """Close the innermost open tag of that name; tags left open inside it were never closed."""
    while sheet.stack:
        last = sheet.stack.pop()
        if last.name == name:
            sheet.found.append((last.begins, sheet.length, last.item))
            return
        last.item.text = last.name
        reading.note("malformed", last.item, "reject")


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity.group()), text) if "&" in text else text


def _hint(plain: str, note: str, found: list[tuple[int, int, Item]]) -> None:
    """Give every tag its place in the note, where the plain text stands in it but for blanks."""
    said = "".join(plain.split())
    places = [at for at, char in enumerate(note) if not char.isspace()]
    bare = "".join(note.split())
    first = bare.find(said)
    unique = first >= 0 and (
        len(said) == len(bare) or (len(said) >= _SHORTEST_UNIQUE and bare.find(said, first + 1) < 0)
    )
    if not unique:
        return
    blanks_before = [0]
    for char in plain:
        blanks_before.append(blanks_before[-1] + (not char.isspace()))
    for begins, end, item in found:
        lead = len(plain[begins:end]) - len(plain[begins:end].lstrip())
        if item.start is None:
            item.start = places[first + blanks_before[begins + lead]]


def _attach(plain: str, found: list[tuple[int, int, Item]], vocabulary: Vocabulary) -> list[Item]:
    """Give attribute tags to the nearest head of their sentence; return the heads and the rest."""
    extents = sentences(plain)
    starts = [start for start, _ in extents]
    heads = [entry for entry in found if vocabulary.is_head(entry[2].label)]
    items = [item for _, _, item in heads]
    for begins, _, item in found:
        if vocabulary.is_head(item.label):
            continue
        relation = vocabulary.relation_to(item.label)
        sentence = bisect_right(starts, begins)
        near = [h for h in heads if bisect_right(starts, h[0]) == sentence
                and relation and h[2].label == relation.head]  # fmt: skip
        before = [h for h in near if h[0] <= begins]
        if relation and near:
            item.relation = relation.name
            (before[-1] if before else near[0])[2].parts.append(item)
        else:
            items.append(item)
    return items
