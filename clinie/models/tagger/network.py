"""The encoder in NumPy: word vectors and one bidirectional LSTM, for several members at once.

Runs what `clinie.training.tagger.network` trained. The members of an ensemble and both directions
go through one loop, as slices of one array; passages are sorted by length, so that no step is
spent on padding. A word's vector depends on the word alone and is kept from one text to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clinie.models.tagger.features import features_of

__all__ = ["Encoded", "Encoder", "Member"]

Floats = npt.NDArray[np.float32]
Tensors = Mapping[str, npt.NDArray[np.generic]]

_KEPT = 8_000  # words, of about 6 kB


@dataclass(frozen=True, slots=True)
class Member:
    """The encoder's weights of one network.

    Parameters
    ----------
    ngrams : int8 array, shape (buckets, width), with `scale`, shape (buckets,)
    shapes, lists : float32 arrays, shape (rows, width)
    inputs : float32 array, shape (2, width, 4 * hidden)
        Forwards and backwards; the gates in the order input, forget, output, cell.
    recurrent : float32 array, shape (2, hidden, 4 * hidden)
    bias : float32 array, shape (2, 4 * hidden)
    """

    ngrams: npt.NDArray[np.int8]
    scale: Floats
    shapes: Floats
    lists: Floats
    inputs: Floats
    recurrent: Floats
    bias: Floats

    @classmethod
    def of(cls, tensors: Tensors, name: str) -> Member:
        """Take the tensors whose names begin with ``name.``."""
        part = {f: tensors[f"{name}.{f}"] for f in cls.__slots__}
        ngrams = part.pop("ngrams").astype(np.int8)
        return cls(ngrams=ngrams, **{f: value.astype(np.float32) for f, value in part.items()})

    def vector(self, word: str) -> Floats:
        """Return the vector of a word, shape (width,)."""
        found = features_of(word, len(self.ngrams))
        rows = np.array(found.ngrams)
        vector = self.scale[rows] @ self.ngrams[rows].astype(np.float32)
        vector /= np.float32(np.sqrt(len(rows)))
        vector += self.shapes[found.shape]
        if found.lists:
            vector += self.lists[list(found.lists)].sum(0)
        summed: Floats = vector
        return summed


@dataclass(frozen=True, slots=True)
class Encoded:
    """Passages of one text, the longest first, laid out by time.

    Parameters
    ----------
    order : tuple of int
        ``order[k]`` is the place in the text of row k.
    lengths : int array, shape (passages,)
        Falling.
    states : float32 array, shape (longest, members, passages, 2 * hidden)
    """

    order: tuple[int, ...]
    lengths: npt.NDArray[np.int64]
    states: Floats


class Encoder:
    """Word vectors and BiLSTM of all members.

    Parameters
    ----------
    members : sequence of Member
        Of one shape.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        # tanh(x) is 2 s(2 x) - 1 of the logistic function s: one function for all gates
        hidden = self.members[0].recurrent.shape[1]
        double = np.ones(4 * hidden, np.float32)
        double[3 * hidden :] = 2
        self._inputs = [m.inputs * double for m in self.members]
        self._bias = [m.bias[:, None] * double for m in self.members]
        self._recurrent = np.concatenate([m.recurrent for m in self.members]) * double
        self._known: dict[str, Floats] = {}

    def encode(self, passages: Sequence[Sequence[str]]) -> Encoded:
        """Encode passages, each a sequence of one or more words.

        O(words) time; memory for the states of the text.
        """
        order = tuple(sorted(range(len(passages)), key=lambda k: -len(passages[k])))
        lengths = np.array([len(passages[k]) for k in order])
        distinct: dict[str, int] = {}
        words = np.zeros((lengths[0], len(order)), np.int64)
        turned = np.zeros_like(words)
        for row, k in enumerate(order):
            line = [distinct.setdefault(word, len(distinct)) for word in passages[k]]
            words[: len(line), row] = line
            turned[: len(line), row] = line[::-1]
        return Encoded(order, lengths, self._states(self._gates(distinct), words, turned, lengths))

    def _gates(self, words: Iterable[str]) -> Floats:
        """Return the inputs' part of the gates, shape (2 * members, words, 4 * hidden).

        It depends on the word alone; the words last seen are kept.
        """
        words, known = list(words), self._known
        if new := [word for word in words if word not in known]:
            if len(known) + len(new) > _KEPT:
                known.clear()
                new = words
            parts = [
                np.stack([member.vector(word) for word in new])[None] @ inputs + bias
                for member, inputs, bias in zip(
                    self.members, self._inputs, self._bias, strict=True
                )
            ]
            gates = np.ascontiguousarray(np.concatenate(parts).transpose(1, 0, 2))
            known.update(zip(new, gates, strict=True))
        return np.stack([known[word] for word in words], axis=1)

    def _states(
        self,
        gates: Floats,
        words: npt.NDArray[np.int64],
        turned: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int64],
    ) -> Floats:
        """Run the recurrence; shape (longest, members, passages, 2 * hidden)."""
        both, _, wide = gates.shape
        hidden, (longest, count) = wide // 4, words.shape
        states = np.zeros((longest, both, count, hidden), np.float32)
        h = np.zeros((both, count, hidden), np.float32)
        c = np.zeros_like(h)
        for step in range(longest):
            live = int(np.searchsorted(-lengths, -step, side="left"))
            z = np.matmul(h[:, :live], self._recurrent)
            z[::2] += gates[::2, words[step, :live]]
            z[1::2] += gates[1::2, turned[step, :live]]
            _logistic(z)
            entered, kept, shown, cell = (
                z[:, :, gate * hidden : (gate + 1) * hidden] for gate in range(4)
            )
            cell *= 2
            cell -= 1
            c = c[:, :live] * kept
            c += entered * cell
            h = _logistic(c * 2)
            h *= 2
            h -= 1
            h *= shown
            states[step, :, :live] = h
        return _both_ways(states, lengths)


def _logistic(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)), in place."""
    np.negative(x, out=x)
    np.minimum(x, 80, out=x)  # exp(89) is beyond single precision
    np.exp(x, out=x)
    x += 1
    return np.reciprocal(x, out=x)


def _both_ways(states: Floats, lengths: npt.NDArray[np.int64]) -> Floats:
    """Put the two directions side by side, the backward one turned around."""
    longest, both, count, hidden = states.shape
    joined = np.zeros((longest, both // 2, count, 2 * hidden), np.float32)
    joined[..., :hidden] = states[:, ::2]
    for row, length in enumerate(lengths):
        joined[:length, :, row, hidden:] = states[:length, 1::2, row][::-1]
    return joined
