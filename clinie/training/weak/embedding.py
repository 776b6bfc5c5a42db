"""Embeddings of texts for the cut statistic and for small students: TF-IDF, then a truncated SVD.

Frozen and of low rank on purpose: a student that can fit its teacher exactly learns its mistakes
too (Lang, Sontag, Vijayaraghavan 2024, proposition 4.1).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, pairwise
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import svds

__all__ = ["LatentSpace", "TfIdf", "words_and_pairs"]

Floats = npt.NDArray[np.float64]

_WORD = re.compile(r"[^\W\d_]+|\d+")


def words_and_pairs(text: str) -> Iterable[str]:
    """Return the words of a text, digits as one word each, and the pairs of neighbours."""
    words = ["#" if word[0].isdigit() else word for word in _WORD.findall(text.lower())]
    return chain(words, map(" ".join, pairwise(words)))


class TfIdf:
    """Weigh features by how few items have them; rows have length 1.

    Parameters
    ----------
    analyze : callable
        From an item to its features.
    min_items : int
        A feature of fewer items is left out.

    Attributes
    ----------
    vocabulary_ : dict of str to int
    idf_ : array of shape (features,)
    """

    def __init__(
        self, analyze: Callable[[str], Iterable[str]] = words_and_pairs, *, min_items: int = 2
    ) -> None:
        self.analyze = analyze
        self.min_items = min_items

    def fit(self, items: Iterable[str]) -> Self:
        """Learn which features there are, and their weights."""
        frequency: Counter[str] = Counter()
        count = 0
        for item in items:
            frequency.update(set(self.analyze(item)))
            count += 1
        known = sorted(feature for feature, n in frequency.items() if n >= self.min_items)
        self.vocabulary_ = {feature: number for number, feature in enumerate(known)}
        seen = np.array([frequency[feature] for feature in known], dtype=np.float64)
        self.idf_: Floats = np.log((1 + count) / (1 + seen)) + 1
        return self

    def transform(self, items: Iterable[str]) -> sparse.csr_matrix:
        """Return a sparse matrix (items, features); an item without known features is all zero."""
        values: list[float] = []
        columns: list[int] = []
        starts = [0]
        for item in items:
            counts = Counter(map(self.vocabulary_.get, self.analyze(item)))
            known = sorted((c, n) for c, n in counts.items() if c is not None)
            row = np.array([1 + np.log(n) for _, n in known]) * self.idf_[[c for c, _ in known]]
            values.extend(row / (np.linalg.norm(row) or 1))
            columns.extend(c for c, _ in known)
            starts.append(len(columns))
        shape = (len(starts) - 1, len(self.vocabulary_))
        return sparse.csr_matrix((values, columns, starts), shape=shape, dtype=np.float64)


class LatentSpace:
    """A low-dimensional space of texts: the leading singular directions of their TF-IDF matrix.

    Parameters
    ----------
    dimensions : int
        Cut to what the data give.
    analyze, min_items
        As in `TfIdf`.

    Attributes
    ----------
    tf_idf_ : TfIdf
    directions_ : array of shape (features, dimensions)

    Notes
    -----
    Deerwester S, Dumais ST, Furnas GW, Landauer TK, Harshman R. Indexing by latent semantic
    analysis. JASIS 1990. The iteration starts at a fixed vector: no seed.
    """

    def __init__(
        self,
        dimensions: int = 100,
        *,
        analyze: Callable[[str], Iterable[str]] = words_and_pairs,
        min_items: int = 2,
    ) -> None:
        self.dimensions = dimensions
        self.analyze = analyze
        self.min_items = min_items

    def fit(self, items: Sequence[str]) -> Self:
        """Learn the space."""
        self.tf_idf_ = TfIdf(self.analyze, min_items=self.min_items).fit(items)
        matrix = self.tf_idf_.transform(items)
        rank = min(self.dimensions, min(matrix.shape) - 1)
        if rank < 1:  # too little to decompose: the features themselves
            self.directions_: Floats = np.eye(matrix.shape[1])
        else:
            start = np.ones(min(matrix.shape))
            _, _, rows = svds(matrix, k=rank, v0=start, solver="arpack")
            self.directions_ = _signed(rows[::-1].T)
        return self

    def transform(self, items: Iterable[str]) -> Floats:
        """Return an array (items, dimensions), rows of length 1 (or 0)."""
        points: Floats = np.asarray(self.tf_idf_.transform(items) @ self.directions_)
        lengths: Floats = np.maximum(np.linalg.norm(points, axis=1, keepdims=True), 1e-12)
        points /= lengths
        return points

    def fit_transform(self, items: Sequence[str]) -> Floats:
        """Learn the space of the items and return them in it."""
        return self.fit(items).transform(items)


def _signed(directions: Floats) -> Floats:
    """Return directions whose largest component is positive: the sign of one means nothing."""
    if directions.size == 0:
        return directions
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])]
    return directions * np.where(largest < 0, -1, 1)
