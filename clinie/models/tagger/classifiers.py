"""Small classifiers over hashed features: the heads that judge a mention or a pair of mentions.

A multinomial logistic regression whose features are strings. A string is hashed to one of a fixed
number of buckets (the hashing trick), so that no vocabulary ships; the weights are eight-bit
integers with one scale per class. Reading one mention is a sum of a few dozen rows.

References
----------
Weinberger K, Dasgupta A, Langford J, Smola A, Attenberg J. Feature hashing for large scale
multitask learning. ICML 2009.
Guo C, Pleiss G, Sun Y, Weinberger KQ. On calibration of modern neural networks. ICML 2017
(temperature scaling).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from clinie.errors import ModelError

__all__ = ["LinearClassifier", "buckets_of", "softmax"]

Floats = npt.NDArray[np.float32]

_LARGEST = 127  # of a signed byte


def buckets_of(features: Iterable[str], count: int) -> list[int]:
    """Return the buckets of a set of features, each bucket once, in no order that matters.

    Parameters
    ----------
    features : iterable of str
    count : int
        Number of buckets, a power of two.
    """
    mask = count - 1
    return list({crc32(feature.encode("utf-8", "surrogatepass")) & mask for feature in features})


def softmax(logits: Floats) -> Floats:
    """Return the probabilities of logits along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    probabilities: Floats = raised / raised.sum(axis=-1, keepdims=True)
    return probabilities


@dataclass(frozen=True, slots=True, eq=False)
class LinearClassifier:
    """Multinomial logistic regression over hashed features.

    Parameters
    ----------
    classes : tuple of str
        In the order of the columns; two or more.
    weights : int8 array of shape (buckets, classes)
        The number of buckets is a power of two.
    scale : float32 array of shape (classes,)
        What one step of a class's weights is worth.
    bias : float32 array of shape (classes,)

    Examples
    --------
    >>> import numpy as np
    >>> weights = np.array([[0.5, -0.5], [2.0, -2.0]])
    >>> yes_or_no = LinearClassifier.quantized(("yes", "no"), weights, np.zeros(2))
    >>> yes_or_no.predict(["a feature", "another"])
    'yes'
    """

    classes: tuple[str, ...]
    weights: npt.NDArray[np.int8]
    scale: Floats
    bias: Floats

    @classmethod
    def quantized(
        cls,
        classes: Sequence[str],
        weights: npt.NDArray[np.floating[Any]],
        bias: npt.NDArray[np.floating[Any]],
    ) -> LinearClassifier:
        """Return a classifier of real weights (buckets, classes), rounded to eight bits.

        Raises
        ------
        ValueError
            If the shapes do not agree or the number of buckets is no power of two.
        """
        if weights.shape[1:] != (len(classes),) or bias.shape != (len(classes),):
            raise ValueError("weights and bias need one column per class")
        if len(weights) & (len(weights) - 1) or not len(weights):
            raise ValueError("the number of buckets must be a power of two")
        largest = np.abs(weights).max(axis=0)
        scale = np.where(largest > 0, largest / _LARGEST, 1.0).astype(np.float32)
        steps = np.clip(np.rint(weights / scale), -_LARGEST, _LARGEST).astype(np.int8)
        return cls(tuple(classes), steps, scale, bias.astype(np.float32))

    def logits(self, features: Iterable[str]) -> Floats:
        """Return one logit per class; a feature given twice counts once."""
        rows = self.weights.take(buckets_of(features, len(self.weights)), axis=0)
        total: Floats = rows.sum(axis=0, dtype=np.int32) * self.scale + self.bias
        return total

    def probabilities(self, features: Iterable[str]) -> Floats:
        """Return one probability per class; they sum to 1."""
        return softmax(self.logits(features))

    def predict(self, features: Iterable[str]) -> str:
        """Return the most probable class, the first of several."""
        return self.classes[int(self.logits(features).argmax())]

    def tempered(self, temperature: float) -> LinearClassifier:
        """Return the classifier with its logits divided by a temperature (above 1: less sure)."""
        return LinearClassifier(
            self.classes, self.weights, self.scale / temperature, self.bias / temperature
        )

    def state(self, prefix: str) -> dict[str, npt.NDArray[Any]]:
        """Return the tensors that `from_state` reads, their names beginning with ``prefix.``."""
        names = np.frombuffer("\n".join(self.classes).encode(), dtype=np.uint8)
        return {
            f"{prefix}.classes": names.copy(),
            f"{prefix}.weights": self.weights,
            f"{prefix}.scale": self.scale,
            f"{prefix}.bias": self.bias,
        }

    @classmethod
    def from_state(cls, prefix: str, tensors: Mapping[str, npt.NDArray[Any]]) -> LinearClassifier:
        """Return the classifier that `state` wrote.

        Raises
        ------
        ModelError
            If a tensor is missing or does not fit the others.
        """
        try:
            names, weights, scale, bias = (
                tensors[f"{prefix}.{part}"] for part in ("classes", "weights", "scale", "bias")
            )
        except KeyError as error:
            raise ModelError(f"the weights lack {error.args[0]}") from None
        classes = tuple(names.astype(np.uint8).tobytes().decode().split("\n"))
        size = len(weights)
        fits = weights.ndim == 2 and weights.shape[1] == len(scale) == len(bias) == len(classes)
        if not fits or not size or size & (size - 1):
            raise ModelError(f"the tensors of {prefix} do not fit one another")
        return cls(
            classes, weights.astype(np.int8), scale.astype(np.float32), bias.astype(np.float32)
        )
