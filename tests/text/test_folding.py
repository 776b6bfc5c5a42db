import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.folding import fold, fold_word


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("FEVER", "fever"),
        ("İstanbul", "istanbul"),
        ("Straße", "strasse"),
        ("ﬁbrosis", "fibrosis"),
        ("Sjögren", "sjogren"),
        ("cafe\u0301", "cafe"),
        ("“it’s”", '"it\'s"'),
        ("2–3", "2-3"),
        ("5 µg", "5 μg"),
        ("feb\u00adr\u200bile", "febrile"),
        ("½", "1/2"),
        ("Lipitor®", "lipitor"),
    ],
)
def test_folds(text, folded):
    assert fold(text).text == folded
    assert fold_word(text) == folded


def test_unequal_does_not_become_equal():
    assert fold("≠").text != fold("=").text


@given(st.text())
def test_maps_lead_back_into_the_raw_text(text):
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert folded.starts == sorted(folded.starts)
    for start, end in zip(folded.starts, folded.ends, strict=True):
        assert 0 <= start < end <= len(text)


@given(st.text(alphabet="İßﬁé½® "), st.text(alphabet="İßﬁé½® "))
def test_a_word_found_in_the_folded_text_maps_to_itself(before, after):
    text = f"{before} Fever {after}"
    folded = fold(text)
    at = folded.text.index("fever")
    start, end = folded.starts[at], folded.ends[at + 4]
    assert text[start:end] == "Fever"


def test_a_mark_stays_with_the_character_it_stands_on():
    folded = fold("cafe\u0301 x")
    assert (folded.starts[3], folded.ends[3]) == (3, 5)
