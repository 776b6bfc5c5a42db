"""The rules of ``allergies@1``: the first rung, deterministic and free of charge."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from clinie.tasks.allergies.claims import Reader
from clinie.tasks.allergies.listings import listed_sentences, read_entries, read_follow_ups
from clinie.tasks.allergies.page import Claim, Page, merge
from clinie.tasks.allergies.prose import read_links, read_named, read_statements, read_tolerated
from clinie.tasks.allergies.tables import find_tables, read_table
from clinie.tasks.allergies.testing import read_tests
from clinie.text.lexica import TermLexicon, load_tsv

__all__ = ["extract"]

_ANCHORS = frozenset({"to", "to_known", "behind", "listed", "removed", "test"})
_OTHER_ANCHORS = ("NKDA", "NKA", "NKMA", "N.K.D.A", "N.K.A", "substance", "reaction", "label")
_SHORT_HEADING = re.compile(r"\b(?:All|ALL|ADRs?):")
_STATED = 0.95


def extract(text: str) -> dict[str, Any]:
    """Find allergens with assertion and reactions, and whether no allergies are known.

    Parameters
    ----------
    text : str
        A note, or a window of one.

    Returns
    -------
    dict
        The canonical JSON grammar: ``items`` in text order, and ``no_known_allergies`` where the
        note says so, at its words. Confidences are ordinal: a known substance in a list of
        allergies ranks above one in running text, that above what a reaction alone tells, and
        words that no table knows come last.

    Notes
    -----
    Deterministic; time linear in the text, and next to none for a note that says nothing about
    allergies.
    """
    anchors = [match.start for match in _anchors().find(text)]
    if not anchors and not _SHORT_HEADING.search(text):
        return {"items": []}
    page = Page(text)
    claims = _claims(page, anchors)
    answer: dict[str, Any] = {"items": [_item(text, claim) for claim in claims]}
    if page.statements:
        start, end = page.statements[0]
        answer["no_known_allergies"] = {
            "text": text[start:end],
            "start": start,
            "confidence": _STATED,
        }
    return answer


@cache
def _anchors() -> TermLexicon[None]:
    """Return the words without which a note says nothing about allergies."""
    package = "clinie.tasks.allergies"
    words = {r["phrase"]: None for r in load_tsv("cues.tsv", package) if r["role"] in _ANCHORS}
    words |= {r["term"]: None for r in load_tsv("reactions.tsv", package) if r["speaks"]}
    words |= dict.fromkeys(_OTHER_ANCHORS)
    return TermLexicon(words, plurals=True)


def _claims(page: Page, anchors: list[int]) -> list[Claim]:
    tables = find_tables(page.text)
    claims = [claim for table in tables for claim in read_table(page, table)]
    taken = [(table.start, table.end) for table in tables]
    spoken = sorted({page.sentence(offset) for offset in anchors})
    readers = {
        index: Reader(page, *page.context.sentences[index])
        for index in spoken
        if not _within(page.context.sentences[index], taken)
    }
    for reader in readers.values():
        claims += [*read_tests(reader), *read_statements(reader)]
    for start, end in listed_sentences(page):
        if not _within((start, end), taken):
            claims += read_entries(Reader(page, start, end))
    for reader in readers.values():
        claims += [*read_named(reader), *read_links(reader)]
    claims += _tolerated(page, claims)
    found = merge(claims)
    read_follow_ups(page, found)
    return found


def _within(stretch: tuple[int, int], tables: list[tuple[int, int]]) -> bool:
    return any(start <= stretch[0] < end for start, end in tables)


def _tolerated(page: Page, claims: list[Claim]) -> list[Claim]:
    """Return what is tolerated, from the sentences of claims and those beside them."""
    near = {page.sentence(claim.substance.start) + step for claim in claims for step in (-1, 0, 1)}
    sentences = page.context.sentences
    return [
        claim
        for index in sorted(near)
        if 0 <= index < len(sentences)
        for claim in read_tolerated(Reader(page, *sentences[index]))
    ]


def _item(text: str, claim: Claim) -> dict[str, Any]:
    substance = claim.substance
    item: dict[str, Any] = {
        "text": text[substance.start : substance.end],
        "label": "allergen",
        "start": substance.start,
        "assertion": claim.assertion,
        "confidence": claim.confidence,
    }
    if claim.reactions:
        item["reaction"] = [
            {"text": text[r.start : r.end], "start": r.start, "confidence": claim.confidence}
            for r in sorted(claim.reactions)
        ]
    return item
