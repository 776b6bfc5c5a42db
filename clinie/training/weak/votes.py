"""Votes of labelling functions: a matrix of items by functions, with abstention."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["ABSTAIN", "Ints", "Votes", "cast"]

Ints = npt.NDArray[np.int64]
T = TypeVar("T")

ABSTAIN = -1
"""The vote of a function that says nothing about an item."""


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """What every labelling function says of every item.

    Parameters
    ----------
    matrix : int array of shape (items, functions)
        Numbers of classes, or `ABSTAIN`.
    classes : tuple of str
    functions : tuple of str
        Names, in the order of the columns.

    Raises
    ------
    ValueError
        If the shape does not fit the names, or a vote is no class.
    """

    matrix: Ints
    classes: tuple[str, ...]
    functions: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or self.matrix.shape[1] != len(self.functions):
            raise ValueError("votes need one column per labelling function")
        if self.matrix.size and not (
            self.matrix.min() >= ABSTAIN and self.matrix.max() < len(self.classes)
        ):
            raise ValueError("a vote is the number of a class, or -1 for none")

    def __len__(self) -> int:
        """Count the items."""
        return len(self.matrix)

    @property
    def coverage(self) -> float:
        """Share of items on which at least one function votes; nan without items."""
        return _share((self.matrix != ABSTAIN).any(axis=1))

    @property
    def conflicts(self) -> float:
        """Share of items on which two functions vote for different classes."""
        highest = self.matrix.max(axis=1, initial=ABSTAIN)
        said = np.where(self.matrix == ABSTAIN, len(self.classes), self.matrix)
        lowest = said.min(axis=1, initial=len(self.classes))
        return _share((highest != ABSTAIN) & (lowest != highest))

    def take(self, items: npt.NDArray[Any]) -> Votes:
        """Return the votes on some of the items, by number or by mask."""
        return Votes(self.matrix[items], self.classes, self.functions)

    def accuracy(self, gold: Ints) -> dict[str, tuple[float, float]]:
        """Return for every function its coverage, and its accuracy where it votes (or nan).

        Parameters
        ----------
        gold : int array of shape (items,)
        """
        covered = self.matrix != ABSTAIN
        right = self.matrix == gold[:, None]
        return {
            name: (_share(covered[:, j]), _share(right[covered[:, j], j]))
            for j, name in enumerate(self.functions)
        }


def cast(
    items: Sequence[T],
    functions: Mapping[str, Callable[[T], str | None]],
    classes: Sequence[str],
) -> Votes:
    """Ask every labelling function about every item.

    Parameters
    ----------
    items : sequence
        Texts, mentions, or anything else that the functions read.
    functions : Mapping of str to callable
        Name to function; it returns one of the classes, or None to abstain.
    classes : sequence of str

    Raises
    ------
    ValueError
        When a function says what is no class; names the function.
    """
    number = {name: index for index, name in enumerate(classes)}
    matrix = np.full((len(items), len(functions)), ABSTAIN, dtype=np.int64)
    for j, (name, function) in enumerate(functions.items()):
        for i, item in enumerate(items):
            said = function(item)
            if said is not None:
                if said not in number:
                    raise ValueError(f"labelling function {name!r} gave a label that is no class")
                matrix[i, j] = number[said]
    return Votes(matrix, tuple(classes), tuple(functions))


def _share(mask: npt.NDArray[np.bool_]) -> float:
    return float(mask.mean()) if mask.size else float("nan")
