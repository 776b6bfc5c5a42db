"""The bundled notes and their gold: complete, in place, inside the tasks' label sets."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from clinie.datasets import bundled
from clinie.errors import ConfigError

STATUS = {"active", "discontinued", "neither"}
ASSERTION = {"present", "absent", "possible", "conditional", "hypothetical", "family"}
TEMPORALITY = {"current", "historical"}
PARTS = {"dosage", "route", "frequency", "duration", "reason"}
LABELS = {
    "medications": {"medication", *PARTS},
    "conditions": {"problem", "test", "procedure"},
}
KINDS = {
    "discharge": 4,
    "letter": 3,
    "ed": 2,
    "radiology": 2,
    "pathology": 2,
    "nursing": 2,
    "gp": 2,
    "oncology": 1,
    "psychiatry": 1,
    "paediatrics": 2,
    "icu": 1,
    "dialysis": 1,
    "progress": 1,
    "medication": 1,
    "trial": 4,
    "vaccine": 3,
    "allergy": 1,
    "preop": 1,
    "results": 1,
    "observations": 1,
    "neurology": 1,
    "handover": 1,
}

NOTES = {document.id: document for document in bundled.documents()}
RECORDS = [(task, id) for task in bundled.TASKS for id in NOTES]
each_record = pytest.mark.parametrize(("task", "id"), RECORDS)


def test_there_are_enough_notes_of_every_kind():
    kinds = [id.split("-")[0] for id in NOTES]
    assert len(NOTES) >= 43
    assert {kind: kinds.count(kind) for kind in KINDS if kinds.count(kind) < KINDS[kind]} == {}
    assert list(NOTES) == sorted(NOTES)


def test_lengths():
    words = {id: len(document.text.split()) for id, document in NOTES.items()}
    assert min(words.values()) >= 60
    assert max(words.values()) <= 1000
    assert sum(count >= 600 for id, count in words.items() if id.startswith("discharge")) >= 4


@pytest.mark.parametrize(
    "pattern",
    [
        r"\r\n",
        r"\t",
        r"^\|.*\|$",
        r"\S {4,}\S+ {4,}\S",
        r"\[\*\*.+?\*\*\]",
        r"\b___\b",
        "\u00a0",
        "µg",
        "½",
        "≥",
        "–",
        "[“”’]",
        "(?i)copied",
        "[\u0300-\u036f]",
        "[\U0001f300-\U0001faff]",
    ],
)
def test_hard_layouts_are_there(pattern):
    assert any(re.search(pattern, document.text, re.MULTILINE) for document in NOTES.values())


@pytest.mark.parametrize("task", bundled.TASKS)
def test_every_note_has_one_record_and_every_record_a_note(task):
    assert list(bundled.gold(task)) == list(NOTES)
    path = bundled.folder().parent / "gold" / f"{task}.jsonl"
    assert len(path.read_text(encoding="utf-8").splitlines()) == len(NOTES)


def test_gold_knows_its_tasks():
    assert bundled.gold("conditions@1") == bundled.gold("conditions")
    with pytest.raises(ConfigError, match="medications, conditions"):
        bundled.gold("horoscopes")


def test_folder_holds_the_notes():
    assert {path.stem for path in bundled.folder().glob("*.txt")} == set(NOTES)


@each_record
def test_spans_are_in_place(task, id):
    record = bundled.gold(task)[id]
    text = NOTES[id].text
    assert record.task == f"{task}@1"
    assert record.document is NOTES[id]
    for span in record.spans:
        assert 0 <= span.start < span.end <= len(text), span
        assert text[span.start : span.end] == span.text, span
        assert span.text == span.text.strip(), span
        # Neither edge cuts a word.
        for edge in (span.start, span.end):
            around = text[max(edge - 1, 0) : edge + 1]
            assert not (len(around) == 2 and around.isalpha()), span
    assert [s.id for s in record.spans] == [f"s{n}" for n in range(len(record.spans))]
    assert list(record.spans) == sorted(record.spans, key=lambda s: (s.start, s.end, s.label))


@each_record
def test_no_span_overlaps_another(task, id):
    spans = bundled.gold(task)[id].spans
    for before, after in pairwise(spans):
        assert before.end <= after.start, (before, after)


@each_record
def test_labels_and_attributes_are_the_tasks(task, id):
    for span in bundled.gold(task)[id].spans:
        assert span.label in LABELS[task]
        match span.label:
            case "medication":
                assert set(span.attributes) == {"status"}
                assert span.attributes["status"] in STATUS
            case "problem" | "test" | "procedure":
                assert span.attributes["assertion"] in ASSERTION
                assert span.attributes["temporality"] in TEMPORALITY
                assert {"assertion", "temporality"} <= set(span.attributes)
                if span.attributes["assertion"] == "family":
                    assert span.attributes["relative"]
                elif "relative" in span.attributes:  # what a relative does not have
                    assert span.attributes["assertion"] == "absent"
                assert set(span.attributes) <= {"assertion", "temporality", "relative"}
            case _:
                assert span.attributes == {}


@each_record
def test_a_relative_is_named_in_the_note(task, id):
    for span in bundled.gold(task)[id].spans:
        if relative := span.attributes.get("relative"):
            assert relative in NOTES[id].text


@each_record
def test_relations_lead_from_a_medication_to_its_parts(task, id):
    record = bundled.gold(task)[id]
    label = {span.id: span.label for span in record.spans}
    for relation in record.relations:
        assert label[relation.head] == "medication"
        assert label[relation.tail] == relation.label
    links = [(r.label, r.head, r.tail) for r in record.relations]
    assert len(links) == len(set(links))
    tails = {relation.tail for relation in record.relations}
    assert {id for id, name in label.items() if name in PARTS} == tails


@each_record
def test_gold_is_undecided(task, id):
    record = bundled.gold(task)[id]
    for item in (*record.spans, *record.relations):
        assert item.decision is item.confidence is item.risk is item.tier is None
    assert record.labels == record.findings == record.trace == ()
    assert record.complete


def test_every_value_and_relation_is_tested():
    medications = [s for r in bundled.gold("medications").values() for s in r.spans]
    conditions = [s for r in bundled.gold("conditions").values() for s in r.spans]
    assert {s.attributes.get("status") for s in medications} == {*STATUS, None}
    assert {s.attributes["assertion"] for s in conditions} == ASSERTION
    assert {s.attributes["temporality"] for s in conditions} == TEMPORALITY
    relations = [r.label for g in bundled.gold("medications").values() for r in g.relations]
    assert set(relations) == PARTS
    assert {s.label for s in conditions} == LABELS["conditions"]


def test_the_table_of_the_notes_is_right():
    table = Path(__file__).resolve().parents[2] / "docs" / "notes.md"
    cells = [line.split(" | ") for line in table.read_text(encoding="utf-8").splitlines()]
    rows = {row[0].removeprefix("| "): row[2:6] for row in cells if len(row) == 7}
    for id, document in NOTES.items():
        medications, conditions = bundled.gold("medications")[id], bundled.gold("conditions")[id]
        counts = (
            len(document.text.split()),
            sum(span.label == "medication" for span in medications.spans),
            len(medications.relations),
            len(conditions.spans),
        )
        assert rows[id] == [str(count) for count in counts]
