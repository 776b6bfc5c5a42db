"""The steps of the measurements task, on answers as language models write them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinie.resolvers import STEPS, Answer, Question, Resolution
from clinie.resolvers.program import Program
from clinie.tasks import load
from clinie.tasks.measurements.rules import extract

TASK = load("measurements")
NOTE = (
    "BP 142/88 mmHg, Na 138, K 4.1 mmol/L. Hemoglobin 9.2 g/dL on 3 March. Temp 98.6 F. "
    "CA 125 42 U/mL. No murmur, RR 16/min."
)


def resolve(answer: str, note: str = NOTE) -> Resolution:
    return TASK.program.resolve(Question(note, TASK.schema), Answer(answer))


def said(found: Resolution) -> dict[str, dict[str, str]]:
    return {
        item.text: {part.relation or "": part.text for part in item.parts} for item in found.items
    }


def codes(found: Resolution) -> list[str]:
    return [finding.code for finding in found.findings]


@pytest.mark.parametrize(
    "answer",
    [
        '- "Hemoglobin"; value: "9.2"; unit: "g/dL"; date: "3 March"',
        '- "Hemoglobin"; value: "9.2 g/dL"; date: "3 March"',
        '{"items": [{"text": "Hemoglobin", "value": "9.2", "unit": "g/dL", "date": "3 March"}]}',
        '{"results": [{"test": "Hemoglobin", "result": "9.2 g/dL", "time": "3 March"}]}',
        '[{"name": "Hemoglobin", "value": 9.2, "units": ["g/dL"], "date": ["3 March"]}]',
        (
            "<measurement>Hemoglobin</measurement> <value>9.2</value> <unit>g/dL</unit> "
            "<date>3 March</date>"
        ),
        "| Test | Value | Unit | Date |\n|---|---|---|---|\n| Hemoglobin | 9.2 | g/dL | 3 March |",
    ],
)
def test_grammars(answer: str) -> None:
    found = resolve(answer)
    assert said(found) == {"Hemoglobin": {"value": "9.2", "unit": "g/dL", "date": "3 March"}}
    assert [f for f in found.findings if f.severity != "info"] == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('- "Hemoglobin 9.2 g/dL"', {"Hemoglobin": {"value": "9.2", "unit": "g/dL"}}),
        ('- "BP: 142/88 mmHg"', {"BP": {"value": "142/88", "unit": "mmHg"}}),
        ('- "BP of 142/88"; value: "142/88"', {"BP": {"value": "142/88"}}),
        ('- "CA 125"; value: "42 U/mL"', {"CA 125": {"value": "42", "unit": "U/mL"}}),
        ('- "CA 125 42"', {"CA 125": {"value": "42"}}),
        ('- "RR"; value: "16/min"; unit: "/min"', {"RR": {"value": "16", "unit": "/min"}}),
        ('- "Temp"; value: "98.6 F"', {"Temp": {"value": "98.6", "unit": "F"}}),
        ('{"items": [{"text": "Na", "value": 138}]}', {"Na": {"value": "138"}}),  # no "n/a"
    ],
)
def test_values_units_and_names_are_split(answer: str, expected: dict[str, dict[str, str]]) -> None:
    found = resolve(answer)
    assert said(found) == expected
    assert codes(found) == []


def test_a_stated_place_is_kept_when_a_unit_is_cut_off() -> None:
    answer = {"text": "BP", "start": 0, "value": [{"text": "142/88 mmHg", "start": 3}]}
    (item,) = resolve(json.dumps({"items": [answer]})).items
    assert [(part.text, part.spans) for part in item.parts] == [
        ("142/88", ((3, 9),)),
        ("mmHg", ((10, 14),)),
    ]


def test_a_percent_sign_and_a_plus_are_said() -> None:
    found = resolve(
        '- "SpO2"; value: "96"; unit: "%"\n- "CAM-ICU"; value: "+"', "SpO2 96%RA, CAM-ICU +"
    )
    assert said(found) == {"SpO2": {"value": "96", "unit": "%"}, "CAM-ICU": {"value": "+"}}


def test_what_has_a_value_is_not_denied() -> None:
    assert codes(resolve('- "RR"; value: "16"')) == []


@pytest.mark.parametrize(
    ("note", "answer", "flagged"),
    [
        ("Temp 986", '- "Temp"; value: "986"', ["implausible_value"]),
        ("Temp 98.6", '- "Temp"; value: "98.6"', []),
        ("Temp 98.6 C", '- "Temp"; value: "98.6"; unit: "C"', ["implausible_value"]),
        ("SpO2 104%", '- "SpO2"; value: "104%"', ["implausible_value"]),
        ("K 41 mmol/L", '- "K"; value: "41"; unit: "mmol/L"', ["implausible_value"]),
        ("K 4.1 mmol/L", '- "K"; value: "4.1"; unit: "mmol/L"', []),
        ("BP 80/120", '- "BP"; value: "80/120"', ["implausible_value"]),
        ("T 98.6 F (37 C)", '- "T"; value: "98.6"; value: "37"; unit: "F"; unit: "C"', []),
        ("Urine sodium 20", '- "Urine sodium"; value: "20"', []),
        ("Foo index 9999", '- "Foo index"; value: "9999"', []),
        ("CBC pending", '- "CBC"', ["no_value"]),
        ("K 4.1", '- "K"; value: "4.7"', ["number_mismatch", "no_value"]),
    ],
)
def test_values_that_cannot_be(note: str, answer: str, flagged: list[str]) -> None:
    found = resolve(answer, note)
    assert codes(found) == flagged
    assert len(found.items) == 1  # flagged, never dropped


@pytest.mark.parametrize(
    ("note", "answer", "flagged"),
    [
        ("Na 138, K 4.1 mmol/L", '- "Na"; value: "138"; unit: "mmol/L"', ["distant_unit"]),
        ("Na 138, K 4.1 mmol/L", '- "K"; value: "4.1"; unit: "mmol/L"', []),
        ("Hb 9.2, 8.8 and 8.4 g/dL", '- "Hb"; value: "9.2"; unit: "g/dL"', []),
        ("Cr 1.9 H (0.6-1.3) mg/dL", '- "Cr"; value: "1.9"; unit: "mg/dL"', []),
        ("Temp (C): 38.2", '- "Temp"; value: "38.2"; unit: "C"', []),
        ("Test  Unit    3/4\nK     mmol/L  4.1", '- "K"; value: "4.1"; unit: "mmol/L"', []),
        ("HR   BP\nbpm  mmHg\n72   120/80", '- "HR"; value: "72"; unit: "bpm"', []),
        ("HR   BP\nbpm  mmHg\n72   120/80", '- "HR"; value: "72"; unit: "mmHg"', ["distant_unit"]),
    ],
)
def test_whose_unit_it_is(note: str, answer: str, flagged: list[str]) -> None:
    assert codes(resolve(answer, note)) == flagged


def test_a_unit_that_the_note_lacks_is_dropped() -> None:
    found = resolve('- "K"; value: "4.1"; unit: "mg/dL"')
    assert codes(found) == ["unit_mismatch"]
    assert said(found) == {"K": {"value": "4.1"}}


def test_the_steps_serve_a_folder_task() -> None:
    assert {"split_values", "check_units", "check_values"} <= STEPS.keys()


def test_other_tasks_are_left_alone() -> None:
    medications = load("medications")
    steps = tuple(STEPS[n] for n in ("parse", "map_labels", "split_values", "ground_items"))
    program = Program("x@1", (*steps, STEPS["check_units"], STEPS["check_values"]))
    note = "Lasix 40 mg"
    found = program.resolve(
        Question(note, medications.schema), Answer('- "Lasix"; dosage: "40 mg"')
    )
    assert [part.text for part in found.items[0].parts] == ["40 mg"]
    assert found.findings == ()


PIECES = st.sampled_from(
    ["BP", "Na", "K", " ", "\n", "138", "4.1", "120/80", "mmol/L", "%", "negative", "| ", "  ",
     '- "', '"; value: "', '"; unit: "', '"', "12/03", "{", '"text": ', "<value>", "(", ")", "²"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=30).map("".join))


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_any_answer_to_any_note(answer: str, note: str) -> None:
    found = resolve(answer, note)
    assert "resolver_error" not in codes(found)
    for item in found.items:
        assert item.spans
        for part in item.parts:
            assert 0 <= part.spans[0][0] < part.spans[-1][1] <= len(note)


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_the_rules_answer_is_taken_as_it_stands(note: str) -> None:
    items = extract(note)
    found = resolve(json.dumps({"items": items}), note)
    claimed = sum(len(item.get(r, ())) for item in items for r in ("value", "unit", "date"))
    assert sum(len(item.parts) for item in found.items) == claimed
    assert {f.code for f in found.findings} <= {"no_answer", "implausible_value", "distant_unit"}
