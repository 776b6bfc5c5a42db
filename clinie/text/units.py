"""Units of measurement: where one stands behind a number, and one name for all its spellings.

The words are those of ``units.tsv``, which the comparison of numbers uses too; ``unit_grammar.tsv``
adds what only measured quantities need, and says which words stand over or under a stroke.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from clinie.text.folding import fold_word
from clinie.text.lexica import load_tsv

__all__ = ["is_concentration", "is_rate", "unit_at", "unit_key"]

_BLANK = r"[^\S\r\n]"
_POWER = (
    rf"(?:[x×✕*]{_BLANK}?)?10{_BLANK}?"
    rf"(?:(?:\^|\*\*?|E){_BLANK}?\(?(?:1[0-2]|[2-9])\)?|[⁰¹²³⁴-⁹]{{1,2}})"
    rf"|[x×✕]{_BLANK}?10(?:12|[3-9])(?!\d)"  # a superscript that a copy has lost
)
_LETTER = "A-Za-zµμ"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_TIME = frozenset({"second", "minute", "hour", "day", "week", "month", "year"})
_CONTAINS = frozenset(["litre", "dl", "ml", "ul", "mol", "mmol", "gram", "hpf", "lpf", "100wbc"])
_NEVER_ABOVE = frozenset({"day", "week", "month", "year", "french", "gray", "km", "kcal", "joule"})
_MOLAR = {"mM": "mmol/litre", "µM": "umol/litre", "μM": "umol/litre", "uM": "umol/litre"}
_SAME = {
    "10^3/ul": "10^9/litre",
    "10^6/ul": "10^12/litre",
    "metre/ul": "10^12/litre",  # M/uL, millions
    "10^6/ml": "10^9/litre",
    "iu/litre": "unit/litre",
}


@cache
def _words(role: str) -> dict[str, str]:
    """Return the words that may stand ``whole``, on ``top`` or ``below``, with their names."""
    words = {
        row["word"]: row["unit"] for row in load_tsv("unit_grammar.tsv") if row["role"] == role
    }
    if role in ("top", "below"):
        for row in load_tsv("units.tsv"):
            if role == "below" or row["unit"] not in _NEVER_ABOVE:
                for spelling in row["spellings"].split():
                    words.setdefault(spelling, row["unit"])
    return words


@cache
def _folded(role: str) -> dict[str, str]:
    return {fold_word(word): unit for word, unit in _words(role).items()}


def _any_of(*roles: str) -> str:
    """Return the words as alternatives, the longest first among those of one first letter."""
    groups: dict[str, list[str]] = {}
    for word in sorted({w for role in roles for w in _words(role)}, key=lambda w: (-len(w), w)):
        rest = re.escape(word[1:]).replace(r"\ ", f"{_BLANK}?")
        groups.setdefault(word[0].lower(), []).append(rest)
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in groups.items())


@cache
def _pattern() -> re.Pattern[str]:
    counted = _any_of("top", "count")
    top = rf"(?:(?:{_POWER})(?:{_BLANK}?(?:{counted}))?|{counted})"
    stroke = rf"{_BLANK}?(?:/|(?<![{_LETTER}])per{_BLANK}){_BLANK}?"
    below = rf"(?:{_any_of('below')})(?![{_LETTER}])"
    return re.compile(
        rf"{_BLANK}{{0,3}}(?P<unit>%|(?:{_any_of('whole')})(?![{_LETTER}0-9²/])"
        rf"|(?:{top})?{stroke}{below}(?:{stroke}{below}){{0,2}}"
        rf"|(?:{_any_of('whole', 'top')}|{_POWER}|K)(?![{_LETTER}0-9²]))",
        re.IGNORECASE,
    )


def unit_at(text: str, start: int, end: int | None = None) -> tuple[int, int] | None:
    """Return where the unit stands that opens at `start`, a few blanks aside, or None.

    Examples
    --------
    >>> unit_at("9.2 g/dL today", 3)
    (4, 8)
    """
    found = _pattern().match(text, start, len(text) if end is None else end)
    return found.span("unit") if found else None


@lru_cache(maxsize=4096)
def unit_key(unit: str) -> str:
    """Return the one name of a unit; what is counted (cells, beats) is left out.

    A unit that no table knows is its own folded spelling.

    Examples
    --------
    >>> unit_key("mm Hg"), unit_key("x10*3/uL"), unit_key("beats per minute")
    ('mmhg', '10^9/litre', '/minute')
    """
    if unit in _MOLAR:
        return _MOLAR[unit]
    written = " ".join(fold_word(unit.strip().translate(_SUPERSCRIPTS)).split())
    known = _folded("whole")
    if written in known or written.replace(" ", "") in known:
        return known.get(written) or known[written.replace(" ", "")]
    top, *below = (piece.strip() for piece in re.sub(r"\bper\b", "/", written).split("/"))
    names = [_folded("below").get(piece, piece.replace(" ", "")) for piece in below]
    key = "/".join([_above(top), *names])
    return _SAME.get(key, key)


def _above(top: str) -> str:
    """Return the name of what stands over the stroke."""
    if power := re.match(_POWER, top, re.IGNORECASE):
        return "10^" + re.sub(r"\D", "", power.group())[2:]
    for role in ("top", "count"):
        if top in _folded(role):
            return _folded(role)[top]
    return top.replace(" ", "")


def is_concentration(key: str) -> bool:
    """Tell whether a unit's key is an amount per volume, gram or mole, not per kilogram or time."""
    _, *below = key.split("/")
    return bool(below) and _CONTAINS.issuperset(below)


def is_rate(key: str) -> bool:
    """Tell whether a unit's key is something per time."""
    return not _TIME.isdisjoint(key.split("/")[1:])
