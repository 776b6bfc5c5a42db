"""Our annotations of allergies: well formed, without text, and made for the corpora's own texts."""

from __future__ import annotations

import csv
import hashlib
import json
from importlib.resources import files

import pytest

from clinie.datasets import allergy_notes, corpora
from clinie.errors import InputError
from clinie.tasks import load

PATH = files("clinie.datasets") / "gold" / "mts_allergies.jsonl"
RECORDS = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
needs_corpora = pytest.mark.skipif(corpora.root() is None, reason="no corpora (CLINIE_DATA)")


def test_the_annotations_are_well_formed_and_hold_no_text():
    schema = load("allergies").schema
    values = set(schema.label("allergen").attributes["assertion"])
    assert len(RECORDS) == len({record["document_id"] for record in RECORDS}) == 44
    assert all(record["task"] == "allergies@1" for record in RECORDS)
    for record in RECORDS:
        assert set(record) == {"document_id", "task", "sha256", "spans", "relations", "labels"}
        for label, start, end, *rest in record["spans"]:
            assert 0 <= start < end
            assert label in {"allergen", "reaction"}
            assert len(rest) == (label == "allergen")
            assert all(set(r) == {"assertion"} and r["assertion"] in values for r in rest)
        spans = record["spans"]
        for name, head, tail in record["relations"]:
            assert (name, spans[head][0], spans[tail][0]) == ("reaction", "allergen", "reaction")
        assert record["labels"] in ([], [["no_known_allergies", "true"]])


@needs_corpora
def test_the_annotations_meet_the_texts_that_they_were_made_for():
    notes = list(allergy_notes.allergy_notes())
    assert [note.document_id for note in notes] == [record["document_id"] for record in RECORDS]
    for note in notes:
        assert all(span.text.strip() == span.text != "" for span in note.spans)
        assert note.document.metadata["split"] != "train"


@pytest.fixture
def look_alike(tmp_path, monkeypatch):
    """Corpora of the same form, with one section and one note, and annotations for them."""
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path))
    folder = tmp_path / "notes"
    folder.mkdir()
    for stem in corpora.MTS_FILES.values():
        with (folder / f"mts_dialog_{stem}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["ID", "section_header", "section_text", "dialogue"])
            if "validation" in stem:
                writer.writerow(["7", "ALLERGY", "Honey.", ""])
                writer.writerow(["8", "ROS", "Honey.", ""])
    note = {"encounter_id": "D1", "split": "valid", "note": "Eats honey."}
    (folder / "aci_bench.jsonl").write_text(json.dumps(note) + "\n", encoding="utf-8")

    def annotate(text: str) -> None:
        record = {
            "document_id": "validation-7",
            "task": "allergies@1",
            "sha256": hashlib.sha256(text.encode()).hexdigest(),
            "spans": [["allergen", 9, 14, {"assertion": "present"}]],
            "relations": [],
        }
        (tmp_path / "gold").mkdir(exist_ok=True)
        (tmp_path / "gold" / "mts_allergies.jsonl").write_text(json.dumps(record) + "\n")
        monkeypatch.setattr("clinie.datasets.standoff.files", lambda package: tmp_path)

    return annotate


def test_a_section_stands_below_its_heading(look_alike):
    assert [(d.id, d.text) for d in allergy_notes.documents()] == [
        ("validation-7", "ALLERGY: Honey."),
        ("D1", "Eats honey."),
    ]
    look_alike("ALLERGY: Honey.")
    (note,) = allergy_notes.allergy_notes()
    assert [(span.label, span.text) for span in note.spans] == [("allergen", "Honey")]


def test_another_text_is_refused(look_alike):
    look_alike("ALLERGY: Milk.")
    with pytest.raises(InputError, match="validation-7"):
        list(allergy_notes.allergy_notes())
