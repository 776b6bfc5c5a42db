"""Where heads and their parts come to stand."""

from __future__ import annotations

import pytest

from clinie.resolvers.anchoring import ground_items
from clinie.resolvers.items import Answer, Item, Question, State
from clinie.schema import LabelSpec, RelationSpec, TaskSchema

SCHEMA = TaskSchema(
    (LabelSpec("medication"), LabelSpec("dosage"), LabelSpec("frequency")),
    (
        RelationSpec("dosage", "medication", "dosage"),
        RelationSpec("frequency", "medication", "frequency"),
    ),
)


def drug(name: str, *doses: str, frequency: str = "", start: int | None = None) -> Item:
    parts = [Item(dose, "dosage", relation="dosage") for dose in doses]
    if frequency:
        parts.append(Item(frequency, "frequency", relation="frequency"))
    return Item(name, "medication", start, parts=parts)


def ground(note: str, *items: Item) -> State:
    state = State(Question(note, SCHEMA), Answer(""), items=list(items))
    ground_items(state)
    return state


def starts(state: State) -> list[tuple[int, list[int]]]:
    return [(i.spans[0][0], [p.spans[0][0] for p in i.parts]) for i in state.items]


@pytest.mark.parametrize(
    ("note", "items", "expected"),
    [
        # the nearest behind the head
        (
            "A: Lasix 40 mg, lisinopril 40 mg.",
            [drug("Lasix", "40 mg"), drug("lisinopril", "40 mg")],
            [(3, [9]), (16, [27])],
        ),
        # in the head's own sentence, though another stands nearer
        ("40 mg now. Lasix was given at a dose of 40 mg.", [drug("Lasix", "40 mg")], [(11, [40])]),
        # before the head
        (
            "Gave 40 mg of Lasix and 20 mg of Coumadin.",
            [drug("Lasix", "40 mg"), drug("Coumadin", "20 mg")],
            [(14, [5]), (33, [24])],
        ),
        # one part, two heads
        (
            "aspirin and clopidogrel daily.",
            [drug("aspirin", frequency="daily"), drug("clopidogrel", frequency="daily")],
            [(0, [24]), (12, [24])],
        ),
        # in the next sentence when there is none in its own
        (
            "He takes Lasix. 40 mg daily.",
            [drug("Lasix", "40 mg", frequency="daily")],
            [(9, [16, 22])],
        ),
        # a head mentioned twice: each with its own dose
        (
            "Lasix 40 mg, then Lasix 20 mg.",
            [drug("Lasix", "40 mg"), drug("Lasix", "20 mg")],
            [(0, [6]), (18, [24])],
        ),
        # two equal steps of a taper take two places
        (
            "prednisone 20 mg for 3 days, rest, 20 mg for 2 days",
            [drug("prednisone", "20 mg", "20 mg")],
            [(0, [11, 35])],
        ),
        # a line of a list is a neighbourhood
        ("- Lasix 40 mg\n- Coumadin 40 mg", [drug("Coumadin", "40 mg")], [(16, [25])]),
    ],
)
def test_places(note: str, items: list[Item], expected: list[tuple[int, list[int]]]) -> None:
    state = ground(note, *items)
    assert starts(state) == expected
    assert state.findings == []


def test_a_part_that_the_note_lacks_leaves_its_head() -> None:
    state = ground("Lasix 40 mg daily.", drug("Lasix", "50 mg", frequency="daily"))
    assert starts(state) == [(0, [12])]
    assert [(f.code, f.severity, f.item) for f in state.findings] == [
        ("number_mismatch", "reject", "50 mg")
    ]


def test_one_part_too_many() -> None:
    state = ground("Lasix 40 mg.", drug("Lasix", "40 mg", "40 mg"))
    assert starts(state) == [(0, [6])]
    assert [f.code for f in state.findings] == ["surplus_mention"]


def test_hints_are_believed_where_they_hold() -> None:
    note = "Lasix 40 mg. Lasix 40 mg."
    second = drug("Lasix", start=13)
    second.parts = [Item("40 mg", "dosage", 19, relation="dosage")]
    assert starts(ground(note, second)) == [(13, [19])]
    wrong = drug("Lasix", "40 mg", start=3)
    state = ground(note, wrong)
    assert starts(state) == [(0, [6])]
    assert [f.code for f in state.findings] == ["wrong_offset"]


def test_order_of_items_does_not_matter() -> None:
    note = "aspirin given. fever noted. aspirin stopped."
    state = ground(note, Item("fever", "medication"), drug("aspirin"), drug("aspirin"))
    assert [item.spans[0][0] for item in state.items] == [15, 0, 28]


