"""The sig grammar: every part at its own characters, by the written conventions."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.sig import find_sigs

DOSAGE = {
    "take 40 mg": ["40 mg"],
    "take 40mg": ["40mg"],
    "1-2 tablets": ["1-2 tablets"],
    "one to two tablets": ["one to two tablets"],
    "half a tablet": ["half a tablet"],
    "1/2 tab": ["1/2 tab"],
    "1 1/2 tabs": ["1 1/2 tabs"],
    "½ tablet": ["½ tablet"],
    "syrup 500 mg/5 mL": ["500 mg/5 mL"],
    "800/160 mg": ["800/160 mg"],
    "160 mg/800 mg": ["160 mg/800 mg"],
    "20-40 mg": ["20-40 mg"],
    "20 to 40 mg": ["20 to 40 mg"],
    "0.5 mg/kg": ["0.5 mg/kg"],
    "5 mg/kg/day": ["5 mg/kg/day"],
    "15 mg/m2": ["15 mg/m2"],
    "10 units/hr": ["10 units/hr"],
    "21 mg/24 h": ["21 mg/24 h"],
    "5 units": ["5 units"],
    "2 puffs": ["2 puffs"],
    "20 mEq": ["20 mEq"],
    "75 µg": ["75 µg"],
    "2,000 IU": ["2,000 IU"],
    "one tab": ["one tab"],
    "two 325 mg tablets": ["325 mg"],
    "raised from 5 mg to 10 mg": ["5 mg", "10 mg"],
    "changed from 100 to 50 mg": ["100", "50 mg"],
    "low-dose": ["low-dose"],
    "sliding scale": ["sliding scale"],
    "glucose 126 mg/dL": [],
    "ferritin 30 ng/mL": [],
    "room 12, bed 4": [],
}
ROUTE = {
    "1 tab PO": ["PO"],
    "1 tab p.o.": ["p.o."],
    "1 tab by mouth": ["by mouth"],
    "40 mg IV": ["IV"],
    "40 mg i.v.": ["i.v."],
    "injected 5 mg IM": ["injected", "IM"],
    "5 units subcutaneously": ["subcutaneously"],
    "5 units SC": ["SC"],
    "5 units subQ": ["subQ"],
    "0.4 mg SL": ["SL"],
    "10 mg PR": ["PR"],
    "5 mL per NG tube": ["per NG tube"],
    "2.5 mg nebulised": ["nebulised"],
    "1 spray intranasally": ["intranasally"],
    "12 mg intrathecal": ["intrathecal"],
    "1 drop in both eyes": ["in both eyes"],
    "1 drop OU": ["OU"],
    "apply topically": ["topically"],
    "a lesion of the oral cavity": [],
}
FREQUENCY = {
    "40 mg BID": ["BID"],
    "40 mg b.i.d.": ["b.i.d."],
    "1 g tds": ["tds"],
    "1 g qds prn": ["qds prn"],
    "10 mg nocte": ["nocte"],
    "10 mg mane": ["mane"],
    "75 mg od": ["od"],
    "1 tab q6h": ["q6h"],
    "1 tab q 4-6 hours": ["q 4-6 hours"],
    "every 4 to 6 hours as needed": ["every 4 to 6 hours as needed"],
    "Q6H:PRN": ["Q6H:PRN"],
    "every other day": ["every other day"],
    "once daily at bedtime": ["once daily at bedtime"],
    "three times per week": ["three times per week"],
    "twice a day": ["twice a day"],
    "3x/day": ["3x/day"],
    "20 mg weekly": ["weekly"],
    "70 mg every Monday": ["every Monday"],
    "dialysis dose on Mon/Wed/Fri": ["on Mon/Wed/Fri"],
    "100 mg stat": ["stat"],
    "80 mg IV x1": ["x1"],
    "12 mg q24h x2": ["q24h", "x2"],
    "10 units with meals and at bedtime": ["with meals and at bedtime"],
    "6 hourly": ["6 hourly"],
    "activities of daily living": [],
}
DURATION = {
    "for 10 days": ["10 days"],
    "x 7 days": ["7 days"],
    "x7d": ["7d"],
    "x2 weeks": ["2 weeks"],
    "for two more weeks": ["two more weeks"],
    "a 7-day course": ["7-day"],
    "a 10 day course": ["10 day"],
    "10 days of penicillin": ["10 days"],
    "500 mg qds 5/7": ["5/7"],
    "for 2/52": ["2/52"],
    "until Friday": ["until Friday"],
    "until 2031": ["until 2031"],
    "since March 2019": ["since March 2019"],
    "TID, 14 days": ["14 days"],
    "given over 2 hours": ["2 hours"],
    "for 3 years ago": [],
    "since he fell": [],
}
REASON = {
    "prn pain": ["pain"],
    "as needed for nausea or vomiting": ["nausea", "vomiting"],
    "5 mg daily for atrial fibrillation": ["atrial fibrillation"],
    "20 mg daily to control blood pressure": ["blood pressure"],
    "2 puffs twice daily (asthma)": ["asthma"],
    "40 mg BD - varices\nnext": ["varices"],
    "500 mg QDS PRN (pain)": ["pain"],
    "for the treatment of his severe gout": ["severe gout"],
    "for now": [],
    "for 10 days": [],
    "40 mg daily (new)": [],
    "15 mg weekly (Fri)": [],
}


def words(text: str, kind: str) -> list[str]:
    return [text[p.start : p.end] for p in find_sigs(text) if p.kind == kind]


@pytest.mark.parametrize(("text", "expected"), DOSAGE.items())
def test_dosage(text: str, expected: list[str]) -> None:
    assert words(text, "dosage") == expected


@pytest.mark.parametrize(("text", "expected"), ROUTE.items())
def test_route(text: str, expected: list[str]) -> None:
    assert words(text, "route") == expected


@pytest.mark.parametrize(("text", "expected"), FREQUENCY.items())
def test_frequency(text: str, expected: list[str]) -> None:
    assert words(text, "frequency") == expected


@pytest.mark.parametrize(("text", "expected"), DURATION.items())
def test_duration(text: str, expected: list[str]) -> None:
    assert words(text, "duration") == expected


@pytest.mark.parametrize(("text", "expected"), REASON.items())
def test_reason(text: str, expected: list[str]) -> None:
    assert words(text, "reason") == expected


def test_every_step_of_a_taper_is_its_own() -> None:
    text = "40 mg daily x 3 days, then 20 mg daily x3 days"
    assert words(text, "dosage") == ["40 mg", "20 mg"]
    assert words(text, "frequency") == ["daily", "daily"]
    assert words(text, "duration") == ["3 days", "3 days"]


def test_capitals_that_only_sigs_write() -> None:
    assert words("drops OU", "route") == ["OU"]
    assert words("ou la la", "route") == []


def test_offsets_survive_letters_that_change_length_in_lower_case() -> None:
    text = "İİİ 40 mg PO"
    assert words(text, "dosage") == ["40 mg"]
    assert words(text, "route") == ["PO"]


FRAGMENTS = st.sampled_from(
    ["40 mg", "1/2", " ", "\n", "\t", "PO", "q6h", "prn", "for ", "x 3", " days", "pain", ",", "|", "-",
     "until ", "from ", "to ", "(", ")", "½", "İ", "every ", "other ", "1,000", ".", "twice a day"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=30).map("".join)))
def test_total_sorted_and_within_the_text(text: str) -> None:
    parts = find_sigs(text)
    assert parts == sorted(parts)
    assert all(0 <= p.start < p.end <= len(text) for p in parts)
    for kind in ("dosage", "route", "frequency", "duration", "reason"):
        ends = [(p.start, p.end) for p in parts if p.kind == kind]
        assert all(a[1] <= b[0] for a, b in pairwise(ends))


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "for a ", "prn pain, ", "x", "1/", "every ", " ", "("]
)
@pytest.mark.proof
def test_time_is_linear_in_repetitions(piece: str) -> None:
    find_sigs("warm up 5 mg")
    begin = time.perf_counter()
    find_sigs(piece * 5000)
    assert time.perf_counter() - begin < 2
