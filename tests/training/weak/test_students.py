"""Embedding and student: shapes, invariance, against a closed form."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from clinie.training.weak.embedding import LatentSpace, TfIdf, words_and_pairs
from clinie.training.weak.students import LogisticRegression

TEXTS = ["no fever today", "fever and cough", "cough for 3 days", "cough for 5 days", "no cough"]


def test_words_and_pairs():
    assert list(words_and_pairs("No fever, 38 C")) == [
        "no", "fever", "#", "c", "no fever", "fever #", "# c",
    ]  # fmt: skip


def test_rows_have_length_one():
    matrix = TfIdf(min_items=1).fit(TEXTS).transform([*TEXTS, "unheard-of"])
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    assert lengths == pytest.approx([1, 1, 1, 1, 1, 0])


def test_rare_features_weigh_more():
    weights = TfIdf(min_items=1).fit(TEXTS)
    idf = weights.idf_[[weights.vocabulary_[w] for w in ("cough", "no", "today")]]
    assert (np.diff(idf) > 0).all()
    assert "today" not in TfIdf(min_items=2).fit(TEXTS).vocabulary_


def test_the_space_keeps_what_is_alike_together():
    points = LatentSpace(2, min_items=1).fit_transform(TEXTS)
    assert points.shape == (5, 2)
    alike = points @ points.T
    assert alike[2, 3] == pytest.approx(alike[2].max())
    assert np.array_equal(points, LatentSpace(2, min_items=1).fit_transform(TEXTS))


def test_a_tiny_corpus_is_no_trouble():
    assert LatentSpace(100, min_items=1).fit_transform(["one"]).shape == (1, 1)


def test_balanced_weights_make_the_bias_even():
    labels = np.array([0] * 90 + [1] * 10)
    flat = np.zeros((100, 1))
    plain = LogisticRegression().fit(flat, labels)
    assert plain.predict_proba(flat)[0] == pytest.approx([0.9, 0.1], abs=1e-3)
    even = LogisticRegression(balanced=True).fit(flat, labels)
    assert even.predict_proba(flat)[0] == pytest.approx([0.5, 0.5], abs=1e-3)


@pytest.mark.parametrize("form", [np.asarray, sparse.csr_matrix])
def test_the_gradient_is_zero_at_the_end(form):
    rng = np.random.default_rng(0)
    points = rng.normal(size=(60, 3))
    labels = (points[:, 0] + rng.normal(size=60) > 0).astype(int) + 2 * (points[:, 1] > 1)
    model = LogisticRegression(2.0).fit(form(points), labels)
    onehot = np.eye(len(model.classes_))[np.searchsorted(model.classes_, labels)]
    surplus = model.predict_proba(form(points)) - onehot
    assert points.T @ surplus * 2 + model.weights_ == pytest.approx(0, abs=1e-2)
    assert surplus.sum(axis=0) == pytest.approx(0, abs=1e-2)
    assert model.score(form(points), labels) > 0.6


def test_classes_keep_their_numbers():
    model = LogisticRegression().fit(np.array([[-1.0], [1.0]] * 5), np.array([3, 7] * 5))
    assert model.predict(np.array([[-2.0], [2.0]])).tolist() == [3, 7]


def test_nothing_to_fit_is_refused():
    with pytest.raises(ValueError, match="no items"):
        LogisticRegression().fit(np.zeros((0, 2)), np.zeros(0, int))
