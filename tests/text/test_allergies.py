"""Statements of no known allergies: which words make one, and which only look like it."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.allergies import no_known_allergies
from clinie.text.assertion import ContextReader

STATED = [
    "NKDA",
    "nkda.",
    "N.K.D.A.",
    "NKA",
    "NKMA",
    "No known drug allergies.",
    "No allergies.",
    "He has no known drug allergies.",
    "No known medical allergies.",
    "There are no known drug allergies.",
    "ALLERGIES: NO KNOWN DRUG ALLERGIES.",
    "ALLERGY: None.",
    "ALLERGIES\n\nNone.",
    "Allergies:\r\n- None known",
    "Allergy: none known to drugs",
    "Allergies - nil",
    "Allergies: nil known",
    "Allergies: No",
    "Allergies: Denies",
    "Allergies none.",
    "Allergies (drug): none",
    "Allergies to medications: None",
    "Drug allergies: none",
    "Known allergies: nil",
    "ADRs: nil",
    "Denies any drug allergies",
    "She denies any allergies.",
    "Mom denies any allergies",
    "No history of any allergies.",
    "He never had any allergic reactions to drugs.",
    "without known drug allergies",
    "doesn't have any known allergies",
    "does not have any allergies",
    "She is not allergic to any medications.",
    "not allergic to anything",
    "No known food or drug allergies",
    "no food, drug or latex allergies",
    "Allergies: NKDA, latex",
    "no known allergies to medications",
    "no known allergies to date",
    "nil drug allergies",
    "no known adverse drug reactions",
    "Patient has no known drug\nallergies",
    "ALLERGIES: NKDA\n\nMEDICATIONS: lisinopril",
    "ALLERGIES: NKDA\r\n\r\nMEDICATIONS: lisinopril",
    "Allergies: none\nMedications:\n- aspirin",
    "Allergies: none\r\nMedications:\r\n- aspirin",
    "Allergies: none\nmedications\naspirin",
    "No known allergies. Medications: aspirin",
    "NKDA. MEDS: nil.",
    "NKDA; meds: aspirin",
    "NKDA Meds: aspirin",
    "N.K.D.A. Meds reviewed",
    "NKDA. Besides gout he is well.",
]

NOT_STATED = [
    "",
    "Allergies: unknown",
    "Allergies: not reviewed",
    "Allergies: No latex",
    "Allergies: none except penicillin",
    "No known allergies except penicillin",
    "No known allergies (except penicillin)",
    "No known allergies\nexcept penicillin",
    "No known allergies, except: penicillin",
    "no allergy-testing was done",
    "No allergy medications",
    "Penicillin. No other known allergies",
    "No allergies to penicillin",
    "no penicillin allergy",
    "No latex allergy",
    "Latex allergy: none",
    "No food allergies",
    "Food allergies: none",
    "no seasonal allergies",
    "Denies any seasonal allergies",
    "No allergy symptoms",
    "no allergy testing was done",
    "Known drug allergies: penicillin",
    "Mother has no known drug allergies",
    "If no known allergies give amoxicillin",
    "Denies chest pain, allergies to penicillin",
    "NK cells in Alaska, allergies: Nilotinib",
]


@pytest.mark.parametrize("text", STATED)
def test_stated(text):
    [(start, end)] = no_known_allergies(text)
    assert 0 <= start < end <= len(text)


@pytest.mark.parametrize("text", NOT_STATED)
def test_not_stated(text):
    assert no_known_allergies(text) == []


def test_every_place_is_found_once_and_in_order():
    text = "Allergies: NKDA.\nPlan: penicillin; no known drug allergies."
    assert [text[a:b] for a, b in no_known_allergies(text)] == ["NKDA", "no known drug allergies"]
    assert no_known_allergies(text, ContextReader(text)) == no_known_allergies(text)


@given(st.lists(st.sampled_from([*STATED, *NOT_STATED, "\n", ": ", "no "])).map(" ".join))
def test_places_are_apart_and_inside(text):
    places = no_known_allergies(text)
    assert all(0 <= a < b <= len(text) for a, b in places)
    assert all(b <= c for (_, b), (c, _) in pairwise(places))


@pytest.mark.proof
@pytest.mark.parametrize(
    "piece", ["no ", "no known any ", "allergies: ", "allergies (", "drug ", " ", "allergies none "]
)
def test_time_is_linear(piece):
    def took(size: int) -> float:
        text = "allergy " + piece * (size // len(piece)) + "allergies"
        start = time.perf_counter()
        no_known_allergies(text)
        return time.perf_counter() - start

    small = min(took(25_000) for _ in range(3))
    assert took(200_000) < 8 * 4 * small + 0.2
