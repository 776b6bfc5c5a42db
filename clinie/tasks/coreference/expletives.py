"""Pronouns that refer to nothing: "it is likely that", "this is a 54-year-old man"."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from clinie.tasks.coreference.nouns import PACKAGE, singular
from clinie.tasks.coreference.persons import person_noun
from clinie.tasks.coreference.words import Word, verb_of
from clinie.text.lexica import load_tsv

__all__ = ["BE_FORMS", "introduces", "refers_to_nothing"]

BE_FORMS = frozenset(
    ("is", "are", "was", "were", "be", "been", "being", "am", "isn't", "wasn't", "'s")
)
_AUXILIARY = frozenset(("aux", "modal", "adv"))
_OPENS_CLAUSE = frozenset(
    ("that", "to", "if", "whether", "for", "how", "when", "like", "as", "out")
)
_TIMES = frozenset(("while", "hour", "minute", "day", "week", "month", "year", "time", "long"))
_CAUSATIVE = frozenset(("make", "find", "keep", "feel", "think"))
_SUBJECT_TAGS = frozenset(("det", "pron", "poss"))


@cache
def _expletives() -> dict[tuple[str, str], str]:
    return {(row["word"], row["kind"]): row["needs"] for row in load_tsv("expletives.tsv", PACKAGE)}


def refers_to_nothing(words: Sequence[Word], at: int) -> bool:
    """Tell the *it* of "it is likely that", "makes it hard to", "it has been a year since"."""
    if at and (verb := verb_of(words[at - 1].low)) and verb.base in _CAUSATIVE:
        following = [word.low for word in words[at + 1 : at + 4]]
        if any(
            word in ("to", "that", "hard", "difficult", "easier", "clear") for word in following
        ):
            return True
    be = False
    for number in range(at + 1, min(len(words), at + 7)):
        word = words[number]
        rest = words[number + 1 : number + 6]
        if word.tag in _AUXILIARY and (word.low, "adjective") not in _expletives():
            be = be or word.low in BE_FORMS
            continue
        if be and word.low[0].isdigit():
            return any(w.low in ("am", "pm", "o'clock", "since") for w in rest)
        if be and any(w.low == "since" for w in rest) and any(w.low in _TIMES for w in rest):
            return True
        for kind in ("adjective", "participle", "verb", "noun", "weather"):
            needs = _expletives().get((word.low, kind))
            if needs is not None and (be or kind == "verb") and _is_met(needs, rest):
                return True
            if needs == "that" and kind == "verb" and rest and rest[0].tag in _SUBJECT_TAGS:
                return True  # "it appears the patient is ..."
        return be and _is_expletive_noun(words[number : number + 4])
    return False


def _is_met(needs: str, rest: Sequence[Word]) -> bool:
    lows = [word.low for word in rest]
    if needs == "clause":
        return any(low in _OPENS_CLAUSE for low in lows[:2])
    if needs == "that":
        return bool(lows) and lows[0] in ("that", "like", "as", "out")
    if needs == "not to":
        return not lows or lows[0] != "to"
    if needs == "time":
        return any(singular(low)[0] in _TIMES for low in lows[:4])
    return needs == "" or needs in lows


def _is_expletive_noun(words: Sequence[Word]) -> bool:
    """Tell "it is my impression", "it is a pleasure"."""
    opened = bool(words) and words[0].tag in ("det", "poss")
    return opened and any((word.low, "noun") in _expletives() for word in words[1:])


def introduces(words: Sequence[Word], at: int) -> bool:
    """Tell the *this* of "This is a 54-year-old woman", "this is her third visit"."""
    after = words[at + 1 : at + 9]
    if not after or after[0].low not in BE_FORMS:
        return False
    for word in after[1:]:
        if word.tag in ("prep", "mark", "rel", "clause"):
            return False
        if "year" in word.low or word.low in ("visit", "note", "report", "admission", "dictation"):
            return True
        noun = person_noun(word.low)
        if noun is not None:
            return True
    return False
