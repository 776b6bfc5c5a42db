"""Corpus readers, on small files in the corpora's formats (the sentences are made up)."""

from __future__ import annotations

import csv
import json

import pytest

from clinie.datasets import corpora
from clinie.errors import ConfigError, InputError


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path))

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))

    return write


def places(item):
    return [(span.label, span.start, span.end) for span in item.spans]


def test_root_is_the_named_folder(data, tmp_path):
    assert corpora.root() == tmp_path


def test_root_names_the_setting_when_it_is_wrong(monkeypatch, tmp_path):
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="CLINIE_DATA"):
        corpora.root()


def test_missing_corpus_is_one_clear_line(data):
    with pytest.raises(InputError, match=r"entities/ncbi-disease/test\.tsv"):
        list(corpora.bioc_iob("ncbi-disease", "test"))


def test_missing_folder_is_one_clear_line(monkeypatch):
    monkeypatch.setattr(corpora, "root", lambda: None)
    with pytest.raises(InputError, match="CLINIE_DATA"):
        list(corpora.aci_bench())


def test_split_is_fixed_and_about_one_in_five():
    assert [corpora.split_of(str(n)) for n in range(6)] == ["test"] * 2 + ["train"] * 4
    share = sum(corpora.split_of(str(n)) == "test" for n in range(2000)) / 2000
    assert 0.18 < share < 0.22


BRAT_TEXT = "Émile had no fever.\nPain in left and\nright knee."
BRAT = """T1\tSign_symptom 13 18\tfever
E1\tSign_symptom:T1 
A1\tPOLARITY E1 NEG
T2\tSign_symptom 20 24\tPain
E2\tSign_symptom:T2 
T3\tBiological_structure 28 32;43 47\tleft knee
R1\tMODIFY Arg1:T3 Arg2:E2\t
T4\tSign_symptom 0 5\tcough
R2\tMODIFY Arg1:T4 Arg2:E2\t
*\tOVERLAP E1 E2
#1\tAnnotatorNotes E1\tnothing
"""  # noqa: W291


def test_maccrobat(data):
    data("case_reports/maccrobat/1.txt", BRAT_TEXT)
    data("case_reports/maccrobat/1.ann", BRAT)
    [item] = corpora.maccrobat()
    assert item.document.id == "1"
    assert places(item) == [
        ("Sign_symptom", 13, 18),
        ("Sign_symptom", 20, 24),
        ("Biological_structure", 28, 47),
    ]
    fever, pain, knee = item.spans
    assert fever.attributes == {"POLARITY": "NEG"}
    assert knee.fragments == ((28, 32), (43, 47))
    [relation] = item.relations
    assert (relation.label, relation.head, relation.tail) == ("MODIFY", knee.id, pain.id)
    assert item.skipped == 2  # the span, and the relation that lost its head


def test_maccrobat_splits_by_id(data):
    for id in ("1", "5"):
        data(f"case_reports/maccrobat/{id}.txt", BRAT_TEXT)
        data(f"case_reports/maccrobat/{id}.ann", BRAT)
    assert [item.document.id for item in corpora.maccrobat("test")] == ["1"]
    assert [item.document.id for item in corpora.maccrobat("train")] == ["5"]


def entity(words, start, id, **parts):
    return {"text": [[words]], "start": [[start]], "entity_id": [id], **parts}


