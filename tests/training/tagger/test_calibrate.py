import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.models.tagger.tagger import Head, Tagger
from clinie.training.tagger.calibrate import (
    Judged,
    calibration,
    judge,
    judge_words,
    threshold,
    threshold_of_words,
)
from clinie.training.tagger.export import tensors_of
from clinie.training.tagger.fit import Recipe, fit
from clinie.training.tagger.network import Shape
from clinie.training.tagger.passages import Passage

TOY = [
    *[
        Passage(["takes", "warfarin", str(n), "mg"], {"a": ["O", "B-x", "B-y", "I-y"]})
        for n in range(30)
    ],
    *[Passage(["no", "cough", "now"], {"a": ["O", "O", "O"]}) for _ in range(30)],
]
judgements = st.lists(
    st.builds(Judged, st.sampled_from("ab"), st.floats(0, 1), st.booleans()), min_size=1
)


def drawn(count: int, seed: int = 0) -> list[Judged]:
    """Return spans right less often than their probability says: p² instead of p."""
    random = np.random.default_rng(seed)
    return [Judged("a", p, bool(random.random() < p**2)) for p in random.random(count)]


@given(judgements, st.floats(0, 0.5))
def test_lines_rise_and_are_never_certain(judged: list[Judged], least: float) -> None:
    lines = calibration(judged, least)
    assert set(lines) == {one.label for one in judged if one.probability >= least}
    for places, levels in lines.values():
        assert len(places) == len(levels) > 0
        assert places == sorted(places)
        assert levels == sorted(levels)
        assert all(0 < level < 1 for level in levels)


def test_a_line_mends_overconfidence() -> None:
    head = Head(np.zeros((1, 3)), np.zeros(3), None, calibration=calibration(drawn(4000), 0.0))
    for raw in (0.3, 0.5, 0.8):
        assert head.confidence("a", raw) == pytest.approx(raw**2, abs=0.06)


def test_a_label_seen_seldom_shares_the_line_of_all() -> None:
    often = drawn(1000)
    seldom = [Judged("b", 0.9, True)] * 20
    lines = calibration([*often, *seldom], 0.0)
    assert (
        lines["b"]
        == calibration([Judged("c", o.probability, o.right) for o in [*often, *seldom]], 0.0)["c"]
    )
    assert lines["a"] == calibration(often, 0.0)["a"] != lines["b"]


def test_spans_under_the_threshold_do_not_count() -> None:
    low = [Judged("a", 0.1, False)] * 500
    high = [Judged("a", 0.5 + n / 1000, n % 3 > 0) for n in range(300)]
    assert calibration([*low, *high], 0.3) == calibration(high, 0.3)


def test_the_threshold_is_that_of_the_best_f1() -> None:
    right = [Judged("a", p, True) for p in (0.9, 0.8, 0.45, 0.42)]
    wrong = [Judged("a", p, False) for p in (0.41, 0.38, 0.3, 0.25)]
    assert threshold([*right, *wrong], gold=4) == 0.42
    # where many are missing, more is answered
    assert threshold([*right, *wrong, Judged("a", 0.22, True)], gold=50) <= 0.22


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    recipe = Recipe(
        Shape(buckets=200, width=12, hidden=8), epochs=40, rate=0.05, words=100, dropout=0.1
    )
    network = fit(TOY, {"a": ("x", "y")}, recipe, 0, lambda line: None)
    return Tagger(
        tensors_of(network, "m"), {"members": ["m"], "heads": {"a": {"labels": ["x", "y"]}}}
    )


def test_judging_compares_exact_spans(tagger) -> None:
    judged, gold = judge(tagger, "a", TOY)
    assert gold == 60
    assert sum(one.right for one in judged) == 60
    assert all(one.probability > 0.5 for one in judged if one.right)
    moved = [Passage(p.words, {"a": ["O"] * len(p.words)}) for p in TOY]
    judged, gold = judge(tagger, "a", moved)
    assert gold == 0
    assert not any(one.right for one in judged)


def test_judging_by_words_asks_for_half_of_a_run(tagger) -> None:
    tagger.heads["a"] = Head(
        *(getattr(tagger.heads["a"], name) for name in ("weight", "bias", "crf")), by_words=True
    )
    judged = judge_words(tagger, "a", TOY, 0.5)
    assert len(judged) == 60
    assert all(one.right for one in judged)
    half = [Passage(p.words, {"a": [t if t != "B-y" else "O" for t in p.tags["a"]]}) for p in TOY]
    assert all(one.right for one in judge_words(tagger, "a", half, 0.5))
    other = [Passage(p.words, {"a": ["O"] * len(p.words)}) for p in TOY]
    assert not any(one.right for one in judge_words(tagger, "a", other, 0.5))
    assert 0.2 <= threshold_of_words(tagger, "a", TOY) <= 0.6
