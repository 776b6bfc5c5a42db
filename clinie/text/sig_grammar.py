"""The patterns behind `clinie.text.sig`: numbers, units, times, indications.

Vocabulary stands in ``data/sig.tsv``; here is the grammar that joins it. All patterns look at text
in lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from clinie.text.lexica import load_tsv

__all__ = ["Grammar", "grammar"]

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
_COUNT = (
    rf"(?:once|twice|thrice|{_RANGE}\s*(?:times|x|×)|"
    r"[x×]\s?\d(?=\s?/|\s+(?:a|per)\b|\s+(?:daily|weekly)))"
)
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?s?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)

_FREQUENCY = rf"""
    {_COUNT}[\s-]*(?:(?:a|per|each|every|in[ ]a)\s+|/\s*)?
        (?:{_PERIOD}|daily|weekly|monthly|nightly){_E}
  | (?:every|each|q\.?)[ ]?(?:{_RANGE}|few)[\s-]*(?:º|°|{_SPAN_UNIT}){_E}
  | (?:every|q\.?)[ ]?(?:other|second|2nd|third|3rd|fourth|4th|alternate)\s+
        (?:{_PERIOD}|{_WEEKDAY}){_E}
  | {_RANGE}[\s-]*hourly
  | (?:on[ ]|every[ ])?{_WEEKDAY}(?:(?:\s*[,/]\s*|\s+and\s+|\s*,\s*and\s+){_WEEKDAY})+
  | (?:every|each|on)[ ]{_WEEKDAY}
  | on[ ]days[ ]\d+(?:\s*(?:,|and|-|–|to|,\s*and)\s*\d+)+
  | q\.?[ ]?(?:mon|tue|wed|thu|fri|sat|sun)
  | (?<=mg[ ])on(?=[ ]*[\t\n,;.]|[ ]*$)
  | (?:at[ ])?\d{{1,2}}(?::\d\d)?[ ]?(?:am|pm)
"""
_ONCE = r"""
    [x×][ ]?(?:\d|one|once)(?:[ ]dose)?
        (?![ ]?(?:/|-|–|to\b|\d|[a-z]*(?:day|week|wk|month|dose|hour|min|hr|mg|mo\b)|[dhw]\b))
  | once(?=\s*(?:[.,;)\n]|$)|[ ](?:only|today|now))
