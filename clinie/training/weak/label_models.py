"""Label models: from votes of labelling functions to one label per item, or none.

Both are estimators: ``fit(votes)`` learns, ``predict_proba`` gives one probability per class, and
``predict`` the class, or `ABSTAIN` where nobody votes or the best classes tie.

References
----------
Dawid AP, Skene AM. Maximum likelihood estimation of observer error-rates using the EM algorithm.
Applied Statistics 1979.
Ratner A, Bach SH, Ehrenberg H, Fries J, Wu S, Ré C. Snorkel: rapid training data creation with
weak supervision. VLDB 2017.
"""

from __future__ import annotations

from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from clinie.training.weak.votes import ABSTAIN, Ints, Votes

__all__ = ["DawidSkene", "LabelModel", "MajorityVote"]

Floats = npt.NDArray[np.float64]

_TIE = 1e-9


class LabelModel(Protocol):
    """From votes to labels."""

    def fit(self, votes: Votes) -> Self:
        """Learn how far each function is to be trusted."""
        ...

    def predict_proba(self, votes: Votes) -> Floats:
        """Return an array (items, classes); rows that nobody votes on hold the prior."""
        ...

    def predict(self, votes: Votes) -> Ints:
        """Return a class number per item, `ABSTAIN` where nobody votes or classes tie."""
        ...


class MajorityVote:
    """The class with the most votes; no function counts more than another.

    Attributes
    ----------
    prior_ : float array of shape (classes,)
        Share of each class among all votes; what an item without votes is given.
    """

    def fit(self, votes: Votes) -> Self:
        """Count the votes of each class."""
        counts = _tally(votes).sum(axis=0) + 1.0
        self.prior_: Floats = counts / counts.sum()
        return self

    def predict_proba(self, votes: Votes) -> Floats:
        """Return each class's share of the votes on an item."""
        counts = _tally(votes)
        total = counts.sum(axis=1, keepdims=True)
        return np.where(total > 0, counts / np.maximum(total, 1), self.prior_)

    def predict(self, votes: Votes) -> Ints:
        """Return the class with the most votes, `ABSTAIN` on a tie or without votes."""
        return _decided(self.predict_proba(votes), votes)


class DawidSkene:
    """One confusion matrix per labelling function, learned from agreement alone (EM).

    An abstention is one more thing that a function may say: of a keyword that votes for one class
    only, whether it votes is all there is to learn. With fewer than three functions agreement does
    not tell who is right, and the answer rests on `trust`.

    Parameters
    ----------
    max_iterations : int
    tolerance : float
        Stop when no posterior moves by more.
    smoothing : float
        Pseudo-votes in each cell of a confusion matrix.
    trust : float
        How many times as many the diagonal gets: a function is rather right than wrong, which
        also settles which class is which.

    Attributes
    ----------
    prior_ : float array of shape (classes,)
    confusion_ : float array of shape (functions, classes, classes + 1)
        Probability of each vote, abstention last, given the class (the middle index).
    iterations_ : int
    """

    def __init__(
        self,
        *,
        max_iterations: int = 500,
        tolerance: float = 1e-4,
        smoothing: float = 1.0,
        trust: float = 4.0,
    ) -> None:
        self.max_iterations = max_iterations
        self.tolerance = tolerance
        self.smoothing = smoothing
        self.trust = trust

    def fit(self, votes: Votes) -> Self:
        """Run EM from the majority's shares on the items that have a vote."""
        covered = votes.take((votes.matrix != ABSTAIN).any(axis=1))
        posterior = MajorityVote().fit(covered).predict_proba(covered)
        said = _said(covered)
        self.iterations_ = 0
        self._maximize(said, posterior)
        while self.iterations_ < self.max_iterations:
            self.iterations_ += 1
            before, posterior = posterior, self.predict_proba(covered)
            self._maximize(said, posterior)
            if len(covered) == 0 or np.abs(posterior - before).max() < self.tolerance:
                break
        return self

    def _maximize(self, said: Floats, posterior: Floats) -> None:
        """Re-estimate prior and confusion matrices from the posterior (items, classes)."""
        classes = posterior.shape[1]
        cells = self.smoothing * (1 + (self.trust - 1) * np.eye(classes, classes + 1))
        counts = np.einsum("nt,njc->jtc", posterior, said) + cells
        self.confusion_: Floats = counts / counts.sum(axis=2, keepdims=True)
        weight = posterior.sum(axis=0) + 1.0
        self.prior_: Floats = weight / weight.sum()

    def predict_proba(self, votes: Votes) -> Floats:
        """Return the posterior of each class given the votes."""
        logs = np.einsum("njc,jtc->nt", _said(votes), np.log(self.confusion_))
        logs += np.log(self.prior_)
        raised = np.exp(logs - logs.max(axis=1, keepdims=True, initial=-np.inf))
        posterior: Floats = raised / raised.sum(axis=1, keepdims=True)
        return posterior

    def predict(self, votes: Votes) -> Ints:
        """Return the class of the highest posterior, `ABSTAIN` on a tie or without votes."""
        return _decided(self.predict_proba(votes), votes)


def _said(votes: Votes) -> Floats:
    """Return an array (items, functions, classes + 1) of zeros and ones; the last is abstention."""
    outcomes = np.arange(len(votes.classes) + 1)
    matrix = np.where(votes.matrix == ABSTAIN, len(votes.classes), votes.matrix)
    said: Floats = (matrix[:, :, None] == outcomes).astype(np.float64)
    return said


def _tally(votes: Votes) -> Floats:
    counts: Floats = _said(votes)[:, :, :-1].sum(axis=1)
    return counts


def _decided(probabilities: Floats, votes: Votes) -> Ints:
    best = probabilities.argmax(axis=1)
    ties = (probabilities >= probabilities.max(axis=1, keepdims=True) - _TIE).sum(axis=1) > 1
    silent = (votes.matrix == ABSTAIN).all(axis=1)
    decided: Ints = np.where(ties | silent, ABSTAIN, best)
    return decided
