"""The sig grammar: dose, route, frequency, duration and reason of a prescription, as spans.

A sig ("signetur") is the line that says how a medicine is taken: "1-2 tabs PO q6h prn pain x 5
days". `find_sigs` finds its parts anywhere in a text, with or without a drug beside them.

Conventions
-----------
They follow the medication challenges i2b2 2009 and n2c2 2018 (track 2); the section "medications" of
the annotation guide spells them out.

* dosage: number, range, fraction or number word with its unit ("40 mg", "1-2 tablets", "half a
  tablet", "500 mg/5 mL"); a rate after a slash stays in ("2 mg/day"); the form after a strength
  stays out ("40 mg" of "40 mg tablet").
* route: the route words alone ("PO", "by mouth").
* frequency: one phrase, time of day and PRN included when they stand together ("q6h prn").
* duration: without its preposition ("10 days" of "for 10 days"), but "until" and "since" stay in.
* reason: the noun phrase alone ("pain" of "prn pain"); one span per listed reason.

Every step of a taper gives parts of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Literal, NamedTuple

from clinie.text.lexica import load_tsv

__all__ = ["Kind", "SigPart", "find_sigs"]

Kind = Literal["dosage", "route", "frequency", "duration", "reason"]


class SigPart(NamedTuple):
    """A part of a sig: ``text[start:end]``.

    Parameters
    ----------
    start, end : int
        Code points.
    kind : str
        ``"dosage"``, ``"route"``, ``"frequency"``, ``"duration"`` or ``"reason"``.
    weak : bool
        The words alone prove nothing ("at night", "once", "injection"): believe them only beside a
        drug or another part.
    """

    start: int
    end: int
    kind: Kind
    weak: bool = False


# Numbers -----------------------------------------------------------------------------------------
_FRACTION = r"(?:\d+[ ]+)?\d+/\d+|\d*[½¼¾⅓⅔]"
_DIGITS = rf"(?:{_FRACTION}|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_CARDINAL = "one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen"
_HALF = r"(?:one|a)?[ -]?half(?:[ ]+(?:a|of[ ]a|of[ ]one))?|(?:one|two)[ ]and[ ](?:a|one)[ -]half"
_WORD = rf"(?:{_HALF}|{_CARDINAL}|a[ ]couple[ ]of|a[ ]quarter[ ]of[ ]a)"
_NUMBER = rf"(?:{_DIGITS}|{_WORD})"
_TO = r"\s*(?:[-–—−]|to|or)\s*"
_RANGE = rf"{_NUMBER}(?:{_TO}{_NUMBER})?"
_B, _E = r"(?<![\w.])", r"(?![\w])"

# Times -------------------------------------------------------------------------------------------
_SPAN_UNIT = (
    r"(?:minutes?|mins?|hours?|hrs?|days?|nights?|weeks?|wks?|months?|mos?|years?|yrs?|"
    r"doses|cycles?|courses?|h|d|w)"
)
_PERIOD = r"(?:day|night|week|wk|month|mo|year|hour|hr|24\s?h(?:ours|rs?)?|d|h)"
_COUNT = rf"(?:once|twice|thrice|{_RANGE}\s*(?:times|x|×)|[x×]\s?\d(?=\s?/|\s+(?:a|per)\b|\s+(?:daily|weekly)))"
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)

_FREQUENCY = rf"""
    {_COUNT}[\s-]*(?:(?:a|per|each|every|in[ ]a)\s+|/\s*)?(?:{_PERIOD}|daily|weekly|monthly|nightly){_E}
  | (?:every|each|q\.?)[ ]?(?:{_RANGE}|few)[\s-]*(?:º|°|{_SPAN_UNIT}){_E}
  | (?:every|q\.?)[ ]?(?:other|second|2nd|third|3rd|fourth|4th|alternate)\s+(?:{_PERIOD}|{_WEEKDAY}){_E}
  | {_RANGE}[\s-]*hourly
  | (?:on[ ]|every[ ])?{_WEEKDAY}(?:(?:\s*[,/]\s*|\s+and\s+|\s*,\s*and\s+){_WEEKDAY})+
  | (?:every|each|on)[ ]{_WEEKDAY}
  | on[ ]days[ ]\d+(?:\s*(?:,|and|-|–|to|,\s*and)\s*\d+)+
  | q\.?[ ]?(?:mon|tue|wed|thu|fri|sat|sun)
  | (?<=mg[ ])on(?=[ ]*[\t\n,;.]|[ ]*$)
  | (?:at[ ])?\d{{1,2}}(?::\d\d)?[ ]?(?:am|pm)
