"""Answers that are the note once more, with its short forms spelled out."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.resolvers.items import Answer, Question, State
from clinie.resolvers.steps.rewrites import read_rewrite, rewrite_reader
from clinie.schema import LabelSpec, TaskSchema
from clinie.text.senses import Inventory, Sense

SCHEMA = TaskSchema((LabelSpec("acronym", "", {"sense": ()}),))
NOTE = "Pt c/o SOB, h/o CHF and MS.\nPT 12.3 s, referred to PT for gait."


def read(answer: str, note: str = NOTE, step=read_rewrite) -> State:
    state = State(Question(note, SCHEMA), Answer(answer))
    step(state)
    return state


def pairs(state: State) -> list[tuple[str, int | None, str | None]]:
    return [(item.text, item.start, item.attributes["sense"]) for item in state.items]


def test_a_rewritten_note():
    state = read(
        "Patient complaining of shortness of breath, history of congestive heart failure and "
        "multiple sclerosis.\nProthrombin time 12.3 s, referred to physical therapy for gait."
    )
    assert pairs(state) == [
        ("Pt", 0, "patient"),
        ("c/o", 3, "complaining of"),
        ("SOB", 7, "shortness of breath"),
        ("h/o", 12, "history of"),
        ("CHF", 16, "congestive heart failure"),
        ("MS", 24, "multiple sclerosis"),
        ("PT", 28, "Prothrombin time"),
        ("PT", 51, "physical therapy"),
    ]
    assert state.answer.text == ""
    assert state.findings == []


@pytest.mark.parametrize(
    "answer",
    [
        "Takes aspirin, has multiple sclerosis (MS) at home.",
        "Takes aspirin, has MS (multiple sclerosis) at home.",
        "Takes aspirin, has multiple sclerosis at home.",
        '"Takes aspirin, has multiple sclerosis at home."',
        "```\nTakes aspirin, has multiple sclerosis at home.\n```",
        "Here is the rewritten note:\nTakes aspirin, has multiple sclerosis at home.",
    ],
)
def test_forms_of_a_rewriting(answer):
    state = read(answer, "Takes aspirin, has MS at home.")
    assert pairs(state) == [("MS", 19, "multiple sclerosis")]


def test_other_changes_are_noted():
    state = read(
        "He takes aspirin and has multiple sclerosis at home today.",
        "Takes aspirin, has MS at home.",
    )
    assert [item.text for item in state.items] == ["MS"]
    assert [(f.code, f.severity) for f in state.findings] == [("chatter", "info")]


def test_several_side_by_side():
    state = read(
        "Known hypertension diabetes mellitus, stable at home.", "Known HTN DM, stable at home."
    )
    assert [(item.text, item.attributes["sense"]) for item in state.items] == [
        ("HTN", "hypertension"),
        ("DM", "diabetes mellitus"),
    ]


def test_a_few_words_for_the_only_short_form():
    state = read("multiple sclerosis", "The patient has MS at home, MS again.")
    assert pairs(state) == [("MS", 16, "multiple sclerosis"), ("MS", 28, "multiple sclerosis")]


def test_a_plain_object():
    state = read('{"MS": "multiple sclerosis", "PT": null}')
    assert pairs(state) == [("MS", 24, "multiple sclerosis"), ("PT", 28, None), ("PT", 51, None)]


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "none",
        '- "MS" (multiple sclerosis)',
        'MS" (multiple sclerosis)\n- "CHF" (congestive heart failure)',
        "- MS: multiple sclerosis\n- CHF: congestive heart failure",
        '{"items": [{"text": "MS", "sense": "multiple sclerosis"}]}',
        '<acronym sense="multiple sclerosis">MS</acronym>',
        "The patient is well and needs nothing.",
        "I'm sorry, I cannot help.",
        NOTE,
        "[1, 2]",
        '{"a": {}}',
    ],
)
def test_other_answers_are_left_alone(answer):
    state = read(answer)
    assert state.items == []
    assert state.answer.text == answer
    assert state.findings == []


def test_other_tasks_are_left_alone():
    schema = TaskSchema((LabelSpec("problem"),))
    state = State(Question("Has MS at home.", schema), Answer("Has multiple sclerosis at home."))
    read_rewrite(state)
    assert state.items == []


def test_own_inventory():
    step = rewrite_reader(Inventory([Sense(("zq",), "zone quarter")]))
    state = read("The zone quarter was seen here.", "The zq was seen here.", step)
    assert pairs(state) == [("zq", 4, "zone quarter")]


PIECES = st.lists(
    st.sampled_from(
        ["MS", "multiple", "sclerosis", "(", ")", ".", "\n", "Pt", "the", "{", '"', "-"]
    ),
    max_size=30,
).map(" ".join)


@given(PIECES, PIECES)
def test_total_and_every_offset_is_right(note, answer):
    state = read(answer, note)
    for item in state.items:
        assert item.start is not None
        assert note[item.start : item.start + len(item.text)] == item.text


@pytest.mark.proof
@pytest.mark.parametrize(
    ("note", "answer"),
    [
        ("a b " * 25_000, "b a " * 25_000),
        (" ".join(f"w{n}" for n in range(40_000)), " ".join(f"w{n} x" for n in range(40_000))),
        ("MS " * 30_000, "multiple sclerosis " * 30_000),
        ("{" * 100_000, "{" * 100_000),
    ],
    ids=["swapped", "unique", "same", "braces"],
)
def test_long_answers_do_not_hang(note, answer):
    start = time.perf_counter()
    read(answer, note)
    assert time.perf_counter() - start < 20
