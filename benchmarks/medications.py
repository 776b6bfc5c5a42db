"""The medication rules on MACCROBAT (test documents) and PHEE (dev sentences).

Case reports and abstracts are not notes: they name many drugs and few sigs, and they mark what
matters to their own questions. MACCROBAT puts frequency words that follow a dose into ``Dosage``
("60 mg daily" is one span, ours are two), so dosage and frequency are also scored as one label.
PHEE marks only the drugs that take part in an adverse or a therapeutic event. Read recall of
attributes and relaxed scores; on clinic notes the bundled gold says more.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from itertools import count

from benchmarks.rows import score_row
from benchmarks.timing import per_thousand_words
from clinie.datasets import corpora
from clinie.datasets.catalogue import load
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.scoring import (
    Mode,
    Score,
    score_relations,
    score_spans,
)
from clinie.schema import Document, Relation, Span
from clinie.tasks.medications.rules import extract

ATTRIBUTES = ("dosage", "frequency", "duration", "route")
Pair = tuple[CorpusItem, CorpusItem]


def predicted(document: Document) -> CorpusItem:
    """Return what the rules say of a document, as spans and relations."""
    spans: dict[tuple[int, int, str], Span] = {}
    relations: list[Relation] = []
    number = count()

    def span(item: Mapping[str, object], label: str) -> Span:
        start, words = item["start"], item["text"]
        assert isinstance(start, int)
        assert isinstance(words, str)
        key = (start, start + len(words), label)
        return spans.setdefault(key, Span(f"p{next(number)}", label, key[0], key[1], words))

    for item in extract(document.text):
        head = span(item, "medication")
        for name in (*ATTRIBUTES, "reason"):
            for part in item.get(name, ()):
                tail = span(part, name)
                relations.append(Relation(f"r{len(relations)}", name, head.id, tail.id))
    return CorpusItem(document, tuple(spans.values()), tuple(relations))


def pairs_of(name: str, part: str) -> list[Pair]:
    """Return (gold, predicted) for every text of a part."""
    return [
        (CorpusItem(gold.document, gold.spans, gold.relations), predicted(gold.document))
        for gold in load(name, part, task="medications")
        if gold.document
    ]


def labelled(items: Iterable[Span], label: str) -> list[Span]:
    """Return the spans of one label."""
    return [span for span in items if span.label == label]


def _merged(item: CorpusItem) -> CorpusItem:
    """Read frequency as dosage, as MACCROBAT does after a dose."""
    one = {"frequency": "dosage"}
    spans = tuple(
        Span(s.id, one.get(s.label, s.label), s.start, s.end, s.text, s.fragments)
        for s in item.spans
    )
    relations = tuple(
        Relation(r.id, one.get(r.label, r.label), r.head, r.tail) for r in item.relations
    )
    return CorpusItem(item.document, spans, relations)


def _only(item: CorpusItem, label: str) -> CorpusItem:
    kept = tuple(r for r in item.relations if r.label == label)
    return CorpusItem(item.document, item.spans, kept)


def _report(title: str, pairs: list[Pair], *, relations: bool) -> None:
    print(f"{title}\n  {'':38}{'gold':>6}{'P':>8}{'R':>7}{'F1':>7}   95 % interval")

    def rows(name: str, score: Callable[[Pair, Mode], Score]) -> None:
        for mode in ("strict", "relaxed"):
            score_row(f"{name}, {mode}", [score(pair, mode) for pair in pairs], width=38)

    for label in ("medication", *ATTRIBUTES):
        rows(
            label,
            lambda p, mode, label=label: score_spans(
                labelled(p[0].spans, label), labelled(p[1].spans, label), mode
            ),
        )
    if not relations:
        return
    for label in ATTRIBUTES:
        rows(
            f"{label} of a medication",
            lambda p, mode, label=label: score_relations(
                _only(p[0], label), _only(p[1], label), mode
            ),
        )
    rows(
        "dosage or frequency of a medication",
        lambda p, mode: score_relations(
            _only(_merged(p[0]), "dosage"), _only(_merged(p[1]), "dosage"), mode
        ),
    )


def main(part: str = "test") -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    reports = pairs_of("maccrobat", part)
    _report(f"MACCROBAT, {part}, {len(reports)} documents", reports, relations=True)
    sentences = pairs_of("phee", "dev" if part == "test" else "train")
    _report(f"PHEE V2, {len(sentences)} sentences", sentences, relations=False)
    spent = per_thousand_words(extract, [gold.document.text for gold, _ in reports])
    print(f"{spent:.1f} ms per 1,000 words of MACCROBAT")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["train", "test"], default="test")
    main(parser.parse_args().part)
