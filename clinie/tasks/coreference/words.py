"""Words of a sentence with coarse tags: where noun phrases end, what verbs ask for.

No tagger is trained: closed classes are listed, verbs are listed with what they take, and anything
else is a content word. What a word is beside its neighbours (*her* in "her pain" and "saw her") is
settled in a second pass.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from clinie.tasks.coreference.nouns import PACKAGE, modifiers, noun_of
from clinie.text.folding import fold_word
from clinie.text.lexica import load_tsv
from clinie.text.tokens import Token, tokenize

__all__ = ["Verb", "Word", "is_closed", "sentences_of_words", "verb_of"]

_JOINTS = frozenset("-/–‐‑")
_CLITICS = frozenset(("s", "ve", "re", "ll", "d", "m"))
_CONTENT = frozenset(("noun", "num", "part", "nounverb"))
_OPENERS = frozenset(("det", "poss", "quant", "neg", "num"))
_NOT_ADVERBS = frozenset(
    ("family", "anomaly", "early", "daily", "elderly", "only", "assembly", "belly", "jelly")
)
_SHORTEST_ADVERB = 5


class Word(NamedTuple):
    """A word: ``text[start:end]``, folded, with its coarse tag.

    Tags: ``det poss quant neg num`` open a noun phrase, ``noun`` and ``part`` (an -ed or -ing form)
    make it; ``verb aux modal adv prep conj clause rel pron mark`` end it.
    """

    start: int
    end: int
    low: str
    tag: str


class Verb(NamedTuple):
    """A verb and the kinds of things that are its subject and its object as a rule."""

    base: str
    noun: bool
    subject: frozenset[str]
    object: frozenset[str]


@cache
def _closed() -> dict[str, str]:
    return {row["word"]: row["tag"] for row in load_tsv("closed_class.tsv", PACKAGE)}


@cache
def _verbs() -> dict[str, Verb]:
    forms: dict[str, Verb] = {}
    for row in load_tsv("verbs.tsv", PACKAGE):
        base = row["verb"]
        verb = Verb(
            base,
            row["noun"] == "1",
            frozenset(row["subject"].split()),
            frozenset(row["object"].split()),
        )
        for form in (base, *row["irregular"].split(), *_inflected(base)):
            forms.setdefault(form, verb)
    return forms


def _inflected(base: str) -> tuple[str, ...]:
    """Return the regular forms of a verb; a last consonant once single, once doubled."""
    stem = base.removesuffix("e")
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies", base[:-1] + "ied", base + "ing"
    ends = "es" if base.endswith(("s", "sh", "ch", "x", "z", "o")) else "s"
    double = stem + stem[-1]
    return base + ends, stem + "ed", stem + "ing", double + "ed", double + "ing", base + "ing"


def verb_of(low: str) -> Verb | None:
    """Return the verb of which a folded word is a form, or None."""
    return _verbs().get(low)


def is_closed(low: str) -> bool:
    """Tell whether a folded word is a function word."""
    return low in _closed()


def sentences_of_words(text: str, bounds: Sequence[tuple[int, int]]) -> list[list[Word]]:
    """Return the tagged words of each sentence. Linear in the text."""
    tokens = _joined(text, tokenize(text))
    starts = [token.start for token in tokens]
    return [
        _tagged([t for t in tokens[bisect_left(starts, a) : bisect_left(starts, b)] if t.end <= b])
        for a, b in bounds
    ]


def _joined(text: str, tokens: Sequence[Token]) -> list[Token]:
    """Put words joined by a hyphen or slash together: ``follow-up``, ``y/o``, ``and/or``."""
    result: list[Token] = []
    first, last = -1, -1
    for at, token in enumerate(tokens):
        if first >= 0 and tokens[last].end == token.start and _joins(tokens, last, at):
            last = at
            continue
        if first >= 0:
            result.append(_whole(text, tokens, first, last))
        first = last = at
    if first >= 0:
        result.append(_whole(text, tokens, first, last))
    return result


def _joins(tokens: Sequence[Token], last: int, at: int) -> bool:
    """Tell whether a token goes on with the one before it, no blank between them."""
    if tokens[at].text in _JOINTS:
        following = at + 1 < len(tokens) and tokens[at + 1].start == tokens[at].end
        return following and tokens[last].text.isalnum() and tokens[at + 1].text.isalnum()
    return tokens[last].text in _JOINTS and tokens[at].text.isalnum() and last > 0


def _whole(text: str, tokens: Sequence[Token], first: int, last: int) -> Token:
    start, end = tokens[first].start, tokens[last].end
    return tokens[first] if first == last else Token(start, end, text[start:end])


def _tagged(tokens: Sequence[Token]) -> list[Word]:
    folded = [(token, fold_word(token.text) or token.text) for token in tokens]
    words = _possessives([Word(t.start, t.end, low, _first_tag(low)) for t, low in folded])
    for at, word in enumerate(words):
        tag = _settled(words, at)
        if tag != word.tag:
            words[at] = word._replace(tag=tag)
    return words


@lru_cache(maxsize=1 << 13)
def _first_tag(low: str) -> str:
    tag = _closed().get(low)
    if tag:
        return tag
    if low[0].isdigit():
        return "num"
    if not low[0].isalpha():
        return "mark"
    verb = _verbs().get(low)
    if verb:
        if low.endswith(("ed", "ing")):
            return "part"
        return "nounverb" if verb.noun else "verb"
    if low.endswith("ly") and len(low) >= _SHORTEST_ADVERB and low not in _NOT_ADVERBS:
        return "adv"
    if len(low) > _SHORTEST_ADVERB and low.endswith(("ed", "ing")) and not noun_of(low).known:
        return "part"
    return "noun"


def _possessives(words: list[Word]) -> list[Word]:
    """Make ``'s`` and the like one word: "the patient's mother", "they've"."""
    result: list[Word] = []
    for word in words:
        if word.low in _CLITICS and result and result[-1].low in ("'", "’"):
            mark = result.pop()
            tag = "genitive" if word.low == "s" else "aux"
            if not (result and result[-1].end == mark.start):
                tag = "mark"
            elif result[-1].tag == "pron":
                tag = "aux"  # it's
            result.append(Word(mark.start, word.end, "'" + word.low, tag))
        else:
            result.append(word)
    return result


