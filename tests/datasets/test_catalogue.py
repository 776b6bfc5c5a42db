"""The catalogue: what it says of a corpus, and that every corpus is read through it."""

from __future__ import annotations

import json

import pytest

from clinie.datasets import corpora
from clinie.datasets.catalogue import catalogue, entry, load
from clinie.datasets.crowds import judgements
from clinie.datasets.inventories import SOURCES
from clinie.datasets.mappings import MAPPINGS
from clinie.datasets.readers import READERS
from clinie.errors import ConfigError, InputError
from clinie.tasks import load as load_task

NAMES = [each.name for each in catalogue()]


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path))

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


def lines(*records):
    return "".join(json.dumps(record) + "\n" for record in records)


def test_every_corpus_has_an_entry_and_a_reader():
    assert sorted(NAMES) == NAMES == sorted(READERS)
    assert set(MAPPINGS) <= set(NAMES)


def test_every_corpus_is_documented(root):
    page = (root / "docs" / "corpora.md").read_text(encoding="utf-8")
    assert f"reads {len(NAMES)} corpora" in page
    for each in catalogue():
        row = next(
            line for line in page.split("\n") if line.startswith(f"| `{each.name}` | {each.what} |")
        )
        for said in (each.size, each.divided, each.licence, each.weights, each.access, *each.tasks):
            assert said in row


@pytest.mark.parametrize("name", NAMES)
def test_entries_are_complete(name):
    found = entry(name)
    for value in (found.what, found.size, found.unit, found.divided, found.licence, found.weights,
                  found.access, found.place):  # fmt: skip
        assert value.strip() == value
        assert value
    assert found.splits
    assert found.files
    for task in found.tasks:
        assert load_task(task)


def test_unknown_names_are_one_line():
    with pytest.raises(ConfigError, match="no corpus 'nowhere'"):
        load("nowhere")
    with pytest.raises(ConfigError, match=r"no part 'dev' .one of train, test"):
        load("maccrobat", "dev")
    with pytest.raises(ConfigError, match=r"no gold for task 'pico' .one of medications"):
        load("phee", task="pico")
    with pytest.raises(ConfigError, match="gold for no task"):
        load("aci-bench", task="medications")


def test_an_absent_corpus_says_whom_to_ask(data, tmp_path):
    assert not entry("n2c2-2018").is_present()
    with pytest.raises(InputError, match=r"n2c2-2018 is not here .*portal\.dbmi"):
        load("n2c2-2018")
    with pytest.raises(InputError, match=str(tmp_path)):
        load("n2c2-2018", folder=tmp_path)


def test_without_a_folder_of_corpora(monkeypatch):
    monkeypatch.setattr(corpora, "root", lambda: None)
    monkeypatch.setattr("clinie.datasets.catalogue.root", lambda: None)
    assert not entry("phee").is_present()
    with pytest.raises(InputError, match="CLINIE_DATA"):
        load("phee")


MACCROBAT = """T1\tMedication 5 14\tdrugexine
T2\tDosage 15 26\t5 mg weekly
T3\tAdministration 27 31\toral
T4\tSign_symptom 43 47\trash
T5\tDosage 15 19\t5 mg
T6\tCoreference 49 51\tIt
E1\tSign_symptom:T4
A1\tPOLARITY E1 NEG
R1\tMODIFY Arg1:T2 Arg2:T1
R2\tMODIFY Arg1:T3 Arg2:E1
R3\tIDENTICAL Arg1:T6 Arg2:E1
"""


@pytest.fixture
def maccrobat(data):
    for name in ("1", "5"):
        data(
            f"case_reports/maccrobat/{name}.txt",
            "Took drugexine 5 mg weekly oral tablets. No rash. It",
        )
        data(
            f"case_reports/maccrobat/{name}.ann",
            MACCROBAT.replace("43 47", "44 48").replace("49 51", "50 52"),
        )


def labels(record):
    return [(span.label, span.text, dict(span.attributes)) for span in record.spans]


