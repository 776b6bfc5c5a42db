"""The encoder in NumPy: word vectors and one bidirectional LSTM, for several members at once.

Runs what `clinie.training.tagger.network` trained. The members of an ensemble and both directions
go through one loop, as slices of one array; passages are sorted by length, so that no step is
spent on padding. A word's vector depends on the word alone and is kept from one text to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from threading import Lock
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from clinie.models.tagger.features import features_of

__all__ = ["Encoded", "Encoder", "Member", "still_going"]

Floats = npt.NDArray[np.float32]
Tensors = Mapping[str, npt.NDArray[np.generic]]

_KEPT = 8_000  # words, of about 6 kB

# Multiplications of one matrix product. From 2**19 on OpenBLAS starts threads, which for products
# of this kind gain nothing, and where cores are shared wait for one another many times longer.
_PRODUCT = 520_000


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
    states : float32 array, shape (longest, passages, 2, members, hidden)
        Forwards and backwards; zero where a passage has ended.
    """

    order: tuple[int, ...]
    lengths: npt.NDArray[np.int64]
    states: Floats


class _Table(NamedTuple):
    """Rows of words, and what they give to the gates: shape (rows, 2, members, 4 * hidden)."""

    rows: dict[str, int]
    gates: Floats


class Encoder:
    """Word vectors and BiLSTM of all members.

    Safe to use from several threads.

    Parameters
    ----------
    members : sequence of Member
        Of one shape.

    Attributes
    ----------
    together : int
        How many passages are best encoded at a time.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = tuple(members)
        # One function for all gates, the logistic s(x) = 1 / (1 + exp(-x)): tanh(x) is
        # 2 s(2 x) - 1. The sign and the factor are put into the weights.
        hidden = self.members[0].recurrent.shape[1]
        factor = np.full(4 * hidden, -1, np.float32)
        factor[3 * hidden :] = -2
        self._inputs = [m.inputs * factor for m in self.members]
        self._bias = [m.bias[:, None] * factor for m in self.members]
        self._recurrent = np.stack([m.recurrent for m in self.members], axis=1) * factor
        self.together = max(1, _PRODUCT // (4 * hidden * hidden))
        self._few = max(1, _PRODUCT // self._inputs[0][0].size)  # words added to it at a time
        self._known = self._table(_KEPT)
        self._lock = Lock()

    def encode(self, passages: Sequence[Sequence[str]]) -> Encoded:
        """Encode passages, each a sequence of one or more words.

        O(words) time; memory for the states of all passages.
        """
        order = tuple(sorted(range(len(passages)), key=lambda k: -len(passages[k])))
        lengths = np.array([len(passages[k]) for k in order])
        rows, gates = self._look_up(dict.fromkeys(chain.from_iterable(passages)))
        places = np.zeros((lengths[0], 2, len(order)), np.int64)
        for row, k in enumerate(order):
            line = np.array([2 * rows[word] for word in passages[k]])
            places[: len(line), 0, row] = line
            places[: len(line), 1, row] = line[::-1] + 1
        by_direction = gates.reshape(-1, *gates.shape[2:])
        return Encoded(order, lengths, self._states(by_direction, places, lengths))

    def _table(self, size: int) -> _Table:
        _, members, _, wide = self._recurrent.shape
        return _Table({}, np.empty((size, 2, members, wide), np.float32))

    def _look_up(self, words: Iterable[str]) -> _Table:
        """Return a table that has these words.

        What a word gives to the gates depends on the word alone; the words last seen are kept. A
        full table is replaced, never written over: another thread may be reading it.
        """
        with self._lock:
            words, table = list(words), self._known
            new = [word for word in words if word not in table.rows]
            if len(table.rows) + len(new) > len(table.gates):
                new, table = words, self._table(max(_KEPT, len(words)))
                self._known = table
            for at in range(0, len(new), self._few):
                self._add(new[at : at + self._few], table)
            return table

    def _add(self, words: Sequence[str], table: _Table) -> None:
        """Fill rows of a table."""
        first = len(table.rows)
        parts = zip(self.members, self._inputs, self._bias, strict=True)
        for number, (member, inputs, bias) in enumerate(parts):
            vectors = np.stack([member.vector(word) for word in words])
            gates = (vectors @ inputs + bias).swapaxes(0, 1)
            table.gates[first : first + len(words), :, number] = gates
        table.rows.update(zip(words, count(first)))

    def _states(
        self, gates: Floats, places: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]
    ) -> Floats:
        """Run the recurrence; `places` are rows of `gates`, shape (longest, 2, passages)."""
        longest, _, passages = places.shape
        _, members, hidden, _ = self._recurrent.shape
        states = np.zeros((longest, passages, 2, members, hidden), np.float32)
        back = np.zeros((longest, passages, members, hidden), np.float32)
        h = np.zeros((2, passages, members, hidden), np.float32)
        c = np.zeros_like(h)
        with np.errstate(over="ignore"):  # of exp: 1 / (1 + inf) is the right value
            for step, live in enumerate(still_going(lengths)):
                z = gates.take(places[step, :, :live], axis=0)
                z += (h[:, :live].swapaxes(1, 2) @ self._recurrent).swapaxes(1, 2)
                _logistic(z)
                entered, kept, shown, cell = (
                    z[..., gate * hidden : (gate + 1) * hidden] for gate in range(4)
                )
                c = c[:, :live] * kept
                cell *= 2
                cell -= 1
                cell *= entered
                c += cell
                h = _logistic(c * -2)
                h *= 2
                h -= 1
                h *= shown
                states[step, :live, 0], back[step, :live] = h
        for row, length in enumerate(lengths.tolist()):
            states[:length, row, 1] = back[:length, row][::-1]
        return states


def still_going(lengths: npt.NDArray[np.int64]) -> list[int]:
    """Return how many passages have a word at each step; their lengths fall."""
    counts: list[int] = np.searchsorted(-lengths, -np.arange(lengths[0]), side="left").tolist()
    return counts


def _logistic(minus_x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)) of -x, in place."""
    np.exp(minus_x, out=minus_x)
    minus_x += 1
    return np.reciprocal(minus_x, out=minus_x)
