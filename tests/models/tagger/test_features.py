import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.models.tagger.features import (
    BOUNDARY,
    LISTS,
    SHAPES,
    features_of,
    lists_of,
    ngrams,
    shape_of,
)

BUCKETS = 40_000


def lists(word: str) -> set[str]:
    return {LISTS[number] for number in lists_of(word)}


def test_buckets_never_change() -> None:
    # the weights that ship were trained with these
    assert ngrams("ab", BUCKETS) == (39427, 11444, 13498, 15580, 24843, 26737, 33835)
    assert ngrams("Aspirin", BUCKETS)[0] == 33010
    assert features_of(BOUNDARY, BUCKETS).ngrams == (2975,)


def test_case_and_digits_count_as_one() -> None:
    assert ngrams("B12", BUCKETS) == ngrams("b99", BUCKETS) == ngrams("b٣٤", BUCKETS)
    assert ngrams("B12", BUCKETS) != ngrams("b1", BUCKETS)


def test_the_whole_word_comes_first() -> None:
    short, long = ngrams("pain", BUCKETS), ngrams("painful", BUCKETS)
    assert short[0] not in long
    assert set(short[1:]) & set(long[1:])


def test_of_a_long_word_the_beginning_counts() -> None:
    assert ngrams("a" * 30, BUCKETS) == ngrams("a" * 200_000, BUCKETS)


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("pain", "lower"),
        ("Pain", "Capital"),
        ("I", "Capital"),
        ("MRI", "UPPER"),
        ("HbA", "mIxed"),
        ("40", "number"),
        ("5,000", "number"),
        ("T4", "letters+digits"),
        (",", "mark"),
        ("", "mark"),
        (BOUNDARY, "boundary"),
    ],
)
def test_shapes(word: str, shape: str) -> None:
    assert SHAPES[shape_of(word)] == shape


def test_lists_tell_terms_from_parts_of_terms() -> None:
    assert "drug" in lists("Warfarin")
    assert "problem" in lists("pneumonia")
    assert "test+" in lists("blood")
    assert lists("warfarins") == lists("warfarin")
    assert not lists("qwxyz")


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=80))
def test_any_word_has_features(word: str) -> None:
    found = features_of(word, 50)
    assert found == features_of(word, 50)
    assert found.ngrams
    assert all(0 <= bucket < 50 for bucket in found.ngrams)
    assert 0 <= found.shape < len(SHAPES)
    assert all(0 <= number < len(LISTS) for number in found.lists)
