"""The tagger as a tier: with weights made by hand that know the drug and the problem list."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys

import pytest

import clinie
from clinie.cascade import Cascade, Tier
from clinie.errors import ModelError
from clinie.models import RulesModel
from clinie.models.tagger.model import TaggerModel
from clinie.models.tagger.weights import load, save
from clinie.prompts import Prompt, Window
from clinie.schema import Document
from clinie.tasks import load as load_task

NOTE = "Takes warfarin 5 mg daily for cough. Pneumonia was seen."


def prompt(task: str = "medications", text: str = NOTE, **changes) -> Prompt:
    loaded = load_task(task)
    made = {"rules": loaded.rules, "document_id": "n1"} | changes
    return Prompt(loaded.name, Window(text), loaded.template, **made)


def ask(model: TaggerModel, *prompts: Prompt):
    return asyncio.run(model.complete(prompts))


def items(completion) -> list[dict]:
    return json.loads(completion.text)["items"]


def test_it_answers_with_places_values_and_confidence(folder) -> None:
    drugs, conditions = ask(TaggerModel(folder), prompt(), prompt("conditions"))
    (drug,) = items(drugs)
    assert {k: drug[k] for k in ("text", "label", "start", "status")} == {
        "text": "warfarin",
        "label": "medication",
        "start": 6,
        "status": "active",
    }
    assert 0 < drug["confidence"] <= 1 / 3 + 0.01  # the mention is sure, its status is a guess
    found = items(conditions)
    assert [(i["text"], i["start"], i["assertion"], i["temporality"]) for i in found] == [
        ("cough", 30, "present", "current"),
        ("Pneumonia", 37, "present", "current"),
    ]


def test_what_the_rules_find_of_acronyms_is_kept(folder) -> None:
    (completion,) = ask(TaggerModel(folder), prompt("acronyms", "Seen in PT after the MI."))
    assert [i["text"] for i in items(completion)] == ["PT", "MI"]


def test_a_task_that_was_not_trained_is_an_error_completion(folder) -> None:
    model = TaggerModel(folder)
    (completion,) = ask(model, prompt("allergies"))
    assert completion.finish_reason == "error"
    assert "allergies@1" in completion.error
    assert model.capabilities.tasks == {"medications@1", "conditions@1", "acronyms@1"}


def test_rules_that_fail_are_done_without(folder) -> None:
    def raises(text: str):
        raise ValueError(text)

    model = TaggerModel(folder)
    for rules in (raises, None, lambda text: {"items": []}):
        assert [i["text"] for i in items(*ask(model, prompt(rules=rules)))] == ["warfarin"]


def test_it_runs_by_itself_in_the_api(folder) -> None:
    record = clinie.extract(NOTE, task="conditions", model=TaggerModel(folder))
    assert [(s.text, s.label) for s in record.spans] == [
        ("cough", "problem"),
        ("Pneumonia", "problem"),
    ]
    assert record.complete
    assert record.findings == ()


def test_rules_and_tagger_make_a_cascade(folder) -> None:
    tiers = (Tier("rules", RulesModel(), sure=1.0), Tier("tagger", TaggerModel(folder)))
    for task in ("medications", "conditions"):
        record = asyncio.run(Cascade(tiers=tiers).extract(Document(NOTE, "n1"), load_task(task)))
        assert [t.tier for t in record.trace] == ["rules", "tagger"]
        assert {"warfarin", "Pneumonia"} & {s.text for s in record.spans}
        assert all(NOTE[s.start : s.end] == s.text for s in record.spans)
        assert record.complete
    record = asyncio.run(Cascade(tiers=tiers).extract(Document(NOTE, "n1"), load_task("allergies")))
    assert [t.tier for t in record.trace] == ["rules"]


def test_weights_that_cannot_be_read_are_named(folder) -> None:
    path = folder / "notes.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ModelError, match=r"notes\.safetensors"):
        ask(TaggerModel(folder), prompt())


def test_weights_without_a_classifier_say_so(folder) -> None:
    tensors, said = load(folder / "notes.safetensors")
    save(
        folder / "notes.safetensors", {n: t for n, t in tensors.items() if "status" not in n}, said
    )
    with pytest.raises(ModelError, match="status"):
        ask(TaggerModel(folder), prompt())


def test_an_empty_folder_answers_nothing(tmp_path) -> None:
    assert TaggerModel(tmp_path).capabilities.tasks == frozenset()


def test_nothing_heavy_is_imported(folder) -> None:
    code = f"""
import sys, clinie
from clinie.models.tagger.model import TaggerModel
model = TaggerModel({str(folder)!r})
assert clinie.extract({NOTE!r}, task="medications", model=model).spans
assert clinie.extract({NOTE!r}, task="conditions", model=model).spans
heavy = {{"torch", "scipy", "sklearn", "transformers", "spacy", "pandas", "clinie.training", "clinie.datasets"}}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
