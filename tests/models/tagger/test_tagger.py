import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.models.tagger.tagger import LONGEST, Head, Mention, Tagger, cut, layout
from clinie.models.tagger.weights import load, save
from clinie.text.sentences import sentences
from clinie.text.tokens import tokenize

NOTE = "Takes warfarin and aspirin.\nNo pneumonia seen.\n\nStop Lasix 40 mg."
HEADS = ("medications", "conditions")

notes = st.lists(
    st.sampled_from(
        ["warfarin", "cough", "40 mg", ".", "\n\n", "- ", "No", "é", "😀", "\ud800", ""]
    )
    | st.text(alphabet=st.characters(exclude_categories=()), max_size=12),
    max_size=60,
).map(" ".join)


@pytest.fixture
def listed(listed_weights) -> Tagger:
    return Tagger(*listed_weights)


@pytest.fixture(scope="module")
def noisy(random_weights) -> Tagger:
    """Return random weights that answer much."""
    tensors, said = random_weights()
    for head in said["heads"].values():
        head["threshold"] = 0.01
    return Tagger(tensors, said | {"longest": 12})


def words(text: str, found: list[Mention]) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.label) for m in found]


@given(st.lists(st.integers(0, 300)), st.integers(1, 150))
def test_passages_hold_every_word_once_and_in_order(lengths: list[int], longest: int) -> None:
    found = layout(lengths, longest)
    said = [
        (n, place) for line in found for n, part in line for place in range(part.start, part.stop)
    ]
    assert said == [(n, place) for n, length in enumerate(lengths) for place in range(length)]
    for line in found:
        size = sum(part.stop - part.start + 1 for _, part in line) - 1
        assert size <= longest or len(line) == 1
        assert size <= max(longest, 120)


@given(notes)
def test_a_text_is_cut_into_its_tokens(text: str) -> None:
    passages = cut(text)
    assert [token for line in passages for token in line if token] == tokenize(text)
    for line in passages:
        assert line
        assert line[0] is not None
        assert line[-1] is not None
    starts = {start for start, _ in sentences(text)}
    for line in passages:
        for before, token in pairwise(line):
            if before and token:
                assert token.start not in starts
            if before is None and token:
                assert token.start in starts


def test_sentences_share_a_passage_up_to_its_size() -> None:
    assert layout([10, 10, 27, 60, 1], 50) == [
        [(0, slice(0, 10)), (1, slice(0, 10)), (2, slice(0, 27))],
        [(3, slice(0, 60))],
        [(4, slice(0, 1))],
    ]
    assert layout([250], 50) == [
        [(0, slice(0, 120))],
        [(0, slice(120, 240))],
        [(0, slice(240, 250))],
    ]
    assert layout([3], LONGEST) == [[(0, slice(0, 3))]]


def test_known_words_are_found(listed) -> None:
    found = listed.mentions(NOTE, HEADS)
    drug, problem = "medication", "problem"
    assert words(NOTE, found["medications"]) == [
        (w, drug) for w in ("warfarin", "aspirin", "Lasix")
    ]
    assert words(NOTE, found["conditions"]) == [("pneumonia", problem)]
    assert all(0.9 < m.confidence == m.raw < 1 for m in found["medications"])
    assert listed.mentions(NOTE, ["conditions"]) == {"conditions": found["conditions"]}


@pytest.mark.parametrize("text", ["", " \n\t\n ", "\u00a0"])
def test_nothing_is_found_in_an_empty_text(listed, text) -> None:
    assert listed.mentions(text, HEADS) == {"medications": [], "conditions": []}


@given(notes)
def test_mentions_are_whole_tokens_of_one_sentence(noisy, text: str) -> None:
    starts = {token.start for token in tokenize(text)}
    ends = {token.end for token in tokenize(text)}
    bounds = sentences(text)
    for found in noisy.mentions(text, HEADS).values():
        for m in found:
            assert m.start in starts
            assert m.end in ends
            assert any(start <= m.start and m.end <= end for start, end in bounds)
            assert 0 <= m.confidence <= 1
        assert all(before.end <= m.start for before, m in pairwise(found))


def test_a_long_text_is_read_like_its_parts(noisy) -> None:
    one = noisy.mentions(NOTE, HEADS)
    assert one["medications"]
    gap = "\n\n" + "x " * 12 + ".\n\n"  # fills passages of its own
    whole = noisy.mentions((NOTE + gap) * 40, HEADS)
    for head, found in one.items():
        again = [m for m in whole[head] if m.end <= len(NOTE)]
        assert [m[:3] for m in again] == [m[:3] for m in found]


@pytest.mark.parametrize("unit", ["a", "1,", "\n", "warfarin ", "x."])
def test_time_is_linear_in_a_hostile_line(listed, unit) -> None:
    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        began = time.process_time()
        listed.mentions(text, ["medications"])
        return time.process_time() - began

    seconds(1_000)
    assert seconds(200_000) < 40 * (seconds(20_000) + 0.05)


def test_confidence_follows_the_calibration(listed_weights) -> None:
    text, (tensors, said) = "aspirin for pneumonia", listed_weights
    raw = {
        head: found[0].raw for head, found in Tagger(tensors, said).mentions(text, HEADS).items()
    }
    lines = {
        "medications": {"medication": ([0.5, raw["medications"]], [0.2, 0.7])},
        "conditions": {"problem": ([0.0, 1.0], [0.1, 0.3])},
    }
    for head, line in lines.items():
        said["heads"][head]["calibration"] = line
    found = Tagger(tensors, said).mentions(text, HEADS)
    assert {head: mentions[0].raw for head, mentions in found.items()} == pytest.approx(raw)
    assert found["medications"][0].confidence == pytest.approx(0.7)
    assert found["conditions"][0].confidence == pytest.approx(0.1 + 0.2 * raw["conditions"])


def test_a_label_without_calibration_keeps_the_raw_probability() -> None:
    head = Head(np.zeros((2, 3), np.float32), np.zeros(3, np.float32), crf=None)
    assert head.confidence("other", 0.42) == 0.42


def test_the_threshold_decides_what_is_answered(listed_weights) -> None:
    tensors, said = listed_weights
    said["heads"]["medications"]["threshold"] = 1.0
    assert Tagger(tensors, said).mentions(NOTE, HEADS)["medications"] == []


def test_a_head_may_answer_by_words(listed_weights) -> None:
    tensors, said = listed_weights
    said["heads"]["medications"]["by_words"] = True
    found = Tagger(tensors, said).mentions("warfarin aspirin daily", HEADS)["medications"]
    assert words("warfarin aspirin daily", found) == [("warfarin aspirin", "medication")]


def test_a_file_answers_like_what_was_saved(tmp_path, random_weights) -> None:
    tensors, said = random_weights()
    save(tmp_path / "x.safetensors", tensors, said)
    tagger = Tagger.from_file(tmp_path / "x.safetensors")
    assert load(tmp_path / "x.safetensors")[1] == said
    assert tagger.mentions(NOTE, HEADS) == Tagger(tensors, said).mentions(NOTE, HEADS)
