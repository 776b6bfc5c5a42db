"""Where the short forms of a note stand, and how each is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from clinie.text.folding import attaches
from clinie.text.lexica import load_tsv
from clinie.text.senses import Inventory, Reading, Sense, form_key, no_short_forms

__all__ = ["Capitals", "ShortForm", "find_short_forms", "plain_words"]

_CHUNK = re.compile(r"[^\W_]+(?:(?:[&./+-]|['’])[^\W_]+)*")
_RUN = re.compile(r"[^\W_]+")
_LEADING_NUMBER = re.compile(r"\d+")
_VITAMIN = re.compile(r"\bvit(?:amin)?\.?[ -]$", re.IGNORECASE)
_ENDING = re.compile(
    r"(?:['’]?s|['’](?:d|ed|ing)|[xX]\d{1,2}|\d{1,3}[a-z]?|\d{1,2}/\d{1,2})\Z", re.ASCII
)
_GRAVIDA = re.compile(r"(G)\d{1,2}[ ,]?(P)\d{1,4}(?![^\W_])")
_UNKNOWN = re.compile(r"[A-Z](?=[a-z]?[A-Z])[A-Za-z]{1,5}\d{0,2}")
_BETWEEN = re.compile(r"[ \t\u00a0]\Z")
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_LONGEST_CHUNK = 60
_LONGEST_FORM = 24
_NUMBERED = frozenset({"<#", "<age"})
_TABLES = {
    "anatomy.tsv": "term",
    "problems.tsv": "term",
    "procedures.tsv": "term",
    "qualifiers.tsv": "term",
    "sections.tsv": "heading",
    "tests.tsv": "term",
}


@dataclass(frozen=True, slots=True)
class ShortForm:
    """A short form in a text.

    Parameters
    ----------
    start, end : int
        Without a plural *s*, another ending, or a count behind it.
    text : str
    readings : tuple of Reading
        What the inventory says; empty for one that it does not know.
    """

    start: int
    end: int
    text: str
    readings: tuple[Reading, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the inventory lists it."""
        return bool(self.readings)


@cache
def plain_words() -> frozenset[str]:
    """Return the words of the clinical tables, which a heading may write in capitals."""
    return frozenset(
        word
        for table, column in _TABLES.items()
        for row in load_tsv(table)
        for word in row[column].split()
        if word.islower()
    )


class Capitals:
    """Tells which sentences are written in capitals throughout.

    Only words of five letters and more tell: ``HTN, DM`` is a list of short forms in any note.
    """

    def __init__(self, text: str, sentences: Sequence[tuple[int, int]]) -> None:
        self._text = text
        self._sentences = sentences
        self._known: dict[int, bool] = {}
        self._whole: bool | None = None

    def at(self, sentence: int) -> bool:
        """Tell whether the sentence of that number is in capitals."""
        if sentence not in self._known:
            told = _share(self._text[slice(*self._sentences[sentence])])
            self._known[sentence] = self._note() if told is None else told
        return self._known[sentence]

    def _note(self) -> bool:
        if self._whole is None:
            self._whole = bool(_share(self._text))
        return self._whole


def _share(text: str) -> bool | None:
    """Tell whether most long words are in capitals; None when there is no long word."""
    words = _LONG_WORD.findall(text)
    upper = sum(map(str.isupper, words))
    return 2 * upper > len(words) if words else None


def find_short_forms(text: str, inventory: Inventory) -> list[ShortForm]:
    """Return the short forms of a text in order; none overlaps another.

    Those that the inventory knows, in the spellings that it allows (points between the letters,
    plural *s*, ``'d``, counts such as ``x4`` and stages behind them aside), and others that look
    like one: two to six letters, two capitals at least. Whether one that also is an ordinary word
    is meant as a short form is not decided here.
    """
    found: list[ShortForm] = []
    chunks = list(_CHUNK.finditer(text))
    gravida = {m.start(): m for m in _GRAVIDA.finditer(text)}
    plain: dict[str, bool] = {}
    taken = 0
    for at, chunk in enumerate(chunks):
        start, end = chunk.span()
        if start < taken or end - start > _LONGEST_CHUNK or attaches(text[end : end + 1]):
            continue
        word = chunk.group()
        if word not in plain:
            plain[word] = _is_plain(word, inventory)
        if plain[word]:
            continue
        if start in gravida:
            found += _of_obstetrics(gravida[start])
            taken = gravida[start].end()
            continue
        pair = _pair(text, chunks, at, inventory)
        here = [pair] if pair else list(_in_chunk(text, start, end, inventory))
        found += here
        taken = max(end, here[-1].end if here else 0)
    return found


def _is_plain(word: str, inventory: Inventory) -> bool:
    """Tell that a word is no short form, nor part of one, wherever it stands; most are not."""
    if not word.isalpha():
        return word.isdecimal()
    small = word.lower()
    if small != word and small[1:] != word[1:]:
        return False  # capitals within
    stems = (word, word[:-1]) if small[-1] == "s" else (word,)
    return not any(
        inventory.readings(stem) or inventory.opens(stem) or inventory.readings(stem + "/")
        for stem in stems
        if inventory.has(stem.lower())
    )


