"""spaCy: the component, the extensions, DocBin."""

from __future__ import annotations

import asyncio

import pytest

from clinie.api import extract
from clinie.errors import ConfigError
from clinie.io import open_writer
from clinie.runs.spacy_component import ClinieComponent
from clinie.schema import Document

spacy = pytest.importorskip("spacy")

NOTE = "Lasix 40mg/day p.o. for edema.\r\nCoumadin held. No fever."


@pytest.fixture
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("clinie", config={"task": "medications"})
    return nlp


def test_spans_carry_the_record(nlp):
    doc = nlp(NOTE)
    record = extract(NOTE, "medications")
    assert doc._.clinie == record
    assert [span._.clinie for span in doc.spans["clinie"]] == list(record.spans)
    for span in doc.spans["clinie"]:
        exact = span._.clinie
        assert span.label_ == exact.label
        assert span.start_char <= exact.start < exact.end <= span.end_char
        assert NOTE[exact.start : exact.end] == exact.text
    assert doc[0:1]._.clinie is None
    assert doc._.clinie.relations


def test_two_tasks_stand_side_by_side(nlp):
    nlp.add_pipe("clinie", name="problems", config={"task": "conditions"})
    doc = nlp(NOTE)
    assert list(doc._.clinie_records) == ["medications@1", "conditions@1"]
    assert doc._.clinie.task == "conditions@1"
    both = sum(len(record.spans) for record in doc._.clinie_records.values())
    assert len(doc.spans["clinie"]) == both
    again = nlp.get_pipe("clinie")(doc)
    assert len(again.spans["clinie"]) == both
    assert again._.clinie.task == "medications@1"


def test_pipe_keeps_order_ids_and_docs_without_anything(nlp):
    docs = [nlp.make_doc(f"{NOTE} {number}") for number in range(40)] + [nlp.make_doc("")]
    for number, doc in enumerate(docs):
        doc.user_data["document_id"] = f"n{number}"
    done = list(nlp.pipe(docs))
    assert [doc._.clinie.document_id for doc in done] == [f"n{number}" for number in range(41)]
    assert nlp.make_doc("x")._.clinie is None


def test_docs_travel_as_bytes(nlp):
    doc = nlp(NOTE)
    copy = spacy.tokens.Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert copy._.clinie == doc._.clinie
    assert [s._.clinie for s in copy.spans["clinie"]] == list(doc._.clinie.spans)


def test_it_works_where_a_loop_runs_already(nlp):
    async def notebook():
        return nlp(NOTE)

    assert asyncio.run(notebook())._.clinie.spans


def test_doc_bin_reads_back(tmp_path):
    documents = [Document(NOTE, "n1"), Document("\r\n Nothing.", "n2")]
    out = tmp_path / "o.spacy"
    writer = open_writer(str(out), "spacy")
    records = [[extract(d, task) for task in ("medications", "conditions")] for d in documents]
    for document, extractions in zip(documents, records, strict=True):
        writer.write(document, extractions)
    writer.close(complete=True)
    vocab = spacy.blank("en").vocab
    docs = list(spacy.tokens.DocBin().from_disk(out).get_docs(vocab))
    assert [doc.text for doc in docs] == [document.text for document in documents]
    assert [doc.user_data["document_id"] for doc in docs] == ["n1", "n2"]
    assert [list(doc._.clinie_records.values()) for doc in docs] == records


def test_an_unknown_task_is_named():
    with pytest.raises(ConfigError, match="unknown task 'nothing'"):
        ClinieComponent("nothing")


def test_without_spacy_the_mend_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "spacy", None)
    with pytest.raises(ConfigError, match=r"spaCy is not installed \(pip install"):
        open_writer(str(tmp_path / "o.spacy"), "spacy")
    assert list(tmp_path.iterdir()) == []
