"""Grounding on real text: gold mentions must come back, altered ones must be refused.

Prints two tables for MACCROBAT and PHEE V2 train, read from the folder of corpora
(``CLINIE_DATA``, else ``shared/data`` beside the repository)::

    python -m benchmarks grounding_corpora

A mention is distinct by its document and extent; a fragment of a discontinuous PHEE argument
counts as a mention, discontinuous MACCROBAT mentions do not. *Joint*: the distinct mentions of
one sentence together, in text order, through `ground_all`. *Alone*: each by itself through
`ground`, which takes the first occurrence of a word that stands in the sentence twice.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from clinie.datasets import corpora
from clinie.resolvers.grounding import ground, ground_all
from clinie.text.lexica import drugs
from clinie.text.sentences import sentences

Extent = tuple[int, int]

UNITS = {
    "mg": "mcg", "mcg": "mg", "µg": "mg", "μg": "mg", "g": "mg", "kg": "g", "ml": "L", "mL": "L",
    "L": "mL", "l": "ml", "dl": "ml", "dL": "mL", "cm": "mm", "mm": "cm", "m": "cm", "h": "days",
    "hours": "days", "hour": "day", "days": "weeks", "day": "week", "weeks": "months",
    "week": "month", "months": "years", "month": "year", "years": "months", "year": "month",
    "minutes": "hours", "%": "mg", "U": "mg", "IU": "mg", "units": "mg", "mmol": "mol",
    "mEq": "mg", "mmHg": "mg", "ng": "mg", "pg": "ng",
}  # fmt: skip
UNIT = re.compile(
    r"(?<=\d)(\s*-?)("
    + "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
    + r")(?![^\W_])"
)
SIDES = {"left": "right", "right": "left", "bilateral": "unilateral", "unilateral": "bilateral"}
SIDE = re.compile(r"\b(left|right|bilateral|unilateral)\b", re.IGNORECASE)
NEGATION = re.compile(
    r"\b(no|not|without|denies|denied|negative|absence|absent|never|none|non)\b", re.IGNORECASE
)


@dataclass
class Figures:
    """What came back from one corpus."""

    mentions: int = 0
    joint: int = 0
    alone: int = 0
    altered: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    shared: int = 0


def maccrobat(split: str | None = None) -> Iterator[tuple[str, list[Extent]]]:
    """Yield each sentence of MACCROBAT with the extents of its contiguous mentions.

    A mention that crosses a sentence end stands in the text from the first of its sentences to
    the last.
    """
    for item in corpora.maccrobat(split):
        text = item.document.text
        bounds = sentences(text)
        windows: defaultdict[Extent, set[Extent]] = defaultdict(set)
        for span in item.spans:
            if span.fragments is None:
                window = (
                    max(start for start, _ in bounds if start <= span.start),
                    min(end for _, end in bounds if end >= span.end),
                )
                windows[window].add((span.start - window[0], span.end - window[0]))
        for (start, end), extents in sorted(windows.items()):
            yield text[start:end], sorted(extents)


def phee(split: str = "train") -> Iterator[tuple[str, list[Extent]]]:
    """Yield each PHEE sentence with the extents of its arguments, fragments one by one."""
    for item in corpora.phee(split):
        extents = {
            extent
            for span in item.spans
            for extent in (span.fragments or ((span.start, span.end),))
        }
        yield item.document.text, sorted(extents)


def alterations(mention: str) -> Iterator[tuple[str, str]]:
    """Yield (kind, mention with just one typed part altered)."""
    for match in re.finditer(r"\d", mention):
        digit = str((int(match.group()) + 1) % 10)
        yield "number", mention[: match.start()] + digit + mention[match.end() :]
    for match in UNIT.finditer(mention):
        other = UNITS[match.group(2)]
        yield "unit", mention[: match.start(2)] + other + mention[match.end(2) :]
    for match in SIDE.finditer(mention):
        other = SIDES[match.group().lower()]
        yield "side", mention[: match.start()] + other + mention[match.end() :]
    for match in NEGATION.finditer(mention):
        yield "negation", (mention[: match.start()] + mention[match.end() :]).strip(" -")
        yield "negation", mention[: match.start()] + "any" + mention[match.end() :]
    if not NEGATION.search(mention):
        yield "negation added", "no " + mention
    for start, end, drug in drugs().find(mention):
        for other in _other_drugs(mention[start:end].lower(), drug.ingredient):
            yield "drug", mention[:start] + other + mention[end:]


_others: dict[str, tuple[str, ...]] = {}


def _other_drugs(name: str, ingredient: str) -> tuple[str, ...]:
    """Return the three drugs of another ingredient spelt most alike, and one unlike."""
    if name not in _others:
        names = sorted(
            {d.name.lower() for d in drugs() if d.ingredient and d.ingredient != ingredient},
            key=lambda other: (OSA.distance(name, other), other),
        )
        _others[name] = (*names[:3], names[len(names) // 2])
    return _others[name]


def _stands(words: str, sentence: str) -> bool:
    """Tell whether the words stand in the sentence, be it in another spelling of a number.

    Written apart from the engine under test: case, hyphens and plurals aside, trailing zeros and
    number words as digits.
    """
    return f" {_plain(words)} " in f" {_plain(sentence)} "


_NUMBER_WORDS = {"one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6",
                 "seven": "7", "eight": "8", "nine": "9", "ten": "10"}  # fmt: skip


def _plain(text: str) -> str:
    words = re.findall(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[^\w\s-]", text.lower())
    return " ".join(_plain_word(_NUMBER_WORDS.get(word, word)) for word in words)


def _plain_word(word: str) -> str:
    if re.fullmatch(r"\d+\.\d+", word):
        return word.rstrip("0").rstrip(".")
    return word[:-1] if len(word) > 3 and word[-1] == "s" else word


def _shared(spans: tuple[Extent, ...], altered: str, sentence: str) -> bool:
    """Tell whether two fragments are the altered words, around ``and``, ``or`` or a slash.

    Such a claim is true: ``right and left leg swelling`` holds ``right leg swelling``.
    """
    if len(spans) != 2:
        return False
    gap = sentence[spans[0][1] : spans[1][0]]
    words = " ".join(sentence[start:end] for start, end in spans)
    return _plain(words) == _plain(altered) and bool(re.search(r"\band\b|\bor\b|/", gap))


def measure(corpus: Iterator[tuple[str, list[Extent]]], *, alter: bool = True) -> Figures:
    """Ground every mention of a corpus, and every alteration of one, within its sentence."""
    figures = Figures()
    for sentence, extents in corpus:
        mentions = [sentence[start:end] for start, end in extents]
        figures.mentions += len(mentions)
        for extent, found in zip(extents, ground_all(mentions, sentence), strict=True):
            figures.joint += found.spans == (extent,)
        for extent, mention in zip(extents, mentions, strict=True):
            figures.alone += ground(mention, sentence).spans == (extent,)
        for mention in dict.fromkeys(mentions) if alter else ():
            _alter(mention, sentence, figures)
    return figures


def _alter(mention: str, sentence: str, figures: Figures) -> None:
    for kind, altered in alterations(mention):
        if not altered or _stands(altered, sentence):
            continue
        spans = ground(altered, sentence).spans
        if _shared(spans, altered, sentence):
            figures.shared += 1
            continue
        figures.altered[kind] += 1
        if spans:
            figures.accepted[kind] += 1


def main() -> None:
    if corpora.root() is None:
        print("no folder of corpora: set CLINIE_DATA to it")
        return
    for name, corpus in (("MACCROBAT", maccrobat()), ("PHEE V2 train", phee())):
        figures = measure(corpus)
        print(f"{name}: {figures.mentions} distinct mentions")
        for way, right in (("joint", figures.joint), ("alone", figures.alone)):
            share = 100 * right / figures.mentions
            print(f"  {way:15s}{right:8d} at their own offsets {share:7.2f} %")
        for kind, count in sorted(figures.altered.items()):
            refused = count - figures.accepted[kind]
            print(f"  {kind:15s}{count:8d} altered, refused     {100 * refused / count:7.2f} %")
        print(f"  left out: {figures.shared} altered ones told by a coordination of the sentence")


if __name__ == "__main__":
    main()
