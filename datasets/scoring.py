"""Scores: spans, relations, values, and how sure one may be of them.

A gold item and a predicted item are the same when their labels are equal and their places are:
``strict``, the same characters; ``relaxed``, at least one character in common. Every item is used
at most once. Relaxed pairs form a maximum matching, so that the score depends neither on the order
of the items nor on who grabs a shared neighbour first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from clinie.schema import Label, Relation, Span
from clinie.text.folding import fold

__all__ = [
    "Annotated",
    "Mode",
    "Score",
    "accuracy",
    "attribute_pairs",
    "bootstrap",
    "by_value",
    "cohen_kappa",
    "macro_f1",
    "match_spans",
    "score_labels",
    "score_relations",
    "score_spans",
    "total",
]

Mode = Literal["strict", "relaxed"]
T = TypeVar("T")


class Annotated(Protocol):
    """What has spans and relations: an `~clinie.Extraction`, a `~corpora.CorpusItem`."""

    @property
    def spans(self) -> tuple[Span, ...]: ...  # noqa: D102

    @property
    def relations(self) -> tuple[Relation, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of true positives, false positives and false negatives; they add up.

    A ratio without a denominator is 0.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def precision(self) -> float:
        """Share of the predicted items that are right."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Share of the gold items that were found."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return _ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def __add__(self, other: Score) -> Score:
        return Score(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)


def total(scores: Iterable[Score]) -> Score:
    """Return the sum of scores: micro-averaging over documents."""
    return sum(scores, start=Score())


def match_spans(
    gold: Sequence[Span], predicted: Sequence[Span], mode: Mode = "strict"
) -> list[tuple[int, int]]:
    """Return pairs of indices (gold, predicted) of a maximum one-to-one matching, in gold order.

    Spans match when their labels are equal and their places agree in `mode`. Identical places are
    paired first and give way only where that lets more spans find a partner.
    """
    return _matching(gold, predicted, lambda g, p: _same(g, p, mode), _same)


def score_spans(gold: Sequence[Span], predicted: Sequence[Span], mode: Mode = "strict") -> Score:
    """Score the spans of one document."""
    return _score(len(gold), len(predicted), len(match_spans(gold, predicted, mode)))


def score_relations(gold: Annotated, predicted: Annotated, mode: Mode = "strict") -> Score:
    """Score the relations of one document.

    Two relations are the same when their labels are equal and their heads and their tails match
    in `mode`.
    """
    ours, theirs = _resolved(gold), _resolved(predicted)

    def agree(g: _Link, p: _Link, mode: Mode = mode) -> bool:
        return g.label == p.label and _same(g.head, p.head, mode) and _same(g.tail, p.tail, mode)

    pairs = _matching(ours, theirs, agree, lambda g, p: agree(g, p, "strict"))
    return _score(len(ours), len(theirs), len(pairs))


def score_labels(gold: Iterable[Label], predicted: Iterable[Label], mode: Mode = "strict") -> Score:
    """Score the document labels of one document: name and value must agree, case and blanks aside.

    In ``relaxed`` mode it is enough that the words of one value hold those of the other, as
    *matching placebo* holds *placebo*. A document is right as a list (all arms, none spurious)
    when neither errors nor misses are left: ``score.fp == score.fn == 0``.
    """
    ours, theirs = (
        list(dict.fromkeys((x.name, " ".join(fold(x.value).text.split())) for x in labels))
        for labels in (gold, predicted)
    )

    def agree(one: tuple[str, str], other: tuple[str, str]) -> bool:
        a, b = f" {one[1]} ", f" {other[1]} "
        same = a == b if mode == "strict" else a in b or b in a
        return one[0] == other[0] and same

    return _score(len(ours), len(theirs), len(_matching(ours, theirs, agree, lambda a, b: a == b)))


def attribute_pairs(
    gold: Sequence[Span], predicted: Sequence[Span], attribute: str, mode: Mode = "strict"
) -> list[tuple[str | None, str | None]]:
    """Return (gold value, predicted value) of an attribute over the matched spans that have it.

    This is the conditional score of an attribute: right or wrong given that the mention was
    found. Feed the pairs of all documents to `accuracy`, `by_value` or `macro_f1`.
    """
    return [
        (gold[g].attributes[attribute], predicted[p].attributes.get(attribute))
        for g, p in match_spans(gold, predicted, mode)
        if attribute in gold[g].attributes
    ]


