"""Our annotations on texts that do not ship: they fit their texts, and only those."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from importlib.resources import files

import pytest

from clinie.datasets import corpora, standoff
from clinie.datasets.scoring import attribute_pairs, cohen_kappa
from clinie.errors import InputError
from clinie.schema import Document

TEXT = "Lasix 40 mg. NKDA."
LINE = {
    "document_id": "a",
    "task": "medications@1",
    "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
    "spans": [["medication", 0, 5, {"status": "active"}], ["dosage", 6, 11]],
    "relations": [["dosage", 0, 1]],
    "labels": [["no_known_allergies", "true"]],
}
STATUS = {"active", "discontinued", "neither"}
PARTS = {"dosage", "route", "frequency", "duration", "reason"}
needs_corpora = pytest.mark.skipif(corpora.root() is None, reason="no corpora (CLINIE_DATA)")


@pytest.fixture
def gold(tmp_path, monkeypatch):
    (tmp_path / "gold").mkdir()
    (tmp_path / "gold" / "mine.jsonl").write_text(json.dumps(LINE) + "\n")
    monkeypatch.setattr(standoff, "files", lambda package: tmp_path)


def test_annotations_meet_their_text(gold):
    (record,) = standoff.apply("mine", [Document(TEXT, "a"), Document("Other.", "b")])
    assert [(s.label, s.text, dict(s.attributes)) for s in record.spans] == [
        ("medication", "Lasix", {"status": "active"}),
        ("dosage", "40 mg", {}),
    ]
    assert [(r.label, r.head, r.tail) for r in record.relations] == [("dosage", "s0", "s1")]
    assert [(x.name, x.value) for x in record.labels] == [("no_known_allergies", "true")]


@pytest.mark.parametrize("texts", [[], [Document(TEXT + "\n", "a")]])
def test_another_text_is_refused_by_name(gold, texts):
    with pytest.raises(InputError, match=r"a: .*another version"):
        list(standoff.apply("mine", texts))


@pytest.mark.parametrize("which", ["first", "second", "adjudicated"])
def test_the_annotations_of_aci_bench_are_well_formed_and_hold_no_text(which):
    path = files("clinie.datasets") / "gold" / "medication_status" / f"{which}.jsonl"
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    mentions = [s for r in records for s in r["spans"] if s[0] == "medication"]
    assert len(records) == len({r["document_id"] for r in records}) == 80
    assert len(mentions) >= 300
    assert {s[3]["status"] for s in mentions} == STATUS
    for record in records:
        assert set(record) == {"document_id", "task", "sha256", "spans", "relations"}
        for label, start, end, *rest in record["spans"]:
            assert label in PARTS | {"medication"}
            assert 0 <= start < end
            assert rest == [] or (label == "medication" and set(rest[0]) == {"status"})
        for label, head, tail in record["relations"]:
            assert record["spans"][head][0] == "medication"
            assert record["spans"][tail][0] == label


@needs_corpora
def test_the_annotations_fit_the_corpus():
    gold = list(standoff.aci_bench_medications())
    first, second = (list(standoff.aci_bench_medications(w)) for w in ("first", "second"))
    for record in gold:
        for span in record.spans:
            assert span.text == span.text.strip(), record.document_id
            assert "\n\n" not in span.text, record.document_id
    counts = Counter(s.attributes["status"] for r in gold for s in r.spans if s.attributes)
    assert min(counts.values()) >= 20
    pairs = [p for a, b in zip(first, second, strict=True)
             for p in attribute_pairs(a.spans, b.spans, "status")]  # fmt: skip
    assert cohen_kappa(pairs) > 0.8
