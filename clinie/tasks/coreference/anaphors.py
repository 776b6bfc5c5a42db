"""The words of a note that can only be understood through an earlier mention.

Pronouns that refer (not "it is likely that"), definite mentions ("the lesion", "this medication"),
"the former", "the last one"; each with what its sentence asks of the thing it stands for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from clinie.tasks.coreference.expletives import BE_FORMS, introduces, refers_to_nothing
from clinie.tasks.coreference.nouns import NONE, PACKAGE, modifiers, noun_of, said_of, singular
from clinie.tasks.coreference.persons import person_noun
from clinie.tasks.coreference.phrases import Phrase, role_of
from clinie.tasks.coreference.words import Word, verb_of
from clinie.text.lexica import load_tsv

__all__ = ["Anaphor", "anaphors"]

_DO = frozenset(("do", "does", "did", "doing", "done"))
_DEFINITE = frozenset(("the", "this", "that", "these", "those", "such", "both"))
_POINTING = frozenset(("this", "that", "these", "those", "such"))
_WHERE = frozenset(("in", "on", "over", "at", "near", "within", "around", "to", "from"))
_ERGATIVE = frozenset(
    ("improve", "resolve", "worsen", "start", "stop", "increase", "decrease", "reduce")
)
_REMEDIES = frozenset(("drug", "procedure", "activity"))
_RAISING = frozenset(
    ("seem", "appear", "tend", "continue", "start", "begin", "need", "have", "use")
)


@dataclass(frozen=True, slots=True)
class Anaphor:
    """A word or phrase that takes up something earlier: ``text[start:end]``.

    Parameters
    ----------
    start, end : int
    form : str
        ``it``, ``this`` (also *that*), ``they``, ``these``, ``person``, ``definite``, ``former``,
        ``latter``, ``one``.
    gender : {"m", "f", "n", ""}
    plural : bool
    role : str
        As of `Phrase`, or ``possessive``.
    sentence, first, last : int
        Its words.
    asks : frozenset of str
        Kinds of things that its verb or adjective is said of; empty: any.
    takes : tuple of str
        Of a definite mention: the kinds its noun takes up.
    head : str
    modifiers : frozenset of str
        Of a definite mention: its other words that say which.
    pointing : bool
        With *this* or *these* rather than *the*.
    pair : bool
        *both*, *the two*.
    event : bool
        Behind a preposition such as *after*, where *this* is rather what happened than a thing.
    phrase : Phrase, optional
        The noun phrase that a definite mention is.
    """

    start: int
    end: int
    form: str
    gender: str
    plural: bool
    role: str
    sentence: int
    first: int
    last: int
    asks: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()
    head: str = ""
    modifiers: frozenset[str] = frozenset()
    pointing: bool = False
    pair: bool = False
    event: bool = False
    phrase: Phrase | None = None


class _Pronoun(NamedTuple):
    form: str
    gender: str
    plural: bool
    case: str


@cache
def _pronouns_known() -> dict[str, _Pronoun]:
    return {
        row["word"]: _Pronoun(row["form"], row["gender"], row["plural"] == "1", row["case"])
        for row in load_tsv("pronouns.tsv", PACKAGE)
    }


def anaphors(sentence: int, words: Sequence[Word], found: Sequence[Phrase]) -> list[Anaphor]:
    """Return the anaphors of a sentence in text order, whether or not they can be resolved.

    Parameters
    ----------
    sentence : int
        Its number.
    words : sequence of Word
    found : sequence of Phrase
        Its noun phrases.
    """
    result = [*_pronouns(sentence, words), *_definite(words, found), *_picked(sentence, words)]
    return sorted(result, key=lambda a: (a.start, -a.end))


def _pronouns(sentence: int, words: Sequence[Word]) -> Iterator[Anaphor]:
    for at, word in enumerate(words):
        known = _pronouns_known().get(word.low)
        if known is None or word.tag not in ("pron", "poss"):
            continue
        form, gender, plural, case = known
        possessive = case == "p" or word.tag == "poss"
        role = "possessive" if possessive else "subject" if case == "s" else _role(words, at)
        if form == "it" and not possessive and refers_to_nothing(words, at):
            continue
        if form == "this" and introduces(words, at):
            continue
        if form in ("it", "this") and at and words[at - 1].low in _DO:
            continue  # "unable to do this": what was done is no thing
        yield Anaphor(
            start=word.start,
            end=word.end,
            form=form,
            gender=gender,
            plural=plural,
            role=role,
            sentence=sentence,
            first=at,
            last=at + 1,
            asks=frozenset() if possessive else _asked(words, at, at + 1, role),
            event=at > 0 and words[at - 1].low in modifiers("event"),
        )


def _role(words: Sequence[Word], at: int) -> str:
    if words[at].low in ("him", "them", "her"):
        before = words[at - 1].tag if at else "start"
        return "oblique" if before == "prep" else "object"
    role = role_of(words, at, at + 1)
    if role == "fragment":
        role = "subject" if _verb_at(words, at + 1) else "fragment"
    elif role in ("object", "embedded", "oblique") and _verb_at(words, at + 1):
        role = "subject"  # "he believes it was ..."
    return role


def _verb_at(words: Sequence[Word], at: int) -> bool:
    while at < len(words) and words[at].tag == "adv":
        at += 1
    return at < len(words) and words[at].tag in ("aux", "modal", "verb")


# -- what the sentence asks ------------------------------------------------------------------


def _asked(words: Sequence[Word], first: int, last: int, role: str) -> frozenset[str]:
    """Return the kinds of things that the verb or adjective beside a pronoun is said of."""
    if role == "subject":
        return _asked_of_subject(words, last)
    if role in ("object", "oblique", "embedded"):
        for word in reversed(words[max(0, first - 4) : first]):
            if word.tag in ("verb", "part", "nounverb"):
                verb = verb_of(word.low)
                direct = role == "object" or word is words[first - 1]
                return verb.object if verb and direct else frozenset()
            if word.tag in ("clause", "mark", "pron", "rel"):
                break
    return frozenset()


def _asked_of_subject(words: Sequence[Word], at: int) -> frozenset[str]:
    be = at > 1 and words[at - 2].tag in ("verb", "aux")  # "have it scheduled"
    verb_at = -1
    while at < len(words) and words[at].tag in ("aux", "modal", "adv", "verb"):
        be = be or words[at].low in BE_FORMS
        if words[at].tag == "verb":
            verb_at = at
            if at + 1 < len(words) and words[at + 1].tag != "verb":
                break
        at += 1
    if verb_at >= 0:
        verb = verb_of(words[verb_at].low)
        if verb and verb.base in _RAISING and (to := _infinitive(words, verb_at + 1)):
            verb = verb_of(to)
        if verb is None:
            return said_of(words[verb_at].low)
        if be and not words[verb_at].low.endswith("ing"):
            return verb.object | said_of(words[verb_at].low)
        behind = words[verb_at + 1].tag if verb_at + 1 < len(words) else "end"
        if verb.base in _ERGATIVE and behind in ("det", "poss", "noun", "pron"):
            return _REMEDIES  # "it will improve his sleep"
        return verb.subject
    if be:
        return _said(words, at)
    return frozenset()


def _infinitive(words: Sequence[Word], at: int) -> str | None:
    """Return the verb of the *to help* that follows, or None."""
    if at + 1 >= len(words) or words[at].low != "to":
        return None
    return words[at + 1].low if verb_of(words[at + 1].low) else None


def _said(words: Sequence[Word], at: int) -> frozenset[str]:
    """Return the kinds of what is "benign", "a tubular adenoma", "as high as 9"."""
    noun = ""
    for word in words[at : at + 8]:
        if word.tag in ("mark", "prep", "clause", "rel", "verb", "aux", "conj") and noun:
            break
        if said := said_of(word.low):
            return said
        if word.tag in ("noun", "nounverb"):
            noun = word.low
        elif word.tag in ("mark", "clause", "rel", "verb"):
            break
    kinds = noun_of(singular(noun)[0]).kinds if noun else frozenset()
    return frozenset() if kinds == NONE else kinds - {"symptom", "finding"}


# -- definite mentions -----------------------------------------------------------------------


def _definite(words: Sequence[Word], found: Sequence[Phrase]) -> Iterator[Anaphor]:
    for phrase in found:
        opened = words[:0] if phrase.first == 0 else _opener(words, phrase)
        determiner = opened[0].low if opened else ""
        if determiner not in _DEFINITE or not _takes_up(words, phrase, determiner):
            continue
        if any(word.low in modifiers("picks") for word in opened):
            continue  # "the other vehicle"
        before = phrase.first - len(opened) - 1
        if determiner == "the" and before >= 0 and words[before].low in BE_FORMS:
            continue  # "those are the main problems" says what they are
        noun = noun_of(phrase.head)
        yield Anaphor(
            start=phrase.outer,
            end=phrase.end,
            form="definite",
            gender="n",
            plural=phrase.plural or determiner in ("these", "those", "both"),
            role=phrase.role,
            sentence=phrase.sentence,
            first=phrase.first - len(opened),
            last=phrase.last,
            takes=noun.takes,
            head=phrase.head,
            modifiers=phrase.modifiers - modifiers("neutral"),
            pointing=determiner in _POINTING,
            pair=any(word.low in ("both", "two", "2") for word in opened),
            phrase=phrase,
        )


def _opener(words: Sequence[Word], phrase: Phrase) -> Sequence[Word]:
    first = phrase.first
    while first and words[first - 1].start >= phrase.outer:
        first -= 1
    return words[first : phrase.first]


def _takes_up(words: Sequence[Word], phrase: Phrase, determiner: str) -> bool:
    """Tell whether a definite mention may take up another: it does not say itself which one."""
    if phrase.kinds & {"person", "place"} or person_noun(words[phrase.last - 1].low):
        return False
    if phrase.modifiers & modifiers("picks") or phrase.denied:
        return False
    if len(phrase.modifiers - modifiers("neutral")) > 1 and determiner not in _POINTING:
        return False  # as good as a full name
    if any(word.tag == "prep" for word in words[phrase.first : phrase.last]):
        return False
    after = words[phrase.last] if phrase.last < len(words) else None
    if after is None or (determiner in _POINTING and after.tag != "pron"):
        return True
    if after.low == "of" or after.tag in ("pron", "rel", "genitive"):
        return False
    place = words[phrase.last + 1].tag if phrase.last + 1 < len(words) else "end"
    return not (after.low in _WHERE and place in ("det", "poss"))


# -- the former, the last one ----------------------------------------------------------------


def _picked(sentence: int, words: Sequence[Word]) -> Iterator[Anaphor]:
    for at, word in enumerate(words):
        if word.low in ("former", "latter") and at and words[at - 1].low == "the":
            if at + 1 < len(words) and words[at + 1].tag in ("noun", "nounverb"):
                continue
            form, first = word.low, at - 1
        elif word.low in ("one", "ones") and at and _points(words, at):
            form, first = "one", at - 1
            while first and words[first].tag not in ("det", "quant"):
                first -= 1
        else:
            continue
        yield Anaphor(
            start=words[first].start,
            end=word.end,
            form=form,
            gender="n",
            plural=word.low == "ones",
            role=_role(words, at),
            sentence=sentence,
            first=first,
            last=at + 1,
            asks=_asked(words, first, at + 1, role_of(words, first, at + 1)),
        )


def _points(words: Sequence[Word], at: int) -> bool:
    """Tell the *one* of "the last one", "another one" from a number and from "one of them"."""
    after = words[at + 1] if at + 1 < len(words) else None
    if after is not None and (after.tag in ("noun", "nounverb", "num") or after.low == "of"):
        return False
    before = words[at - 1]
    if before.low in ("the", "this", "that", "another", "these", "those"):
        return True
    return (
        before.tag in ("noun", "adv", "part", "num")
        and at > 1
        and words[at - 2].low in ("the", "this", "that", "a", "an", "another", "these")
    )
