"""The record: its JSON form, its round trip, and what its representations hide."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie import Document, Extraction, Finding, Label, Relation, Span, Trace, Windows

SPAN = Span(
    "s0",
    "medication",
    0,
    5,
    "Lasix",
    attributes={"status": "active"},
    confidence=0.97,
    risk=0.01,
    decision="accept",
    reason="certified at 0.05",
    tier="local",
)
RECORD = Extraction(
    document_id="n1",
    task="medications@1",
    spans=(SPAN, Span("s1", "dosage", 6, 20, "left leg swelling", fragments=((6, 10), (12, 20)))),
    relations=(Relation("r0", "dosage", "s0", "s1", confidence=0.95, tier="local"),),
    labels=(Label("l0", "arm", "placebo", span="s1", confidence=0.9),),
    findings=(Finding("number_mismatch", "reject", "metoprolol 50 mg"),),
    decision="accept",
    reason="all items certified",
    trace=(Trace("local", "tagger@1", "medications@1", decision="accept"),),
)


def test_json_has_the_keys_of_the_contract_in_order():
    record = json.loads(RECORD.to_json())
    assert list(record) == [
        "schema",
        "document_id",
        "task",
        "spans",
        "relations",
        "labels",
        "findings",
        "complete",
        "windows",
        "decision",
        "reason",
        "trace",
    ]
    assert record["schema"] == "clinie.extraction/1"
    assert record["spans"][0] == {
        "id": "s0",
        "label": "medication",
        "start": 0,
        "end": 5,
        "text": "Lasix",
        "fragments": None,
        "attributes": {"status": "active"},
        "codes": [],
        "confidence": 0.97,
        "risk": 0.01,
        "decision": "accept",
        "reason": "certified at 0.05",
        "tier": "local",
    }
    assert record["spans"][1]["fragments"] == [[6, 10], [12, 20]]
    assert record["findings"] == [
        {
            "code": "number_mismatch",
            "severity": "reject",
            "item": "metoprolol 50 mg",
            "start": None,
            "end": None,
        }
    ]
    assert record["windows"] == {"total": 1, "failed": 0}


def test_round_trip():
    assert Extraction.from_dict(json.loads(RECORD.to_json())) == RECORD


@given(
    text=st.text(min_size=1),
    attributes=st.dictionaries(st.text(), st.none() | st.text()),
    confidence=st.none() | st.floats(0, 1),
    failed=st.integers(0, 5),
)
def test_round_trip_of_any_text(text, attributes, confidence, failed):
    span = Span("s0", "x", 0, len(text), text, attributes=attributes, confidence=confidence)
    record = Extraction("d", "t@1", spans=(span,), windows=Windows(5, failed))
    line = record.to_json()
    assert "\n" not in line
    assert Extraction.from_dict(json.loads(line)) == record


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: record.pop("spans"),
        lambda record: record.update(schema="clinie.extraction/2"),
        lambda record: record["spans"][0].pop("label"),
        lambda record: record["findings"][0].update(surprise=1),
    ],
)
def test_a_damaged_record_is_refused(damage):
    record = RECORD.to_dict()
    damage(record)
    with pytest.raises(ValueError, match="record"):
        Extraction.from_dict(record)


def test_representations_hide_the_note():
    document = Document(text="secret words", id="n1", metadata={"note": "secret words"})
    record = Extraction(
        "n1",
        "t@1",
        spans=(Span("s0", "x", 0, 6, "secret"),),
        labels=(Label("l0", "x", "secret"),),
        findings=(Finding("ungrounded", "reject", "secret"),),
        document=document,
    )
    assert "secret" not in repr(document) + repr(record)
    assert "n1" in repr(record)


def test_the_document_is_no_part_of_the_record():
    document = Document(text="Lasix", id="n1")
    with_document = Extraction("n1", "t@1", document=document)
    assert with_document == Extraction("n1", "t@1")
    assert "document" not in with_document.to_dict()
    assert "Lasix" not in with_document.to_json()
