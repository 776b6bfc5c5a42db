"""The bootstrap: draws in blocks, intervals, differences of two systems on the same draws."""

from __future__ import annotations

import math

import numpy as np
import pytest

from clinie.datasets import resampling
from clinie.datasets.resampling import Bootstrap, draws

ROWS = np.random.default_rng(7).normal(size=(40, 1))


def mean(values):
    return lambda weights: (weights @ values)[:, 0] / weights.sum(axis=1)


def test_blocks_hold_the_draws_of_one_call(monkeypatch):
    for documents in (1, 2, 7, 1000):
        whole = np.random.default_rng(3).integers(documents, size=(50, documents))
        monkeypatch.setattr(resampling, "_CELLS", 3 * documents)
        blocks = list(draws(documents, 50, 3))
        assert len(blocks) == 17
        assert (np.concatenate(blocks) == whole).all()


def test_no_document_is_an_error():
    with pytest.raises(ValueError, match="at least one document"):
        list(draws(0, 5, 0))


def test_a_mean_has_the_textbook_interval():
    [samples] = Bootstrap(40, 4000)([mean(ROWS)])
    estimate = samples.estimate()
    assert estimate.value == pytest.approx(ROWS.mean())
    width = 2 * 1.96 * ROWS.std() / math.sqrt(40)
    assert estimate.high - estimate.low == pytest.approx(width, rel=0.1)
    wide = samples.estimate(0.99)
    assert wide.low < estimate.low < estimate.high < wide.high


def test_the_same_seed_gives_the_same_interval():
    estimates = [Bootstrap(40, 100, seed)([mean(ROWS)])[0].estimate() for seed in (0, 0, 1)]
    assert estimates[0] == estimates[1] != estimates[2]


def test_a_paired_difference_is_sharper_than_two_intervals():
    better = ROWS + 0.1
    one, other = Bootstrap(40, 500)([mean(better), mean(ROWS)])
    gap = one.minus(other)
    assert gap.value == pytest.approx(0.1)
    assert (gap.low, gap.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert gap.p == pytest.approx(1 / 500)
    back = other.minus(one)
    assert (back.value, back.p) == (pytest.approx(-0.1), gap.p)


def test_a_difference_by_chance_has_a_large_p():
    noise = np.random.default_rng(1).normal(size=(40, 1))
    one, other = Bootstrap(40, 500)([mean(noise - noise.mean()), mean(np.zeros((40, 1)))])
    assert one.minus(other).p > 0.5


def test_undefined_resamples_are_left_out():
    def undefined_when_missing(weights):
        return np.where(weights[:, 0] > 0, 1.0, np.nan)

    [samples] = Bootstrap(3, 100)([undefined_when_missing])
    assert samples.estimate() == resampling.Estimate(1, 1, 1)
    [never] = Bootstrap(3, 100)([lambda weights: np.full(len(weights), np.nan)])
    assert all(map(math.isnan, (never.value, never.estimate().low, never.minus(samples).low)))
