"""Numbers per arm, in the hands that models write; and answers to multiple choice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.resolvers import Answer, Program, Question
from clinie.resolvers.grammars.arm_numbers import single_number
from clinie.resolvers.grammars.choice import read_choice
from clinie.resolvers.steps.results import parse_results
from clinie.tasks import load

SCHEMA = load("trial-results").schema
PROGRAM = Program("trial-results@1", (parse_results,))
ASKED = {"intervention": "rest (bed)", "comparator": "walking", "outcome": "falls"}
VALUES = ("binary", "continuous", "unknown")


def parsed(answer: str, metadata=ASKED):
    found = PROGRAM.resolve(Question("12 of 50", SCHEMA, metadata=metadata), Answer(answer))
    return {said.name: said.value for said in found.labels}, [f.code for f in found.findings]


def numbers(intervention: str, comparator: str = "", names: str = "events group_size"):
    pairs = {}
    for arm, values in (("intervention", intervention), ("comparator", comparator)):
        for name, value in zip(names.split(), values.split(), strict=False):
            if value != "x":
                pairs[f"{arm}_{name}"] = value
    return pairs


YAML = "intervention:\n  events: 12\n  group_size: 50\ncomparator:\n  events: 9\n  group_size: 48\n"


@pytest.mark.parametrize(
    "answer",
    [
        YAML,
        f"```yaml\n{YAML}```",
        f"Sure, here is the table:\n\n{YAML}\nNote: these numbers are from table 2.",
        YAML.replace("\n", "\r\n"),
        YAML.replace("  ", "    "),
        YAML + "outcome:\n  events: 21\n  group_size: 98\n",
        YAML + "\nYAML:\nintervention:\n  events: 5\n",
        YAML.replace("12", "12 # from the abstract").replace("48", "48,"),
        YAML.replace("12", '"12"').replace("group_size", r"group\_size"),
        (
            "interventions:\n- name: Rest\n  events: 12\n  group_size: 50\n"
            "comparators:\n- name: Walking\n  events: 9\n  group_size: 48"
        ),
        "intervention: events: 12 group_size: 50 comparator: events: 9 group_size: 48",
        "intervention: events:12group_size:50comparator: events:9group_size:48outcome: falls",
        "intervention: {events: 12, group_size: 50}\ncomparator: {events: 9, group_size: 48}",
        "{intervention: {events: 12, group_size: 50}, comparator: {events: 9, group_size: 48}}",
        (
            '{"intervention": {"events": 12, "group_size": 50},'
            ' "comparator": {"events": "9", "group_size": "48"}}'
        ),
        (
            '```json\n{"results": [{"intervention": {"events": 12, "n": 50}},'
            ' {"comparator": {"events": 9, "n": 48}}]}\n```'
        ),
        (
            "- intervention_events: 12\n- intervention_group_size: 50\n"
            "- comparator_events: 9\n- comparator_group_size: 48"
        ),
        (
            "Intervention events = 12\nIntervention group size = 50\n"
            "Comparator events = 9\nComparator group size = 48"
        ),
        "- **Intervention group**: events: 12 (24.0%), n: 50\n- **Control group**: events: 9, n: 48",
        "rest:\n  events: 12/50\nwalking:\n  events: 9 of 48",
        "bed:\n  events: 12/50\nplacebo:\n  events: 9 of the 48",
        (
            "###Answer:\n- Treatment arm\n  events_intervention: 12\n  group_size_intervention: 50\n"
            "  events_comparator: 9\n  group_size_comparator: 48"
        ),
        (
            '<events arm="intervention">12</events> <group_size arm="intervention">50</group_size>'
            ' <events arm="comparator">9</events> <group_size arm="comparator">48</group_size>'
        ),
        (
            '- "12" (events, intervention)\n- "50" (group size, intervention)\n'
            '- "9" (events, comparator)\n- "48" (group size, comparator)'
        ),
    ],
)
def test_layouts(answer):
    assert parsed(answer)[0] == numbers("12 50", "9 48")


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("40 (12.5%)", ("40", {})),
        ("92.0% # of those with data", ("92.0%", {})),
        ("11,897", ("11,897", {})),
        ("-0.40 sessions/week", ("-0.40", {})),
        ("105 ± 30.8", ("105", {"standard_deviation": "30.8"})),
        ("24 (SD, 12.9)", ("24", {"standard_deviation": "12.9"})),
        ("4 (3-4)", ("4", {})),
        ("approximately forty", ("forty", {})),
        ("12/50 patients", ("12", {"group_size": "50"})),
        ("4-6", None),
        ("4 to 6", None),
        ("0...11", None),
        ("27.75, 27.75", None),
        ("[[6, 5], [1, 3]]", None),
        ("many", None),
        ("", None),
    ],
)
def test_one_number_of_a_value(value, read):
    assert single_number(value) == read


@pytest.mark.parametrize(
    "none",
    ["x", "X", "'x'", "x (not reported)", "N/A", "not reported", "Not extractable", "unknown",
     "None", "null", "?", "-", "n/a # not in the article"],
)  # fmt: skip
def test_what_is_not_reported(none):
    answer = YAML.replace("12", none)
    assert parsed(answer) == (numbers("x 50", "9 48"), [])


def test_nothing_reported_is_an_answer():
    assert parsed("intervention:\n events: x\n group_size: x") == ({}, [])
    assert parsed("x") == ({}, [])
    assert parsed('{"items": []}') == ({}, [])
    assert parsed('{"intervention": {"events": null}}') == ({}, [])


@pytest.mark.parametrize(
    "answer",
    [
        "intervention:\n  events: NUMBER\n  group_size: NUMBER",
        "intervention:\n    events:\n        x: NUMBER\n        group_size: NUMBER",
        "intervention:\n  events: NUM_FALLS\n  group_size: N_REST",
        "\n\nThe\nThe\nThe\n•\n\n",
        "**QUESTION:**",
        "The YAML format should include the following fields:",
        "8 8 8 8 8888",
        "intervention:\n---\nintervention:\n---\n",
    ],
)
def test_an_answer_without_content_is_no_answer(answer):
    assert parsed(answer) == ({}, ["no_answer"])


def test_the_part_with_numbers_counts_and_others_fill_it():
    one = "intervention:\n  events: x\n  group_size: 50\n"
    two = "intervention:\n  events: 12\ncomparator:\n  events: 9\n  group_size: 49\n"
    assert parsed(f"{one}---\n{two}---\nNo such outcome.\n---\n")[0] == numbers("12 50", "9 49")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (YAML.replace("12", "4-6"), numbers("x 50", "9 48")),
        ('{"intervention": {"events": [1, 2]}, "comparator": {"events": 9}}', numbers("x", "9")),
        ("events: 12\n" + YAML, numbers("12 50", "9 48")),  # whose?
    ],
)
def test_what_cannot_be_read_is_reported(answer, said):
    assert parsed(answer) == (said, ["malformed"])


def test_another_heading_ends_an_arm():
    answer = "intervention:\n  events: 12\nsubgroup:\n  group_size: 7\ncomparator:\n  events: 9"
    assert parsed(answer) == (numbers("12", "9"), ["malformed"])


def test_means_and_the_type_of_the_outcome():
    answer = (
        " continuous\n- intervention_mean: 3.20 ± 1.1\n- comparator: mean=4,000 sd=0·5\n"
        "- comparator_group_size: 30"
    )
    assert parsed(answer)[0] == {
        "outcome_type": "continuous",
        **numbers("3.20 1.1", "4,000 0·5 30", "mean standard_deviation group_size"),
    }


def test_offsets_and_confidences_of_rules_are_kept():
    answer = '{"items": [], "intervention_events": {"text": "12", "start": 0, "confidence": 0.4}}'
    found = PROGRAM.resolve(Question("12 of 50", SCHEMA), Answer(answer))
    assert [(s.name, s.value, s.start, s.confidence) for s in found.labels] == [
        ("intervention_events", "12", 0, 0.4)
    ]


def test_a_cut_answer_is_reported():
    found = PROGRAM.resolve(Question("12", SCHEMA), Answer(YAML, truncated=True))
    assert [f.code for f in found.findings] == ["truncated"]


def test_a_task_without_arms_is_left_alone():
    schema = load("medications").schema
    found = PROGRAM.resolve(Question("note", schema), Answer(YAML))
    assert (found.labels, found.findings) == ((), ())


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("(A", "binary"),
        ("A", "binary"),
        ("B)", "continuous"),
        ("B) continuous > The", "continuous"),
        ("B)_continuous", "continuous"),
        ("B)**", "continuous"),
        ("(C) unknown - there", "unknown"),
        ("C. unknown - there", "unknown"),
        ("C.unknown - there", "unknown"),
        ("A. binary. Early", "binary"),
        ("A.\n\nExplanation", "binary"),
        ("A) continuous", "continuous"),
        ("The answer is (A", "binary"),
        ("**ANSWER:** (B", "continuous"),
        ("The outcome is a continuous measure.", "continuous"),
        ("Binary", "binary"),
        ("dichotomous", "binary"),
        ("Unknown - there is insufficient", "unknown"),
        ("A study of pain", None),
        ("Is the outcome binary or continuous?", None),
        ("I'm an AI", None),
        ("D)", None),
        ("", None),
    ],
)
def test_choices(said, value):
    assert read_choice(said, VALUES) == value


def test_a_choice_is_a_statement():
    assert parsed("The answer is (B") == ({"outcome_type": "continuous"}, [])


PIECES = st.sampled_from(
    ["intervention", "comparator", "events", "group_size", "mean", ":", " ", "\n", "12", "x", "{",
     "}", '"', "---", "NUMBER", "A", ")", "é", "\\", "=", "50%", "- ", "±"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=80))
def test_any_answer_is_read(answer):
    found = PROGRAM.resolve(Question("12 of 50", SCHEMA, metadata=ASKED), Answer(answer))
    assert "resolver_error" not in [f.code for f in found.findings]
    names = [said.name for said in found.labels]
    assert len(names) == len(set(names))
    if answer.strip() and not any(map(str.isalnum, answer)) and not set("{[") & set(answer):
        assert [f.code for f in found.findings] == ["no_answer"]


@pytest.mark.proof
@pytest.mark.parametrize(
    "unit",
    ["a:", "events: 5 ", "a", "=", '{"a":', "intervention:\n", "---\n", "1", "\\", "<events "],
)
def test_reading_is_linear(unit):
    import time

    spent = []
    for size in (50_000, 200_000):
        started = time.perf_counter()
        parsed(unit * (size // len(unit)))
        spent.append(time.perf_counter() - started)
    assert spent[1] < 12 * spent[0] + 0.2
