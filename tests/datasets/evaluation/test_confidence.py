"""Calibration and ranking: identities, ties, and scikit-learn's figures on the same items."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clinie.datasets.evaluation.confidence import (
    BINS,
    Judged,
    confidence_row,
    coverage_curve,
    judged_items,
    reliability,
)
from clinie.datasets.evaluation.pairs import pair_up
from clinie.schema import Extraction, Label, Relation, Span

items = st.lists(
    st.tuples(
        st.one_of(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), st.floats(0, 1)),
        st.booleans(),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=40,
)


def judged(rows):
    confidence, right, document = zip(*rows, strict=True)
    return Judged(np.array(confidence), np.array(right, bool), np.array(document))


def figures(rows, weights=None):
    row = confidence_row("spans", judged(rows))
    weights = np.ones((1, 5)) if weights is None else weights
    return {name: statistic(weights)[0] for name, statistic in row.measures.items()}


@given(items)
def test_areas_and_auroc_are_tied_together(rows):
    found = figures(rows)
    accuracy = found["accuracy"]
    assert accuracy == pytest.approx(sum(r for _, r, _ in rows) / len(rows))
    if 0 < accuracy < 1:
        expected = (1 - found["auroc"]) * accuracy * (1 - accuracy) + (1 - accuracy) ** 2 / 2
        assert found["augrc"] == pytest.approx(expected, abs=1e-12)
    else:
        assert math.isnan(found["auroc"])


@given(items)
def test_auroc_counts_pairs(rows):
    right = [c for c, r, _ in rows if r]
    wrong = [c for c, r, _ in rows if not r]
    assume(right and wrong)
    won = sum((a > b) + (a == b) / 2 for a in right for b in wrong)
    assert figures(rows)["auroc"] == pytest.approx(won / len(right) / len(wrong))


@given(items, st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_weights_stand_for_copies_of_documents(rows, drawn):
    copies = [row for row in rows for _ in range(drawn[row[2]])]
    assume(copies)
    weighted = figures(rows, np.array([drawn], dtype=float))
    for name, value in figures(copies).items():
        assert weighted[name] == pytest.approx(value, nan_ok=True, abs=1e-12), name


def test_best_and_worst_ranking():
    n, wrong = 200, 40
    best = [(1 - k / n, k < n - wrong, 0) for k in range(n)]
    error = wrong / n
    found = figures(best)
    assert found["auroc"] == 1
    assert found["augrc"] == pytest.approx(error**2 / 2)
    assert found["aurc"] == pytest.approx(error + (1 - error) * math.log(1 - error), abs=2e-3)
    assert figures([(c, not r, d) for c, r, d in best])["auroc"] == 0
    flat = figures([(0.5, r, d) for _, r, d in best])  # all enter together
    assert flat["auroc"] == 0.5
    assert flat["aurc"] == pytest.approx(error)
    assert flat["augrc"] == pytest.approx(error / 2)


def test_calibration_by_hand():
    rows = [(0.95, True, 0), (0.95, False, 0), (0.1, False, 1), (0.1, False, 1)]
    found = figures(rows)
    assert found["ece"] == pytest.approx((2 * abs(0.95 - 0.5) + 2 * 0.1) / 4)
    assert found["brier"] == pytest.approx((0.05**2 + 0.95**2 + 2 * 0.01) / 4)
    low, high = reliability(judged(rows))
    assert (low.n, low.confidence, low.accuracy) == (2, pytest.approx(0.1), 0)
    assert (high.n, high.confidence, high.accuracy) == (2, pytest.approx(0.95), 0.5)
    assert (high.low, high.high) == ((BINS - 1) / BINS, 1)


@given(items)
def test_bins_and_curve_hold_all_items(rows):
    assert sum(each.n for each in reliability(judged(rows))) == len(rows)
    curve = coverage_curve(judged(rows))
    assert curve[-1].coverage == 1
    assert curve[-1].accuracy == pytest.approx(sum(r for _, r, _ in rows) / len(rows))
    for point in curve:
        accepted = [r for c, r, _ in rows if c >= point.threshold]
        assert point.coverage == pytest.approx(len(accepted) / len(rows))
        assert point.accuracy == pytest.approx(sum(accepted) / len(accepted))


def test_the_curve_is_thinned_but_whole():
    rows = [(k / 1000, k % 3 > 0, 0) for k in range(1000)]
    curve = coverage_curve(judged(rows), most=50)
    assert len(curve) == 50
    assert curve[-1].coverage == 1


def test_only_items_with_a_confidence_are_judged():
    def record(id, *confidences):
        spans = tuple(
            Span(f"s{n}", "medication", 4 * n, 4 * n + 3, "abc", confidence=c)
            for n, c in enumerate(confidences)
        )
        links = (Relation("r0", "dosage", "s0", "s1", confidence=0.5),) if len(spans) > 1 else ()
        labels = (Label("l0", "arm", "x", confidence=0.4),)
        return Extraction(id, "medications@1", spans, links, labels)

    found = [record("a", 0.9, None, 0.3), record("b", None)]
    gold = [record("a", None, None), Extraction("b", "medications@1")]
    pairs = pair_up(gold, found).pairs
    spans = judged_items(pairs, "spans", "strict")
    assert spans.confidence.tolist() == [0.9, 0.3]
    assert spans.right.tolist() == [True, False]
    assert spans.document.tolist() == [0, 0]
    assert judged_items(pairs, "relations", "strict").right.tolist() == [True]
    assert judged_items(pairs, "labels", "strict").right.tolist() == [True, False]
