"""Where drugs are named: names of the lexicon that mean a drug, and unknown ones by their form."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from clinie.text.lexica import DrugMatch, drugs
from clinie.text.sections import Section
from clinie.text.sig import SigPart

__all__ = ["Mention", "Places", "find_mentions"]

_LIST_SECTIONS = frozenset({"medications", "discharge_medications", "allergies"})
_CONFIDENCE = {"ingredient": 0.9, "brand": 0.88, "group": 0.75, "abbreviation": 0.6}

# Salts, release forms and devices that belong to the name.
_NAME_TAIL = re.compile(
    r"(?:[ -](?:succinate|tartrate|bitartrate|hydrochloride|hcl|sulfate|sulphate|maleate|besylate|"
    r"mesylate|tosylate|fumarate|acetate|phosphate|gluconate|dipropionate|propionate|furoate|"
    r"valerate|nitrate|mononitrate|dinitrate|hydrobromide|bromide|disoproxil|alafenamide|mofetil|"
    r"axetil|medoxomil|cilexetil|etexilate|sodium|potassium|calcium|magnesium|citrate|trihydrate|"
    r"monohydrate|decanoate|palmitate|pamoate|embonate|lispro|aspart|glargine|detemir|degludec|nph|"
    r"xl|xr|er|sr|la|cr|cd|dr|ec|xt|ds|hfa|sodium\ succinate|diskus|respimat|handihaler|ellipta|"
    r"turbuhaler|flexpen|solostar|kwikpen))+(?!\w)",
    re.IGNORECASE | re.VERBOSE,
)
# Names that share their letters with a laboratory value, a trait or another thing than a drug.
_ANALYTE_AFTER = re.compile(
    r"[ \t]*(?:serum |blood |plasma )?(?:levels?|concentrations?|titers?|titres?|assays?|"
    r"screen(?:ing)?|"
    r"deficien|receptors?|antibod|resistan|metabolism|clearance|balance|homeostasis|intake|"
    r"[:=]?\s*(?:was |is |of |at )?[<>]?\d+(?:\.\d+)?(?![\d.,/-]*\s?(?:mg|mcg|µg|μg|g|gm|ml|"
    r"units?|iu|meq|"
    r"tab|cap|puff|drop|mmol|%)))",
    re.IGNORECASE,
)
_NEVER_AFTER = re.compile(
    r"(?:[- ](?:abuse|misuse|use disorder|use: no|assessment|"
    r"dependent|dependence|resistant|resistance|sensitive|sensitivity|naive|naïve|"
    r"susceptible|susceptibility|requiring|receptor|antagonism|level|levels|screen|toxicology|"
    r"stimulation test|tolerance test|challenge test|suppression test|clearance|assay|"
    r"sats?|saturations?)\b)",
    re.IGNORECASE,
)
_BODY_FLUID = re.compile(r"\b(?:serum|plasma|urine|blood|csf|low|elevated|high|normal)\s+$", re.I)
_MEDICATION_WORDS = re.compile(
    r"\b(?:tak(?:e|es|ing|en)|took|start(?:ed|ing)?|stop(?:ped)?|continu\w*|restart\w*|resum\w*|"
    r"hold|held|"
    r"given|gave|giv(?:e|ing)|receiv\w*|prescri\w*|administ\w*|on|discontinu\w*|d/c'?d?|treat\w*|"
    r"dos(?:e|es|ed|ing)|"
    r"increas\w*|decreas\w*|initiat\w*|add(?:ed)?|switch\w*|use[ds]?|using|prn|allerg\w*|"
    r"medications?|meds|"
    r"therapy|tablets?|infusion|injection|cream|drops|inhaler|refill\w*|supplement\w*|replac\w*|"
    r"replet\w*|refus\w*|declin\w*|den(?:y|ies|ied)|miss(?:ed)?|withh\w+|omit\w*|paus\w+|"
    r"order\w*|load\w*|wean\w*|taper\w*|titrat\w*|requir\w*|need\w*|resum\w*|ran\s+out|"
    r"despite|failed|induced|associated|bolus|course\s+of|trial\s+of)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?<![\w-])[A-Za-z][a-z]{4,}(?![\w-])")
_BEFORE_DOSE = re.compile(r"(?<![\w-])(?P<word>[A-Za-z][a-z]{4,})[ \t|:,]{1,3}$")
_TAKEN = re.compile(
    r"\b(?:takes?|taking|took|start(?:ed)?|allergic(?: to)?|continue|stop(?:ped)?|hold) "
    r"(?P<word>[A-Za-z][a-z]{6,})(?![\w-])",
    re.IGNORECASE,
)
_STEMS = (
    "mab nib pril sartan statin olol azole cillin mycin micin floxacin cycline navir tegravir "
    "buvir "
    "ciclovir gliptin gliflozin glutide parin xaban dipine triptan setron tidine zolam zepam "
    "barbital "
    "dronate fibrate lukast solone thiazide semide formin platin taxel rubicin ciclib lisib "
    "zomib parib cept grelor afil oxetine penem"
)
_ENDINGS = tuple(_STEMS.split())
_SUBSTANCES = frozenset({"alcohol", "ethanol", "cannabis", "marijuana", "cocaine", "heroin"})
_NOT_DRUGS = frozenset({"concept", "accept", "except", "intercept", "precept", "percept"})


class Mention(NamedTuple):
    """A drug named in the text: ``text[start:end]``; the confidence is ordinal."""

    start: int
    end: int
    kind: str
    confidence: float


def find_mentions(places: Places) -> list[Mention]:
    """Return the drug mentions in text order.

    A name of the lexicon counts unless its neighbourhood says that it is a laboratory value or a
    trait ("potassium 4.1", "insulin-dependent"). An ambiguous name, an abbreviation and an unknown
    name with the ending of a drug ("-mab") need a dose, a word such as *takes*, or a medication
    list.
    """
    text = places.text
    matches = drugs().find(text)
    known = [_known(places, match) for match in matches]
    found = [m for m in (*known, *_listed(places, matches, known)) if m]
    found.sort()
    found = [
        m for m, last in zip(found, [None, *found], strict=False) if not _is_form(text, m, last)
    ]
    taken = _Coverage((m.start, m.end) for m in found)
    for start, end in sorted(_unknown_words(places)):
        if not taken.overlaps(start, end):
            guess = _guess(places, start, end)
            if guess:
                found.append(guess)
    return sorted(found)


_COMMA = re.compile(r"[ \t]*,[ \t]*(?:and[ \t]+)?")


def _listed(
    places: Places, matches: Sequence[DrugMatch], known: Sequence[Mention | None]
) -> Iterator[Mention]:
    """Yield ambiguous names in a list of plain ones: the first word of "Insulin, metformin"."""
    for at, (match, mention) in enumerate(zip(matches, known, strict=True)):
        if mention or match.drug.kind == "abbreviation" or places.is_sig(match.start, match.end):
            continue
        if _NEVER_AFTER.match(places.text, match.end) or places.section(match.start) == "labs":
            continue
        if match.drug.name.lower() in _SUBSTANCES:
            continue
        before = at and known[at - 1] and not matches[at - 1].drug.ambiguous
        after = at + 1 < len(matches) and known[at + 1] and not matches[at + 1].drug.ambiguous
        if (before and _COMMA.fullmatch(places.text, matches[at - 1].end, match.start)) or (
            after and _COMMA.fullmatch(places.text, match.end, matches[at + 1].start)
        ):
            yield Mention(match.start, match.end, match.drug.kind, 0.6)


def _unknown_words(places: Places) -> set[tuple[int, int]]:
    """Return the words that could be a drug: by ending, before a dose, after a verb of taking."""
    text = places.text
    words = {m.span() for m in _WORD.finditer(text) if m.group().lower().endswith(_ENDINGS)}
    words.update(m.span("word") for m in _TAKEN.finditer(text))
    for dose in places.doses:
        before = _BEFORE_DOSE.search(text, max(0, dose - 40), dose)
        if before:
            words.add(before.span("word"))
    return words


def _is_form(text: str, mention: Mention, last: Mention | None) -> bool:
    """Tell "inhaler" in "salbutamol 100 micrograms inhaler" from a drug of its own."""
    if last is None or mention.kind != "group":
        return False
    gap = text[last.end : mention.start]
    return bool(re.fullmatch(r"[ ](?:\d[\w./]*[ ]?[a-zµ%/]*[ ])?", gap))


class _Coverage:
    """The stretches of text that known names take."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        self._taken = {offset for start, end in spans for offset in range(start, end)}

    def overlaps(self, start: int, end: int) -> bool:
        return not self._taken.isdisjoint(range(start, end))


