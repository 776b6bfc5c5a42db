"""Figures of values: right or wrong, by class, confused with what.

Values are those of attributes, given the mention, and those of document labels with a closed set.

A conditional metric, as in Agrawal et al. (2022): a value is judged on what was found, by mention
or by name. When systems are compared it is judged on what all of them found, and so it is a figure
of that set of systems.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from clinie.datasets.evaluation.pairs import Pair
from clinie.datasets.evaluation.rows import Row, count_rows, defined, precision_recall_f1, ratio
from clinie.datasets.scoring import Mode, Score, by_value, match_spans
from clinie.schema import Extraction, TaskSchema
from clinie.text.folding import fold

if TYPE_CHECKING:
    from clinie.datasets.resampling import Array

__all__ = [
    "NONE",
    "Confusion",
    "attribute_names",
    "attribute_rows",
    "confusion",
    "given",
    "given_by_name",
    "value_rows",
    "values_by_document",
]

NONE = "(none)"
"""What a missing value is called."""

Values = list[tuple[str, str]]
"""(gold, predicted) values of the mentions of one document."""

_MOST_CLASSES = 20
"""An attribute with more values than this has no row per value."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often each gold value (row) got each predicted value (column).

    Parameters
    ----------
    values : tuple of str
        The most frequent values, at most 20.
    counts : tuple of tuple of int
    """

    values: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


def attribute_names(pairs: Sequence[Pair], schema: TaskSchema) -> list[str]:
    """Return the attributes of the task, then others that gold has, that occur in the gold."""
    gold = Counter(n for pair in pairs for span in pair.gold.spans for n in span.attributes)
    known = [name for label in schema.labels for name in label.attributes if name in gold]
    return list(dict.fromkeys([*known, *sorted(gold)]))


def given(
    pairs: Sequence[Pair],
    attribute: str,
    mode: Mode,
    others: Sequence[Pair] = (),
) -> list[Values]:
    """Return by document the (gold, predicted) values of the gold mentions that were found.

    Parameters
    ----------
    pairs : sequence of Pair
    attribute : str
    mode : {"strict", "relaxed"}
        When a mention counts as found.
    others : sequence of Pair, optional
        The same documents from another system, which must have found the mention too.
    """
    found = []
    for number, pair in enumerate(pairs):
        gold, predicted = pair.gold.spans, pair.predicted.spans
        matched = match_spans(gold, predicted, mode)
        if others:
            theirs = {g for g, _ in match_spans(gold, others[number].predicted.spans, mode)}
            matched = [(g, p) for g, p in matched if g in theirs]
        found.append(
            [
                (
                    _value(gold[g].attributes[attribute]),
                    _value(predicted[p].attributes.get(attribute)),
                )
                for g, p in matched
                if attribute in gold[g].attributes
            ]
        )
    return found


def given_by_name(
    pairs: Sequence[Pair], attribute: str, others: Sequence[Pair] = ()
) -> list[Values]:
    """Return by document the (gold, predicted) values of the names that both have, places aside.

    This is the set of Agrawal et al. (2022): the names, case and blanks aside, that gold and all
    compared systems have. A name that stands in a document several times has the value of its
    first mention.
    """
    found = []
    for number, pair in enumerate(pairs):
        gold, predicted = _named(pair.gold, attribute), _named(pair.predicted, attribute)
        common = gold.keys() & predicted.keys()
        if others:
            common &= _named(others[number].predicted, attribute).keys()
        found.append([(gold[name], predicted[name]) for name in sorted(common)])
    return found


def _named(record: Extraction, attribute: str) -> dict[tuple[str, str], str]:
    values: dict[tuple[str, str], str] = {}
    for span in sorted(record.spans, key=lambda span: (span.start, span.end)):
        if attribute in span.attributes:
            name = " ".join(fold(span.text).text.split())
            values.setdefault((span.label, name), _value(span.attributes[attribute]))
    return values


def values_by_document(pairs: Sequence[Pair], label: str) -> list[Values]:
    """Return by document the (gold, predicted) value of a document label; `NONE` where none is."""
    return [[(_of(pair.gold, label), _of(pair.predicted, label))] for pair in pairs]


def _of(record: Extraction, label: str) -> str:
    return " + ".join(sorted({x.value for x in record.labels if x.name == label})) or NONE


def value_rows(section: str, documents: Sequence[Values]) -> Iterator[Row]:
    """Yield the figures of all values together, and those of each value unless there are many."""
    scores = [by_value(values) for values in documents]
    classes = sorted({value for score in scores for value in score})
    if classes:
        yield _overall(section, documents)
    if len(classes) <= _MOST_CLASSES:
        yield from count_rows(section, scores)[: len(classes)]


def attribute_rows(
    attribute: str,
    documents: Sequence[Values],
    pairs: Sequence[Pair],
    mode: Mode,
    others: Sequence[Pair] = (),
) -> Iterator[Row]:
    """Yield the figures of an attribute, and last of all of mention and value together.

    Parameters
    ----------
    attribute : str
    documents : sequence of Values
        As `given` returns them.
    pairs : sequence of Pair
    mode : {"strict", "relaxed"}
    others : sequence of Pair, optional
        As for `given`.
    """
    yield from value_rows(f"{attribute}, given the mention", documents)
    by_name = given_by_name(pairs, attribute, others)
    if any(by_name):
        yield _overall(f"{attribute}, given the name", by_name)
    together = [_together(pair, attribute, mode) for pair in pairs]
    counts = np.array([(s.tp, s.fp, s.fn) for s in together], dtype=np.float64)
    tp, fp, fn = (int(n) for n in counts.sum(axis=0))
    name = f"mention and {attribute}"
    yield Row("mentions with their values", name, tp + fn, tp + fp, precision_recall_f1(counts))


def confusion(documents: Iterable[Values]) -> Confusion:
    """Count gold values against predicted ones."""
    counts = Counter(pair for values in documents for pair in values)
    totals = Counter[str]()
    for (gold, predicted), n in counts.items():
        totals.update({gold: n, predicted: n})
    values = tuple(sorted(value for value, _ in totals.most_common(_MOST_CLASSES)))
    return Confusion(values, tuple(tuple(counts[g, p] for p in values) for g in values))


def _value(value: str | None) -> str:
    return NONE if value is None else value


def _overall(section: str, documents: Sequence[Values]) -> Row:
    """Return accuracy, macro-F1 and Cohen's kappa over all values."""
    values = sorted({value for document in documents for pair in document for value in pair})
    place = {value: k for k, value in enumerate(values)}
    table = np.zeros((len(documents), len(values), 3))  # right, gold, predicted
    for number, document in enumerate(documents):
        for gold, predicted in document:
            table[number, place[gold], 1] += 1
            table[number, place[predicted], 2] += 1
            if gold == predicted:
                table[number, place[gold], 0] += 1
    flat = table.reshape(len(documents), -1)

    def sums(weights: Array) -> tuple[Array, Array, Array]:
        right, gold, found = np.moveaxis(
            (weights @ flat).reshape(len(weights), len(values), 3), 2, 0
        )
        return right, gold, found

    def accuracy(weights: Array) -> Array:
        right, gold, _ = sums(weights)
        return defined(right.sum(axis=1), gold.sum(axis=1))

    def macro_f1(weights: Array) -> Array:
        right, gold, found = sums(weights)
        occurring = (gold + found > 0).sum(axis=1) * 1.0
        return defined(ratio(2 * right, gold + found).sum(axis=1), occurring)

    def kappa(weights: Array) -> Array:
        right, gold, found = sums(weights)
        whole = gold.sum(axis=1)
        observed = defined(right.sum(axis=1), whole)
        expected = ratio((gold * found).sum(axis=1), whole**2)
        beyond = ratio(observed - expected, 1 - expected)
        return np.where(whole == 0, np.nan, np.where(expected < 1, beyond, 1.0))

    n = sum(map(len, documents))
    measures = {"accuracy": accuracy, "macro_f1": macro_f1, "kappa": kappa}
    return Row(section, "all", n, n, measures)


def _together(pair: Pair, attribute: str, mode: Mode) -> Score:
    """Count mentions with the attribute as right only with the right value."""
    gold = [span for span in pair.gold.spans if attribute in span.attributes]
    found = [span for span in pair.predicted.spans if attribute in span.attributes]
    right = sum(
        gold[g].attributes[attribute] == found[p].attributes[attribute]
        for g, p in match_spans(gold, found, mode)
    )
    return Score(right, len(found) - right, len(gold) - right)
