"""Answers that give numbers per arm of a trial, in YAML or anything like it.

Canonical::

    outcome_type: binary
    intervention:
        events: 12
        group_size: 50
    comparator:
        events: x
        group_size: 48

The layout hardly matters: flat names (``intervention_events: 12``), one line (``intervention:
events: 12 group_size: 50``), names and values run together, flow style, nested JSON, bullets, an
arm under its own name (``placebo:``), ``12/50``, ``105 ± 30.8``. A name counts where a colon or an
equals sign follows it. Of two values for one name the first counts. Answers to the parts of a long
article follow each other, divided by lines ``---``: the one with the most numbers counts, the
others fill its gaps.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from clinie.resolvers.grammars.reading import Reading
from clinie.resolvers.items import Statement
from clinie.resolvers.vocabulary import is_none, key_form, probability, whole_number, words
from clinie.text.numerals import numerals

__all__ = ["ArmNames", "read_arm_numbers", "single_number"]

_PART = re.compile(r"(?m)^[ \t]*-{3,}[ \t]*$")
_SIGN = re.compile(r"[:=]")
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_\\ ./%-]*)[\s\"'`*)\]]*$")
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]")
_LONGEST_KEY = 64
_MOST_WORDS = 6
_LONGEST_VALUE = 200
_DEEPEST = 8
_GROUP = frozenset({"group", "arm", "groups", "arms"})
_COMMENT = re.compile(r"\s#|//")
_PLACEHOLDER = re.compile(r"[\W_]*(?:NUM(?:BER)?(?![a-z])|N_|<|\.\.\.|value\b)")
_SAYS_NONE = re.compile(
    r"(?i)[\W_]*(?:x|nan|unknown|unclear|unavailable|nr|\?|-+|not\b.*|n/?a\b.*|none\b.*|null)[\W_]*\Z"
    r"|[\W_]*x[\s,;.(]"
)
_RANGE = re.compile(r"\s*(?:-|–|—|\.\.+|\bto\b|~|[,;])\s*\Z")
_OF = re.compile(r"\s*(?:/|\bof\b|\bout of\b)\s*(?:the\s*)?\Z")
_SPREAD = re.compile(r"(?i)[\s(,]*(?:±|\+/?-|\bSD\b[\s:=,]*)\s*\Z")


class ArmNames:
    """What the names of an answer mean: an arm, a number of an arm, a statement of its own.

    Parameters
    ----------
    role : callable
        From a name to its role and canonical name (`clinie.resolvers.vocabulary.Vocabulary.role`).
    arms : Mapping of str to str
        Names of arms in `key_form`, those of the question too, and the arm that each names.
    numbers : frozenset of str
        Names of the numbers that an arm has.
    """

    def __init__(
        self,
        role: Callable[[str], tuple[str, str]],
        arms: Mapping[str, str],
        numbers: frozenset[str],
    ) -> None:
        self._role = role
        self.arms = arms
        self.numbers = numbers
        self._endings = sorted([*arms, *map(key_form, numbers)], key=len, reverse=True)

    def meaning(self, form: str) -> tuple[str | None, str | None]:
        """Return the arm and the number that a name in `key_form` speaks of, each or None."""
        if form in self.arms:
            return self.arms[form], None
        number = self._number(form)
        if number:
            return None, number
        said = form.split()
        for cut in range(1, len(said)):
            one, other = " ".join(said[:cut]), " ".join(said[cut:])
            for arm, rest in ((one, other), (other, one)):
                if arm in self.arms and (number := self._number(rest)):
                    return self.arms[arm], number
                if arm in self.arms and rest in _GROUP:
                    return self.arms[arm], None
        return None, None

    def _number(self, form: str) -> str | None:
        role, name = self._role(form)
        return name if role == "label" and name in self.numbers else None

    def statement(self, form: str) -> str | None:
        """Return the statement about the document that a name names, or None."""
        role, name = self._role(form)
        return name if role == "document" else None

    def ending(self, form: str) -> str | None:
        """Return the known name that a word ends in: ``xgroup size`` -> ``group size``."""
        return next((name for name in self._endings if len(name) > 3 and form.endswith(name)), None)


class _Said(NamedTuple):
    """What an answer says of one number: words, or None where it says that there is none."""

    value: str | None
    start: int | None = None
    confidence: float | None = None


class _Sheet:
    """What one answer says, by name of the statement."""

    def __init__(self, names: ArmNames, reading: Reading) -> None:
        self.names = names
        self.reading = reading
        self.said: dict[str, _Said] = {}

    @property
    def count(self) -> int:
        """How many values the answer gives."""
        return sum(said.value is not None for said in self.said.values())

    def number(
        self,
        arm: str,
        name: str,
        value: str,
        start: int | None = None,
        confidence: float | None = None,
    ) -> None:
        """Note what is said of a number of an arm, the first time that anything is."""
        key = f"{arm}_{name}"
        if key in self.said or not value or _PLACEHOLDER.match(value):
            return
        if is_none(value) or _SAYS_NONE.match(value):
            self.said[key] = _Said(None)
            return
        read = single_number(value)
        if read is None:
            self.unreadable(key, value)
            return
        self.said[key] = _Said(read[0], start, confidence)
        for other, also in read[1].items():
            if other in self.names.numbers:
                self.said.setdefault(f"{arm}_{other}", _Said(also))

    def statement(
        self, name: str, value: str, start: int | None = None, confidence: float | None = None
    ) -> None:
        """Note a statement in words, the first time that it is made."""
        if value and not is_none(value):
            self.said.setdefault(name, _Said(value, start, confidence))

    def unreadable(self, name: str, value: str) -> None:
        """Report a value of which no number can be told to be meant."""
        self.reading.note("malformed", words(f"{name}: {value}"[:_LONGEST_VALUE]), "reject")


def read_arm_numbers(text: str, names: ArmNames) -> Reading:
    """Read an answer; ``said_none`` tells that it speaks of the numbers and gives none.

    Total; time linear in the length of the answer.
    """
    reading = Reading()
    sheets = [_read_part(part, names, reading) for part in _PART.split(text)]
    said = dict(max(sheets, key=lambda sheet: sheet.count).said)
    for other in sheets:
        for name, value in other.said.items():
            if name not in said or said[name].value is None:
                said[name] = value
    reading.labels = [
        Statement(name, value, start, confidence=confidence)
        for name, (value, start, confidence) in said.items()
        if value is not None
    ]
    reading.said_none = bool(said) and not reading.labels
    return reading


def _read_part(text: str, names: ArmNames, reading: Reading) -> _Sheet:
    sheet = _Sheet(names, reading)
    decoded = _decoded(text)
    if decoded is not None:
        _walk(decoded, None, sheet, 0)
    if not sheet.said:
        _scan(text, sheet)
    return sheet


def _decoded(text: str) -> Any:
    """Return the JSON object of an answer, or None when it holds none."""
    opening, closing = text.find("{"), text.rfind("}")
    if opening < 0 or '"' not in text[opening : opening + _LONGEST_KEY]:
        return None
    try:
        value = json.loads(text[opening : closing + 1])
    except (ValueError, RecursionError):
        return None
    return value


def _walk(value: Any, arm: str | None, sheet: _Sheet, depth: int) -> None:
    """Collect what a decoded object says, the arm being that of a key above."""
    if depth > _DEEPEST:
        return
    if isinstance(value, list):
        for entry in value:
            _walk(entry, arm, sheet, depth + 1)
    if not isinstance(value, dict):
        return
    for key, content in value.items():
        form = key_form(str(key))
        own, number = sheet.names.meaning(form)
        statement = sheet.names.statement(form)
        said, start, confidence = _stated(content)
        if number and (own or arm):
            name = own or arm or ""
            if said is None:
                sheet.unreadable(f"{name}_{number}", words(content))
            else:
                sheet.number(name, number, said, start, confidence)
        elif statement and said is not None:
            sheet.statement(statement, said, start, confidence)
        else:
            _walk(content, own or arm, sheet, depth + 1)


def _stated(content: Any) -> tuple[str | None, int | None, float | None]:
    """Return the words of a value with offset and confidence; None for what is no single value."""
    start = confidence = None
    if isinstance(content, dict):
        start, confidence = (
            whole_number(content.get("start")),
            probability(content.get("confidence")),
        )
        content = content.get("text", content.get("value", {}))
    if isinstance(content, (dict, list)):
        return None, start, confidence
    return "null" if content is None else words(content), start, confidence


class _Entry(NamedTuple):
    """A name in an answer: what it means (None throughout: nothing known), and its extent."""

    start: int
    end: int
    arm: str | None = None
    number: str | None = None
    statement: str | None = None


def _scan(text: str, sheet: _Sheet) -> None:
    """Read ``name: value`` wherever it stands; the arm is that of the last name of one.

    A name that is not known, no deeper than the arm's own, ends what is said of the arm.
    """
    entries = list(_entries(text, sheet.names))
    arm, indent = None, 0
    for at, entry in enumerate(entries):
        value = _value(text, entry.end, entries[at + 1].start if at + 1 < len(entries) else None)
        column = _column(text, entry.start)
        if entry.number:
            own = entry.arm or arm
            if own:
                sheet.number(own, entry.number, value)
            elif single_number(value):
                sheet.unreadable(entry.number, value)
        elif entry.statement:
            sheet.statement(entry.statement, value)
        elif entry.arm:
            arm, indent = entry.arm, column or 0
        elif column is not None and column <= indent:
            arm = None


def _value(text: str, start: int, end: int | None) -> str:
    """Return what follows a name on its line, up to the next name, without marks and comments."""
    value = text[start:end] if end is not None else text[start : start + 2 * _LONGEST_VALUE]
    value = value.partition("\n")[0][:_LONGEST_VALUE]
    comment = _COMMENT.search(value)
    return (value[: comment.start()] if comment else value).strip(" \t\r\"'`,;{}*")


def _column(text: str, at: int) -> int | None:
    """Return the indentation of a name that opens its line, markers included, else None."""
    begin = text.rfind("\n", 0, at) + 1 if at < _LONGEST_KEY else 0
    if not begin:
        begin = text.rfind("\n", max(0, at - _LONGEST_KEY), at) + 1
        if not begin and at >= _LONGEST_KEY:
            return None
    before = text[begin:at]
    return None if before.strip(" \t-*>\"'`{#•") else len(before)


def _entries(text: str, names: ArmNames) -> Iterator[_Entry]:
    """Yield the names of an answer in order: what stands before a colon or an equals sign."""
    floor = 0
    for sign in _SIGN.finditer(text):
        base = max(floor, sign.start() - _LONGEST_KEY)
        found = _KEY.search(text[base : sign.start()])
        floor = sign.end()
        if found:
            yield _entry(found.group(1), base + found.start(1), sign.end(), names)


def _entry(key: str, start: int, end: int, names: ArmNames) -> _Entry:
    """Return what the longest known ending of a key means."""
    for begin in [word.start() for word in _WORD.finditer(key)][-_MOST_WORDS:]:
        form = key_form(key[begin:].replace("\\", ""))
        arm, number = names.meaning(form)
        statement = names.statement(form) if not number else None
        if arm or number or statement:
            return _Entry(start + begin, end, arm, number, statement)
    ending = names.ending(key_form(key))
    if ending:  # run together with what stands before it
        return _Entry(start + len(key) - len(ending), end, *names.meaning(ending))
    return _Entry(start, end)


def single_number(value: str) -> tuple[str, dict[str, str]] | None:
    """Return the one number of a value, a percent sign with it, and what else it says.

    ``12/50`` also gives a group size, ``105 ± 30.8`` a deviation. None for words, and for a range
    or a list (``4-6``, ``27.75, 27.75``), of which none can be told to be meant.

    Examples
    --------
    >>> single_number("40 (12.5%)"), single_number("12 of 50"), single_number("4-6")
    (('40', {}), ('12', {'group_size': '50'}), None)
    """
    found = numerals(value)
    if not found or "[" in value[: found[0].start]:
        return None
    first = value[found[0].start : found[0].end]
    if value[found[0].end :].lstrip().startswith(("%", "percent", "per cent")):
        first += "%"
    if len(found) == 1:
        return first, {}
    between = value[found[0].end : found[1].start]
    other = value[found[1].start : found[1].end]
    if _RANGE.match(between):
        return None
    if _OF.match(between):
        return first, {"group_size": other}
    return first, {"standard_deviation": other} if _SPREAD.match(between) else {}
