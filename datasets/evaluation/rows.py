"""Rows of figures, each figure a function of how often every document was drawn.

A row counts items per document once; `clinie.datasets.resampling` then turns it into figures with
intervals. A ratio without a denominator is 0. A macro average is the mean over the labels that
occur, in gold or in the prediction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clinie.datasets.scoring import Score

if TYPE_CHECKING:
    from clinie.datasets.resampling import Array, Statistic

    Measure = Callable[[Array], tuple[Array, Array]]

__all__ = [
    "MACRO",
    "MICRO",
    "Row",
    "count_rows",
    "defined",
    "precision_recall_f1",
    "ratio",
    "share_row",
]

MICRO, MACRO = "micro", "macro"
"""Names of the rows that sum over the labels, and that take the mean over them."""


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one section of a report that speak about the same items.

    Parameters
    ----------
    section, name : str
        ``"spans, strict"`` and a label, for example.
    gold, predicted : int
        How many items the figures rest on.
    measures : Mapping of str to Statistic
        By name: ``precision``, ``recall``, ``f1``, ``accuracy``, and so on.
    """

    section: str
    name: str
    gold: int
    predicted: int
    measures: Mapping[str, Statistic]


def count_rows(
    section: str, documents: Sequence[Mapping[str, Score]], order: Sequence[str] = ()
) -> list[Row]:
    """Return one row per label, and their micro and macro averages.

    Parameters
    ----------
    section : str
    documents : sequence of Mapping
        For each document its scores by label.
    order : sequence of str
        Labels in the order wanted; others follow by name.
    """
    known = {label for scores in documents for label in scores}
    labels = [label for label in order if label in known]
    labels += sorted(known.difference(labels))
    if not labels:
        return []
    table = np.array(
        [[_counts(scores.get(label, Score())) for label in labels] for scores in documents],
        dtype=np.float64,
    )
    rows = [_row(section, label, table[:, k]) for k, label in enumerate(labels)]
    rows.append(_row(section, MICRO, table.sum(axis=1)))
    macro = {name: _macro(table, measure) for name, measure in _MEASURES.items()}
    rows.append(Row(section, MACRO, rows[-1].gold, rows[-1].predicted, macro))
    return rows


def share_row(
    section: str, name: str, right: Sequence[int], of: Sequence[int], measure: str = "accuracy"
) -> Row:
    """Return a row with the share of right items, given both counts by document."""
    counts = np.array([right, of], dtype=np.float64).T

    def share(weights: Array) -> Array:
        hits, whole = (weights @ counts).T
        return defined(hits, whole)

    return Row(section, name, sum(of), sum(of), {measure: share})


def precision_recall_f1(counts: Array) -> dict[str, Statistic]:
    """Return the three figures of counts ``tp, fp, fn``, an array of shape (documents, 3)."""

    def over(measure: Measure) -> Statistic:
        return lambda weights: defined(*measure(weights @ counts))

    return {name: over(measure) for name, measure in _MEASURES.items()}


def defined(part: Array, whole: Array) -> Array:
    """Divide; NaN where there is nothing to divide by."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def ratio(part: Array, whole: Array) -> Array:
    """Divide; 0 where there is nothing to divide by."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _row(section: str, name: str, counts: Array) -> Row:
    tp, fp, fn = (int(n) for n in counts.sum(axis=0))
    return Row(section, name, tp + fn, tp + fp, precision_recall_f1(counts))


def _counts(score: Score) -> tuple[int, int, int]:
    return score.tp, score.fp, score.fn


def _macro(table: Array, measure: Measure) -> Statistic:
    documents, labels, _ = table.shape
    flat = table.reshape(documents, labels * 3)

    def mean(weights: Array) -> Array:
        sums = (weights @ flat).reshape(len(weights), labels, 3)
        occurring = (sums.sum(axis=2) > 0).sum(axis=1) * 1.0
        return defined(ratio(*measure(sums)).sum(axis=1), occurring)

    return mean


def _precision(sums: Array) -> tuple[Array, Array]:
    return sums[..., 0], sums[..., 0] + sums[..., 1]


def _recall(sums: Array) -> tuple[Array, Array]:
    return sums[..., 0], sums[..., 0] + sums[..., 2]


def _f1(sums: Array) -> tuple[Array, Array]:
    return 2 * sums[..., 0], 2 * sums[..., 0] + sums[..., 1] + sums[..., 2]


_MEASURES: dict[str, Measure] = {"precision": _precision, "recall": _recall, "f1": _f1}
