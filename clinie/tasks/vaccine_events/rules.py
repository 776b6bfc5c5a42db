"""The rule-based first rung of the vaccine events task: phrases, clauses, and words of care."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any, NamedTuple

from clinie.text.assertion import ContextReader
from clinie.text.lexica import TermLexicon, drugs, load_tsv
from clinie.text.phrases import mentions
from clinie.text.sentences import sentences

__all__ = ["extract"]

_PACKAGE = "clinie.tasks.vaccine_events"
_SENTENCE = 60
_SENTENCES = 2
"""Words and sentences up to which a text may be a piece of a report, whatever it speaks of."""
_OFTEN = 4
"""Words of vaccination that make a longer text a report: a clinic note says "flu shot" once."""

_PATIENT = frozenset({"pt", "Pt"})  # "PT" is physical therapy
_ADVERSE = ("nervous_AE", "other_AE")
_LABELS = {"test": "investigation", "procedure": "procedure"}
_SITE = re.compile(
    r"(?:[^\S\n]+(?:in|of|to|on|over)[^\S\n]+(?:(?:the|his|her|my|both|all)[^\S\n]+)*"
    r"(?:(?:right|left|bilateral|both|upper|lower|all)[^\S\n]+)*"
    r"(?:hands?|feet|foot|legs?|arms?|fingers?|toes|face|lips?|tongue|limbs?|extremit(?:y|ies)|"
    r"knees?|shoulders?|thighs?|calves|calf|back|neck|head|chest|side|body|waist)"
    r"(?:[^\S\n]*(?:and|/|&|,)[^\S\n]*(?:hands?|feet|legs?|arms?|fingers?|toes|face|lips?|tongue))*)",
    re.IGNORECASE,
)
_NORMAL = re.compile(
    r"[^\S\n]*(?:was|were|is|are|:|-)?[^\S\n]*(?:normal|negative|unremarkable|wnl)\b", re.IGNORECASE
)


class _Claim(NamedTuple):
    """Characters that may be a mention; the longest wins, then the surer one."""

    start: int
    end: int
    label: str
    confidence: float


def extract(text: str) -> list[dict[str, Any]]:
    """Find events, procedures and investigations of a report after a vaccination.

    Parameters
    ----------
    text : str
        A report, or a sentence of one. A longer text that does not tell of a vaccination gives
        nothing.

    Returns
    -------
    list of dict
        Items of the canonical JSON grammar in text order; what is denied or normal is left out.
        ``confidence`` is ordinal.

    Notes
    -----
    Deterministic; time linear in the text.
    """
    if not _is_report(text):
        return []
    context = ContextReader(text)
    claims = [*_phrases(text, context), *_terms(text), *_drugs(text)]
    return [
        {
            "text": text[claim.start : claim.end],
            "label": claim.label,
            "start": claim.start,
            "confidence": claim.confidence,
        }
        for claim in _longest(claims)
        if _is_told(text, claim, context)
    ]


def _is_report(text: str) -> bool:
    """Tell whether a text may be a report: a sentence or two, or words of vaccination enough."""
    short = len(text.split()) <= _SENTENCE
    if short and len(sentences(text)) <= _SENTENCES:
        return True
    needed = 1 if short else _OFTEN
    said = _words("vaccination.tsv").finditer(text)
    return sum(1 for _ in islice(said, needed)) == needed


def _phrases(text: str, context: ContextReader) -> Iterator[_Claim]:
    """Yield the noun phrases of problems, tests and procedures."""
    for mention in mentions(text, context.sentences):
        label = _LABELS.get(mention.label) or _adverse(text, mention.start, mention.end)
        end = mention.end
        if label in _ADVERSE and (site := _SITE.match(text, end)):
            end = site.end()
        yield _Claim(mention.start, end, label, mention.confidence)


def _terms(text: str) -> Iterator[_Claim]:
    """Yield clauses, words of care, vaccines and short forms of the table."""
    for found in _lexicon().find(text):
        if text[found.start : found.end] in _PATIENT:
            continue
        end = found.end
        label = found.value
        if label in _ADVERSE and (site := _SITE.match(text, end)):
            end = site.end()
        if label == "other_AE":
            label = _adverse(text, found.start, end)
        yield _Claim(found.start, end, label, 0.6)


def _drugs(text: str) -> Iterator[_Claim]:
    """Yield drugs: a treatment is a procedure here."""
    for match in drugs().find(text):
        yield _Claim(match.start, match.end, "procedure", 0.7)


def _adverse(text: str, start: int, end: int) -> str:
    nervous = _words("nervous.tsv").search(text, start, end)
    return "nervous_AE" if nervous else "other_AE"


def _longest(claims: list[_Claim]) -> list[_Claim]:
    """Return claims that do not overlap, in text order: longer ones first, then surer ones."""
    kept: list[_Claim] = []
    starts: list[int] = []
    for claim in sorted(claims, key=lambda c: (c.start - c.end, -c.confidence, c.start)):
        at = bisect_right(starts, claim.start)
        before = kept[at - 1].end if at else 0
        after = kept[at].start if at < len(kept) else claim.end
        if before <= claim.start and claim.end <= after:
            kept.insert(at, claim)
            starts.insert(at, claim.start)
    return kept


def _is_told(text: str, claim: _Claim, context: ContextReader) -> bool:
    """Tell whether a claim is something that happened: neither denied nor to come nor normal."""
    read = context.read(claim.start, claim.end)
    if claim.label in _ADVERSE:
        return read.assertion not in ("absent", "family", "hypothetical")
    if claim.label == "investigation" and _NORMAL.match(text, claim.end):
        return True  # the test was done, its result is no event
    return read.assertion not in ("absent", "hypothetical") or claim.label == "investigation"


@cache
def _lexicon() -> TermLexicon[str]:
    return TermLexicon({row["term"]: row["label"] for row in load_tsv("terms.tsv", _PACKAGE)})


@cache
def _words(name: str) -> re.Pattern[str]:
    """Return one pattern for a table of words; a word ending in ``*`` is a beginning."""
    words = [row["word"] for row in load_tsv(name, _PACKAGE)]
    parts = [re.escape(w.removesuffix("*")) + (r"\w*" if w.endswith("*") else "") for w in words]
    return re.compile(rf"(?<!\w)(?:{'|'.join(parts)})(?!\w)", re.IGNORECASE)
