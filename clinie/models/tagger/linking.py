"""Which part of a sig belongs to which drug: pairs are judged, then decided per attribute.

An attribute goes to its most probable drug if that is likely enough, and to every other drug that
is likely by itself ("aspirin and Plavix daily"): an attribute may have several heads.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from clinie.errors import ModelError
from clinie.models.tagger.classifiers import LinearClassifier
from clinie.models.tagger.pairs import Mention, Pair, Pairs, Stated
from clinie.text.tokens import Token

__all__ = ["APART", "LINKED", "Link", "Linker"]

APART, LINKED = "apart", "linked"


class Link(NamedTuple):
    """A drug and its attribute, by their numbers among the mentions, and how probable it is."""

    head: int
    tail: int
    probability: float


@dataclass(frozen=True, slots=True, eq=False)
class Linker:
    """Links attributes to drugs.

    Parameters
    ----------
    classifier : LinearClassifier
        With the classes `APART` and `LINKED`.
    least : float
        Probability from which an attribute's best drug is taken.
    further : float
        Probability from which any other drug is taken as well.
    """

    classifier: LinearClassifier
    least: float = 0.2
    further: float = 0.7

    def link(
        self,
        text: str,
        mentions: Sequence[Mention],
        items: Iterable[Mapping[str, Any]] | None = None,
        *,
        tokens: Sequence[Token] | None = None,
        bounds: Sequence[tuple[int, int]] | None = None,
    ) -> list[Link]:
        """Return the links among mentions, by attribute in the order given, then by drug.

        Parameters
        ----------
        text : str
        mentions : sequence of Mention
            In any order.
        items : iterable of mapping, optional
            The rules' items of ``medications@1`` for this text; the classifier weighs them.
        tokens : sequence of Token, optional
        bounds : sequence of (int, int), optional
            The tokens and sentences of the text, where they are known already.
        """
        stated = None if items is None else Stated.of(items, mentions)
        pairs = Pairs(text, mentions, stated, tokens=tokens, bounds=bounds)
        judged = [(pair, self._probability(pairs, pair)) for pair in pairs]
        found: list[Link] = []
        for _, group in groupby(judged, key=lambda entry: entry[0].tail):
            found += self._chosen(list(group))
        return found

    def _probability(self, pairs: Pairs, pair: Pair) -> float:
        column = self.classifier.classes.index(LINKED)
        return float(self.classifier.probabilities(pairs.features(pair))[column])

    def _chosen(self, judged: Sequence[tuple[Pair, float]]) -> list[Link]:
        best, most = max(judged, key=itemgetter(1))
        if most < self.least:
            return []
        return [
            Link(pair.head, pair.tail, probability)
            for pair, probability in judged
            if pair == best or probability >= self.further
        ]

    def state(self, prefix: str = "relations") -> dict[str, npt.NDArray[Any]]:
        """Return the tensors that `from_state` reads, their names beginning with ``prefix.``."""
        bounds = np.array([self.least, self.further], dtype=np.float32)
        return {**self.classifier.state(prefix), f"{prefix}.bounds": bounds}

    @classmethod
    def from_state(
        cls, tensors: Mapping[str, npt.NDArray[Any]], prefix: str = "relations"
    ) -> Linker:
        """Return the linker that `state` wrote.

        Raises
        ------
        ModelError
            If a tensor is missing or does not fit.
        """
        classifier = LinearClassifier.from_state(prefix, tensors)
        bounds = tensors.get(f"{prefix}.bounds")
        if bounds is None or bounds.shape != (2,) or LINKED not in classifier.classes:
            raise ModelError(f"the tensors of {prefix} are not those of a linker")
        return cls(classifier, float(bounds[0]), float(bounds[1]))
