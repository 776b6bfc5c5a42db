"""Slots that speak of problems, tests, procedures and allergies."""

from __future__ import annotations

from collections.abc import Sequence

from clinie.text.lexica import drugs
from clinie.training.synthetic.drug_slots import mark_drug
from clinie.training.synthetic.phrases import Slot
from clinie.training.synthetic.scribe import Filler, Scribe
from clinie.training.synthetic.vocabulary import Allergen, Laboratory, System

__all__ = ["ASSERTION", "condition_slots"]

TASK = "conditions@1"
ALLERGIES = "allergies@1"
ASSERTION = {
    "+": "present",
    "-": "absent",
    "?": "possible",
    "~": "hypothetical",
    "%": "conditional",
    "^": "family",
    "": "present",
}
_RARE = 0.25  # share of tests and procedures drawn from the whole lexicon


def condition_slots() -> dict[str, Filler]:
    """Return the fillers of the slots of problems, tests, procedures and allergies."""
    return {
        "symptom": _symptom,
        "symptoms": _symptoms,
        "sysymptom": _system_symptom,
        "sysymptoms": _symptoms,
        "mainsymptom": _main_symptom,
        "exertional": lambda scribe, slot: _named(scribe, slot, "exertional"),
        "main": _main,
        "disease": _disease,
        "familydisease": _family_disease,
        "acute": lambda scribe, slot: _problem(scribe, slot, scribe.patient.acute(slot.sign)),
        "event": _event,
        "sign": _sign,
        "finding": _shown,
        "shown": _shown,
        "notshown": _not_shown,
        "problem": lambda scribe, slot: _problem(scribe, slot, slot.words),
        "imaging": _imaging,
        "lab": _laboratory,
        "test": _test,
        "value": _value,
        "proc": _procedure,
        "sys": _system_name,
        "normal": lambda scribe, _slot: _say(scribe, _system(scribe).normal),
        "relative": _relative,
        "Relative": _relative,
        "relative2": _relative,
        "relative_after": _named_relative,
        "nobody": _nobody,
        "aunt": _coming_relative,
        "allergen": _allergen,
        "drugallergen": _allergen,
        "allergy": _allergy,
        "reaction": _reaction,
        "nka": lambda scribe, _slot: scribe.builder.state(ALLERGIES, "no_known_allergies", "true"),
    }


def _say(scribe: Scribe, options: Sequence[str]) -> tuple[int, int]:
    return scribe.write(scribe.rng.choice(options))


def _mark(scribe: Scribe, slot: Slot, label: str, extent: tuple[int, int]) -> None:
    attributes = {
        "assertion": "absent" if slot.kin else ASSERTION[slot.sign],
        "temporality": "historical" if slot.past else "current",
    }
    if slot.kin or slot.sign == "^":
        attributes["relative"] = "family" if slot.kin else scribe.context.relative or "family"
    scribe.builder.mark(TASK, label, extent, **attributes)


def _problem(scribe: Scribe, slot: Slot, text: str) -> None:
    _mark(scribe, slot, "problem", scribe.write(text))


def _symptom(scribe: Scribe, slot: Slot) -> None:
    _described(scribe, slot, scribe.patient.symptom(slot.sign))


def _described(scribe: Scribe, slot: Slot, text: str) -> None:
    """Write a symptom, sometimes with how bad it is: part of the mention, or a comment on it."""
    words, chance = scribe.words.words, scribe.rng.random()
    if slot.sign in "+%" and not slot.past and " " not in text[:4] and text.islower():
        if chance < 0.22 and text.partition(" ")[0] not in words["severity"]:
            text = f"{scribe.rng.choice(words['severity'])} {text}"
        elif chance < 0.28:
            scribe.write(scribe.rng.choice(words["hedge"]) + " ")
    _problem(scribe, slot, text)


def _main_symptom(scribe: Scribe, slot: Slot) -> None:
    patient = scribe.patient
    own = patient.main.symptoms or patient.words.symptoms
    _described(scribe, slot, patient.term(lambda: scribe.rng.choice(own), slot.sign))


def _system(scribe: Scribe) -> System:
    return scribe.context.system or scribe.rng.choice(scribe.words.systems)


def _system_symptom(scribe: Scribe, slot: Slot) -> None:
    own = _system(scribe).symptoms
    _problem(scribe, slot, scribe.patient.term(lambda: scribe.rng.choice(own), slot.sign))


