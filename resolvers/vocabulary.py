"""The words of a label set, and the words that models write for them."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, Literal

from clinie.resolvers.items import Item
from clinie.schema import RelationSpec, TaskSchema
from clinie.text.lexica import load_tsv

__all__ = [
    "Role",
    "Vocabulary",
    "closed_value",
    "is_none",
    "key_form",
    "synonyms_of",
    "vocabulary_of",
    "words",
]

Role = Literal[
    "head", "kind", "start", "confidence", "group",
    "attribute", "relation", "label", "document", "unknown",
]  # fmt: skip
"""What a field of an answer means; ``group`` wraps further fields or items."""

_GENERIC: dict[str, Role] = {
    **dict.fromkeys(
        ["text", "name", "mention", "span", "entity", "term", "phrase", "value", "head",
         "extraction text", "entity text", "quote"], "head"
    ),
    **dict.fromkeys(
        ["label", "type", "class", "category", "entity type", "extraction class", "kind", "tag"],
        "kind",
    ),
    **dict.fromkeys(["start", "offset", "start offset", "begin", "char start"], "start"),
    **dict.fromkeys(["confidence", "probability", "score"], "confidence"),
    **dict.fromkeys(
        ["items", "item", "entities", "extractions", "results", "result", "output", "answer",
         "data", "response", "attributes", "relations", "properties", "fields", "annotations",
         "spans", "list", "labels", "mentions"], "group"
    ),
}  # fmt: skip

_SEPARATORS = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOTHING = frozenset({"none", "nil", "null", "nothing", "na", "n a", "empty", "unspecified", ""})
_MAYBE_NONE = re.compile(
    r"(?i)\b(?:no|none|not|nil|null|nothing|n/?a|n\.a|empty|unspecified)\b|_|\A\W*\Z"
)
_SAYS_SOMETHING = re.compile(r"[%+°‰]|\A\s*Na\s*\Z")
"""A unit, a positive result, sodium: they are no words for nothing."""
_NEGATORS = frozenset({"no", "none", "nothing", "not"})
_ABOUT_NOTHING = frozenset(
    """no none nothing not there is are was were any other further additional relevant such explicit
    explicitly found mentioned identified present noted listed documented reported stated extracted
    specified given provided recorded available applicable to extract report list of these in the
    this note text document input passage sentence section item items entity entities mention
    mentions result results information and or clinical""".split()  # noqa: SIM905 - a word list
)
"""Words out of which an answer says that it found nothing, together with the label names."""
_LONGEST_NONE = 120
_MOST_KNOWN = 1000


def words(value: object) -> str:
    """Return a model's words as clean text: trimmed, lone surrogates replaced by U+FFFD.

    A lone surrogate (JSON can spell one) cannot be written as UTF-8 in a record.
    """
    text = str(value).strip()
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def is_none(value: object, about: frozenset[str] = frozenset()) -> bool:
    """Tell whether a value says that there is nothing: ``None``, ``N/A``, ``not specified``.

    ``about`` are the words for what was asked: ``no medications mentioned`` says nothing was
    found, ``no fracture identified`` is a finding.
    """
    if value is None or value in ("", [], {}):
        return True
    if not isinstance(value, str) or len(value) > _LONGEST_NONE:
        return False
    if not _MAYBE_NONE.search(value):
        return False
    form = key_form(value, _LONGEST_NONE)
    if form in _NOTHING:
        return not _SAYS_SOMETHING.search(value)
    said = form.split()
    return any(word in _NEGATORS for word in said) and all(
        word in _ABOUT_NOTHING or word in about or _singular(word) in about for word in said
    )


def key_form(word: str, longest: int = 80) -> str:
    """Return a name without case, underscores, punctuation: ``entityType`` -> ``entity type``."""
    return _SEPARATORS.sub(" ", _CAMEL.sub(" ", word[:longest])).strip().casefold()


def _singular(form: str) -> str:
    if form.endswith("ies"):
        return form[:-3] + "y"
    return form[:-1] if form.endswith("s") and not form.endswith("ss") else form


@cache
def _synonyms(kind: str) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for row in load_tsv("synonyms.tsv", "clinie.resolvers"):
        if row["kind"] == kind:
            form = key_form(row["word"])
            table[form] = (*table.get(form, ()), row["canonical"])
    return table


def synonyms_of(value: str) -> tuple[str, ...]:
    """Return the words that models write for a value of a closed attribute."""
    return tuple(word for word, meant in _synonyms("value").items() if value in meant)


_NEGATING = frozenset({"no", "not", "never", "non", "without", "neither", "nor", "un"})


def closed_value(raw: str, allowed: tuple[str, ...]) -> str | None:
    """Map a model's word for a closed attribute onto one of its allowed values, or None.

    In order: the value itself, a synonym, and the one value that shares a word with it
    (``currently active`` -> ``active``). A negated phrase never maps by a shared word, so that
    ``not present`` cannot become ``present``.
    """
    form = key_form(raw)
    by_form = {key_form(value): value for value in allowed}
    if form in by_form:
        return by_form[form]
    for canonical in _synonyms("value").get(form, ()):
        if canonical in allowed:
            return canonical
    said = set(form.split())
    if said & _NEGATING:
        return None
    shared = [value for key, value in by_form.items() if said & set(key.split())]
    if not shared:
        near = {c for word in said for c in _synonyms("value").get(word, ()) if c in allowed}
        shared = sorted(near)
    return shared[0] if len(shared) == 1 else None


@lru_cache(maxsize=64)
def vocabulary_of(schema: TaskSchema) -> Vocabulary:
    """Return the vocabulary of a schema, built once."""
    return Vocabulary(schema)


class Vocabulary:
    """Says what a field of an answer means under a task's label set.

    The schema's own names come first, then their plurals, then synonyms, then the names that
    every answer may use (``text``, ``label``, ``start``, ``confidence``).
    """

    def __init__(self, schema: TaskSchema) -> None:
        self.schema = schema
        self._relations = {spec.name: spec for spec in schema.relations}
        self._names: dict[str, tuple[Role, str]] = {}
        for label in schema.labels:
            self._names[key_form(label.name)] = ("label", label.name)
        for relation in schema.relations:
            self._names[key_form(relation.name)] = ("relation", relation.name)
        for label in schema.labels:
            for attribute in label.attributes:
                self._names[key_form(attribute)] = ("attribute", attribute)
        self._asked = frozenset(
            word
            for form, canonicals in [*((n, (n,)) for n in self._names), *_synonyms("key").items()]
            if any(key_form(canonical) in self._names for canonical in canonicals)
            for word in form.split()
        )
        for spec in schema.document_labels:
            self._names.setdefault(key_form(spec.name), ("document", spec.name))
        self._known: dict[str, tuple[Role, str]] = {}

    def says_none(self, value: object) -> bool:
        """Tell whether an answer or an item of it says that nothing was found."""
        return is_none(value, self._asked)

    def role(self, key: str) -> tuple[Role, str]:
        """Return what the field ``key`` means, and the schema's name for it."""
        if key in self._known:
            return self._known[key]
        role = self._look_up(key_form(key), key)
        # Names of the schema only, and few: a vocabulary outlives the answers that it reads.
        if role[0] != "unknown" and len(self._known) < _MOST_KNOWN:
            self._known[key] = role
        return role

    def _look_up(self, form: str, key: str) -> tuple[Role, str]:
        for candidate in (form, _singular(form)):
            if candidate in self._names:
                return self._names[candidate]
        for candidate in (form, _singular(form)):
            for canonical in _synonyms("key").get(candidate, ()):
                if key_form(canonical) in self._names:
                    return self._names[key_form(canonical)]
        return _GENERIC.get(form, "unknown"), words(key)

    def label(self, word: str) -> str | None:
        """Return the label that ``word`` names, also where a relation has the same name."""
        role, name = self.role(word)
        if role == "label" or (role in ("relation", "attribute") and self.schema.label(name)):
            return name
        spec = self.relation(name) if role == "relation" else None
        return spec.tail if spec else None

    def names_something(self, name: str) -> bool:
        """Tell whether the values of a document label name something in the note."""
        spec = self.schema.document_label(name)
        return spec is not None and spec.span is not None

    def relation(self, name: str) -> RelationSpec | None:
        """Return the relation of that name, or None."""
        return self._relations.get(name)

    def relation_to(self, tail: str | None) -> RelationSpec | None:
        """Return the first relation whose tail carries the label ``tail``, or None."""
        return next((spec for spec in self.schema.relations if spec.tail == tail), None)

    def is_head(self, label: str | None) -> bool:
        """Tell whether mentions of a label stand for themselves (are no relation's tail)."""
        return self.relation_to(label) is None

    def is_closed_value(self, raw: str) -> bool:
        """Tell whether words are a value of some closed attribute, or several with commas."""
        said = [piece for piece in re.split(r"[,/;]", raw[:80]) if piece.strip()]
        closed = [values for label in self.schema.labels for values in label.attributes.values()]
        return bool(said) and all(
            self.label(piece) or any(values and closed_value(piece, values) for values in closed)
            for piece in said
        )

    def set_field(self, item: Item, key: str, value: Any) -> None:
        """Put one field of an answer on its item; an unknown one stays under its own name."""
        role, name = self.role(key)
        if role == "relation":
            item.parts.extend(self.parts(name, value))
        elif role == "kind":
            item.label = None if is_none(value) else words(value)
        elif role == "start":
            item.start = whole_number(value)
        elif role == "confidence":
            item.confidence = probability(value)
        elif role == "group" and isinstance(value, dict):
            for inner, content in value.items():
                self.set_field(item, str(inner), content)
        elif role == "group" and is_none(value):
            return
        else:
            item.attributes[name] = None if value is None else flat(value)

    def parts(self, relation: str, value: Any) -> list[Item]:
        """Read the tail or tails of a relation: a string, an object, or a list of them."""
        spec = self.relation(relation)
        entries = value if isinstance(value, list) else [value]
        parts = []
        for entry in entries:
            part = Item("", label=spec.tail if spec else None, relation=relation)
            text = entry
            if isinstance(entry, dict):
                text = next((v for k, v in entry.items() if self.role(str(k))[0] == "head"), None)
                for key, content in entry.items():
                    role = self.role(str(key))[0]
                    if role in ("start", "confidence"):
                        self.set_field(part, str(key), content)
            said = part.start is not None and isinstance(text, str) and bool(text.strip())
            if (said or not is_none(text)) and not isinstance(text, (list, dict, bool)):
                part.text = words(text)
                parts.append(part)
        return parts


def flat(value: Any) -> str:
    """Return a field's value as one line of text."""
    if isinstance(value, (list, tuple)):
        return "; ".join(words(v) for v in value if not isinstance(v, (list, dict)))
    if isinstance(value, dict):
        return "; ".join(words(k) for k in value)
    return words(value).lower() if isinstance(value, bool) else words(value)


_LONGEST_NUMBER = 12


def whole_number(value: object) -> int | None:
    """Return an offset hint, or None when it is no plain whole number."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        return int(value) if len(value) <= _LONGEST_NUMBER else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 10**_LONGEST_NUMBER else None


def probability(value: object) -> float | None:
    """Return a confidence within 0 and 1 (also from ``97%``), or None."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, str) and value.endswith("%"):
            number = float(value[:-1]) / 100
        else:
            number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    return number if 0.0 <= number <= 1.0 else None
