"""Readers of gated corpora, on look-alikes of their formats (every sentence is made up)."""

from __future__ import annotations

import csv
import gzip
import json
from time import process_time

import pytest

from clinie.datasets.catalogue import load
from clinie.datasets.corpora import split_of
from clinie.errors import InputError


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8"))


def spans(item):
    found = [(s.label, s.text, dict(s.attributes)) for s in item.spans]
    for span in item.spans:
        assert item.document.text[span.start : span.end] == span.text
    return found


def links(item):
    words = {span.id: span.text for span in item.spans}
    return [(words[link.head], link.label, words[link.tail]) for link in item.relations]


# n2c2 2018, track 2

N2C2_TEXT = "Started Lasix 40 mg PO daily\nfor edema; rash after Zosyn.\n"
N2C2 = """T1\tDrug 8 13\tLasix
T2\tStrength 14 19\t40 mg
T3\tRoute 20 22\tPO
T4\tFrequency 23 28\tdaily
T5\tReason 33 38\tedema
T6\tADE 40 44\trash
T7\tDrug 51 56\tZosyn
T8\tForm 0 3\ttab
R1\tStrength-Drug Arg1:T2 Arg2:T1
R2\tRoute-Drug Arg1:T3 Arg2:T1
R3\tFrequency-Drug Arg1:T4 Arg2:T1
R4\tReason-Drug Arg1:T5 Arg2:T1
R5\tADE-Drug Arg1:T6 Arg2:T7
R6\tForm-Drug Arg1:T8 Arg2:T1
"""


@pytest.fixture
def n2c2(tmp_path):
    for place in ("training_20180910/100", "test/200"):
        write(tmp_path / f"{place}.txt", N2C2_TEXT)
        write(tmp_path / f"{place}.ann", N2C2)
    return tmp_path


def test_n2c2(n2c2):
    [item] = load("n2c2-2018", "train", n2c2)
    assert item.document.id == "100"
    assert [label for label, _, _ in spans(item)] == [
        "Drug", "Strength", "Route", "Frequency", "Reason", "ADE", "Drug",
    ]  # fmt: skip
    assert links(item)[0] == ("40 mg", "Strength-Drug", "Lasix")
    assert item.skipped == 2  # the form that does not stand there, and its relation
    assert [item.document.id for item in load("n2c2-2018", None, n2c2)] == ["100", "200"]


def test_n2c2_as_medications(n2c2):
    [record] = load("n2c2-2018", "test", n2c2, task="medications@1")
    assert record.task == "medications@1"
    assert sorted(links(record)) == [
        ("Lasix", "dosage", "40 mg"),
        ("Lasix", "frequency", "daily"),
        ("Lasix", "reason", "edema"),
        ("Lasix", "route", "PO"),
    ]
    assert [s.text for s in record.spans if s.label == "medication"] == ["Lasix", "Zosyn"]


def test_n2c2_malformed(n2c2):
    write(n2c2 / "test" / "200.ann", "T1\tDrug 8 x\tLasix\n")
    with pytest.raises(InputError, match=r"200\.ann:1: not a line") as caught:
        list(load("n2c2-2018", "test", n2c2))
    assert "Lasix" not in str(caught.value)
    (n2c2 / "test" / "200.txt").unlink()
    with pytest.raises(InputError, match=r"no \.txt"):
        list(load("n2c2-2018", "test", n2c2))


# i2b2 2009

I2B2_2009_TEXT = """HISTORY :
He takes  Lasix 40 mg p.o. daily and
at bedtime for leg swelling.
Nitroglycerin as needed.
"""
I2B2_2009 = [
    'm="lasix" 2:2 2:2||do="40 mg" 2:3 2:4||mo="p.o." 2:5 2:5||f="daily...at bedtime" 2:6 2:6,3:0 3:1||du="nm"||r="leg swelling" 3:3 3:4||ln="narrative"',
    'm="nitroglycerin" 4:0 4:0||do="nm"||mo="nm"||f="as needed." 4:1 4:2||du="nm"||r="nm"||ln="list"',
    'm="aspirin" 4:0 4:0||do="nm"||mo="nm"||f="as needed" 4:1 4:2||du="nm"||r="nm"||ln="list"',
]


