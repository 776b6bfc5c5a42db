"""Short forms are found letter by letter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.resolvers.items import Answer, Item, Question, State
from clinie.resolvers.steps.short_forms import ground_short_forms
from clinie.schema import LabelSpec, TaskSchema

SCHEMA = TaskSchema((LabelSpec("acronym", "", {"sense": ()}),))


def grounded(note: str, *said: str | tuple[str, int]) -> State:
    state = State(Question(note, SCHEMA, examples=("Known ESWL.",)), Answer(""))
    for one in said:
        text, start = one if isinstance(one, tuple) else (one, None)
        state.items.append(Item(text, "acronym", start=start))
    ground_short_forms(state)
    return state


def places(state: State) -> list[int]:
    return [item.spans[0][0] for item in state.items]


def codes(state: State) -> list[tuple[str, str]]:
    return [(f.code, f.severity) for f in state.findings]


@pytest.mark.parametrize(
    ("note", "short", "start"),
    [
        ("Stage CKD3a now", "CKD", 6),
        ("A 34F with pain", "F", 4),
        ("two MIs before", "MI", 4),
        ("d/c'd home", "d/c", 0),
        ("G3P1011 today", "P", 2),
        ("no SOB at all", "SOB", 3),
        ("known chf.", "CHF", 6),
        ("CHF and chf", "chf", 8),
        ("K+ 4.1", "K", 0),
        ("C.O.P.D. known", "C.O.P.D.", 0),
        ("w/ pain", "w/", 0),
        ("İ. CHF", "CHF", 3),
    ],
)
def test_where_short_forms_stand(note, short, start):
    state = grounded(note, short)
    assert places(state) == [start]
    assert codes(state) == []


@pytest.mark.parametrize(
    ("note", "short", "code"),
    [
        ("the CHFX unit", "CHF", "inside_word"),
        ("MRI only", "MR", "inside_word"),
        ("nothing here", "CHF", "ungrounded"),
        ("nothing here", "ESWL", "copied_from_example"),
        ("c\u0327 alone", "c", "ungrounded"),
        ("nothing", "X" * 500, "ungrounded"),
    ],
)
def test_where_they_do_not(note, short, code):
    state = grounded(note, short)
    assert state.items == []
    assert codes(state) == [(code, "reject")]


def test_every_mention_takes_a_place_of_its_own():
    state = grounded("MS, MS and MS", "MS", ("MS", 11), "MS", "MS")
    assert places(state) == [0, 11, 4]
    assert codes(state) == [("surplus_mention", "reject")]


def test_a_wrong_offset_is_noted():
    state = grounded("He has MS.", ("MS", 2))
    assert places(state) == [7]
    assert codes(state) == [("wrong_offset", "info")]


def test_other_tasks_are_left_alone():
    state = State(Question("MS", TaskSchema((LabelSpec("problem"),))), Answer(""))
    state.items = [Item("MS", "problem")]
    ground_short_forms(state)
    assert state.items[0].spans == ()


@given(
    st.text(alphabet="aAMSs1İ\u0301 ./'", max_size=40),
    st.lists(st.text(alphabet="aAMSs1İ./", max_size=4), max_size=8),
)
def test_places_are_right_and_distinct(note, said):
    state = grounded(note, *said)
    starts = set()
    for item in state.items:
        ((start, end),) = item.spans
        assert note[start:end].lower() == item.text.lower()
        starts.add((start, item.text))
    assert len(starts) == len(state.items)
    assert len(state.items) + len([f for f in state.findings if f.severity == "reject"]) <= len(
        said
    )
