"""What the tagger learns from: corpora in their own labels, and texts in Clinie's conventions.

Each corpus has a head of its own, because no two corpora mean the same by a mention. The heads
``medications`` and ``conditions`` follow ``docs/annotation.md``; they learn from synthetic notes,
from case reports turned into our conventions, and from what the rules say of open notes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from clinie.datasets import corpora
from clinie.datasets.abstracts import NONE, ebm_nlp
from clinie.datasets.corpora import CorpusItem
from clinie.models.tagger.tagger import LONGEST
from clinie.schema import Document, Span
from clinie.tasks.medications.rules import extract as medications_of
from clinie.text.phrases import mentions
from clinie.text.sentences import sentences
from clinie.text.sig import find_sigs
from clinie.text.tokens import tokenize
from clinie.training.tagger.passages import Passage, bio, join, passages

__all__ = [
    "CONDITIONS",
    "MACCROBAT",
    "MEDICATIONS",
    "PHEE",
    "PICO",
    "case_reports",
    "iob",
    "phee",
    "pico",
    "ruled",
]

MACCROBAT = (
    "Administration",
    "Biological_structure",
    "Clinical_event",
    "Date",
    "Detailed_description",
    "Diagnostic_procedure",
    "Disease_disorder",
    "Dosage",
    "Duration",
    "Family_history",
    "Frequency",
    "History",
    "Lab_value",
    "Medication",
    "Severity",
    "Sign_symptom",
    "Therapeutic_procedure",
)
PHEE = ("Disorder", "Dosage", "Drug", "Duration", "Effect", "Freq", "Route")
MEDICATIONS = ("medication", "dosage", "route", "frequency", "duration", "reason")
CONDITIONS = ("problem", "test", "procedure")
PICO = ("P", "I", "O")

_CONDITION = {
    "Disease_disorder": "problem",
    "Sign_symptom": "problem",
    "Diagnostic_procedure": "test",
    "Therapeutic_procedure": "procedure",
}
_PART = {
    "Administration": "route",
    "Dosage": "dosage",
    "Duration": "duration",
    "Frequency": "frequency",
}
_BLOCK = 60  # passages, about ten abstracts
_MODIFIERS = ("Biological_structure", "Detailed_description", "Severity")


def iob(name: str, parts: Iterable[str], longest: int = LONGEST) -> Iterator[Passage]:
    """Yield a corpus of sentences without document ids; neighbours stay together.

    Runs of `_BLOCK` passages stand in for documents: if the sentences of one abstract fell into
    both folds, the names that it repeats would make confidences too bold.
    """

    def lines(part: str) -> Iterator[Passage]:
        for item in corpora.bioc_iob(name, part):
            tokens = tokenize(item.document.text)
            yield Passage([t.text for t in tokens], {name: bio(tokens, item.spans)})

    for part in parts:
        for number, passage in enumerate(join(list(lines(part)), longest)):
            yield Passage(passage.words, passage.tags, f"{name}-{part}-{number // _BLOCK}")


def phee(part: str) -> Iterator[Passage]:
    """Yield the sentences of PHEE with its roles."""
    for item in corpora.phee(part):
        kept = [span for span in item.spans if span.label in PHEE]
        yield from passages(item.document.text, {"phee": kept}, item.document.id)


def case_reports(part: str) -> Iterator[Passage]:
    """Yield MACCROBAT in its own labels, and turned into our conventions."""
    for item in corpora.maccrobat(part):
        heads = {
            "maccrobat": [span for span in item.spans if span.label in MACCROBAT],
            "medications": _medications(item),
            "conditions": list(_conditions(item)),
        }
        yield from passages(item.document.text, heads, item.document.id)


def ruled(documents: Iterable[Document]) -> Iterator[Passage]:
    """Yield texts with what the rules say of them."""
    for document in documents:
        text = document.text
        parts = []
        for item in medications_of(text):
            parts.append(_span(item["start"], item["start"] + len(item["text"]), "medication"))
            for label in MEDICATIONS[1:]:
                parts += [
                    _span(tail["start"], tail["start"] + len(tail["text"]), label)
                    for tail in item.get(label, ())
                ]
        heads = {
            "medications": parts,
            "conditions": [_span(m.start, m.end, m.label) for m in mentions(text, sentences(text))],
        }
        yield from passages(text, heads, document.id)


def _span(start: int, end: int, label: str) -> Span:
    return Span("", label, start, end, "")


def _medications(item: CorpusItem) -> list[Span]:
    """Split MACCROBAT's dosage, which holds the frequency too, as our grammar of sigs does."""
    drugs = {span.id for span in item.spans if span.label == "Medication"}
    said = {r.head for r in item.relations if r.label == "MODIFY" and r.tail in drugs}
    sigs = find_sigs(item.document.text)
    found = [_span(s.start, s.end, "medication") for s in item.spans if s.id in drugs]
    for span in item.spans:
        if span.id in said and span.label in _PART:
            inside = [p for p in sigs if span.start <= p.start and p.end <= span.end]
            found += [_span(p.start, p.end, p.kind) for p in inside] or [
                _span(span.start, span.end, _PART[span.label])
            ]
    return found


def _conditions(item: CorpusItem) -> Iterator[Span]:
    """Give MACCROBAT's mentions our boundaries: those of the grammar, or with their modifiers."""
    text = item.document.text
    ours = mentions(text, sentences(text))
    modifiers = [span for span in item.spans if span.label in _MODIFIERS]
    taken: set[tuple[int, int]] = set()
    for span in item.spans:
        if (label := _CONDITION.get(span.label)) is None:
            continue
        same = [m for m in ours if m.label == label and m.start < span.end and span.start < m.end]
        if same:
            start, end = min(m.start for m in same), max(m.end for m in same)
        else:
            start, end = _widened(text, span, modifiers)
        if (start, end) not in taken:
            taken.add((start, end))
            yield _span(start, end, label)


def _widened(text: str, span: Span, modifiers: Sequence[Span]) -> tuple[int, int]:
    """Take in the modifiers that stand directly before a mention."""
    start = span.start
    while before := [m for m in modifiers if m.end <= start and not text[m.end : start].strip()]:
        start = min(m.start for m in before)
    return start, span.end


def pico(part: str, longest: int) -> Iterator[Passage]:
    """Yield the abstracts of EBM-NLP; runs of one tag are its mentions."""
    for item in ebm_nlp(part):
        spans = []
        for tag, run in groupby(zip(item.tags, item.tokens, strict=True), key=itemgetter(0)):
            places = [place for _, place in run]
            if tag != NONE:
                spans.append(_span(places[0][0], places[-1][1], tag))
        yield from passages(item.document.text, {"pico": spans}, item.document.id, longest)
