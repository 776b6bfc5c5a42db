"""The numbers of a trial's arms: read from an answer, found in the article or explained.

For a task whose labels have an attribute ``arm`` and whose document labels are called
``{arm}_{label}``: ``intervention_events`` is the number *events* of the arm *intervention*. The
question stands in the document's metadata: ``outcome``, and each arm under its own name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from clinie.resolvers.checks import words_shown
from clinie.resolvers.grammars.arm_numbers import ArmNames, read_arm_numbers
from clinie.resolvers.grammars.choice import read_choice
from clinie.resolvers.items import Item, Question, State, Statement
from clinie.resolvers.labels import map_labels
from clinie.resolvers.parsing import read
from clinie.resolvers.steps.arithmetic import Derivation, Wanted, as_count, derive, shown
from clinie.resolvers.steps.passages import Passages
from clinie.resolvers.vocabulary import is_none, key_form, synonyms_of, vocabulary_of
from clinie.schema import Finding, TaskSchema
from clinie.text.numerals import Numeral, numerals

__all__ = ["ground_results", "parse_results"]

ARM = "arm"
"""The attribute of a label that says whose number it is."""

_FEW_WORDS = 3
_BRACKETED = re.compile(r"\(([^()]{1,80})\)")
_COMPANY = 0.5
_OWN_ARM = 0.6
_STATED = 10.0


def parse_results(state: State) -> None:
    """Read the numbers per arm, or the choice, that an answer states.

    ``intervention: {events: 12/50}`` states two numbers, ``(A`` the first value of the only
    statement with a closed set. An answer that says neither a number nor that there is none (only
    the prompt's ``NUMBER``, or noise) has not answered: `no_answer`. Findings also: `malformed` for
    a value that is a range, a list or no number, `truncated`. A task without arms is left alone.
    """
    text = state.answer.text
    if not text.strip() or not _arms(state.question.schema):
        return
    reading = read_arm_numbers(text.replace("\r\n", "\n"), _names(state.question))
    for code, item, severity in reading.notes:
        state.find(code, item, severity=severity)
    if state.answer.truncated:
        state.find("truncated", severity="flag")
    answered = bool(reading.labels) or reading.said_none
    state.labels = reading.labels if answered else _from_items(state)
    state.labels = [*_choice(state, whole=not answered and not state.labels), *state.labels]
    if not (state.labels or reading.said_none or _is_nothing(text)):
        state.find("no_answer", words_shown(text), severity="flag")


def _is_nothing(text: str) -> bool:
    """Tell whether an answer says as a whole that there is nothing to report."""
    said = text.strip(" \t\r\n.\"'`")
    if said.lower() == "x" or (is_none(said) and any(map(str.isalnum, said))):
        return True
    try:
        return _is_empty(json.loads(said))
    except (ValueError, RecursionError):
        return False


def _is_empty(value: Any) -> bool:
    """Tell whether a decoded object or list holds no value: ``{"items": []}``."""
    if isinstance(value, dict):
        return all(inner is None or _is_empty(inner) for inner in value.values())
    return isinstance(value, list) and all(inner is None or _is_empty(inner) for inner in value)


def _arms(schema: TaskSchema) -> tuple[str, ...]:
    return next((s.attributes[ARM] for s in schema.labels if ARM in s.attributes), ())


def _names(question: Question) -> ArmNames:
    """Return what names mean: the arms by their role, synonyms, and the question's own words."""
    schema = question.schema
    arms: dict[str, str] = {}
    for arm in _arms(schema):
        asked = str(question.metadata.get(arm) or "")
        said = [arm, arm + "s", *synonyms_of(arm), asked, _BRACKETED.sub("", asked)]
        for name in (*said, *_BRACKETED.findall(asked)):
            if form := key_form(name):
                arms.setdefault(form, arm)
    numbers = frozenset(spec.name for spec in schema.labels if ARM in spec.attributes)
    return ArmNames(vocabulary_of(schema).role, arms, numbers)


def _from_items(state: State) -> list[Statement]:
    """Return the statements that an answer makes as marked mentions: ``<events arm="...">12``.

    A mention that does not say whose number it is states nothing.
    """
    arms = _arms(state.question.schema)
    read_items = read(state.answer.text, state.question.schema, state.question.text).items
    sheet = State(state.question, state.answer)
    sheet.items = [
        item
        for item in read_items
        if numerals(item.text) and any(arm in said for arm in arms for said in _values(item))
    ]
    map_labels(sheet)
    return [
        Statement(
            f"{item.attributes[ARM]}_{item.label}",
            item.text,
            item.start,
            confidence=item.confidence,
        )
        for item in sheet.items
    ]


def _values(item: Item) -> Iterator[str]:
    return (value.casefold() for value in item.attributes.values() if value)


def _choice(state: State, *, whole: bool) -> Iterator[Statement]:
    """Yield the value that an answer chooses: as a whole, or in a first line of a few words."""
    text = state.answer.text.strip()
    if not whole:
        text = text.partition("\n")[0]
        if len(text.split()) > _FEW_WORDS:
            return
    closed = [spec for spec in state.question.schema.document_labels if len(spec.values) > 1]
    named = {said.name for said in state.labels}
    if len(closed) == 1 and closed[0].name not in named:
        value = read_choice(text, closed[0].values)
        if value:
            yield Statement(closed[0].name, value)


@dataclass(slots=True)
class _Claim:
    """One number that is claimed of an arm, on its way to a place in the article."""

    statement: Statement
    arm: str
    number: str
    value: Decimal
    percent: bool
    places: list[int] = field(default_factory=list)
    place: tuple[int, int] | None = None


def ground_results(state: State) -> None:
    """Find every number in the article, or the arithmetic that gives it; drop the others.

    A number counts as found where the article prints it in any spelling (*5,000*, *forty-two*), a
    count not where it is a percentage. Of several places it takes the one in the passage about the
    outcome, beside the words of the arm and the arm's other numbers. The statement's value becomes
    the article's number in digits, its span has the attribute ``arm``.

    Findings: `derived_number` with the arithmetic, also where a percentage was answered as the
    number of events and became one; `unrelated_number` for events, a mean or a deviation that is
    printed only where nothing speaks of the outcome; `ungrounded`, `unit_mismatch` for a count that
    is printed only as a percentage, `impossible_number` for more events than patients and the like.
    """
    schema = state.question.schema
    numbers = {f"{arm}_{spec.name}": (arm, spec.name)
               for spec in schema.labels for arm in spec.attributes.get(ARM, ())}  # fmt: skip
    claims: list[_Claim] = []
    others = []
    for statement in state.labels:
        if statement.name in numbers:
            claims += _claim(state, statement, *numbers[statement.name])
        else:
            others.append(statement)
    state.labels = others
    if claims:
        _Grounder(state, claims).ground()


def _claim(state: State, statement: Statement, arm: str, number: str) -> Iterator[_Claim]:
    found = numerals(statement.value)
    if found:
        percent = statement.value.endswith("%")
        yield _Claim(statement, arm, number, found[0].value, percent)
    else:
        state.find("malformed", f"{statement.name}: {statement.value}")


class _Grounder:
    """Grounds the claims of one answer: sizes of groups first, since arithmetic needs them."""

    ORDER = ("group_size", "events", "mean", "standard_deviation")
    COUNTS = frozenset({"group_size", "events"})

    def __init__(self, state: State, claims: list[_Claim]) -> None:
        self.state = state
        metadata = state.question.metadata
        arms = {arm: str(metadata.get(arm) or "") for arm in _arms(state.question.schema)}
        self.article = Passages(state.question.text, str(metadata.get("outcome") or ""), arms)
        self.claims = claims
        self.sizes: dict[str, Decimal] = {}
        self.by_value: dict[Decimal, list[int]] = {}
        for i, numeral in enumerate(self.article.numerals):
            self.by_value.setdefault(numeral.value, []).append(i)

    def ground(self) -> None:
        order = {number: at for at, number in enumerate(self.ORDER)}
        for claim in sorted(self.claims, key=lambda c: order.get(c.number, len(order))):
            if self._is_possible(claim):
                claim.places = self._places(claim)
                if not claim.places:
                    self._explain(claim)
                if claim.number == "group_size" and (claim.places or claim.place):
                    self.sizes[claim.arm] = claim.value
        for arm in {claim.arm: None for claim in self.claims}:
            self._choose([claim for claim in self.claims if claim.arm == arm])
        for claim in self.claims:
            if claim.place:
                self._keep(claim, claim.place)

    def _is_possible(self, claim: _Claim) -> bool:
        """Reject what no trial can have: a broken or negative count, a negative deviation."""
        size = self.sizes.get(claim.arm)
        broken = claim.value != claim.value.to_integral_value()
        impossible = (
            (claim.number == "group_size" and (broken or claim.value < 1))
            or (claim.number in ("events", "standard_deviation") and claim.value < 0)
            or (claim.number == "events" and not claim.percent and not broken
                and size is not None and claim.value > size)
        )  # fmt: skip
        if impossible:
            self.state.find("impossible_number", _named(claim))
        return not impossible

    def _places(self, claim: _Claim) -> list[int]:
        """Return where the article prints a number; a count only where it is no percentage."""
        found = self.by_value.get(claim.value, [])
        if claim.number not in self.COUNTS:
            return found
        if claim.percent or claim.value != claim.value.to_integral_value():
            return []
        return [i for i in found if not self.article.percentages[i]]

    def _explain(self, claim: _Claim) -> None:
        size = self.sizes.get(claim.arm)
        derived = None
        if not (claim.number == "events" and claim.percent):
            derived = derive(Wanted(claim.value, claim.number, size), self.article)
        if derived is None and claim.number == "events":
            derived = self._as_count(claim, size)
        if derived is not None:
            claim.place = (derived.start, derived.end)
            self._note("derived_number", derived.item, claim.place)
            return
        printed = claim.value in self.by_value and claim.number in self.COUNTS
        self.state.find("unit_mismatch" if printed else "ungrounded", _named(claim))

    def _as_count(self, claim: _Claim, size: Decimal | None) -> Derivation | None:
        """Read events that the article prints as a percentage as the count that they are."""
        printed = self.by_value.get(claim.value, ())
        shares = [i for i in printed if self.article.percentages[i]]
        if not shares or size is None or claim.value > 100:
            return None
        place = self.article.numerals[max(shares, key=lambda i: (self._fit(i, claim), -i))]
        count = as_count(claim.value, size)
        item = f"{shown(claim.value)} % of {shown(size)} = {shown(count)}"
        claim.value = count
        return Derivation(item, place.start, place.end)

    def _fit(self, index: int, claim: _Claim) -> float:
        """Say how well a place fits a claim: its passage, its arm, the offset that was stated."""
        numeral = self.article.numerals[index]
        score = self.article.scores[self.article.at(numeral.start)]
        arm = self.article.arm(numeral)
        if arm:
            score += _OWN_ARM if arm == claim.arm else -_OWN_ARM
        return score + _STATED * (claim.statement.start == numeral.start)

    def _choose(self, claims: list[_Claim]) -> None:
        """Take a place for each number of an arm: the main one first, the others in its company."""
        main = ("events", "mean", "standard_deviation", "group_size")
        order = {number: at for at, number in enumerate(main)}
        company: list[int] = []
        for claim in sorted(claims, key=lambda c: order.get(c.number, len(order))):
            if not claim.places:
                continue
            best = max(
                claim.places, key=lambda i: (self._fit(i, claim) + self._near(i, company), -i)
            )
            numeral = self.article.numerals[best]
            claim.value, claim.place = numeral.value, (numeral.start, numeral.end)
            if claim.number != "group_size" and self._is_off_topic(numeral):
                self._note("unrelated_number", _named(claim), claim.place)
            company.append(best)

    def _is_off_topic(self, numeral: Numeral) -> bool:
        scores = self.article.scores
        return any(scores) and not scores[self.article.at(numeral.start)]

    def _note(self, code: str, item: str, place: tuple[int, int]) -> None:
        self.state.findings.append(Finding(code, "flag", item, *place))

    def _near(self, index: int, company: list[int]) -> float:
        """Say how near a place is to those of the arm's other numbers: a cell, a passage."""
        if not company:
            return 0.0
        here, there = self.article.numerals[index], self.article.numerals[company[0]]
        if self.article.at(here.start) != self.article.at(there.start) or index in company:
            return 0.0
        gap = abs(here.start - there.start)
        return _COMPANY + _COMPANY / (1 + gap / 20)

    def _keep(self, claim: _Claim, place: tuple[int, int]) -> None:
        """Make the label: a value in digits, at a span that says which arm's it is.

        What the article says once of both arms (*50 in each group*) is one span, of the first.
        """
        statement = claim.statement
        statement.value = shown(claim.value)
        here = ((place[0], place[1]),)
        same = (i for i in self.state.items if i.label == claim.number and i.spans == here)
        statement.item = next(same, None) or Item(
            self.article.text[place[0] : place[1]],
            claim.number,
            attributes={ARM: claim.arm},
            confidence=statement.confidence,
            spans=here,
        )
        if not any(item is statement.item for item in self.state.items):
            self.state.items.append(statement.item)
        self.state.labels.append(statement)


def _named(claim: _Claim) -> str:
    return f"{claim.statement.name}: {claim.statement.value}"
