"""The rule-based first rung of ``acronyms@1``: short forms, and what they stand for here."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from clinie.tasks.acronyms.context import Context, Place, words_of
from clinie.tasks.acronyms.finding import Capitals, ShortForm, find_short_forms, plain_words
from clinie.text.definitions import find_definitions, has_its_initials, singular
from clinie.text.folding import fold_word
from clinie.text.sections import sections as find_sections
from clinie.text.senses import Inventory, Sense
from clinie.text.sentences import sentences as find_sentences

__all__ = ["AcronymRules"]

# Weights in nats and thresholds, set on the training documents of ACI-Bench and MACCROBAT.
_DEFINED_HERE, _DEFINED, _LONG_FORM, _CONTENT_WORD = 10.0, 6.0, 1.5, 0.3
_SAME_NOTE = 0.7
_OTHER_CASE = -2.0
_WORD_ELSEWHERE = -7.0
_MOST_FAR, _NEAR = 2.0, 0.6
_LEAST = 0.6
_SURE = 0.9
_ABSTAINED, _UNKNOWN, _UNKNOWN_DEFINED = 0.4, 0.3, 0.85
_SHORTEST_CONTENT_WORD = 5
_SIDES = frozenset({"OD", "OS", "OU", "AD", "AS", "AU"})  # of the eyes and ears
_MOST_DEFINED = 8  # long forms of one short form
_TELLING = 3  # letters; two are the initials of too many words
_LAST_WORD = re.compile(r"(?<![^\W_])([A-Z]{4,})[ ,]{1,2}\Z")
_NEXT_WORD = re.compile(r"[ ,]{1,2}([A-Z]{4,})(?![^\W_])")
_ENDING_IN_BRACKETS = re.compile(r"[^\W_]\(\Z")  # "DIAGNOSIS(ES)"
_RUN = re.compile(r"[^\W_]+")
_LETTERS = re.compile(r"[^\W\d_]+")


class AcronymRules:
    """Find the short forms of a note and choose among their senses.

    Parameters
    ----------
    inventory : Inventory

    Notes
    -----
    The score of a sense is the logarithm of its prior plus the weights of its cues, as if they
    were independent (naive Bayes with weights by distance); a long form that the note spells out
    decides. The best sense is taken where its share of the whole is large enough. Deterministic;
    time linear in the text.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory

    def __call__(self, text: str) -> list[dict[str, Any]]:
        """Return the items of a note, or of a window of one, in text order.

        ``sense`` is None where the note does not decide. ``confidence`` is ordinal: defined in the
        note, one sense only, chosen by a wide margin, by a narrow one, left open, not listed.
        """
        reader = _Reader(text, self.inventory)
        return [item for chosen in reader.choose() if (item := _item(chosen))]


@dataclass(slots=True)
class _Choice:
    """A short form, and the scores of what it may mean ("": no short form)."""

    form: ShortForm
    place: Place
    scores: dict[str, float] = field(default_factory=dict)
    same_case: bool = True

    def shares(self) -> dict[str, float]:
        """Return the scores as shares of one (softmax)."""
        top = max(self.scores.values())
        weights = {name: math.exp(score - top) for name, score in self.scores.items()}
        whole = sum(weights.values())
        return {name: weight / whole for name, weight in weights.items()}


def _item(choice: _Choice) -> dict[str, Any] | None:
    """Return the item of a choice; None for what is no short form here."""
    sense: str | None = None
    confidence = _UNKNOWN
    if choice.scores:
        shares = choice.shares()
        best = max(shares, key=lambda name: shares[name])  # of equals the first listed
        if not best:
            return None
        if not choice.form.known:
            sense, confidence = best, _UNKNOWN_DEFINED
        elif shares[best] >= _LEAST:
            sense = best
            confidence = 0.45 + 0.5 * shares[best] - (0 if choice.same_case else 0.1)
            if len(shares) == 1:
                confidence = _SURE if choice.same_case else _SURE - 0.1
        else:
            confidence = _ABSTAINED
    return {
        "text": choice.form.text,
        "label": "acronym",
        "start": choice.form.start,
        "sense": sense,
        "confidence": round(confidence, 2),
    }


