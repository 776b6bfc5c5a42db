"""Span figures against nervaluate, an independent implementation of the SemEval 2013 schemes.

It pairs greedily, in the order of the predictions, and a near miss may use up the gold span of a
later exact match; spans that overlap others of their own side are therefore left out here. Its
``ent_type`` asks for an overlap and the label, as our relaxed mode does, and counts the same where
no span has two partners to choose from; elsewhere our maximum matching finds as many or more.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate import Evaluator

from clinie.datasets.evaluation import evaluate
from clinie.datasets.evaluation.rows import MICRO
from clinie.schema import Extraction, Span

LABELS = ("problem", "test", "procedure")


@st.composite
def apart(draw):
    """Spans of one document that do not overlap each other."""
    spans, position = [], 0
    for _ in range(draw(st.integers(0, 6))):
        start = position + draw(st.integers(0, 3))
        position = start + draw(st.integers(1, 5))
        label = draw(st.sampled_from(LABELS))
        spans.append(Span(f"s{len(spans)}", label, start, position, "x" * (position - start)))
    return spans


documents = st.lists(st.tuples(apart(), apart()), min_size=1, max_size=4)


def ours(pairs):
    gold, found = (
        [Extraction(str(n), "conditions@1", tuple(pair[side])) for n, pair in enumerate(pairs)]
        for side in (0, 1)
    )
    result = evaluate(found, gold, task="conditions", resamples=1)
    return {(line.section, line.name): line for line in result.lines}


def theirs(pairs):
    gold, found = (
        [
            [{"label": s.label, "start": s.start, "end": s.end - 1} for s in pair[side]]
            for pair in pairs
        ]
        for side in (0, 1)
    )
    return Evaluator(gold, found, tags=list(LABELS), loader="dict").evaluate()


def same(line, result):
    assert line.gold == result.possible
    assert line.predicted == result.actual
    figures = {name: estimate.value for name, estimate in line.figures.items()}
    if result.actual:
        assert figures["precision"] == pytest.approx(result.precision)
    if result.possible:
        assert figures["recall"] == pytest.approx(result.recall)
    assert figures["f1"] == pytest.approx(result.f1)


def has_choice(pairs):
    """Tell whether a span overlaps two of its label on the other side."""
    return any(
        sum(one.label == o.label and one.start < o.end and o.start < one.end for o in others) > 1
        for pair in pairs
        for spans, others in (pair, pair[::-1])
        for one in spans
    )


@given(documents)
def test_strict_is_strict(pairs):
    lines, expected = ours(pairs), theirs(pairs)
    for label, results in expected["entities"].items():
        same(lines["spans, strict", label], results["strict"])
    if expected["entities"]:
        same(lines["spans, strict", MICRO], expected["overall"]["strict"])


@given(documents)
def test_relaxed_is_their_entity_type(pairs):
    lines, expected = ours(pairs), theirs(pairs)
    for label, results in expected["entities"].items():
        line = lines["spans, relaxed", label]
        assert line.gold == results["ent_type"].possible
        found = round(line.figures["f1"].value * (line.gold + line.predicted) / 2)
        assert found >= results["ent_type"].correct
        if not has_choice(pairs):
            same(line, results["ent_type"])


@given(documents)
def test_relaxed_without_labels_is_their_partial(pairs):
    erased = [
        tuple([Span(s.id, "problem", s.start, s.end, s.text) for s in side] for side in pair)
        for pair in pairs
    ]
    partial = theirs(erased)["overall"]["partial"]
    line = ours(erased).get(("spans, relaxed", "problem"))
    if line is not None and not has_choice(erased):
        whole = line.gold + line.predicted
        assert line.figures["f1"].value * whole / 2 == pytest.approx(
            partial.correct + partial.partial
        )
