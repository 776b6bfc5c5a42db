"""The noun phrases of a note: what an anaphor may refer to.

Two sources are laid over each other: runs of content words between closed-class words, verbs and
punctuation, and the mentions of the clinical grammar (`clinie.text.phrases`) and the drug lexicon,
which know boundaries and kinds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clinie.tasks.coreference.nouns import NONE, drug_kinds, modifiers, noun_of, singular
from clinie.tasks.coreference.words import Word
from clinie.text.lexica import drugs
from clinie.text.phrases import mentions

__all__ = ["Phrase", "phrases", "role_of"]

_OPENERS = frozenset(("det", "poss", "genitive", "quant", "neg"))
_INSIDE = frozenset(("noun", "part", "num"))
_UNITS = frozenset(
    """cm mm x × mg mcg ml l g kg % inch french yo y/o year years yr yrs month months week weeks
    day days""".split()  # noqa: SIM905 - a word list
)
_ADJECTIVES = ("al", "ic", "ive", "ous", "able", "ible", "ful", "less", "ary", "ory", "ant", "ent")
_FARTHEST = 40
"""How many words away a verb or a denial is looked for."""
_KINDS_OF = frozenset(("type", "stage", "grade", "class", "level"))


@dataclass(frozen=True, slots=True)
class Phrase:
    """A noun phrase: ``text[start:end]``, its determiner left out.

    Parameters
    ----------
    start, end : int
    outer : int
        Where it starts with its determiner.
    head : str
        Its head, folded, in the singular.
    modifiers : frozenset of str
        The other words of it, folded.
    kinds : frozenset of str
        What kinds of things it names (``nouns.tsv``); empty when nothing is known.
    plural : bool
    sentence : int
        Number of its sentence.
    first, last : int
        Its words in the sentence, half open.
    role : str
        ``subject``, ``object``, ``topic`` ("Regarding her asthma,"), ``oblique`` (behind a
        preposition), ``embedded`` (behind the preposition of another noun), ``fragment``.
    determiner : str
        Folded, or empty.
    denied : bool
        "no rash", "denies cough".
    group : int
        Phrases joined by commas and *and* share a number.
    """

    start: int
    end: int
    outer: int
    head: str
    modifiers: frozenset[str]
    kinds: frozenset[str]
    plural: bool
    sentence: int
    first: int
    last: int
    role: str
    determiner: str
    denied: bool
    group: int


@dataclass(slots=True)
class _Chunk:
    """A run of content words with its openers, by word numbers, and the kinds found for it."""

    opener: int
    first: int
    last: int
    kinds: frozenset[str] = frozenset()
    known: bool = False


def phrases(
    text: str, bounds: Sequence[tuple[int, int]], sentences: Sequence[Sequence[Word]]
) -> list[list[Phrase]]:
    """Return the noun phrases of each sentence in text order; one may stand inside another.

    Parameters
    ----------
    text : str
    bounds : sequence of (int, int)
        The sentences.
    sentences : sequence of sequences of Word
        Their words.
    """
    known = [(m.start, m.end, frozenset({m.label})) for m in mentions(text, bounds)]
    known += [(m.start, m.end, drug_kinds(m.drug.drug_class)) for m in drugs().find(text)]
    known.sort(key=lambda m: (m[0], -m[1]))
    found: list[list[Phrase]] = []
    at = group = 0
    for number, (bound, words) in enumerate(zip(bounds, sentences, strict=True)):
        inside = []
        while at < len(known) and known[at][0] < bound[1]:
            inside.append(known[at])
            at += 1
        chunks = _known_chunks(words, inside)
        chunks += _plain_chunks(words, chunks)
        chunks.sort(key=lambda c: (c.first, -c.last))
        sentence = _Builder(number, words, chunks, group)
        found.append(sentence.phrases())
        group = sentence.group + 1
    return found


def _known_chunks(
    words: Sequence[Word], known: Sequence[tuple[int, int, frozenset[str]]]
) -> list[_Chunk]:
    """Return the clinical mentions as chunks of whole words, none inside another."""
    chunks: list[_Chunk] = []
    at = 0
    for start, end, kinds in known:
        while at < len(words) and words[at].end <= start:
            at += 1
        first = at
        last = first
        while last < len(words) and words[last].start < end:
            last += 1
        if last == first or (chunks and first < chunks[-1].last):
            if chunks and first == chunks[-1].first and last == chunks[-1].last:
                chunks[-1].kinds |= kinds
            continue
        while first < last - 1 and words[first].low in modifiers("hedge"):
            first += 1
        chunks.append(_Chunk(first, first, last, kinds, known=True))
    return chunks + [c for chunk in chunks if (c := _place_in(words, chunk))]


def _place_in(words: Sequence[Word], chunk: _Chunk) -> _Chunk | None:
    """Return the *the mass* of "removal of the mass", which may take up something itself."""
    for at in range(chunk.first + 1, chunk.last - 1):
        if words[at].tag == "det" and words[at - 1].tag == "prep":
            return _Chunk(at, at + 1, chunk.last)
    return None


def _plain_chunks(words: Sequence[Word], known: Sequence[_Chunk]) -> list[_Chunk]:
    """Return the runs of content words; a known mention at the end of one grows to it."""
    chunks: list[_Chunk] = []
    by_word: dict[int, _Chunk] = {}
    for chunk in known:
        for number in range(chunk.first, chunk.last):
            by_word.setdefault(number, chunk)
    at = 0
    while at < len(words):
        opener = at
        while at < len(words) and words[at].tag in _OPENERS and at not in by_word:
            at += 1
        first = at
        while at < len(words) and (at in by_word or _goes_on(words, at, opened=at > opener)):
            inside = by_word.get(at)
            at = inside.last if inside else at + 1
        if at == first:
            at = max(at, opener + 1)
            continue
        _lay_over(words, _Chunk(opener, first, at), by_word, chunks)
    return chunks


def _goes_on(words: Sequence[Word], at: int, *, opened: bool) -> bool:
    """Tell whether a word is inside a noun phrase."""
    word = words[at]
    if word.tag in _INSIDE or word.tag == "nounverb":
        return True
    following = words[at + 1].tag if at + 1 < len(words) else "end"
    if word.low in ("x", "×") and following == "num":
        return True
    return word.tag == "adv" and opened and following in ("noun", "part")


def _lay_over(
    words: Sequence[Word], run: _Chunk, by_word: dict[int, _Chunk], chunks: list[_Chunk]
) -> None:
    """Put a run and the mentions in it together: the mention that ends it grows, others stand."""
    while run.first < run.last - 1 and (
        words[run.first].low in modifiers("hedge") or _is_count(words, run.first, run.last)
    ):
        run.first += 1
    last = by_word.get(run.last - 1)
    if last is None:
        chunks.append(run)
        return
    last.opener = min(run.opener, last.first)
    if run.first < last.first and not any(i in by_word for i in range(run.first, last.first)):
        last.first = run.first
    first = by_word.get(run.first)
    if first is not None and first is not last:
        first.opener = min(run.opener, first.first)
        last.opener = last.first


def _is_count(words: Sequence[Word], at: int, last: int) -> bool:
    """Tell the *2* of "2 nodules" from that of "2 cm nodule"."""
    return (
        words[at].tag == "num"
        and words[at].low.isdigit()
        and at + 1 < last
        and words[at + 1].low not in _UNITS
        and words[at + 1].tag != "num"
    )


def role_of(words: Sequence[Word], first: int, last: int) -> str:
    """Return the role (see `Phrase`) of the words ``first`` to ``last`` of a sentence."""
    at = first - 1
    while at >= 0 and words[at].tag == "adv":
        at -= 1
    before = words[at].tag if at >= 0 else "start"
    if before == "prep":
        return _behind_preposition(words, at)
    if before in ("verb", "part", "aux"):
        return "object"
    return "subject" if _verb_follows(words, last) else "fragment"


def _behind_preposition(words: Sequence[Word], at: int) -> str:
    opening = words[max(0, at - 2) : at + 1]
    if at <= 3 and any(word.low in modifiers("topic") for word in opening):
        return "topic"
    inside = at > 0 and words[at - 1].tag in ("noun", "nounverb", "num")
    return "embedded" if inside else "oblique"


def _verb_follows(words: Sequence[Word], at: int) -> bool:
    """Tell whether a verb comes before the next clause, over phrases behind prepositions."""
    for word in words[at : at + _FARTHEST]:
        if word.tag in ("verb", "aux", "modal"):
            return True
        if word.tag in ("clause", "rel", "pron") or (word.tag == "mark" and word.low != ","):
            return False
    return False


class _Builder:
    """The phrases of one sentence."""

    def __init__(
        self, sentence: int, words: Sequence[Word], chunks: Sequence[_Chunk], group: int
    ) -> None:
        self.sentence, self.words, self.chunks, self.group = sentence, words, chunks, group
        self._lasts = {chunk.first: chunk.last for chunk in reversed(chunks)}

    def phrases(self) -> list[Phrase]:
        return list(self._phrases())

    def _phrases(self) -> Iterator[Phrase]:
        before: _Chunk | None = None
        role = ""
        for chunk in self.chunks:
            nested = before is not None and chunk.first < before.last
            joined = before is not None and not nested and self._coordinated(before, chunk)
            if not joined:
                self.group += not nested
                role = "embedded" if nested else role_of(self.words, chunk.opener, chunk.last)
            phrase = self._phrase(chunk, role)
            if phrase is not None:
                yield phrase
            if not nested:
                before = chunk

    def _phrase(self, chunk: _Chunk, role: str) -> Phrase | None:
        words = self.words
        at = self._head(chunk)
        head, plural = singular(words[at].low)
        noun = noun_of(head)
        kinds = noun.kinds | chunk.kinds if chunk.known else noun.kinds
        if noun.kinds == NONE:
            if not chunk.known or chunk.last - chunk.first == 1:
                return None
            kinds = chunk.kinds
        if noun.takes and chunk.last < len(words) and words[chunk.last].low == ":":
            return None  # "Medical treatment:" is a label
        opened = words[chunk.opener : chunk.first]
        if not chunk.known and not opened and self._is_predicate(chunk.opener):
            return None
        if not (chunk.known or noun.known) and head.endswith(_ADJECTIVES) and head[-4:] != "ment":
            return None
        if not (chunk.known or noun.known or opened or plural or role in ("subject", "object")):
            return None
        if words[at].tag == "num" or len(head) < 2:
            return None
        determiner = opened[-1].low if opened else ""
        counts = {word.low for word in opened if word.tag == "quant"}
        return Phrase(
            start=words[chunk.first].start,
            end=words[self._with_of(chunk) - 1].end,
            outer=words[chunk.opener].start,
            head=head,
            modifiers=frozenset(w.low for w in words[chunk.first : chunk.last]) - {words[at].low},
            kinds=kinds,
            plural=plural or bool(counts - {"one"}),
            sentence=self.sentence,
            first=chunk.first,
            last=chunk.last,
            role=role,
            determiner=determiner,
            denied=self._denied(chunk),
            group=self.group,
        )

    def _head(self, chunk: _Chunk) -> int:
        """Return the number of the head: the last word before a preposition inside."""
        for at in range(chunk.first + 1, chunk.last):
            if self.words[at].tag == "prep":
                return at - 1
        at = chunk.last - 1
        while at > chunk.first and (
            self.words[at].tag in ("num", "mark")
            or len(self.words[at].low) < 2
            or (self.words[at].low in _KINDS_OF and self.words[at - 1].tag == "noun")
        ):
            at -= 1
        return at

    def _with_of(self, chunk: _Chunk) -> int:
        """Return where the phrase ends with what *of* adds: "biopsy of the nodule"."""
        words, at = self.words, chunk.last
        if at >= len(words) or words[at].low != "of":
            return at
        at += 1
        while at < len(words) and words[at].tag in ("det", "poss"):
            at += 1
        last = self._lasts.get(at, 0)
        return last if last and noun_of(singular(words[last - 1].low)[0]).known else chunk.last

    def _is_predicate(self, at: int) -> bool:
        """Tell whether *is* stands before: what follows says how something is."""
        while at and self.words[at - 1].tag == "adv":
            at -= 1
        return at > 0 and self.words[at - 1].tag == "aux"

    def _coordinated(self, before: _Chunk, chunk: _Chunk) -> bool:
        gap = self.words[before.last : chunk.opener]
        return bool(gap) and all(w.tag == "conj" or w.low in (",", "/", "&", "+") for w in gap)

    def _denied(self, chunk: _Chunk) -> bool:
        words = self.words
        if any(w.tag == "neg" for w in words[chunk.opener : chunk.first]):
            return True
        for at in range(chunk.opener - 1, max(-1, chunk.opener - _FARTHEST), -1):
            word = words[at]
            if word.low in modifiers("denies"):
                return True
            if word.tag in ("verb", "aux", "modal", "clause", "pron") or word.low in (";", "."):
                return False
        return False