def _of_obstetrics(found: re.Match[str]) -> Iterator[ShortForm]:
    """Yield the letters of ``G2P1``."""
    for number in (1, 2):
        yield ShortForm(*found.span(number), found.group(number), _obstetric(found.group(number)))


@cache
def _obstetric(letter: str) -> tuple[Reading, ...]:
    return (Reading(Sense((letter,), {"G": "gravida", "P": "para"}[letter]), True),)


def _pair(
    text: str, chunks: list[re.Match[str]], at: int, inventory: Inventory
) -> ShortForm | None:
    """Return the short form of two words that begins here: ``lap chole``, ``C. diff``."""
    if at + 1 == len(chunks) or not inventory.opens(chunks[at].group()):
        return None
    start, end = chunks[at].start(), chunks[at + 1].end()
    gap = text[chunks[at].end() : chunks[at + 1].start()]
    if len(gap) > 2 or not _BETWEEN.search(gap):
        return None
    written = " ".join((chunks[at].group(), chunks[at + 1].group()))
    readings = inventory.readings(written)
    return ShortForm(start, end, text[start:end], readings) if readings else None


def _in_chunk(text: str, start: int, end: int, inventory: Inventory) -> Iterator[ShortForm]:
    """Yield the short forms of a run without blanks: whole, else the longest parts."""
    runs = [match.span() for match in _RUN.finditer(text, start, end)]
    first = 0
    while first < len(runs):
        for last in range(len(runs), first, -1):
            form = _form(text, runs[first][0], runs[last - 1][1], inventory)
            if form and _stands_alone(text, form, start, end):
                yield form
                first = last
                break
        else:
            begin, finish = runs[first]
            unknown = _UNKNOWN.fullmatch(text, begin, finish)
            small = unknown.group().lower() if unknown else ""
            if unknown and no_short_forms().keys().isdisjoint({small, small.rstrip("0123456789")}):
                yield ShortForm(begin, finish, unknown.group())
            first += 1


def _form(text: str, start: int, end: int, inventory: Inventory) -> ShortForm | None:
    """Return the short form at an extent, if it is one, without what is not part of it."""
    if end - start > _LONGEST_FORM:
        return None
    if text[end : end + 1] == "/" and inventory.readings(text[start : end + 1]):
        end += 1  # "w/"
    written = text[start:end]
    readings = inventory.readings(written)
    if readings:
        if "." in written and text[end : end + 1] == "." and "." not in form_key(written):
            end += 1  # "C.O.P.D."
        return ShortForm(start, end, text[start:end], readings)
    if no_short_forms().get(written.lower()) in ("gene", "ecg"):
        return None  # JAK2 is a gene, not JAK and a count
    if ending := _ENDING.search(written):
        stem = written[: ending.start()]
        readings = inventory.readings(stem) if _may_end(stem, ending.group()) else ()
        if not _is_acronym(stem):  # "less" is no plural of LES
            readings = tuple(reading for reading in readings if reading.same_case)
        if readings:
            return ShortForm(start, start + len(stem), stem, readings)
    if number := _LEADING_NUMBER.match(written):
        rest = tuple(
            reading
            for reading in inventory.readings(written[number.end() :])
            if not _NUMBERED.isdisjoint(reading.sense.cues) or not reading.sense.name
        )
        if rest:
            begin = start + number.end()
            return ShortForm(begin, end, text[begin:end], rest)
    return None


def _may_end(stem: str, ending: str) -> bool:
    """Tell whether a short form may have such an ending; a single letter has none."""
    if len(form_key(stem)) < 2:
        return False
    if ending == "s":  # "MIs", "pts", but not "CADS"
        return not stem.islower() or len(stem) > 2 or stem == "pt"
    return not ending[0].isdigit() or not stem.islower()


def _is_acronym(written: str) -> bool:
    return sum(map(str.isupper, written)) > 1


def _stands_alone(text: str, form: ShortForm, start: int, end: int) -> bool:
    """Tell whether a short form is no part of a longer word.

    A single letter stands by itself (not ``T-cell``, ``R.``, ``A&B``, *vitamin K*); a clipped
    word is not joined to another by a hyphen (``immuno-electrophoresis``).
    """
    before = text[form.start - 1] if form.start > start else ""
    after = text[form.end : form.end + 1] if form.end < end else ""
    if len(form.text) > 1:
        hyphens = [text[form.start - 2]] if before == "-" else []
        hyphens += [text[form.end + 1]] if after == "-" else []
        return _is_acronym(form.text) or not any(map(str.isalpha, hyphens))
    if _VITAMIN.search(text, max(0, form.start - 10), form.start):
        return False  # "vitamin K"
    if after == "/" and text[form.end + 1 : form.end + 3].isalpha() and form.end + 2 < end:
        return False  # "T/Gel"
    behind = after or text[form.end : form.end + 1]
    if not after and behind in ("+", "/"):  # "K+", "w/"
        behind = ""
    return (not before or before == "/" or before.isdigit()) and behind not in tuple("-'’&+.°")
