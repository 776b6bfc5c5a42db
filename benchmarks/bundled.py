"""The rules on the bundled notes: the demo's own figures.

The notes are synthetic and the rules' authors have read them; these figures guard against
regressions and show what kinds of item are hard. They are not an estimate for real notes.
"""

from __future__ import annotations

from collections.abc import Iterable

import clinie
from benchmarks.rows import interval
from clinie import Extraction
from clinie.datasets import bundled
from clinie.datasets.scoring import (
    Mode,
    Score,
    accuracy,
    attribute_pairs,
    f1_interval,
    macro_f1,
    score_labels,
    score_relations,
    score_spans,
    total,
)
from clinie.tasks import load

Pair = tuple[Extraction, Extraction]
MODES: tuple[Mode, ...] = ("strict", "relaxed")


def pairs(task: str) -> list[Pair]:
    """Return (gold, extracted) for every bundled note."""
    gold = bundled.gold(task)
    return [(gold[doc.id], clinie.extract(doc, task=task)) for doc in bundled.documents()]


def main() -> None:
    for task in bundled.TASKS:
        notes = pairs(task)
        print(f"{task}, {len(notes)} bundled notes ({'P':>5}{'R':>6}{'F1':>6}, 95 % interval)")
        for label in sorted({span.label for gold, _ in notes for span in gold.spans}):
            for mode in MODES:
                scores = [score_spans(_of(g, label), _of(p, label), mode) for g, p in notes]
                _row(f"{label}, {mode}", scores)
        if any(gold.relations for gold, _ in notes):
            _row("relations, strict", [score_relations(g, p) for g, p in notes])
        for name in dict.fromkeys(n for spec in load(task).schema.labels for n in spec.attributes):
            values = [v for g, p in notes for v in attribute_pairs(g.spans, p.spans, name)]
            shares = f"accuracy {accuracy(values):.3f}, macro-F1 {macro_f1(values):.3f}"
            print(f"  {name:28} {shares}, n {len(values)}")
        if any(gold.labels for gold, _ in notes):
            for mode in MODES:
                _statements(notes, mode)


def _statements(notes: list[Pair], mode: Mode) -> None:
    """Print the score of the statements, and of how many notes all are right and none spurious."""
    scores = [score_labels(g.labels, p.labels, mode) for g, p in notes]
    _row(f"statements, {mode}", scores)
    told = [score for score in scores if score != Score()]
    right = sum(score.fp == score.fn == 0 for score in told)
    print(f"  {'all right, none spurious':28} {right} of {len(told)} notes with statements")


def _of(record: Extraction, label: str) -> list[clinie.Span]:
    return [span for span in record.spans if span.label == label]


def _row(name: str, scores: Iterable[Score]) -> None:
    counts = list(scores)
    all_ = total(counts)
    shares = f"{all_.precision:>10.3f}{all_.recall:>6.3f}{all_.f1:>6.3f}"
    print(f"  {name:28}{shares}   {interval(*f1_interval(counts))}")


if __name__ == "__main__":
    main()
