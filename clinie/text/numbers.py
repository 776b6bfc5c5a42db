"""Numbers and units: one key for every spelling of the same quantity."""

from __future__ import annotations

import re
from enum import IntEnum
from functools import cache, lru_cache
from typing import NamedTuple

from clinie.text.folding import fold_word
from clinie.text.lexica import load_tsv

__all__ = ["SEPARATOR", "Key", "Role", "is_number", "is_unit", "key", "measures", "number_key"]

SEPARATOR = "\x1f"
"""Stands between the parts of a key: white space to the tokenizer, so in no token."""

_SUPERSCRIPT = re.compile("[⁰¹²³⁴-⁹⁺⁻]+")
_FRACTION = re.compile("[¼-¾⅐-⅞]")
_PARTS = re.compile(r"\d+(?:\.\d+)?|[^\d\W_]+|\S")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL = re.compile(r"\d*\.\d+|\d+")


class Role(IntEnum):
    """What a token does to the reading of the next one."""

    OTHER = 0
    NUMBER = 1
    UNIT = 2
    MEASURE = 3  # a unit only where a number stands before it
    PER = 4


class Key(NamedTuple):
    """What a token is compared by.

    Parameters
    ----------
    text : str
        The key; empty for a mark that does not count (``®``).
    measured : str
        The key when a number, or *unit per*, stands before it (``g`` is a unit only there).
    role : Role
    """

    text: str
    measured: str
    role: Role


@cache
def _number_words() -> dict[str, str]:
    return {row["word"]: row["value"] for row in load_tsv("number_words.tsv")}


@cache
def _units() -> tuple[dict[str, str], dict[str, str]]:
    """Return the units by spelling: those always meant, and those meant after a number."""
    always: dict[str, str] = {}
    measured: dict[str, str] = {}
    for row in load_tsv("units.tsv"):
        table = measured if row["after_number"] == "1" else always
        table.update(dict.fromkeys(row["spellings"].split(), row["unit"]))
    return always, measured


@cache
def _unit_names() -> frozenset[str]:
    always, measured = _units()
    return frozenset(always.values()) | frozenset(measured.values()) - {"second"}


def is_unit(text: str) -> bool:
    """Tell whether a key is the name of a unit."""
    return text in _unit_names()


def measures(token: str) -> bool:
    """Tell whether a word is a unit when it stands behind a number."""
    return is_unit(key(token).measured)


def is_number(text: str) -> bool:
    """Tell whether a key is a number: it holds a digit, or is a word for one (``twice``)."""
    return text in _number_words() or any(c.isdigit() for c in text)


def number_key(text: str) -> str:
    """Return the one spelling of a number in digits: ``5,000`` -> ``5000``, ``.50`` -> ``0.5``.

    Anything that is not a plain decimal number (a date, a version) is returned as it is.
    """
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if not text.isascii() or not _DECIMAL.fullmatch(text):
        return text
    whole, _, decimals = text.partition(".")
    if len(whole) == 2 and whole[0] == "0" != whole[1]:  # 08:00; but 2-00 and *0201 are codes
        whole = whole[1]
    whole, decimals = whole or "0", decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole


def _spread(token: str) -> str:
    """Set superscripts and vulgar fractions of a number apart: ``10⁶`` -> ``10^6``."""
    if token.isascii():
        return token
    token = _SUPERSCRIPT.sub(lambda m: "^" + m.group(), token)
    return _FRACTION.sub(lambda m: " " + m.group() + " ", token)


@lru_cache(maxsize=1 << 15)
def key(token: str) -> Key:
    """Return the key of a token of `clinie.text.tokens.tokenize`."""
    number = token[0].isdecimal() or (token[0] == "." and len(token) > 1)
    if number or _FRACTION.match(token):
        folded = fold_word(_spread(token))
        parts = re.findall(r"[\d.,]+|\S", folded)
        text = SEPARATOR.join(number_key(part) for part in parts)
        return Key(text, text, Role.NUMBER)
    folded = fold_word(token)
    if folded.isalpha() or len(folded) <= 1:
        return _word_key(folded)
    text = folded if folded.endswith("n't") else _mixed_key(folded)
    return Key(text, text, Role.OTHER)


def _word_key(folded: str) -> Key:
    if folded in ("per", "/"):
        return Key("/", "/", Role.PER)
    if value := _number_words().get(folded):
        return Key(value, value, Role.NUMBER)
    always, measured = _units()
    if unit := always.get(folded):
        return Key(unit, unit, Role.UNIT)
    if unit := measured.get(folded):
        return Key(folded, unit, Role.MEASURE)
    return Key(folded, folded, Role.OTHER)


def _mixed_key(folded: str) -> str:
    """Return the key of letters with digits, part by part: ``q8h`` equals ``q 8 h``."""
    parts: list[str] = []
    after_number = False
    for part in _PARTS.findall(folded):
        if part[0].isdigit():
            parts.append(number_key(part))
        else:
            entry = _word_key(part)
            parts.append(entry.measured if after_number else entry.text)
        after_number = part[0].isdigit()
    return SEPARATOR.join(parts)
