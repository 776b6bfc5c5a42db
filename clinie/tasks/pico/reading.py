"""A report as the rules read it: words, noun phrases, and the sections of a structured abstract.

Noun phrases are found without a tagger: articles, prepositions, pronouns, auxiliaries and the
common verbs of reports (``data/words.tsv``) are a closed class, and what stands between two of
them is a phrase. A word in *-ed* is an adjective where a noun follows and no noun stands before.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator
from functools import cache, cached_property
from itertools import takewhile
from typing import NamedTuple

from clinie.tasks.pico.vocabulary import PACKAGE, Roles, cues, find_terms, role_by_ending, words_of
from clinie.text.lexica import load_tsv
from clinie.text.sentences import sentences

__all__ = ["Chunk", "Report", "Word"]

# Unlike `clinie.text.tokens`, a hyphenated compound is one word: "placebo-controlled".
_WORD = re.compile(
    r"\d+(?:[.,·]\d+)*%?(?![^\W_]|[-–][A-Za-z])"
    r"|[^\W_]+(?:[-–/.+][^\W_]+)*(?:['’]s\b)?"
    r"|['’]s\b"
    r"|[^\w\s]"
)
_TENS = re.compile(r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-\w+")
_COMPOUND = re.compile(r"\d[-–][a-z]{2}")  # "6-minute"
_LINE_END = ("", "\n", "\r")
_HEADING_MARKS = frozenset({":", ".", "-", "–"})
_LONGEST_HEADING = 8
_LONGEST_CHUNK = 12
_PLAIN = frozenset({"noun", "either"})
_MODAL = frozenset(
    {"to", "not", "n't", "may", "can", "could", "will", "would", "should", "did", "does", "do",
     "might", "cannot", "we"}
)  # fmt: skip


class Word(NamedTuple):
    """A word of the text: ``text[start:end]``, in lower case, and its class.

    The class is ``noun`` (any content word), ``number``, ``participle``, ``either`` (noun or
    verb), ``verb``, ``aux``, ``adverb``, ``determiner``, ``preposition``, ``conjunction``,
    ``pronoun``, ``relative``, ``mark`` (punctuation) or ``heading``.
    """

    start: int
    end: int
    low: str
    kind: str


class Chunk(NamedTuple):
    """A noun phrase without its determiner: the words ``first`` to ``end``, half open."""

    first: int
    end: int


class Report:
    """A text, cut into words, noun phrases, sentences and sections.

    Attributes
    ----------
    words : list of Word
    lows, kinds : list of str
        Their lower-case forms and classes.
    sentences : list of (int, int)
        Words of each, headings left out.
    section : list of str
        By word: ``title``, ``background``, ``objective``, ``design``, ``setting``,
        ``participants``, ``interventions``, ``outcomes``, ``methods``, ``results``,
        ``conclusions``, ``other``, or ``body`` where no heading says more.
    chunks : list of Chunk
    chunk_of : list of int
        By word: the index of its chunk, or -1.
    close, open : dict of int to int
        The word that closes a bracket, and the one that opens it.
    terms : list of (int, int, Roles)
        Terms of the lexicon, as extents of words.
    inside : list of (int, int, Roles)
        Terms that are part of a longer word, as extents of the text: the *placebo* of
        "placebo-controlled".
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[Word] = []
        self.sentences: list[tuple[int, int]] = []
        self.section: list[str] = []
        self._sentence_of: list[int] = []
        self._read_words()
        self.lows = [word.low for word in self.words]
        self.kinds = [word.kind for word in self.words]
        self.close: dict[int, int] = {}
        self._pair_brackets()
        self.open = {last: first for first, last in self.close.items()}
        self.chunks: list[Chunk] = []
        self.chunk_of = [-1] * len(self.words)
        self._chunk()
        self.terms: list[tuple[int, int, Roles]] = []
        self.inside: list[tuple[int, int, Roles]] = []
        self._ends: dict[int, tuple[int, Roles]] = {}
        self._look_up()

    @cached_property
    def cues(self) -> list[tuple[int, str, str]]:
        """The announcing phrases: the word behind each one, its words, what it announces."""
        return [
            (end, " ".join(cue), cues()[cue])
            for _, end, cue in self.occurrences(cues())
            if end < len(self.words)
        ]

    # -- asking ----------------------------------------------------------------------------

    def sentence(self, word: int) -> tuple[int, int]:
        """Return the words of the sentence that a word stands in."""
        return self.sentences[self._sentence_of[word]]

    def extent(self, start: int, end: int) -> tuple[int, int]:
        """Return the words that lie between two offsets, in part or as a whole."""
        first = bisect_right(self._starts, start) - 1
        return max(first, 0), bisect_left(self._starts, end)

    def chunk_at(self, word: int, end: int) -> Chunk | None:
        """Return the chunk that begins at a word, or behind a determiner there."""
        while word < end and self.kinds[word] == "determiner":
            word += 1
        if word >= end or self.chunk_of[word] < 0:
            return None
        return Chunk(word, self.chunks[self.chunk_of[word]].end)

    def head(self, chunk: Chunk) -> Roles:
        """Return the roles of the term that a chunk ends in; none when no table knows it."""
        start, roles = self._ends.get(chunk.end, (-1, frozenset()))
        return roles if start >= chunk.first else frozenset()

    def head_start(self, chunk: Chunk) -> int:
        """Return the first word of the term that a chunk ends in (its last word if none)."""
        start, _ = self._ends.get(chunk.end, (-1, frozenset()))
        return start if start >= chunk.first else chunk.end - 1

    def content(self, first: int, end: int) -> list[str]:
        """Return the content words between two words, in lower case."""
        kinds = (*_PLAIN, "participle")
        return [self.lows[at] for at in range(first, end) if self.kinds[at] in kinds]

    def written(self, first: int, end: int) -> str:
        """Return the text of the words ``first`` to ``end``."""
        return self.text[self.words[first].start : self.words[end - 1].end]

    def low(self, word: int, end: int) -> str:
        """Return a word in lower case; nothing at and behind ``end``."""
        return self.lows[word] if 0 <= word < end else ""

    def occurrences(
        self, names: Collection[tuple[str, ...]]
    ) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Yield where names (their words in lower case) stand, the longest at each place."""
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in names:
            lengths[name[0]].add(len(name))
        for at, word in enumerate(self.lows):
            for length in sorted(lengths.get(word, ()), reverse=True):
                name = tuple(self.lows[at : at + length])
                if name in names:
                    yield at, at + length, name
                    break

    def excludes(self, word: int) -> bool:
        """Tell whether the sentence of a word says who could not take part."""
        return self.sentence(word) in self._excluding

    @cached_property
    def _excluding(self) -> frozenset[tuple[int, int]]:
        found = set()
        for first, end in self.sentences:
            words = self.lows[first:end]
            refused = any(
                word == "not" and not words_of("takes_part").isdisjoint(words[at + 1 : at + 3])
                for at, word in enumerate(words)
            )
            if refused or not words_of("excludes").isdisjoint(words):
                found.add((first, end))
        return frozenset(found)

    def past_brackets(self, word: int, end: int) -> int:
        """Return the word behind the brackets that open at a word."""
        while word in self.close and self.close[word] < end:
            word = self.close[word] + 1
        return word

    # -- reading ---------------------------------------------------------------------------

    def _read_words(self) -> None:
        section = "title"
        for start, end in sentences(self.text):
            words = self._words_of(start, end)
            if not words:
                continue
            length, opened = self._heading(words)
            if length:
                section = opened
                words[:length] = [word._replace(kind="heading") for word in words[:length]]
            elif section == "title" and self.sentences:
                section = "body"
            first = len(self.words)
            self._sentence_of += [len(self.sentences)] * len(words)
            self.section += [section] * len(words)
            self.words += words
            self.sentences.append((first + length, len(self.words)))
        self._starts = [word.start for word in self.words]

    def _words_of(self, start: int, end: int) -> list[Word]:
        words: list[Word] = []
        for match in _WORD.finditer(self.text, start, end):
            low, kind = _class_of(match.group())
            if match.group() == "A" and words and words[-1].kind in (*_PLAIN, "number"):
                kind = "noun"  # "vitamin A"
            words.append(Word(match.start(), match.end(), low, kind))
        return words

    def _heading(self, words: list[Word]) -> tuple[int, str]:
        """Return how many words of a sentence are the heading of a section, and which."""
        for length in range(min(_LONGEST_HEADING, len(words)), 0, -1):
            section = _headings().get(" ".join(word.low for word in words[:length]))
            start, end = words[0].start, words[length - 1].end
            if section and self._looks_like_one(start, end):
                marks = takewhile(lambda word: word.low in _HEADING_MARKS, words[length:])
                return length + len(list(marks)), section
        return 0, ""

    def _looks_like_one(self, start: int, end: int) -> bool:
        written, behind = self.text[start:end], self.text[end : end + 3]
        if (written.isupper() and end - start > 3) or behind.lstrip().startswith(":"):
            return True
        before = self.text[max(0, start - 40) : start].rstrip(" \t\u00a0")
        alone = behind[:2].isspace() or behind[:1] in (*_LINE_END, ".", "\t")
        return before[-1:] in _LINE_END and alone and written[:1].isupper()

    def _pair_brackets(self) -> None:
        for first, end in self.sentences:
            waiting: list[int] = []
            for at in range(first, end):
                if self.lows[at] in ("(", "["):
                    waiting.append(at)
                elif self.lows[at] in (")", "]") and waiting:
                    self.close[waiting.pop()] = at

    def _chunk(self) -> None:
        for first, end in self.sentences:
            at = first
            while at < end:
                if not self._belongs(at, first, end, opens=True):
                    at += 1
                    continue
                start = at
                at += 1
                while at < min(end, start + _LONGEST_CHUNK) and self._belongs(at, first, end):
                    at += 1
                self.chunk_of[start:at] = [len(self.chunks)] * (at - start)
                self.chunks.append(Chunk(start, at))

    def _belongs(self, at: int, first: int, end: int, *, opens: bool = False) -> bool:
        """Tell whether a word is part of a noun phrase (``opens``: may be its first word)."""
        kind = self.kinds[at]
        before = self.kinds[at - 1] if at > first else ""
        following = self.kinds[at + 1] if at + 1 < end else ""
        if kind in ("noun", "number"):
            return True
        if kind == "either":
            return not (at > first and self.lows[at - 1] in _MODAL)
        if kind == "participle":
            if before in (*_PLAIN, "aux", "pronoun", "relative"):
                return False
            subject = self.kinds[at - 2] if before == "adverb" and at - 1 > first else ""
            if opens and subject in ("aux", "pronoun", "relative"):
                return False
            if opens and subject in _PLAIN and following == "number":
                return False  # "the team randomly assigned 240 nurses"
            return following in (*_PLAIN, "participle", "number")
        if kind == "adverb" and opens:  # "newly diagnosed patients"
            noun = at + 2 < end and self.kinds[at + 2] in _PLAIN
            return following == "participle" and noun and before not in ("aux", "pronoun")
        return False

    def _look_up(self) -> None:
        starts = {word.start: at for at, word in enumerate(self.words)}
        ends = {word.end: at + 1 for at, word in enumerate(self.words)}
        for start, end, roles in find_terms(self.text):
            first, last = starts.get(start), ends.get(end)
            if first is None or last is None:
                self.inside.append((start, end, roles))
            else:
                self.terms.append((first, last, roles))
                self._ends[last] = first, roles
        known = {at for first, last, _ in self.terms for at in range(first, last)}
        for at, word in enumerate(self.words):
            if word.kind == "noun" and at not in known:
                roles = role_by_ending(word.low)
                if roles:
                    self.terms.append((at, at + 1, roles))
                    self._ends[at + 1] = at, roles


@cache
def _classes() -> dict[str, str]:
    classes = {row["word"]: row["class"] for row in load_tsv("words.tsv", PACKAGE)}
    for row in load_tsv("number_words.tsv"):
        if row["value"] or row["word"] in ("hundred", "thousand", "million", "half"):
            classes[row["word"]] = "number"
    return classes


@cache
def _headings() -> dict[str, str]:
    rows = load_tsv("headings.tsv", PACKAGE)
    return {" ".join(_WORD.findall(row["heading"])): row["section"] for row in rows}


def _class_of(word: str) -> tuple[str, str]:
    """Return a word in lower case and its class."""
    low = word.lower().replace("’", "'")
    known = _classes().get(low)
    if known:
        return low, known
    if word[0].isdigit() or _TENS.fullmatch(low):
        return low, "noun" if _COMPOUND.search(low) else "number"
    if not word[0].isalpha() and word[0] not in "'’":
        return low, "mark"
    if "-" not in low and len(low) > 3 and low.endswith("ed") and not low.endswith("eed"):
        return low, "participle"
    if len(low) > 4 and low.endswith("ly"):
        return low, "adverb"
    return low, "noun"
