"""Sentences: what ends one in a clinical note, and what does not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.sentences import sentences

# The sentences are the pieces between bars.
CASES = [
    "Seen by Dr. Roe today.|No change.",
    "Pt. takes Lasix 40 mg p.o. q.i.d. for edema.|No new complaints.",
    "Metoprolol 25 mg p.o. b.i.d.|Continue aspirin.",
    "Temp was 98.6 and lactate 2.5 today.|Stable.",
    "Temp 98.6.|Patient resting.",
    "Wound at St. Mary vs. Mt. Sinai, e.g. the No. 5 rib, see Fig. 2 below.|Done.",
    "Chest pain?|No.|Fever!|Yes.",
    "Referred by J. Smith for review.|Thanks.",
    "Treated for hepatitis C.|He recovered.",
    "Denies fever.|No cough.",
    "? PE, to be scanned.",
    "CXR ordered (? pneumonia).|Labs sent.",
    "Glucose 9.2.|19:05 pulse 92.",
    "BP (!) 142/88 at rest.|Temp (!) 101.",
    "LUNGS CLEAR.|HEART REGULAR.|NO EDEMA.",
    'He said "no pain."|Then he left.',
    "Arrived at 5 p.m.|Seen at once.",
    "Potassium 3.2, i.e. low.|Replaced.",
    "Plan:|1. Aspirin daily|2. Stop lisinopril|3. Review",
    "Bowel sounds present ... soft abdomen.",
    "no final punctuation here",
]


def pieces(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize("marked", CASES)
def test_sentences_of_one_line(marked: str) -> None:
    expected = marked.split("|")
    assert pieces(" ".join(expected)) == expected


def test_run_on_stop_without_a_blank() -> None:
    assert pieces("Denies fever.No cough.") == ["Denies fever.", "No cough."]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_wrapped_line_goes_on(newline: str) -> None:
    text = (
        f"The patient is a retired teacher who was admitted with chest pain{newline}"
        f"and shortness of breath since Monday. He was given aspirin and{newline}"
        f"Lovenox in the ambulance."
    )
    assert len(sentences(text)) == 2


def test_a_dated_entry_opens_a_line() -> None:
    text = (
        "10:00 observations taken by the student, cuff refused, tamsulosin started\n"
        "14:00 apyrexial, eating and drinking again, for review in the morning round\n"
        "15/06 discharged with a letter to the practice, to be seen in clinic at\n"
        "09:30 in two weeks"
    )
    assert len(sentences(text)) == 3


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("marker", ["- ", "* ", "• ", "1. ", "2) ", "(3) ", "a) ", "[ ] ", "[x] "])
def test_a_list_item_is_a_sentence(marker: str, newline: str) -> None:
    items = [f"{marker}fever since Monday", f"{marker}cough with sputum", f"{marker}no rash"]
    assert pieces(newline.join(items)) == items


def test_a_list_item_may_wrap() -> None:
    text = "- pain of the left knee since the fall,\n  worse on stairs\n- no swelling"
    assert pieces(text) == [
        "- pain of the left knee since the fall,\n  worse on stairs",
        "- no swelling",
    ]


def test_short_lines_without_stops_are_sentences() -> None:
    assert pieces("Alert and oriented\nLungs clear\nAbdomen soft") == [
        "Alert and oriented",
        "Lungs clear",
        "Abdomen soft",
    ]


def test_table_rows_are_sentences() -> None:
    text = "Sodium\t139\tnormal\npotassium\t5.9\thigh\n| drug | dose |\n| aspirin | 81 mg |"
    assert pieces(text) == text.split("\n")


def test_a_heading_line_is_a_sentence() -> None:
    assert pieces("FAMILY HISTORY\nmother had asthma\nPMH:\ngout") == [
        "FAMILY HISTORY",
        "mother had asthma",
        "PMH:",
        "gout",
    ]


def test_a_blank_line_ends_a_sentence() -> None:
    assert pieces("awaiting results of\n\nthe biopsy") == ["awaiting results of", "the biopsy"]


@pytest.mark.parametrize("text", ["", " ", "\n\t \r\n", "\ufeff"])
def test_nothing_to_say(text: str) -> None:
    assert pieces(text) == ([text] if text.strip() else [])


@given(
    st.text(
        alphabet=st.one_of(
            st.sampled_from("aZ .?!:;,-*\n\r\t|()[]1234#\u2022\u00a0\u2028é"), st.characters()
        ),
        max_size=300,
    )
)
def test_sentences_cover_the_text_in_order(text: str) -> None:
    position = 0
    for start, end in sentences(text):
        assert start >= position
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        position = end
    assert not text[position:].strip()


@pytest.mark.parametrize("unit", ["a", "a ", "a. ", "- a\n", "?", "1. A ", "\n", "(", "A.", "\t"])
@pytest.mark.proof
def test_time_is_linear(unit: str) -> None:
    def spent(size: int) -> float:
        text = unit * (size // len(unit))
        begin = time.process_time()
        sentences(text)
        return time.process_time() - begin

    small = max(min(spent(20_000) for _ in range(3)), 1e-4)
    assert spent(160_000) < 40 * small + 0.2  # quadratic would be 64 times
