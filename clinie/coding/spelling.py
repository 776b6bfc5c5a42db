"""Spellings of one term: what the normalised lookup takes for the same words.

Case, diacritics and compatibility forms, white space, punctuation, hyphens, the possessive and the
regular plural of the last word do not count. Numbers and signs do: ``1.5`` is not ``15``, ``1/2``
is not ``12``, ``HER2+`` is neither ``HER2`` nor ``HER2-``. Words are never reordered or left out.

The steps are those of the UMLS program *norm* that change no meaning: McCray, Srinivasan and
Browne, *Lexical methods for managing variation in biomedical terminologies*, Proceedings of the
Annual Symposium on Computer Application in Medical Care, 1994, 235-239.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from clinie.text.folding import fold_word
from clinie.text.lexica import plural

__all__ = ["is_plural", "sketch", "spellings"]

_PLAIN = re.compile("[a-z]+(?: [a-z]+)*")
_RAISED = re.compile("(?<=[0-9])(?=[²³¹⁰-⁹₀-₉¼-¾⅐-⅞])")  # 10² is not 102
_LINE_END = re.compile(r"(?<=[^\W\d_])-[ \t]*\r?\n[ \t]*(?=[^\W\d_])")
_SIGN = re.compile(r"(?<!\S)-(?=\.?\d)|(?<=[^\W_])-(?=\s|\Z)")  # -2.5, HER2-
_MINUS = "−"  # folding leaves none, so it can stand for a hyphen that counts
_WORD_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_PIECE = re.compile(
    r"\d+(?:[.,:/-]\d+)*"  # a number: what stands between two digits counts
    r"|(?<![^\W_])\.\d+(?:[.,:/-]\d+)*"
    r"|[^\W\d_]+(?:'[^\W\d_]+)*"  # a word, with its apostrophes
    r"|[^\w\s]"
)
_COUNTING = "%‰#@"  # punctuation by Unicode, but not between words
_WORD = re.compile(r"[^\W\d_]+")
_ACRONYM = 5
"""A word in capitals is an acronym up to this many letters; beyond, the note is shouting."""

_SHORTEST = 3
"""Letters of the shortest word that is taken for a singular."""

_SKETCHED = {i: None for i in range(128) if not chr(i).isalnum()} | {
    ord("s"): None,
    ord("&"): "and",
}


def sketch(text: str) -> str:
    """Return what all spellings of a term have in common, plural included, and few other terms.

    It is what terms are filed under: far cheaper than `spellings`, which then tell the few apart.
    Only letters and digits are left of a term, without the letters that a possessive or a plural
    may add or change.

    Examples
    --------
    >>> sketch("Crohn's biopsies"), sketch("crohn biopsy")
    ('crohnbiop', 'crohnbiop')
    """
    if text.isascii():
        return text.lower().translate(_SKETCHED).rstrip("eiy")
    kept = fold_word(text).translate(_SKETCHED)
    return "".join(filter(str.isalnum, kept)).rstrip("eiy")


@lru_cache(maxsize=4096)
def spellings(text: str) -> tuple[str, ...]:
    """Return the keys of a term; two terms are the same words when they share one.

    There are up to four: a hyphen between letters is a space or nothing, a possessive is there
    or not. Letters and digits that touch are words of their own (``B 12``). Never empty. Linear
    in the length of the text.

    Examples
    --------
    >>> spellings("Type-2  Diabetes")
    ('type 2 diabetes',)
    >>> spellings("pre-eclampsia")
    ('pre eclampsia', 'preeclampsia')
    >>> spellings("Crohn's disease")
    ('crohns disease', 'crohn disease')
    """
    folded = text.lower() if text.isascii() else fold_word(_RAISED.sub(" ", text))
    if _PLAIN.fullmatch(folded):  # most terms, without the rest
        return (folded,)
    forms: tuple[str, ...] = (folded,)
    if "-" in folded:
        hyphenated = _SIGN.sub(_MINUS, _LINE_END.sub("-", folded))
        forms = (hyphenated, _WORD_HYPHEN.sub("", hyphenated))
    keys: dict[str, None] = {}
    for form in forms:
        words = [word for word in map(_counted, _PIECE.findall(form)) if word]
        key = " ".join(words)
        keys[key.replace("'", "")] = None
        if "'s" in key:
            keys[" ".join(word.removesuffix("'s") for word in words).replace("'", "")] = None
    keys.pop("", None)
    return tuple(keys) or (" ".join(folded.split()) or text,)


@lru_cache(maxsize=4096)
def _counted(piece: str) -> str:
    """Return what counts of a piece of a term; the empty string for punctuation."""
    if piece == "&":
        return "and"
    if len(piece) > 1 or piece in _COUNTING:
        return piece
    return "" if unicodedata.category(piece)[0] == "P" else piece


def is_plural(many: str, single: str) -> bool:
    """Tell whether a term is another with its last word in the regular plural.

    An acronym's plural keeps its capitals (``ECGs`` of ``ECG``), and no plural is an acronym
    (``AIDS`` of ``aid``).
    """
    more, one = _last_word(many), _last_word(single)
    if len(one) < _SHORTEST or _is_acronym(more):
        return False
    if _is_acronym(one) and not more[: len(one)].isupper():
        return False
    keys = spellings(many)
    return any(key[-1].isalpha() and plural(key) in keys for key in spellings(single))


def _last_word(text: str) -> str:
    words: list[str] = _WORD.findall(text)
    return words[-1] if words else ""


def _is_acronym(word: str) -> bool:
    return word.isupper() and len(word) <= _ACRONYM
