import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.tokens import tokenize


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("10mg of HbA1c", ["10", "mg", "of", "HbA1c"]),
        ("5,000 units, .5 mg", ["5,000", "units", ",", ".5", "mg"]),
        ("1,5 and 10,20,30", ["1", ",", "5", "and", "10", ",", "20", ",", "30"]),
        ("ends at 2.5.", ["ends", "at", "2.5", "."]),
        ("doesn't; Pt's", ["doesn't", ";", "Pt", "'", "s"]),
        ("doesn’t", ["doesn’t"]),
        ("120/80 q8h", ["120", "/", "80", "q8h"]),
        ("10⁶/L 1½ ½", ["10⁶", "/", "L", "1½", "½"]),
        ("cafe\u0301 m²", ["cafe\u0301", "m²"]),
        ("feb\u00adrile", ["feb\u00adrile"]),
        ("👨\u200d👩\u200d👧 5\ufe0f\u20e3", ["👨\u200d👩\u200d👧", "5\ufe0f\u20e3"]),
        ("a_b", ["a", "_", "b"]),
        ("", []),
        (" \n\t", []),
    ],
)
def test_words_numbers_and_marks(text, words):
    assert [token.text for token in tokenize(text)] == words


@given(st.text())
def test_tokens_stand_where_they_say_and_cover_all_but_white_space(text):
    last = 0
    for token in tokenize(text):
        assert text[token.start : token.end] == token.text
        assert text[last : token.start].strip() == ""
        assert token.end > token.start >= last
        last = token.end
    assert text[last:].strip() == ""


@given(st.text(alphabet=st.characters(max_codepoint=127)))
def test_ascii_and_unicode_patterns_agree(text):
    # One character outside ASCII, set apart by white space, selects the other pattern.
    assert tokenize(text + " ß")[:-1] == tokenize(text + " x")[:-1]


@pytest.mark.parametrize("accent", ["", "é "])
def test_the_x_of_times_stands_alone(accent):
    words = [t.text for t in tokenize(accent + "KCl x3, X10 days; xray ax3")]
    assert words[-10:] == ["KCl", "x", "3", ",", "X", "10", "days", ";", "xray", "ax3"]
