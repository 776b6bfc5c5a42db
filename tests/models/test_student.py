"""The student at run time: candidates, answers, files, and one clear line for what is wrong."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinie
from clinie.config import load as load_config
from clinie.errors import ConfigError, ModelError
from clinie.models import build
from clinie.models.mentions import Mentions
from clinie.models.student import REJECT, Student, StudentModel, Terms
from clinie.models.tagger import weights
from clinie.models.tagger.classifiers import LinearClassifier, buckets_of
from clinie.prompts import Prompt, Window
from clinie.tasks import load

NOTE = "Lasix 40 mg daily. Stopped Coumadin. Allergic to aspirin."
BUCKETS = 1 << 12


def classifier(classes, told):
    """Return a classifier that goes by one feature each: ``{feature: class}``."""
    table = np.zeros((BUCKETS, len(classes)))
    for feature, name in told.items():
        (bucket,) = buckets_of([feature], BUCKETS)
        table[bucket, classes.index(name)] = 8.0
    return LinearClassifier.quantized(classes, table, np.zeros(len(classes)))


@pytest.fixture
def student() -> Student:
    label = classifier(
        (REJECT, "medication"),
        {"is=lasix": "medication", "is=coumadin": "medication", "is=aspirin": REJECT},
    )
    status = classifier(("neither", "active", "discontinued"), {"before0=stopped": "discontinued"})
    terms = Terms.of([("lasix",), ("coumadin",), ("aspirin",)])
    return Student(
        "medications@1", {"label": label, "medication.status": status}, terms, rules=False
    )


def prompt(task="medications", text=NOTE) -> Prompt:
    loaded = load(task)
    return Prompt(loaded.name, Window(text), loaded.template, rules=loaded.rules)


def ask(model, *prompts):
    return asyncio.run(model.complete(prompts))


def test_it_answers_with_places_values_and_confidence(student):
    items = student.answer(NOTE)
    assert [(i["text"], i["label"], i["status"]) for i in items] == [
        ("Lasix", "medication", "neither"),
        ("Coumadin", "medication", "discontinued"),
    ]
    assert all(NOTE.startswith(i["text"], i["start"]) for i in items)
    assert all(0.5 < i["confidence"] <= 1 for i in items)


def test_of_two_that_overlap_the_surer_stands(student):
    items = student.answer(NOTE, [(0, 11), (0, 5)])
    assert [i["text"] for i in items] == ["Lasix", "Coumadin"]


def test_it_runs_as_a_model_of_the_api(student):
    record = clinie.extract(NOTE, task="medications", model=StudentModel.of(student))
    assert {(s.text, s.attributes["status"]) for s in record.spans} == {
        ("Lasix", "neither"),
        ("Coumadin", "discontinued"),
    }


def test_it_is_a_tier_of_a_configuration(student, tmp_path):
    file = tmp_path / "s.safetensors"
    student.save(file)
    config = tmp_path / "clinie.toml"
    config.write_text(
        f'[[tiers]]\nname = "own"\nmodel = {{ kind = "student", file = "{file}" }}\nphi_allowed = true\n'
    )
    record = clinie.extract(NOTE, task="medications", config=load_config(config))
    assert [s.text for s in record.spans] == ["Lasix", "Coumadin"]
    assert record.trace[0].model == "student@1"


def test_what_the_rules_find_are_candidates(student):
    both = Student(student.task, student.heads, Terms.of([]), rules=True)
    (answer,) = ask(StudentModel.of(both), prompt())
    assert {i["text"] for i in json.loads(answer.text)["items"]} >= {"Lasix", "Coumadin"}


def test_another_task_is_an_error_completion(student):
    (answer,) = ask(StudentModel.of(student), prompt("conditions"))
    assert answer.finish_reason == "error"
    assert answer.error == "this student was trained for medications@1"


def test_a_file_holds_the_student_and_no_words(student, tmp_path):
    file = tmp_path / "s.safetensors"
    student.save(file)
    read = Student.load(file)
    assert read.answer(NOTE) == student.answer(NOTE)
    content = file.read_bytes().lower()
    assert not any(word in content for word in (b"lasix", b"coumadin", b"aspirin"))


@pytest.mark.parametrize("content", [None, b"", b"not weights"])
def test_a_file_that_is_no_student_is_one_line(content, tmp_path):
    file = tmp_path / "s.safetensors"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError, match=r"s\.safetensors.*clinie train distill") as caught:
        build("student", {"file": str(file)})
    assert "\n" not in str(caught.value)


def test_weights_of_another_form_are_refused(tmp_path):
    file = tmp_path / "tagger.safetensors"
    weights.save(file, {"x": np.zeros(1)}, {})
    with pytest.raises(ModelError, match=r"clinie\.student/1"):
        StudentModel(str(file))


def test_a_tier_without_a_file_is_a_configuration_error():
    with pytest.raises(ConfigError, match="file"):
        build("student", {})


def test_terms_are_found_whatever_their_case_and_digits():
    terms = Terms.of([("chest", "pain"), ("b", "#")])
    mentions = Mentions("CHEST PAIN, chest. pain; B 12")
    assert list(terms.find(mentions)) == [(0, 10), (25, 29)]


@given(st.text(max_size=60), st.integers(0, 60), st.integers(0, 60))
def test_features_are_total(text, start, end):
    mentions = Mentions(text)
    start, end = sorted((min(start, len(text)), min(end, len(text))))
    assert mentions.features((start, end))
    term = mentions.term((start, end))
    assert term == () or mentions.place(*mentions.run((start, end))) == (start, end)


def test_a_long_line_does_not_hang(student):
    text = "Lasix " * 30_000
    assert len(student.answer(text)) == 30_000