def _settled(words: Sequence[Word], at: int) -> str:
    """Return the tag of a word beside its neighbours (those before it are settled)."""
    word = words[at]
    before = words[at - 1].tag if at else "start"
    after = words[at + 1] if at + 1 < len(words) else None
    following = after.tag if after else "end"
    if word.tag == "demo":
        return _demonstrative(word.low, before, words, at)
    if word.low == "her":
        goes_on = following in _CONTENT or (
            following == "adv" and at + 2 < len(words) and words[at + 2].tag in _CONTENT
        )
        return "poss" if goes_on else "pron"
    if word.tag == "nounverb":
        return _noun_or_verb(words, at, before, following)
    if word.tag == "verb" and before in ("det", "poss", "genitive"):
        return "noun"
    if word.tag == "part":
        return _participle(words, at, before, following)
    if word.tag == "adv" and before in ("poss", "genitive") and following not in _CONTENT:
        return "noun"  # "pain in her back"
    if word.low == "back" and before in ("verb", "aux"):
        return "adv"  # "coming back"
    return word.tag


def _demonstrative(low: str, before: str, words: Sequence[Word], at: int) -> str:
    following = words[at + 1].tag if at + 1 < len(words) else "end"
    goes_on = following in ("noun", "num", "part", "nounverb", "quant")
    if following == "adv" and at + 2 < len(words):
        goes_on = words[at + 2].tag in ("noun", "part")
    if low != "that":
        if at + 1 < len(words) and words[at + 1].low in modifiers("time"):
            return "det"
        if following == "nounverb" and at + 2 < len(words):
            goes_on = words[at + 2].tag not in ("det", "poss", "pron") and not (
                words[at + 1].low.endswith("s") and low == "this"
            )
        if following == "part":
            goes_on = noun_of(words[at + 1].low).known or (
                verb_of(words[at + 1].low) is None
                and at + 2 < len(words)
                and words[at + 2].tag in ("noun", "nounverb", "num")
            )
        return "det" if goes_on else "pron"
    if before in ("start", "prep") or (before == "mark" and words[at - 1].low in ".;:("):
        if goes_on and (following != "nounverb" or before == "prep"):
            return "det"
        return "pron" if following in ("aux", "modal", "verb", "end", "mark", "nounverb") else "rel"
    if following in ("end", "mark"):
        return "pron"
    return "rel"


def _noun_or_verb(words: Sequence[Word], at: int, before: str, following: str) -> str:
    low = words[at].low
    if before in ("det", "poss", "genitive", "num", "quant", "neg"):
        return "noun"
    if before in ("pron", "rel", "modal"):
        return "verb"
    if before == "aux":
        return "verb" if low in _participles() else "noun"
    if at and words[at - 1].low == "to":
        return "verb"
    if before in ("prep", "conj", "start", "mark", "clause", "part"):
        return "noun" if following not in ("det", "poss", "pron") else "verb"
    if before == "noun" and (low.endswith("s") or low in _participles()):
        return (
            "verb"
            if following in ("det", "poss", "pron", "rel", "quant", "neg")
            or (following in ("noun", "num", "prep", "adv") and not low.endswith("ss"))
            else "noun"
        )
    return "verb" if before == "adv" else "noun"


@cache
def _participles() -> frozenset[str]:
    """Return the irregular past forms, which stand behind *has* and *was*."""
    return frozenset(
        form for row in load_tsv("verbs.tsv", PACKAGE) for form in row["irregular"].split()
    )


def _participle(words: Sequence[Word], at: int, before: str, following: str) -> str:
    """Tell an -ed or -ing form that modifies a noun from one that is a verb."""
    if before in ("aux", "modal", "pron", "rel"):
        return "verb"
    if before == "adv" and at > 1 and words[at - 2].tag in ("aux", "modal", "pron"):
        return "verb"
    if before == "adv":
        before = words[at - 2].tag if at > 1 else "start"
    opens = before in _OPENERS or before in ("genitive", "part")
    if opens and following in ("noun", "nounverb", "part", "num"):
        return "part"
    if before in ("det", "poss", "genitive") and words[at].low.endswith("ing"):
        return "noun"  # "the swelling"
    if before == "noun":
        return "verb"
    known = verb_of(words[at].low) is not None
    return "part" if following == "noun" and not known else "verb"
