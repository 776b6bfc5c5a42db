"""Dates and clock times as spans."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.dates import find_dates


def found(text: str, *, weak: bool = True) -> list[str]:
    return [text[d.start : d.end] for d in find_dates(text) if weak or not d.weak]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("12/03/2024", ["12/03/2024"]),
        ("12.03.24 seen", ["12.03.24"]),
        ("2024-03-12", ["2024-03-12"]),
        ("2024-03-12T08:00", ["2024-03-12T08:00"]),
        ("12-Mar-2024", ["12-Mar-2024"]),
        ("12-Mar-24", ["12-Mar-24"]),
        ("3 Mar", ["3 Mar"]),
        ("3 March 2024", ["3 March 2024"]),
        ("3rd of March", ["3rd of March"]),
        ("March 3rd, 2024", ["March 3rd, 2024"]),
        ("Mar 2024", ["Mar 2024"]),
        ("08:00", ["08:00"]),
        ("8:15 am and 5pm", ["8:15 am", "5pm"]),
        ("0600h", ["0600h"]),
        ("on 12/03 at 08:00", ["12/03 at 08:00"]),
        ("04/09 18:20 seen", ["04/09 18:20"]),
        ("22/06/2098 08:15", ["22/06/2098 08:15"]),
        ("15 Jun | 19 Jun", ["15 Jun", "19 Jun"]),
        ("03/2020", ["03/2020"]),
        ("3 Mar 88 beats", ["3 Mar"]),
    ],
)
def test_dates(text: str, dates: list[str]) -> None:
    assert found(text) == dates


@pytest.mark.parametrize("text", ["strength 5/5", "pain 8/10", "in 2019", "at 0400", "seen 11/98"])
def test_forms_that_prove_nothing_are_weak(text: str) -> None:
    assert len(found(text)) == 1
    assert found(text, weak=False) == []


@pytest.mark.parametrize(
    "text",
    ["BP 120/80", "may 3 tablets", "7.34/48/71", "ratio 100:1", "30 days", "12/34/56/78", ""],
)
def test_no_dates(text: str) -> None:
    assert found(text) == []


@given(st.text(alphabet="0123456789/-.: JanMar\n", max_size=60))
def test_in_order_and_apart(text: str) -> None:
    dates = find_dates(text)
    assert all(a.end <= b.start for a, b in pairwise(dates))
    assert all(0 <= d.start < d.end <= len(text) for d in dates)
