"""What a note may name: substances (drugs, and ``data/allergens.tsv``) and reactions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from clinie.tasks.allergies.cues import is_cue
from clinie.text.lexica import TermLexicon, drugs, load_tsv
from clinie.text.phrases import mentions
from clinie.text.terms import pieces

__all__ = ["Reaction", "Substance", "find_reactions", "find_substances", "is_misspelt_drug"]

_PACKAGE = "clinie.tasks.allergies"
_NEXT_WORD = re.compile(r"[ \t]+([A-Za-z]+(?:[ -][A-Za-z]+)?)|-([A-Za-z]+)")
_BEFORE = re.compile(r"(?<![\w-])([A-Za-z]+[ -])?([A-Za-z]+)[ \t]$")
_WORD_BEFORE = re.compile(r"(?<![\w-])[A-Za-z-]+$")
_FREE = re.compile(r"[ -]free\b", re.IGNORECASE)
_ALLERGY = re.compile(
    r"allerg(?!ic (?:contact |rhin|conj))|intoleran|hypersensitivity(?! (?:pneu|vasc))|sensitivity",
    re.IGNORECASE,
)
_GENERIC = re.compile(
    r"(?:adverse |severe |mild |bad |drug |immediate )*(?:reactions?|symptoms?|side effects?|"
    r"stings?|bites?|events?)",
    re.IGNORECASE,
)
_BEFORE_REACTION = ("severity", "course", "quality", "side", "site", "site_adjective")
_LONGEST_BEFORE = 40
_SHORTEST_MISSPELT = 7


class Substance(NamedTuple):
    """A substance at ``text[start:end]``.

    ``kind`` is the drug's class, the table's group, or ``unknown``; ``is_sure`` is False for a
    word that is also an ordinary one or that no table knows.
    """

    start: int
    end: int
    kind: str
    is_drug: bool = False
    is_sure: bool = True


class Reaction(NamedTuple):
    """A reaction at ``text[start:end]``.

    ``speaks`` of allergy by itself (``always``), only behind a verb of cause (``caused``), or not
    at all (empty).
    """

    start: int
    end: int
    speaks: str


@cache
def _allergens() -> TermLexicon[str]:
    rows = load_tsv("allergens.tsv", _PACKAGE)
    return TermLexicon({row["term"]: row["group"] for row in rows}, plurals=True)


@cache
def _reactions() -> TermLexicon[str]:
    rows = load_tsv("reactions.tsv", _PACKAGE)
    return TermLexicon({row["term"]: row["speaks"] for row in rows}, plurals=True)


def find_substances(text: str, start: int, end: int) -> list[Substance]:
    """Return the known substances of ``text[start:end]`` in order, the longest at each place."""
    part = text[start:end]
    found = [Substance(m.start, m.end, m.value) for m in _allergens().find(part)]
    found += [
        Substance(m.start, m.end, m.drug.drug_class, True, not m.drug.ambiguous)
        for m in drugs().find(part)
    ]
    found.sort(key=lambda s: (s.start, -s.end, s.is_drug))
    kept: list[Substance] = []
    for substance in found:
        if not kept or substance.start >= kept[-1].end:
            kept.append(_whole(part, substance, kept[-1].end if kept else 0))
        elif substance.end > kept[-1].end:  # "sulfa antibiotics": the table knows both words
            kept[-1] = kept[-1]._replace(end=substance.end)
    return [
        s._replace(start=start + s.start, end=start + s.end)
        for s in kept
        if s.kind != "none" and not _FREE.match(part, s.end)
    ]


def _whole(text: str, substance: Substance, floor: int) -> Substance:
    """Take in what belongs to a name: *raw* apple, penicillin *products*."""
    start, end = substance.start, substance.end
    before = _BEFORE.search(text, max(floor, start - _LONGEST_BEFORE), start)
    if before:
        two, one = (before[1] or "") + before[2], before[2]
        taken = next((words for words in (two, one) if is_cue(words, "before")), "")
        start -= len(taken) + 1 if taken else 0
    while word := _NEXT_WORD.match(text, end):
        words = word[1] or word[2]
        first = re.split("[ -]", words)[0]
        taken = next((w for w in (words, first) if is_cue(w, "tail")), "")
        after = word.start(1 if word[1] else 2) + len(taken)
        if not taken or text[after : after + 1] == ":":  # the next heading
            break
        end = after
    return substance._replace(start=start, end=end)


def find_reactions(text: str, start: int, end: int) -> list[Reaction]:
    """Return the reactions of ``text[start:end]`` in order: whole noun phrases, none of allergy."""
    part = text[start:end]
    found = list(_listed(part))
    found += [
        Reaction(m.start, m.end, "")
        for m in mentions(part, [(0, len(part))])
        if m.label == "problem"
    ]
    found.sort(key=lambda r: (r.start, -r.end))
    kept: list[Reaction] = []
    for reaction in found:
        if kept and reaction.start < kept[-1].end:
            last = kept[-1]
            speaks = min(filter(None, (last.speaks, reaction.speaks)), default="")
            kept[-1] = Reaction(last.start, max(last.end, reaction.end), speaks)
        else:
            kept.append(reaction)
    return [
        Reaction(start + r.start, start + r.end, r.speaks)
        for r in kept
        if not _is_generic(part[r.start : r.end])
    ]


def _listed(text: str) -> Iterator[Reaction]:
    """Yield the reactions of the table, with the adjectives before them."""
    matches = _reactions().find(text)
    ends = {p.end: p.start for p in pieces(text) if p.is_a(*_BEFORE_REACTION)} if matches else {}
    for match in matches:
        start = match.start
        while text[start - 1 : start] in (" ", "-"):
            word = _WORD_BEFORE.search(text, max(0, start - _LONGEST_BEFORE), start - 1)
            if start - 1 in ends:
                start = ends[start - 1]
            elif word and is_cue(word.group(), "quality"):
                start = word.start()
            else:
                break
        yield Reaction(start, match.end, match.value)


def _is_generic(phrase: str) -> bool:
    return _ALLERGY.search(phrase) is not None or _GENERIC.fullmatch(phrase) is not None


@cache
def _drug_names() -> tuple[str, ...]:
    names = {d.name.lower() for d in drugs() if d.ingredient and d.name.isalpha()}
    return tuple(sorted(name for name in names if len(name) >= _SHORTEST_MISSPELT))


def is_misspelt_drug(word: str) -> bool:
    """Tell whether a drug of the same first letter is within one or two typing errors."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extractOne

    low = word.lower()
    if len(low) < _SHORTEST_MISSPELT or not low.isalpha():
        return False
    limit = 1 if len(low) < _SHORTEST_MISSPELT + 2 else 2
    near = extractOne(low, _drug_names(), scorer=OSA.distance, score_cutoff=limit)
    return near is not None and near[0][0] == low[0]
