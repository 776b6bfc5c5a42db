"""Units behind numbers, and the one name of all spellings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.units import is_concentration, is_rate, unit_at, unit_key


@pytest.mark.parametrize(
    ("text", "unit", "key"),
    [
        ("9.2 g/dL", "g/dL", "gram/dl"),
        ("9.2 gm/dl", "gm/dl", "gram/dl"),
        ("14.3 gm%", "gm%", "gram/dl"),
        ("120 mmHg", "mmHg", "mmhg"),
        ("120 mm Hg.", "mm Hg", "mmhg"),
        ("96 bpm", "bpm", "/minute"),
        ("96 beats per minute", "beats per minute", "/minute"),
        ("16/min", "/min", "/minute"),
        ("22 breaths/min", "breaths/min", "/minute"),
        ("38.5°C", "°C", "celsius"),
        ("38.5 ° C", "° C", "celsius"),
        ("98.6F", "F", "fahrenheit"),
        ("101 degrees Fahrenheit", "degrees Fahrenheit", "fahrenheit"),
        ("96%RA", "%", "percent"),
        ("30 per cent", "per cent", "percent"),
        ("6.1 x10^9/L", "x10^9/L", "10^9/litre"),
        ("6.1 x 10⁹/L", "x 10⁹/L", "10^9/litre"),
        ("18.3×109/L", "×109/L", "10^9/litre"),
        ("5 10*3/uL", "10*3/uL", "10^9/litre"),
        ("12.4 K/uL", "K/uL", "10^9/litre"),
        ("4.9 M/uL", "M/uL", "10^12/litre"),
        ("7 cells/mm3", "cells/mm3", "/ul"),
        ("230 /µL", "/µL", "/ul"),
        ("45 mL/min/1.73 m²", "mL/min/1.73 m²", "ml/minute/1.73metre2"),
        ("24 kg/m2", "kg/m2", "kg/metre2"),
        ("3.5 mmol/ L", "mmol/ L", "mmol/litre"),
        ("3.5 mmol per litre", "mmol per litre", "mmol/litre"),
        ("9 µmol/L", "µmol/L", "umol/litre"),
        ("9 μmol/l", "μmol/l", "umol/litre"),  # Greek mu
        ("9 IU/L", "IU/L", "unit/litre"),
        ("61 mmol/mol", "mmol/mol", "mmol/mol"),
        ("20 cm H2O", "cm H2O", "cmh2o"),
        ("5\u00a0kg", "kg", "kg"),
        ("3 per high power field", "per high power field", "/hpf"),
    ],
)
def test_units(text: str, unit: str, key: str) -> None:
    number = next(i for i, c in enumerate(text) if c not in "0123456789.")
    found = unit_at(text, number)
    assert found is not None
    assert text[slice(*found)] == unit
    assert unit_key(unit) == key


@pytest.mark.parametrize("text", [" days", " times", " tablets", "th", "", " and", "-year"])
def test_no_units(text: str) -> None:
    assert unit_at(f"5{text}", 1) is None


def test_a_limit_is_kept() -> None:
    assert unit_at("5 mg/dL", 1, 4) == (2, 4)


def test_kinds_of_units() -> None:
    assert is_concentration("mmol/litre")
    assert not is_concentration("mg/kg")
    assert not is_concentration("ml/hour")
    assert is_rate("ml/hour")
    assert not is_rate("mg")


def test_an_unknown_unit_is_itself() -> None:
    assert unit_key("Foo / Bar") == "foo/bar"


@given(st.text(alphabet="x×10^9/ LmMgKkU%°C.pеr\n\t²", max_size=40), st.integers(0, 40))
def test_total(text: str, start: int) -> None:
    found = unit_at(text, min(start, len(text)))
    if found is not None:
        assert start <= found[0] < found[1] <= len(text)
        assert unit_key(text[slice(*found)])
