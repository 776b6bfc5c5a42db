"""Sums over all tag sequences, compared with sequences written out one by one."""

from itertools import pairwise, product

import numpy as np
import pytest

from clinie.models.tagger.crf import Crf, ScoredSpan, choose

LABELS = ("drug", "dose")
TAGS = 2 * len(LABELS) + 1


def some(lengths: list[int], seed: int = 0) -> tuple[Crf, np.ndarray]:
    random = np.random.default_rng(seed)
    crf = Crf(LABELS, random.normal(size=(TAGS + 1, TAGS)))
    scores = random.normal(size=(max(lengths), len(lengths), TAGS)).astype(np.float32)
    return crf, 2 * scores


def sequences(crf: Crf, scores: np.ndarray) -> dict[tuple[int, ...], float]:
    """Return the probability of every sequence of tags of one passage."""
    scores = scores.astype(np.float64)
    found = {}
    for tags in product(range(TAGS), repeat=len(scores)):
        score = crf.transitions[-1, tags[0]] + sum(scores[n, t] for n, t in enumerate(tags))
        found[tags] = np.exp(score + sum(crf.transitions[a, b] for a, b in pairwise(tags)))
    whole = sum(found.values())
    return {tags: mass / whole for tags, mass in found.items()}


def spans_of(tags: tuple[int, ...]) -> set[tuple[int, int, str]]:
    spans = set()
    for start, tag in enumerate(tags):
        if tag % 2:
            end = start + 1
            while end < len(tags) and tags[end] == tag + 1:
                end += 1
            spans.add((start, end, LABELS[tag // 2]))
    return spans


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_span_has_the_mass_of_all_sequences_with_it(length: int) -> None:
    crf, scores = some([length])
    right: dict[tuple[int, int, str], float] = {}
    for tags, mass in sequences(crf, scores[:, 0]).items():
        for span in spans_of(tags):
            right[span] = right.get(span, 0.0) + mass
    (found,) = crf.spans(scores, np.array([length]), 0.0)
    assert {span[:3]: span.probability for span in found} == pytest.approx(right, abs=1e-9)


def test_only_probable_spans_are_returned() -> None:
    crf, scores = some([6], seed=3)
    (every,) = crf.spans(scores, np.array([6]), 0.0)
    (probable,) = crf.spans(scores, np.array([6]), 0.2)
    assert 0 < len(probable) < len(every)
    assert probable == [span for span in every if span.probability >= 0.2]


def test_passages_side_by_side_are_as_alone() -> None:
    lengths = [7, 7, 4, 1]
    crf, scores = some(lengths, seed=1)
    for read in (crf.spans, crf.runs):
        together = read(scores, np.array(lengths), 0.1)
        for row, length in enumerate(lengths):
            (alone,) = read(scores[:length, row : row + 1], np.array([length]), 0.1)
            assert [span[:3] for span in together[row]] == [span[:3] for span in alone]
            assert [span[3] for span in together[row]] == pytest.approx([s[3] for s in alone])


def test_extreme_scores_do_not_overflow() -> None:
    crf, scores = some([4])
    (found,) = crf.spans(1000 * scores, np.array([4]), 0.0)
    assert all(0 <= span.probability <= 1 for span in found)


def test_runs_are_words_of_one_label_each_probable() -> None:
    crf = Crf(LABELS, np.zeros((TAGS + 1, TAGS)))
    scores = np.zeros((6, 1, TAGS))
    # a drug that begins anew still is one run; a word less sure parts two
    for word, tag in enumerate((1, 1, 2, 0, 4, 1)):
        scores[word, 0, tag] = 6
    (found,) = crf.runs(scores, np.array([6]), 0.5)
    assert [span[:3] for span in found] == [(0, 3, "drug"), (4, 5, "dose"), (5, 6, "drug")]
    one = (np.exp(6) + 1) / (np.exp(6) + TAGS - 1)  # both tags of the label
    assert found[0].probability == pytest.approx(one)
    assert crf.runs(scores, np.array([6]), 0.999) == [[]]


def test_the_more_probable_of_two_that_overlap_is_chosen() -> None:
    long, first, second = (
        ScoredSpan(0, 4, "drug", 0.5),
        ScoredSpan(0, 2, "dose", 0.6),
        ScoredSpan(3, 5, "drug", 0.4),
    )
    assert choose([second, long, first]) == [first, second]
    assert choose([second, long]) == [long]
    assert choose([]) == []
    tied = [ScoredSpan(0, 2, "drug", 0.5), ScoredSpan(1, 3, "drug", 0.5)]
    assert choose(tied) == choose(tied[::-1]) == tied[:1]
