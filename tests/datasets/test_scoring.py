"""Scores against hand-counted cases and against trying every matching."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.datasets.corpora import CorpusItem
from clinie.datasets.scoring import (
    Score,
    accuracy,
    attribute_pairs,
    bootstrap,
    by_value,
    cohen_kappa,
    count_by,
    f1_interval,
    macro_f1,
    match_spans,
    score_labels,
    score_relations,
    score_spans,
    total,
)
from clinie.schema import Document, Label, Relation, Span


def span(start, end, label="problem", id="", fragments=None, **attributes):
    return Span(id or f"{start}-{end}", label, start, end, "", fragments, attributes)


def test_ratios():
    score = Score(tp=6, fp=2, fn=4)
    assert score.precision == 0.75
    assert score.recall == 0.6
    assert score.f1 == pytest.approx(2 / 3)
    assert (Score().precision, Score().recall, Score().f1) == (0, 0, 0)
    assert total([score, Score(1, 1, 1), Score()]) == Score(7, 3, 5)


def test_strict_needs_place_and_label():
    gold = [span(0, 5), span(10, 20), span(30, 35)]
    predicted = [span(0, 5), span(10, 19), span(30, 35, "test")]
    assert score_spans(gold, predicted) == Score(1, 2, 2)
    assert score_spans(gold, predicted, "relaxed") == Score(2, 1, 1)


def test_touching_is_not_overlapping():
    assert score_spans([span(0, 5)], [span(5, 9)], "relaxed") == Score(0, 1, 1)


def test_each_item_counts_once():
    assert score_spans([span(0, 5)], [span(0, 5), span(0, 5)]) == Score(1, 1, 0)
    assert score_spans([span(0, 9)], [span(0, 3), span(5, 9)], "relaxed") == Score(1, 1, 0)


def test_fragments_count_not_the_gap_between_them():
    gold = [span(0, 20, fragments=((0, 4), (15, 20)))]
    assert score_spans(gold, [span(0, 20)]) == Score(0, 1, 1)
    assert score_spans(gold, [span(5, 10)], "relaxed") == Score(0, 1, 1)
    assert score_spans(gold, [span(16, 18)], "relaxed") == Score(1, 0, 0)


def test_identical_places_give_way_when_more_can_match():
    gold = [span(0, 10), span(0, 4)]
    predicted = [span(0, 10), span(5, 9)]
    assert match_spans(gold, predicted, "relaxed") == [(0, 1), (1, 0)]


def test_identical_places_are_paired_when_nothing_is_lost():
    gold = [span(0, 4), span(0, 10)]
    predicted = [span(0, 10), span(0, 4)]
    assert match_spans(gold, predicted, "relaxed") == [(0, 1), (1, 0)]


places = st.tuples(st.integers(0, 12), st.integers(1, 6), st.sampled_from(["a", "b"]))
spans = st.lists(places.map(lambda p: span(p[0], p[0] + p[1], p[2])), max_size=5)


@given(spans, spans, st.sampled_from(["strict", "relaxed"]))
def test_matching_is_maximum(gold, predicted, mode):
    def fits(g, p):
        if mode == "strict":
            return (g.start, g.end, g.label) == (p.start, p.end, p.label)
        return g.label == p.label and g.start < p.end and p.start < g.end

    padded = [*predicted, *[None] * len(gold)]
    best = max(
        sum(p is not None and fits(g, p) for g, p in zip(gold, order, strict=False))
        for order in permutations(padded, len(gold))
    )
    pairs = match_spans(gold, predicted, mode)
    assert len(pairs) == best
    assert all(fits(gold[g], predicted[p]) for g, p in pairs)
    assert len({g for g, _ in pairs}) == len({p for _, p in pairs}) == len(pairs)
    assert score_spans(gold, predicted, mode) == score_spans(gold[::-1], predicted[::-1], mode)


def item(spans, *relations):
    links = (Relation(f"r{n}", *relation) for n, relation in enumerate(relations))
    return CorpusItem(Document("", "d"), tuple(spans), tuple(links))


def test_relations():
    drugs = [span(0, 5, "medication", "m1"), span(20, 25, "medication", "m2")]
    doses = [span(6, 11, "dosage", "d1"), span(26, 31, "dosage", "d2")]
    gold = item(drugs + doses, ("dosage", "m1", "d1"), ("dosage", "m2", "d2"))
    shifted = [span(0, 5, "medication", "x"), span(6, 10, "dosage", "y"), doses[1]]
    near = item(shifted, ("dosage", "x", "y"))
    assert score_relations(gold, gold) == Score(2, 0, 0)
    assert score_relations(gold, near) == Score(0, 1, 2)
    assert score_relations(gold, near, "relaxed") == Score(1, 0, 1)
    crossed = item(shifted, ("dosage", "x", "d2"), ("route", "x", "y"))
    assert score_relations(gold, crossed, "relaxed") == Score(0, 2, 2)


def test_attributes_are_scored_on_what_was_found():
    gold = [
        span(0, 5, assertion="present"),
        span(10, 15, assertion="absent"),
        span(20, 25, assertion="absent"),
        span(30, 35),
    ]
    predicted = [
        span(0, 5, assertion="present"),
        span(10, 14, assertion="present"),
        span(30, 35, assertion="absent"),
    ]
    assert attribute_pairs(gold, predicted, "assertion") == [("present", "present")]
    pairs = attribute_pairs(gold, predicted, "assertion", "relaxed")
    assert pairs == [("present", "present"), ("absent", "present")]
    assert accuracy(pairs) == 0.5
    assert by_value(pairs) == {"present": Score(1, 1, 0), "absent": Score(0, 0, 1)}
    assert macro_f1(pairs) == pytest.approx((2 / 3 + 0) / 2)
    assert macro_f1([]) == accuracy([]) == 0


def test_bootstrap_brackets_the_figure_and_repeats():
    scores = [Score(8, 1, 1), Score(5, 5, 0), Score(2, 0, 6), Score(9, 1, 2)] * 5

    def f1(sample):
        return total(sample).f1

    low, high = bootstrap(scores, f1)
    assert low < f1(scores) < high
    assert (low, high) == bootstrap(scores, f1)
    assert (low, high) != bootstrap(scores, f1, seed=1)
    wider = bootstrap(scores, f1, level=0.99)
    assert wider[0] < low
    assert wider[1] > high
    assert bootstrap([Score(1, 0, 1)], f1) == pytest.approx((2 / 3, 2 / 3))
    with pytest.raises(ValueError, match="document"):
        bootstrap([], f1)


def test_bootstrap_of_a_mean_has_the_textbook_width():
    zeros_and_ones = [0, 1] * 50
    low, high = bootstrap(zeros_and_ones, lambda s: sum(s) / len(s), n=2000)
    assert low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.02)
    assert high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.02)


@pytest.mark.parametrize(
    ("pairs", "kappa"),
    [
        ([("a", "a"), ("b", "b")], 1.0),
        ([("a", "b"), ("b", "a")], -1.0),
        ([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")], 0.0),
        ([("a", "a")] * 3, 1.0),  # no disagreement was possible
        # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: 0.7 observed, 0.5 by chance
        ([("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15, 0.4),
    ],
)
def test_cohen_kappa(pairs, kappa):
    assert cohen_kappa(pairs) == pytest.approx(kappa)


def test_labels_agree_in_name_and_value():
    gold = [Label("l0", "arm", "Placebo"), Label("l1", "arm", "drug A  10 mg")]
    found = [Label("l0", "arm", "placebo"), Label("l1", "arm", "drug B")]
    assert score_labels(gold, found) == Score(tp=1, fp=1, fn=1)
    assert score_labels([], []) == Score()


def test_relaxed_labels_agree_when_one_holds_the_other():
    gold = [Label("l0", "arm", "matching placebo"), Label("l1", "arm", "aspirin 75 mg")]
    found = [Label("l0", "arm", "Placebo"), Label("l1", "arm", "aspirin 7")]
    assert score_labels(gold, found) == Score(fp=2, fn=2)
    assert score_labels(gold, found, "relaxed") == Score(tp=1, fp=1, fn=1)


def test_matching_moves_a_long_row_of_neighbours():
    n = 3000
    gold = [*(span(10 * i + 10, 10 * i + 20) for i in range(n)), span(12, 14)]
    predicted = [*(span(10 * i + 15, 10 * i + 25) for i in reversed(range(n))), span(11, 14)]
    assert score_spans(gold, predicted, "relaxed") == Score(n + 1, 0, 0)


def test_counts_by_key():
    gold = [span(0, 5), span(10, 15), span(20, 25, "test")]
    predicted = [span(0, 5), span(20, 25, "procedure")]
    counts = count_by(gold, predicted, match_spans(gold, predicted), lambda s: s.label)
    assert counts == {
        "problem": Score(1, 0, 1),
        "test": Score(0, 0, 1),
        "procedure": Score(0, 1, 0),
    }


@given(
    st.lists(st.tuples(*[st.integers(0, 9)] * 3).map(lambda c: Score(*c)), min_size=1, max_size=30)
)
def test_the_interval_of_f1_is_the_bootstrap_of_f1(scores):
    slow = bootstrap(scores, lambda sample: total(sample).f1, n=50)
    assert f1_interval(scores, n=50) == pytest.approx(slow)