@pytest.fixture
def i2b2_2009(tmp_path):
    for name in ("11995", "20005"):
        write(tmp_path / "train.test.released.8.17.09" / name, I2B2_2009_TEXT)
    truth = "\n".join(I2B2_2009) + "\n"
    write(tmp_path / "training.ground.truth" / "11995_gold.entries", truth)
    write(tmp_path / "converted.noduplicates.sorted" / "20005.i2b2.entries", truth)
    return tmp_path


def test_i2b2_2009(i2b2_2009):
    [item] = load("i2b2-2009", "train", i2b2_2009)
    assert item.document.id == "11995"
    assert spans(item) == [
        ("m", "Lasix", {"ln": "narrative"}),
        ("do", "40 mg", {}),
        ("mo", "p.o.", {}),
        ("f", "daily and\nat bedtime", {}),
        ("r", "leg swelling", {}),
        ("m", "Nitroglycerin", {"ln": "list"}),
        ("f", "as needed.", {}),
        ("f", "as needed", {}),
    ]
    assert [item.document.text[a:b] for a, b in item.spans[3].fragments] == ["daily", "at bedtime"]
    assert item.skipped == 2  # aspirin does not stand there, so its frequency has no drug
    assert ("Lasix", "r", "leg swelling") in links(item)
    [record] = load("i2b2-2009", "test", i2b2_2009, task="medications")
    assert record.document_id == "20005"
    assert ("Lasix", "frequency", "daily and\nat bedtime") in links(record)


def test_i2b2_2009_counts_empty_words_where_the_annotators_did(i2b2_2009):
    line = 'm="lasix" 2:3 2:3||do="40 mg" 2:4 2:5||ln="list"\n'
    write(i2b2_2009 / "training.ground.truth" / "11995_gold.entries", line)
    [item] = load("i2b2-2009", "train", i2b2_2009)
    assert [text for _, text, _ in spans(item)] == ["Lasix", "40 mg"]
    assert item.skipped == 0


@pytest.mark.parametrize(
    "line", ['m="secret"', "secret", 'x="secret" 1:1 1:1', 'm="secret" 1:1 1:1||||do="nm"']
)
def test_i2b2_2009_malformed(i2b2_2009, line):
    path = i2b2_2009 / "training.ground.truth" / "11995_gold.entries"
    write(path, f"{I2B2_2009[0]}\n\n{line}\n")
    with pytest.raises(InputError, match=r"11995_gold\.entries:3: not a line") as caught:
        list(load("i2b2-2009", "train", i2b2_2009))
    assert "secret" not in str(caught.value)


def test_i2b2_2009_without_its_text(i2b2_2009):
    (i2b2_2009 / "train.test.released.8.17.09" / "11995").unlink()
    with pytest.raises(InputError, match="no text of this name"):
        list(load("i2b2-2009", "train", i2b2_2009))


# i2b2 2010

I2B2_2010_TEXT = "Chest pain :\nNo chest pain after Lasix .\nAn ECG showed ischemia .\n"
CONCEPTS = """c="chest pain" 2:1 2:2||t="problem"
c="lasix" 2:4 2:4||t="treatment"
c="an ecg" 3:0 3:1||t="test"
c="ischemia" 3:3 3:3||t="problem"
c="cough" 3:3 3:3||t="problem"
"""
ASSERTIONS = """c="chest pain" 2:1 2:2||t="problem"||a="absent"
c="ischemia" 3:3 3:3||t="problem"||a="associated_with_someone_else"
c="fever" 1:0 1:0||t="problem"||a="present"
"""
RELATIONS = """c="lasix" 2:4 2:4||r="TrAP"||c="chest pain" 2:1 2:2
c="an ecg" 3:0 3:1||r="TeRP"||c="ischemia" 3:3 3:3
c="an ecg" 3:0 3:1||r="TeRP"||c="fever" 1:0 1:0
"""


