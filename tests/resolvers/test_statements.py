"""Statements about a document: closed sets, and values that must stand in the text."""

from __future__ import annotations

import pytest

from clinie.resolvers import Answer, Program, Question
from clinie.resolvers.anchoring import ground_items
from clinie.resolvers.checks import read_answer
from clinie.resolvers.labels import map_labels
from clinie.resolvers.parsing import parse
from clinie.resolvers.statements import ground_labels
from clinie.schema import DocumentLabelSpec, LabelSpec, RelationSpec, TaskSchema

TRIAL = TaskSchema(
    (LabelSpec("intervention"), LabelSpec("comparator")),
    document_labels=(
        DocumentLabelSpec("arm", span="intervention"),
        DocumentLabelSpec("outcome_type", values=("binary", "continuous", "unknown")),
    ),
)
PROGRAM = Program("trial@1", (read_answer, parse, map_labels, ground_items, ground_labels))
NOTE = "Patients received haloperidol 1 mg or placebo. Placebo was identical."


def resolve(answer: str, note: str = NOTE, schema: TaskSchema = TRIAL):
    return PROGRAM.resolve(Question(note, schema), Answer(answer))


def test_a_value_points_at_a_new_span():
    found = resolve('{"arm": ["placebo", "haloperidol 1 mg"]}')
    assert [(s.value, s.item.label, s.item.spans) for s in found.labels] == [
        ("placebo", "intervention", ((38, 45),)),
        ("haloperidol 1 mg", "intervention", ((18, 34),)),
    ]
    assert found.items == tuple(s.item for s in found.labels)


def test_a_value_points_at_the_span_that_stands_there():
    found = resolve(
        '{"items": [{"text": "placebo", "label": "comparator", "start": 38}], "arm": ["placebo"]}'
    )
    assert len(found.items) == 1
    assert found.labels[0].item is found.items[0]


def test_a_stated_offset_is_believed_where_the_words_stand():
    found = resolve('{"arm": [{"text": "Placebo", "start": 47}]}')
    assert found.labels[0].item.spans == ((47, 54),)


@pytest.mark.parametrize(
    ("arm", "code"),
    [
        ("haloperidol 2 mg", "number_mismatch"),
        ("droperidol 1 mg", "drug_mismatch"),
        ("ketamine", "ungrounded"),
    ],
)
def test_an_arm_that_the_article_does_not_name_is_dropped(arm, code):
    found = resolve(f'{{"arm": ["{arm}", "placebo"]}}')
    assert [s.value for s in found.labels] == ["placebo"]
    assert code in [finding.code for finding in found.findings]


def test_one_arm_named_twice_is_one():
    found = resolve('{"arm": ["placebo", "PLACEBO"]}')
    assert len(found.labels) == 1
    assert [finding.code for finding in found.findings] == ["duplicate"]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("binary", "binary"),
        ("A) binary", "binary"),
        ("Continuous.", "continuous"),
        ("C. unknown", "unknown"),
    ],
)
def test_values_are_mapped_onto_the_closed_set(said, value):
    found = resolve(f'{{"outcome_type": "{said}"}}')
    assert [(s.name, s.value, s.item) for s in found.labels] == [("outcome_type", value, None)]


@pytest.mark.parametrize("said", ["ordinal", "not binary", "binary or continuous"])
def test_a_value_outside_the_set_is_dropped(said):
    found = resolve(f'{{"outcome_type": "{said}"}}')
    assert found.labels == ()
    assert [finding.code for finding in found.findings] == ["outside_label_set"]


COREFERENCE = TaskSchema(
    (LabelSpec("anaphor"), LabelSpec("antecedent")),
    (RelationSpec("antecedent", "anaphor", "antecedent", backward=True),),
)


@pytest.mark.parametrize(
    ("note", "answer", "place"),
    [
        # the nearest before the pronoun, not the one behind it
        (
            "The mass grew. A mass was cut; it was benign. The mass is gone.",
            '- "it"; antecedent: "mass"',
            (17, 21),
        ),
        # never the words of the anaphor itself
        ("A mass was seen. The mass grew.", '- "The mass"; antecedent: "mass"', (2, 6)),
    ],
)
def test_an_antecedent_is_looked_for_before_its_anaphor(note, answer, place):
    (item,) = resolve(answer, note, COREFERENCE).items
    assert [part.spans for part in item.parts] == [(place,)]


@pytest.mark.parametrize(
    ("note", "answer"),
    [
        ("The mass grew.", '- "The mass"; antecedent: "mass"'),
        ("It was benign, the mass.", '- "It"; antecedent: "the mass"'),
    ],
)
def test_an_antecedent_within_or_behind_its_anaphor_is_dropped(note, answer):
    found = resolve(answer, note, COREFERENCE)
    assert [item.parts for item in found.items] == [[]]
    assert [finding.code for finding in found.findings] == ["wrong_order"]