def accuracy(pairs: Sequence[tuple[T, T]]) -> float:
    """Return the share of (gold, predicted) pairs that are equal."""
    return _ratio(sum(g == p for g, p in pairs), len(pairs))


def by_value(pairs: Sequence[tuple[T, T]]) -> dict[T, Score]:
    """Return one score per value that occurs in gold or prediction, in order of appearance."""
    values = dict.fromkeys(value for pair in pairs for value in pair)
    return {
        value: Score(
            tp=sum(g == value and p == value for g, p in pairs),
            fp=sum(g != value and p == value for g, p in pairs),
            fn=sum(g == value and p != value for g, p in pairs),
        )
        for value in values
    }


def macro_f1(pairs: Sequence[tuple[T, T]]) -> float:
    """Return the mean F1 over the values that occur in gold or prediction."""
    scores = by_value(pairs)
    return _ratio(sum(score.f1 for score in scores.values()), len(scores))


def cohen_kappa(pairs: Sequence[tuple[T, T]]) -> float:
    """Return the agreement of two annotators beyond chance; 1.0 when no disagreement is possible.

    References
    ----------
    Cohen, A coefficient of agreement for nominal scales (1960).
    """
    observed = accuracy(pairs)
    ours, theirs = (Counter(pair[side] for pair in pairs) for side in (0, 1))
    expected = _ratio(sum(ours[value] * theirs[value] for value in ours), len(pairs) ** 2)
    return 1.0 if expected == 1 else (observed - expected) / (1 - expected)


def bootstrap(
    per_document: Sequence[T],
    statistic: Callable[[Sequence[T]], float],
    *,
    n: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return a percentile bootstrap interval of a statistic, resampling whole documents.

    Items of one note are not independent, notes are: so notes are drawn, with replacement.

    Parameters
    ----------
    per_document : Sequence
        One entry per document, such as a `Score`.
    statistic : callable
        From a sample of entries to a number, such as ``lambda s: total(s).f1``.
    n, seed : int
        Resamples, and the seed of their draw: same inputs, same interval.
    level : float
        Confidence level of the two-sided interval.

    Raises
    ------
    ValueError
        If there is no document.

    References
    ----------
    Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13.
    """
    import numpy as np

    if not per_document:
        raise ValueError("bootstrap needs at least one document")
    draws = np.random.default_rng(seed).integers(len(per_document), size=(n, len(per_document)))
    values = [statistic([per_document[i] for i in draw]) for draw in draws]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class _Link:
    """A relation with its spans in place of their ids."""

    label: str
    head: Span
    tail: Span


def _resolved(annotated: Annotated) -> list[_Link]:
    spans = {span.id: span for span in annotated.spans}
    return [_Link(r.label, spans[r.head], spans[r.tail]) for r in annotated.relations]


def _same(a: Span, b: Span, mode: Mode = "strict") -> bool:
    if a.label != b.label:
        return False
    if mode == "strict":
        return _pieces(a) == _pieces(b)
    return any(s < f and e < t for s, t in _pieces(a) for e, f in _pieces(b))


def _pieces(span: Span) -> tuple[tuple[int, int], ...]:
    return span.fragments or ((span.start, span.end),)


def _matching(
    gold: Sequence[T],
    predicted: Sequence[T],
    compatible: Callable[[T, T], bool],
    preferred: Callable[[T, T], bool],
) -> list[tuple[int, int]]:
    """Return a maximum bipartite matching (Kuhn's augmenting paths; cost vertices times edges)."""
    edges = [[j for j, p in enumerate(predicted) if compatible(g, p)] for g in gold]
    partner: dict[int, int] = {}  # predicted index -> gold index
    for i, g in enumerate(gold):
        first = next((j for j in edges[i] if j not in partner and preferred(g, predicted[j])), None)
        if first is not None:
            partner[first] = i

    def place(i: int, tried: set[int]) -> bool:
        for j in edges[i]:
            if j not in tried:
                tried.add(j)
                if j not in partner or place(partner[j], tried):
                    partner[j] = i
                    return True
        return False

    placed = set(partner.values())
    for i in range(len(gold)):
        if i not in placed:
            place(i, set())
    return sorted((i, j) for j, i in partner.items())


def _score(gold: int, predicted: int, matched: int) -> Score:
    return Score(tp=matched, fp=predicted - matched, fn=gold - matched)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