@pytest.mark.usefixtures("maccrobat")
def test_maccrobat_as_tasks():
    assert [item.document.id for item in load("maccrobat")] == ["5", "1"]  # train, then test
    [record] = load("maccrobat", "test", task="medications")
    assert (record.document_id, record.task) == ("1", "medications@1")
    assert labels(record) == [("medication", "drugexine", {}), ("dosage", "5 mg weekly", {})]
    assert [(r.label, r.head, r.tail) for r in record.relations] == [("dosage", "T1", "T2")]
    [record] = load("maccrobat", "test", task="conditions@1")
    assert labels(record) == [("problem", "rash", {"assertion": "absent"})]
    [record] = load("maccrobat", "test", task="coreference")
    assert labels(record) == [("anaphor", "It", {}), ("antecedent", "rash", {})]


def test_a_corpus_elsewhere(maccrobat, tmp_path, monkeypatch):
    folder = tmp_path / "case_reports" / "maccrobat"
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path / "case_reports"))
    assert len(list(load("maccrobat", folder=folder))) == 2


def test_tokens_are_read_as_spans(data):
    record = {
        "pmid": "7",
        "tokens": [["Adults", "with", "asthma", "got", "drugexine", "placebo", "."]],
        "labels": [["P", "P", "P", "N", "I", "I", "N"]],
    }
    data("pico/ebm_nlp_test.jsonl", lines(record))
    [item] = load("ebm-nlp", "test")
    assert labels(item) == [("P", "Adults with asthma", {}), ("I", "drugexine placebo", {})]
    [record] = load("ebm-nlp", "test", task="pico")
    assert [span.label for span in record.spans] == ["participants", "intervention"]


def test_crowd_against_expert(data):
    tokens = ["Fluid", "and", "drugexine", "helped"]
    record = {"pmid": "3", "group": "random", "tokens": tokens}
    data(
        "deferral/ebm_crowd_vs_expert_interventions.jsonl",
        lines({**record, "crowd": [1, 0, 1, 1], "expert": [0, 1, 1, 0]}),
    )
    [item] = load("crowd-against-expert")
    assert labels(item) == [
        ("intervention", "Fluid", {"by": "crowd"}),
        ("intervention", "drugexine helped", {"by": "crowd"}),
        ("intervention", "and drugexine", {"by": "expert"}),
    ]
    assert [(x.name, x.value) for x in item.labels] == [("group", "random")]
    [record] = load("crowd-against-expert", task="pico")
    assert labels(record) == [("intervention", "and drugexine", {})]


CROWDTRUTH = """"SID","relation","crowd","baseline","expert","term1","b1","e1","term2","b2","e2","sentence"
5,"cause",0.5,1,1,"SMOKING",0,7,"COUGH",17,22,"SMOKING brings COUGH."
6,"cause",-0.5,-1,NA,"FEVER",0,5,"COUGH",9,14,"FEVER is no pain."
"""


def test_crowdtruth(data):
    data("deferral/crowdtruth/ground_truth_cause.csv", CROWDTRUTH)
    judged = {"sentence_id": "5-FS1", "worker": "w1", "relations": ["CAUSE"], "sentence": ""}
    data("deferral/crowdtruth/judgments.jsonl", lines(judged))
    one, two = sorted(load("crowdtruth-cause"), key=lambda item: item.document.id)
    assert labels(one) == [("term", "SMOKING", {}), ("term", "COUGH", {})]  # two characters off
    assert [(r.label, r.head, r.tail) for r in one.relations] == [("cause", "s0", "s1")]
    assert [(x.name, x.value) for x in one.labels] == [
        ("crowd", "0.5"), ("baseline", "1"), ("expert", "1"),
    ]  # fmt: skip
    assert (len(two.spans), two.skipped, two.relations) == (1, 1, ())
    assert [x.name for x in two.labels] == ["crowd", "baseline"]
    assert [tuple(each) for each in judgements()] == [("5", "w1", ("CAUSE",))]