def _system_name(scribe: Scribe, _slot: Slot) -> None:
    scribe.context.system = scribe.context.system or scribe.rng.choice(scribe.words.systems)
    _say(scribe, scribe.context.system.names)


def _symptoms(scribe: Scribe, slot: Slot) -> None:
    """Write a list of symptoms; each is a mention of its own."""
    rng, patient = scribe.rng, scribe.patient
    if slot.name == "sysymptoms":
        own = _system(scribe).symptoms
        count = min(len(own), rng.randint(2, 4))
        terms = [patient.term(lambda: rng.choice(own), slot.sign) for _ in range(count)]
    else:
        terms = [
            patient.symptom(slot.sign) for _ in range(rng.choices((2, 3, 4, 5), (4, 4, 2, 1))[0])
        ]
    terms = list(dict.fromkeys(terms))
    last = rng.choice(
        (", or ", " or ", " or ", ", ") if slot.sign in "-~" else (", and ", " and ", ", ")
    )
    between = rng.choice((", ", ", ", ", ", "/", "; ")) if len(terms) > 2 else ", "
    for number, term in enumerate(terms):
        if number:
            final = number == len(terms) - 1 and between == ", "
            scribe.write(last if final else between)
        _problem(scribe, slot, term)


def _main(scribe: Scribe, slot: Slot) -> None:
    _problem(scribe, slot, scribe.rng.choice(scribe.patient.main.names))


def _disease(scribe: Scribe, slot: Slot) -> None:
    if slot.sign == "^" or slot.kin:
        _family_disease(scribe, slot)
    else:
        _problem(scribe, slot, scribe.patient.disease(slot.sign))


def _family_disease(scribe: Scribe, slot: Slot) -> None:
    rng, words = scribe.rng, scribe.words
    sign = "-f" if slot.kin else "^"

    def draw() -> str:
        rare = rng.random() < 0.2
        return rng.choice(words.rare_diseases if rare else words.words["familydisease"])

    # Under a key of its own: what a relative has, the patient may have or not.
    term = scribe.patient.term(lambda: f"family {draw()}", sign).removeprefix("family ")
    _problem(scribe, slot, term)


def _event(scribe: Scribe, slot: Slot) -> None:
    words = scribe.words.words
    own = words["event_f"] if scribe.patient.female else words["event_m"]
    events = (slot.words,) if slot.words else (*words["event"], *own)
    _problem(scribe, slot, scribe.patient.term(lambda: scribe.rng.choice(events), slot.sign))


def _named(scribe: Scribe, slot: Slot, row: str) -> None:
    options = scribe.words.words[row]
    _problem(scribe, slot, scribe.patient.term(lambda: scribe.rng.choice(options), slot.sign))


def _sign(scribe: Scribe, slot: Slot) -> None:
    patient, system = scribe.patient, scribe.context.system
    if system is None:
        text = patient.sign(slot.sign)
    else:
        text = patient.term(lambda: scribe.rng.choice(system.signs), slot.sign)
    _problem(scribe, slot, text)


def _shown(scribe: Scribe, slot: Slot) -> None:
    examination = scribe.context.examination or scribe.rng.choice(scribe.words.examinations)
    own = examination.shown
    _problem(scribe, slot, scribe.patient.term(lambda: scribe.rng.choice(own), slot.sign))


def _not_shown(scribe: Scribe, slot: Slot) -> None:
    examination = scribe.context.examination or scribe.rng.choice(scribe.words.examinations)
    own = examination.not_shown
    _problem(scribe, slot, scribe.patient.term(lambda: scribe.rng.choice(own), slot.sign))


def _imaging(scribe: Scribe, slot: Slot) -> None:
    examination = scribe.rng.choice(scribe.words.examinations)
    scribe.context.examination = examination
    planned = slot.sign in "-~"
    if planned and scribe.rng.random() < _RARE:
        extent = _say(scribe, scribe.words.rare_tests)
    else:
        extent = _say(scribe, examination.names)
    _mark(scribe, slot, "test", extent)


def _laboratory(scribe: Scribe, slot: Slot) -> None:
    own = set(scribe.patient.main.tests)
    fitting = [x for x in scribe.words.laboratories if own & set(x.names)]
    pool = fitting if fitting and scribe.rng.random() < 0.4 else scribe.words.laboratories
    laboratory = scribe.rng.choice(pool)
    scribe.context.laboratory = laboratory
    if slot.sign == "~" and scribe.rng.random() < _RARE:
        extent = _say(scribe, scribe.words.rare_tests)
    else:
        extent = _say(scribe, laboratory.names)
    _mark(scribe, slot, "test", extent)


