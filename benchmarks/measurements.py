"""The measurement rules on MACCROBAT (test documents): values, and values of measurements.

Case reports are not notes: results stand in prose, few in lists, none in tables. Gold are the
``Lab_value`` spans, and those linked by ``MODIFY`` to a ``Diagnostic_procedure``. They hold their
units, which are spans of their own here, so everything is scored relaxed: spans match when they
overlap, a relation when both of its ends do. More than half of them are words, and many of these
describe what no laboratory measures (*clear* lungs, an *intact* gait, *positive* stains); the
conventions of this task leave those out, so numbers and words are reported apart. Two readings of
one name may be one span there ("386 and 928 U/L") and are two here: at most one of them matches.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from itertools import count

from benchmarks.rows import score_row
from benchmarks.timing import per_thousand_words
from clinie.datasets import corpora
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.scoring import score_relations, score_spans
from clinie.schema import Document, Relation, Span
from clinie.tasks.measurements.rules import extract

Pair = tuple[CorpusItem, CorpusItem]
Keep = Callable[[Span], bool]


def numeric(span: Span) -> bool:
    return any(map(str.isdigit, span.text))


def in_words(span: Span) -> bool:
    return not numeric(span)


def either(_: Span) -> bool:
    return True


KINDS: tuple[tuple[str, Keep], ...] = (
    ("with a number", numeric),
    ("in words", in_words),
    ("all", either),
)


def predicted(document: Document) -> CorpusItem:
    """Return what the rules say of a document, as spans and relations."""
    spans: list[Span] = []
    relations: list[Relation] = []
    number = count()
    for item in extract(document.text):
        head = _span(f"p{next(number)}", "measurement", item["start"], item["text"])
        spans.append(head)
        for part in item["value"]:
            tail = _span(f"p{next(number)}", "value", part["start"], part["text"])
            spans.append(tail)
            relations.append(Relation(f"r{len(relations)}", "value", head.id, tail.id))
    return CorpusItem(document, tuple(spans), tuple(relations))


def gold(item: CorpusItem) -> CorpusItem:
    """Return the Lab_values, and which Diagnostic_procedure each is the value of."""
    names = {"Lab_value": "value", "Diagnostic_procedure": "measurement"}
    spans = {
        s.id: Span(s.id, names[s.label], s.start, s.end, s.text, s.fragments)
        for s in item.spans
        if s.label in names
    }
    relations = tuple(
        Relation(r.id, "value", r.tail, r.head)
        for r in item.relations
        if r.label == "MODIFY"
        and {r.head, r.tail} <= spans.keys()
        and spans[r.head].label == "value"
        and spans[r.tail].label == "measurement"
    )
    return CorpusItem(item.document, tuple(spans.values()), relations)


def _span(id: str, label: str, start: int, words: str) -> Span:
    return Span(id, label, start, start + len(words), words)


def _values(item: CorpusItem, keep: Keep) -> list[Span]:
    return [span for span in item.spans if span.label == "value" and keep(span)]


def _relations(item: CorpusItem, keep: Keep) -> CorpusItem:
    kept = {span.id for span in _values(item, keep)}
    relations = tuple(r for r in item.relations if r.tail in kept)
    return CorpusItem(item.document, item.spans, relations)


def main(part: str = "test") -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    pairs: list[Pair] = [(gold(item), predicted(item.document)) for item in corpora.maccrobat(part)]
    print(f"MACCROBAT, {part}, {len(pairs)} documents, relaxed")
    print(f"  {'':<34}{'gold':>6}{'P':>8}{'R':>7}{'F1':>7}   95 % over documents")
    for name, keep in KINDS:
        scores = [score_spans(_values(g, keep), _values(p, keep), "relaxed") for g, p in pairs]
        score_row(f"values {name}", scores, width=34)
    for name, keep in KINDS:
        scores = [
            score_relations(_relations(g, keep), _relations(p, keep), "relaxed") for g, p in pairs
        ]
        score_row(f"values of a measurement, {name}", scores, width=34)
    spent = per_thousand_words(extract, [g.document.text for g, _ in pairs])
    print(f"{spent:.1f} ms per 1,000 words of MACCROBAT")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["train", "test"], default="test")
    main(parser.parse_args().part)
