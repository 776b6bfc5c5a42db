import pytest

from clinie.text.numbers import is_number, is_unit, key, number_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5,000", "5000"),
        (".5", "0.50"),
        ("05", "5"),
        ("1,250.0", "1250"),
        ("two", "2"),
        ("µg", "mcg"),
        ("micrograms", "ug"),
        ("Hrs", "hour"),
        ("%", "percent"),
        ("per", "/"),
        ("cc", "mL"),
    ],
)
def test_one_key_for_every_spelling(one, other):
    assert key(one).text == key(other).text


@pytest.mark.parametrize(
    ("one", "other"),
    [("5.0", "50"), ("1.5", "15"), ("mg", "mcg"), ("10⁶", "106"), ("1½", "11"), ("two", "three")],
)
def test_different_quantities_have_different_keys(one, other):
    assert key(one).text != key(other).text


def test_a_letter_is_a_unit_only_after_a_number():
    assert key("g").measured == "gram"
    assert key("g").text == "g"


def test_dates_and_versions_stay_as_they_are():
    assert number_key("12.03.2019") == "12.03.2019"


def test_kinds():
    assert is_unit("mg")
    assert not is_unit("leg")
    assert is_number("q8h")
    assert is_number("twice")
    assert not is_number("pain")