def test_findings_know_the_place() -> None:
    state = ground("Seen. Lasix 40 mg.", drug("Lasix", start=0))
    (finding,) = state.findings
    assert (finding.start, finding.end) == (6, 11)


def test_a_frequent_wording_stays_beside_its_head() -> None:
    note = " ".join(f"Day {day}: Lasix 40 mg IV." for day in range(50))
    heads = [at for at in range(len(note)) if note.startswith("Lasix", at)]
    items = [drug("Lasix", "40 mg", start=at) for at in heads]
    items[9].parts[0].start = heads[40] + 6  # stated far from its head, and it stands there
    expected = [(at, [at + 6]) for at in heads]
    expected[9] = (heads[9], [heads[40] + 6])
    state = ground(note, *items)
    assert starts(state) == expected
    assert state.findings == []


@pytest.mark.parametrize(
    ("note", "item", "codes", "kept"),
    [
        ("Aspirin 81 mg and Lasix 40 mg.", drug("Aspirin", "40 mg"), ["number_mismatch"], 0),
        ("Lasix 40 mg, aspirin 81 mg.", drug("aspirin", "40 mg"), ["number_mismatch"], 0),
        (
            "Lasix 40 mg IV given. Coumadin held.",
            drug("Coumadin", "40 mg"),
            ["distant_attribute"],
            1,
        ),
        ("Take aspirin and clopidogrel 75 mg.", drug("aspirin", "75 mg"), ["distant_attribute"], 1),
        ("Stop Lasix, take 20 mg of prednisone, was 40 mg.", drug("prednisone", "20 mg"), [], 1),
        ("Prednisone 40 mg for 5 days. Then 20 mg.", drug("Prednisone", "40 mg", "20 mg"), [], 2),
    ],
)
def test_a_dose_that_stands_by_another_drug(note, item, codes, kept):
    state = ground(note, item)
    assert [finding.code for finding in state.findings] == codes
    assert len(state.items[0].parts) == kept


MEASUREMENTS = TaskSchema(
    (LabelSpec("measurement"), LabelSpec("value"), LabelSpec("date")),
    (
        RelationSpec("value", "measurement", "value"),
        RelationSpec("date", "measurement", "date"),
    ),
)
CHART = "Time   BP      HR\n08:00  120/80  96\n12:00  118/76  88"


def reading(name: str, *values: str, date: str = "") -> Item:
    parts = [Item(value, "value", relation="value") for value in values]
    if date:
        parts.append(Item(date, "date", relation="date"))
    return Item(name, "measurement", parts=parts)


@pytest.mark.parametrize(
    ("note", "item", "codes", "kept"),
    [
        ("Na 138, K 4.1", reading("K", "138"), ["number_mismatch"], 0),
        ("Na 138, K 4.1", reading("Na", "4.1"), ["number_mismatch"], 0),
        ("Na 131 133\nK 6.4 5.8", reading("K", "6.4", "5.8"), [], 2),
        ("K pending. Na 138.", reading("K", "138"), ["distant_attribute"], 1),
        ("Coma Scale (GCS) of 14", reading("Coma Scale", "14"), [], 1),
        ("WBC 12, Hgb 9.8 on 3 March", reading("WBC", "12", date="3 March"), [], 2),
        (CHART, reading("HR", "96", "88", date="08:00"), [], 3),
        (CHART, reading("BP", "96"), ["distant_attribute"], 1),
    ],
)
def test_a_value_that_stands_by_another_measurement(note, item, codes, kept):
    state = State(Question(note, MEASUREMENTS), Answer(""), items=[item])
    ground_items(state)
    assert [finding.code for finding in state.findings] == codes
    assert len(state.items[0].parts) == kept


def test_a_column_of_its_own_comes_first() -> None:
    note = "Time   SpO2  HR\n08:00  96    96"
    state = State(Question(note, MEASUREMENTS), Answer(""), items=[reading("HR", "96")])
    ground_items(state)
    assert starts(state) == [(13, [29])]


def test_other_heads_of_the_answer_are_rivals_of_any_label() -> None:
    schema = TaskSchema(
        (LabelSpec("lesion"), LabelSpec("size")), (RelationSpec("size", "lesion", "size"),)
    )
    one = Item("First node", "lesion")
    other = Item("second node", "lesion", parts=[Item("8 mm", "size", relation="size")])
    state = State(
        Question("First node 8 mm and round, second node 5 mm.", schema),
        Answer(""),
        items=[one, other],
    )
    ground_items(state)
    assert [finding.code for finding in state.findings] == ["number_mismatch"]
