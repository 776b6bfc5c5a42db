"""How sure is sure: calibration and thresholds from predictions on texts not trained on.

Both come from cross-fitting: networks trained on one half of the documents read the other half.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression

from clinie.models.tagger.crf import ScoredSpan, choose
from clinie.models.tagger.tagger import Tagger
from clinie.training.tagger.passages import Passage

__all__ = [
    "Judged",
    "calibration",
    "judge",
    "judge_words",
    "threshold",
    "threshold_of_words",
]

_LEAST = 0.02
_ENOUGH = 200  # spans of a label before it has a calibration of its own
_GRID = np.linspace(0.2, 0.6, 21)


@dataclass(frozen=True, slots=True)
class Judged:
    """A span of a passage not trained on: its label and probability, and whether gold has it."""

    label: str
    probability: float
    right: bool


def judge(tagger: Tagger, head: str, passages: Sequence[Passage]) -> tuple[list[Judged], int]:
    """Read passages and compare with their tags.

    Returns
    -------
    judged : list of Judged
        Spans that do not overlap, down to a very small probability.
    gold : int
        How many spans the passages have.
    """
    judged: list[Judged] = []
    count = 0
    for passage, spans in _read(tagger, head, passages, _LEAST):
        gold = set(_gold(passage.tags[head]))
        count += len(gold)
        for span in choose(spans):
            right = (span.start, span.end, span.label) in gold
            judged.append(Judged(span.label, span.probability, right))
    return judged, count


def judge_words(
    tagger: Tagger, head: str, passages: Sequence[Passage], least: float
) -> list[Judged]:
    """Read passages by words, and call a run right when gold gives half of its words the label."""
    judged = []
    for passage, runs in _read(tagger, head, passages, least):
        tags = [tag[2:] for tag in passage.tags[head]]
        for run in runs:
            words = tags[run.start : run.end]
            right = 2 * words.count(run.label) >= len(words)
            judged.append(Judged(run.label, run.probability, right))
    return judged


def threshold_of_words(tagger: Tagger, head: str, passages: Sequence[Passage]) -> float:
    """Return the least probability of a word, the one of the best macro-F1 over words."""
    scores = [_macro_f1(tagger, head, passages, least) for least in _GRID]
    return round(float(_GRID[int(np.argmax(scores))]), 3)


def _macro_f1(tagger: Tagger, head: str, passages: Sequence[Passage], least: float) -> float:
    found, gold, both = Counter[str](), Counter[str](), Counter[str]()
    for passage, runs in _read(tagger, head, passages, least):
        tags = [tag[2:] for tag in passage.tags[head]]
        gold.update(filter(None, tags))
        for run in runs:
            words = tags[run.start : run.end]
            found[run.label] += len(words)
            both[run.label] += words.count(run.label)
    return float(np.mean([2 * both[label] / (found[label] + gold[label]) for label in gold]))


def _read(
    tagger: Tagger, head: str, passages: Sequence[Passage], least: float
) -> Iterator[tuple[Passage, list[ScoredSpan]]]:
    """Yield passages with their spans, several read together."""
    together = tagger.encoder.together
    for at in range(0, len(passages), together):
        group = passages[at : at + together]
        encoded = tagger.encoder.encode([passage.words for passage in group])
        yield from zip(group, tagger.heads[head].spans(encoded, least), strict=True)


def _gold(tags: Sequence[str]) -> Iterable[tuple[int, int, str]]:
    start, label = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        if label and tag != f"I-{label}":
            yield start, place, label
            label = ""
        if tag.startswith("B-"):
            start, label = place, tag[2:]


def threshold(judged: Sequence[Judged], gold: int) -> float:
    """Return the least probability to answer with, the one of the best F1."""
    probability = np.array([one.probability for one in judged])
    right = np.array([one.right for one in judged])
    scores = [
        2 * right[probability >= least].sum() / ((probability >= least).sum() + gold)
        for least in _GRID
    ]
    return round(float(_GRID[int(np.argmax(scores))]), 3)


def calibration(
    judged: Sequence[Judged], least: float
) -> dict[str, tuple[list[float], list[float]]]:
    """Return a rising line from probability to confidence for every label (isotonic regression).

    Labels seen seldom share the line of all. Only spans that would be answered count.
    """
    answered = [one for one in judged if one.probability >= least]
    labels = sorted({one.label for one in answered})
    by_label = {label: [one for one in answered if one.label == label] for label in labels}
    return {
        label: _line(found if len(found) >= _ENOUGH else answered)
        for label, found in by_label.items()
    }


def _line(judged: Sequence[Judged]) -> tuple[list[float], list[float]]:
    """Fit isotonic regression and keep the middles of its steps: a line without plateaus' edges."""
    order = sorted(judged, key=lambda one: one.probability)
    x = np.array([one.probability for one in order])
    levels = isotonic_regression([float(one.right) for one in order]).x
    knots = [(float(np.mean(x[levels == level])), float(level)) for level in np.unique(levels)]
    # never 0 or 1: no finite sample shows that
    bound = 1 / (len(order) + 2)
    return (
        [round(place, 4) for place, _ in knots],
        [round(min(max(level, bound), 1 - bound), 4) for _, level in knots],
    )
