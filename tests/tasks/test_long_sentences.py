"""Time is linear in the text: one endless sentence costs about as much as many short ones."""

from __future__ import annotations

import time

import pytest

import clinie

CLAUSE = "no fever, no cough, aspirin 81 mg daily"


def seconds(text: str, task: str) -> float:
    started = time.perf_counter()
    clinie.extract(text, task=task)
    return time.perf_counter() - started


@pytest.mark.parametrize("task", ["medications", "conditions"])
@pytest.mark.proof
def test_one_sentence_costs_about_as_much_as_many(task):
    seconds(CLAUSE, task)  # load the lexica
    many = seconds("\n".join([f"- {CLAUSE}"] * 2000), task)
    assert seconds(", ".join([CLAUSE] * 2000), task) < 4 * many
