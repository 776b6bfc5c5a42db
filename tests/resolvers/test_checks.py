"""Every check: where it fires, and where it keeps still."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinie.resolvers import STEPS
from clinie.resolvers.anchoring import ground_items
from clinie.resolvers.checks import drop_duplicates, no_answer, prompt_echo, refusal
from clinie.resolvers.items import Answer, Item, Question, State
from clinie.resolvers.parsing import parse
from clinie.resolvers.steps.doses import daily_dose, strip_dosage
from clinie.schema import LabelSpec, RelationSpec, TaskSchema

PARTS = ("dosage", "route", "frequency", "duration", "reason")
MEDICATIONS = TaskSchema(
    (
        LabelSpec("medication", "", {"status": ("neither", "active", "discontinued")}),
        *(LabelSpec(name) for name in PARTS),
    ),
    tuple(RelationSpec(name, "medication", name) for name in PARTS),
)
CONDITIONS = TaskSchema(
    (LabelSpec("problem", "", {"assertion": ("present", "absent", "possible")}),),
)
INSTRUCTIONS = (
    "List every medication that the note mentions, in the order of the note.\n"
    'Note:\nTakes ramipril 5 mg by mouth every morning.\nMedications:\n- "ramipril" (active)'
)
EXAMPLE = "Takes ramipril 5 mg by mouth every morning."
NOTE = "Lasix 40 mg IV given. Coumadin held."


def state_of(answer: str, note: str = NOTE, schema: TaskSchema = MEDICATIONS) -> State:
    return State(Question(note, schema, (EXAMPLE,), INSTRUCTIONS), Answer(answer))


def run(answer: str, note: str = NOTE, schema: TaskSchema = MEDICATIONS) -> State:
    state = state_of(answer, note, schema)
    for step in STEPS.values():
        step(state)
    return state


def found(state: State) -> list[tuple[str, str, str | None]]:
    return [(f.code, f.severity, f.item) for f in state.findings]


def test_a_right_answer_leaves_no_finding() -> None:
    state = run('- "Lasix" (active); dosage: "40 mg"; route: "IV"\n- "Coumadin" (discontinued)')
    assert found(state) == []
    assert [(item.text, item.spans) for item in state.items] == [
        ("Lasix", ((0, 5),)),
        ("Coumadin", ((22, 30),)),
    ]


@pytest.mark.parametrize(
    ("answer", "note", "expected"),
    [
        ("", NOTE, ["no_answer"]),
        (" \n\t", NOTE, ["no_answer"]),
        ("", " \n", []),
        ("none", NOTE, []),
        ('{"items": []}', NOTE, []),
    ],
)
def test_no_answer(answer: str, note: str, expected: list[str]) -> None:
    state = state_of(answer, note)
    no_answer(state)
    assert [f.code for f in state.findings] == expected
    assert [f.code for f in run(answer, note).findings] == expected


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I’m sorry, I cannot process patient data.",
        "I am unable to provide medical advice.",
        "As an AI language model, I do not have access to records.",
        "Sorry, I can't do that.",
        "I cannot assist with this request.",
        "Unfortunately, I am not able to do this.",
        "I apologize, but I am unable to do this.",
        "Please provide the clinical note.",
        "It looks like you have not included a note.",
        '"I must decline to answer."',
    ],
)
def test_refusal(answer: str) -> None:
    state = run(answer)
    assert [(f.code, f.severity) for f in state.findings] == [("refusal", "reject")]
    assert state.items == []


@pytest.mark.parametrize(
    "answer",
    [
        "Sorry, here they are:\n- Lasix (active)",
        'I cannot find more than this: {"items": ["Lasix"]}',
        "- Lasix (active)\nI'm sorry if I missed any.",
        "none",
        "I cannot find any medications in this note.",
        "It seems that no medications are mentioned.",
    ],
)
def test_no_refusal(answer: str) -> None:
    state = state_of(answer)
    refusal(state)
    assert state.findings == []


def test_an_apology_before_items_is_chatter() -> None:
    state = run("Sorry, here they are:\n- Lasix (active)")
    assert [item.text for item in state.items] == ["Lasix"]
    assert [f.code for f in state.findings] == ["chatter"]


def test_prompt_echo_is_cut_with_the_items_in_it() -> None:
    note = "Takes ramipril and Lasix."
    state = run(INSTRUCTIONS + '\n- "Lasix" (active)', note)
    assert [item.text for item in state.items] == ["Lasix"]
    assert [(f.code, f.severity) for f in state.findings] == [("prompt_echo", "flag")]


@pytest.mark.parametrize("answer", ['- "ramipril" (active)', "- Lasix (active)\n\n- Coumadin", ""])
def test_no_prompt_echo(answer: str) -> None:
    state = state_of(answer)
    prompt_echo(state)
    assert state.findings == []
    assert state.answer.text == answer


def test_a_line_of_the_note_is_no_echo() -> None:
    state = state_of(EXAMPLE, note=EXAMPLE)
    prompt_echo(state)
    assert state.findings == []


@pytest.mark.parametrize(
    ("item", "code"),
    [
        ("digoxin", "ungrounded"),
        ("ramipril", "copied_from_example"),
        ("Lasix 50 mg IV given", "number_mismatch"),
        ("Lasix 40 mcg IV given", "unit_mismatch"),
        ("oumadi", "inside_word"),
    ],
)
def test_what_does_not_stand_in_the_note_is_dropped(item: str, code: str) -> None:
    state = state_of("")
    state.items = [Item(item, "medication")]
    ground_items(state)
    assert state.items == []
    assert (code, "reject", item) in found(state)


@pytest.mark.parametrize(
    ("item", "note", "code"),
    [
        ("right knee pain", "Left knee pain since May.", "laterality_mismatch"),
        ("hydralazine 25 mg", "Start hydroxyzine 25 mg at night.", "drug_mismatch"),
    ],
)
def test_typed_mismatches(item: str, note: str, code: str) -> None:
    state = run(f'{{"items": ["{item}"]}}', note, CONDITIONS)
    assert state.items == []
    assert code in [f.code for f in state.findings]


def test_one_mention_too_many() -> None:
    state = run("- fever (present)\n- fever (present)", "fever noted.", CONDITIONS)
    assert [item.spans for item in state.items] == [((0, 5),)]
    assert found(state) == [("surplus_mention", "reject", "fever")]


def test_as_many_mentions_as_there_are() -> None:
    state = run("- fever (present)\n- fever (present)", "fever, then fever.", CONDITIONS)
    assert [item.spans for item in state.items] == [((0, 5),), ((12, 17),)]
    assert found(state) == []


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("- pneumonia (present)", [("negated_context", "flag", "pneumonia")]),
        ("- pneumonia (absent)", []),
    ],
)
def test_negated_context(answer: str, expected: list[tuple[str, str, str]]) -> None:
    state = run(answer, "There is no pneumonia today.", CONDITIONS)
    assert [item.text for item in state.items] == ["pneumonia"]
    assert found(state) == expected


def test_wrong_offset_is_noted_and_mended() -> None:
    state = run('[{"text": "Lasix", "start": 12}]')
    assert state.items[0].spans == ((0, 5),)
    assert found(state) == [("wrong_offset", "info", "Lasix")]
    assert found(run('[{"text": "Lasix", "start": 0}]')) == []


def test_duplicates_are_merged() -> None:
    state = run(
        '[{"text": "Lasix", "start": 0, "dosage": "40 mg", "confidence": 0.5},'
        ' {"text": "Lasix", "start": 0, "route": "IV", "confidence": 0.75}]'
    )
    (item,) = state.items
    assert [(p.relation, p.text) for p in item.parts] == [("dosage", "40 mg"), ("route", "IV")]
    assert item.confidence == 0.75
    assert found(state) == [("duplicate", "info", "Lasix")]


def test_duplicates_that_disagree_are_flagged() -> None:
    state = run(
        '[{"text": "Lasix", "start": 0, "status": "active"},'
        ' {"text": "Lasix", "start": 0, "status": "discontinued"}]'
    )
    assert [item.attributes for item in state.items] == [{"status": "active"}]
    assert found(state) == [("duplicate", "flag", "Lasix")]


def test_duplicates_with_the_same_spans_are_merged() -> None:
    state = state_of("")
    state.items = [
        Item("Lasix", "medication", spans=((0, 5),)),
        Item("lasix", "medication", spans=((0, 5),)),
        Item("lasix", "reason", spans=((0, 5),)),
    ]
    drop_duplicates(state)
    assert [item.label for item in state.items] == ["medication", "reason"]


def test_outside_label_set() -> None:
    state = run('[{"text": "Lasix", "label": "vehicle", "dosage": "40 mg"}]')
    assert state.items == []
    assert found(state) == [
        ("outside_label_set", "reject", "Lasix"),
        ("orphan_attribute", "reject", "40 mg"),
    ]
    state = run('[{"text": "Lasix", "status": "purple"}]')
    assert state.items[0].attributes == {"status": "neither"}
    assert found(state) == [("outside_label_set", "flag", "purple")]


def test_a_relation_the_label_does_not_have() -> None:
    schema = TaskSchema(
        (LabelSpec("drug"), LabelSpec("food"), LabelSpec("dosage")),
        (RelationSpec("dosage", "drug", "dosage"),),
    )
    state = run('[{"text": "Lasix", "label": "food", "dosage": "40 mg"}]', schema=schema)
    assert [item.parts for item in state.items] == [[]]
    assert found(state) == [("outside_label_set", "reject", "40 mg")]


def test_orphan_attributes() -> None:
    dropped = run("- digoxin (active); dosage: 40 mg; route: IV")
    assert found(dropped) == [
        ("ungrounded", "reject", "digoxin"),
        ("orphan_attribute", "reject", "40 mg"),
        ("orphan_attribute", "reject", "IV"),
    ]
    lone = run("Gave <dosage>40 mg</dosage> IV.", "Gave 40 mg IV.")
    assert [(item.label, item.spans) for item in lone.items] == [("dosage", ((5, 10),))]
    assert found(lone) == [("orphan_attribute", "flag", "40 mg")]


@pytest.mark.parametrize(
    ("name", "left", "cut"),
    [
        ("metoprolol 25 mg tablet PO", "metoprolol", ["25 mg", "PO"]),
        ("metoprolol tartrate 25mg bid", "metoprolol tartrate", ["25mg", "bid"]),
        ("IV vancomycin 1 g q12h", "vancomycin", ["IV", "1 g", "q12h"]),
        ("40 mg of Lasix", "Lasix", ["40 mg"]),
        ("Lasix (40 mg)", "Lasix", ["40 mg"]),
        ("Lasix 40", "Lasix", ["40"]),
        ("aspirin 81 mg daily", "aspirin", ["81 mg", "daily"]),
        ("vitamin D3 1000 units", "vitamin D3", ["1000 units"]),
        ("vitamin B 12 1000 mcg", "vitamin B 12", ["1000 mcg"]),
        ("insulin 70/30 10 units", "insulin 70/30", ["10 units"]),
        ("nystatin cream", "nystatin", []),
        ("vitamin B 12", "vitamin B 12", []),
        ("5-FU", "5-FU", []),
        ("6-MP", "6-MP", []),
        ("coenzyme Q10", "coenzyme Q10", []),
        ("omega-3", "omega-3", []),
        ("omega-3 fatty acids", "omega-3 fatty acids", []),
        ("eye drops", "eye drops", []),
        ("40 mg", "40 mg", []),
        ("tablet", "tablet", []),
        ("", "", []),
    ],
)
def test_strip_dosage(name: str, left: str, cut: list[str]) -> None:
    state = state_of("", note=name)
    state.items = [Item(name, "medication", start=0)]
    strip_dosage(state)
    (item,) = state.items
    assert item.text == left
    assert name[item.start : item.start + len(left)] == left  # type: ignore[operator]
    assert [part.text for part in item.parts] == cut
    for part in item.parts:
        assert part.start is not None
        assert name[part.start : part.start + len(part.text)] == part.text


def test_strip_dosage_keeps_the_parts_that_were_given() -> None:
    state = run("- Lasix 40 mg (active); dosage: 40 mg")
    assert [(p.relation, p.text) for p in state.items[0].parts] == [("dosage", "40 mg")]


def test_strip_dosage_leaves_other_tasks_alone() -> None:
    state = run("- glucose 40 mg (present)", "glucose 40 mg", CONDITIONS)
    assert [item.text for item in state.items] == ["glucose 40 mg"]


@pytest.mark.parametrize(
    ("sig", "flagged"),
    [
        ("lisinopril 10 mg daily", False),
        ("lisinopril 80 mg daily", False),
        ("lisinopril 800 mg daily", True),
        ("lisinopril 400 mg BID", True),
        ("lisinopril 200 mg q6h", True),
        ("lisinopril 1 g daily", True),
        ("lisinopril 900 mcg daily", False),
        ("lisinopril 800 mg weekly", False),
        ("lisinopril 10-800 mg daily", False),
        ("lisinopril 100 tablets daily", False),
        ("unheardofium 9000 g daily", False),
    ],
)
def test_implausible_dose(sig: str, flagged: bool) -> None:
    name, number, *rest = sig.split()
    dosage, frequency = f"{number} {rest[0]}", rest[1]
    state = run(f"- {name}; dosage: {dosage}; frequency: {frequency}", sig)
    assert [f.code for f in state.findings] == ["implausible_dose"] * flagged
    assert [p.text for p in state.items[0].parts] == [dosage, frequency]


@pytest.mark.parametrize(
    ("dosage", "times", "unit", "expected"),
    [
        ("40 mg", 2, "mg", 80),
        ("1.5 g", 2, "mg", 3000),
        ("500 mcg", 1, "mg", 0.5),
        ("5,000 units", 3, "units", 15000),
        ("1-2 g", 1, "mg", 1000),
        ("2 mg/day", 4, "mg", 2),
        ("10 units/hr", 1, "units", 240),
        ("500 mg/5 mL", 2, "mg", 1000),
        ("5 mg/kg", 2, "mg", None),
        ("two tablets", 2, "mg", None),
        ("10 units", 1, "mg", None),
        ("", 1, "mg", None),
    ],
)
def test_daily_dose(dosage: str, times: float, unit: str, expected: float | None) -> None:
    dose = daily_dose(dosage, times, unit)
    assert dose == (None if expected is None else pytest.approx(expected))


WORDS = st.sampled_from(
    [
        "Lasix",
        " 40 mg",
        " IV",
        " given",
        ". ",
        "no ",
        "fever",
        "\n- ",
        '"',
        " (active)",
        "; dosage: ",
        "Sorry, ",
        "{",
        '"items": [',
        "]",
        "<dosage>",
        "</dosage>",
        "Coumadin",
        "ramipril",
        "5 mg",
        "\x00",
        "İ",
        "ﬁ",
        "\ud800",
        EXAMPLE,
        "none",
        "\n",
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=25).map("".join))


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from([MEDICATIONS, CONDITIONS]))
def test_any_answer_to_any_note(answer: str, note: str, schema: TaskSchema) -> None:
    state = state_of(answer, note, schema)
    claimed = 0
    for step in STEPS.values():
        step(state)
        if step is parse:
            claimed = sum(1 + len(item.parts) for item in state.items)
    kept = sum(1 + len(item.parts) for item in state.items)
    for item in state.items:
        assert item.spans
        assert schema.label(item.label or "") is not None
        for span in (*item.spans, *(s for part in item.parts for s in part.spans)):
            assert 0 <= span[0] < span[1] <= len(note)
    assert claimed - kept <= len(state.findings)  # nothing is dropped without a finding


def test_every_code_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
    package = Path(__file__).parents[2] / "resolvers"
    source = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    codes = set(re.findall(r"(?:find|note)\(\s*\"([a-z_]+)\"", source))
    codes |= set(re.findall(r"reject\(state, \"([a-z_]+)\"", source))
    codes |= set(
        re.findall(r"\"([a-z]+_mismatch|inside_word|surplus_mention|ungrounded)\"", source)
    )
    assert len(codes) >= 15
    assert {code for code in codes if f"`{code}`" not in page} == set()
