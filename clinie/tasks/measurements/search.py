"""The search for the values of one name, from the name to the right."""

from __future__ import annotations

import re
from typing import Literal

from clinie.tasks.measurements.lexicon import BLANK, pattern
from clinie.tasks.measurements.readings import Extent, Reading, Unit, belief
from clinie.tasks.measurements.stretch import Stretch
from clinie.tasks.measurements.values import Value, words_at
from clinie.text.quantities import is_implausible
from clinie.text.units import unit_key

__all__ = ["Search"]

_ARROW = re.compile(r"[→←]|[-–—=]{1,2}>|<[-–—=]{1,2}|»|>{2}|>(?=[ ]?\d)")
_ENDS_LIST = re.compile(
    rf"{BLANK}*(?:\Z|[.,;)\](/|\r\n→>*-]|(?:and|or|to|on|at|in|then|today|now|this|H|L|after|from|"
    r"x\d|respectively|with|for|but|over|yesterday|lying|standing|sitting|supine|by|while|when|"
    r"both)\b)"
)
_ENDS_WORDS = re.compile(
    rf"{BLANK}*(?:\Z|[.,;:)\](/|\r\n–—-]|(?:and|or|but|with|at|in|on|for|since|today|now|this|"
    r"x\d?|as|except|to|yesterday|then|again|from|without|when|despite|after|before|which|"
    r"throughout|overall|per|bilaterally|tonight|overnight|currently|yet)\b)",
    re.IGNORECASE,
)
_OR_MORE = re.compile(
    r"[ ](?:goal|target|or[ ](?:above|higher|more|greater|less|below|over|under|lower))\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?:father|mother|brother|sister|son|daughter|husband|wife|dad|mum|mom|uncle|aunt|cousin|"
    r"grand(?:mother|father)|twin|donor)(?:['’]?s?\s|\s(?:also\s)?(?:has|had|with)\s)"
    r"(?:an?\s)?(?:[a-z]+\s)?\Z",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;](?=\s)|[\r\n]|\bbut\b")
_COMPARED = re.compile(
    r"[<>≤≥]|(?:less|greater|more|higher|lower|over|above|below|under|at least)\b", re.IGNORECASE
)
_CHANGED = frozenset({"from", "up from", "down from"})
_AND = frozenset({"and", "or"})
_MOST_STEPS = 16
_MOST_VALUES = 12
_FARTHEST = 160
_LONGEST_LINK = 20
_NEAR = 40

Joiner = Literal["", "list", "course", "bracket"]


