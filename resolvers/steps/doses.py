"""Doses: what a medication's name carries along, and doses that cannot be meant."""

from __future__ import annotations

import re
from functools import cache

from clinie.resolvers.items import Item, State
from clinie.text.lexica import DoseLimit, dose_limits, drugs, load_tsv

__all__ = ["check_doses", "daily_dose", "strip_dosage"]

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_RANGE = rf"(?:{_NUMBER})(?:\s*(?:-|–|to)\s*(?:{_NUMBER}))?"
_MASS = r"(?:mg|milligrams?|mcg|µg|μg|ug|micrograms?|g|gm|grams?|ng|units?|iu|u|meq|mmol|ml|cc|%)"
_COUNTED = r"(?:tablets?|tabs?|capsules?|caps?|puffs?|drops?|gtts?|patch(?:es)?|sprays?|pills?)"
_DOSAGE = (
    rf"(?:{_RANGE}\s*{_MASS}(?:\s*/\s*(?:{_NUMBER}\s*)?(?:kg|day|d|hr?|hour|min|ml|dose|actuation|"
    rf"puff|m2))*|(?:{_RANGE}|one|two|half an?|a)\s+{_COUNTED})"
)
_ROUTE = (
    r"(?:p\.?o\.?|by mouth|orally|oral|i\.?v\.?(?:pb)?|intravenous(?:ly)?|i\.?m\.?|"
    r"intramuscular(?:ly)?|s\.?c\.?|s\.?q\.?|sub-?q|subcut(?:aneous(?:ly)?)?|sl|sublingual(?:ly)?|"
    r"p\.?r\.?|rectal(?:ly)?|topical(?:ly)?|inhaled|inhalation|nebuli[sz]ed|intranasal(?:ly)?|"
    r"transdermal(?:ly)?|via (?:g-?tube|peg|ng tube))"
)
_FREQUENCY = (
    r"(?:(?:once |twice |three times |four times |\d times )?(?:daily|a day|per day|a week|weekly)|"
    r"b\.?i\.?d\.?|t\.?i\.?d\.?|q\.?i\.?d\.?|q\.?d\.?|qhs|qam|qpm|qod|nightly|monthly|"
    r"q\s?\d{1,2}(?:-\d{1,2})?\s?(?:h|hrs?|hours?)|every \d{1,2}(?:-\d{1,2})? hours|"
    r"every (?:morning|evening|night|day|other day)|at bedtime|prn|as needed|tds|qds|bd)"
)
_FORM = (
    r"(?:tablets?|tabs?|capsules?|caps?|cream|ointment|gel|lotion|solution|suspension|syrup|"
    r"elixir|injections?|inhaler|patch(?:es)?|(?:eye |ear |nasal )?(?:drops|spray)|suppositor\w+|"
    r"drip|infusion|pills?)"
)
_PIECE = rf"(?:(?P<dosage>{_DOSAGE})|(?P<frequency>{_FREQUENCY})|(?P<route>{_ROUTE})|{_FORM})"
_TAIL = re.compile(rf"[\s,;:(@-]+{_PIECE}[\s,;).]*\Z", re.IGNORECASE)
_LEAD = re.compile(
    rf"(?:(?P<dosage>{_DOSAGE})(?:\s+of)?|(?P<route>{_ROUTE}))[\s,]+(?=\w)", re.IGNORECASE
)
_BARE_NUMBER = re.compile(rf"\s+(?P<dosage>{_RANGE})\Z")
_LONGEST_HEAD = 160


def strip_dosage(state: State) -> None:
    """Cut dose, route, frequency and form off a medication's name.

    *metoprolol 25 mg tablet PO* is the mention *metoprolol* with a dosage and a route; what is cut
    becomes the item's part when it has none of that kind. *vitamin B 12*, *5-FU* and *omega-3*
    stay whole, and nothing is cut that would leave no name.
    """
    relations = {spec.name: spec for spec in state.question.schema.relations}
    if "dosage" not in relations:
        return
    for item in state.items:
        spec = relations["dosage"]
        if item.label not in (None, spec.head) or len(item.text) > _LONGEST_HEAD:
            continue
        start, end, pieces = _strip(item.text)
        if not pieces:
            continue
        _add_parts(item, pieces, state)
        item.text = item.text[start:end]
        if item.start is not None:
            item.start += start


def _strip(text: str) -> tuple[int, int, list[tuple[str, int, int]]]:
    """Return the extent of the name, and the pieces around it with their kinds and extents."""
    start, end = 0, len(text)
    pieces: list[tuple[str, int, int]] = []
    if _is_name(text):
        return start, end, pieces
    while found := _TAIL.search(text, start, end):
        rest = text[start : found.start()]
        if not re.search(r"[A-Za-z]", rest) or (not found.lastgroup and not drugs().find(rest)):
            break
        end = found.start()
        pieces.append(_piece(found))
    while (found := _LEAD.match(text, start, end)) and found.end() < end:
        start = found.end()
        pieces.append(_piece(found))
    number = _BARE_NUMBER.search(text, start, end)
    if number and _is_name(text[start : number.start()]) and not _is_name(text[start:end]):
        end = number.start()
        pieces.append(_piece(number))
    return start, end, pieces