def _test(scribe: Scribe, slot: Slot) -> None:
    options = (slot.words,) if slot.words else scribe.words.rare_tests
    _mark(scribe, slot, "test", _say(scribe, options))


def _value(scribe: Scribe, _slot: Slot) -> None:
    laboratory = scribe.context.laboratory
    if laboratory is not None:
        scribe.write(value_of(scribe, laboratory))


def value_of(scribe: Scribe, laboratory: Laboratory) -> str:
    """Return a made-up result with its unit."""
    choice = scribe.rng.choice(laboratory.values)
    if ".." in choice:
        low, high, decimals = choice.split("..")
        choice = f"{scribe.rng.uniform(float(low), float(high)):.{int(decimals)}f}"
    unit = scribe.rng.choice(laboratory.units)
    return f"{choice}{' ' if unit[:1].isalpha() else ''}{unit}" if choice[-1:].isdigit() else choice


def _procedure(scribe: Scribe, slot: Slot) -> None:
    if slot.words:
        extent = scribe.write(slot.words)
    elif slot.kind != "bedside" and scribe.rng.random() < _RARE:
        extent = _say(scribe, scribe.words.rare_procedures)
    else:
        terms = scribe.words.procedures[slot.kind or "planned"]
        extent = scribe.write(scribe.patient.term(lambda: scribe.rng.choice(terms), slot.sign))
    _mark(scribe, slot, "procedure", extent)


def _relative(scribe: Scribe, slot: Slot) -> None:
    relative = scribe.rng.choice(scribe.words.words["relative_words"])
    scribe.context.relative = relative
    scribe.write(relative.capitalize() if slot.name == "Relative" else relative)


def _named_relative(scribe: Scribe, _slot: Slot) -> None:
    scribe.write(scribe.context.relative)


def _coming_relative(scribe: Scribe, _slot: Slot) -> None:
    """Choose the relative who is named behind the disease."""
    scribe.context.relative = scribe.rng.choice(scribe.words.words["relative_words"])


def _nobody(scribe: Scribe, _slot: Slot) -> None:
    scribe.context.relative = "family"


def _draw_allergen(scribe: Scribe, slot: Slot) -> tuple[Allergen, str]:
    rng = scribe.rng
    pool = [a for a in scribe.words.allergens if a.is_drug or slot.name != "drugallergen"]
    allergen = rng.choice(pool)
    return allergen, scribe.patient.term(lambda: rng.choice(allergen.names), slot.sign)


def _mark_allergen(scribe: Scribe, slot: Slot, allergen: Allergen, extent: tuple[int, int]) -> None:
    mark = scribe.builder.mark(ALLERGIES, "allergen", extent, assertion=ASSERTION[slot.sign])
    scribe.context.allergens.append(mark)
    if allergen.is_drug:
        mark_drug(scribe, extent, "0")


def _allergen(scribe: Scribe, slot: Slot) -> None:
    allergen, name = _draw_allergen(scribe, slot)
    scribe.context.reactions = allergen.reactions
    _mark_allergen(scribe, slot, allergen, scribe.write(name))
    if known := drugs().get(name):
        scribe.patient.avoid(known.ingredient)


def _allergy(scribe: Scribe, slot: Slot) -> None:
    """Write *penicillin allergy*: the whole is a problem, the substance an allergen."""
    allergen, name = _draw_allergen(scribe, slot)
    scribe.context.reactions = allergen.reactions
    start, end = scribe.write(name)
    _mark_allergen(scribe, slot, allergen, (start, end))
    _mark(scribe, slot, "problem", (start, scribe.write(" allergy")[1]))


def _reaction(scribe: Scribe, slot: Slot) -> None:
    """Write what a substance does: shared by all substances of the phrase."""
    context = scribe.context
    options = context.reactions or ("rash", "hives")
    text = scribe.rng.choice(options)
    extent = scribe.write(text)
    tail = scribe.builder.mark(ALLERGIES, "reaction", extent)
    for head in context.allergens:
        scribe.builder.link(ALLERGIES, "reaction", head, tail)
    scribe.builder.mark(
        TASK,
        "problem",
        extent,
        assertion="present" if slot.past else "conditional",
        temporality="historical" if slot.past else "current",
    )
