"""The allergy rules on sections and notes of MTS-Dialog and ACI-Bench, annotated by us.

No open corpus has allergies, so one developer (no clinician) annotated the sections on allergies of
MTS-Dialog and the notes of ACI-Bench that mention allergies, both outside their training sets. Most
say that there are none: the intervals of spans and relations rest on few mentions.
"""

from __future__ import annotations

from collections.abc import Sequence

import clinie
from benchmarks.rows import score_row, share
from clinie.datasets import corpora
from clinie.datasets.allergy_notes import allergy_notes
from clinie.datasets.scoring import (
    Mode,
    Score,
    accuracy,
    attribute_pairs,
    score_labels,
    score_relations,
    score_spans,
)
from clinie.schema import Extraction, Span

MODES: tuple[Mode, ...] = ("strict", "relaxed")
Pair = tuple[Extraction, Extraction]


def labelled(record: Extraction, label: str) -> list[Span]:
    """Return the spans of one label."""
    return [span for span in record.spans if span.label == label]


def _row(name: str, scores: Sequence[Score]) -> None:
    score_row(name, scores, width=42, count=5)


def _share(name: str, hits: Sequence[tuple[int, int]]) -> None:
    ratio, of, found = share(hits)
    print(f"  {name:42}{of:>5}{'':15}{ratio:>7.3f}   {found}")


def report(title: str, pairs: Sequence[Pair]) -> None:
    """Print the scores of one set of documents."""
    print(f"{title}, {len(pairs)} documents")
    for label in ("allergen", "reaction"):
        for mode in MODES:
            scores = [score_spans(labelled(g, label), labelled(p, label), mode) for g, p in pairs]
            _row(f"{label}, {mode}", scores)
    for mode in MODES:
        _row(f"reaction of an allergen, {mode}", [score_relations(g, p, mode) for g, p in pairs])
    values = [attribute_pairs(g.spans, p.spans, "assertion", "relaxed") for g, p in pairs]
    _share(
        "assertion of matched allergens", [(round(accuracy(v) * len(v)), len(v)) for v in values]
    )
    _row("no_known_allergies", [score_labels(g.labels, p.labels) for g, p in pairs])
    agree = [(int(bool(g.labels) == bool(p.labels)), 1) for g, p in pairs]
    _share("no_known_allergies, accuracy", agree)


def main() -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    gold = list(allergy_notes())
    pairs = [(g, clinie.extract(g.document, task="allergies")) for g in gold if g.document]
    print(f"  {'':42}{'n':>5}{'P':>8}{'R':>7}{'F1':>7}   95 % interval over documents")
    mts = [pair for pair in pairs if not pair[0].document_id.startswith("D2N")]
    aci = [pair for pair in pairs if pair[0].document_id.startswith("D2N")]
    report("MTS-Dialog, sections on allergies (validation, test1, test2)", mts)
    report("ACI-Bench, notes that mention allergies (valid, test1, test2, test3)", aci)
    report("Both", pairs)


if __name__ == "__main__":
    main()
