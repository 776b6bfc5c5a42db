"""The medication rules on ACI-Bench, annotated by us, and how far two passes agreed.

The status is scored on the mentions that the rules found (the conditional metric of Agrawal et al.
2022): the common set is that of gold and rules, so the figure holds for these two. The annotators
were developers with one set of guidelines, not clinicians: their agreement says that the guidelines
decide, not that a clinician would agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import clinie
from benchmarks.rows import interval, score_row
from clinie.datasets import corpora
from clinie.datasets.scoring import (
    Mode,
    Score,
    accuracy,
    attribute_pairs,
    bootstrap,
    by_value,
    cohen_kappa,
    macro_f1,
    score_relations,
    score_spans,
)
from clinie.datasets.standoff import aci_bench_medications
from clinie.schema import Extraction, Span

PARTS = ("dosage", "route", "frequency", "duration", "reason")
MODES: tuple[Mode, ...] = ("strict", "relaxed")
Pair = tuple[Extraction, Extraction]
Values = list[tuple[str | None, str | None]]


def medications(record: Extraction) -> list[Span]:
    """Return the medication mentions of a record."""
    return [span for span in record.spans if span.label == "medication"]


def only(record: Extraction, label: str) -> Extraction:
    """Return a record with the relations of one label."""
    kept = tuple(r for r in record.relations if r.label == label)
    return Extraction(record.document_id, record.task, record.spans, kept)


def statuses(pairs: Sequence[Pair]) -> list[Values]:
    """Return (gold, other) statuses of the mentions that both have, by document."""
    return [
        attribute_pairs(medications(gold), medications(other), "status") for gold, other in pairs
    ]


def _row(name: str, scores: Sequence[Score]) -> None:
    score_row(name, scores, width=34)


def _ratio(name: str, values: list[Values], figure: Callable[[Values], float]) -> None:
    def flat(sample: Sequence[Values]) -> Values:
        return [pair for pairs in sample for pair in pairs]

    found = interval(*bootstrap(values, lambda sample: figure(flat(sample))))
    count = len(flat(values))
    print(f"  {name:34}{count:>6}{'':15}{figure(flat(values)):>7.3f}   {found}")


def _parts(pairs: Sequence[Pair], mode: Mode) -> None:
    for label in PARTS:
        scores = [score_relations(only(g, label), only(p, label), mode) for g, p in pairs]
        _row(f"{label} of a medication, {mode}", scores)


def agreement() -> None:
    """Print how far the two passes agree."""
    passes = (aci_bench_medications("first"), aci_bench_medications("second"))
    pairs = list(zip(*passes, strict=True))
    print("The second pass against the first")
    _row("mentions, strict", [score_spans(medications(a), medications(b)) for a, b in pairs])
    _ratio("status, Cohen's kappa", statuses(pairs), cohen_kappa)
    _parts(pairs, "strict")


def rules() -> None:
    """Print the rules' scores against the adjudicated gold."""
    gold = list(aci_bench_medications())
    pairs = [(g, clinie.extract(g.document, task="medications")) for g in gold if g.document]
    print(f"The rules against the adjudicated gold, {len(pairs)} notes")
    for mode in MODES:
        scores = [score_spans(medications(g), medications(p), mode) for g, p in pairs]
        _row(f"mentions, {mode}", scores)
    values = statuses(pairs)
    _ratio("status, conditional macro-F1", values, macro_f1)
    _ratio("status, conditional accuracy", values, accuracy)
    for status, score in sorted(by_value([v for pairs in values for v in pairs]).items()):
        print(
            f"  {f'status {status}':34}{score.tp + score.fn:>6}{score.precision:>8.3f}"
            f"{score.recall:>7.3f}{score.f1:>7.3f}"
        )
    for mode in MODES:
        _parts(pairs, mode)


def main() -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    print(f"  {'':34}{'n':>6}{'P':>8}{'R':>7}{'F1':>7}   95 % interval over notes")
    agreement()
    rules()


if __name__ == "__main__":
    main()
