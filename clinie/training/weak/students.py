"""The student of the experiments: logistic regression on frozen features."""

from __future__ import annotations

from typing import Self, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

from clinie.training.weak.votes import Ints

__all__ = ["LogisticRegression"]

Floats = npt.NDArray[np.float64]
Features = TypeVar("Features", Floats, sparse.csr_matrix)


class LogisticRegression:
    """Multinomial logistic regression with an L2 penalty, fitted by L-BFGS from zero.

    Parameters
    ----------
    strength : float
        How much the data weigh against the penalty: the loss is ``strength * Σ log loss +
        |W|² / 2``; the bias is free.
    balanced : bool
        Weigh every class alike, whatever its number of examples.
    max_iterations : int

    Attributes
    ----------
    classes_ : int array of shape (classes,)
    weights_ : array of shape (features, classes)
    bias_ : array of shape (classes,)

    Notes
    -----
    The loss is convex: the answer depends on no seed.
    """

    def __init__(
        self, strength: float = 1.0, *, balanced: bool = False, max_iterations: int = 200
    ) -> None:
        self.strength = strength
        self.balanced = balanced
        self.max_iterations = max_iterations

    def fit(self, features: Features, labels: Ints) -> Self:
        """Fit to features (items, features) and class numbers (items,).

        Raises
        ------
        ValueError
            Without items.
        """
        if len(labels) == 0:
            raise ValueError("no items to fit")
        self.classes_, which, counts = np.unique(labels, return_inverse=True, return_counts=True)
        weight = np.full(len(labels), self.strength)
        if self.balanced:
            weight *= (len(labels) / (len(counts) * counts))[which]
        onehot = np.eye(len(self.classes_))[which]
        size = (features.shape[1] + 1, len(self.classes_))

        def loss(flat: Floats) -> tuple[float, Floats]:
            table = flat.reshape(size)
            logs = _log_softmax(np.asarray(features @ table[1:]) + table[0])
            surplus = (np.exp(logs) - onehot) * weight[:, None]
            slope = np.vstack([surplus.sum(axis=0), np.asarray(features.T @ surplus) + table[1:]])
            value = (np.square(table[1:]).sum() / 2) - (weight * logs[onehot > 0]).sum()
            return float(value), slope.ravel()

        options = {"maxiter": self.max_iterations}
        found = minimize(loss, np.zeros(size).ravel(), jac=True, method="L-BFGS-B", options=options)
        table = found.x.reshape(size)
        self.bias_: Floats = table[0]
        self.weights_: Floats = table[1:]
        return self

    def predict_proba(self, features: Features) -> Floats:
        """Return an array (items, classes) of probabilities, in the order of `classes_`."""
        probabilities: Floats = np.exp(
            _log_softmax(np.asarray(features @ self.weights_) + self.bias_)
        )
        return probabilities

    def predict(self, features: Features) -> Ints:
        """Return a class number per item."""
        found: Ints = self.classes_[self.predict_proba(features).argmax(axis=1)]
        return found

    def score(self, features: Features, labels: Ints) -> float:
        """Return the share of items whose class is found."""
        return float((self.predict(features) == labels).mean())


def _log_softmax(logits: Floats) -> Floats:
    shifted = logits - logits.max(axis=1, keepdims=True)
    logs: Floats = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logs