def test_phee(data):
    text = "Rash might follow drugex 5 mg and placebine in diabetes."
    joint = {
        "event_id": "E2",
        "event_type": "Combination",
        "Trigger": entity("and", 30, "T9"),
        "Drug": {
            "text": [["drugex"], ["placebine"]],
            "start": [[18], [34]],
            "entity_id": ["T3", "T4"],
        },
    }
    event = {
        "event_id": "E1",
        "event_type": "Adverse_event",
        "Trigger": entity("follow", 11, "T1"),
        "Effect": entity("Rash", 0, "T2"),
        "Treatment": entity(
            "drugex 5 mg and placebine in diabetes",
            18,
            "T5",
            Drug=joint["Drug"],
            Dosage=entity("6 mg", 25, "T6"),
            Combination=[joint],
        ),
        "Subject": {
            "text": [["diabetes", "drugex"]],
            "start": [[47, 18]],
            "entity_id": ["T8"],
        },
        "Speculated": {**entity("might", 5, "T7"), "value": True},
        "Severity": {**entity("Rash", 0, "T2"), "value": "Low"},
    }
    record = {"id": "p1", "context": text, "annotations": [{"events": [event]}]}
    data("adverse_events/phee_v2_train.jsonl", json.dumps(record) + "\n")
    [item] = corpora.phee("train")
    by_label = {}
    for span in item.spans:
        assert text[span.start : span.end] == span.text
        by_label.setdefault(span.label, []).append(span.text)
    assert by_label["Drug"] == ["drugex", "placebine"]  # once, though in two events
    assert by_label["Effect"] == ["Rash"]
    assert by_label["Trigger"] == ["follow", "and"]
    assert "Dosage" not in by_label
    assert item.skipped == 1
    subject = next(span for span in item.spans if span.label == "Subject")
    assert subject.fragments == ((18, 24), (47, 55))
    assert item.spans[0].attributes == {
        "event_type": "Adverse_event",
        "Speculated": "true",
        "Severity": "Low",
    }
    name = {span.id: span.text for span in item.spans}
    links = {(name[r.head], r.label, name[r.tail]) for r in item.relations}
    assert ("follow", "Effect", "Rash") in links
    assert ("drugex 5 mg and placebine in diabetes", "Combination", "and") in links
    assert ("and", "Drug", "placebine") in links


def test_negex(data):
    common = {"negation": "Negated", "temporality": "Recent", "experiencer": "Patient"}
    records = [
        {"reports": [3, 9], "condition": "fever", "sentence": "No fevers, no   FEVER.", **common},
        {"reports": [9, 4], "condition": "neck pain", "sentence": "No neck  pain.", **common},
        {"reports": [7], "condition": "nausea", "sentence": "The rest is cut.", **common},
    ]
    data("assertion/negex_dev.jsonl", "\n".join(map(json.dumps, records)))
    first, second, third = corpora.negex()
    assert places(first) == [("condition", 16, 21)]
    assert first.spans[0].attributes == common
    assert places(second) == [("condition", 3, 13)]
    assert third.spans == ()
    assert third.skipped == 1
    parts = {corpora.split_of("3", folds=2), corpora.split_of("7", folds=2)}
    halves = {split: [i.document.id for i in corpora.negex(split)] for split in ("train", "test")}
    together = corpora.split_of("3", folds=2)  # reports 3, 4 and 9 hang together
    assert halves[together][:2] == ["negex-0", "negex-1"]
    assert "negex-2" in halves[corpora.split_of("7", folds=2)]
    assert {split for split, ids in halves.items() if ids} == parts


def test_notes(data, tmp_path):
    records = [
        {"split": "train", "encounter_id": "D1", "note": "PLAN\r\nRest.", "dialogue": ""},
        {"split": "valid", "encounter_id": "D2", "note": "PLAN", "dialogue": ""},
    ]
    data("notes/aci_bench.jsonl", "\n".join(map(json.dumps, records)))
    assert [d.text for d in corpora.aci_bench("train")] == ["PLAN\r\nRest."]
    assert [d.id for d in corpora.aci_bench()] == ["D1", "D2"]
    for stem in corpora.MTS_FILES.values():
        with (tmp_path / "notes" / f"mts_dialog_{stem}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["ID", "section_header", "section_text", "dialogue"])
            rows.writerow(["0", "CC", "Cough,\n2 days.", "Hm."])
    assert [d.text for d in corpora.mts_dialog("validation")] == ["Cough,\n2 days."]
    assert len({d.id for d in corpora.mts_dialog()}) == len(corpora.MTS_FILES)


def test_bioc_iob(data):
    rows = "Mild\tO\nkidney\tB-Disease\nfailure\tI-Disease\nasthma\tB-Disease\n.\tO\n\nNone\tO\n\n"
    data("entities/ncbi-disease/test.tsv", rows)
    first, second = corpora.bioc_iob("ncbi-disease", "test")
    assert first.document.text == "Mild kidney failure asthma ."
    assert [s.text for s in first.spans] == ["kidney failure", "asthma"]
    assert all(first.document.text[s.start : s.end] == s.text for s in first.spans)
    assert second.spans == ()
    assert first.document.id != second.document.id
