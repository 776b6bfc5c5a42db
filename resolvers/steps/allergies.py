"""Allergies: items that are really statements, and statements that the note does not bear out."""

from __future__ import annotations

import re

from clinie.resolvers.checks import reject
from clinie.resolvers.grammars.reading import KEYLESS
from clinie.resolvers.items import Item, State, Statement
from clinie.resolvers.vocabulary import closed_value, vocabulary_of
from clinie.schema import Finding
from clinie.text.allergies import no_known_allergies
from clinie.text.lexica import drugs

__all__ = ["check_allergies", "read_allergies"]

_NAME = "no_known_allergies"
_WORD = (
    r"(?:allerg(?:y|ies|ic|ens?)|hypersensitivit(?:y|ies)|intoleran(?:ces?|t)|sensitivit(?:y|ies))"
)
_KIND = (
    r"(?:known|any|drug|medication|medicine|medical|food|environmental|seasonal|multiple|several|other|"
    r"history of|and|or)"
)
_IN_FRONT = re.compile(
    rf"(?:known |severe |mild )?(?:{_WORD}|(?:allergic |adverse )?reactions?)[ ]+(?:to|of)[ ]+"
    r"(?:the[ ]+)?",
    re.IGNORECASE,
)
_BEHIND = re.compile(rf"[ -]+(?:drug )?{_WORD}\W*", re.IGNORECASE)
_NO_SUBSTANCE = re.compile(rf"\W*(?:{_KIND}[ ,/-]+){{0,6}}{_WORD}\W*", re.IGNORECASE)
_NO_REACTION = re.compile(
    rf"\W{{0,3}}(?:(?:unknown|unspecified|not known|not specified|not stated|unclear|adverse|"
    rf"drug|{_WORD}|reactions?|side effects?)\W{{0,3}}){{1,6}}",
    re.IGNORECASE,
)
_LONGEST_TAIL = 40
_NONE = re.compile(
    r"\W*(?:allergies\W*)?(?:none|nil|no)(?: known| reported| noted)?\W*"
    r"|[\s\S]*[:\[][ \t]*[\"'](?:none|nil)[\"']\s*[\]},][\s\S]*",
    re.IGNORECASE,
)
_LONGEST_NONE = 300
_NOT_MEANT = frozenset(
    {"supplement", "nutrition", "electrolyte", "vitamin", "recreational drug", "diagnostic agent"}
)
"""Classes of the drug lexicon that nobody thinks of who writes "no known drug allergies"."""


def read_allergies(state: State) -> None:
    """Turn items such as *NKDA* into the statement, cut "allergy" off substances: `names_nothing`.

    A model that lists "No known drug allergies" as an allergen means the statement, and so does
    one whose whole answer is *none*; whether the note bears it out is for `check_allergies`.
    *penicillin allergy* is the allergen *penicillin*. Words that name no substance ("seasonal
    allergies") or no reaction ("unknown") are dropped. Runs between `parse` and `map_labels`.
    """
    if not state.question.schema.document_label(_NAME):
        return
    kept = []
    for item in state.items:
        if _is_statement(item.text) or (_NO_SUBSTANCE.fullmatch(item.text) and _is_absent(item)):
            state.labels.append(Statement(_NAME, "true", item.start, confidence=item.confidence))
        elif not _is_main(state, item):
            kept.append(item)
        elif _NO_SUBSTANCE.fullmatch(item.text):
            reject(state, "names_nothing", item)
        else:
            _cut(item)
            _drop_empty_parts(state, item)
            kept.append(item)
    state.items = kept
    if not kept and not state.labels and _says_none(state.answer.text):
        state.labels.append(Statement(_NAME, "true"))
        # The answer was read after all.
        state.findings = [f for f in state.findings if (f.code, f.item) != ("malformed", None)]


def _drop_empty_parts(state: State, item: Item) -> None:
    for part in item.parts:
        if _NO_REACTION.fullmatch(part.text):
            state.find("names_nothing", part)
    item.parts = [part for part in item.parts if not _NO_REACTION.fullmatch(part.text)]


def _is_statement(text: str) -> bool:
    """Tell whether words say that there are no known allergies, and nothing else."""
    places = no_known_allergies(text) if len(text) <= _LONGEST_NONE else []
    if not places:
        return False
    rest = text[: places[0][0]] + text[places[-1][1] :]
    rest = re.sub(rf"(?i){_KIND}\b|{_WORD}|\bto\b", "", rest)
    return not any(map(str.isalnum, rest))


def _says_none(answer: str) -> bool:
    """Tell whether a whole answer says that there is nothing."""
    answer = answer.strip()
    if not answer or len(answer) > _LONGEST_NONE:
        return False
    return _NONE.fullmatch(answer) is not None or bool(no_known_allergies(answer))


def _is_main(state: State, item: Item) -> bool:
    """Tell whether an item is meant as one of the task's first label."""
    main = state.question.schema.labels[0].name
    return item.label is None or vocabulary_of(state.question.schema).label(item.label) == main


def _is_absent(item: Item) -> bool:
    said = [item.attributes.get("assertion"), *(item.attributes.get(KEYLESS) or "").split("\n")]
    return any(value and closed_value(value, ("present", "absent")) == "absent" for value in said)


def _cut(item: Item) -> None:
    """Cut words of allergy off a substance; the stated offset moves along."""
    front = _IN_FRONT.match(item.text)
    start = front.end() if front else 0
    tail = _BEHIND.search(item.text, max(start + 1, len(item.text) - _LONGEST_TAIL))
    end = tail.start() if tail and tail.end() == len(item.text) else len(item.text)
    if start < end and item.text[start:end].strip():
        item.text = item.text[start:end]
        item.start = item.start + start if item.start is not None else None


def check_allergies(state: State) -> None:
    """Hold the statement of no known allergies against the note and against the allergens.

    A statement for which the note has no words is dropped: `unsupported_statement`. Beside a drug
    that the patient *is* allergic to ("NKDA. Penicillin: rash") the statement and the drug are
    kept, each with the flag `allergy_contradiction`: a person looks. Latex, food or pollen beside
    NKDA are no contradiction. Runs after `ground_items`.
    """
    stated = [statement for statement in state.labels if statement.name == _NAME]
    if not stated:
        return
    others = [statement for statement in state.labels if statement.name != _NAME]
    places = no_known_allergies(state.question.text)
    if not places:
        state.find("unsupported_statement", _NAME)
        state.labels = others
        return
    if len(stated) > 1:
        state.find("duplicate", _NAME, severity="info")
    state.labels = [*others, stated[0]]
    against = [item for item in state.items if _is_present_drug(state, item)]
    for item in against:
        state.find("allergy_contradiction", item, severity="flag")
    if against:
        start, end = places[0]
        state.findings.append(Finding("allergy_contradiction", "flag", _NAME, start, end))


def _is_present_drug(state: State, item: Item) -> bool:
    if item.label != state.question.schema.labels[0].name or not item.spans:
        return False
    if item.attributes.get("assertion", "present") != "present":
        return False
    drug = drugs().get(state.question.text[item.spans[0][0] : item.spans[-1][1]])
    return drug is not None and drug.drug_class not in _NOT_MEANT
