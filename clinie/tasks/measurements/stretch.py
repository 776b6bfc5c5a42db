"""What may stand behind a name, and between its values, without being a value itself.

Brackets with a unit or a remark, flags, reference ranges, flows of oxygen, lapses of time, linking
words: each method says where such a thing ends that opens at an offset, or that there is none.
"""

from __future__ import annotations

import re

from clinie.tasks.measurements.lexicon import BLANK, pattern
from clinie.tasks.measurements.readings import Extent, Unit, unit_behind
from clinie.tasks.measurements.values import Value, is_range, value_at, words_at
from clinie.text.dates import DateMention
from clinie.text.quantities import NameMatch, is_implausible, limits

__all__ = ["Stretch"]

_BLANKS = re.compile(rf"{BLANK}+")
_MARK = re.compile(r"[:=~≈|→*,]|\.{2,}|[-–—]{1,2}>?|>{2}|[\"']")
_CITED = re.compile(r"\[\d{1,3}(?:[,–-][ ]?\d{1,3})*\]")
_REMARK = re.compile(r"[(\[][ ]?(?:!|\*|[^()\[\]\d%+\r\n]{1,30})[ ]?[)\]]")
_BRACKETED = re.compile(r"[(\[][^()\[\]\r\n]{1,40}[)\]]")
_SAYS_RESULT = re.compile(r"\s*(?:[:=]\s*)?")
_RESULT = re.compile(r"\s*[:=]\s*")
_AFTER_GOAL = re.compile(
    r"[ ]?[,;][ ]?(?=(?:today|now|currently|current|actual|latest|this[ ]morning)\b)", re.IGNORECASE
)
_REST_OF_BRACKET = re.compile(r"[^()\[\]\r\n]{0,30}[)\]]")
_OPENS = re.compile(r"[\s(\[:=,]{0,4}")
_FLAG = re.compile(
    r"[ \u00a0]?(?:\((?:[HLhl]{1,2}|[!*]{1,2}|↑+|↓+)\)|\[[HLhl*]{1,2}\]"
    r"|[HL]{1,2}|\*{1,2}|↑+|↓+)(?![\w/%])"
)
_REPEATED = re.compile(r"[x×][ ]?\d{1,2}(?![\d.,/%])|\([x×]\d\)")
_LOOSE = re.compile(
    r"(?:in|on|at|upon|during|after|before|from|for|following|taken|measured|obtained|performed|"
    r"estimated|evaluated|calculated|assessed|checked|today|this|last|"
    r"when|while|throughout|per|as|by|via)\b[^.;:,()\r\n]{1,70}?"
    r"\b(?:was|were|is|are|of|at|to|remained|showed|be)\s(?=[<>≥≤\d.~]|about|around|approx)",
    re.IGNORECASE,
)
_FLOW = re.compile(
    r"(?:on|with|at|@)?[ ]?(?:\d+(?:\.\d+)?(?:[ ]?-[ ]?\d+)?[ ]?(?:LPM|L|liters?|litres?)\b"
    r"(?:[ ]?/[ ]?min(?:ute)?)?"
    r"|\d{2,3}[ ]?%[ ](?:FiO2|O2|oxygen|NRB|venturi|ventimask)\b)"
    r"(?:[ ](?:of|O2|oxygen|NC|nasal|cannula|HFNC|NRB|mask|via))*",
    re.IGNORECASE,
)
_FLAGGED_LOW = re.compile(r"(?P<value>\d+(?:\.\d+)?)[ ]L(?=\s*(?:\Z|[.,;)\r\n(\[]))")
_ELAPSED = re.compile(
    r"(?:(?:day|hour|week|POD|HD|DOL)[ ]?\d{1,3}(?![\d./])"
    r"|(?:at[ ])?(?:\d{1,3}(?:(?:,[ ]|,?[ ]and[ ])\d{1,3}){0,4}|one|two|three|five|ten)[ -]"
    r"(?:min(?:ute)?s?|h(?:ou)?rs?|h|days?|weeks?|wks?|months?|years?|yrs?)\b)"
    r"(?:[ ](?:later|ago|earlier|after|before|prior|of[ ](?:life|age)|post-?op))?",
    re.IGNORECASE,
)
_DATE_LEAD = re.compile(r"(?:\b(?:on|at|from|in|since|dated|of)[ ]|[(@\[,:|][ ]?)\Z", re.IGNORECASE)
_YEAR_LEAD = re.compile(r"\b(?:at|in|since|from|of)[ ]\Z|@[ ]?\Z", re.IGNORECASE)
_LITRES = frozenset({"litre", "litre/minute", "litre/minute/metre2"})
_FLOW_OPENS = frozenset("0123456789owaOWA@")
_LIKE_DATES = frozenset({"acuity", "strength", "pain", "score", "fraction", "pairfree"})
_LAPSES = frozenset({"minute", "second"})


