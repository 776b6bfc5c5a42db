"""Does a confidence mean what it says? Calibration, ranking, and what a threshold would buy.

All figures are about predicted items: right or wrong. Items that were missed have no confidence;
recall speaks about them.

References
----------
Guo et al., On calibration of modern neural networks (2017), for the expected calibration error.
Brier, Verification of forecasts expressed in terms of probability (1950). Geifman et al.,
Bias-reduced uncertainty estimation for deep neural classifiers (2019), for the area under
risk and coverage (AURC). Traub et al., Overcoming common flaws in the evaluation of selective
classification systems (2024), for the area under the generalised risk (AUGRC).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clinie.datasets.evaluation.pairs import Pair
from clinie.datasets.evaluation.rows import Row, defined, ratio
from clinie.datasets.scoring import Mode, match_labels, match_relations, match_spans
from clinie.schema import Label, Relation, Span

if TYPE_CHECKING:
    import numpy.typing as npt

    from clinie.datasets.resampling import Array, Statistic

__all__ = [
    "BINS",
    "Bin",
    "Judged",
    "Point",
    "confidence_row",
    "coverage_curve",
    "judged_items",
    "reliability",
]

BINS = 15
"""Bins of equal width, of the reliability diagram and of the expected calibration error."""

_CELLS = 2**22
"""Entries of one block of weights by item."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Predicted items with a confidence.

    Parameters
    ----------
    confidence : array of float, shape (items,)
    right : array of bool, shape (items,)
    document : array of int, shape (items,)
        Number of the document each item is in.
    """

    confidence: Array
    right: npt.NDArray[np.bool_]
    document: npt.NDArray[np.int64]

    @property
    def n(self) -> int:
        """How many items."""
        return len(self.right)


@dataclass(frozen=True, slots=True)
class Bin:
    """Items of about one confidence: how sure they were on average, and how many were right."""

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Point:
    """Accepting the items at least this sure: their share of all items, and how many are right."""

    threshold: float
    coverage: float
    accuracy: float


def judged_items(pairs: Sequence[Pair], kind: str, mode: Mode) -> Judged:
    """Return the predicted items of a kind that have a confidence, and whether each is right.

    Parameters
    ----------
    pairs : sequence of Pair
    kind : {"spans", "relations", "labels"}
    mode : {"strict", "relaxed"}
        When an item counts as right; attributes play no part.
    """
    confidence, right, document = list[float](), list[bool](), list[int]()
    for number, pair in enumerate(pairs):
        items: Sequence[Span | Relation | Label] = getattr(pair.predicted, kind)
        if all(item.confidence is None for item in items):
            continue
        matched = {p for _, p in _MATCHES[kind](pair, mode)}
        for index, item in enumerate(items):
            if item.confidence is not None:
                confidence.append(item.confidence)
                right.append(index in matched)
                document.append(number)
    return Judged(np.array(confidence), np.array(right, bool), np.array(document, np.int64))


_MATCHES: dict[str, Callable[[Pair, Mode], list[tuple[int, int]]]] = {
    "spans": lambda pair, mode: match_spans(pair.gold.spans, pair.predicted.spans, mode),
    "relations": lambda pair, mode: match_relations(pair.gold, pair.predicted, mode),
    "labels": lambda pair, mode: match_labels(pair.gold.labels, pair.predicted.labels, mode),
}


def confidence_row(kind: str, items: Judged) -> Row:
    """Return accuracy and the figures of calibration and ranking of one kind of item."""
    ranked = _Ranked(items)
    measures: dict[str, Statistic] = {
        "accuracy": _mean(items, items.right.astype(np.float64)),
        "ece": _calibration_error(items),
        "brier": _mean(items, (items.confidence - items.right) ** 2),
        "auroc": ranked.over(_auroc),
        "aurc": ranked.over(_aurc),
        "augrc": ranked.over(_augrc),
    }
    return Row("confidence", kind, items.n, items.n, measures)


def reliability(items: Judged) -> tuple[Bin, ...]:
    """Return the bins of the reliability diagram that hold items."""
    number = _bin_of(items.confidence)
    return tuple(
        Bin(
            k / BINS,
            (k + 1) / BINS,
            int(inside.sum()),
            float(items.confidence[inside].mean()),
            float(items.right[inside].mean()),
        )
        for k in range(BINS)
        if (inside := number == k).any()
    )


def coverage_curve(items: Judged, most: int = 200) -> tuple[Point, ...]:
    """Return accuracy against coverage, from the surest items to all; at most so many points."""
    confidence, ends = np.unique(-items.confidence, return_counts=True)
    accepted = np.cumsum(ends)
    hits = np.cumsum(items.right[np.argsort(-items.confidence, kind="stable")])[accepted - 1]
    chosen = np.unique(np.linspace(0, len(accepted) - 1, min(most, len(accepted))).astype(int))
    return tuple(
        Point(float(-confidence[k]), float(accepted[k] / items.n), float(hits[k] / accepted[k]))
        for k in chosen
    )


def _bin_of(confidence: Array) -> npt.NDArray[np.int64]:
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)


def _by_document(items: Judged, values: Array) -> Array:
    """Sum values of items, shape (items, columns), by document; trailing ones may be absent."""
    sums = np.zeros((int(items.document.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(sums, items.document, values)
    return sums


def _mean(items: Judged, values: Array) -> Statistic:
    sums = _by_document(items, np.stack([values, np.ones(items.n)], axis=1))

    def mean(weights: Array) -> Array:
        total, n = (weights[:, : len(sums)] @ sums).T
        return defined(total, n)

    return mean


def _calibration_error(items: Judged) -> Statistic:
    """Return the mean gap between confidence and accuracy over bins, weighted by their items."""
    inside = np.eye(BINS)[_bin_of(items.confidence)]
    gaps = _by_document(items, inside * (items.confidence - items.right)[:, None])
    sizes = _by_document(items, np.ones((items.n, 1)))

    def error(weights: Array) -> Array:
        drawn = weights[:, : len(gaps)]
        return defined(np.abs(drawn @ gaps).sum(axis=1), (drawn @ sizes)[:, 0])

    return error


class _Ranked:
    """Items in the order of their confidence, equal ones as one group: ties enter together."""

    def __init__(self, items: Judged) -> None:
        order = np.argsort(-items.confidence, kind="stable")
        self._documents = items.document[order]
        self._right = items.right[order].astype(np.float64)
        ranked = items.confidence[order]
        self._starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]][: items.n])

    def over(self, figure: Callable[[Array, Array], Array]) -> Statistic:
        """Return a statistic of right and wrong items per group, shapes (resamples, groups)."""

        def statistic(weights: Array) -> Array:
            rows = max(1, _CELLS // max(1, len(self._right)))
            blocks = (weights[start : start + rows] for start in range(0, len(weights), rows))
            return np.concatenate([figure(*self._groups(block)) for block in blocks])

        return statistic

    def _groups(self, weights: Array) -> tuple[Array, Array]:
        drawn = weights[:, self._documents]
        right = np.add.reduceat(drawn * self._right, self._starts, axis=1)
        return right, np.add.reduceat(drawn, self._starts, axis=1) - right


def _auroc(right: Array, wrong: Array) -> Array:
    """Return the chance that a right item is surer than a wrong one; equals count half."""
    above = np.cumsum(right, axis=1) - right / 2
    return defined((wrong * above).sum(axis=1), right.sum(axis=1) * wrong.sum(axis=1))


def _aurc(right: Array, wrong: Array) -> Array:
    """Return the area of the error among accepted items over coverage."""
    accepted, errors = np.cumsum(right + wrong, axis=1), np.cumsum(wrong, axis=1)
    risk = ratio(errors, accepted)
    before = np.where(accepted - right - wrong > 0, _shifted(risk), risk)  # from coverage 0 level
    area = ((right + wrong) * (risk + before) / 2).sum(axis=1)
    return defined(area, accepted[:, -1])


def _augrc(right: Array, wrong: Array) -> Array:
    """Return the area of accepted errors among all items over coverage."""
    errors = np.cumsum(wrong, axis=1)
    n = (right + wrong).sum(axis=1)
    area = ((right + wrong) * (errors + _shifted(errors)) / 2).sum(axis=1)
    return defined(area, n**2)


def _shifted(values: Array) -> Array:
    return np.concatenate([np.zeros((len(values), 1)), values[:, :-1]], axis=1)
