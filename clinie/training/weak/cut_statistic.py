"""The cut statistic: which pseudo-labels agree with their neighbourhood.

Items close together in an embedding should have the same label; an item whose label differs from
its neighbours' more often than chance explains is probably mislabelled. Training on the items of
the lowest statistic trades coverage for precision.

References
----------
Lang H, Vijayaraghavan A, Sontag D. Training subset selection for weak supervision. NeurIPS 2022.
Muhlenbach F, Lallich S, Zighed DA. Identifying and handling mislabelled instances. Journal of
Intelligent Information Systems 2004.
"""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt

from clinie.training.weak.votes import Ints

__all__ = ["CutStatistic", "cut_statistic", "kept", "nearest"]

Floats = npt.NDArray[np.float64]

_CHUNK = 2**24  # distances held at once


def nearest(embeddings: Floats, k: int) -> tuple[Floats, Ints]:
    """Return distances and numbers of the `k` nearest other points of each point.

    Exact Euclidean distances, a block of rows at a time: O(n²·d) time, O(n·k) memory beside the
    block. A point is never its own neighbour; a twin at distance 0 is one.

    Parameters
    ----------
    embeddings : array of shape (n, d)
    k : int
        Cut to n - 1.

    Returns
    -------
    distances, indices : arrays of shape (n, min(k, n - 1))
        Nearest first.
    """
    count = len(embeddings)
    k = max(0, min(k, count - 1))
    distances, indices = np.zeros((count, k)), np.zeros((count, k), dtype=np.int64)
    if k == 0:
        return distances, indices
    centred = embeddings - embeddings.mean(axis=0)  # no digits lost to a common offset
    squares = np.square(centred).sum(axis=1)
    step = max(1, _CHUNK // count)
    for start in range(0, count, step):
        rows = np.arange(start, min(start + step, count))
        block = squares[rows, None] + squares - 2 * centred[rows] @ centred.T
        block[rows - start, rows] = np.inf
        near = np.sort(np.argpartition(block, k - 1, axis=1)[:, :k], axis=1)
        found = np.take_along_axis(block, near, axis=1)
        order = np.argsort(found, axis=1, kind="stable")
        indices[rows] = np.take_along_axis(near, order, axis=1)
        distances[rows] = np.sqrt(np.maximum(np.take_along_axis(found, order, axis=1), 0))
    return distances, indices


def cut_statistic(embeddings: Floats, labels: Ints, k: int = 20) -> Floats:
    """Return the standardised weight of cut edges of each item: low is in accord, high is not.

    With neighbours j of weight ``w_ij = 1 / (1 + d_ij)``, ``J_i`` the weight of those that carry
    another label, and p the share of the item's label, ``Z_i = (J_i - (1 - p) Σ w_ij) /
    sqrt(p (1 - p) Σ w_ij²)``.

    Parameters
    ----------
    embeddings : array of shape (n, d)
    labels : int array of shape (n,)
    k : int
        Number of neighbours.

    Returns
    -------
    array of shape (n,)
        All zero where there is nothing to tell: one class, or fewer than two items.

    Raises
    ------
    ValueError
        If shapes do not agree or `k` is below 1.
    """
    if embeddings.ndim != 2 or labels.shape != embeddings.shape[:1]:
        raise ValueError("embeddings (n, d) and labels (n,) do not agree")
    if k < 1:
        raise ValueError("k must be at least 1")
    distances, indices = nearest(embeddings, k)
    weights = 1 / (1 + distances)
    cut = (weights * (labels[indices] != labels[:, None])).sum(axis=1)
    _, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    share = (counts / max(1, len(labels)))[inverse]
    expected = (1 - share) * weights.sum(axis=1)
    deviation = np.sqrt(share * (1 - share) * np.square(weights).sum(axis=1))
    known = deviation > 0
    return np.where(known, (cut - expected) / np.where(known, deviation, 1), 0.0)


def kept(scores: Floats, labels: Ints, keep: float, floor: int = 0) -> npt.NDArray[np.bool_]:
    """Tell which items to keep: the lowest scores overall, and of each class at least `floor`.

    Parameters
    ----------
    scores : array of shape (n,)
    labels : int array of shape (n,)
    keep : float
        Share of all items, above 0 and at most 1.
    floor : int
        Items of each class that are kept in any case, its lowest scores first; without one, a
        single ranking can delete a rare class.

    Raises
    ------
    ValueError
        If `keep` is no share or `floor` is negative.
    """
    if not 0 < keep <= 1:
        raise ValueError("keep must be above 0 and at most 1")
    if floor < 0:
        raise ValueError("floor must not be negative")
    order = np.argsort(scores, kind="stable")
    mask = np.zeros(len(scores), dtype=np.bool_)
    mask[order[: round(keep * len(scores))]] = True
    for label in np.unique(labels):
        mask[order[labels[order] == label][:floor]] = True
    return mask


class CutStatistic:
    """Selects pseudo-labelled items by the cut statistic.

    Parameters
    ----------
    keep : float
        Share to keep.
    k : int
        Number of neighbours.
    floor : int
        Items of each class that are kept in any case.

    Attributes
    ----------
    scores_ : array of shape (n,)
    support_ : boolean array of shape (n,)
        Which of the items given to `fit` are kept.
    """

    def __init__(self, keep: float = 0.8, *, k: int = 20, floor: int = 20) -> None:
        self.keep = keep
        self.k = k
        self.floor = floor

    def fit(self, embeddings: Floats, labels: Ints) -> Self:
        """Score the items and choose among them."""
        self.scores_ = cut_statistic(embeddings, labels, self.k)
        self.support_ = kept(self.scores_, labels, self.keep, self.floor)
        return self
