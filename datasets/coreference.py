"""Coreference corpora: identity links of MACCROBAT, ambiguous pronouns of GAP.

MACCROBAT links a mention to an earlier one of the same thing (``IDENTICAL``). The links are of
mixed kinds: many join a term and its abbreviation, or repeat a word; `KINDS` tells them apart.

References
----------
Caufield JH et al. A reference set of curated biomedical data and metadata from clinical case
reports. Scientific Data 5:180258, 2018.
Webster K, Recasens M, Axelrod V, Baldridge J. Mind the GAP: a balanced corpus of gendered ambiguous
pronouns. TACL 6, 2018.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clinie.datasets.corpora import CorpusItem, corpus_file, maccrobat
from clinie.errors import InputError
from clinie.schema import Document, Span
from clinie.text.folding import fold

__all__ = ["KINDS", "Ambiguous", "Identity", "gap", "identities", "identities_of"]

KINDS = ("anaphor", "abbreviation", "repetition", "other")
"""``anaphor``: a pronoun, or a mention with a definite or demonstrative determiner, annotated as
``Coreference``; ``abbreviation``: in parentheses right behind its long form; ``repetition``: the
same words once more; ``other``: everything else."""

GAP_FILES = {"development": "gap-development.tsv", "validation": "gap-validation.tsv"}

_PRONOUN = re.compile(
    r"(?:it|its|this|that|these|those|they|them|their|one|ones|he|him|his|she|her|hers)",
    re.IGNORECASE,
)
_DEFINITE_BEFORE = re.compile(
    r"\b(?:the|this|that|these|those|both|such)\s+(?:(?!of\b|in\b|for\b|at\b|on\b)[\w-]+\s+){0,2}$",
    re.IGNORECASE,
)
_DEFINITE = re.compile(r"(?:the|this|that|these|those|both|such)\s", re.IGNORECASE)
_OPENED = re.compile(r"\s*[(\[]\s*")
_WINDOW = 40


@dataclass(frozen=True, slots=True)
class Identity:
    """A later mention with the earlier mentions of the same thing.

    Parameters
    ----------
    later : Span
    linked : tuple of tuple of Span
        For each mention that it was linked to: that mention and the other earlier ones of its
        chain, the linked one first. More than one for a plural ("these").
    kind : str
        One of `KINDS`.
    """

    later: Span
    linked: tuple[tuple[Span, ...], ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A pronoun of GAP with two names, one or none of which it means.

    Parameters
    ----------
    document : Document
    pronoun, first, second : Span
        Labels ``pronoun`` and ``name``.
    answer : {"first", "second", None}
    """

    document: Document
    pronoun: Span
    first: Span
    second: Span
    answer: str | None


def identities(
    split: str | None = None, folder: Path | None = None
) -> Iterator[tuple[CorpusItem, tuple[Identity, ...]]]:
    """Yield the documents of MACCROBAT with their identity links, in text order.

    Parameters
    ----------
    split : str, optional
        ``train`` or ``test``, as of `~clinie.datasets.corpora.maccrobat`.
    """
    for item in maccrobat(split, folder):
        yield item, tuple(identities_of(item))


def identities_of(item: CorpusItem) -> Iterator[Identity]:
    """Yield the identity links of one document of MACCROBAT, in text order."""
    spans = {span.id: span for span in item.spans}
    pairs = []
    for relation in item.relations:
        if relation.label == "IDENTICAL":
            ends = sorted((spans[relation.head], spans[relation.tail]), key=lambda s: s.start)
            if ends[0].id != ends[1].id:
                pairs.append((ends[0], ends[1]))
    before: dict[str, list[Span]] = {}
    for earlier, later in sorted(pairs, key=lambda pair: (pair[1].start, pair[0].start)):
        before.setdefault(later.id, []).append(earlier)
    for name, linked in before.items():
        later = spans[name]
        chains = tuple(tuple(_chain(earlier, before)) for earlier in linked)
        yield Identity(later, chains, _kind(item.document.text, later, chains))


def _chain(span: Span, before: dict[str, list[Span]]) -> Iterator[Span]:
    """Yield a mention and those that it goes back to."""
    seen: set[str] = set()
    queue = [span]
    for current in queue:
        if current.id not in seen:
            seen.add(current.id)
            queue.extend(before.get(current.id, ()))
            yield current


def _kind(text: str, later: Span, chains: tuple[tuple[Span, ...], ...]) -> str:
    earlier = chains[0][0]
    words = _plain(later.text)
    if 0 <= later.start - earlier.end <= 3 and (
        _OPENED.fullmatch(text, earlier.end, later.start) or later.text.startswith(("(", "["))
    ):
        return "abbreviation"
    if later.label == "Coreference" and (
        _PRONOUN.fullmatch(later.text)
        or _DEFINITE.match(later.text)
        or _DEFINITE_BEFORE.search(text, max(0, later.start - _WINDOW), later.start)
    ):
        return "anaphor"
    if any(words == _plain(span.text) for chain in chains for span in chain):
        return "repetition"
    return "other"


def _plain(words: str) -> str:
    return " ".join(fold(words).text.split()).removesuffix("s")


def gap(split: str, folder: Path | None = None) -> Iterator[Ambiguous]:
    """Yield the ambiguous pronouns of GAP; split ``development`` or ``validation``.

    Raises
    ------
    InputError
        If there is no such split, or an offset does not hold its words.
    """
    if split not in GAP_FILES:
        raise InputError(f"GAP has no split {split!r}", mend=f"one of {', '.join(GAP_FILES)}")
    path = corpus_file("coreference", GAP_FILES[split], folder=folder)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            document = Document(row["Text"], row["ID"])
            said = [row[f"{name}-coref"].upper() == "TRUE" for name in "AB"]
            yield Ambiguous(
                document,
                _at(document, "s0", "pronoun", row["Pronoun"], row["Pronoun-offset"]),
                _at(document, "s1", "name", row["A"], row["A-offset"]),
                _at(document, "s2", "name", row["B"], row["B-offset"]),
                "first" if said[0] else "second" if said[1] else None,
            )


def _at(document: Document, id: str, label: str, words: str, offset: str) -> Span:
    start = int(offset)
    if document.text[start : start + len(words)] != words:
        raise InputError("an offset does not hold its words", place=document.id)
    return Span(id, label, start, start + len(words), words)
