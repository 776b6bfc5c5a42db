"""Scores: spans, relations, values, and how sure one may be of them.

A gold item and a predicted item are the same when their labels are equal and their places are:
``strict``, the same characters; ``relaxed``, at least one character in common. Every item is used
at most once. Relaxed pairs form a maximum matching, so that the score depends neither on the order
of the items nor on who grabs a shared neighbour first.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from clinie.datasets.resampling import LEVEL, Bootstrap, draws
from clinie.schema import Label, Relation, Span
from clinie.text.folding import fold

if TYPE_CHECKING:
    from clinie.datasets.resampling import Array

__all__ = [
    "Annotated",
    "Mode",
    "Score",
    "accuracy",
    "attribute_pairs",
    "bootstrap",
    "by_value",
    "cohen_kappa",
    "count_by",
    "f1_interval",
    "macro_f1",
    "match_labels",
    "match_relations",
    "match_spans",
    "said_once",
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
    return _matching(gold, predicted, lambda g, p: _same(g, p, mode), _same, _near(gold, predicted))


def score_spans(gold: Sequence[Span], predicted: Sequence[Span], mode: Mode = "strict") -> Score:
    """Score the spans of one document."""
    return _score(len(gold), len(predicted), len(match_spans(gold, predicted, mode)))


def match_relations(
    gold: Annotated, predicted: Annotated, mode: Mode = "strict"
) -> list[tuple[int, int]]:
    """Return pairs of indices (gold, predicted) of a maximum one-to-one matching of relations.

    Two relations are the same when their labels are equal and their heads and their tails match
    in `mode`.
    """
    ours, theirs = _resolved(gold), _resolved(predicted)

    def agree(g: _Link, p: _Link, mode: Mode = mode) -> bool:
        return g.label == p.label and _same(g.head, p.head, mode) and _same(g.tail, p.tail, mode)

    near = _near([link.head for link in ours], [link.head for link in theirs])
    return _matching(ours, theirs, agree, lambda g, p: agree(g, p, "strict"), near)


def score_relations(gold: Annotated, predicted: Annotated, mode: Mode = "strict") -> Score:
    """Score the relations of one document; see `match_relations`."""
    pairs = match_relations(gold, predicted, mode)
    return _score(len(gold.relations), len(predicted.relations), len(pairs))


def match_labels(
    gold: Sequence[Label], predicted: Sequence[Label], mode: Mode = "strict"
) -> list[tuple[int, int]]:
    """Return pairs of indices (gold, predicted) of labels that agree in name and value.

    Case and blanks aside. In ``relaxed`` mode it is enough that the words of one value hold those
    of the other, as *matching placebo* holds *placebo*. Give each statement once: see `said_once`.
    """
    ours, theirs = ([_statement(label) for label in labels] for labels in (gold, predicted))

    def agree(one: tuple[str, str], other: tuple[str, str]) -> bool:
        a, b = f" {one[1]} ", f" {other[1]} "
        same = a == b if mode == "strict" else a in b or b in a
        return one[0] == other[0] and same

    return _matching(ours, theirs, agree, lambda a, b: a == b, [range(len(theirs))] * len(ours))


def said_once(labels: Iterable[Label]) -> list[Label]:
    """Return the first label of each statement: saying it twice is not another statement."""
    first: dict[tuple[str, str], Label] = {}
    for label in labels:
        first.setdefault(_statement(label), label)
    return list(first.values())


def score_labels(gold: Iterable[Label], predicted: Iterable[Label], mode: Mode = "strict") -> Score:
    """Score the document labels of one document; see `match_labels`.

    A document is right as a list (all arms, none spurious) when neither errors nor misses are
    left: ``score.fp == score.fn == 0``.
    """
    ours, theirs = said_once(gold), said_once(predicted)
    return _score(len(ours), len(theirs), len(match_labels(ours, theirs, mode)))


def count_by(
    gold: Sequence[T],
    predicted: Sequence[T],
    pairs: Iterable[tuple[int, int]],
    key: Callable[[T], str],
) -> dict[str, Score]:
    """Return one score per key of the items, given which of them match.

    A pair counts as right under the key of its gold item, so items of different keys must not
    match.
    """
    hits = Counter(key(gold[g]) for g, _ in pairs)
    wanted, found = Counter(map(key, gold)), Counter(map(key, predicted))
    return {
        name: _score(wanted[name], found[name], hits[name])
        for name in dict.fromkeys([*wanted, *found])
    }


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
    level: float = LEVEL,
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

    values = [
        statistic([per_document[i] for i in draw])
        for block in draws(len(per_document), n, seed)
        for draw in block
    ]
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def f1_interval(
    scores: Sequence[Score], *, n: int = 1000, seed: int = 0, level: float = LEVEL
) -> tuple[float, float]:
    """Return the interval of the F1 of summed scores, resampling documents as `bootstrap` does.

    Raises
    ------
    ValueError
        If there is no document.
    """
    import numpy as np

    counts = np.array([(score.tp, score.fp, score.fn) for score in scores], dtype=np.float64)

    def f1(weights: Array) -> Array:
        tp, fp, fn = (weights @ counts).T
        figure: Array = 2 * tp / np.maximum(1, 2 * tp + fp + fn)
        return figure

    [samples] = Bootstrap(len(scores), n, seed)([f1])
    estimate = samples.estimate(level)
    return estimate.low, estimate.high


@dataclass(frozen=True, slots=True)
class _Link:
    """A relation with its spans in place of their ids."""

    label: str
    head: Span
    tail: Span


def _resolved(annotated: Annotated) -> list[_Link]:
    spans = {span.id: span for span in annotated.spans}
    return [_Link(r.label, spans[r.head], spans[r.tail]) for r in annotated.relations]


def _statement(label: Label) -> tuple[str, str]:
    return label.name, " ".join(fold(label.value).text.split())


def _same(a: Span, b: Span, mode: Mode = "strict") -> bool:
    if a.label != b.label:
        return False
    if mode == "strict":
        return _pieces(a) == _pieces(b)
    return any(s < f and e < t for s, t in _pieces(a) for e, f in _pieces(b))


def _pieces(span: Span) -> tuple[tuple[int, int], ...]:
    return span.fragments or ((span.start, span.end),)


def _near(gold: Sequence[Span], predicted: Sequence[Span]) -> list[list[int]]:
    """Return for each gold span the predicted ones that could overlap it, in their order."""
    order = sorted(range(len(predicted)), key=lambda j: predicted[j].start)
    starts = [predicted[j].start for j in order]
    longest = max((span.end - span.start for span in predicted), default=0)
    return [
        sorted(order[bisect_left(starts, g.start - longest) : bisect_right(starts, g.end)])
        for g in gold
    ]


def _matching(
    gold: Sequence[T],
    predicted: Sequence[T],
    compatible: Callable[[T, T], bool],
    preferred: Callable[[T, T], bool],
    candidates: Sequence[Sequence[int]],
) -> list[tuple[int, int]]:
    """Return a maximum bipartite matching (Kuhn's augmenting paths; cost vertices times edges).

    For each gold item, ``candidates`` are the predicted ones that may be compatible, in order.
    """
    edges = [
        [j for j in near if compatible(g, predicted[j])]
        for g, near in zip(gold, candidates, strict=True)
    ]
    partner: dict[int, int] = {}  # predicted index -> gold index
    for i, g in enumerate(gold):
        first = next((j for j in edges[i] if j not in partner and preferred(g, predicted[j])), None)
        if first is not None:
            partner[first] = i

    def place(first: int) -> None:
        """Find a partner for a gold item, moving others to theirs along one path."""
        tried: set[int] = set()
        path, taken = [(first, iter(edges[first]))], list[int]()
        while path:
            j = next((j for j in path[-1][1] if j not in tried), None)
            if j is None:
                path.pop()
                if taken:
                    taken.pop()
                continue
            tried.add(j)
            taken.append(j)
            if j not in partner:
                partner.update((j, i) for (i, _), j in zip(path, taken, strict=True))
                return
            path.append((partner[j], iter(edges[partner[j]])))

    placed = set(partner.values())
    for i in range(len(gold)):
        if i not in placed:
            place(i)
    return sorted((i, j) for j, i in partner.items())


def _score(gold: int, predicted: int, matched: int) -> Score:
    return Score(tp=matched, fp=predicted - matched, fn=gold - matched)


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