@pytest.fixture
def i2b2_2010(tmp_path):
    beth = tmp_path / "concept_assertion_relation_training_data" / "beth"
    truth = tmp_path / "reference_standard_for_test_data"
    for name, text, folder, concept in (
        ("record-13", beth / "txt", beth, "concept"),
        ("0001", tmp_path / "test_data", truth, "concepts"),
    ):
        write(text / f"{name}.txt", I2B2_2010_TEXT)
        write(folder / concept / f"{name}.con", CONCEPTS)
        write(folder / "ast" / f"{name}.ast", ASSERTIONS)
        write(folder / "rel" / f"{name}.rel", RELATIONS)
    return tmp_path


def test_i2b2_2010(i2b2_2010):
    [item] = load("i2b2-2010", "train", i2b2_2010)
    assert item.document.id == "record-13"
    assert spans(item) == [
        ("problem", "chest pain", {"assertion": "absent"}),
        ("treatment", "Lasix", {}),
        ("test", "An ECG", {}),
        ("problem", "ischemia", {"assertion": "associated_with_someone_else"}),
    ]
    assert links(item) == [("Lasix", "TrAP", "chest pain"), ("An ECG", "TeRP", "ischemia")]
    assert item.skipped == 3  # cough, an assertion of no concept, a relation with no end
    [record] = load("i2b2-2010", "test", i2b2_2010, task="conditions")
    assert record.document_id == "0001"
    assert spans(record)[0] == ("problem", "chest pain", {"assertion": "absent"})
    assert spans(record)[2] == ("problem", "ischemia", {"assertion": "family"})


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("concept/record-13.con", 'c="secret" 1:0 1:0'),
        ("ast/record-13.ast", 'c="secret" 1:0 1:0||t="problem"'),
        ("rel/record-13.rel", 'c="secret" 1:0 1:0||r="TrAP"'),
        ("rel/record-13.rel", 'secret||r="TrAP"||c="secret" 1:0 1:0'),
    ],
)
def test_i2b2_2010_malformed(i2b2_2010, kind, line):
    path = i2b2_2010 / "concept_assertion_relation_training_data" / "beth" / kind
    write(path, line)
    with pytest.raises(InputError, match=rf"{path.name}:1: not a line") as caught:
        list(load("i2b2-2010", "train", i2b2_2010))
    assert "secret" not in str(caught.value)


def test_i2b2_2010_reads_long_lines_in_linear_time(i2b2_2010):
    beth = i2b2_2010 / "concept_assertion_relation_training_data" / "beth"
    write(beth / "txt" / "record-13.txt", "a " * 100_000)
    write(
        beth / "concept" / "record-13.con",
        "".join(f'c="a" 1:{n} 1:{n}||t="problem"\n' for n in range(2000)),
    )
    start = process_time()
    [item] = load("i2b2-2010", "train", i2b2_2010)
    assert len(item.spans) == 2000
    write(beth / "concept" / "record-13.con", 'c="' + '" 1:1' * 40_000)
    with pytest.raises(InputError):
        list(load("i2b2-2010", "train", i2b2_2010))
    assert process_time() - start < 20


# MIMIC

III = ["ROW_ID", "SUBJECT_ID", "HADM_ID", "CHARTDATE", "CHARTTIME", "STORETIME", "CATEGORY",
       "DESCRIPTION", "CGID", "ISERROR", "TEXT"]  # fmt: skip
IV = ["note_id", "subject_id", "hadm_id", "note_type", "note_seq", "charttime", "storetime", "text"]


