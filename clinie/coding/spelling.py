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
from collections.abc import Iterator
from functools import lru_cache

from clinie.text.folding import fold_word
from clinie.text.lexica import plural

__all__ = ["numbers_agree", "plurals", "singulars", "spellings"]

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


def spellings(text: str) -> tuple[str, ...]:
    """Return the keys of a term; two terms are the same words when they share one.

    There are up to four: a hyphen between letters is a space or nothing, a possessive is there
    or not. Never empty. Linear in the length of the text.

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
    hyphenated = _SIGN.sub(_MINUS, _LINE_END.sub("-", folded))
    keys: dict[str, None] = {}
    for form in dict.fromkeys((hyphenated, _WORD_HYPHEN.sub("", hyphenated))):
        words = list(_words(form))
        if words:
            keys[" ".join(words).replace("'", "")] = None
            bare = " ".join(word.removesuffix("'s") for word in words)
            keys[bare.replace("'", "")] = None
    return tuple(keys) or (" ".join(folded.split()) or text,)


def _words(text: str) -> Iterator[str]:
    """Yield what counts; letters and digits that touch are words of their own (``B 12``)."""
    for piece in _PIECE.findall(text):
        if piece == "&":
            yield "and"
        elif piece[0] == "." and len(piece) > 1:
            yield f"0{piece}"
        elif len(piece) > 1 or piece.isalnum() or _counts(piece):
            yield piece


@lru_cache(maxsize=256)
def _counts(sign: str) -> bool:
    return sign in _COUNTING or unicodedata.category(sign)[0] != "P"


def plurals(key: str) -> Iterator[str]:
    """Yield the key of the regular plural, when the last word is a word."""
    if key[-1:].isalpha():
        yield plural(key)


def singulars(key: str) -> Iterator[str]:
    """Yield the keys of which this is the regular plural."""
    for single in (key[:-1], key[:-2], f"{key[:-3]}y", f"{key[:-2]}is"):
        last = single.rpartition(" ")[2]
        if len(last) >= _SHORTEST and last.isalpha() and plural(single) == key:
            yield single


def numbers_agree(single: str, many: str) -> bool:
    """Tell whether one term as written may be the plural of another: not AIDS of aid.

    An acronym's plural keeps its capitals (``ECGs`` of ``ECG``), and no plural is one.
    """
    one, more = _last_word(single), _last_word(many)
    if _is_acronym(more):
        return False
    return more[: len(one)].isupper() if _is_acronym(one) else True


def _last_word(text: str) -> str:
    words: list[str] = _WORD.findall(text)
    return words[-1] if words else ""


def _is_acronym(word: str) -> bool:
    return word.isupper() and len(word) <= _ACRONYM
