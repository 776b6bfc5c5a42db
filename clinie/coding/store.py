"""Millions of terms in few bytes: strings in one block, and a sorted index over them.

A vocabulary has millions, and a dictionary of Python strings takes some 400 bytes for each. Here a
term takes its own bytes and twenty to forty more (``python -m benchmarks coding``), and finding it
a binary search.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right

__all__ = ["Index", "Strings"]


class Strings:
    """Strings by number, in the order they came in."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._starts = array("Q", [0])

    def append(self, text: str) -> int:
        """Keep a string and return its number."""
        self._data += text.encode("utf-8", "surrogatepass")
        self._starts.append(len(self._data))
        return len(self._starts) - 2

    def __getitem__(self, number: int) -> str:
        start, end = self._starts[number], self._starts[number + 1]
        return self._data[start:end].decode("utf-8", "surrogatepass")


class Index:
    """What is filed under a whole number of 64 bits, in the order it was filed.

    Parameters
    ----------
    keys : array of int64
    values : array of uint32
        ``values[i]`` is filed under ``keys[i]``.
    """

    def __init__(self, keys: array[int], values: array[int]) -> None:
        import numpy as np  # deferred: a run without terminologies does without it

        given = np.frombuffer(keys, dtype=np.int64)
        order = np.argsort(given, kind="stable")
        self._keys, self._values = array("q"), array("I")
        self._keys.frombytes(given[order].tobytes())
        self._values.frombytes(np.frombuffer(values, dtype=np.uint32)[order].tobytes())

    def __getitem__(self, key: int) -> array[int]:
        first = bisect_left(self._keys, key)
        return self._values[first : bisect_right(self._keys, key, lo=first)]
