"""Sections: where headings stand and what kind of section each opens."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.lexica import load_tsv
from clinie.text.sections import KINDS, sections

HEADINGS = [
    ("PAST MEDICAL HISTORY:", "past_medical_history"),
    ("Past Medical History:", "past_medical_history"),
    ("PAST MEDICAL HISTORY", "past_medical_history"),
    ("Past Medical History (per old records):", "past_medical_history"),
    ("## Past medical history", "past_medical_history"),
    ("## plan", "plan"),
    ("**Past Medical History**", "past_medical_history"),
    ("**Past Medical History:**", "past_medical_history"),
    ("Past Medical History\n--------------------", "past_medical_history"),
    ("3. PAST MEDICAL HISTORY", "past_medical_history"),
    ("PMHx:", "past_medical_history"),
    ("pmh:", "past_medical_history"),
    ("PSH:", "past_medical_history"),
    ("HPI:", "history"),
    ("HISTORY OF PRESENT ILLNESS", "history"),
    ("Clinical indication:", "history"),
    ("S:", "history"),
    ("O:", "exam"),
    ("A:", "assessment"),
    ("P:", "plan"),
    ("A/P:", "assessment"),
    ("ASSESSMENT & PLAN", "assessment"),
    ("IMPRESSION:", "assessment"),
    ("FH:", "family_history"),
    ("Family Hx:", "family_history"),
    ("MEDICATIONS ON ADMISSION:", "medications"),
    ("Drug history:", "medications"),
    ("Home Meds:", "medications"),
    ("Discharge Medications:", "discharge_medications"),
    ("TTOs:", "medications"),
    ("ALLERGIES:", "allergies"),
    ("Drug allergies -", "allergies"),
    ("ROS:", "review_of_systems"),
    ("O/E:", "exam"),
    ("PHYSICAL EXAMINATION", "exam"),
    ("LABORATORY DATA ON ADMISSION:", "labs"),
    ("Investigations:", "labs"),
    ("Microscopic description:", "labs"),
    ("FINDINGS:", "imaging"),
    ("Technique:", "imaging"),
    ("HOSPITAL COURSE BY SYSTEM:", "hospital_course"),
    ("Brief Hospital Course:", "hospital_course"),
    ("Presenting complaint:", "chief_complaint"),
    ("Social circumstances:", "social_history"),
    ("PROCEDURES PERFORMED:", "procedures"),
    ("Actions for GP:", "plan"),
    ("IMMUNIZATIONS:", "other"),
    ("CORONARY RISK STRATIFICATION:", "other"),
]


@pytest.mark.parametrize(("heading", "kind"), HEADINGS)
def test_a_heading_opens_a_section(heading: str, kind: str) -> None:
    text = f"Seen in clinic.\n\n{heading}\nas discussed with him\n"
    first, *_, last = sections(text)
    assert (first.title, first.kind) == ("", "other")
    assert last.kind == kind
    assert text[last.start : last.body].strip() == heading.strip()
    assert "as discussed" in text[last.body : last.end]
    assert last.title in heading


@pytest.mark.parametrize(
    "line",
    [
        "Temperature: 98.6",
        "BP: 120/80",
        "Denies:",
        "Negative for:",
        "pH: 7.35",
        "He was told: rest.",
        "The plan is to wait and see",
        "She has a family history of gout.",
        "Seen at 10:30 by the nurse",
        "- Hypertension",
        "Note: wet read only",
    ],
)
def test_no_heading(line: str) -> None:
    assert [s.kind for s in sections(f"Seen today.\n{line}\nGoing home.")] == ["other"]


def test_shorthand_within_a_line() -> None:
    text = "72F seen in ED. PMH: COPD. FH: mother MI. Meds: Lasix 40. A/P: admit"
    assert [(s.title, s.kind) for s in sections(text)] == [
        ("", "other"),
        ("PMH", "past_medical_history"),
        ("FH", "family_history"),
        ("Meds", "medications"),
        ("A/P", "assessment"),
    ]


def test_shorthand_without_a_colon_at_the_start_of_a_line() -> None:
    text = "PMH asthma, eczema\nFH nil\nPE ruled out on CT"
    assert [s.kind for s in sections(text)] == ["past_medical_history", "family_history"]


def test_a_rule_below_a_paragraph_is_no_underline() -> None:
    text = "Lives alone and well\n------------------------------------------\nSigned"
    assert [s.kind for s in sections(text)] == ["other"]
    assert sections(text)[0].title == ""


def test_body_systems_take_the_kind_of_their_section() -> None:
    text = "ROS:\nCardiovascular: no pain\nEXAM:\nCardiovascular: regular\n"
    assert [s.kind for s in sections(text)] == [
        "review_of_systems",
        "review_of_systems",
        "exam",
        "exam",
    ]


def test_a_family_history_on_one_line_ends_with_its_paragraph() -> None:
    text = "FH: father MI\n\nAlert, in no distress."
    assert [(s.title, s.kind) for s in sections(text)] == [("FH", "family_history"), ("", "other")]


def test_a_family_history_below_its_heading_goes_on_after_a_blank_line() -> None:
    text = "FAMILY HISTORY\n\nFather had gout.\n\nMother is well."
    assert [s.kind for s in sections(text)] == ["family_history"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_ends(newline: str) -> None:
    text = newline.join(["PLAN:", "rest", "", "ALLERGIES:", "none known"])
    assert [s.kind for s in sections(text)] == ["plan", "allergies"]


def test_the_table_is_large_and_closed() -> None:
    rows = load_tsv("sections.tsv")
    assert len(rows) >= 200
    assert {row["kind"] for row in rows} <= {*KINDS, "none", "system"}
    assert {row["heading"] for row in rows} == {row["heading"].lower() for row in rows}
    assert len({row["heading"] for row in rows}) == len(rows)


@given(
    st.lists(
        st.one_of(
            st.sampled_from(
                ["PMH: gout", "FH:", "ROS", "- item", "", "  ", "====", "## Plan", "text: x", "A:"]
            ),
            st.text(max_size=30),
        ),
        max_size=12,
    ).map("\n".join)
)
def test_sections_cover_the_text_in_order(text: str) -> None:
    position = 0
    for section in sections(text):
        assert section.start == position
        assert section.start <= section.body <= section.end
        assert section.kind in KINDS
        assert section.title in text[section.start : section.body]
        position = section.end
    assert position == len(text)


def test_an_empty_text_has_no_sections() -> None:
    assert sections("") == []


@pytest.mark.proof
@pytest.mark.parametrize("line", ["Plan{}x", "a b c {}:", "Plan{}", "{}a", "PMH{}: gout"])
def test_a_long_run_of_blanks_costs_no_time(line: str) -> None:
    text = line.format(" " * 200_000)
    start = time.perf_counter()
    sections(text)
    assert time.perf_counter() - start < 2


def test_one_line_break_ends_no_paragraph() -> None:
    text = "Allergies: penicillin\nlatex\n\nSeen today."
    kinds = [section.kind for section in sections(text)]
    assert kinds == ["allergies", "other"]
    assert [section.kind for section in sections(text.replace("\n", "\r\n"))] == kinds
