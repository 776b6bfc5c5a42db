"""The rules of the trial-results task: simple patterns, beside the words of a question."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinie
from clinie.cascade import resolve
from clinie.models import Completion
from clinie.prompts import Window
from clinie.tasks import load
from clinie.tasks.trial_results.question import is_trial, question
from clinie.tasks.trial_results.rules import extract

ASKED = {"outcome": "falls", "intervention": "vitamin D", "comparator": "placebo"}
ABSTRACT = """BACKGROUND: Falls are frequent in old age.
METHODS: 200 adults were randomised to vitamin D 1000 IU or placebo. The primary outcome was falls
within 12 months.
RESULTS: {results}
CONCLUSIONS: Vitamin D did not prevent falls (P = 0.4)."""


def found(results: str, metadata=ASKED) -> dict[str, str]:
    said = extract(ABSTRACT.format(results=results), metadata)
    return {name: value["text"] for name, value in said.items() if name != "items"}


def binary(i_events, i_size, c_events, c_size):
    said = {
        "outcome_type": "binary",
        "intervention_events": i_events,
        "intervention_group_size": i_size,
        "comparator_events": c_events,
        "comparator_group_size": c_size,
    }
    return {name: value for name, value in said.items() if value}


def continuous(i_mean, i_sd, c_mean, c_sd):
    return {
        "outcome_type": "continuous",
        "intervention_mean": i_mean,
        "intervention_standard_deviation": i_sd,
        "comparator_mean": c_mean,
        "comparator_standard_deviation": c_sd,
    }


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ("Falls: 12/100 (12%) with vitamin D and 18/100 (18%) with placebo.",
         binary("12", "100", "18", "100")),
        ("Falls: 18/100 with placebo and 12/100 with vitamin D.",
         binary("12", "100", "18", "100")),
        ("Falls occurred in 12 of 98 patients on vitamin D and 18 of the 99 on placebo.",
         binary("12", "98", "18", "99")),
        ("Falls occurred on vitamin D (12/98, 12.2%) and on placebo (18/99, 18.2%).",
         binary("12", "98", "18", "99")),
        ("Vitamin D (n = 98), placebo (n = 99). Falls: 12 (12%) on vitamin D, 18 (18%) on placebo.",
         binary("12", "98", "18", "99")),
        (("\n| | Vitamin D (n = 98) | Placebo (n = 99) |\n"
         "| Falls, n (%) | Vitamin D (n = 98): 12 (12) | Placebo (n = 99): 18 (18) |"),
         binary("12", "98", "18", "99")),
        ("Falls per year were 2.5 (SD 1.2) with vitamin D and 3.1 (SD 1.3) with placebo.",
         continuous("2.5", "1.2", "3.1", "1.3")),
        ("Falls per year: vitamin D 2·5 ± 1·2, placebo 3·1 ± 1·3.",
         continuous("2·5", "1·2", "3·1", "1·3")),
        (("\n| Falls, n (%) | Vitamin D, baseline: 19 (20) | Vitamin D, end: 12 (12) |"
         " Placebo, baseline: 18 (18) | Placebo, end: 17 (17) |"),
         binary("12", "", "17", "")),
        ("\n| Falls | Vitamin D: 2.5 ± 1.2 | Placebo: 3.1 ± 1.3 |", {}),  # at which time?
        ("Falls occurred in 12 of 98 patients on vitamin D.", {}),  # one arm only
        ("Pain occurred in 12 of 98 on vitamin D and 18 of 99 on placebo.", {}),
        ("Falls were as frequent with vitamin D as with placebo.", {}),
        ("At baseline falls were 2.5 (SD 1.2) with vitamin D and 3.1 (SD 1.3) with placebo.", {}),
    ],
)  # fmt: skip
def test_results_of_two_arms(results, said):
    assert found(results) == said


def test_without_a_question_the_primary_outcome_is_meant():
    results = (
        "Pain: 3/100 with vitamin D and 4/100 with placebo. Falls: 12/100 with vitamin D and "
        "18/100 with placebo."
    )
    assert found(results, {}) == binary("12", "100", "18", "100")
    asked, guessed = (extract(ABSTRACT.format(results=results), m) for m in (ASKED, {}))
    assert guessed["intervention_events"]["confidence"] < asked["intervention_events"]["confidence"]


@pytest.mark.parametrize(
    "note",
    [
        "",
        "She fell 2/7 ago. BP 120/80. Random glucose 7.2.",
        "He takes part in a randomised placebo-controlled trial of vitamin D; no falls since.",
        "Assessment: 12/15 on the scale, was 9/15. Pain 3.2 (SD 1.1).",
        "Randomised 50 patients versus placebo. P = 0.04",  # a fragment
    ],
)
def test_other_texts_give_nothing(note):
    assert extract(note) == {"items": []}


@pytest.mark.parametrize(
    ("text", "arms"),
    [
        ("were randomised to ramelteon 8 mg or matching placebo, and the primary outcome was pain",
         ("ramelteon 8 mg", "matching placebo")),
        ("Placebo versus drugex. Primary: pain at 6 weeks", None),
        ("To compare amitriptyline with gabapentin in pain.\nMain outcome measures Pain at 6 weeks",
         ("amitriptyline", "gabapentin")),
        ("usual care was compared. We compared usual care with exercise. Primary outcome was pain",
         ("exercise", "usual care")),
    ],
)  # fmt: skip
def test_arms_and_outcome_of_a_report(text, arms):
    asked = question(text, {})
    assert (asked and (asked.intervention, asked.comparator)) == arms
    assert asked is None or asked.outcome.lower() == "pain"


def test_the_pipeline_passes_the_question_on():
    text = ABSTRACT.format(results="Falls: 12/100 with vitamin D and 18/90 with placebo.")
    document = clinie.Document(text=text, id="t1", metadata=ASKED)
    record = clinie.extract(document, task="trial-results")
    labels = {label.name: label for label in record.labels}
    assert {name: label.value for name, label in labels.items()} == {
        "outcome_type": "binary",
        **binary("12", "100", "18", "90"),
    }
    assert not record.findings
    spans = {span.id: span for span in record.spans}
    events = spans[labels["comparator_events"].span]
    assert (events.text, events.label, events.attributes) == ("18", "events", {"arm": "comparator"})
    assert clinie.extract("Feels well.", task="trial-results").labels == ()


LINES = st.lists(
    st.sampled_from(["Falls: ", "12/100 ", "(12%) ", "vitamin D ", "placebo ", "2.5 ± 1.2 ", "\r\n",
                     "| ", "é", "n = 5 ", "randomised ", ". ", "baseline "]), max_size=25
).map("".join)  # fmt: skip


@given(LINES)
def test_every_stated_offset_is_right(results):
    text = ABSTRACT.format(results=results)
    task = load("trial-results")
    said = extract(text, ASKED)
    for name, value in said.items():
        if "start" in value:
            assert text[value["start"] :][: len(value["text"])] == value["text"], name
    resolved = resolve(task, Window(text), Completion(json.dumps(said)), ASKED)
    assert {f.code for f in resolved.findings} <= {"derived_number", "impossible_number"}


def test_windows_line_ends():
    text = ABSTRACT.format(results="Falls: 12/100 with vitamin D, 18/90 with placebo.")
    assert is_trial(text.replace("\n", "\r\n"))
    assert len(extract(text.replace("\n", "\r\n"), ASKED)) == 6


@pytest.mark.proof
@pytest.mark.parametrize(
    "unit", ["12/100 ", "| 5 | ", "Falls vitamin D 5/10 placebo 6/10 ", "a" * 9]
)
def test_time_is_linear(unit):
    import time

    spent = []
    for size in (50_000, 200_000):
        text = ABSTRACT.format(results=unit * (size // len(unit)))
        started = time.perf_counter()
        extract(text, ASKED)
        spent.append(time.perf_counter() - started)
    assert spent[1] < 12 * spent[0] + 0.2