"""
_ONCE = r"[x×][ ]?(?:\d|one|once)(?:[ ]dose)?(?![ ]?(?:/|-|–|to\b|\d|[a-z]*(?:day|week|wk|month|dose|hour|min|hr|mg|mo\b)|[ ]?[dhw]\b))|once(?=\s*(?:[.,;)\n]|$)|[ ](?:only|today|now))"

_LENGTH = (
    rf"(?:(?:another|a|one)[ ])?(?:{_RANGE}|several|a[ ]few|a)"
    r"(?:[ ](?:more|additional|further|consecutive|full|total))?[\s-]*"
    rf"{_SPAN_UNIT}"
)
_DURATION = rf"""
    (?:\b(?:for|over|during)\s+(?:(?:about|approximately|approx\.?|around|at\s+least|up\s+to|nearly|
        almost|a\s+total\s+of|total\s+of|a\s+period\s+of|the\s+next|the\s+past|the\s+last|the\s+first|
        the|only|just|another|an\s+additional)\s+)*
      | (?<!\w)[x×]\s*)
    (?P<for>{_LENGTH}|\d+/(?:7|52|12)){_E}(?!\s+(?:ago|old|prior|before))
  | (?<![\w.])(?=[\d.½¼¾⅓⅔aoftesn])(?P<lead>{_RANGE}[\s-]+(?:more\s+)?{_SPAN_UNIT})
        (?=\s+(?:of\s+[a-z]|total\b|in\s+total|longer\b|
            (?:\w+\s+)?(?:course|taper|cycle|supply|treatment|regimen|trial|pulse)))
  | \b(?:course|total)\s+of\s+(?P<of>{_RANGE}[\s-]+{_SPAN_UNIT}){_E}
  | (?P<until>\b(?:until|till)\s+(?:the\s+|your\s+|his\s+|her\s+|next\s+|\w+\s+){{0,1}}
        (?:(?:19|20)\d\d|{_WEEKDAY}|{_MONTH}\b(?:\s+\d{{1,2}})?(?:,?\s+\d{{4}})?|\d{{1,2}}[/.-]\d{{1,2}}(?:[/.-]\d{{2,4}})?|
        (?!(?:he|she|they|it|you|we|then|the|a|that)\b)[a-z][\w'-]*(?:\s+(?!and|or|then|with|he|she)[a-z][\w'-]*)?))
  | (?P<since>\bsince\s+(?:{_MONTH}(?:\s+\d{{1,2}}(?:,)?)?(?:\s+(?:of\s+)?\d{{4}})?|(?:19|20)\d\d|
        \d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?)){_E}
  | \b(?P<word>indefinitely|lifelong|life-long|long[ -]term)\b