class Search:
    """Walks from a name to its values.

    Parameters
    ----------
    stretch : Stretch
        The text behind the name.
    start : int
        Where the clause before the name opens.
    neighbour : bool
        Another quantity is named close by.
    named : bool
        A name stands where the stretch ends.
    """

    def __init__(
        self, stretch: Stretch, start: int, *, neighbour: bool = False, named: bool = False
    ) -> None:
        self._on, self._start = stretch, start
        self._text, self._name, self._end = stretch.text, stretch.name, stretch.end
        self._neighbour, self._named = neighbour, named

    def run(self) -> list[Reading]:
        """Return the readings of the name."""
        reading = self._first()
        if reading is None or self._is_wanted(reading.value) or self._is_a_relatives():
            return []
        readings = [reading]
        if not reading.value.in_words:
            self._further(readings)
        for reading in readings:
            reading.unit = reading.unit or self._on.heading_unit
        return readings

    def _belief(self, value: Value, unit: Unit | None, *, direct: bool) -> float:
        return belief(
            self._text,
            self._name,
            value,
            unit,
            end=self._end,
            direct=direct,
            neighbour=self._neighbour,
        )

    # -- the first value -------------------------------------------------------------------

    def _first(self) -> Reading | None:
        """Walk over linking words to the first value; a number counts before words do."""
        on, at = self._on, self._name.end
        before, linked, step, loose = at, 0, False, False
        words: Value | None = None
        dates: list[Extent] = []
        for _ in range(_MOST_STEPS):
            at = on.blanks(at)
            if at >= self._end or at > self._name.end + _FARTHEST:
                break
            if (date := on.date(at)) is not None:
                dates.append(date)
                at = date.end
                continue
            if (after := on.bracket(at) or on.aside(at, first=True)) is not None:
                at = after
                continue
            value = on.value(at, step=step)
            if value is not None:
                if (after := self._result(value)) is not None:
                    at = after
                    continue
                unit, _ = on.unit(value.end)
                sure = self._belief(value, unit, direct=linked < 2 and not loose)
                if sure:
                    return Reading(self._name, value, _extent(unit), dates, sure - 0.1 * loose)
                break
            found = None if words else words_at(self._text, at, self._end, self._name.quantity)
            if found is not None and on.reference(at):
                return None
            if found is None and pattern("goal").match(self._text, at, self._end):
                if (passed := on.goal(at)) is None:
                    return None
                at = passed
                continue
            link = Extent(at, found.end) if found else on.link(at, loose=not loose)
            if link is None and not loose and before < at:
                link = on.phrase(before)  # "count at the end was": *at* alone led nowhere
            if link is None:
                break
            words = found or words
            said = self._text[link.start : link.end].lower()
            linked += said[:1].isalpha() and found is None
            step = said in _CHANGED
            loose = loose or link.end - link.start > _LONGEST_LINK or link.start < at
            before, at = at, link.end
        return self._in_words(words, dates, linked)

    def _result(self, value: Value) -> int | None:
        """Return where the result opens if a value is but its reference range."""
        on = self._on
        at = on.bounds(value)
        result = None if at is None else on.value(at)
        if result is None:
            return None
        unit, after = on.unit(result.end)
        text = self._text[result.start : result.end]
        said = self._text[unit.start : unit.end] if unit else None
        ends = unit is not None or _ENDS_LIST.match(self._text, after, self._end)
        if not ends or is_implausible(self._name.quantity, text, said):
            return None
        return at if self._belief(result, unit, direct=True) else None

    def _in_words(self, value: Value | None, dates: list[Extent], linked: int) -> Reading | None:
        if value is None or not _ENDS_WORDS.match(self._text, value.end, self._end):
            return None
        apart = self._on.blanks(self._name.end) != value.start
        if self._named and apart and self._on.blanks(value.end) == self._end:
            return None  # "profile showed normal prothrombin time", "panel: elevated cholesterol"
        sure = self._belief(value, None, direct=linked < 3)
        return Reading(self._name, value, None, dates, sure) if sure else None

    def _is_wanted(self, value: Value) -> bool:
        """Tell a goal or a threshold from a reading: "keep MAP > 65", "call if temp over 101"."""
        before = self._text[max(self._start, self._name.start - _NEAR) : self._name.start]
        clause = _CLAUSE.split(before)[-1]
        if _OR_MORE.match(self._text, value.end, self._end):
            return True
        compared = _COMPARED.match(self._text, value.start) is not None
        roles = ("goal", "limit") if compared else ("goal",)
        return any(
            match.start() == 0 or not clause[match.start() - 1].isalnum()
            for match in pattern(*roles).finditer(clause)
        )

    def _is_a_relatives(self) -> bool:
        """Tell a relative's reading: "his father had a cholesterol of 9"."""
        before = self._text[max(self._start, self._name.start - _NEAR) : self._name.start]
        return _RELATIVE.search(before) is not None

    # -- further values --------------------------------------------------------------------

    def _further(self, readings: list[Reading]) -> None:
        """Add the values that follow the first."""
        on = self._on
        _, at = on.unit(readings[0].value.end)
        joiner: Joiner = ""
        for _ in range(_MOST_STEPS + _MOST_VALUES):
            at = on.blanks(at)
            if at >= self._end or len(readings) == _MOST_VALUES:
                break
            if (date := on.date(at)) is not None:
                readings[-1].dates.append(date)
                at, joiner = date.end, ""
                continue
            if (after := on.remark(at)) is not None:
                at = after
                continue
            value = on.value(at, step=joiner == "course") if joiner else None
            if value is None:
                step = self._join(at, joiner)
                if step is None:
                    break
                at, joiner = step
                continue
            unit, after = on.unit(value.end)
            reading = self._another(readings[0], value, unit, after, joiner)
            if reading is not None:
                readings.append(reading)
                at = after
            elif joiner == "bracket" and (closed := on.rest_of_bracket(value.end)):
                at = closed
            else:
                break
            joiner = ""

    def _join(self, at: int, joiner: Joiner) -> tuple[int, Joiner] | None:
        """Pass a word or sign between two values; None where the course ends."""
        text, end = self._text, self._end
        if arrow := _ARROW.match(text, at, end):
            return arrow.end(), "course"
        if text[at] in ",/":
            return at + 1, joiner or "list"
        if text[at] in "([":
            return at + 1, "bracket"
        if text[at] in ")]:=~≈|":
            return at + 1, joiner if text[at] != ")" else ""
        word = pattern("link", "next").match(text, at, end)
        if word is None or pattern("goal").match(text, at, end):
            return None
        listed = word.group().lower() in _AND and joiner in ("", "list")
        return word.end(), "list" if listed else "course"

    def _another(
        self, first: Reading, value: Value, unit: Unit | None, after: int, joiner: Joiner
    ) -> Reading | None:
        """Return a further reading if its value is of the first one's kind."""
        text = self._text
        sure = self._belief(value, unit, direct=True)
        own = text[unit.start : unit.end] if unit else None
        other = text[first.unit.start : first.unit.end] if first.unit else None
        converted = joiner == "bracket" and unit is not None and unit.fit == "usual"
        if not sure or (joiner == "bracket" and not converted):
            return None
        if not converted and value.kind != first.value.kind:
            return None
        if not converted and own and other and unit_key(own) != unit_key(other):
            return None
        if is_implausible(self._name.quantity, text[value.start : value.end], own or other):
            return None
        if joiner == "list" and unit is None:
            beside = self._named and self._on.blanks(after) >= self._end  # "HR 96, 18 RR"
            taken = pattern("mode").match(text, self._on.blanks(after), self._end)
            if beside or not (taken or _ENDS_LIST.match(text, after, self._end)):
                return None
        return Reading(self._name, value, _extent(unit), [], round(sure - 0.05, 2))


def _extent(unit: Unit | None) -> Extent | None:
    return None if unit is None else Extent(unit.start, unit.end)