def _guess(places: Places, start: int, end: int) -> Mention | None:
    """Read an unknown word as a drug: by its ending, as a short form, as a misspelling."""
    low = places.text[start:end].lower()
    if drugs().get(low):
        return None  # a known name whose place spoke against it
    if low.endswith(_ENDINGS) and low not in _NOT_DRUGS and places.suggest_drug(start, end):
        return Mention(start, end, "unknown", 0.6 if places.beside_dose(start, end) else 0.5)
    if len(low) >= 5 and places.dose_follows(end) and low in _short_forms():
        return Mention(start, end, "abbreviation", 0.5)
    if len(low) >= 7 and _is_misspelt(low):
        return Mention(start, end, "unknown", 0.55)
    return None


@cache
def _names() -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                d.name.lower()
                for d in drugs()
                if d.ingredient and d.name.isalpha() and len(d.name) > 6
            }
        )
    )


@cache
def _short_forms() -> frozenset[str]:
    names = (d.name.lower() for d in drugs() if d.kind == "ingredient" and d.name.isalpha())
    return frozenset(name[:size] for name in names for size in range(5, len(name) - 1))


def _is_misspelt(low: str) -> bool:
    """Tell whether a known name of the same first letter is within two typing errors."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extractOne

    limit = 1 if len(low) < 9 else 2
    near = extractOne(low, _names(), scorer=OSA.distance, score_cutoff=limit)
    return near is not None and near[0][0] == low[0]


class Places:
    """What stands around an offset: its sentence, its section, a dose.

    Parameters
    ----------
    text : str
    sentences, sections : sequence
        As by `clinie.text.sentences` and `clinie.text.sections`.
    parts : sequence of SigPart
    """

    def __init__(
        self,
        text: str,
        sentences: Sequence[tuple[int, int]],
        sections: Sequence[Section],
        parts: Sequence[SigPart],
    ) -> None:
        self.text = text
        self._sentences = sentences
        self._sections = sections
        self.doses = {part.start for part in parts if part.kind == "dosage"}
        self._dose_ends = {p.end for p in parts if p.kind == "dosage" and not p.weak}
        self._parts = {(part.start, part.end) for part in parts if part.kind != "reason"}

    def section(self, offset: int) -> str:
        """Return the kind of the section at `offset`."""
        at = bisect_right(self._sections, offset, key=lambda section: section.start) - 1
        return self._sections[at].kind if at >= 0 else "other"

    def sentence(self, offset: int) -> tuple[int, int]:
        """Return the sentence at `offset`."""
        at = bisect_right(self._sentences, offset, key=lambda sentence: sentence[0]) - 1
        return self._sentences[at] if at >= 0 else (0, len(self.text))

    def is_sig(self, start: int, end: int) -> bool:
        """Tell whether the same words are a part of a sig ("INH" inhaled, or isoniazid)."""
        return (start, end) in self._parts

    def dose_follows(self, end: int) -> bool:
        """Tell whether a dose stands directly after the name."""
        return any(end + gap in self.doses for gap in range(4))

    def beside_dose(self, start: int, end: int) -> bool:
        """Tell whether a dose stands directly after or before the name."""
        return self.dose_follows(end) or any(start - gap in self._dose_ends for gap in range(1, 5))

    def suggest_drug(self, start: int, end: int) -> bool:
        """Tell whether dose, section or a medication word near by speak for a drug."""
        if self.beside_dose(start, end) or self.section(start) in _LIST_SECTIONS:
            return True
        first, last = self.sentence(start)
        before = self.text[max(first, start - 60) : start]
        after = self.text[end : min(last, end + 30)]
        return bool(_MEDICATION_WORDS.search(before) or _MEDICATION_WORDS.search(after))


def _known(places: Places, match: DrugMatch) -> Mention | None:
    text, (start, end, drug) = places.text, match
    dosed = places.beside_dose(start, end)
    if _NEVER_AFTER.match(text, end) or (drug.name.lower() in _SUBSTANCES and not dosed):
        return None
    if places.is_sig(start, end) and not places.dose_follows(end):
        return None
    if drug.ambiguous:
        if not dosed and _ANALYTE_AFTER.match(text, end):
            return None
        if not places.suggest_drug(start, end):
            return None
        if not dosed and places.section(start) == "labs":
            return None
        if not dosed and _BODY_FLUID.search(text, max(0, start - 12), start):
            return None
    tail = _NAME_TAIL.match(text, end)
    confidence = _CONFIDENCE.get(drug.kind, 0.6) - (0.2 if drug.ambiguous else 0.0)
    if dosed:
        confidence = min(0.97, confidence + 0.07)
    return Mention(start, tail.end() if tail else end, drug.kind, round(confidence, 2))
