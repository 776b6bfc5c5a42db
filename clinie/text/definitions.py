"""Short forms that a text itself explains: ``deep brain stimulation (DBS)``, ``DBS (deep ...)``.

The algorithm of Schwartz and Hearst: the long form is the shortest run of words before the bracket
that holds the short form's characters in order, the first of them at the beginning of a word.

References
----------
Schwartz AS, Hearst MA. A simple algorithm for identifying abbreviation definitions in biomedical
text. Pacific Symposium on Biocomputing 2003.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from clinie.text.lexica import load_tsv

__all__ = ["Definition", "find_definitions", "has_its_initials", "singular"]

_BRACKET = re.compile(r"[ \t\r\n]{0,3}\(([^()\r\n]{2,120})\)")
_WORD = re.compile(r"[^\s()]+")
_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_TAIL = re.compile(r"[;,]")
_LONGEST = 120
_CHANCE = 3  # letters; fewer are the initials of any words
_FORMS = re.compile(r"[^\W_]+?(?=s?(?![^\W_]))")
_STOPS = ". ", "; ", ": ", "! ", "? "


@dataclass(frozen=True, slots=True)
class Definition:
    """A short form and the long form that the text gives for it; offsets are half open.

    Parameters
    ----------
    short, long : str
        As written.
    start, end : int
        Where the short form stands.
    long_start, long_end : int
        Where the long form stands.
    """

    short: str
    long: str
    start: int
    end: int
    long_start: int
    long_end: int


def find_definitions(text: str) -> list[Definition]:
    """Return the definitions of a text in text order.

    Linear in the text: each bracket looks back over a bounded number of characters.

    Examples
    --------
    >>> [(d.short, d.long) for d in find_definitions("Deep brain stimulation (DBS) in 2019.")]
    [('DBS', 'Deep brain stimulation')]
    """
    return list(_definitions(text))


def _definitions(text: str) -> Iterator[Definition]:
    for bracket in _BRACKET.finditer(text):
        inner = _TAIL.split(bracket.group(1), maxsplit=1)[0]
        lead = len(inner) - len(inner.lstrip())
        start = bracket.start(1) + lead
        inner = inner.strip()
        if _is_short(inner):
            found = _long_before(text, bracket.start(), inner)
            if found:
                yield Definition(
                    inner, text[slice(*found)], start, start + len(inner), found[0], found[1]
                )
                continue
        before = _last_word(text, bracket.start())
        short = text[slice(*before)] if before else ""
        if before and _is_short(short) and " " in inner:
            offset = _match_back(inner, short)
            if offset == 0 and _begins_well(inner, short):
                yield Definition(short, inner, *before, start, start + len(inner))


def _is_short(word: str) -> bool:
    return (
        2 <= len(word) <= 10
        and word.count(" ") <= 1
        and word[0].isalnum()
        and sum(map(str.isupper, word)) >= 2
    )


def _last_word(text: str, end: int) -> tuple[int, int] | None:
    window = text[max(0, end - 12) : end]
    words = list(_WORD.finditer(window))
    if not words or words[-1].end() != len(window):
        return None
    offset = end - len(window)
    return offset + words[-1].start(), end


def _long_before(text: str, end: int, short: str) -> tuple[int, int] | None:
    """Return where the long form before a bracket stands."""
    window_start = max(0, end - _LONGEST)
    window = text[window_start:end]
    for stop in _STOPS:  # not over the end of a sentence
        cut = window.rfind(stop)
        if cut >= 0:
            window_start += cut + len(stop)
            window = window[cut + len(stop) :]
    words = list(_WORD.finditer(window))
    most = min(len(short) + 5, 2 * len(short))
    if not words:
        return None
    window_start += words[-most:][0].start()
    offset = _match_back(text[window_start:end], short)
    if offset is None:
        return None
    long = text[window_start + offset : end]
    if len(long) <= len(short) + 1 or short.rstrip("s") in _FORMS.findall(long):
        return None
    if not _begins_well(long, short):
        return None
    return window_start + offset, end


def _match_back(long: str, short: str) -> int | None:
    """Match the short form's characters backwards into the long form; return where it begins."""
    short = short[:-1] if short.endswith("s") and short[:-1].isupper() else short
    at = len(long)
    for position in range(len(short) - 1, -1, -1):
        char = short[position].lower()
        if not char.isalnum():
            continue
        at -= 1
        while at >= 0 and (
            long[at].lower() != char or (position == 0 and at > 0 and long[at - 1].isalnum())
        ):
            at -= 1
        if at < 0:
            return None
    return at


@cache
def _function_words() -> frozenset[str]:
    return frozenset(row["word"] for row in load_tsv("function_words.tsv"))


def _begins_well(long: str, short: str) -> bool:
    """Tell whether a long form begins with a content word.

    Other words may begin one whose every initial is used: "in vitro fertilization (IVF)".
    """
    words = [part.lower() for part in _PART.findall(long)]
    if not words or words[0] not in _function_words():
        return True
    letters = short.rstrip("s").lower()
    return len(letters) >= _CHANCE and "".join(word[0] for word in words) == letters


def has_its_initials(short: str, long: str) -> bool:
    """Tell whether the initials of a long form's content words are exactly a short form.

    Function words within the long form may be passed over; none stands at its edges.

    Examples
    --------
    >>> has_its_initials("ADL", "activities of daily living")
    True
    >>> has_its_initials("OU", "of mild blurred vision")
    False
    """
    words = [part.lower() for part in _PART.findall(long)]
    idle = _function_words()
    if not words or words[0] in idle or words[-1] in idle:
        return False
    letters = "".join(filter(str.isalnum, short.rstrip("s"))).lower()
    told = "".join(word[0] for word in words if word not in idle)
    return letters in (told, "".join(word[0] for word in words))


_KEEP = ("ss", "us", "is")


def singular(phrase: str) -> str:
    """Return a phrase with its last word in the singular, by the regular endings of English.

    Examples
    --------
    >>> singular("premature ventricular contractions"), singular("diagnoses"), singular("status")
    ('premature ventricular contraction', 'diagnosis', 'status')
    """
    head, blank, word = phrase.rpartition(" ")
    if len(word) < 4 or word.endswith(_KEEP) or not word.endswith("s"):
        return phrase
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith(("oses", "yses", "stases")) and len(word) > 6:
        word = word[:-2] + "is"
    elif word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    else:
        word = word[:-1]
    return head + blank + word
