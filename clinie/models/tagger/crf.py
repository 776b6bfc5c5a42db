"""Linear-chain CRF in NumPy: probabilities of whole spans, and which spans to answer.

The probability of a span is that of the exact stretch of tags: the mass of all tag sequences that
have it (Culotta and McCallum 2004, "Confidence estimation for information extraction"). Spans are
chosen by this probability rather than by the best sequence, so that one threshold trades precision
against recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from clinie.models.tagger.network import still_going

__all__ = ["Crf", "ScoredSpan", "choose"]

Floats = npt.NDArray[np.float64]


class ScoredSpan(NamedTuple):
    """A stretch of words ``[start, end)`` with a label, and the probability of exactly that."""

    start: int
    end: int
    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class Crf:
    """A CRF over BIO tags.

    Parameters
    ----------
    labels : tuple of str
        Tag 0 is ``O``; label k has the tags ``2 k + 1`` (begins) and ``2 k + 2`` (goes on).
    transitions : float64 array, shape (tags + 1, tags)
        From each tag to each; the last row is the start.
    """

    labels: tuple[str, ...]
    transitions: Floats

    def spans(
        self, scores: npt.NDArray[np.floating], lengths: npt.NDArray[np.int64], least: float
    ) -> list[list[ScoredSpan]]:
        """Return the spans of every passage whose probability is at least `least`.

        Parameters
        ----------
        scores : array, shape (longest, passages, tags)
        lengths : int array, shape (passages,)
            Falling.
        least : float

        Notes
        -----
        O(words * tags²) for the sums, and little per span.
        """
        chain = _Chain(self.transitions, scores, lengths)
        found: list[list[ScoredSpan]] = [[] for _ in lengths]
        steps, rows, tags = np.nonzero(chain.marginals()[:, :, 1::2] >= least)
        for step, row, label in zip(steps.tolist(), rows.tolist(), tags.tolist(), strict=True):
            for end, probability in chain.ends(step, row, 2 * label + 1, least):
                found[row].append(ScoredSpan(step, end, self.labels[label], probability))
        return found

    def runs(
        self, scores: npt.NDArray[np.floating], lengths: npt.NDArray[np.int64], least: float
    ) -> list[list[ScoredSpan]]:
        """Return runs of words of one label, each word at least `least` probable.

        For schemes of long passages with vague bounds, such as PICO: no exact stretch of them is
        probable, but each word is. The probability of a run is the mean of its words'.

        Parameters
        ----------
        scores : array, shape (longest, passages, tags)
        lengths : int array, shape (passages,)
            Falling.
        least : float
        """
        marginals = _Chain(self.transitions, scores, lengths).marginals()
        words = marginals[:, :, 1::2] + marginals[:, :, 2::2]
        best = words.argmax(2)
        sure = words.max(2)
        found: list[list[ScoredSpan]] = []
        for row, length in enumerate(lengths.tolist()):
            named = np.where(sure[:length, row] >= least, best[:length, row], -1)
            bounds = np.flatnonzero(np.diff(named, prepend=-2, append=-2)).tolist()
            found.append(
                [
                    ScoredSpan(
                        start, end, self.labels[named[start]], float(sure[start:end, row].mean())
                    )
                    for start, end in pairwise(bounds)
                    if named[start] >= 0
                ]
            )
        return found


class _Chain:
    """Scaled forward and backward sums of passages side by side (Rabiner 1989)."""

    def __init__(
        self, transitions: Floats, scores: npt.NDArray[np.floating], lengths: npt.NDArray[np.int64]
    ) -> None:
        self.lengths = lengths
        top = scores.max(axis=2, keepdims=True)
        self.factors = np.exp(scores.astype(np.float64) - top)
        self.moves = np.exp(transitions[:-1])
        start = np.exp(transitions[-1])
        self.forward = np.zeros_like(self.factors)
        self.backward = np.ones_like(self.factors)
        self.scale = np.ones(self.factors.shape[:2])
        before = start
        going = [*still_going(lengths), 0]
        for step, (live, next_live) in enumerate(pairwise(going)):
            here = before * self.factors[step, :live]
            self.scale[step, :live] = here.sum(1)
            here /= self.scale[step, :live, None]
            self.forward[step, :live] = here
            before = here[:next_live] @ self.moves
        for step in range(len(scores) - 1, 0, -1):
            live = going[step]
            after = self.factors[step, :live] * self.backward[step, :live]
            after /= self.scale[step, :live, None]
            self.backward[step - 1, :live] = after @ self.moves.T

    def marginals(self) -> Floats:
        """Return the probability of every tag; shape (longest, passages, tags)."""
        product: Floats = self.forward * self.backward
        return product

    def ends(self, step: int, row: int, tag: int, least: float) -> list[tuple[int, float]]:
        """Return the ends of a span that begins with `tag`, with their probabilities."""
        inside, found = tag + 1, []
        mass = float(self.forward[step, row, tag])
        last = int(self.lengths[row]) - 1
        while True:
            onwards = 0.0
            if step < last:
                onwards = float(self.moves[tag, inside] * self.factors[step + 1, row, inside])
                onwards /= float(self.scale[step + 1, row])
            total = mass * float(self.backward[step, row, tag])
            longer = mass * onwards * float(self.backward[step + 1, row, inside]) if onwards else 0
            if total - longer >= least:
                found.append((step + 1, min(1.0, total - longer)))
            if step == last or longer < least:
                return found
            step, tag, mass = step + 1, inside, mass * onwards


def choose(spans: Sequence[ScoredSpan]) -> list[ScoredSpan]:
    """Return spans that do not overlap, the most probable first to choose, in text order."""
    chosen: list[ScoredSpan] = []
    for span in sorted(spans, key=lambda s: (-s.probability, s.start, s.end, s.label)):
        if all(span.end <= other.start or other.end <= span.start for other in chosen):
            chosen.append(span)
    return sorted(chosen)