class _Reader:
    """One reading of one text."""

    def __init__(self, text: str, inventory: Inventory) -> None:
        sentences = find_sentences(text)
        self.text = text
        self.inventory = inventory
        self.sections = find_sections(text)
        self.context = Context(text, sentences, self.sections)
        self.capitals = Capitals(text, sentences)
        self.defined: dict[str, dict[str, list[int]]] = {}  # short, long, where
        for definition in find_definitions(text):
            long = " ".join(fold_word(definition.long).split())
            longs = self.defined.setdefault(definition.short.rstrip("s"), {})
            if long in longs or len(longs) < _MOST_DEFINED:
                longs.setdefault(long, []).append(definition.start)
        self._senses: dict[tuple[str, str], str | None] = {}

    def choose(self) -> list[_Choice]:
        """Return every short form with the scores of its senses."""
        choices = []
        for form in find_short_forms(self.text, self.inventory):
            place = self.context.place(form.start, form.end)
            in_capitals = self.capitals.at(place.sentence) or self._among_capitals(form)
            if form.known:
                choices.append(self._score(form, place, in_capitals=in_capitals))
            elif form.text in self.defined:
                choices.append(_Choice(form, place, {self._own_sense(form.text): 0.0}))
            elif not in_capitals and not self._is_word(form):
                choices.append(_Choice(form, place))
        self._agree(choices)
        return choices

    def _among_capitals(self, form: ShortForm) -> bool:
        """Tell whether a word beside a short form is written in capitals, too."""
        before = _LAST_WORD.search(self.text, max(0, form.start - 16), form.start)
        behind = _NEXT_WORD.match(self.text, form.end)
        words = [found.group(1) for found in (before, behind) if found]
        return any(not self.inventory.knows(word) for word in words)

    def _is_word(self, form: ShortForm) -> bool:
        """Tell a word in capitals (``SKIN:``, a heading) from a short form of no inventory."""
        at = bisect_right(self.sections, form.start, key=lambda section: section.start) - 1
        line = self.text[self.text.rfind("\n", 0, form.start) + 1 : form.start]
        heads_line = not line.strip(" \t*#-•") and self.text[form.end : form.end + 1] == ":"
        small = form.text.lower()
        stems = {small, singular(small)}
        return (
            heads_line
            or _ENDING_IN_BRACKETS.search(self.text, max(0, form.start - 2), form.start) is not None
            or (at >= 0 and form.start < self.sections[at].body)
            or len(set(small)) == 1
            or not stems.isdisjoint(plain_words())
            or not stems.isdisjoint(self.small_words)
        )

    @cached_property
    def times(self) -> Counter[str]:
        """How often each word stands in the text, as written."""
        return Counter(_RUN.findall(self.text))

    @cached_property
    def small_words(self) -> frozenset[str]:
        """The words that the text writes in small letters."""
        return frozenset(word for word in _LETTERS.findall(self.text) if word.islower())

    def _own_sense(self, short: str) -> str:
        """Return what the text says that a short form of no inventory means."""
        return singular(next(iter(self.defined[short])))

    def _score(self, form: ShortForm, place: Place, *, in_capitals: bool) -> _Choice:
        readings = form.readings
        choice = _Choice(form, place)
        alone = len(readings) == 1
        whole = sum(sense.prior for sense, _ in readings)
        for sense, same_case in readings:
            score = math.log(sense.prior / whole)
            if not same_case and not in_capitals:
                score += _OTHER_CASE
            if sense.case == "word" and not in_capitals:
                score += _WORD_ELSEWHERE
            if not alone:
                score += self._evidence(sense, place, form)
            choice.scores[sense.name] = max(score, choice.scores.get(sense.name, -math.inf))
        choice.same_case = any(same_case for _, same_case in readings)
        self._add_definitions(choice)
        return choice

    def _evidence(self, sense: Sense, place: Place, form: ShortForm) -> float:
        """Weigh the cues of a sense, its long form, and the words of it."""
        weights = self.context.weights(sense.cues, place)
        near = sum(weight for weight in weights if weight > _NEAR)
        far = sum(weight for weight in weights if weight <= _NEAR)
        spelt = any(self._stands(wording) for wording in sense.wordings)
        if spelt:
            return near + min(far, _MOST_FAR) + _LONG_FORM
        others = {
            word
            for other, _ in form.readings
            if other is not sense
            for word in _content(other.name)
        }
        words = [word for word in _content(sense.name) if word not in others]
        near += sum(_CONTENT_WORD for word in words if self.context.positions((word,), True))
        return near + min(far, _MOST_FAR)

    def _stands(self, wording: str) -> bool:
        words = words_of(wording)
        return len(words) > 1 and bool(self.context.positions(words, True))

    def _add_definitions(self, choice: _Choice) -> None:
        """Let what the text says of a short form decide, most of all where it says so."""
        short = choice.form.text
        for long, starts in self.defined.get(short, {}).items():
            name = self._defined_sense(choice.form, long)
            if name is None:
                continue
            if name not in choice.scores and not self._is_sure(short):  # left open
                choice.scores[name] = max(choice.scores.values())
                continue
            reach = len(long) + 20
            at = bisect_right(starts, choice.form.start - reach)
            is_here = at < len(starts) and starts[at] < choice.form.start + reach
            base = choice.scores.get(name, math.log(0.1))
            choice.scores[name] = base + (_DEFINED_HERE if is_here else _DEFINED)

    def _defined_sense(self, form: ShortForm, long: str) -> str | None:
        """Return the sense that a definition gives a listed short form; None if it gives none."""
        key = form.text, long
        if key not in self._senses:
            new = singular(long) if self._may_be_new(*key) else None
            self._senses[key] = self._listed(form, long) or new
        return self._senses[key]

    def _may_be_new(self, short: str, long: str) -> bool:
        """Tell whether a text may give a listed short form a sense that is not listed."""
        return short.upper() not in _SIDES and has_its_initials(short, long)

    def _is_sure(self, short: str) -> bool:
        """Tell whether a new sense is no chance: of three letters, or of a form used again."""
        return len(short) >= _TELLING or self.times[short] > 1

    def _listed(self, form: ShortForm, long: str) -> str | None:
        for sense in self.inventory.senses(form.text):
            if any(fold_word(wording) in (long, singular(long)) for wording in sense.wordings):
                return sense.name
        return None

    def _agree(self, choices: Sequence[_Choice]) -> None:
        """Let the occurrences of one short form speak for each other: one sense in a note, mostly.

        Gale, Church and Yarowsky (1992), One sense per discourse.
        """
        groups: dict[str, list[_Choice]] = {}
        for choice in choices:
            if len(choice.scores) > 1:
                groups.setdefault(choice.form.text, []).append(choice)
        for group in groups.values():
            if len(group) < 2:
                continue
            before = [choice.shares() for choice in group]
            total: dict[str, float] = {}
            for shares in before:
                for name, share in shares.items():
                    total[name] = total.get(name, 0.0) + share
            for choice, own in zip(group, before, strict=True):
                for name in choice.scores:
                    others = (total[name] - own[name]) / (len(group) - 1)
                    choice.scores[name] += _SAME_NOTE * others


@lru_cache(maxsize=8192)
def _content(name: str) -> tuple[str, ...]:
    return tuple(word for word in words_of(name) if len(word) >= _SHORTEST_CONTENT_WORD)
