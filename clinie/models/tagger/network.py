"""The encoder in NumPy: word vectors and one bidirectional LSTM, for several members at once.

Runs what `clinie.training.tagger.network` trained. The members of an ensemble and both directions
go through one loop, as slices of one array; passages are sorted by length, so that no step is
spent on padding. A word's vector depends on the word alone and is kept from one text to the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from clinie.models.tagger.features import features_of

__all__ = ["Encoded", "Encoder", "Member"]

Floats = npt.NDArray[np.float32]
Tensors = Mapping[str, npt.NDArray[np.generic]]

_KEPT = 40_000  # word vectors


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

    def steps(self) -> Iterator[int]:
        """Yield per step how many passages still have a word."""
        for step in range(len(self.states)):
            yield int(np.searchsorted(-self.lengths, -step, side="left"))


@dataclass(slots=True)
class Encoder:
    """Word vectors and BiLSTM of all members.

    Parameters
    ----------
    members : sequence of Member
        Of one shape.
    """

    members: Sequence[Member]
    _vectors: dict[str, Floats] = field(default_factory=dict, repr=False)
    _inputs: Floats = field(init=False, repr=False)
    _recurrent: Floats = field(init=False, repr=False)
    _bias: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # a logistic function is a shifted tanh of half the argument: one call for all gates
        hidden = self.members[0].recurrent.shape[1]
        half = np.ones(4 * hidden, np.float32)
        half[: 3 * hidden] = 0.5
        self._inputs = np.stack([m.inputs for m in self.members]) * half
        self._recurrent = np.concatenate([m.recurrent for m in self.members]) * half
        self._bias = np.stack([m.bias for m in self.members])[:, :, None] * half

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
        # the input's part of the gates, once per distinct word: (members, 2, words, 4 * hidden)
        gates = self._words(distinct) @ self._inputs + self._bias
        return Encoded(order, lengths, self._states(gates, words, turned, lengths))

    def _words(self, words: Mapping[str, int]) -> Floats:
        """Return the word vectors, shape (members, 1, words, width)."""
        known = self._vectors
        if len(known) > _KEPT:
            known.clear()
        rows = []
        for word in words:
            vector = known.get(word)
            if vector is None:
                vector = known[word] = np.stack([m.vector(word) for m in self.members])
            rows.append(vector)
        return np.stack(rows, 1)[:, None]

    def _states(
        self,
        gates: Floats,
        words: npt.NDArray[np.int64],
        turned: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int64],
    ) -> Floats:
        """Run the recurrence; shape (longest, members, passages, 2 * hidden)."""
        members, _, _, wide = gates.shape
        hidden, (longest, count) = wide // 4, words.shape
        states = np.zeros((longest, members, 2, count, hidden), np.float32)
        h = np.zeros((2 * members, count, hidden), np.float32)
        c = np.zeros_like(h)
        for step in range(longest):
            live = int(np.searchsorted(-lengths, -step, side="left"))
            z = np.matmul(h[:, :live], self._recurrent).reshape(members, 2, live, wide)
            z[:, 0] += gates[:, 0, words[step, :live]]
            z[:, 1] += gates[:, 1, turned[step, :live]]
            z = np.tanh(z, out=z).reshape(2 * members, live, wide)
            logistic = z[:, :, : 3 * hidden]
            logistic += 1
            logistic *= 0.5
            entered, kept, shown = np.split(logistic, 3, axis=2)
            c = c[:, :live] * kept + entered * z[:, :, 3 * hidden :]
            h = shown * np.tanh(c)
            states[step, :, :, :live] = h.reshape(members, 2, live, hidden)
        back = states[:, :, 1].copy()
        for row, length in enumerate(lengths):
            states[:length, :, 1, row] = back[:length, :, row][::-1]
        joined: Floats = np.concatenate([states[:, :, 0], states[:, :, 1]], axis=3)
        return joined
