"""Fitting of the linear classifiers over hashed features: L-BFGS, folds, temperature.

Every choice is made on folds of whole documents (`folds_of`), so that what is said of one note
never helps to read the same note.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from clinie.models.tagger.classifiers import LinearClassifier, buckets_of, softmax

__all__ = ["Example", "cross_fit", "fit", "folds_of", "lean_of", "temperature_of"]

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

_FEWEST = 20  # examples of a class whose lean can be fitted
_GRID = tuple(np.arange(0, 4.01, 0.25).tolist())


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled decision.

    Parameters
    ----------
    features : tuple of str
    label : str
    group : str
        The document; examples of one group are never on both sides of a fold.
    weight : float
        How much the example counts, 1 for one that a person labelled.
    """

    features: tuple[str, ...]
    label: str
    group: str
    weight: float = 1.0


def folds_of(examples: Sequence[Example], count: int = 5) -> Ints:
    """Return the fold of each example, by the SHA-256 of its group."""
    folds = {
        group: int(hashlib.sha256(group.encode()).hexdigest(), 16) % count
        for group in {example.group for example in examples}
    }
    return np.array([folds[example.group] for example in examples], dtype=np.int64)


def fit(
    examples: Sequence[Example],
    classes: Sequence[str],
    *,
    buckets: int = 1 << 15,
    penalty: float = 1e-4,
    steps: int = 100,
) -> LinearClassifier:
    """Fit a classifier by penalised maximum likelihood.

    The loss is convex and begins at zero: the answer does not depend on a seed.

    Parameters
    ----------
    examples : sequence of Example
    classes : sequence of str
        All labels, in the order of the classifier's.
    buckets : int
        A power of two.
    penalty : float
        Of the squared weights, against the mean loss per unit of example weight.
    steps : int
        Most iterations of L-BFGS.

    Raises
    ------
    ValueError
        If there is no example or one has no features.
    KeyError
        If a label is not among the classes.
    """
    import torch

    if not examples:
        raise ValueError("no examples to fit")
    number = {label: index for index, label in enumerate(classes)}
    labels = np.array([number[example.label] for example in examples])
    counts = np.array([example.weight for example in examples], dtype=np.float32)
    counts /= counts.sum()
    table = _Table([buckets_of(example.features, buckets) for example in examples])
    weights = torch.zeros(len(table.used), len(classes), requires_grad=True)
    bias = torch.zeros(len(classes), requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weights, bias], max_iter=steps, history_size=10, line_search_fn="strong_wolfe"
    )
    each = np.arange(len(labels))

    def loss() -> float:
        now = weights.detach().numpy()
        probabilities = softmax(table.sums(now) + bias.detach().numpy())
        right = np.maximum(probabilities[each, labels], 1e-12)
        probabilities[each, labels] -= 1
        surplus = probabilities * counts[:, None]
        weights.grad = torch.from_numpy(table.spread(surplus) + 2 * penalty * now)
        bias.grad = torch.from_numpy(surplus.sum(axis=0))
        return float(penalty * np.square(now).sum() - (counts * np.log(right)).sum())

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    every = np.zeros((buckets, len(classes)), dtype=np.float32)
    every[table.used] = weights.detach().numpy()
    return LinearClassifier.quantized(tuple(classes), every, bias.detach().numpy())


class _Table:
    """Which buckets each example has, as sorted lists of ones in both directions.

    Attributes
    ----------
    used : int array
        The buckets that occur; weights have one row for each.
    """

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        if not all(rows):
            raise ValueError("an example without features")
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64)
        self.used, self._column = np.unique(flat, return_inverse=True)
        lengths = np.array([len(row) for row in rows])
        self._row_starts = np.cumsum(lengths) - lengths
        order = np.argsort(self._column, kind="stable")
        self._row = np.repeat(np.arange(len(rows)), lengths)[order]
        self._column_starts = np.searchsorted(self._column[order], np.arange(len(self.used)))

    def sums(self, weights: Floats) -> Floats:
        """Return the sum of the weights of each example's buckets."""
        return _added(weights, self._column, self._row_starts)

    def spread(self, values: Floats) -> Floats:
        """Return for each bucket the sum of the values of the examples that have it."""
        return _added(values, self._row, self._column_starts)


def _added(values: Floats, which: Ints, starts: Ints) -> Floats:
    """Return sums of ``values[which]`` over the stretches that begin at `starts`."""
    columns = [np.add.reduceat(column[which], starts) for column in values.T]
    return np.stack(columns, axis=1)


def cross_fit(
    examples: Sequence[Example],
    train: Callable[[Sequence[Example]], LinearClassifier],
    count: int = 5,
) -> Iterator[tuple[int, Floats]]:
    """Yield for every example its number and the logits of a classifier that never saw its group.

    Parameters
    ----------
    examples : sequence of Example
    train : callable
        From examples to a classifier.
    count : int
        Number of folds.
    """
    folds = folds_of(examples, count)
    for fold in range(count):
        held = np.flatnonzero(folds == fold)
        if held.size:
            kept = np.flatnonzero(folds != fold).tolist()
            classifier = train([examples[i] for i in kept])
            for index in held.tolist():
                yield index, classifier.logits(examples[index].features)


def temperature_of(logits: Floats, labels: Ints) -> float:
    """Return the temperature under which held-out logits fit their labels best.

    Parameters
    ----------
    logits : array of shape (examples, classes)
        Of classifiers that did not see the examples (`cross_fit`).
    labels : int array of shape (examples,)
        Columns of the right classes.

    Returns
    -------
    float
        Between 0.25 and 4, on a grid of 1 %.
    """
    grid = np.exp(np.linspace(np.log(0.25), np.log(4), 279))
    rows = np.arange(len(labels))
    losses = [
        -np.log(softmax((logits / t).astype(np.float32))[rows, labels] + 1e-12).mean() for t in grid
    ]
    return float(grid[int(np.argmin(losses))])


def lean_of(logits: Floats, labels: Ints) -> Floats:
    """Return what to add to held-out logits for the best mean F1 of all classes but the first.

    One class after the other, on a grid from 0 to 4, twice; a class of few examples is left alone.

    Parameters
    ----------
    logits : array of shape (examples, classes)
    labels : int array of shape (examples,)
    """
    lean = np.zeros(logits.shape[1], dtype=np.float32)
    judged = [c for c in range(1, logits.shape[1]) if (labels == c).sum() >= _FEWEST]
    for column in judged * 2:
        figures = []
        for value in _GRID:
            lean[column] = value
            chosen = (logits + lean).argmax(axis=1)
            figures.append(np.mean([_f1(chosen == c, labels == c) for c in judged]))
        lean[column] = _GRID[int(np.argmax(figures))]
    return lean


def _f1(chosen: npt.NDArray[np.bool_], gold: npt.NDArray[np.bool_]) -> float:
    both = chosen.sum() + gold.sum()
    return float(2 * (chosen & gold).sum() / both) if both else 0.0
