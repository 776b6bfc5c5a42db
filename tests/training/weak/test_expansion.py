"""Neighbours and the expansion check: symmetry, closed forms, a corpus with a known answer."""

from __future__ import annotations

import random
from math import inf, isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.training.weak.bounds import correction_bound, coverage_bound
from clinie.training.weak.expansion import expansion_check
from clinie.training.weak.neighbours import Substitution, synonym_groups, typed_groups
from clinie.training.weak.votes import ABSTAIN

GROUPS = {"hypertension": "bp", "HTN": "bp", "high blood pressure": "bp", "Lasix": "f",
          "furosemide": "f", "asthma": "alone"}  # fmt: skip
ORACLE = Substitution(GROUPS)
WORDS = st.lists(st.sampled_from([*GROUPS, "with", "no", "treated", "high", ","]), max_size=12)


@given(WORDS, st.integers(0, 99))
def test_neighbours_are_symmetric(words, seed):
    text = " ".join(words)
    for other in ORACLE.sample(text, 4, random.Random(seed)):
        assert ORACLE.are_neighbours(text, other)
        assert ORACLE.are_neighbours(other, text)
        assert ORACLE.are_neighbours(other, other)


@pytest.mark.parametrize("groups", [synonym_groups(), typed_groups()])
@given(seed=st.integers(0, 99))
def test_neighbours_of_our_lexica_read_back(groups, seed):
    oracle = Substitution(groups)
    text = "Hypertension and MI; takes Lasix 40 mg daily."
    found = oracle.sample(text, 3, random.Random(seed))
    assert all(oracle.are_neighbours(text, other) for other in found)


def test_one_term_is_replaced_on_request():
    rng = random.Random(0)
    found = ORACLE.find("HTN on Lasix", lambda text: "furosemide" in text, rng)
    assert found == "HTN on furosemide"
    assert ORACLE.find("HTN", lambda text: "furosemide" in text, rng) is None
    assert ORACLE.sample("asthma", 3, rng) == []


def test_a_group_of_one_is_no_group():
    with pytest.raises(ValueError, match="two members"):
        Substitution({"asthma": "a", "fever": "b"})


def test_the_bounds_by_hand():
    assert correction_bound(0.2, 0.03, 0.1, 0.5) == pytest.approx(0.4 / 0.6 * 0.03 + 0.1 + 0.05)
    wanted = (1 + 0.2 / 0.6) * 0.03 + (0.3 - 0.5 * 0.2) / (0.5 * 0.6)
    assert coverage_bound(0.2, 0.03, 0.3, 0.5, 0.1) == pytest.approx(wanted)
    assert coverage_bound(0.2, 0, 0.1, inf, 0.1) == pytest.approx(0.1)
    assert coverage_bound(0.2, 0, 0.1, 0, 0.1) == inf
    with pytest.raises(ValueError, match="half"):
        correction_bound(0.5, 0, 0, 0)


class Rule:
    """A student that is a rule over texts; features are the texts themselves."""

    def __init__(self, rule):
        self.rule = rule

    def predict(self, features):
        return np.array([self.rule(text) for text in features])


def corpus():
    """Texts of two classes: what the teacher goes by is the drug's name, which tells little.

    The class is told by "worse" and "better"; the teacher calls Lasix class 0, Bumex class 1 and
    abstains on torsemide, and is right on three of four that it labels.
    """
    oracle = Substitution({"Lasix": "drug", "Bumex": "drug", "torsemide": "drug"})
    texts, gold = [], []
    for index, word in enumerate(("worse", "better")):
        right, wrong = ("Lasix", "Bumex") if index == 0 else ("Bumex", "Lasix")
        for number in range(40):
            drug = "torsemide" if number % 5 == 0 else wrong if number % 5 == 1 else right
            texts.append(f"case {'x' * number} {word} on {drug}")
            gold.append(index)

    def teacher(text):
        return 0 if "Lasix" in text else 1 if "Bumex" in text else ABSTAIN

    return texts, np.array(gold), teacher, oracle


def check(student, others=()):
    texts, gold, teacher, oracle = corpus()
    return expansion_check(
        texts, gold, teacher=teacher, student=student, others=others, features=lambda t: t,
        oracle=oracle, classes=("worse", "better"),
    )  # fmt: skip


def test_a_student_that_sees_the_cause_is_robust_and_bounded():
    for found in check(Rule(lambda text: int("better" in text))):
        assert found.alpha == pytest.approx(0.25)
        assert found.correction == pytest.approx(1.0)
        assert found.fragile_covered == found.covered_error == found.uncovered_error == 0
        assert found.correction_bound == pytest.approx(0.25 + 0.25 * (1 - 1.5))
        assert found.coverage_bound == pytest.approx(0.1)
        assert found.holds


def test_a_student_that_fits_its_teacher_exactly_does_not_expand():
    teacher = corpus()[2]
    for found in check(Rule(lambda text: max(teacher(text), 0))):
        assert isnan(found.correction) or found.correction == 0
        assert found.fragile_covered > 0.8
        assert found.covered_error == pytest.approx(found.alpha)
        assert isnan(found.correction_bound)
        assert found.why_not


def test_the_family_lowers_the_expansion():
    cause = Rule(lambda text: int("better" in text))
    half = Rule(lambda text: int("better" in text or len(text) % 2))
    assert min(c.correction for c in check(cause, [half])) <= 1.0


def test_the_check_is_deterministic():
    student = Rule(lambda text: int("better" in text))
    assert check(student) == check(student)
