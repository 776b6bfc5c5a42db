"""Senses of an answer: held against the inventory, in whatever grammar they come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.cascade import resolve
from clinie.models import Completion
from clinie.prompts import Window
from clinie.resolvers.items import Answer, Item, Question, State
from clinie.resolvers.steps.senses import map_senses, read_senses, sense_mapper
from clinie.schema import LabelSpec, TaskSchema
from clinie.tasks import load
from clinie.text.senses import Inventory, Sense

SCHEMA = TaskSchema((LabelSpec("acronym", "", {"sense": ()}),))
NOTE = "Pt with CHF and MS. HEENT normal. MIs x2, PT 12.3, ASA 81 mg bid. DBS planned, N/V."


def answered(answer: str, note: str = NOTE):
    """Run the whole program of the task; return short form and sense, and the findings."""
    found = resolve(load("acronyms"), Window(note), Completion(answer))
    items = [(item.text, item.attributes["sense"]) for item in found.items]
    return items, [(f.code, f.severity) for f in found.findings]


def mapped(short: str, sense: str | None, note: str | None = None, inventory=None):
    """Map one sense; return the item's sense and the findings."""
    note = f"The {short} was seen." if note is None else note
    state = State(Question(note, SCHEMA), Answer(""))
    start = note.index(short)
    item = Item(short, "acronym", attributes={"sense": sense})
    item.spans = ((start, start + len(short)),)
    state.items = [item]
    (sense_mapper(inventory) if inventory else map_senses)(state)
    kept = [item.attributes["sense"] for item in state.items]
    return kept, [(f.code, f.severity) for f in state.findings]


@pytest.mark.parametrize(
    ("short", "said", "sense"),
    [
        ("MS", "multiple sclerosis", "multiple sclerosis"),
        ("MS", "Multiple Sclerosis.", "multiple sclerosis"),
        ("MS", "mitral valve stenosis", "mitral stenosis"),
        ("MS", "multipel sclerosis", "multiple sclerosis"),
        ("MS", "multiple sclerosis (relapsing)", "multiple sclerosis"),
        ("MS", "morphine sulphate", "morphine sulfate"),
        ("PE", "pulmonary emboli", "pulmonary embolism"),
        ("PE", "pulmonary embolus", "pulmonary embolism"),
        ("MI", "myocardial infarctions", "myocardial infarction"),
        ("PT", "physiotherapy", "physical therapy"),
        ("PT", "prothrombin time test", "prothrombin time"),
        ("HEENT", "head, eyes, ears, nose, and throat", "head, eyes, ears, nose and throat"),
        ("N/V", "nausea/vomiting", "nausea and vomiting"),
        ("CT", "CT scan", None),
        ("ADL", "activities of daily living", "activity of daily living"),
        ("ASA", "acetylsalicylic acid", "aspirin"),
        ("CABG", "coronary artery bypass grafting", "coronary artery bypass graft"),
        # the longer candidate shares more letters, the shorter one is meant
        ("MI", "mitral insufficency", "mitral insufficiency"),
    ],
)
def test_words_mean_the_candidate_they_overlap(short, said, sense):
    kept, _ = mapped(short, said)
    assert kept == [sense]


@pytest.mark.parametrize("said", [None, "", "null", "N/A", "unknown", "unclear", "?", "not sure",
                                  "cannot be determined", "ambiguous", "MS"])  # fmt: skip
def test_an_abstention_is_none(said):
    assert mapped("MS", said) == ([None], [])


def test_a_candidate_is_not_preferred_for_its_length():
    inventory = Inventory(
        [Sense(("AB",), "acute bronchitis"), Sense(("AB",), "acute bronchitis with bronchospasm")]
    )
    kept, findings = mapped("AB", "acute bronchitis", inventory=inventory)
    assert (kept, findings) == (["acute bronchitis"], [])
    kept, findings = mapped("AB", "acut bronchitis", inventory=inventory)
    assert (kept, findings) == (["acute bronchitis"], [])


def test_a_tie_is_no_answer():
    assert mapped("MS", "mitral stenosis or multiple sclerosis") == (
        [None],
        [("ambiguous_sense", "flag")],
    )


def test_a_sense_that_no_inventory_has():
    assert mapped("CHF", "chronic headache") == ([None], [("outside_label_set", "flag")])
    assert mapped("CHF", "congestive heart failure")[1] == []


def test_a_short_form_that_no_inventory_has():
    assert mapped("ZQX", "Zonal Quantitative X-rays") == (
        ["zonal quantitative x-ray"],
        [("unlisted_short_form", "flag")],
    )
    note = "Zonal quantitative x-ray (ZQX) was normal."
    assert mapped("ZQX", "zonal quantitative X-ray", note) == (["zonal quantitative x ray"], [])


def test_what_the_note_itself_says_stands():
    note = "Confounded healing factor (CHF) fell."
    assert mapped("CHF", "confounded healing factor", note) == (["confounded healing factor"], [])


