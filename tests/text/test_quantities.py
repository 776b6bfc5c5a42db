"""Names of measured quantities, and values that cannot be true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.lexica import load_tsv
from clinie.text.quantities import find_names, is_implausible, limits, numbers_in, quantity_of
from clinie.text.units import unit_key


def names(text: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.quantity.name) for m in find_names(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BP and heart rate", [("BP", "blood pressure"), ("heart rate", "heart rate")]),
        ("Hgb A1c", [("Hgb A1c", "HbA1c")]),
        (
            "left ventricular ejection fraction",
            [("left ventricular ejection fraction", "ejection fraction")],
        ),
        ("Hgb/Hct", [("Hgb", "hemoglobin"), ("Hct", "hematocrit")]),
        ("vancomycin trough", [("vancomycin trough", "drug level")]),
        ("sertraline level", [("sertraline level", "drug level")]),
        ("Rotterdam score", [("Rotterdam score", "score")]),
        ("anti-smooth muscle antibody", [("anti-smooth muscle antibody", "autoantibody")]),
        ("stool antigen test", [("stool antigen test", "stool antigen test")]),  # of tests.tsv
    ],
)
def test_names(text: str, expected: list[tuple[str, str]]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "weight loss",
        "potassium chloride",
        "mg",
        "na",
        "The score",
        "90/P",
        "5 mL/hr",
        "T wave",
        "CT",
        "",
    ],
)
def test_no_names(text: str) -> None:
    assert names(text) == []


def test_a_short_form_in_other_letters_is_doubted() -> None:
    (match,) = find_names("bp")
    assert match.mark == "short"


def test_tables_agree() -> None:
    quantities = {row["quantity"]: row for row in load_tsv("quantities.tsv")}
    rows = load_tsv("measurement_names.tsv")
    assert {row["quantity"] for row in rows} - {""} <= quantities.keys()
    assert {row["mark"] for row in rows} == {"", "case", "short", "doubtful", "substance", "never"}
    assert sum(row["mark"] != "never" for row in rows) >= 250
    for row in load_tsv("measurement_limits.tsv"):
        assert row["quantity"] in quantities
        assert float(row["low"]) < float(row["high"])
        assert row["source"]
        assert (
            row["unit"] == "" or unit_key(row["unit"]) == row["unit"] or row["unit"] == "fraction"
        )


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("temperature", "986", None),
        ("temperature", "98.6", "°C"),
        ("temperature", "37", "F"),
        ("SpO2", "101", "%"),
        ("potassium", "41", None),
        ("potassium", "41", "mmol/L"),
        ("BP", "80/120", None),
        ("BP", "1200/80", "mmHg"),
        ("GCS", "18", None),
        ("pH", "73.1", None),
        ("creatinine", "1.9", "umol/L"),
        ("Hb", ">300", "g/dL"),
        ("pain score", "12/10", None),
        ("EF", "550", "%"),
    ],
)
def test_implausible(name: str, value: str, unit: str | None) -> None:
    quantity = quantity_of(name)
    assert quantity is not None
    assert is_implausible(quantity, value, unit)


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [
        ("temperature", "98.6", None),
        ("temperature", "38,5", "°C"),
        ("temperature", "38", "degrees"),
        ("SpO2", "92-94", "%"),
        ("potassium", "4.1", None),
        ("potassium", "160", "mg/L"),  # a unit that the table does not have
        ("BP", "120s/70s", "mmHg"),
        ("BP", "90/palp", None),
        ("GCS", "15/15", None),
        ("platelets", "214,000", "/mm3"),
        ("troponin", "<0.01", None),
        ("FiO2", "0.45", None),
        ("RASS", "-2", None),
        ("pH", "5.5", None),  # of urine
        ("HBsAg", "negative", None),
        ("Rotterdam score", "99", None),
    ],
)
def test_plausible(name: str, value: str, unit: str | None) -> None:
    quantity = quantity_of(name)
    assert quantity is not None
    assert not is_implausible(quantity, value, unit)


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        ("120/80", [120, 80]),
        ("12 000", [12000]),
        ("2,7", [2.7]),
        ("1,240.5", [1240.5]),
        ("-2", [-2]),
        ("−5.1", [-5.1]),
        ("10–12", [10, 12]),
        ("negative", []),
        (".5", [0.5]),
        ("²", []),
    ],
)
def test_numbers(value: str, numbers: list[float]) -> None:
    assert numbers_in(value) == numbers


def test_limits_by_unit() -> None:
    temperature = quantity_of("temp")
    assert temperature is not None
    assert [limit.unit for limit in limits(temperature)] == ["celsius", "fahrenheit"]
    assert [limit.unit for limit in limits(temperature, "°C")] == ["celsius"]
    assert limits(temperature, "mmHg") == ()


@given(st.text(max_size=30), st.one_of(st.none(), st.text(max_size=10)))
def test_total(value: str, unit: str | None) -> None:
    quantity_of(value)
    potassium = quantity_of("potassium")
    assert potassium is not None
    is_implausible(potassium, value, unit)