class Stretch:
    """The text behind one name, as far as the next name or the end of the sentence.

    Parameters
    ----------
    text : str
    name : NameMatch
    end : int
        No method looks behind it.
    dates : dict of int to DateMention
        By where they start.
    aliases : dict of int to int, optional
        Where a bracket opens that holds the name's abbreviation, and where it closes.

    Attributes
    ----------
    heading_unit : Extent, optional
        The unit in a bracket behind the name, once `bracket` has passed it: "Temp (C): 38".
    """

    def __init__(
        self,
        text: str,
        name: NameMatch,
        end: int,
        dates: dict[int, DateMention],
        aliases: dict[int, int] | None = None,
    ) -> None:
        self.text, self.name, self.end = text, name, end
        self._aliases = aliases or {}
        self.heading_unit: Extent | None = None
        self._dates = dates

    def blanks(self, at: int) -> int:
        """Return where blanks end."""
        blank = _BLANKS.match(self.text, at, self.end)
        return blank.end() if blank else at

    def value(self, at: int, *, step: bool = False) -> Value | None:
        """Return the number that opens here; `step` as in `value_at`."""
        return value_at(self.text, at, self.end, self.name.quantity, step=step)

    def unit(self, at: int) -> tuple[Unit | None, int]:
        """Return the unit of a value that ends here, and where to go on.

        Flags and a reference range may stand between: ``1.9 H mg/dL``, ``138  135-145 mmol/L``.
        """
        unit = self._unit_behind(at)
        if unit is not None:
            return unit, unit.end
        flag = _FLAG.match(self.text, at, self.end)
        after = flag.end() if flag else at
        spot = self.blanks(after)
        aside = is_range(self.text, spot, self.end) if spot > after else None
        for place in (after, aside.end() if aside else None):
            unit = None if place is None else self._unit_behind(place)
            if unit is not None and unit.fit == "usual":
                return unit, unit.end
        return None, after

    def date(self, at: int) -> Extent | None:
        """Return the date that opens here, a weak one only where words ask for it."""
        date = self._dates.get(at)
        if date is None or date.end > self.end:
            return None
        if date.weak and not self._is_asked_for(date):
            return None
        unit = self._unit_behind(date.end)
        if unit and unit.fit == "usual" and self.value(at):  # a wedge pressure of 17/5/10 mmHg
            return None
        return Extent(date.start, date.end)

    def _is_asked_for(self, date: DateMention) -> bool:
        """Tell a weak date from a value: "(2207 ng/ml)" and "visual acuity, 6/12" are none."""
        marked = "/" in self.text[date.start : date.end]
        lead = _DATE_LEAD if marked else _YEAR_LEAD
        if not lead.search(self.text, max(0, date.start - 8), date.start):
            return False
        value = self.value(date.start)
        if value is None:
            return True
        return self.name.quantity.form not in _LIKE_DATES and self._unit_behind(value.end) is None

    def aside(self, at: int, *, first: bool = False) -> int | None:
        """Return where a flow of oxygen or a lapse of time ends.

        With `first`, no value stands before: "Hgb 7.2 L" is a low hemoglobin, no flow.
        """
        units = self.name.quantity.units
        if _LITRES.isdisjoint(units) and self.text[at] in _FLOW_OPENS:
            flow = _FLOW.match(self.text, at, self.end)
            if flow and not (first and self._is_low(at)):
                return flow.end()
        elapsed = _ELAPSED.match(self.text, at, self.end) if _LAPSES.isdisjoint(units) else None
        return elapsed.end() if elapsed else None

    def _is_low(self, at: int) -> bool:
        """Tell a laboratory value with the flag L from litres."""
        low = _FLAGGED_LOW.match(self.text, at, self.end)
        quantity = self.name.quantity
        return (
            low is not None
            and quantity.group == "laboratory"
            and bool(limits(quantity))
            and not is_implausible(quantity, low["value"])
        )

    def bracket(self, at: int) -> int | None:
        """Return where a bracket before the value ends: a unit, a remark, a reference range.

        A bracket that holds a value is opened, one that closes is passed.
        """
        text, end = self.text, self.end
        if text[at] not in "()[]" or words_at(text, at, end, self.name.quantity):
            return None  # "(-)" is a result
        if text[at] in ")]":
            return at + 1
        if at in self._aliases:
            return self._aliases[at]
        if (after := self._bounds_in_bracket(at)) is not None:
            return after
        if cited := _CITED.match(text, at, end):
            return cited.end()
        unit = self._unit_behind(at + 1)
        if unit and unit.fit == "usual" and text[unit.end : unit.end + 1] in (")", "]"):
            self.heading_unit = Extent(unit.start, unit.end)
            return unit.end + 1
        if remark := _REMARK.match(text, at, end):
            inner = words_at(text, at + 1, end, self.name.quantity)
            return at + 1 if inner else remark.end()
        return at + 1

    def _bounds_in_bracket(self, at: int) -> int | None:
        """Return where the value stands behind a range in brackets: ``(3.5-5.0): 5.6``."""
        whole = _BRACKETED.match(self.text, at, self.end)
        if whole is None:
            return None
        word = pattern("reference", "goal").match(self.text, at + 1, whole.end())
        opens = _OPENS.match(self.text, word.end(), whole.end()) if word else None
        bounds = is_range(self.text, opens.end() if opens else at + 1, whole.end())
        said = _SAYS_RESULT.match(self.text, whole.end(), self.end)
        if bounds is None or said is None or self.value(said.end()) is None:
            return None
        self._keep_unit(bounds.end())
        return said.end()

    def bounds(self, value: Value) -> int | None:
        """Return where the value stands that a range before a colon is the reference of.

        "Glucose 70-99: 145"; a range without a value behind the colon is a reading itself.
        """
        bounds = is_range(self.text, value.start, self.end)
        if bounds is None or bounds.end() != value.end:
            return None
        unit = self._unit_behind(value.end)
        said = _RESULT.match(self.text, unit.end if unit else value.end, self.end)
        if said is None or self.value(said.end()) is None:
            return None
        self._keep_unit(value.end)
        return said.end()

    def goal(self, at: int) -> int | None:
        """Return where a goal ends that a reading follows: "goal 2-3, today 2.7"."""
        word = pattern("goal").match(self.text, at, self.end)
        opens = _OPENS.match(self.text, word.end(), self.end) if word else None
        bounds = is_range(self.text, opens.end(), self.end) if opens else None
        if bounds is None:
            return None
        unit = self._unit_behind(bounds.end())
        after = _AFTER_GOAL.match(self.text, unit.end if unit else bounds.end(), self.end)
        return after.end() if after else None

    def _keep_unit(self, at: int) -> None:
        """Keep the usual unit behind a range for the value that follows without one."""
        unit = self._unit_behind(at)
        if unit is not None and unit.fit == "usual":
            self.heading_unit = Extent(unit.start, unit.end)

    def rest_of_bracket(self, at: int) -> int | None:
        """Return where a bracket closes of which the rest is short."""
        rest = _REST_OF_BRACKET.match(self.text, at, self.end)
        return rest.end() if rest else None

    def remark(self, at: int) -> int | None:
        """Return where a remark behind a value ends: a flag, a range, a count, how it was taken."""
        text, end = self.text, self.end
        for found in (_REPEATED, _FLAG, _REMARK, pattern("mode")):
            if match := found.match(text, at, end):
                return match.end()
        if text[at] in "([" and (whole := _BRACKETED.match(text, at, end)):
            word = pattern("reference", "goal").match(text, at + 1, whole.end())
            inner = is_range(text, word.end() if word else at + 1, whole.end())
            if word or (inner and not self._converts(inner.end())):
                return whole.end()
        elif reference := self.reference(at):
            unit = self._unit_behind(reference)
            return unit.end if unit else reference
        return None if text[at] in "()[]" else self.aside(at)

    def reference(self, at: int) -> int | None:
        """Return where a range ends that *normal range* or the like before it opens here."""
        word = pattern("reference").match(self.text, self.blanks(at), self.end)
        opens = _OPENS.match(self.text, word.end(), self.end) if word else None
        bounds = is_range(self.text, opens.end(), self.end) if opens else None
        return bounds.end() if bounds else None

    def link(self, at: int, *, loose: bool) -> Extent | None:
        """Return a linking word or mark; with `loose`, or a phrase that ends in *was* or *of*."""
        for found in (pattern("link"), _MARK):
            if match := found.match(self.text, at, self.end):
                return Extent(*match.span())
        return self.phrase(at) if loose else None

    def phrase(self, at: int) -> Extent | None:
        """Return a phrase from a preposition to a *was* or *of* that stands before a number."""
        match = _LOOSE.match(self.text, at, self.end)
        return Extent(*match.span()) if match else None

    def _unit_behind(self, at: int) -> Unit | None:
        return unit_behind(self.text, at, self.end, self.name)

    def _converts(self, at: int) -> bool:
        """Tell whether the usual unit follows, as in "(97-99 F)": a reading, no reference."""
        unit = self._unit_behind(at)
        return unit is not None and unit.fit == "usual" and self.text[at - 1] not in ")]"
