"""Bootstrap over documents: intervals of figures, and of differences between two systems.

Items of one note are not independent, notes are: so notes are drawn, with replacement. A figure is
a function of weights, how often each document was drawn, so that all resamples are one product of
matrices. Two systems are compared on the same draws: what is easy or hard in a document then
cancels out.

References
----------
Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. Berg-Kirkpatrick et al.,
An empirical investigation of statistical significance in NLP (2012), for the paired comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]
    Statistic = Callable[[Array], Array]

__all__ = ["LEVEL", "Bootstrap", "Difference", "Estimate", "Samples", "draws"]

LEVEL = 0.95
"""Confidence level of the two-sided intervals."""

_CELLS = 2**22
"""Entries of one block of weights: memory stays at some tens of megabytes."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its percentile interval.

    ``value`` is NaN where the figure is not defined, as the area under a curve of one point is;
    so are ``low`` and ``high`` where it is defined in no resample.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much higher a figure is for one system than for another, on the same documents.

    ``p`` is the two-sided share of resamples in which the difference is zero or has the other
    sign; it is never below one resample's share.
    """

    value: float
    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True)
class Samples:
    """A figure over all documents, and over each resample of them."""

    value: float
    values: Array

    def estimate(self, level: float = LEVEL) -> Estimate:
        """Return the figure with its percentile interval."""
        return Estimate(self.value, *_interval(self.values, level))

    def minus(self, other: Samples, level: float = LEVEL) -> Difference:
        """Return the difference to the same figure of another system, on the same resamples."""
        import numpy as np

        differences = self.values - other.values
        known = differences[~np.isnan(differences)]
        p = float("nan")
        if known.size:
            tail = float(min((known <= 0).mean(), (known >= 0).mean()))
            p = min(1.0, max(2 * tail, 1 / known.size))
        return Difference(self.value - other.value, *_interval(differences, level), p)


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """Resamples of so many documents.

    Parameters
    ----------
    documents : int
    n, seed : int
        Resamples, and the seed of their draw: same inputs, same intervals.
    """

    documents: int
    n: int = 1000
    seed: int = 0

    def __call__(self, statistics: Sequence[Statistic]) -> list[Samples]:
        """Compute figures over all documents and over every resample, all on the same draws.

        Parameters
        ----------
        statistics : sequence of callable
            From weights, an array of shape (resamples, documents), to one value per resample.

        Raises
        ------
        ValueError
            If there is no document.
        """
        import numpy as np

        whole = np.ones((1, self.documents))
        values = np.empty((len(statistics), self.n))
        done = 0
        for block in draws(self.documents, self.n, self.seed):
            weights = _weights(block, self.documents)
            for row, statistic in enumerate(statistics):
                values[row, done : done + len(block)] = statistic(weights)
            done += len(block)
        return [
            Samples(float(statistic(whole)[0]), row)
            for statistic, row in zip(statistics, values, strict=True)
        ]


def draws(documents: int, n: int, seed: int) -> Iterator[npt.NDArray[np.int64]]:
    """Yield blocks of draws, one resample of document numbers a row; the blocks hold `n` rows.

    Raises
    ------
    ValueError
        If there is no document.
    """
    import numpy as np

    if not documents:
        raise ValueError("bootstrap needs at least one document")
    generator = np.random.default_rng(seed)
    rows = max(1, _CELLS // documents)
    for start in range(0, n, rows):
        yield generator.integers(documents, size=(min(rows, n - start), documents))


def _weights(block: npt.NDArray[np.int64], documents: int) -> Array:
    import numpy as np

    rows = np.arange(len(block))[:, None] * documents
    counts = np.bincount((block + rows).ravel(), minlength=len(block) * documents)
    return counts.reshape(len(block), documents).astype(np.float64)


def _interval(values: Array, level: float) -> tuple[float, float]:
    import numpy as np

    known = values[~np.isnan(values)]
    if not known.size:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
