"""From a text to mentions: cut, encode, score, choose, calibrate."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from clinie.errors import ModelError
from clinie.models.tagger.crf import Crf, ScoredSpan, choose
from clinie.models.tagger.features import BOUNDARY
from clinie.models.tagger.network import Encoded, Encoder, Member, Tensors
from clinie.models.tagger.weights import load
from clinie.text.sentences import sentences
from clinie.text.tokens import Token, tokenize

__all__ = ["LONGEST", "Head", "Mention", "Tagger", "cut", "layout"]

LONGEST = 50
"""Words of a passage, unless the weights say otherwise: networks are trained on such passages."""

_MOST = 120  # words of a sentence; a longer one is cut


class Mention(NamedTuple):
    """A stretch of a text with a label.

    ``raw`` is the network's own probability of exactly this span, ``confidence`` the calibrated
    one.
    """

    start: int
    end: int
    label: str
    confidence: float
    raw: float


@dataclass(frozen=True, slots=True)
class Head:
    """What one annotation scheme adds to the encoder.

    Parameters
    ----------
    weight : float32 array, shape (2 * members * hidden, tags)
        Its rows in the order of `Encoded.states`.
    bias : float32 array, shape (tags,)
        The mean of the members'.
    crf : Crf
    threshold : float
        Spans at least this probable are answered.
    by_words : bool
        Whether answers are runs of words, each so probable, rather than exact spans.
    calibration : Mapping of str to (probabilities, confidences)
        By label: a rising broken line from the raw probability to the confidence.
    """

    weight: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]
    crf: Crf
    threshold: float = 0.5
    by_words: bool = False
    calibration: Mapping[str, tuple[Sequence[float], Sequence[float]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, tensors: Tensors, members: Sequence[str], name: str, said: Mapping[str, Any]
    ) -> Head:
        """Take the head's tensors of all members; their scores are averaged."""

        def parts(part: str) -> list[npt.NDArray[np.float32]]:
            return [tensors[f"{m}.{name}.{part}"].astype(np.float32) for m in members]

        return cls(
            weight=_by_direction(parts("weight")) / np.float32(len(members)),
            bias=np.mean(parts("bias"), axis=0),
            crf=Crf(tuple(said["labels"]), np.mean(parts("transitions"), axis=0, dtype=np.float64)),
            threshold=said.get("threshold", 0.5),
            by_words=said.get("by_words", False),
            calibration=said.get("calibration", {}),
        )

    def spans(self, encoded: Encoded, least: float) -> list[list[ScoredSpan]]:
        """Return the spans of every passage, in the passages' own order."""
        states = encoded.states
        scores = states.reshape(*states.shape[:2], -1) @ self.weight + self.bias
        read = self.crf.runs if self.by_words else self.crf.spans
        found = read(scores, encoded.lengths, least)
        return [found[row] for row in np.argsort(encoded.order)]

    def answers(self, encoded: Encoded) -> list[list[ScoredSpan]]:
        """Return what is answered of every passage: spans that do not overlap, in text order."""
        return [choose(spans) for spans in self.spans(encoded, self.threshold)]

    def confidence(self, label: str, probability: float) -> float:
        """Return the calibrated probability that a span is right."""
        if label not in self.calibration:
            return probability
        known, calibrated = self.calibration[label]
        return float(np.interp(probability, known, calibrated))


def _by_direction(weights: Sequence[npt.NDArray[np.float32]]) -> npt.NDArray[np.float32]:
    """Put the members' weights, each (2 * hidden, tags), below one another, forwards first."""
    forth, back = zip(*(np.split(weight, 2) for weight in weights), strict=True)
    return np.concatenate([*forth, *back])


def layout(lengths: Iterable[int], longest: int = LONGEST) -> list[list[tuple[int, slice]]]:
    """Put sentences together in passages: as many as fit, with a boundary between two.

    Parameters
    ----------
    lengths : iterable of int
        Words of each sentence.
    longest : int
        Words of a passage, boundaries among them. A longer sentence is a passage of its own, and
        only one of more than `_MOST` words is cut.

    Returns
    -------
    list of list of (int, slice)
        By passage: which sentence, and which of its words.
    """
    found: list[list[tuple[int, slice]]] = []
    room = 0
    most = max(longest, _MOST)
    for sentence, length in enumerate(lengths):
        for first in range(0, length, most):
            size = min(most, length - first)
            piece = (sentence, slice(first, first + size))
            if size + 1 <= room:
                found[-1].append(piece)
                room -= size + 1
            else:
                found.append([piece])
                room = longest - size
    return found


def cut(text: str, longest: int = LONGEST) -> list[list[Token | None]]:
    """Cut a text into passages; None is the boundary between two sentences."""
    tokens = tokenize(text)
    starts = [token.start for token in tokens]
    lines = [
        tokens[bisect_left(starts, start) : bisect_left(starts, end)]
        for start, end in sentences(text)
    ]
    passages = []
    for pieces in layout(map(len, lines), longest):
        words: list[Token | None] = []
        for sentence, part in pieces:
            words += [None, *lines[sentence][part]] if words else lines[sentence][part]
        passages.append(words)
    return passages


class Tagger:
    """The trained network: finds the mentions of a text, for each annotation scheme it knows.

    Parameters
    ----------
    tensors : Mapping of str to array
    description : Mapping
        ``members``: names of the networks; ``heads``: by name, their labels, threshold and
        calibration; ``longest``: words of a passage.

    Raises
    ------
    ModelError
        If something is missing from the weights.
    """

    def __init__(self, tensors: Tensors, description: Mapping[str, Any]) -> None:
        try:
            names = description["members"]
            self.longest = description.get("longest", LONGEST)
            self.encoder = Encoder([Member.of(tensors, name) for name in names])
            self.heads = {
                head: Head.of(tensors, names, head, said)
                for head, said in description["heads"].items()
            }
        except KeyError as error:
            raise ModelError(f"the weights lack {error}", mend="run make model") from None

    @classmethod
    def from_file(cls, path: Path) -> Tagger:
        """Load a file of weights."""
        return cls(*load(path))

    def mentions(self, text: str, heads: Iterable[str]) -> dict[str, list[Mention]]:
        """Find the mentions of a text.

        Parameters
        ----------
        text : str
        heads : iterable of str
            Which annotation schemes to answer for; mentions of one scheme do not overlap.

        Returns
        -------
        dict of str to list of Mention
            In text order.
        """
        passages, together = cut(text, self.longest), self.encoder.together
        wanted = {name: self.heads[name] for name in heads}
        found: dict[str, list[list[Mention]]] = {name: [[] for _ in passages] for name in wanted}
        order = sorted(range(len(passages)), key=lambda place: -len(passages[place]))
        for first in range(0, len(order), together):
            group = order[first : first + together]
            encoded = self.encoder.encode(
                [[token.text if token else BOUNDARY for token in passages[n]] for n in group]
            )
            for name, head in wanted.items():
                for place, spans in zip(group, head.answers(encoded), strict=True):
                    found[name][place] = list(_mentions(passages[place], spans, head))
        return {name: list(chain.from_iterable(lines)) for name, lines in found.items()}


def _mentions(
    passage: Sequence[Token | None], spans: Iterable[ScoredSpan], head: Head
) -> Iterator[Mention]:
    """Yield the spans to answer; none runs from one sentence into the next."""
    for span in spans:
        tokens = [token for token in passage[span.start : span.end] if token]
        if len(tokens) == span.end - span.start:
            confidence = head.confidence(span.label, span.probability)
            yield Mention(tokens[0].start, tokens[-1].end, span.label, confidence, span.probability)