"""
_AFTER_FREQUENCY = re.compile(
    rf"[\s,;(]*(?P<for>{_RANGE}[\s-]*(?:{_SPAN_UNIT})|\d+/(?:7|52|12))(?![\w/])(?!\s+(?:ago|old|prior|before|later|after))"
)

# Reasons -----------------------------------------------------------------------------------------
_NO_REASON = (
    r"(?:now|the\s+(?:past|last|next|first|time|patient|same)|her|him|them|this|that|these|those|which|"
    r"whom|example|follow|followup|review|discharge|home|further|more|many|several|about|up|at|over|"
    r"today|tomorrow|one|two|three|a\s+(?:few|total|while|long|period|short|year|month|week|day)|"
    r"refills?|evaluation|some\s+time|life|each|every|all|years?|months?|weeks?|days?|him|his|"
    r"(?:use|total|both|dose|doses|admission|surgery\s+on)\b|\d)"
)
_STOP = (
    r"(?:and|or|but|with|without|in|on|at|by|from|to|of|for|since|until|after|before|during|when|while|"
    r"which|that|who|then|as|is|was|were|are|has|had|have|will|would|should|may|can|be|been|if|because|"
    r"due|secondary|prn|daily|bid|tid|qid|po|iv|im|x|per|every|once|twice|last|next|he|she|they|it|we|i|"
    r"given|started|stopped|not|no|also|dispense|disp|instead|told|dispensed|quantity|qty|refills?|take|takes|continue|avoid|initially|currently|today|this|his|her|the|than)"
)
_PHRASE_WORD = rf"(?!{_STOP}\b|x\d)[a-zα-ω][\w'’/-]*"
_PHRASE = rf"{_PHRASE_WORD}(?:\s+{_PHRASE_WORD}){{0,4}}(?:\s+of\s+(?:the\s+)?{_PHRASE_WORD}(?:\s+{_PHRASE_WORD})?)?"
_DETERMINER = (
    r"(?:(?:the|a|an|any|her|his|their|your|my|presumed|suspected|possible|probable|known|underlying|"
    r"significant|associated|concomitant|control\s+of|treatment\s+of|management\s+of|prevention\s+of|"
    r"relief\s+of|some\s+of\s+the|worsening|signs\s+of|symptoms\s+of|history\s+of)\s+)*"
)
_STATUS_WORD = (
    r"(?:new|stop|held|hold|on\s+hold|start|restart|continu|chang|increas|decreas|unchang|home|given|same|last|"
    r"next|take|taken|see|not|now|self|total|max|if|was|dose|reduc|discontinu|finish|complet|ok|good|per|"
    r"mon\b|tue|wed\b|thu|fri\b|sat\b|sun\b|mo\b|ran\b|renal|d\d|no\b|nil|with|via|"
    r"generic|long|short|extended|immediate|oral|intraven|patient|started|tabs?\b|tablet|capsule)"
)
_PRN_END = r"(?:prn|p\.r\.n\.?|(?:as|when|if)[\s-](?:needed|required)|as-needed\s+basis)"
_PURPOSE = r"to\s+(?:help\s+(?:to\s+)?)?(?:treat|control|prevent|with|relieve|manage|reduce|address|alleviate|ease)"
_REASON = rf"""
    (?:{_PRN_END}(?:[ ]?[:(]?[ ]*(?:for\s+)?|,\s+for\s+)(?:{_PURPOSE}\s+)?
      | \b(?:indicated\s+for|indication:?|used\s+for|taken\s+for|takes?\s+(?:it|this)\s+for)\s+
      | \bfor\s+(?={_DETERMINER}(?!{_NO_REASON}\b)[a-z])
      | \b(?:due|secondary)\s+to\s+
      | \b{_PURPOSE}\s+
      | \bfor\s+(?:the\s+)?(?:\w+\s+)?(?:treatment|management|control|prevention|prophylaxis|relief)\s+(?:of|against)\s+)
    {_DETERMINER}(?!{_NO_REASON}\b)
    (?P<reason>{_PHRASE}(?:(?:\s*,\s*{_DETERMINER}{_PHRASE})*(?:\s*/\s*|,?\s+(?:and/or|and|or)\s+){_DETERMINER}{_PHRASE})*)
"""
_AND = re.compile(rf"\s*(?:,\s*(?:and/or|and|or)\b|,|/|\b(?:and/or|and|or)\b)\s*{_DETERMINER}")

_DOSE_WORDS = (
    r"(?:very[ -])?(?:low|high|moderate|standard|full|half|small|stress|therapeutic|prophylactic|maximal|"
    r"maximum|baby|lower|higher)[ -]?(?:doses?|dosages?)|sliding[ -]scale|(?:tapering|increasing|"
    r"escalating)[ ]doses?|(?:single|multiple|normal|therapeutic)[ ](?:low[ ]|high[ ])?doses?"
)


class _Grammar(NamedTuple):
    """The compiled patterns; they look at lower-cased text of unchanged length."""

    dosage: re.Pattern[str]
    weak_dosage: re.Pattern[str]
    terms: re.Pattern[str]
    frequency: re.Pattern[str]
    duration: re.Pattern[str]
    reason: re.Pattern[str]
    uses: dict[str, tuple[Kind, str]]


@cache
def _grammar() -> _Grammar:
    table = load_tsv("sig.tsv")
    units = _alternatives(row["term"] for row in table if row["kind"] == "unit")
    forms = _alternatives(row["term"] for row in table if row["kind"] == "form")
    mass = rf"(?:{units})(?:\s?/\s?m\(?[2²]\)?|\s?/\s?(?:{_DIGITS}\s?)?[a-zµμ]+[2²]?|\s+per\s+(?:kg|hour|hr|minute|min|m2|dose|kilogram)\b)*"
    unit = rf"(?:{mass}|{forms})"
    amount = rf"{_NUMBER}(?:(?:\s?(?:{mass}))?(?:{_TO}|\s?[/+x×]\s?){_NUMBER}){{0,2}}"
    dosage = rf"""
        {_B}(?:{amount}(?:\s*\(\s*{_DIGITS}\s*\))?[\s-]?{unit}{_E}
              (?:\s?/\s?{_DIGITS}?\s?{unit}{_E})?
          | {_DOSE_WORDS}){_E}
    """
    words = [row for row in table if row["kind"] in {"route", "frequency"}]
    uses: dict[str, tuple[Kind, str]] = {}
    for row in words:
        kind: Kind = "route" if row["kind"] == "route" else "frequency"
        uses.setdefault(row["term"].lower(), (kind, row["use"]))
    flags = re.VERBOSE
    return _Grammar(
        re.compile(dosage, flags),
        re.compile(
            rf"{_B}(?:(?P<share>{_DIGITS}\s?%|{_DIGITS}\s?(?:l|liters?|litres?){_E})"
            rf"|(?P<pair>\d+(?:\.\d+)?[/-]\d+(?:\.\d+)?)(?=\s)"
            rf"|(?<=from\s)(?P<from>{_DIGITS})(?=\s+to\s+{_DIGITS}\s?(?:{mass}){_E}))"
        ),
        re.compile(rf"(?<![\w.])(?:{_alternatives(uses)}){_E}"),
        re.compile(rf"{_B}(?:{_FREQUENCY}|(?P<once>{_ONCE})){_E}", flags),
        re.compile(_DURATION, flags),
        re.compile(_REASON, flags),
        uses,
    )


def _alternatives(terms: Iterable[str]) -> str:
    """Return a pattern of all terms, the longer first, tried only where the first letter fits."""
    groups: dict[str, list[str]] = {}
    for term in sorted(set(terms), key=lambda t: (-len(t), t)):
        groups.setdefault(term[0].lower(), []).append(term.lower())
    return "|".join(
        rf"(?={re.escape(first)})(?:{'|'.join(_escape(term) for term in group)})"
        for first, group in groups.items()
    )


def _escape(term: str) -> str:
    return r"\s+".join(re.escape(word) for word in term.split())


def find_sigs(text: str) -> list[SigPart]:
    """Return the parts of sigs in text order; parts of one kind do not overlap.

    Complexity is linear in the length of the text.

    Examples
    --------
    >>> [("1-2 tabs PO q6h prn pain"[p.start : p.end], p.kind) for p in find_sigs("1-2 tabs PO q6h prn pain")]
    [('1-2 tabs', 'dosage'), ('PO', 'route'), ('q6h prn', 'frequency'), ('pain', 'reason')]
    """
    grammar = _grammar()
    low = _lower(text)
    frequencies, routes = _timing(text, low, grammar)
    durations = _without(list(_durations(low, grammar, frequencies)), frequencies)
    parts = _dosages(low, grammar, [*frequencies, *durations], [*frequencies, *routes])
    routes = _without(routes, [*parts, *frequencies])
    sigs = [*parts, *frequencies, *durations, *routes]
    reasons = _without(_longest([*_reasons(low, grammar), *_remarks(low, sigs)]), sigs)
    return sorted([*parts, *routes, *frequencies, *durations, *reasons])


_BARE_NUMBER = re.compile(rf"(?:^|[^\w.,/:-])({_DIGITS})[ ]$")


def _dosages(
    low: str, grammar: _Grammar, taken: list[SigPart], followers: list[SigPart]
) -> list[SigPart]:
    """Return doses with a unit, and the weak ones: shares, pairs, numbers before "bd" or "SQ"."""
    strong = []
    for match in grammar.dosage.finditer(low):
        if _laboratory(low, match):
            continue
        start, end = match.span()
        both = _FROM_TO.match(match.group()) if low.endswith("from ", 0, start) else None
        if both:  # "from 5 mg to 10 mg" is two doses, not a range
            if both["unit"]:
                strong.append(SigPart(start, start + both.end("first"), "dosage"))
            else:
                strong.append(SigPart(start, start + both.end("first"), "dosage", True))
            start += both.end()
        strong.append(SigPart(start, end, "dosage", _is_volume(low[start:end])))
    found = _without(strong, taken)
    weak = [
        SigPart(*match.span(match.lastgroup or 0), "dosage", True)
        for match in grammar.weak_dosage.finditer(low)
    ]
    for follower in followers:
        bare = _BARE_NUMBER.search(low[max(0, follower.start - 12) : follower.start])
        if bare:
            offset = max(0, follower.start - 12)
            weak.append(SigPart(offset + bare.start(1), offset + bare.end(1), "dosage", True))
    return [*found, *_without(_longest(weak), [*found, *taken])]


def _is_volume(words: str) -> bool:
    """Tell litres and shares, which are as often something else than a dose."""
    return words.endswith("%") or bool(re.fullmatch(r"[\d.,\s-]+(?:l|liters?|litres?)", words))


_FROM_TO = re.compile(rf"(?P<first>{_DIGITS}(?P<unit>\s?[a-zµμ/]+)?)\s+to\s+")


def _lower(text: str) -> str:
    """Lower-case without changing any offset."""
    low = text.lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
    return low


def _laboratory(low: str, match: re.Match[str]) -> bool:
    """Tell a concentration of a blood test ("126 mg/dL") from a dose."""
    return bool(_PER_DECILITRE.search(match.group()) or _PER_DECILITRE.match(low, match.end()))


_PER_DECILITRE = re.compile(r"\s?(?:/|per)\s?(?:dl|l|liter|litre|mmol|mm3|milliliter)\b|n?[gm]g?\s?/\s?(?:dl|l)\b|\bng\s?/")


def _timing(text: str, low: str, grammar: _Grammar) -> tuple[list[SigPart], list[SigPart]]:
    """Return frequencies (phrases standing together joined) and routes."""
    atoms = [
        SigPart(m.start(), m.end(), "frequency", m.lastgroup == "once")
        for m in grammar.frequency.finditer(low)
    ]
    routes: list[SigPart] = []
    for match in grammar.terms.finditer(low):
        kind, use = grammar.uses[" ".join(match.group().split())]
        if use == "upper" and not text[match.start() : match.end()].isupper():
            continue
        if _everyday(low, match.start(), match.end()):
            continue
        part = SigPart(match.start(), match.end(), kind, bool(use))
        (routes if kind == "route" else atoms).append(part)
    return _joined(low, _longest(atoms)), _longest(routes)


_NOT_SIG = re.compile(r"\s+(?:living|activit|basis of|exam|routine|life|cavity|mucosa|intake|cancer|hygiene)")


def _everyday(low: str, start: int, end: int) -> bool:
    """Tell "activities of daily living" and "oral cavity" from a sig."""
    return bool(_NOT_SIG.match(low, end)) or low[max(0, start - 14) : start].endswith("activities of ")


def _longest(parts: list[SigPart]) -> list[SigPart]:
    kept: list[SigPart] = []
    for part in sorted(parts, key=lambda p: (p.start, -p.end)):
        if not kept or part.start >= kept[-1].end:
            kept.append(part)
        elif part.end > kept[-1].end:
            kept[-1] = kept[-1]._replace(end=part.end)
    return kept


_TOGETHER = re.compile(r"[ ]*(?:[:,][ ]*|[ ]and[ ]+|/)?(?:\n[ ]*)?")


def _joined(low: str, atoms: list[SigPart]) -> list[SigPart]:
    """Join "every 4-6 hours" and "as needed" to one frequency."""
    joined: list[SigPart] = []
    for atom in atoms:
        labelled = low[atom.end : atom.end + 1] == ":"  # "q4h\nPRN: ..." opens a list
        counted = low[atom.start] in "x×"  # "q24h x2" says two things
        if joined and not labelled and not counted and _TOGETHER.fullmatch(low, joined[-1].end, atom.start):
            last = joined[-1]
            joined[-1] = SigPart(last.start, atom.end, "frequency", last.weak and atom.weak)
        else:
            joined.append(atom)
    return joined


def _durations(
    low: str, grammar: _Grammar, frequencies: list[SigPart]
) -> Iterator[SigPart]:
    found = []
    for match in grammar.duration.finditer(low):
        start, end = match.span(match.lastgroup or 0)
        found.append(SigPart(start, end, "duration"))
    for frequency in frequencies:
        following = _AFTER_FREQUENCY.match(low, frequency.end)
        if following:
            found.append(SigPart(*following.span("for"), "duration"))
    yield from _longest(found)


def _reasons(low: str, grammar: _Grammar) -> Iterator[SigPart]:
    for match in grammar.reason.finditer(low):
        start, end = match.span("reason")
        while start < end:
            separator = _AND.search(low, start, end)
            stop = separator.start() if separator else end
            if stop - start > 1:
                yield SigPart(start, stop, "reason")
            start = separator.end() if separator else end


_REMARK = re.compile(
    rf"[ ]?\((?:for[ ])?(?!{_STATUS_WORD}){_DETERMINER}(?P<paren>{_PHRASE})\)"
    rf"|[ ]+[-–—][ ]+(?:for[ ])?(?!{_STATUS_WORD}){_DETERMINER}(?P<dash>{_PHRASE})[ ]*(?=[\r\n.;]|$)"
)


def _remarks(low: str, parts: list[SigPart]) -> Iterator[SigPart]:
    """Yield indications that close a sig: "40 mg BD - varices", "500 mg QDS PRN (pain)"."""
    for part in parts:
        match = _REMARK.match(low, part.end)
        if match:
            yield SigPart(*match.span(match.lastgroup or 0), "reason")


def _without(parts: list[SigPart], others: list[SigPart]) -> list[SigPart]:
    """Drop the parts that overlap one of `others`."""
    taken = sorted(others)
    kept = []
    position = 0
    for part in sorted(parts):
        while position < len(taken) and taken[position].end <= part.start:
            position += 1
        if position == len(taken) or taken[position].start >= part.end:
            kept.append(part)
    return kept
