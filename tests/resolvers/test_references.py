"""Answers about references: three grammars and sentences, cut to the note, placed, followed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.resolvers import STEPS, Answer, Program, Question
from clinie.schema import LabelSpec, RelationSpec, TaskSchema

SCHEMA = TaskSchema(
    (LabelSpec("anaphor"), LabelSpec("antecedent")),
    (RelationSpec("antecedent", "anaphor", "antecedent", backward=True),),
)
STEP_NAMES = (
    "read_answer",
    "read_references",
    "parse",
    "map_labels",
    "trim_references",
    "ground_items",
    "follow_references",
    "drop_duplicates",
)
PROGRAM = Program("references@1", tuple(STEPS[name] for name in STEP_NAMES))
NOTE = "A 3 cm right renal mass was seen. It is likely benign. It was cored; the lesion bled."


def resolve(answer: str, note: str = NOTE, schema: TaskSchema = SCHEMA):
    return PROGRAM.resolve(Question(note, schema), Answer(answer))


def said(answer: str, note: str = NOTE):
    """Return (anaphor, start, antecedents) of what an answer resolves to."""
    return [
        (
            note[item.spans[0][0] : item.spans[-1][1]],
            item.spans[0][0],
            [note[p.spans[0][0] : p.spans[-1][1]] for p in item.parts],
        )
        for item in resolve(answer, note).items
    ]


def codes(answer: str, note: str = NOTE) -> list[tuple[str, str]]:
    return [(f.code, f.severity) for f in resolve(answer, note).findings]


FORMS = [
    '- "It"; antecedent: "mass"',
    '- "It"; antecedent: "the mass"',
    '- "It"; refers to: "the mass"',
    '"It" refers to: "the mass"',
    'It" refers to: "the mass"',
    '"It" refers to the mass.',
    "The pronoun It refers to the mass.",
    'In this note, the pronoun "It" refers back to the mass.',
    "It refers to the mass, which was seen.",
    "- It -> the mass",
    "1. It = the mass",
    "- It: the mass",
    "- It (the mass)",
    "It: the mass",
    '- "It": "the mass"',
    "**It** → the mass",
    '{"items": [{"text": "It", "antecedent": "the mass"}]}',
    '{"items": [{"text": "It", "antecedent": [{"text": "mass", "start": 19}]}]}',
    '[{"pronoun": "It", "referent": "the mass"}]',
    '{"anaphor": "It", "refers_to": "the mass"}',
    '{"It": "the mass"}',
    '{"It": ["the mass"]}',
    '```json\n{"It": "the mass"}\n```',
    '[["It", "the mass"]]',
    '<anaphor antecedent="the mass">It</anaphor>',
    "| Pronoun | Antecedent |\n|---|---|\n| It | the mass |",
    'Here is what the words refer to:\n- "It"; antecedent: "the mass"',
]


@pytest.mark.parametrize("answer", FORMS)
def test_forms_of_an_answer(answer):
    assert said(answer) == [("It", 34, ["mass"])]


def test_several_sentences_and_several_antecedents():
    note = "Fever, cough and a rash for a week. A mole was seen. It itches. These symptoms are new."
    answer = "It refers to the mole. These symptoms refer to the fever, cough and rash."
    assert said(answer, note) == [
        ("It", 53, ["mole"]),
        ("These symptoms", 64, ["Fever", "cough", "rash"]),
    ]


def test_an_enumeration_in_one_string_is_taken_apart():
    note = "Nausea, vomiting and headache. These symptoms are new."
    answer = '- "These symptoms"; antecedent: "nausea, vomiting and headache"'
    assert said(answer, note) == [("These symptoms", 31, ["Nausea", "vomiting", "headache"])]


@pytest.mark.parametrize("answer", ["none", '{"items": []}', "- none"])
def test_nothing_is_an_answer(answer):
    assert resolve(answer).items == ()
    assert codes(answer) == []


# -- trimming ----------------------------------------------------------------------------------


def test_the_longest_piece_that_stands_in_the_note_is_kept():
    answer = '- "It"; antecedent: "the large renal mass"'
    assert said(answer) == [("It", 34, ["renal mass"])]
    assert codes(answer) == [("trimmed", "info")]


def test_a_determiner_goes_in_silence():
    assert codes('- "It"; antecedent: "the 3 cm right renal mass"') == []
    assert codes('- "It"; antecedent: "3 cm right renal mass"') == []


@pytest.mark.parametrize(
    ("antecedent", "code"),
    [
        ("the left renal mass", "laterality_mismatch"),
        ("the 4 cm right renal mass", "number_mismatch"),
        ("no mass", "negation_mismatch"),
        ("the aneurysm", "ungrounded"),
    ],
)
def test_what_is_typed_is_never_cut(antecedent, code):
    answer = f'- "It"; antecedent: "{antecedent}"'
    assert resolve(answer).items == ()
    assert codes(answer) == [(code, "reject"), ("no_antecedent", "reject")]


def test_a_stated_place_is_left_alone():
    answer = (
        '{"items": [{"text": "It", "start": 55, "antecedent": [{"text": "mass", "start": 19}]}]}'
    )
    assert said(answer) == [("It", 55, ["mass"])]
    assert codes(answer) == []


# -- places ------------------------------------------------------------------------------------

REPEATED = "Ibuprofen was taken. It is clear that it helped. A stent was placed; it is patent."


def test_the_same_word_takes_its_occurrences_in_text_order():
    answer = '- "it"; antecedent: "Ibuprofen"\n- "it"; antecedent: "stent"'
    assert said(answer, REPEATED) == [("It", 21, ["Ibuprofen"]), ("it", 69, ["stent"])]


def test_the_same_word_takes_its_occurrences_by_hints():
    answer = (
        '{"items": [{"text": "it", "start": 69, "antecedent": "stent"},'
        ' {"text": "it", "start": 38, "antecedent": "Ibuprofen"}]}'
    )
    assert sorted(said(answer, REPEATED)) == [("it", 38, ["Ibuprofen"]), ("it", 69, ["stent"])]


def test_an_anaphor_goes_where_its_antecedent_stands_before_it():
    assert said('- "it"; antecedent: "stent"', REPEATED) == [("it", 69, ["stent"])]


def test_an_antecedent_behind_its_anaphor_is_refused():
    note = "It hurts. The knee is swollen."
    answer = '- "It"; antecedent: "knee"'
    assert resolve(answer, note).items == ()
    assert codes(answer, note) == [("wrong_order", "reject"), ("no_antecedent", "reject")]


def test_the_nearest_antecedent_before_is_taken():
    note = "A mass in May. A mass in June. It grew. A mass in July."
    [item] = resolve('- "It"; antecedent: "mass"', note).items
    assert item.parts[0].spans == ((17, 21),)


def test_an_antecedent_is_not_the_anaphor_itself():
    note = "A mass was seen. The mass grew."
    [item] = resolve('- "The mass"; antecedent: "mass"', note).items
    assert item.parts[0].spans == ((2, 6),)


def test_a_denied_reference_is_not_flagged():
    note = "A mass was seen in May. No sign of it now."
    assert codes('- "it"; antecedent: "mass"', note) == []


# -- following ---------------------------------------------------------------------------------


def test_a_chain_leads_to_the_full_name():
    answer = '- "It"; antecedent: "renal mass"\n- "the lesion"; antecedent: "It"'
    assert said(answer) == [("It", 34, ["renal mass"]), ("the lesion", 69, ["renal mass"])]
    assert codes(answer) == [("chained", "info")]


def test_a_pronoun_is_no_antecedent():
    answer = '- "the lesion"; antecedent: "It"'
    assert resolve(answer).items == ()
    assert codes(answer) == [("pronoun_antecedent", "reject"), ("no_antecedent", "reject")]


def test_an_anaphor_without_antecedent_is_dropped():
    assert codes('- "It"') == [("no_antecedent", "reject")]
    assert codes('- "It"; antecedent: "mass"') == []


def test_a_circle_leads_nowhere():
    answer = (
        '{"items": [{"text": "It", "start": 55, "antecedent": {"text": "It", "start": 34}},'
        ' {"text": "It", "start": 34, "antecedent": {"text": "It", "start": 55}}]}'
    )
    found = resolve(answer)
    assert found.items == ()
    assert {f.code for f in found.findings} >= {"wrong_order", "no_antecedent"}


def test_a_task_without_such_a_relation_is_left_alone():
    schema = TaskSchema(
        (LabelSpec("drug"), LabelSpec("dose")), (RelationSpec("dose", "drug", "dose"),)
    )
    found = resolve('- "Lasix"; dose: "40 mg"', "Lasix 40 mg daily", schema)
    assert [(i.text, [p.text for p in i.parts]) for i in found.items] == [("Lasix", ["40 mg"])]
    assert found.findings == ()


PIECES = st.sampled_from(
    ["- ", '"It"', "It", "; antecedent: ", '"the mass"', " refers to ", ": ", "->", "\n", "{", "}",
     "[", "]", "(", ")", ",", " and ", "the lesion", "3 cm right renal mass", "The pronoun ", ".",
     "none", "“", "”", "=", "\u00e9", "\ud800", '{"It": "mass"}', "</think>", "<anaphor>"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=80))
def test_any_answer_is_read(answer):
    found = resolve(answer)
    assert "resolver_error" not in {f.code for f in found.findings}
    for item in found.items:
        assert item.spans
        if item.label == "anaphor":
            assert item.parts
        for part in item.parts:
            assert part.spans[-1][1] <= item.spans[0][0]


@given(st.text(alphabet="It mas.\n\u0301é", max_size=60), st.text(max_size=40))
def test_any_note_is_read(note, words):
    found = resolve(f'- "It"; antecedent: "{words}"\n- "it"; antecedent: "mass"', note)
    assert "resolver_error" not in {f.code for f in found.findings}
