"""The bundled notes and their gold: complete, in place, inside the tasks' label sets."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from clinie.datasets import bundled
from clinie.errors import ConfigError
from clinie.tasks import load

UNTESTED = {"allergies": {"conditional", "hypothetical"}}  # rare: no bundled note has them
GLUED = {"acronyms"}  # an ending stays out: MI in "MIs"
COUNTED = ("medications", "conditions", "allergies", "measurements", "acronyms", "coreference")
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
            assert task in GLUED or not (len(around) == 2 and around.isalpha()), span
    assert [s.id for s in record.spans] == [f"s{n}" for n in range(len(record.spans))]
    assert list(record.spans) == sorted(record.spans, key=lambda s: (s.start, s.end, s.label))


@each_record
def test_no_span_overlaps_another(task, id):
    spans = bundled.gold(task)[id].spans
    assert len({(span.label, span.start, span.end) for span in spans}) == len(spans)
    for before, after in pairwise(spans):
        assert before.end <= after.start, (before, after)


@each_record
def test_labels_and_attributes_are_the_tasks(task, id):
    schema = load(task).schema
    for span in bundled.gold(task)[id].spans:
        spec = schema.label(span.label)
        assert spec, span
        closed = {name: values for name, values in spec.attributes.items() if values}
        assert set(closed) <= set(span.attributes) <= set(spec.attributes), span
        for name, values in closed.items():
            assert span.attributes[name] in values, span


@each_record
def test_a_relative_is_told_where_one_has_it(task, id):
    for span in bundled.gold(task)[id].spans:
        if task == "conditions":
            relative = span.attributes.get("relative")
            assert bool(relative) or span.attributes["assertion"] != "family", span
            assert not relative or span.attributes["assertion"] in ("family", "absent"), span


@each_record
def test_a_relative_is_named_in_the_note(task, id):
    for span in bundled.gold(task)[id].spans:
        if relative := span.attributes.get("relative"):
            assert relative in NOTES[id].text


@each_record
def test_relations_are_the_tasks(task, id):
    schema = load(task).schema
    record = bundled.gold(task)[id]
    label = {span.id: span.label for span in record.spans}
    specs = {spec.name: spec for spec in schema.relations}
    for relation in record.relations:
        spec = specs[relation.label]
        assert (label[relation.head], label[relation.tail]) == (spec.head, spec.tail)
    links = [(r.label, r.head, r.tail) for r in record.relations]
    assert len(links) == len(set(links))
    tails = {relation.tail for relation in record.relations}
    parts = {spec.tail for spec in schema.relations}
    assert {id for id, name in label.items() if name in parts} == tails


@each_record
def test_statements_are_the_tasks(task, id):
    schema = load(task).schema
    record = bundled.gold(task)[id]
    spans = {span.id: span for span in record.spans}
    for label in record.labels:
        spec = schema.document_label(label.name)
        assert spec, label
        assert not spec.values or label.value in spec.values
        assert (label.span is not None) == (spec.span is not None)
        if task == "pico":
            assert spans[label.span].text.split() == label.value.split()
    assert len({(label.name, label.span) for label in record.labels}) == len(record.labels)


@each_record
def test_gold_is_undecided(task, id):
    record = bundled.gold(task)[id]
    for item in (*record.spans, *record.relations, *record.labels):
        assert item.decision is item.confidence is item.risk is item.tier is None
    assert record.findings == record.trace == ()
    assert record.complete


@pytest.mark.parametrize("task", bundled.TASKS)
def test_every_value_and_relation_is_tested(task):
    schema = load(task).schema
    records = bundled.gold(task).values()
    spans = [span for record in records for span in record.spans]
    assert {span.label for span in spans} == {spec.name for spec in schema.labels}
    for spec in schema.labels:
        for name, values in spec.attributes.items():
            said = {s.attributes.get(name) for s in spans}
            assert set(values) - UNTESTED.get(task, set()) <= said, (spec.name, name)
    assert {r.label for record in records for r in record.relations} == {
        spec.name for spec in schema.relations
    }
    said = {label.name for record in records for label in record.labels}
    assert said == {spec.name for spec in schema.document_labels}


def test_the_table_of_the_notes_is_right():
    page = Path(__file__).resolve().parents[2] / "docs" / "notes.md"
    cells = [line.split(" | ") for line in page.read_text(encoding="utf-8").splitlines()]
    rows = {row[0].removeprefix("| "): row[2:-1] for row in cells if len(row) == 10}
    for id, document in NOTES.items():
        heads = [
            sum(span.label not in _parts(task) for span in bundled.gold(task)[id].spans)
            for task in COUNTED
        ]
        assert rows[id] == [str(count) for count in (len(document.text.split()), *heads)], id


def _parts(task: str) -> set[str]:
    return {spec.tail for spec in load(task).schema.relations}