def table(path, header, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([header, *rows])


@pytest.mark.parametrize("name", ["NOTEEVENTS.csv", "NOTEEVENTS.csv.gz"])
def test_mimic_iii(tmp_path, name):
    note = 'Admission Date: [**2101-1-1**]\n\nHe said, "fine".'
    rows = [
        [str(n), str(n), "9", "2101-01-01", "", "", "Nursing", "Report", "", error, note]
        for n, error in zip(range(6), ["1", "", "", "", "", ""], strict=True)
    ]
    table(tmp_path / name, III, *rows)
    items = {part: list(load("mimic-iii", part, tmp_path)) for part in ("train", "test")}
    assert {i.document.patient: part for part, of in items.items() for i in of} == {
        str(n): split_of(str(n)) for n in range(6)
    }
    first = items[split_of("0")][0].document
    assert (first.text, first.id, first.date) == (note, "0", "2101-01-01")
    assert first.metadata == {
        "hadm_id": "9", "category": "Nursing", "description": "Report", "iserror": "1",
    }  # fmt: skip


def test_mimic_iv(tmp_path):
    row = ["0-DS-1", "0", "7", "DS", "1", "2180-05-07 00:00:00", "", "x" * 200_000]
    table(tmp_path / "note" / "discharge.csv.gz", IV, row)
    table(tmp_path / "note" / "radiology.csv", IV, ["0-RR-1", "0", "", "RR", "1", "", "", "Clear."])
    discharge, radiology = load("mimic-iv-note", None, tmp_path)
    assert (discharge.document.id, discharge.document.date) == ("0-DS-1", "2180-05-07")
    assert len(discharge.document.text) == 200_000
    assert (radiology.document.text, radiology.document.date) == ("Clear.", None)


def test_mimic_malformed(tmp_path):
    good = ",".join(IV) + "\n1-DS-1,1,7,DS,1,,,secret\n"
    path = tmp_path / "discharge.csv"
    for text, told in (
        (good + '2-DS-1,1,7,DS,1,,"secret\n', r"discharge\.csv:3: malformed row"),
        (good + "2-DS-1,secret\n", r"discharge\.csv:3: malformed row"),
        (good.replace("text", "note"), r"discharge\.csv:1: no column 'text'"),
    ):
        write(path, text)
        with pytest.raises(InputError, match=told) as caught:
            list(load("mimic-iv-note", None, tmp_path))
        assert "secret" not in str(caught.value)
    path.write_bytes(good.encode() + b"2-DS-1,1,7,DS,1,,,\xff\n")
    with pytest.raises(InputError, match="not UTF-8"):
        list(load("mimic-iv-note", None, tmp_path))
    path.unlink()
    (tmp_path / "discharge.csv.gz").write_bytes(gzip.compress(good.encode())[:-12])
    with pytest.raises(InputError, match="damaged"):
        list(load("mimic-iv-note", None, tmp_path))


# clinical-ie

STATUS = "Lasix was stopped; he stays on insulin and Lantus insulin. Consider aspirin."


def test_clinical_ie_status(tmp_path):
    header = ["index", "snippet", "active_medications", "discontinued_medications",
              "neither_medications"]  # fmt: skip
    row = ["0", STATUS, '["insulin", "Lantus insulin"]', "['lasix']", '["aspirin", "heparin"]']
    table(tmp_path / "medication_status_test.csv", header, row)
    [item] = load("clinical-ie-status", "test", tmp_path)
    assert sorted(spans(item)) == [
        ("Medication", "Lantus insulin", {"status": "active"}),
        ("Medication", "Lasix", {"status": "discontinued"}),
        ("Medication", "aspirin", {"status": "neither"}),
        ("Medication", "insulin", {"status": "active"}),
    ]
    assert item.skipped == 1
    [record] = load("clinical-ie-status", "test", tmp_path, task="medications")
    assert {s.label for s in record.spans} == {"medication"}
    with pytest.raises(InputError, match="validation"):
        list(load("clinical-ie-status", "validation", tmp_path))


ATTRIBUTES = "Lasix 40 mg daily, aspirin p.o. daily."


@pytest.mark.parametrize("inclusive", [0, 1])
def test_clinical_ie_attributes(tmp_path, inclusive):
    marked = [
        [0, 5, "Medication1", "Lasix"],
        [6, 11, "Dosage1", "40 mg"],
        [12, 17, "Frequency1", "daily"],
        [19, 26, "Medication10", "aspirin"],
        [27, 31, "Route10", "p.o."],
        [32, 37, "Frequency10", "daily"],
        [0, 3, "Reason1", "pain"],
        [32, 37, "Duration7", "daily"],
    ]
    marked = [[a, b - inclusive, label, words] for a, b, label, words in marked]
    record = {"snippet": ATTRIBUTES, "annotations": str(marked)}
    write(tmp_path / "medication_attr_validation.jsonl", json.dumps(record) + "\n")
    [item] = load("clinical-ie-attributes", "validation", tmp_path)
    assert item.skipped == 2  # words that do not stand there, an attribute of no drug
    assert links(item) == [
        ("Lasix", "Dosage", "40 mg"),
        ("Lasix", "Frequency", "daily"),
        ("aspirin", "Route", "p.o."),
        ("aspirin", "Frequency", "daily"),
    ]
    [record] = load("clinical-ie-attributes", "validation", tmp_path, task="medications")
    assert links(record)[2] == ("aspirin", "route", "p.o.")


def test_clinical_ie_coreference(tmp_path):
    rows = [
        ["The scan of the liver shows a cyst. It is small.", "it", "a cyst"],
        ["Drain and stent were placed; it was flushed.", "it", "['Drain', 'stent']"],
        ["Nothing here.", "it", "a cyst"],
    ]
    table(tmp_path / "coreference_test.csv", ["snippet", "pronoun", "antecedent"], *rows)
    one, two, none = load("clinical-ie-coreference", "test", tmp_path)
    assert links(one) == [("It", "antecedent", "a cyst")]
    assert links(two) == [("it", "antecedent", "Drain"), ("it", "antecedent", "stent")]
    assert (none.spans, none.skipped) == ((), 2)
    [record, *_] = load("clinical-ie-coreference", "test", tmp_path, task="coreference")
    assert [s.label for s in record.spans] == ["anaphor", "antecedent"]


@pytest.mark.parametrize(
    "line", ['{"snippet": "secret"}', '["secret"]', "secret",
             '{"snippet": "secret", "annotations": "[secret"}',
             '{"snippet": "secret", "annotations": [[1, 2]]}',
             '{"snippet": 5, "annotations": []}'],
)  # fmt: skip
def test_clinical_ie_malformed(tmp_path, line):
    path = tmp_path / "medication_attr_test.jsonl"
    write(path, '{"snippet": "Fine.", "annotations": []}\n' + line + "\n")
    with pytest.raises(InputError, match=r"medication_attr_test\.jsonl:2: ") as caught:
        list(load("clinical-ie-attributes", "test", tmp_path))
    assert "secret" not in str(caught.value)


# CASI


def test_casi(tmp_path):
    lines = [
        f"RA|room air|RA|{text.index('RA')}|{text.index('RA') + 2}|PLAN|{text}"
        for text in (f"Day {n}: on RA today." for n in range(20))
    ]
    write(tmp_path / "AnonymizedClinicalAbbreviationsAndAcronymsDataSet.txt", "\n".join(lines))
    parts = {part: list(load("casi", part, tmp_path)) for part in ("train", "test")}
    assert all(parts.values())
    assert sum(map(len, parts.values())) == 20
    [record, *_] = load("casi", "test", tmp_path, task="acronyms")
    assert [s.attributes["sense"] for s in record.spans] == ["room air"]
