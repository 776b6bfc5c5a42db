"""What counts as a near copy of a test text."""

from __future__ import annotations

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.datasets.corpora import CorpusItem
from clinie.datasets.leaks import LEAST, WORDS, Held, clean, near_copies
from clinie.schema import Document

NOTE = (
    "She was admitted with two days of fever and a wet cough. The film showed a left lower lobe "
    "infiltrate, and she was sent home on ten days of amoxicillin by mouth."
)
OTHER = (
    "He fell from a ladder this morning and hurt his right wrist. There is swelling over the "
    "distal radius without any wound, and the pulse is good on both sides."
)


def words(number, start=0):
    return " ".join(f"w{n}" for n in range(start, start + number))


def copies(train, test):
    return near_copies([Document(train, "train")], [Document(test, "test")])


@pytest.mark.parametrize(
    "train",
    [
        NOTE,
        NOTE.upper().replace(" ", "\n"),
        f"{OTHER} {NOTE} {OTHER}",  # the test stands inside a longer text
        NOTE.split(". ")[1],  # one sentence of the test
        NOTE.replace("left", "right"),
    ],
)
def test_near_copies_are_found(train):
    [copy] = copies(train, NOTE)
    assert (copy.train, copy.test) == ("train", "test")
    assert copy.shared >= LEAST
    assert 0.5 <= copy.share <= 1


@pytest.mark.parametrize(
    "train",
    ["", OTHER, f"{OTHER} She was admitted with two days of fever and a wet cough.", "None."],
)
def test_other_texts_are_not(train):
    assert copies(train, NOTE) == []


def test_short_texts_tell_nothing():
    longest = WORDS + LEAST - 1
    assert copies(words(longest - 1), words(longest - 1)) == []
    assert len(copies(words(longest), words(longest))) == 1


def test_half_of_the_shorter_text_is_enough():
    assert len(copies(words(47), words(47, start=20))) == 1  # 20 of 40 sequences
    assert copies(words(47), words(47, start=21)) == []


def test_clean_drops_them_from_anything_that_has_a_document():
    tests = [Document(NOTE, "t1")]
    train = [CorpusItem(Document(OTHER, "a")), CorpusItem(Document(NOTE, "b"))]
    assert [item.document.id for item in clean(train, tests)] == ["a"]
    assert list(clean([Document(NOTE, "b")], Held(tests))) == []
    lines = [NOTE, OTHER]
    assert list(clean(lines, tests, lambda line: Document(line, ""))) == [OTHER]


@given(st.text(alphabet="ab cd\n.é", max_size=300), st.text(alphabet="ab cd\n.é", max_size=300))
def test_both_sides_are_alike(one, other):
    there, back = copies(one, other), copies(other, one)
    assert [(c.shared, c.share) for c in there] == [(c.shared, c.share) for c in back]


def test_long_lines_are_read_in_linear_time():
    long = words(30_000)
    start = process_time()
    assert copies(long, long)[0].share == 1
    assert copies("a" * 200_000, "- " * 100_000) == []
    assert process_time() - start < 10
