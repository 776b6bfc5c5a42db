"""Slots that speak of drugs: names with their status, and the attributes that belong to them."""

from __future__ import annotations

import re
from collections.abc import Callable

from clinie.training.synthetic.phrases import Slot
from clinie.training.synthetic.scribe import Filler, Mention, Scribe

__all__ = ["STATUS", "drug_slots", "mark_drug"]

TASK = "medications@1"
STATUS = {"+": "active", "-": "discontinued", "0": "neither", "": "active"}

_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_AMOUNT = re.compile(r"(\d[\d.,/-]*) ?(mg|mcg|g|mL|units|mEq)")
_USUAL_LENGTHS = ("5 days", "7 days", "10 days", "2 weeks")
_USUAL_EFFECTS = ("nausea", "rash", "dizziness", "headache", "diarrhea")
_NEVER_HOME = ("once", "cont")


def drug_slots() -> dict[str, Filler]:
    """Return the fillers of the slots of drugs, and ``prepare`` that draws them beforehand."""
    return {
        "prepare": _prepare,
        "drug": _drug,
        "group": _drug,
        "dose": _attribute("dosage", _dose),
        "route": _attribute("route", _route),
        "freq": _attribute("frequency", _frequency),
        "dur": _attribute("duration", _duration),
        "durcourse": _attribute("duration", _course),
        "taken": _attribute("duration", _taken),
        "count": _attribute("dosage", _count),
        "reason": _reason,
        "effect": _effect,
    }


def _prepare(scribe: Scribe, slot: Slot) -> None:
    """Draw the drug of a slot before the phrase is written: words before it may depend on it."""
    context = scribe.context
    if slot.name == "group":
        context.mentions[context.place] = _draw_group(scribe, slot)
    elif slot.name == "drug":
        mention = context.numbered.get(slot.number) if slot.number else None
        mention = mention or _draw(scribe, slot)
        context.mentions[context.place] = mention
        if slot.number:
            context.numbered[slot.number] = mention


def _draw(scribe: Scribe, slot: Slot) -> Mention:
    rng = scribe.rng
    before = [m.profile for m in scribe.context.mentions.values() if m.profile]
    beside = before[-1] if slot.kind == "instead" and before else None
    profile = scribe.patient.drug("" if slot.kind == "instead" else slot.kind, slot.sign, beside)
    names = profile.names
    written = names[0] if rng.random() < 0.45 else rng.choice(names)
    name, _, form = written.partition("+")
    routes = [r for r in profile.routes if r == slot.kind] or profile.routes
    frequencies = profile.frequencies
    if slot.kind == "prn":
        frequencies = tuple(f for f in frequencies if f.endswith("prn")) or frequencies
    elif slot.kind in ("", "home", "list", "tablet"):
        frequencies = tuple(f for f in frequencies if f not in _NEVER_HOME) or frequencies
    return Mention(profile, name, form, rng.choice(routes), rng.choice(frequencies))


def _draw_group(scribe: Scribe, slot: Slot) -> Mention:
    def draw() -> str:
        return slot.words or scribe.rng.choice(scribe.words.words["group"]).partition(":")[0]

    return Mention(None, scribe.patient.term(draw, slot.sign))


def _drug(scribe: Scribe, slot: Slot) -> None:
    mention = scribe.context.mentions[scribe.context.place]
    name = mention.name
    if mention.form:
        extent = scribe.write(name)
        scribe.write(f" {mention.form}")
    else:
        extent = scribe.write(name)
    mention.mark = mark_drug(scribe, extent, slot.sign)
    for label, tail in mention.waiting:
        scribe.builder.link(TASK, label, mention.mark, tail)
    mention.waiting.clear()
    scribe.context.current = mention


def mark_drug(scribe: Scribe, extent: tuple[int, int], sign: str) -> int:
    """Mark a written drug name with the status of a sign; return the number of the mark."""
    return scribe.builder.mark(TASK, "medication", extent, status=STATUS[sign])


def _mention(scribe: Scribe, slot: Slot) -> Mention:
    """Return the drug that an attribute belongs to."""
    context = scribe.context
    if slot.ahead or context.current is None:
        later = [place for place in sorted(context.mentions) if place > context.place]
        if later:
            return context.mentions[later[0]]
    if context.current is None:
        raise ValueError(f"slot {slot.name} has no drug")
    return context.current


def _relate(scribe: Scribe, mention: Mention, label: str, extent: tuple[int, int]) -> None:
    tail = scribe.builder.mark(TASK, label, extent)
    if mention.mark is None:
        mention.waiting.append((label, tail))
    else:
        scribe.builder.link(TASK, label, mention.mark, tail)


