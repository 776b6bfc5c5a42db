"""The rules of vaccine reports: what is told, of which kind, and which texts are no reports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinie
from clinie.tasks.vaccine_events.rules import extract

NOTE = "Seen for follow up of hypertension. " * 20


def said(text: str) -> list[tuple[str, str]]:
    return [(item["text"], item["label"]) for item in extract(text)]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        (
            "Two days after the flu shot he had tingling in both feet.",
            [("flu shot", "procedure"), ("tingling in both feet", "nervous_AE")],
        ),
        ("She was unable to walk.", [("unable to walk", "nervous_AE")]),
        ("Fever, chills and back pain.", [("Fever", "other_AE"), ("chills", "other_AE"), ("back pain", "other_AE")]),
        ("Dx: Guillain-Barre syndrome.", [("Guillain-Barre syndrome", "nervous_AE")]),
        ("EMG and lumbar puncture were done.", [("EMG", "investigation"), ("lumbar puncture", "investigation")]),
        ("EMG normal.", [("EMG", "investigation")]),
        ("Treated with IVIG in the ICU.", [("IVIG", "procedure"), ("ICU", "procedure")]),
        ("Given prednisone.", [("prednisone", "procedure")]),
        ("Pt was intubated.", [("intubated", "procedure")]),
        ("PT was started.", [("PT", "procedure")]),
        ("No fever, no headache.", []),
        ("Brother had a stroke.", []),
        ("", []),
    ],
)  # fmt: skip
def test_one_sentence_may_be_a_report(sentence, expected):
    assert said(sentence) == expected


def test_a_clinic_note_is_no_report():
    assert extract(NOTE + "Headache today. Flu shot given.") == []
    report = (
        NOTE + "Flu shot in May. After the vaccine, headache. Vaccinated before. Vaccine lot 4."
    )
    assert ("headache", "nervous_AE") in said(report)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Headache today. Slept badly.", True),
        ("Headache today. Slept badly. No fever. Rash.", False),  # of a note, for all we know
        ("Flu shot in May. Headache today. Slept badly. Rash.", True),
    ],
)
def test_a_short_text_of_several_sentences_speaks_of_vaccination(text, found):
    assert (("Headache", "nervous_AE") in said(text)) == found


def test_the_task_answers_with_grounded_spans():
    found = clinie.extract("Weakness of both legs after vaccination.\r\nFell x2.", "vaccine-events")
    assert [(s.text, s.label) for s in found.spans] == [
        ("Weakness of both legs", "nervous_AE"),
        ("vaccination", "procedure"),
        ("Fell", "other_AE"),
    ]
    assert [f for f in found.findings if f.severity != "info"] == []


@given(
    st.text(
        alphabet=st.sampled_from("PtEMG flu shot,.\n\r\ttingling in feet no ünumb"), max_size=200
    )
)
def test_offsets_are_right_and_nothing_overlaps(text):
    end = 0
    for item in extract(text):
        assert text[item["start"] : item["start"] + len(item["text"])] == item["text"] != ""
        assert item["start"] >= end
        end = item["start"] + len(item["text"])