@pytest.mark.parametrize(
    "short", ["mg", "BID", "prn", "Dr.", "RN", "q6h", "congestive heart", "mL"]
)
def test_what_is_no_short_form_is_dropped(short):
    assert mapped(short, "something") == ([], [("not_a_short_form", "reject")])


@pytest.mark.parametrize("short", ["c/o", "Pt", "K", "w/", "OR", "IV", "ZQX"])
def test_what_is_one_stays(short):
    assert len(mapped(short, None)[0]) == 1


def test_a_plural_is_trimmed():
    state = State(Question("Two MIs.", SCHEMA), Answer(""))
    item = Item("MIs", "acronym", attributes={"sense": "myocardial infarction"})
    item.spans = ((4, 7),)
    state.items = [item]
    map_senses(state)
    assert (item.text, item.spans) == ("MI", ((4, 6),))


BULLETS = """CHF" (congestive heart failure)
- "MS" (unknown)
- "HEENT" (head, eyes, ears, nose, and throat)
- "MIs" (myocardial infarctions)
- "mg" (milligram)
- "N/V" (nausea/vomiting)"""
LOOSE = """Here are the abbreviations:
1. CHF: congestive heart failure
2. MS - multiple sclerosis
3. ASA = aspirin
4. PT → prothrombin time
5. **DBS** stands for deep brain stimulation"""
JSON = """```json
{"items": [{"text": "CHF", "sense": "Congestive Heart Failure"}, {"text": "MS", "sense": null},
 {"acronym": "PT", "expansion": "prothrombin time"}, {"abbreviation": "ASA", "long form": "Aspirin"}]}
```"""
TAGGED = (
    'Pt with <acronym sense="congestive heart failure">CHF</acronym> and '
    '<acronym sense="multiple sclerosis">MS</acronym>.'
)
TABLE = "| Abbreviation | Meaning |\n|---|---|\n| CHF | congestive heart failure |"
MAPPING = '{"CHF": "congestive heart failure", "MS": null}'


@pytest.mark.parametrize(
    ("answer", "items", "codes"),
    [
        (
            BULLETS,
            [
                ("CHF", "congestive heart failure"),
                ("MS", None),
                ("HEENT", "head, eyes, ears, nose and throat"),
                ("MI", "myocardial infarction"),
                ("N/V", "nausea and vomiting"),
            ],
            ["not_a_short_form"],
        ),
        (
            LOOSE,
            [
                ("CHF", "congestive heart failure"),
                ("MS", "multiple sclerosis"),
                ("ASA", "aspirin"),
                ("PT", "prothrombin time"),
                ("DBS", "deep brain stimulation"),
            ],
            ["chatter"],
        ),
        (
            JSON,
            [
                ("CHF", "congestive heart failure"),
                ("MS", None),
                ("PT", "prothrombin time"),
                ("ASA", "aspirin"),
            ],
            [],
        ),
        (TAGGED, [("CHF", "congestive heart failure"), ("MS", "multiple sclerosis")], []),
        (TABLE, [("CHF", "congestive heart failure")], []),
        (MAPPING, [("CHF", "congestive heart failure"), ("MS", None)], []),
        ("none", [], []),
        ('{"items": []}', [], []),
    ],
)
def test_every_grammar(answer, items, codes):
    found, findings = answered(answer)
    assert found == items
    assert [code for code, _ in findings] == codes


def test_the_same_short_form_with_two_senses():
    note = "Sats 94 on RA. RA of both hands."
    answer = '- "RA" (room air)\n- "RA" (rheumatoid arthritis)'
    record = resolve(load("acronyms"), Window(note), Completion(answer))
    assert [(i.spans, i.attributes["sense"]) for i in record.items] == [
        (((11, 13),), "room air"),
        (((15, 17),), "rheumatoid arthritis"),
    ]


def test_the_steps_keep_still_for_other_tasks():
    schema = TaskSchema((LabelSpec("problem", "", {"assertion": ("present",)}),))
    state = State(Question("MIs", schema), Answer(""))
    state.items = [Item("MIs", "problem", attributes={"": "x"})]
    read_senses(state)
    map_senses(state)
    assert state.items[0].text == "MIs"
    assert state.items[0].attributes == {"": "x"}
    assert state.findings == []


@given(
    st.text(max_size=60) | st.sampled_from(["MS", "CHF (x)", '- "MS" (', '{"MS": 1}', "multiple"]),
    st.text(max_size=120),
)
def test_any_answer_to_any_note(answer, note):
    for text in (note, NOTE):
        found = resolve(load("acronyms"), Window(text), Completion(answer))
        assert all(finding.code != "resolver_error" for finding in found.findings)
        for item in found.items:
            assert text[item.spans[0][0] : item.spans[-1][1]].lower() == item.text.lower()