"""
_AGO = r"(?!\s+(?:ago|old|prior|before))"

_LENGTH = (
    rf"(?:(?:another|a|one)[ ])?(?:{_RANGE}|several|a[ ]few|a)"
    r"(?:[ ](?:more|additional|further|consecutive|full|total))?[\s-]*"
    rf"{_SPAN_UNIT}"
)
_ABOUT = r"""(?:(?:about|approximately|approx\.?|around|at\s+least|up\s+to|nearly|almost|
    a\s+total\s+of|total\s+of|a\s+period\s+of|the\s+next|the\s+past|the\s+last|the\s+first|the|
    only|just|another|
    an\s+additional)\s+)*"""
_DAY = r"\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?"
_YEAR = r"(?:19|20)\d\d"
_DURATION = rf"""
    (?:\b(?:for|over|during)\s+{_ABOUT}|(?<!\w)[x×]\s*)(?P<for>{_LENGTH}|\d+/(?:7|52|12)){_E}{_AGO}
  | (?<![\w.])(?=[\d.½¼¾⅓⅔aoftesn])(?P<lead>{_RANGE}[\s-]+(?:more\s+)?{_SPAN_UNIT})
        (?=\s+(?:of\s+[a-z]|total\b|in\s+total|longer\b|
            (?:\w+\s+)?(?:course|taper|cycle|supply|treatment|regimen|trial|pulse)))
  | \b(?:course|total)\s+of\s+(?P<of>{_RANGE}[\s-]+{_SPAN_UNIT}){_E}
  | \b(?P<until>(?:until|till)\s+(?!(?:he|she|they|it|you|we|i)\b)(?:\w+\s+)?
        (?:{_YEAR}|{_WEEKDAY}|{_MONTH}\b(?:\s+\d{{1,2}})?(?:,?\s+\d{{4}})?|{_DAY}|
           (?!(?:he|she|they|it|you|we|then|the|a|that)\b)[a-z][\w'-]*
               (?:\s+(?!and|or|then|with|he|she)[a-z][\w'-]*)?))
  | \b(?P<since>since\s+(?:{_MONTH}(?:\s+\d{{1,2}},?)?(?:\s+(?:of\s+)?\d{{4}})?|{_YEAR}|{_DAY})){_E}
  | \b(?P<word>indefinitely|lifelong|life-long)\b
"""
_LENGTH_AFTER = rf"[\s,;(]*(?P<for>{_RANGE}[\s-]*{_SPAN_UNIT}|\d+/(?:7|52|12))(?![\w/]){_AGO}"

# Reasons -----------------------------------------------------------------------------------------
_NO_REASON = (
    r"(?:now|approx(?:imately)?|nearly|around|the\s+(?:past|last|next|first|time|patient|same)|her|him|them|this|that|these|those|"
    r"which|"
    r"whom|example|follow|followup|review|discharge|home|further|more|many|several|about|up|at|"
    r"over|"
    r"today|tomorrow|one|two|three|a\s+(?:few|total|while|long|period|short|year|month|week|day)|"
    r"refills?|evaluation|some\s+time|life|each|every|all|years?|months?|weeks?|days?|him|his|"
    r"(?:use|total|both|dose|doses|admission|surgery\s+on)\b|\d)"
)
_DETERMINER = (
    r"(?:(?:the|a|an|any|her|his|their|your|my|presumed|suspected|possible|probable|known|"
    r"underlying|significant|associated|concomitant|control\s+of|treatment\s+of|management\s+of|"
    r"prevention\s+of|"
    r"relief\s+of|some\s+of\s+the|worsening|signs\s+of|symptoms\s+of|history\s+of)\s+)*"
)
_STATUS_WORD = (
    r"(?:new|stop|held|hold|on\s+hold|start|restart|continu|chang|"
    r"increas|decreas|unchang|home|given|same|"
    r"last|next|take|taken|see|not|now|self|total|max|if|was|dose|reduc|discontinu|finish|"
    r"complet|ok|good|per|"
    r"mon\b|tue|wed\b|thu|fri\b|sat\b|sun\b|mo\b|ran\b|renal|d\d|no\b|nil|with|via|"
    r"generic|supervis|dispens|dosette|blister|over\s+the\s+counter|otc\b|long|short|extended|immediate|oral|intraven|patient|started|tabs?\b|tablet|capsule)"
)
_PRN_END = r"(?:prn|p\.r\.n\.?|(?:as|when|if)[\s-](?:needed|required)|as-needed\s+basis)"
_PURPOSE = (
    r"to\s+(?:help\s+(?:to\s+)?)?"
    r"(?:treat|control|prevent|with|relieve|manage|reduce|address|alleviate|ease)"
)
_BEFORE_REASON = rf"""
    (?:{_PRN_END}(?:[ ]?[:(]?[ ]*(?:for\s+)?|,\s+for\s+)(?:{_PURPOSE}\s+)?
      | \b(?:indicated\s+for|indication:?|used\s+for|taken\s+for|takes?\s+(?:it|this)\s+for)\s+
      | (?<!etiology\s)(?<!aetiology\s)(?<!responsible\s)(?<!risk\s)\b
        for\s+(?={_DETERMINER}(?!{_NO_REASON}\b)[a-z])
      | \b(?:due|secondary)\s+to\s+
      | \b{_PURPOSE}\s+)
    {_DETERMINER}(?!{_NO_REASON}\b)
"""
_AND = r"(?:,\s*(?:and/or|and|or)\b|,|/|\b(?:and/or|and|or)\b)"

_DOSE_WORDS = (
    r"(?:very[ -])?(?:low|high|moderate|standard|full|half|small|stress|therapeutic|prophylactic|"
    r"maximal|maximum|baby|lower|higher)[ -]?(?:doses?|dosages?)|sliding[ -]scale|(?:tapering|"
    r"increasing|"
    r"escalating)[ ]doses?|(?:single|multiple|normal|therapeutic)[ ](?:low[ ]|high[ ])?doses?"
)


_ROMAN = (
    r"(?<!type[ ])(?<!grade[ ])(?<!stage[ ])i{1,3}[ ](?:gtts?|drops?|tab(?:let)?s?|"
    r"cap(?:sule)?s?|puffs?|sprays?)"
)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The compiled patterns; the name of the matching group, if any, marks the part.

    Parameters
    ----------
    dosage, weak_dosage, from_to, bare_number : re.Pattern
        Doses with a unit; shares, pairs and litres; the two doses of a change; a number that ends
        before something.
    terms : re.Pattern
        The fixed routes and frequencies; `uses` maps each to its kind and use.
    frequency, duration, length_after : re.Pattern
        ``length_after`` is a bare length directly after a frequency ("bd 7 days").
    reason, remark, separator : re.Pattern
        Indications by their preposition; in parentheses or after a dash; what divides a list.
    uses : dict
    """

    dosage: re.Pattern[str]
    weak_dosage: re.Pattern[str]
    from_to: re.Pattern[str]
    bare_number: re.Pattern[str]
    terms: re.Pattern[str]
    frequency: re.Pattern[str]
    duration: re.Pattern[str]
    length_after: re.Pattern[str]
    reason: re.Pattern[str]
    remark: re.Pattern[str]
    separator: re.Pattern[str]
    uses: dict[str, tuple[str, str]]


@cache
def grammar() -> Grammar:
    """Return the grammar, compiled once per process."""
    vocabulary: dict[str, list[str]] = {}
    uses: dict[str, tuple[str, str]] = {}
    for row in load_tsv("sig.tsv"):
        vocabulary.setdefault(row["kind"], []).append(row["term"].lower())
        if row["kind"] in {"route", "frequency"}:
            uses.setdefault(row["term"].lower(), (row["kind"], row["use"]))
    mass = _mass(vocabulary["unit"])
    phrase = _phrase(vocabulary["phrase_end"])
    listed = rf"""{_BEFORE_REASON}(?P<reason>{phrase}(?:\s*[<>≤≥]=?\s*\d+(?:\.\d+)?(?=\s+or\s))?
        (?:(?:\s*,\s*{_DETERMINER}{phrase})*(?:\s*/\s*|,?\s+(?:and/or|and|or)\s+)
           {_DETERMINER}{phrase})*)"""
    indication = rf"(?:for[ ])?(?!{_STATUS_WORD}){_DETERMINER}"
    return Grammar(
        dosage=_compile(_dosage(mass, _alternatives(vocabulary["form"]))),
        weak_dosage=_compile(
            rf"""{_B}(?:(?P<share>{_DIGITS}\s?%|{_DIGITS}\s?(?:l|liters?|litres?){_E})
              | (?P<pair>\d+(?:\.\d+)?[/-]\d+(?:\.\d+)?)(?=\s)
              | (?P<arrow>{_DIGITS})(?=\s*(?:-+>|→)\s*{_DIGITS}\s?{mass}{_E})
              | (?<=from\s)(?P<from>{_DIGITS})(?=\s+to\s+{_DIGITS}\s?{mass}{_E}))"""
        ),
        from_to=_compile(rf"(?P<first>{_DIGITS}(?P<unit>\s?[a-zµμ/]+)?)\s+to\s+"),
        bare_number=_compile(rf"(?:^|[^\w.,/:-])({_DIGITS})[ ]$"),
        terms=_compile(rf"(?<![\w.])(?:{_alternatives(uses)}){_E}"),
        frequency=_compile(rf"{_B}(?:{_FREQUENCY}|(?P<once>{_ONCE})){_E}"),
        duration=_compile(_DURATION),
        length_after=_compile(_LENGTH_AFTER),
        reason=_compile(listed),
        remark=_compile(
            rf"""[ ]?\({indication}(?P<paren>{phrase})\)
              | [ ]+[-–—][ ]+{indication}(?P<dash>{phrase})[ ]*(?=[\r\n.;]|$)"""
        ),
        separator=_compile(rf"\s*{_AND}\s*{_DETERMINER}"),
        uses=uses,
    )


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.VERBOSE)


def _mass(units: Iterable[str]) -> str:
    """Return a pattern of mass, volume and activity, rates included ("mg/kg/day")."""
    return rf"""(?:(?:{_alternatives(units)})
        (?:\s?/\s?m\(?[2²]\)?|\s?/\s?(?:{_DIGITS}\s?)?[a-zµμ]+[2²]?
          |\s+per\s+(?:kg|hour|hr|minute|min|m2|dose|kilogram)\b)*)"""


def _dosage(mass: str, forms: str) -> str:
    unit = rf"(?:{mass}|{forms})"
    amount = rf"{_NUMBER}(?:(?:\s?{mass})?(?:{_TO}|\s?[/+x×]\s?){_NUMBER}){{0,2}}"
    return rf"""
        {_B}(?:{amount}(?:\s*\(\s*{_DIGITS}\s*\))?[\s-]?{unit}{_E}
              (?:\s?/\s?{_DIGITS}?\s?{unit}{_E})?
          | {_ROMAN}
          | {_DOSE_WORDS}){_E}
    """


def _phrase(ends: Iterable[str]) -> str:
    """Return a pattern of a short noun phrase that contains none of the words `ends`."""
    word = rf"(?!(?:{'|'.join(map(re.escape, ends))})\b|x\d)[a-zα-ω][\w'’/-]*"
    return rf"(?:{word}(?:\s+{word}){{0,4}}(?:\s+of\s+(?:the\s+)?{word}(?:\s+{word})?)?)"


def _alternatives(terms: Iterable[str]) -> str:
    """Return a pattern of all terms, the longer first, tried only where the first letter fits."""
    groups: dict[str, list[str]] = {}
    for term in sorted(set(terms), key=lambda t: (-len(t), t)):
        groups.setdefault(term[0], []).append(r"\s+".join(map(re.escape, term.split())))
    return "|".join(
        rf"(?={re.escape(first)})(?:{'|'.join(group)})" for first, group in groups.items()
    )
