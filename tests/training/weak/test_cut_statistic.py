"""The cut statistic: formula, toy figures, chunks, floor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.training.weak import cut_statistic as module
from clinie.training.weak.cut_statistic import CutStatistic, cut_statistic, kept, nearest


def toy(seed: int = 0):
    """Return two Gaussians of 250 points and labels of which 26.4 % are flipped (132 of 500)."""
    rng = np.random.default_rng(seed)
    truth = np.repeat([0, 1], 250)
    points = rng.normal(size=(500, 2)) + np.where(truth == 1, 4.0, -4.0)[:, None]
    labels = truth.copy()
    labels[rng.choice(500, 132, replace=False)] ^= 1
    return points, labels, truth


@pytest.mark.parametrize("seed", range(5))
def test_the_toy_figures(seed):
    points, labels, truth = toy(seed)
    right = labels == truth
    assert right.mean() == pytest.approx(0.736)
    scores = cut_statistic(points, labels)
    assert right[kept(scores, labels, 0.7)].mean() == pytest.approx(1.0)
    assert right[kept(scores, labels, 0.9)].mean() == pytest.approx(0.818, abs=0.0005)


def test_the_formula_by_hand():
    # Points on a line at 0, 1, 3; two neighbours each.
    points = np.array([[0.0], [1.0], [3.0]])
    labels = np.array([0, 0, 1])
    near, far = 1 / 2, 1 / 4  # weights at distances 1 and 3
    share = 2 / 3
    cut = far - (1 - share) * (near + far)
    expected = cut / np.sqrt(share * (1 - share) * (near**2 + far**2))
    assert cut_statistic(points, labels, k=2)[0] == pytest.approx(expected)
    single = (1 / 4 + 1 / 3) - (2 / 3) * (1 / 4 + 1 / 3)
    spread = np.sqrt(2 / 9 * (1 / 16 + 1 / 9))
    assert cut_statistic(points, labels, k=2)[2] == pytest.approx(single / spread)


@given(st.integers(2, 40), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_neighbours_are_the_nearest_others(count, k, seed):
    points = np.random.default_rng(seed).normal(size=(count, 3))
    distances, indices = nearest(points, k)
    every = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(every, np.inf)
    wanted = np.sort(every, axis=1)[:, : min(k, count - 1)]
    assert distances == pytest.approx(wanted, abs=1e-6)
    assert not (indices == np.arange(count)[:, None]).any()


def test_chunks_change_nothing(monkeypatch):
    points, labels, _ = toy()
    whole = cut_statistic(points, labels)
    monkeypatch.setattr(module, "_CHUNK", 1500)
    assert cut_statistic(points, labels) == pytest.approx(whole, abs=1e-9)


def test_a_common_offset_does_not_cost_digits():
    points, labels, _ = toy()
    assert cut_statistic(points + 1e6, labels) == pytest.approx(
        cut_statistic(points, labels), abs=1e-4
    )


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_one_class_has_nothing_to_tell(count):
    scores = cut_statistic(np.random.default_rng(0).normal(size=(count, 2)), np.zeros(count, int))
    assert scores.tolist() == [0.0] * count


def test_twins_are_neighbours_of_one_another():
    points = np.zeros((4, 2))
    scores = cut_statistic(points, np.array([0, 0, 0, 1]), k=3)
    assert scores[3] > scores[0] == scores[1]


def test_the_floor_saves_a_rare_class():
    scores = np.arange(100.0)
    labels = np.array([0] * 95 + [1] * 5)
    assert kept(scores, labels, 0.5).sum() == 50
    saved = kept(scores, labels, 0.5, floor=3)
    assert np.flatnonzero(saved & (labels == 1)).tolist() == [95, 96, 97]
    assert kept(scores, labels, 0.5, floor=10)[labels == 1].all()
    assert kept(scores, labels, 1.0).all()


@pytest.mark.parametrize(("keep", "floor"), [(0, 0), (1.1, 0), (0.5, -1)])
def test_impossible_shares_are_refused(keep, floor):
    with pytest.raises(ValueError, match="must"):
        kept(np.zeros(3), np.zeros(3, int), keep, floor)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="agree"):
        cut_statistic(np.zeros((3, 2)), np.zeros(2, int))
    with pytest.raises(ValueError, match="k must"):
        cut_statistic(np.zeros((3, 2)), np.zeros(3, int), k=0)


def test_the_estimator_selects():
    points, labels, truth = toy()
    selection = CutStatistic(0.7, floor=0).fit(points, labels)
    assert selection.support_.sum() == 350
    assert (labels == truth)[selection.support_].all()
