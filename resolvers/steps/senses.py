"""Which sense a model means: its words for a long form, held against the inventory's candidates."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rapidfuzz.distance import Indel

from clinie.resolvers.checks import reject
from clinie.resolvers.grammars.reading import KEYLESS
from clinie.resolvers.items import Item, State, Step
from clinie.resolvers.vocabulary import is_none
from clinie.text.definitions import find_definitions, singular
from clinie.text.folding import fold_word
from clinie.text.senses import Inventory, Sense, no_short_forms, shipped

__all__ = ["ATTRIBUTE", "asks_for_senses", "map_senses", "plain", "read_senses", "sense_mapper"]

ATTRIBUTE = "sense"
_LEAST_OVERLAP = 0.7
_LEAST_MARGIN = 0.1
_LONGEST = 200
_WORD = re.compile(r"[^\W_]+")
_ENDING = re.compile(r"(?:['’]?s|['’]d|\.)\Z")
_PROSE = re.compile(r"[^\W\d_]{4,}[\s-]+[^\W\d_]{4,}")
_STANDS_FOR = re.compile(
    r"(?P<short>[^\s:=→][^:=→\n]{0,11}?)"
    r"\s*(?::|=|→|->|=>|\s[-–—]|\bstands for\b|\bmeans\b|\bis\b)\s+"
    r"(?P<long>\S[^\n]*)",
    re.IGNORECASE,
)
_UNCLEAR = re.compile(
    r"\W*(?:unknown|unclear|ambiguous|uncertain|undetermined|indeterminate|\?+|"
    r"(?:can(?:not|['’]t)|not) (?:be )?(?:clear|sure|certain|known|determined?|tell|decided?)\b.*)"
    r"\W*\Z",
    re.IGNORECASE | re.DOTALL,
)
_FILLERS = frozenset({"of", "the", "a", "an", "and", "in", "for", "with", "by", "to", "s"})


def asks_for_senses(state: State) -> bool:
    """Tell whether the task has senses at all; the steps here keep still where it has none."""
    return any(ATTRIBUTE in label.attributes for label in state.question.schema.labels)


def read_senses(state: State) -> None:
    """Take the long form that stands behind a short form in an answer for its sense.

    ``"HEENT" (head, eyes, ears, nose and throat)`` and ``CHF: congestive heart failure``: a long
    form may hold commas and slashes, so that it is no list of values. Runs before ``map_labels``.
    """
    for item in state.items if asks_for_senses(state) else ():
        lines = (item.attributes.pop(KEYLESS, None) or "").split("\n")
        label = item.label or "acronym"
        behind = " ".join(line for line in lines if line.strip().lower() != label)
        found = _STANDS_FOR.fullmatch(item.text.strip())
        if found and not item.attributes.get(ATTRIBUTE) and found["short"] not in _FILLERS:
            item.text = found["short"].strip(" \"'*_`“”")
            behind = f"{found['long']} {behind}"
        if behind.strip() and ATTRIBUTE not in item.attributes:
            item.attributes[ATTRIBUTE] = behind.strip(" \"'*_`“”")


def map_senses(state: State) -> None:
    """Map the senses of an answer onto the shipped inventory (see `sense_mapper`)."""
    _map(state, shipped())


def sense_mapper(inventory: Inventory) -> Step:
    """Return the step ``map_senses`` for another inventory.

    The candidates are the senses of the short form as the note writes it. The model's words mean
    the candidate that they equal (case, hyphens, plural, variants aside), else the one with the
    largest overlap of characters, *normalised by the lengths of both*: candidate names share long
    substrings, and the longest would win by length alone (Agrawal et al. 2022). Two candidates
    that tie are no answer, nor is a small overlap.

    Findings: `ambiguous_sense` (a tie), `outside_label_set` (no candidate, although the short form
    is listed), `unlisted_short_form` (free text kept), `not_a_short_form` (dropped).
    """

    def map_senses(state: State) -> None:
        _map(state, inventory)

    return map_senses


def _map(state: State, inventory: Inventory) -> None:
    if not asks_for_senses(state):
        return
    defined = _defined(state.question.text)
    kept = []
    for item in state.items:
        _trim(item, state.question.text, inventory)
        if _is_none(item, inventory):
            reject(state, "not_a_short_form", item)
            continue
        kept.append(item)
        said = item.attributes.get(ATTRIBUTE)
        item.attributes[ATTRIBUTE] = _sense(state, item, said, inventory, defined)
    state.items = kept


def _written(item: Item, text: str) -> str:
    return text[item.spans[0][0] : item.spans[-1][1]] if item.spans else item.text


def _trim(item: Item, text: str, inventory: Inventory) -> None:
    """Leave the plural *s* and a full stop out of a grounded short form: ``MIs`` -> ``MI``."""
    written = _written(item, text)
    if inventory.readings(written) or len(item.spans) > 1:
        return
    ending = _ENDING.search(written)
    if ending and inventory.readings(written[: ending.start()]):
        item.text = written[: ending.start()]
        if item.spans:
            start = item.spans[0][0]
            item.spans = ((start, start + len(item.text)),)


def _is_none(item: Item, inventory: Inventory) -> bool:
    """Tell what is no clinical short form: a unit, a sig, a title, or plain prose."""
    words = item.text.strip()
    readings = inventory.readings(words)
    if readings:
        return not any(reading.sense.name for reading in readings)
    return words.lower().strip(".") in no_short_forms() or bool(_PROSE.search(words))


def _defined(text: str) -> dict[str, list[str]]:
    """Return what the note itself says of its short forms."""
    defined: dict[str, list[str]] = {}
    for definition in find_definitions(text):
        defined.setdefault(definition.short.rstrip("s"), []).append(plain(definition.long))
    return defined


def _sense(
    state: State,
    item: Item,
    said: str | None,
    inventory: Inventory,
    defined: dict[str, list[str]],
) -> str | None:
    if not said or is_none(said) or _UNCLEAR.match(said) or plain(said) == plain(item.text):
        return None
    candidates = inventory.senses(_written(item, state.question.text))
    exact = _exact(said, candidates)
    if exact:
        return exact
    long = singular(plain(said[:_LONGEST]))
    if long in [singular(own) for own in defined.get(item.text, ())]:
        return long
    if not candidates:
        state.find("unlisted_short_form", item, severity="flag")
        return " ".join(singular(said[:_LONGEST].lower().strip(" .;,")).split()) or None
    ranked = sorted(
        ((_overlap(said, candidate), candidate.name) for candidate in candidates),
        key=lambda pair: (-pair[0], pair[1]),
    )
    best = ranked[0]
    if best[0] < _LEAST_OVERLAP:
        state.find("outside_label_set", said[:_LONGEST], severity="flag")
        return None
    if len(ranked) > 1 and ranked[1][0] > best[0] - _LEAST_MARGIN:
        state.find("ambiguous_sense", said[:_LONGEST], severity="flag")
        return None
    return best[1]


def plain(phrase: str) -> str:
    """Return a phrase folded, its words parted by single blanks."""
    return " ".join(_WORD.findall(fold_word(phrase)))


def _key(phrase: str) -> str:
    """Return a phrase as compared for equality: folded, in the singular, without small words."""
    words = [word for word in plain(phrase).split() if word not in _FILLERS]
    return " ".join(singular(word) for word in words)


def _exact(said: str, candidates: Iterable[Sense]) -> str | None:
    """Return the candidate that the words are, by its name or a variant."""
    key = _key(said[:_LONGEST])
    for candidate in candidates:
        if any(_key(wording) == key for wording in candidate.wordings):
            return candidate.name
    return None


def _overlap(said: str, candidate: Sense) -> float:
    """Return the overlap of words with a candidate, between 0 and 1.

    The share of common characters in both lengths together, over whole words or, for misspelt
    ones, over the longest common subsequence; a candidate that stands whole in the words, among
    others, counts 0.9.
    """
    key = _key(said[:_LONGEST])
    best = 0.0
    for wording in candidate.wordings:
        other = _key(wording)
        if not other or not key:
            continue
        ours, theirs = key.split(), other.split()
        common = sum(len(word) for word in set(ours) & set(theirs))
        whole = sum(map(len, set(ours))) + sum(map(len, set(theirs)))
        score = max(2 * common / whole, Indel.normalized_similarity(key, other))
        if len(theirs) > 1 and f" {other} " in f" {key} ":
            score = max(score, 0.9)
        best = max(best, score)
    return best
