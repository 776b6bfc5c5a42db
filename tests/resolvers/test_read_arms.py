"""Arms of a trial in the hands that models write, brought to the names of treatments."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinie.resolvers import Answer, Question
from clinie.resolvers.items import State, Statement
from clinie.resolvers.program import Resolution
from clinie.resolvers.steps.arms import read_arms
from clinie.schema import DocumentLabelSpec, LabelSpec, TaskSchema
from clinie.tasks import load

NOTE = (
    "Intravenous haloperidol (HAL) 1 mg, mitomycin C (MMC) or placebo after surgery. "
    "Patients received haloperidol 1 mg, mitomycin C plus radiotherapy, or placebo capsules. "
    "MMC and haloperidol 2 mg were compared with usual care. The control group was observed."
)


def resolve(answer: str, note: str = NOTE) -> Resolution:
    task = load("pico")
    return task.program.resolve(Question(note, task.schema), Answer(answer))


def arms(answer: str) -> list[str]:
    return [label.value for label in resolve(answer).labels]


def codes(answer: str) -> list[str]:
    return [finding.code for finding in resolve(answer).findings if finding.severity != "info"]


BOTH = ["haloperidol", "placebo"]

ANSWERS = {
    # JSON
    "key": ('{"items": [], "arm": ["haloperidol", "placebo"]}', BOTH),
    "plural key": ('{"arms": ["haloperidol", "placebo"]}', BOTH),
    "synonym": ('{"treatment arms": ["haloperidol", "placebo"]}', BOTH),
    "objects": ('{"arms": [{"name": "haloperidol", "n": 40}, {"name": "placebo"}]}', BOTH),
    "by role": ('{"arms": {"intervention": "haloperidol", "control": "placebo"}}', BOTH),
    "items": (
        '{"items": [{"text": "haloperidol", "label": "arm"}, {"text": "placebo", "type": "Arm"}]}',
        BOTH,
    ),
    "fenced": ('```json\n{"arms": ["haloperidol", "placebo"]}\n```', BOTH),
    "one string": ('{"arms": "haloperidol, placebo"}', BOTH),
    # bullets
    "field bullets": ('- arm: "haloperidol"\n- arm: "placebo"', BOTH),
    "heading": ("Arms:\n- haloperidol\n- placebo", BOTH),
    "markdown heading": ("## Arms\n1. **haloperidol**\n2. **placebo**", BOTH),
    "heading with roles": ("Arms:\n- Intervention: haloperidol\n- Control: placebo", BOTH),
    "label in brackets": ('- "haloperidol" (arm)\n- "placebo" (arm)', BOTH),
    "numbered arms": ("- Arm 1: haloperidol (n = 40)\n- Arm 2: placebo (n = 38)", BOTH),
    "lettered groups": ("- Group A: haloperidol\n- Group B: placebo", BOTH),
    "inline": ("Arms: haloperidol, placebo", BOTH),
    "versus": ("Arms: haloperidol vs. placebo", BOTH),
    # tagged text
    "tags": ("received <arm>haloperidol</arm> or <arm>placebo</arm>", BOTH),
    "classes": (
        'received <span class="arm">haloperidol</span> or <span class="arm">placebo</span>',
        BOTH,
    ),
    # words that name no treatment
    "the group": ("- arm: the haloperidol group\n- arm: placebo arm", BOTH),
    "people": ("- arm: haloperidol (40 patients)\n- arm: placebo (n=38)", BOTH),
    "role in brackets": ("- arm: haloperidol (intervention)\n- arm: control group (placebo)", BOTH),
    "twice": ("- arm: haloperidol\n- arm: placebo\n- arm: Placebo\n- arm: haloperidol group", BOTH),
    "long and short": ('{"arms": ["mitomycin C", "MMC"]}', ["mitomycin C"]),
    "long with short": ('{"arms": ["mitomycin C (MMC)", "MMC"]}', ["mitomycin C"]),
    "short alone": ('{"arms": ["MMC", "placebo"]}', ["mitomycin C", "placebo"]),
    # what stays
    "doses tell arms apart": (
        '{"arms": ["haloperidol 1 mg", "haloperidol 2 mg"]}',
        ["haloperidol 1 mg", "haloperidol 2 mg"],
    ),
    "combination": (
        '{"arms": ["mitomycin C plus radiotherapy", "usual care"]}',
        ["mitomycin C plus radiotherapy", "usual care"],
    ),
    "no arms": ('{"items": [{"text": "haloperidol", "label": "intervention"}], "arm": []}', []),
    "none": ("none", []),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answers(name: str) -> None:
    answer, expected = ANSWERS[name]
    assert arms(answer) == expected


@pytest.mark.parametrize("name", ["heading", "tags", "items", "label in brackets"])
def test_an_arm_is_no_mention_of_another_label(name: str) -> None:
    found = resolve(ANSWERS[name][0])
    assert [label.item for label in found.labels] == list(found.items)
    assert {item.label for item in found.items} == {"intervention"}


def test_an_intervention_may_be_an_arm_as_well() -> None:
    found = resolve('- "haloperidol" (intervention, arm)\n- "placebo" (comparator)')
    assert [(item.text, item.label) for item in found.items] == [
        ("haloperidol", "intervention"),
        ("placebo", "comparator"),
    ]
    assert found.labels[0].item is found.items[0]


@pytest.mark.parametrize(
    "said",
    ["treatment group", "control", "Control group", "the active arm", "Arm 1", "group B", "the"],
)
def test_generic_words_are_no_arm(said: str) -> None:
    answer = json.dumps({"arms": [said, "placebo"]})
    assert arms(answer) == ["placebo"]
    assert codes(answer) == ["generic_arm"]


@pytest.mark.parametrize("said", ["1 mg", "2 mg twice daily", "10 mg/kg", "0.5 mL", "40 mg a day"])
def test_doses_are_no_arm(said: str) -> None:
    answer = json.dumps({"arms": [said, "placebo"]})
    assert arms(answer) == ["placebo"]
    assert codes(answer) == ["bare_dose"]


@pytest.mark.parametrize("said", ["haloperidol 1 mg", "usual care", "mitomycin C", "placebo"])
def test_treatments_are_neither(said: str) -> None:
    assert codes(json.dumps({"arms": [said]})) == []


def test_what_the_report_does_not_name_is_dropped() -> None:
    assert arms('{"arms": ["haloperidol 5 mg", "ketamine", "placebo"]}') == ["placebo"]
    assert codes('{"arms": ["ketamine"]}') == ["ungrounded"]
    assert "number_mismatch" in codes('{"arms": ["haloperidol 5 mg"]}')


def test_a_stated_offset_moves_with_what_is_cut_off() -> None:
    at = NOTE.index("haloperidol 2 mg")
    answer = json.dumps({"arm": [{"text": "the haloperidol group", "start": at - 4}]})
    assert [label.item.spans for label in resolve(answer).labels] == [((at, at + 11),)]


def test_a_list_that_stands_in_the_report_is_one_arm() -> None:
    note = "Assigned to aspirin and dipyridamole, or to placebo."
    found = resolve('{"arms": ["aspirin and dipyridamole", "placebo"]}', note)
    assert [label.value for label in found.labels] == ["aspirin and dipyridamole", "placebo"]


def test_nothing_happens_without_arms_that_point_at_spans() -> None:
    schema = TaskSchema((LabelSpec("x"),), document_labels=(DocumentLabelSpec("arm"),))
    state = State(Question("Control.", schema), Answer(""))
    state.labels = [Statement("arm", "control")]
    read_arms(state)
    assert [statement.value for statement in state.labels] == ["control"]
    assert state.findings == []


WORDS = st.sampled_from(
    ["haloperidol", "placebo", "MMC", "(", ")", "n = 4", "arm", "group", "Arm A:", "1 mg", ",",
     "vs", "or", "and", "control", "-", ":", "\n", '"', "mitomycin C", " ", "é", "💊", "- arm: "]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=20).map(" ".join)), st.booleans())
def test_any_answer_at_all(answer: str, as_json: bool) -> None:
    found = resolve(json.dumps({"arms": [answer, answer[::2]]}) if as_json else answer)
    assert "resolver_error" not in [finding.code for finding in found.findings]
    for label in found.labels:
        assert label.item is not None
        for start, end in label.item.spans:
            assert 0 <= start < end <= len(NOTE)
    assert len({label.item.spans for label in found.labels}) == len(found.labels)


@pytest.mark.proof
@pytest.mark.parametrize(
    "hostile",
    [
        "(" * 50_000,
        " " * 100_000,
        "group " * 20_000,
        "arm: " * 20_000,
        "a (" * 40_000,
        "1 " * 60_000,
    ],
)
def test_time_is_linear(hostile: str) -> None:
    begin = time.perf_counter()
    resolve(json.dumps({"arms": [hostile]}), hostile)
    resolve(f"Arms:\n- {hostile}", hostile)
    assert time.perf_counter() - begin < 10
