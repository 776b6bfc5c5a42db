"""Vaccine report sentences and recorded answers, on small files in their format."""

from __future__ import annotations

import json

import pytest

from clinie.datasets.vaers import recorded_marks, vaers
from clinie.errors import InputError


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path))
    folder = tmp_path / "recorded_llm" / "clinical_ner"
    folder.mkdir(parents=True)
    return folder


def test_sentences(folder):
    record = {
        "id": "7",
        "tokens": ["Pt", "had", "leg", "pain", ",", "fever", "."],
        "tags": ["O", "O", "B-nervous_AE", "I-nervous_AE", "O", "I-other_AE", "O"],
    }
    (folder / "vaers_gold_test.jsonl").write_text(json.dumps(record))
    (item,) = vaers("test")
    assert item.document.text == "Pt had leg pain , fever ."
    assert [(s.label, s.text) for s in item.spans] == [
        ("nervous_AE", "leg pain"),
        ("other_AE", "fever"),
    ]
    with pytest.raises(InputError, match=r"vaers_gold_train\.jsonl"):
        list(vaers("train"))


def test_recorded_answers(folder):
    answer = {"id": "7", "model": "m", "prompt": "baseline", "output": "Pt had pain."}
    (folder / "vaers_outputs.jsonl").write_text(json.dumps(answer))
    assert [tuple(marks) for marks in recorded_marks()] == [("7", "m", "baseline", "Pt had pain.")]
