"""Votes and label models: abstention, ties, and who is trusted."""

from __future__ import annotations

import numpy as np
import pytest

from clinie.training.weak.label_models import DawidSkene, MajorityVote
from clinie.training.weak.votes import ABSTAIN, Votes, cast

CLASSES = ("no", "yes")


def votes(*rows) -> Votes:
    matrix = np.array(rows, dtype=np.int64)
    return Votes(matrix, CLASSES, tuple(f"f{j}" for j in range(matrix.shape[1])))


def simulated(seed: int, count: int = 3000):
    """Return gold and votes of three functions of known accuracy that abstain now and then."""
    rng = np.random.default_rng(seed)
    gold = rng.integers(0, 3, count)
    columns = []
    for accuracy in (0.9, 0.6, 0.55):
        wrong = (gold + rng.integers(1, 3, count)) % 3
        said = np.where(rng.random(count) < accuracy, gold, wrong)
        columns.append(np.where(rng.random(count) < 0.2, ABSTAIN, said))
    return gold, Votes(np.stack(columns, axis=1), ("a", "b", "c"), ("good", "fair", "poor"))


def test_functions_are_asked_about_every_item():
    functions = {
        "cue": lambda text: "no" if "denies" in text else None,
        "word": lambda text: "yes" if "fever" in text else None,
    }
    found = cast(["denies fever", "fever", "well"], functions, CLASSES)
    assert found.matrix.tolist() == [[0, 1], [ABSTAIN, 1], [ABSTAIN, ABSTAIN]]
    assert found.functions == ("cue", "word")
    assert found.coverage == pytest.approx(2 / 3)
    assert found.conflicts == pytest.approx(1 / 3)


def test_a_label_that_is_no_class_names_the_function():
    with pytest.raises(ValueError, match="'cue'"):
        cast(["x"], {"cue": lambda _: "perhaps"}, CLASSES)


@pytest.mark.parametrize("matrix", [[[2]], [[-2]], [[0, 1]]])
def test_votes_that_do_not_fit_are_refused(matrix):
    with pytest.raises(ValueError, match="vote"):
        Votes(np.array(matrix), CLASSES, ("one",))


def test_accuracy_counts_only_what_a_function_votes_on():
    found = votes([0, 1], [ABSTAIN, 1], [1, ABSTAIN]).accuracy(np.array([0, 1, 0]))
    assert found["f0"] == pytest.approx((2 / 3, 1 / 2))
    assert found["f1"] == pytest.approx((2 / 3, 1 / 2))


def test_majority_abstains_on_ties_and_silence():
    found = votes([1, 1, 0], [1, 0, ABSTAIN], [ABSTAIN] * 3, [ABSTAIN, 0, ABSTAIN])
    model = MajorityVote().fit(found)
    assert model.predict(found).tolist() == [1, ABSTAIN, ABSTAIN, 0]
    assert model.predict_proba(found).sum(axis=1) == pytest.approx(1)
    assert model.predict_proba(found)[2] == pytest.approx(model.prior_)


@pytest.mark.parametrize("seed", range(3))
def test_dawid_skene_learns_whom_to_trust(seed):
    gold, found = simulated(seed)
    model = DawidSkene().fit(found)
    trusted = [np.diag(table[:, :3]).mean() for table in model.confusion_]
    assert trusted[0] > trusted[1] > trusted[2] - 0.02
    truth = [0.8 * 0.9, 0.8 * 0.6, 0.8 * 0.55]
    assert trusted == pytest.approx(truth, abs=0.06)
    majority = MajorityVote().fit(found).predict(found)
    said = model.predict(found)
    covered = said != ABSTAIN
    assert (said == gold)[covered].mean() > (majority == gold)[covered].mean() + 0.05
    assert model.predict_proba(found).sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("model", [MajorityVote(), DawidSkene()])
def test_no_items_are_no_trouble(model):
    empty = Votes(np.zeros((0, 2), dtype=np.int64), CLASSES, ("a", "b"))
    assert model.fit(empty).predict(empty).shape == (0,)
    assert np.isnan(empty.coverage)


def test_dawid_skene_is_deterministic_and_stops():
    _, found = simulated(0)
    one, other = DawidSkene().fit(found), DawidSkene().fit(found)
    assert np.array_equal(one.predict_proba(found), other.predict_proba(found))
    assert one.iterations_ < 500