def _attribute(label: str, words: Callable[[Scribe, Mention], str]) -> Filler:
    def fill(scribe: Scribe, slot: Slot) -> None:
        mention = _mention(scribe, slot)
        text = slot.words or words(scribe, mention)
        _relate(scribe, mention, label, scribe.write(text))

    return fill


def _dose(scribe: Scribe, mention: Mention) -> str:
    rng, profile = scribe.rng, mention.profile
    if profile is None:
        raise ValueError("a group of drugs has no dose")
    doses = [d.partition(":") for d in profile.doses]
    fitting = [rest or first for first, _, rest in doses if not rest or first == mention.route]
    fresh = [d for d in fitting if d not in mention.doses]
    dose = rng.choice(fresh) if fresh else _doubled(rng.choice(fitting))
    mention.doses.append(dose)
    return _written(scribe, dose)


def _doubled(dose: str) -> str:
    return _NUMBER.sub(lambda n: f"{float(n[0]) * 2:g}", dose, count=1)


def _written(scribe: Scribe, dose: str) -> str:
    """Vary how an amount is written: 40 mg, 40mg, 40 milligrams, and in short notes 40."""
    rng, amount = scribe.rng, _AMOUNT.fullmatch(dose)
    if not amount:
        return dose
    chance = rng.random()
    if chance < 0.14:
        return f"{amount[1]}{amount[2]}"
    if chance < 0.19 and not scribe.context.plain and amount[2] == "mg":
        return amount[1]
    if chance < 0.22 and scribe.context.plain:
        words = {"mg": "milligrams", "mcg": "micrograms", "g": "grams", "mL": "ml"}
        return f"{amount[1]} {words.get(amount[2], amount[2])}"
    if chance < 0.24:
        return f"{amount[1]} {amount[2].upper() if amount[2] == 'mg' else amount[2]}"
    return f"{amount[1]} {amount[2]}"


def _style(scribe: Scribe) -> str:
    if scribe.context.plain and scribe.rng.random() < 0.75:
        return "plain"
    return scribe.patient.style


def _route(scribe: Scribe, mention: Mention) -> str:
    return scribe.rng.choice(scribe.words.surfaces("route", mention.route, _style(scribe)))


def _frequency(scribe: Scribe, mention: Mention) -> str:
    return scribe.rng.choice(scribe.words.surfaces("frequency", mention.frequency, _style(scribe)))


def _duration(scribe: Scribe, mention: Mention) -> str:
    lengths = (mention.profile.durations if mention.profile else ()) or _USUAL_LENGTHS
    length = scribe.rng.choice(lengths)
    if not scribe.context.plain and scribe.rng.random() < 0.3:
        number, _, unit = length.partition(" ")
        return f"{number}{unit[0]}" if unit in ("days", "weeks") else length
    return length


def _course(scribe: Scribe, mention: Mention) -> str:
    """Return a length as it stands before *course*: 10 day, 10-day."""
    lengths = (mention.profile.durations if mention.profile else ()) or _USUAL_LENGTHS
    number, _, unit = scribe.rng.choice(lengths).partition(" ")
    return f"{number}{scribe.rng.choice((' ', '-'))}{unit.removesuffix('s')}"


def _taken(scribe: Scribe, _mention: Mention) -> str:
    return scribe.rng.choice(scribe.words.words["taken"])


def _count(scribe: Scribe, _mention: Mention) -> str:
    return scribe.rng.choice(scribe.words.words["count"])


def _reason(scribe: Scribe, slot: Slot) -> None:
    mention = _mention(scribe, slot)
    patient, profile = scribe.patient, mention.profile
    own = [c for c in (patient.main, *patient.history) if profile and profile.ingredient in c.drugs]
    reasons = (profile.reasons if profile else ()) or patient.main.names
    if slot.words:
        own, reasons = [], (slot.words,)
    if own and not mention.as_needed and scribe.rng.random() < 0.6:
        reasons = scribe.rng.choice(own).names
    text = patient.term(lambda: scribe.rng.choice(reasons), "+")
    extent = scribe.write(text)
    _relate(scribe, mention, "reason", extent)
    if text in scribe.words.words["aim"]:
        return  # what is wanted, no problem
    scribe.builder.mark(
        "conditions@1",
        "problem",
        extent,
        assertion="hypothetical" if mention.as_needed else "present",
        temporality="historical" if slot.past else "current",
    )


def _effect(scribe: Scribe, slot: Slot) -> None:
    mention = _mention(scribe, slot)
    effects = (mention.profile.effects if mention.profile else ()) or _USUAL_EFFECTS
    extent = scribe.write(scribe.patient.term(lambda: scribe.rng.choice(effects), "+"))
    scribe.builder.mark(
        "conditions@1",
        "problem",
        extent,
        assertion="hypothetical" if slot.sign == "~" else "present",
        temporality="historical" if slot.past else "current",
    )