def _piece(found: re.Match[str]) -> tuple[str, int, int]:
    kind = found.lastgroup or ""
    return (kind, *found.span(kind)) if kind else (kind, *found.span())


def _is_name(text: str) -> bool:
    return drugs().get(text) is not None


def _add_parts(item: Item, pieces: list[tuple[str, int, int]], state: State) -> None:
    has = {part.relation for part in item.parts}
    for kind, start, end in sorted(pieces, key=lambda piece: piece[1]):
        spec = next((s for s in state.question.schema.relations if s.name == kind), None)
        if spec is None or kind in has:
            continue
        place = None if item.start is None else item.start + start
        item.parts.append(Item(item.text[start:end], spec.tail, place, relation=kind))


_AMOUNT = re.compile(
    rf"(?:(?P<low>{_NUMBER})\s*(?:-|–|to)\s*)?(?P<amount>{_NUMBER})\s*"
    r"(?P<unit>mg|milligrams?|mcg|µg|μg|ug|micrograms?|gm?|grams?|ng|units?|iu|meq|mmol)\b"
    r"(?P<per>\s*/\s*(?:kg|m2|h|hr|hour|min|ml|cc|d|day|dose)\b)?",
    re.IGNORECASE,
)
_IN_MG = {"g": 1000.0, "mg": 1.0, "mcg": 0.001, "ng": 1e-6}
_UNITS = {
    "milligram": "mg", "milligrams": "mg", "gm": "g", "gram": "g", "grams": "g",
    "µg": "mcg", "μg": "mcg", "ug": "mcg", "microgram": "mcg", "micrograms": "mcg",
    "unit": "units", "iu": "units",
}  # fmt: skip
_EVERY = re.compile(r"\b(?:q|every)\s?(?:\d{1,2}\s?-\s?)?(?P<hours>\d{1,2})\s?(?:h|hrs?|hours?)\b")
_TIMES = re.compile(r"\b(?P<times>\d{1,2})\s?(?:x|times)\s?(?:/|a|per|each)?\s?(?:day|daily|d)\b")
_TEN_TIMES = 10.0


def check_doses(state: State) -> None:
    """Flag a daily dose of ten times the usual maximum or more: `implausible_dose`.

    *methotrexate 250 mg daily* where 25 mg was meant. The dose stays as the note has it: the
    error may be the note's own. Doses per weight or volume are not judged.
    """
    for item in state.items:
        limit = _limit(item.text)
        if limit is None:
            continue
        times = min((_per_day(p.text) for p in item.parts if p.relation == "frequency"), default=1)
        for part in item.parts:
            if part.relation == "dosage":
                daily = daily_dose(part.text, times, limit.unit)
                if daily is not None and daily >= _TEN_TIMES * limit.max_daily:
                    state.find("implausible_dose", part, severity="flag")


def _limit(name: str) -> DoseLimit | None:
    drug = drugs().get(name)
    if drug is None:
        found = drugs().find(name)
        drug = found[0].drug if len(found) == 1 else None
    return dose_limits().get(drug.ingredient.lower()) if drug else None


def daily_dose(dosage: str, times: float, unit: str) -> float | None:
    """Return the dose of a day in ``unit``, or None when the words do not say.

    Parameters
    ----------
    dosage : str
        As written: ``40 mg``, ``1-2 g``, ``500 mcg``, ``2 mg/day``. Of a range the lower end
        counts.
    times : float
        Doses in a day.
    unit : str
        ``g``, ``mg``, ``mcg`` or ``units``.

    Examples
    --------
    >>> daily_dose("1.5 g", 2, "mg")
    3000.0
    """
    found = _AMOUNT.search(dosage.lower())
    if found is None:
        return None
    per = (found["per"] or "").strip(" /")
    if per in ("kg", "m2", "min"):
        return None
    if per in ("day", "d"):
        times = 1.0
    elif per in ("h", "hr", "hour"):
        times = 24.0
    amount = float((found["low"] or found["amount"]).replace(",", ""))
    said, wanted = _unit(found["unit"]), _unit(unit)
    if said != wanted:
        if said not in _IN_MG or wanted not in _IN_MG:
            return None
        amount *= _IN_MG[said] / _IN_MG[wanted]
    return amount * times


def _unit(word: str) -> str:
    word = word.strip().lower()
    return _UNITS.get(word, word)


def _per_day(words: str) -> float:
    """Return how often in a day, 1 where the words do not say."""
    said = words.lower().replace(".", "")
    if found := _EVERY.search(said):
        return 24 / max(1, int(found["hours"]))
    if found := _TIMES.search(said):
        return float(found["times"])
    return next((times for form, times in _frequencies() if form.search(said)), 1.0)


@cache
def _frequencies() -> tuple[tuple[re.Pattern[str], float], ...]:
    """Return the words for a frequency, the longest first, and how often in a day they mean."""
    rows = load_tsv("frequencies.tsv", "clinie.resolvers")
    return tuple(
        (re.compile(rf"\b{re.escape(row['words'])}\b"), float(row["per_day"]))
        for row in sorted(rows, key=lambda row: -len(row["words"]))
    )
