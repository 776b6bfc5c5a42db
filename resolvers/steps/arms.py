"""Arms of a trial: what a model names as one, brought to the treatment's own name.

Models call an arm by more than its treatment ("Arm A: haloperidol (n = 40)", "the placebo group"),
name a drug and its abbreviation as two, list doses, and list the words *treatment* and *control*.
"""

from __future__ import annotations

import re
from functools import cache

from clinie.resolvers.grammars.reading import KEYLESS
from clinie.resolvers.items import Item, State, Statement
from clinie.resolvers.vocabulary import Vocabulary, vocabulary_of
from clinie.text.definitions import find_definitions
from clinie.text.folding import fold
from clinie.text.lexica import load_tsv

__all__ = ["read_arms"]

_ARM = "arm"
_PREFIX = re.compile(
    r"\s*(?:the\s+)?(?:(?:study|treatment|trial)\s+)?(?:arms?|groups?|cohorts?)"
    r"\s*(?:#?\d{1,2}|[A-H]|[IV]{1,4})?\s*(?:[:=]|[-–—](?=\s))\s*",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\s*(?:the\s+)?(?:experimental|intervention|treatment|active|control|comparator|comparison|"
    r"reference)s?(?:\s+(?:arm|group))?\s*[:=]\s*",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\s*(?:the|an|a)\s+", re.IGNORECASE)
_CALLED = re.compile(r"[\s-]+(?:treatment\s+)?(?:arms?|groups?)\s*$", re.IGNORECASE)
_ASIDE = re.compile(r"\s*[(\[]([^()\[\]]{0,80})[)\]]\s*$")
_COUNT = re.compile(r"\s*n\s*=?\s*\d[\d,]*\s*|\s*\d[\d,]*\s+(?:\w+\s+)?\w+s\s*", re.IGNORECASE)
_SHORT = re.compile(r"[A-Z0-9][\w+/-]{0,9}")
_LIST = re.compile(r"\s*(?:;|,|\bversus\b|\bvs\b\.?|\bor\b|\band\b)\s*", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]+(?:[.,]\d+)?|%")
_NUMBER = re.compile(r"\d[\d.,]*[a-zµμ%]*")
_LONGEST = 300
_MOST_PARTS = 12
_MOST_SPLIT = 50


def read_arms(state: State) -> None:
    """Bring the arms that an answer names to the names of treatments: `generic_arm`, `bare_dose`.

    Items called arms ("haloperidol" *(arm)*, *Arm 1: haloperidol*, ``<arm>``) become statements
    about the document. The words *arm*, *group* and the number of people go; an arm of which
    nothing is left (*the treatment group*, *control*) or only a dose (*40 mg daily*) is dropped. A
    drug and the abbreviation that the report introduces in brackets are one arm, named in full
    (`duplicate`). Runs between `parse` and `map_labels`; nothing happens without a document label
    ``arm`` that points at a span.
    """
    spec = state.question.schema.document_label(_ARM)
    if spec is None or spec.span is None:
        return
    _gather(state, vocabulary_of(state.question.schema))
    others = [statement for statement in state.labels if statement.name != _ARM]
    arms = [statement for statement in state.labels if statement.name == _ARM]
    if not arms:
        return
    note = " ".join(fold(state.question.text).text.split())
    full = {
        _key(one.short): (one.long, one.long_start) for one in find_definitions(state.question.text)
    }
    kept: dict[str, Statement] = {}
    for arm in _all_split(arms, note):
        _strip(arm)
        code = _emptiness(arm.value)
        if code:
            state.find(code, arm.value)
            continue
        if _key(arm.value) in full:
            arm.value, arm.start = full[_key(arm.value)]
        first = kept.setdefault(_key(arm.value), arm)
        if first is not arm:
            state.find("duplicate", arm.value, severity="info")
    state.labels = [*others, *kept.values()]


def _gather(state: State, vocabulary: Vocabulary) -> None:
    """Turn the items that an answer calls arms into statements about the document."""
    kept = []
    for item in state.items:
        if not _is_arm(item, vocabulary):
            kept.append(item)
            continue
        state.labels.append(Statement(_ARM, item.text, item.start, confidence=item.confidence))
        if item.label is not None and vocabulary.label(item.label):
            kept.append(item)  # an intervention, and an arm as well
    state.items = kept


def _is_arm(item: Item, vocabulary: Vocabulary) -> bool:
    """Tell whether an item is called an arm: by its label, in brackets, or by its own words."""
    values = re.split(r"[\n,;/|]", item.attributes.get(KEYLESS) or "")
    named = [value for value in values if _names_arm(value, vocabulary)]
    if named:
        rest = [value.strip() for value in values if value not in named and value.strip()]
        item.attributes[KEYLESS] = "\n".join(rest)
        for value in rest:
            item.label = item.label or vocabulary.label(value)
        return True
    if item.label is not None:
        return _names_arm(item.label, vocabulary)
    return _PREFIX.match(item.text) is not None


def _names_arm(word: str, vocabulary: Vocabulary) -> bool:
    return bool(word.strip()) and vocabulary.role(word.strip()) == ("document", _ARM)


def _all_split(arms: list[Statement], note: str) -> list[Statement]:
    first = [part for one in arms[:_MOST_SPLIT] for part in _split(one, note)]
    return [*first, *arms[_MOST_SPLIT:]]


def _split(arm: Statement, note: str) -> list[Statement]:
    """Cut "haloperidol, ziprasidone or placebo" up, unless it stands in the report like that."""
    value = arm.value[:_LONGEST]
    if not _LIST.search(value) or " ".join(fold(value).text.split()) in note:
        return [arm]
    prefix = _PREFIX.match(value) or _ROLE.match(value)
    parts = _LIST.split(value[prefix.end() :] if prefix else value, maxsplit=_MOST_PARTS)
    told = [part for part in parts if part.strip()]
    if len(told) < 2 or any(part.count("(") != part.count(")") for part in told):
        return [arm]
    return [Statement(arm.name, part.strip(), confidence=arm.confidence) for part in told]


def _strip(arm: Statement) -> None:
    """Cut off what calls an arm an arm, and how many were in it."""
    value = arm.value[:_LONGEST]
    lead = 0
    for pattern in (_PREFIX, _ROLE, _ARTICLE):
        found = pattern.match(value)
        if found and found.end() < len(value):
            value, lead = value[found.end() :], lead + found.end()
    while found := _ASIDE.search(value):
        inner, outer = found[1].strip(), value[: found.start()]
        if outer.strip() and _is_generic(outer) and not _says_nothing(inner):
            lead += found.start(1) + len(found[1]) - len(found[1].lstrip())
            value = inner
        elif outer.strip() and (_says_nothing(inner) or _SHORT.fullmatch(inner)):
            value = outer
        else:
            break
    called = _CALLED.search(value)
    if called and called.start():
        value = value[: called.start()]
    trimmed = value.strip(" \t,;:.\"'")
    lead += value.find(trimmed) if trimmed else 0
    if arm.start is not None:
        arm.start += lead
    arm.value = trimmed or arm.value


def _says_nothing(words: str) -> bool:
    return _COUNT.fullmatch(words) is not None or _is_generic(words)


def _emptiness(value: str) -> str:
    """Return the code of why an arm names no treatment; empty when it does."""
    words = [word.lower() for word in _WORDS.findall(value)]
    if _is_generic(value):
        return "generic_arm"
    dose = any(_NUMBER.fullmatch(word) for word in words)
    if dose and all(_NUMBER.fullmatch(word) or word in _dose_words() for word in words):
        return "bare_dose"
    return ""


def _is_generic(value: str) -> bool:
    words = [word.lower() for word in _WORDS.findall(value)]
    return all(word in _generic_words() for word in words)


@cache
def _table(kind: str) -> frozenset[str]:
    rows = load_tsv("arm_words.tsv", "clinie.resolvers")
    return frozenset(row["word"] for row in rows if row["kind"] == kind)


def _generic_words() -> frozenset[str]:
    return _table("generic")


def _dose_words() -> frozenset[str]:
    return _table("dose")


def _key(value: str) -> str:
    return " ".join(fold(value).text.split())