def test_judges(data):
    record = {"instruction": "Why?", "outputs": ["A.", "B."], "preferences": {"human": 2}}
    for judge, probs in (
        ("mistral-7b-instruct", [0.7, 0.3]),
        ("gpt-3.5-turbo", [0.4, 0.6]),
        ("gpt-4-turbo", [0.1, 0.9]),
    ):
        data(f"recorded_llm/judges/{judge}.jsonl", lines({**record, "probs": probs}))
    [item] = load("judges")
    assert item.document.metadata == {"first": "A.", "second": "B."}
    assert [(x.name, x.value, x.confidence) for x in item.labels] == [
        ("human", "second", None),
        ("mistral-7b-instruct", "first", 0.7),
        ("gpt-3.5-turbo", "second", 0.6),
        ("gpt-4-turbo", "second", 0.9),
    ]


def test_mmlu(data):
    data("routing/mmlu/mmlu_virology.csv", 'prompt,one,two\n"Which?\nA. x",True,False\n')
    [item] = load("mmlu")
    assert (item.document.id, item.document.text) == ("virology-0", "Which?\nA. x")
    assert [(x.name, x.value) for x in item.labels] == [("one", "true"), ("two", "false")]


INVENTORIES = {
    "casi": ('sf,target_lf_sense,target_label\nRA,"room air",x\nRA,right atrium,y\n', None),
    "casi-all": ("SF|LF|MetaMap CUI\nRA|room air|C1\nRA|right atrium|C2\n", None),
    "vanderbilt-clinic": (
        "abbreviation\tsense\tvariation\tCUI\tfrequency\nra\troom air\tRA_1\tc1\t0.75\nra\tright atrium\tRA_2\tc2\t0.25\n",
        0.75,
    ),
    "stetson": ("ra\troom air\t0.75\nra\tright atrium\t0.25\n", 0.75),
    "berman": ("ra = room air \nra = right atrium \n", None),
    "columbia": ("RA room air \nRA right atrium \n", None),
    "adam": (
        "### about ###\nRA\tRA:3\troom air:3:0.5|room airs:1:0.2\t0.5\t4\nRA\tRA:2\tright atrium:2:0.4\t0.4\t2\n",
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("source", INVENTORIES)
def test_inventories(data, source):
    text, share = INVENTORIES[source]
    data(f"acronyms/{SOURCES[source].file}", text)
    [item] = load("acronym-inventories", source)
    assert item.document.text.lower() == "ra"
    assert [(x.name, x.value) for x in item.labels] == [
        ("sense", "room air"), ("sense", "right atrium"),
    ]  # fmt: skip
    assert item.labels[0].confidence == share


def test_pubmed_substitution(data):
    data(
        "acronyms/pubmed_reverse_substitution_dev.csv",
        "acronym_,expansion,id,text\nRA,room air,DEV-0,OpRA and RA .\nRA,room air,DEV-1,Nothing\n",
    )
    one, two = load("pubmed-substitution", "dev")
    assert labels(one) == [("acronym", "RA", {"sense": "room air"})]
    assert one.spans[0].start == 9
    assert (two.spans, two.skipped) == ((), 1)


@pytest.mark.parametrize("name", NAMES)
def test_real_corpora_are_as_the_catalogue_says(name):
    found = entry(name)
    if not found.is_present():
        pytest.skip("not here: set CLINIE_DATA to the folder of corpora")
    number = 0
    for part in found.splits:
        ids = set()
        for item in load(name, part):
            assert item.document.id not in ids
            ids.add(item.document.id)
            spans = {span.id for span in item.spans}
            assert len(spans) == len(item.spans)
            for span in item.spans:
                assert item.document.text[span.start : span.end] == span.text
            assert all({r.head, r.tail} <= spans for r in item.relations)
        assert ids, part
        number += len(ids)
    if name != "acronym-inventories":
        assert found.size.split()[0] == str(number)
    for task in found.tasks:
        schema = load_task(task).schema
        for record in load(name, found.splits[-1], task=task):
            for span in record.spans:
                label = schema.label(span.label)
                assert label is not None
                for attribute, value in span.attributes.items():
                    allowed = label.attributes[attribute]
                    assert not allowed or value in allowed
            assert all(schema.document_label(said.name) for said in record.labels)
