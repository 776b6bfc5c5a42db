"""Cases that an adversarial review of grounding brought up."""

from __future__ import annotations

import time

import pytest

from clinie.resolvers import Answer, Question, ground, ground_all
from clinie.tasks import load


@pytest.mark.parametrize(
    ("mention", "note", "codes"),
    [
        # what follows the place in the note must not hide the conflict
        ("digoxin 125 mg", "takes digoxin 125 mcg. ok", ("unit_mismatch",)),
        ("metoprolol 25 mcg", "takes metoprolol 25 mg daily", ("unit_mismatch",)),
        ("HR 73", "BP 120/80, HR 72. Hgb 11", ("number_mismatch",)),
        ("3 cm", "3 mm mass", ("unit_mismatch",)),
        # several differ
        ("metoprolol 50 mcg", "takes metoprolol 25 mg", ("number_mismatch", "unit_mismatch")),
        ("warfarin 5 mg", "aspirin 81 mg daily", ()),
        # a word by itself
        ("left", "pain on the right side", ("laterality_mismatch",)),
        ("TID", "take BID", ("number_mismatch",)),
        ("q8h", "take q6h", ("number_mismatch",)),
        ("type I diabetes", "has type II diabetes", ("number_mismatch",)),
    ],
)
def test_the_finding_names_the_type_wherever_the_mention_ends(mention, note, codes):
    found = ground(mention, note)
    assert (found.status, found.findings) == ("ungrounded", codes)


@pytest.mark.parametrize(
    ("mention", "note"),
    [
        ("5 mg", "takes 1,5 mg"),
        ("Stage N00", "Stage N0"),
        ("3-00 suture", "a 3-0 suture"),
        ("DQB1*60101", "DQB1*060101"),
        ("12 00 cells", "12 000 cells"),
        ("Abilify", "ability to walk"),
        ("Bystolic", "systolic 150"),
        ("creatine", "serum creatinine 1.2"),
        ("lactase", "Lactate 2.1"),
        ("prenatal", "perinatal care"),
        ("dysphagia", "cervical dysplasia"),
        ("grandmother", "his grandfather"),
        ("hypertension", "hyperextension injury"),
    ],
)
def test_look_alikes_and_parts_of_numbers_are_refused(mention, note):
    assert ground(mention, note).status == "ungrounded"


@pytest.mark.parametrize(
    ("mention", "note", "status"),
    [
        ("pneumonia", "pneu\u00ad\nmonia", "normalized"),
        ("120/80 mmHg", "120/80 mm Hg", "normalized"),
        ("120/80 mm Hg", "120/80 mmHg", "normalized"),
        ("1,5 mg", "1,5 mg", "exact"),
        ("8:00", "08:00", "normalized"),
        ("0.5 mg", ".50 mg", "normalized"),
        ("heparin", "heparine", "fuzzy"),
    ],
)
def test_spellings_of_the_same_are_found(mention, note, status):
    found = ground(mention, note)
    assert (found.status, found.spans) == (status, ((0, len(note)),))


def test_a_model_that_repeats_itself_costs_no_more_than_the_note():
    """Two thousand mentions of a thousand occurrences took two minutes."""
    begun = time.process_time()
    found = ground_all(["fever"] * 2000, "fever " * 1000)
    assert time.process_time() - begun < 10
    assert sum(g.status == "exact" for g in found) == 1000
    assert {g.findings for g in found[1000:]} == {("surplus_mention",)}


@pytest.mark.parametrize(
    ("note", "drug", "dose", "kept"),
    [
        ("Lasix 40 mg IV given. Aspirin 81 mg daily.", "Aspirin", "40 mg", False),
        ("Lasix 40 mg IV given. Coumadin held. Aspirin 81 mg.", "Lasix", "81 mg", False),
        ("Lasix 40 mg IV given. Aspirin 81 mg daily.", "Aspirin", "81 mg", True),
        ("Prednisone 40 mg for 5 days. Then 20 mg daily.", "Prednisone", "20 mg", True),
        ("Lasix given. The dose was 40 mg.", "Lasix", "40 mg", True),
    ],
)
def test_a_dose_is_not_borrowed_from_another_drug(note, drug, dose, kept):
    task = load("medications")
    question = Question(text=note, schema=task.schema)
    found = task.program.resolve(question, Answer(f'- "{drug}" (active); dosage: "{dose}"'))
    assert len(found.items) == 1
    assert bool(found.items[0].parts) == kept
    assert ("number_mismatch" in [f.code for f in found.findings]) != kept


@pytest.mark.parametrize("answer", ["-", "- ", "**", '""', "•"])
def test_an_answer_of_marks_alone_is_no_answer(answer):
    task = load("medications")
    found = task.program.resolve(Question(text="Lasix.", schema=task.schema), Answer(answer))
    assert [f.code for f in found.findings] == ["no_answer"]
