"""BRAT read back: our own folders, what brat writes, and lines that are neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.errors import InputError
from clinie.io import open_writer
from clinie.io.brat import file_name
from clinie.io.brat_reading import document_id, read_brat, read_standoff
from clinie.schema import Document, Extraction, Relation, Span

TEXT = "Aspirin 75 mg for chest\npain, rash on left and right arm."
NOTE = Document(TEXT, "ward/a.1 b:c")
RECORD = Extraction(
    NOTE.id,
    "medications@1",
    (
        Span("s0", "medication", 0, 7, "Aspirin", attributes={"status": "active"},
             codes=({"system": "Rx Norm", "code": "1191", "display": "aspirin"},)),
        Span("s1", "reason", 18, 28, TEXT[18:28]),
        Span("s2", "reason", 30, 56, TEXT[30:56], ((30, 42), (53, 56)),
             {"relative": "his older brother"}),
    ),
    (Relation("r0", "reason", "s0", "s1"),),
)  # fmt: skip


def facts(spans, relations):
    places = {
        s.id: (s.label, s.start, s.end, s.text, s.fragments, dict(s.attributes), s.codes)
        for s in spans
    }
    return list(places.values()), [(r.label, places[r.head], places[r.tail]) for r in relations]


def test_a_folder_of_ours_reads_back(tmp_path):
    out = open_writer(f"{tmp_path / 'o'}/", "brat")
    out.write(NOTE, [RECORD])
    out.write(Document("Nothing.", "plain"), [])
    out.close(complete=True)
    (plain, nothing), (note, found) = sorted(read_brat(tmp_path / "o"), key=lambda x: x[0].id)
    assert (plain.id, nothing.spans) == ("plain", ())
    assert note == Document(TEXT, NOTE.id)
    assert facts(found.spans, found.relations) == facts(RECORD.spans, RECORD.relations)
    assert found.skipped == ()


def test_what_brat_writes_reads_as_spans_and_relations():
    found = read_standoff(
        Document("No fever after aspirin", "d"),
        "T1\tFinding 3 8\tfever\r\nT2\tDrug 15 22\taspirin\nE1\tFinding:T1 Cause:T2 Also-With:T2\n"
        "A1\tNegated E1\nM1\tSpeculation E1\nR1\tseen_after Arg1:E1 Arg2:T2\t\n"
        "N1\tReference T2 RxNorm:1191\taspirin\n*\tEquiv T1 T2\n#1\tAnnotatorNotes T1\tsure?\n\n",
    )
    assert [(s.id, s.label, s.text, dict(s.attributes)) for s in found.spans] == [
        ("T1", "Finding", "fever", {"Negated": "true", "Speculation": "true"}),
        ("T2", "Drug", "aspirin", {}),
    ]
    assert [(r.id, r.label, r.head, r.tail) for r in found.relations] == [
        ("E1.1", "Cause", "T1", "T2"),
        ("E1.2", "Also-With", "T1", "T2"),
        ("R1", "seen_after", "T1", "T2"),
    ]
    assert found.spans[1].codes == ({"system": "RxNorm", "code": "1191", "display": "aspirin"},)


def test_words_that_stand_elsewhere_are_left_out_and_counted():
    found = read_standoff(
        Document("No fever", "d"),
        "T1\tFinding 2 7\tfever\nT2\tFinding 3 8\tfever\nR1\tx Arg1:T1 Arg2:T2\nR2\tx Arg1:T2 Arg2:T9",
    )
    assert [s.id for s in found.spans] == ["T2"]
    assert found.skipped == (1, 3, 4)


@pytest.mark.parametrize(
    "line",
    [
        "T2\tFinding 3 x\tfever",
        "T2\tFinding\tfever",
        "T2\tFinding 3 8",
        "T2\tFinding 8 3\tfever",
        "T1\tFinding 3 8\tfever",
        "E1\t",
        "R1\tx T1 T2",
        "A1\tNegated",
        "N1\tReference T1",
        "?1\tsecretfever",
        "secretfever",
    ],
)
def test_other_lines_are_refused_by_their_number(line):
    with pytest.raises(InputError) as caught:
        read_standoff(Document("No fever", "d"), f"T1\tA 0 2\tNo\n{line}\n", place="x/d.ann")
    assert str(caught.value).startswith("x/d.ann:2: not a line of BRAT standoff")
    assert "fever" not in str(caught.value)


def test_a_folder_that_is_none_of_brat(tmp_path):
    with pytest.raises(InputError, match=r"no \.txt file"):
        list(read_brat(tmp_path))
    (tmp_path / "a.ann").write_text("")
    with pytest.raises(InputError, match=r"a\.ann: no \.txt stands beside it"):
        list(read_brat(tmp_path))
    (tmp_path / "a.txt").write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"a\.txt:1: not UTF-8"):
        list(read_brat(tmp_path))


@given(st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40))
def test_names_of_files_lead_back_to_ids(id):
    name = file_name(id)
    if "%%" not in str(name) and "//" not in id and not id.startswith("/") and not id.endswith("/"):
        assert file_name(document_id(name)) == name
