"""The rules of the pico task: what is an element of a trial, of what kind, and which arms it has."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clinie
from clinie.tasks.pico.gate import reports_a_trial
from clinie.tasks.pico.rules import elements, extract

LABELS = {"participants", "intervention", "comparator", "outcome"}
NOTES = Path(__file__).parents[2] / "datasets" / "notes"

# Makes any sentence a part of a trial's report.
FRAME = "A randomised placebo-controlled trial. "


def found(text: str, label: str) -> list[str]:
    """Return the mentions of a label in a report."""
    return [text[one.start : one.end] for one in elements(text)[0] if one.label == label]


def arms(text: str) -> list[str]:
    return [text[arm.start : arm.end] for arm in elements(text)[1]]


# -- the gate ------------------------------------------------------------------------------------

NO_TRIAL = [
    "",
    "HPI: 60 yo male randomized in a trial of apixaban vs warfarin presents to us. Groups: none.",
    "A 60 yo male randomized in a trial of apixaban vs warfarin presents with pain. Groups: none.",
    "   \n",
    "Lasix 40 mg IV given. Coumadin held.",
    "CHIEF COMPLAINT: cough. The patient is a 54-year-old man. CT compared with prior: no change.",
    "Mrs. Roe takes part in a randomised trial of a statin versus placebo. She is well.",
    "A 7-year-old girl was given a trial of salbutamol with significant improvement.",
    "We report a 61-year-old woman with lupus. She was treated with prednisone; p = 0.02.",
    "Assessment and plan: hypertension, well controlled. Significant stress at work.",
    "Groups of lymph nodes were seen. No significant change compared to 2019.",
    "The patient reports that her sister was in the placebo group of a study. Denies pain.",
]

TRIALS = [
    "Aspirin versus placebo for migraine: a randomised controlled trial.",
    "Forty patients were randomly assigned to receive drug A or drug B. Pain was lower with A.",
    "METHODS: Adults with asthma were allocated to yoga or usual care (n = 30 each).",
    "We compared two groups of women with endometriosis treated with dienogest or surgery.",
    "In this double-blind crossover study, ten healthy volunteers received caffeine or placebo.",
    "Comparison of open and laparoscopic repair. Patients with hernia were followed. p < 0.05.",
]


@pytest.mark.parametrize("text", NO_TRIAL)
def test_what_reports_no_trial_has_no_elements(text: str) -> None:
    assert extract(text) == {"items": [], "arm": []}


@pytest.mark.parametrize("text", TRIALS)
def test_a_report_of_a_comparison_has_elements(text: str) -> None:
    assert reports_a_trial(text)
    assert extract(text)["items"]


def test_only_the_trials_among_the_bundled_notes_have_elements() -> None:
    passed = {
        path.name
        for path in NOTES.glob("*.txt")
        if extract(path.read_bytes().decode("utf-8"))["items"]
    }
    assert passed == {path.name for path in NOTES.glob("trial-*.txt")}


# -- participants --------------------------------------------------------------------------------

PARTICIPANTS = [
    ("We enrolled 284 adults with type 2 diabetes.", ["284 adults with type 2 diabetes"]),
    ("Forty-five patients were randomised.", ["Forty-five patients"]),
    ("A total of 118 children aged 6 to 12 years with autism took part.",
     ["118 children aged 6 to 12 years with autism"]),
    ("Patients undergoing total knee arthroplasty were included.",
     ["Patients undergoing total knee arthroplasty"]),
    ("Women scheduled for elective caesarean section were studied.",
     ["Women scheduled for elective caesarean section"]),
    ("Healthy volunteers received a single dose.", ["Healthy volunteers"]),
    ("Adults with asthma, rhinitis or both were eligible.", ["Adults with asthma, rhinitis"]),
    ("We studied 24 obese subjects (22 women and 2 men; 22-46 years old).",
     ["24 obese subjects (22 women and 2 men; 22-46 years old)"]),
    ("Smokers who wanted to quit were recruited.", ["Smokers who wanted to quit"]),
    ("The mean age was 57.4 years.", ["mean age was 57.4 years"]),
    ("SETTING: Primary care clinics in Ontario.", ["Primary care clinics in Ontario"]),
    ("OBJECTIVE: To assess zinc in depression.", ["depression"]),
    # bare words say nothing, arms are no participants, nor is who could not take part
    ("Patients were followed for a year.", []),
    ("Participants received zinc.", []),
    ("Dinoprostone-treated patients did better.", []),
    ("We excluded patients with renal failure.", []),
    ("Those with dementia were not eligible.", []),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), PARTICIPANTS)
def test_participants(sentence: str, expected: list[str]) -> None:
    assert found(FRAME + sentence, "participants") == expected


# -- interventions and comparators -----------------------------------------------------------------

INTERVENTIONS = [
    ("They received haloperidol 1 mg.", ["haloperidol 1 mg"]),
    ("Patients were given oral zinc 50 mg once daily.", ["oral zinc 50 mg once daily"]),
    ("They were treated with cognitive behavioural therapy.", ["cognitive behavioural therapy"]),
    ("The efficacy of whole-body vibration was tested.", ["whole-body vibration"]),
    ("Assigned to gabapentin 300 mg/day or pregabalin.", ["gabapentin 300 mg/day", "pregabalin"]),
    ("The acupuncture group improved.", ["acupuncture"]),
    ("We gave mitomycin C (MMC). MMC was safe.", ["mitomycin C", "MMC", "MMC"]),
    ("They received candesartan cilexetil 16 mg.", ["candesartan cilexetil 16 mg"]),
    # measured, allowed, excluded, generic
    ("Serum lithium was measured.", []),
    ("Paracetamol was allowed in both groups.", []),
    ("Patients on fluvoxamine were excluded.", []),
    ("Treatment and medication were continued.", []),
    ("Use of rescue morphine was recorded.", []),
]


@pytest.mark.parametrize(("sentence", "expected"), INTERVENTIONS)
def test_interventions(sentence: str, expected: list[str]) -> None:
    assert found(FRAME + sentence, "intervention") == expected


COMPARATORS = [
    ("They received zinc or placebo.", ["placebo"]),
    ("The control group had usual care.", ["control group", "usual care"]),
    ("Others were put on a waiting list.", ["waiting list"]),
    ("Allocated to yoga or no treatment.", ["no treatment"]),
    ("Allocated to exercise or no specific training.", ["no specific training"]),
    ("Healthy controls were matched for age.", []),
    ("Glycemic control was better.", []),
]


@pytest.mark.parametrize(("sentence", "expected"), COMPARATORS)
def test_comparators(sentence: str, expected: list[str]) -> None:
    assert found("A randomised controlled trial. " + sentence, "comparator") == expected


@pytest.mark.parametrize(
    ("text", "tried", "reference"),
    [
        (
            ("Amitriptyline or gabapentin in neuralgia: a randomised trial. "
             "Objective: To compare amitriptyline with gabapentin."),
            "amitriptyline", "gabapentin",
        ),
        ("Nebivolol versus metoprolol in hypertension: a randomised trial.", "nebivolol",
         "metoprolol"),
        (
            ("Laparoscopic versus open appendectomy: a randomised trial. "
             "The laparoscopic operation took longer."),
            "laparoscopic", "open appendectomy",
        ),
    ],
)  # fmt: skip
def test_the_treatment_compared_with_is_the_comparator(
    text: str, tried: str, reference: str
) -> None:
    assert {word.lower() for word in found(text, "comparator")} == {reference}
    assert tried in {word.lower() for word in found(text, "intervention")}


def test_with_a_placebo_both_drugs_are_interventions() -> None:
    text = "Zinc versus iron in anemia: a randomised trial. Others received placebo."
    assert found(text, "comparator") == ["placebo"]


# -- outcomes --------------------------------------------------------------------------------------

OUTCOMES = [
    ("The primary outcome was PONV at 24 h.", ["PONV at 24 h"]),
    ("Secondary outcomes were mortality, falls, and length of stay.",
     ["mortality", "falls", "length of stay"]),
    ("Quality of life and HbA1c improved.", ["Quality of life", "HbA1c"]),
    ("There was no difference in urinary flow rate between groups.", ["urinary flow rate"]),
    ("Oxygen uptake and ventilation were measured.", ["Oxygen uptake", "ventilation"]),
    ("Zinc reduced the incidence of severe stunting.", ["incidence of severe stunting"]),
    ("The Fugl-Meyer Assessment was significantly higher after zinc.", ["Fugl-Meyer Assessment"]),
    ("Lower pain scores were seen.", ["pain scores"]),
    ("Serious adverse events were rare.", ["Serious adverse events"]),
    ("Operating time (OT) was 40 min.", ["Operating time (OT)"]),
    # words of measure and change alone
    ("The outcome was good.", []),
    ("There were significant differences.", []),
    ("Levels increased.", []),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "expected"), OUTCOMES)
def test_outcomes(sentence: str, expected: list[str]) -> None:
    assert found(FRAME + sentence, "outcome") == expected


def test_a_section_lists_the_outcomes_and_they_are_found_again() -> None:
    text = (
        "Pedometer trial: randomised. MAIN OUTCOME MEASURES: Steps per day; 6-minute walk "
        "distance. RESULTS: In all, steps per day rose; then the 6-minute walk distance was told."
    )
    assert [word.lower() for word in found(text, "outcome")] == [
        "steps per day", "6-minute walk distance", "steps per day", "6-minute walk distance",
    ]  # fmt: skip


# -- arms ------------------------------------------------------------------------------------------

ARMS = [
    ("Patients were randomised to haloperidol 1 mg, ziprasidone or placebo.",
     ["haloperidol 1 mg", "ziprasidone", "placebo"]),
    ("Zinc versus placebo in colds: a randomised trial.", ["Zinc", "placebo"]),
    ("Randomly assigned to lignocaine 0.1 mg, lignocaine 0.2 mg, or lignocaine 0.4 mg.",
     ["lignocaine 0.1 mg", "lignocaine 0.2 mg", "lignocaine 0.4 mg"]),
    ("Ramelteon for delirium: a randomised trial. Assigned to ramelteon 8 mg or matching placebo.",
     ["Ramelteon", "placebo"]),
    ("Mitomycin C (MMC) or BCG: a randomised trial. Patients were randomised to MMC or BCG.",
     ["Mitomycin C", "BCG"]),
    ("Randomised to cisplatin plus etoposide or carboplatin.", ["cisplatin plus etoposide",
     "carboplatin"]),
    (("A randomised trial of candesartan 4 mg in migraine. INTERVENTIONS: Candesartan 16 mg (C16) "
      "or 4 mg (C4), or placebo."), ["candesartan 4 mg", "Candesartan 16 mg", "placebo"]),
    ("A placebo-controlled trial of zinc. Patients with colds took part. Placebo was identical.",
     ["zinc", "Placebo"]),
    ("A randomised trial. Forty patients took part.", []),
    ("A randomised trial. The treatment group and the control group were compared.", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), ARMS)
def test_arms(text: str, expected: list[str]) -> None:
    assert arms(text) == expected


def test_every_arm_points_at_an_element() -> None:
    for path in NOTES.glob("trial-*.txt"):
        result = clinie.extract(path.read_bytes().decode("utf-8"), task="pico")
        spans = {span.id: span for span in result.spans}
        assert len(result.labels) > 1
        for label in result.labels:
            assert spans[label.span].label in ("intervention", "comparator")
        places = sorted((span.start, span.end) for span in result.spans)
        assert all(before[1] <= after[0] for before, after in pairwise(places))
        assert not [finding for finding in result.findings if finding.severity == "reject"]


# -- layouts ---------------------------------------------------------------------------------------

ABSTRACT = [
    ("Objective", "To compare zinc with placebo."),
    ("Participants", "96 adults with colds."),
    ("Main outcome measures", "Duration of cough; fever."),
    ("Results", "Cough was shorter with zinc."),
]
LAYOUTS = {
    "capitals": (" ", lambda title: title.upper() + " "),
    "colons": (" ", lambda title: title + ": "),
    "capitals and colons": ("\n", lambda title: title.upper() + ": "),
    "lines of their own": ("\n\n", lambda title: title + "\n"),
    "CRLF": ("\r\n", lambda title: title.upper() + "\r\n"),
    "no-break spaces": ("\n", lambda title: title + "\u00a0 "),
    "full stops": ("\n", lambda title: title + ". "),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_headings_of_structured_abstracts(layout: str) -> None:
    joint, heading = LAYOUTS[layout]
    parts = ["Zinc for colds: a randomised trial."]
    parts += [heading(title) + body for title, body in ABSTRACT]
    text = joint.join(parts)
    assert found(text, "participants")[-1] == "96 adults with colds"
    assert {"Duration of cough", "fever"} <= set(found(text, "outcome"))
    assert found(text, "comparator") == ["placebo"]
    everything = [text[one.start : one.end] for one in elements(text)[0]]
    assert not [words for words in everything if words.lower().startswith(("results", "main "))]


def test_unicode_stays_as_it_is() -> None:
    text = "Café-au-lait spots 💊: a randomised trial. 20 adults (≥ 50 years) received β-carotene."
    for item in extract(text)["items"]:
        assert text[item["start"] :].startswith(item["text"])
    assert found(text, "participants")[-1] == "20 adults (≥ 50 years)"


WORDS = st.sampled_from(
    ["patients", "with", "asthma", "randomised to", "zinc", "placebo", "or", "versus", ",", "(",
     ")", "20", "mg", "pain", "was", "lower", "the primary outcome", "aged", "years", "who", ". ",
     "METHODS", "Results:", "\r\n", "\n\n", "MMC", "group", "of", "and", "é", "💊", "\u00a0", "[", "]",
     "reduced", "compared with", "no", "treatment", "at 24 h", "n = 4", "excluded", "children"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=40).map(" ".join)))
def test_every_stated_offset_is_right(text: str) -> None:
    for report in (text, FRAME + text):
        said: dict[str, Any] = extract(report)
        assert said == extract(report)
        for item in (*said["items"], *said["arm"]):
            start, words = item["start"], item["text"]
            assert words
            assert report[start : start + len(words)] == words
            assert 0 < item["confidence"] < 1
        assert {item["label"] for item in said["items"]} <= LABELS
        starts = [item["start"] for item in said["items"]]
        ends = [item["start"] + len(item["text"]) for item in said["items"]]
        assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


@pytest.mark.proof
@pytest.mark.parametrize(
    "unit",
    [
        "randomised to zinc or placebo, ",
        "patients with asthma and ",
        "was was ",
        "the primary outcome was pain, ",
        "( n = 4 ",
        "[",
        "versus ",
        "zinc (ZN) ",
        "aged 12 years or ",
        "compared with compared with ",
        "no significant difference in pain of pain of ",
        "x",
        " ",
        "a" + "-b" * 5,
    ],
)
def test_time_is_linear_in_one_endless_line(unit: str) -> None:
    text = FRAME.strip() + " " + unit * (200_000 // len(unit)) + ")" * 10_000
    extract(FRAME)
    begin = time.perf_counter()
    extract(text)
    assert time.perf_counter() - begin < 20


@pytest.mark.parametrize(
    "lead", ["We randomly assigned", "The team randomly assigned", "We assigned"]
)
def test_participants_begin_behind_the_verb(lead: str) -> None:
    text = f"{lead} 240 nurses with insomnia to zolpidem or placebo."
    assert found(text, "participants") == ["240 nurses with insomnia"]


def test_doses_of_one_drug_and_placebo_are_three_arms() -> None:
    text = (
        "A three-arm trial randomised 300 adults with gout to febuxostat 40 mg, febuxostat 80 mg "
        "or placebo."
    )
    assert arms(text) == ["febuxostat 40 mg", "febuxostat 80 mg", "placebo"]
