"""Short forms that a text explains itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.definitions import find_definitions, has_its_initials, singular


def pairs(text: str) -> list[tuple[str, str]]:
    return [(found.short, found.long) for found in find_definitions(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Deep brain stimulation (DBS) in 2019.", [("DBS", "Deep brain stimulation")]),
        ("Known DBS (deep brain stimulation).", [("DBS", "deep brain stimulation")]),
        ("premature ventricular contractions (PVCs)", [("PVCs", "premature ventricular contractions")]),
        ("computed tomography (CT; Fig 2A)", [("CT", "computed tomography")]),
        ("An electrocardiogram (ECG) (Fig. 1)", [("ECG", "electrocardiogram")]),
        ("non-ST elevation\r\nmyocardial infarction (NSTEMI)", [("NSTEMI", "non-ST elevation\r\nmyocardial infarction")]),
        ("pain (see above)", []),
        ("He has pain. (ABC) is a ward.", []),
        ("pressures (PIPs (PIP) of 23", []),
        ("mitral stenosis (MS) and multiple sclerosis (MS)", [("MS", "mitral stenosis"), ("MS", "multiple sclerosis")]),
        ("fever (T)", []),
        ("lesion (n = 3)", []),
        ("Complains of mild blurred vision (OU).", []),
        ("Redness of sclera (OS)", []),
        ("Irritation all day (AD)", []),
        ("Born by in vitro fertilization (IVF)", [("IVF", "in vitro fertilization")]),
        ("", []),
    ],
)  # fmt: skip
def test_definitions(text, expected):
    assert pairs(text) == expected


@pytest.mark.parametrize(
    ("short", "long", "expected"),
    [
        ("ADL", "activities of daily living", True),
        ("BB", "beta-blocker", True),
        ("OS", "of sclera", False),
        ("VA", "visual field acuity", False),
        ("VA", "", False),
    ],
)
def test_initials(short, long, expected):
    assert has_its_initials(short, long) is expected


@given(st.text(alphabet="aAbB c(C)d.;\n", max_size=80))
def test_places_are_right(text):
    for found in find_definitions(text):
        assert text[found.start : found.end] == found.short
        assert text[found.long_start : found.long_end] == found.long


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("heart sounds", "heart sound"),
        ("biopsies", "biopsy"),
        ("diagnoses", "diagnosis"),
        ("metastases", "metastasis"),
        ("diseases", "disease"),
        ("masses", "mass"),
        ("abscess", "abscess"),
        ("ankylosis", "ankylosis"),
        ("status", "status"),
        ("gas", "gas"),
    ],
)
def test_singular(plural, expected):
    assert singular(plural) == expected
