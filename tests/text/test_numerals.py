"""Numerals: values in digits and words, signs, and what is no number."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.numerals import number, numerals


def read(text: str) -> list[tuple[str, str]]:
    return [(text[start:end], str(value)) for start, end, value in numerals(text)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("5,000 of 12,345,678", ["5000", "12345678"]),
        ("1 234 and 10\u2009000 and 2\u00a0500", ["1", "234", "10000", "2500"]),
        ("0·50, .5, 0.50", ["0.50", "0.5", "0.50"]),
        ("12 (34.5%)", ["12", "34.5"]),
        ("9 of 53 (17 %)", ["9", "53", "17"]),
        ("n=30", ["30"]),
        ("0.05 (−0.03,0.13)", ["0.05", "-0.03", "0.13"]),
        ("(− 0.03; 0.30)", ["-0.03", "0.30"]),
        ("from 1-2 to 8 - 9", ["1", "2", "8", "9"]),
        ("4.0–9.9", ["4.0", "9.9"]),
        ("–0.02(0.13)", ["-0.02", "0.13"]),
        ("change:-5", ["-5"]),
        ("105 ± 30.8", ["105", "30.8"]),
        ("10⁶ cells, 12^a, 3†", ["10", "12", "3"]),
        ("H1, HbA1c, x3, T20", []),
        ("2.5.3", ["2.5"]),
        ("", []),
    ],
)
def test_digits(text, values):
    assert [value for _, value in read(text)] == values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Forty-two patients", [("Forty-two", "42")]),
        ("Eighty six of them", [("Eighty six", "86")]),
        ("one hundred and twenty-one", [("one hundred and twenty-one", "121")]),
        ("two thousand five hundred", [("two thousand five hundred", "2500")]),
        ("hundred", [("hundred", "100")]),
        ("five and ten", [("five", "5"), ("ten", "10")]),
        ("twenty and five, respectively", [("twenty", "20"), ("five", "5")]),
        ("one two", [("one", "1"), ("two", "2")]),
        ("someone tends", []),
    ],
)
def test_words(text, found):
    assert read(text) == found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5,000", "5000"),
        (" -0.5 ", "-0.5"),
        ("thirty", "30"),
        ("5 mg", None),
        ("5-6", None),
        ("", None),
    ],
)
def test_a_string_that_is_a_number(text, value):
    assert number(text) == (Decimal(value) if value else None)


@given(st.text(alphabet="0123456789.,-−– ()%onetwhud\n", max_size=60))
def test_places_are_right_and_in_order(text):
    last = 0
    for start, end, value in numerals(text):
        assert last <= start < end <= len(text)
        assert value.is_finite()
        last = end


@given(st.decimals(-(10**6), 10**6, places=2))
def test_every_plain_number_is_read(value):
    assert number(f"{value:f}") == value


@pytest.mark.proof
@pytest.mark.parametrize("unit", ["1", "one ", "1,", "−  ", "one and ", "1.1", "twenty-"])
def test_time_is_linear(unit, record_property):
    import time

    spent = []
    for size in (50_000, 200_000):
        text = unit * (size // len(unit))
        started = time.perf_counter()
        numerals(text)
        spent.append(time.perf_counter() - started)
    assert spent[1] < 12 * spent[0] + 0.1
