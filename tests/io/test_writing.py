"""Writers: what goes in comes back, nothing leaves its folder, nothing is left half done."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinie.errors import ConfigError, InputError, OutputError
from clinie.io import COLUMNS, open_writer, output_format, read_records, sidecar, to_frame
from clinie.io.brat import file_name, standoff
from clinie.io.files import Appender
from clinie.io.records import cut_torn_line
from clinie.schema import Document, Extraction, Finding, Label, Relation, Span, Trace, Windows

NOTE = Document("Lasix 40 mg\r\nfor edema. \U0001f600 Mother: diabetes.", "n1")


def span(number: int, start: int, end: int, text: str = NOTE.text, **more) -> Span:
    return Span(f"s{number}", more.pop("label", "medication"), start, end, text[start:end], **more)


CODES = (
    {"system": "ICD-10 CM: a", "code": "R60.9", "display": "Edema,\nunspecified", "match": "exact"},
    {"system": "x", "code": "1:2 %", "display": "", "match": "normalized"},
)

RECORD = Extraction(
    "n1",
    "medications@1",
    spans=(
        span(0, 0, 5, attributes={"status": "active", "relative": None}, confidence=0.9),
        span(1, 6, 22, label="dosage", fragments=((6, 8), (17, 22)), codes=CODES),
        span(2, 6, 22, label="reason", attributes={"relative": "mother's sister"}),
    ),
    relations=(Relation("r0", "dosage", "s0", "s1", confidence=0.5),),
    labels=(Label("l0", "arm", "two\nlines", span="s1"), Label("l1", "allergies", "none")),
    findings=(Finding("ungrounded", "reject", "half \ud83d"), Finding("ambiguous", "flag", None)),
    trace=(Trace("local", "m@1", "p@1", 3, 4, 0.5),),
)


def write(out: Path, *items, kind=None, **options) -> Path:
    writer = open_writer(str(out), output_format(str(out), kind), **options)
    for document, records in items:
        writer.write(document, records)
    writer.close(complete=True)
    return out


def mode(path: Path) -> str:
    return oct(path.stat().st_mode & 0o777)


def test_jsonl_reads_back_and_is_its_owners_alone(tmp_path):
    out = write(tmp_path / "o.jsonl", (NOTE, [RECORD, RECORD]), (NOTE, [RECORD]))
    assert list(read_records(out)) == [RECORD] * 3
    assert mode(out) == "0o600"


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet", "spacy"])
def test_overwriting_closes_a_file_to_others(tmp_path, kind):
    out = tmp_path / f"o.{kind}"
    out.write_text("old")
    out.chmod(0o644)
    with pytest.raises(OutputError, match=r"exists \(.*--overwrite replaces it"):
        write(out)
    assert out.read_text() == "old"
    write(out, (NOTE, [RECORD]), overwrite=True)
    assert mode(out) == "0o600"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


@pytest.mark.parametrize("kind", ["csv", "parquet", "spacy"])
def test_a_run_that_broke_off_leaves_no_table(tmp_path, kind):
    writer = open_writer(str(tmp_path / f"o.{kind}"), kind)
    writer.write(NOTE, [RECORD])
    writer.close(complete=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["no/o.jsonl", "no/o.csv", "file/o.jsonl"])
def test_places_that_cannot_be_written_are_one_error(tmp_path, name):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match=r"cannot be written: .* \(make the folder first\)"):
        write(tmp_path / name)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_have_one_row_per_item(tmp_path, kind):
    out = write(tmp_path / f"o.{kind}", (NOTE, [RECORD]), (NOTE, []))
    frame = pd.read_parquet(out) if kind == "parquet" else pd.read_csv(out, keep_default_na=False)
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["kind"]) == ["span"] * 3 + ["relation"] + ["label"] * 2 + ["finding"] * 2
    assert frame["text"][1] == NOTE.text[6:22]
    assert json.loads(frame["fragments"][1]) == [[6, 8], [17, 22]]
    assert json.loads(frame["codes"][1]) == list(CODES)
    assert json.loads(frame["attributes"][0]) == {"status": "active", "relative": None}
    assert (frame["head"][3], frame["tail"][3]) == ("s0", "s1")
    assert (frame["label"][4], frame["value"][4], frame["head"][4]) == ("arm", "two\nlines", "s1")
    assert (frame["label"][6], frame["severity"][6]) == ("ungrounded", "reject")
    assert frame["text"][6] == "half \\ud83d"


def test_parquet_writes_row_groups_as_it_goes(tmp_path):
    import pyarrow.parquet as pq

    many = Extraction("n1", "t@1", findings=(Finding("ambiguous", "flag"),) * 10_000)
    out = write(tmp_path / "o.parquet", *[(NOTE, [many])] * 4)
    assert pq.ParquetFile(out).metadata.num_row_groups == 2
    assert len(pd.read_parquet(out)) == 40_000


def test_the_frame_is_the_same_table():
    frame = to_frame([RECORD])
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["start"][:2]) == [0, 6]
    assert frame["start"].dtype == "Int64"
    assert list(to_frame([]).columns) == list(COLUMNS)


def test_standoff():
    assert standoff(NOTE, [RECORD, RECORD]).splitlines()[:11] == [
        "T1\tmedication 0 5\tLasix",
        "A1\tstatus T1 active",
        "T2\tdosage 6 8;17 22\t40 edema",
        "N1\tReference T2 ICD-10%20CM%3A%20a:R60.9\tEdema, unspecified",
        "N2\tReference T2 x:1:2%20%25\t",
        "T3\treason 6 11;13 22\t40 mg for edema",
        "#1\tAnnotatorNotes T3\trelative=mother's sister",
        "R1\tdosage Arg1:T1 Arg2:T2",
        "#2\tAnnotatorNotes T2\tarm=two lines",
        "T4\tmedication 0 5\tLasix",
        "A2\tstatus T4 active",
    ]


def test_brat_folder_reads_back(tmp_path):
    other = Document("x", "sub/n2")
    out = write(tmp_path / "o", (NOTE, [RECORD]), (other, []), kind="brat")
    assert (out / "n1.txt").read_bytes().decode() == NOTE.text
    assert (out / "sub/n2.ann").read_text() == ""
    for line in (out / "n1.ann").read_bytes().decode().split("\n"):
        if found := re.fullmatch(r"T\d+\t\w+ ([\d ;]+)\t(.*)", line):
            extents = [map(int, piece.split()) for piece in found[1].split(";")]
            assert " ".join(NOTE.text[start:end] for start, end in extents) == found[2]
    assert {mode(path) for path in out.rglob("*") if path.is_file()} == {"0o600"}
    with pytest.raises(OutputError, match="the folder is not empty"):
        write(out, kind="brat")


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_overwriting_standoff_removes_what_the_earlier_run_wrote_and_nothing_else(tmp_path):
    others = [Document("x", "sub/n2"), Document("x", "gone/deep/n3"), Document("x", "v1.2")]
    out = write(tmp_path / "o", (NOTE, [RECORD]), *((o, []) for o in others), kind="brat")
    (out / "annotation.conf").write_text("mine")
    (out / "sub" / "mine.txt").write_text("mine")
    (out / "gone" / "deep" / "n3.ann").unlink()
    with (out / ".clinie").open("a") as stream:
        stream.write("../outside\n/etc/nothing\n\nsub/mine")  # the last one is torn
    (tmp_path / "outside.txt").write_text("mine")
    write(out, (NOTE, []), kind="brat", overwrite=True)
    assert files(out) == {".clinie", "annotation.conf", "sub", "sub/mine.txt", "n1.ann", "n1.txt"}
    assert (out / "n1.ann").read_text() == ""
    assert (tmp_path / "outside.txt").exists()


def test_standoff_never_replaces_files_of_others(tmp_path):
    out = tmp_path / "o"
    out.mkdir()
    (out / "n1.txt").write_text("mine")
    with pytest.raises(OutputError, match="holds files that Clinie did not write"):
        write(out, (NOTE, []), kind="brat", overwrite=True)
    (out / ".clinie").write_text("n2\n")
    with pytest.raises(OutputError, match="n1: a file of this name stands there already"):
        write(out, (NOTE, []), kind="brat", overwrite=True)
    assert (out / "n1.txt").read_text() == "mine"


HOSTILE = ["../../x", "/etc/x", "..", ".", "", "a/../../b", "a//b", "\0", "a\\b", "~", "x" * 999,
           "é" * 200, "a\nb", ".git/x", "con:", " ",
           "a.txt", "a.txt/b", "a.ann/b", "a", "%2E%2E/x"]  # fmt: skip


def test_hostile_ids_stay_inside_and_apart(tmp_path):
    out = tmp_path / "deep" / "o"
    documents = [Document(f"text of {i!r}", i) for i in HOSTILE]
    write(out, *((document, []) for document in documents), kind="brat")
    written = {path.read_text() for path in out.rglob("*.txt") if path.is_file()}
    assert written == {document.text for document in documents}
    assert {path.name for path in tmp_path.rglob("*") if path.parent in (tmp_path, out.parent)} == {
        "deep",
        "o",
    }


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), unique=True))
def test_file_names_stay_inside_and_apart(ids):
    names = [file_name(i) for i in ids]
    assert len(set(names)) == len(ids)
    for name in names:
        assert not name.is_absolute()
        assert not {"..", ".", ""} & set(name.parts)
        assert all(len(f"{part}.txt".encode()) <= 255 for part in name.parts)


TEXT = st.text(max_size=12)
OPTIONAL = st.none() | TEXT
SCORE = st.none() | st.floats(0, 1)
DECISION = st.sampled_from(["accept", "defer", None])
SPAN = st.builds(
    Span,
    id=TEXT,
    label=TEXT,
    start=st.integers(0, 99),
    end=st.integers(0, 99),
    text=TEXT,
    fragments=st.none() | st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9))).map(tuple),
    attributes=st.dictionaries(TEXT, OPTIONAL, max_size=3),
    codes=st.lists(st.dictionaries(TEXT, TEXT, max_size=2), max_size=2).map(tuple),
    confidence=SCORE,
    decision=DECISION,
    tier=OPTIONAL,
)
FINDING = st.builds(
    Finding,
    code=TEXT,
    severity=st.sampled_from(["reject", "flag", "info"]),
    item=OPTIONAL,
    start=st.none() | st.integers(0, 9),
)
EXTRACTION = st.builds(
    Extraction,
    document_id=TEXT,
    task=TEXT,
    spans=st.lists(SPAN, max_size=3).map(tuple),
    relations=st.lists(
        st.builds(Relation, id=TEXT, label=TEXT, head=TEXT, tail=TEXT, risk=SCORE), max_size=2
    ).map(tuple),
    labels=st.lists(st.builds(Label, id=TEXT, name=TEXT, value=TEXT, span=OPTIONAL)).map(tuple),
    findings=st.lists(FINDING, max_size=3).map(tuple),
    complete=st.booleans(),
    windows=st.builds(Windows, total=st.integers(0, 9), failed=st.integers(0, 9)),
    decision=DECISION,
    reason=TEXT,
)


@settings(max_examples=40, deadline=None)
@given(st.lists(EXTRACTION, max_size=4))
def test_any_record_survives_jsonl_and_fits_every_table(tmp_path_factory, records):
    """Half surrogate pairs included: a model may say anything."""
    folder = tmp_path_factory.mktemp("records")
    assert list(read_records(write(folder / "o.jsonl", (NOTE, records)))) == records
    rows = sum(len((*r.spans, *r.relations, *r.labels, *r.findings)) for r in records)
    with write(folder / "o.csv", (NOTE, records)).open(newline="", encoding="utf-8") as stream:
        assert len(list(csv.reader(stream))) == rows + 1
    assert len(pd.read_parquet(write(folder / "o.parquet", (NOTE, records)))) == rows
    assert len(to_frame(records)) == rows


@pytest.mark.parametrize(
    ("line", "what"),
    [("{", "not JSON"), ("{}", "not a record"), ("[]", "not a record"), ("\xff", "not")],
)
def test_a_line_that_is_no_record_is_named(tmp_path, line, what):
    out = write(tmp_path / "o.jsonl", (NOTE, [RECORD]))
    out.write_bytes(out.read_bytes() + line.encode("latin-1") + b"\n")
    records = read_records(out)
    assert next(records) == RECORD
    with pytest.raises(InputError, match=rf"o\.jsonl:2: {what}"):
        next(records)


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 200_000])
def test_a_torn_line_is_cut_off_and_nothing_else(tmp_path, size):
    path = tmp_path / "o.jsonl"
    for whole in (b"", b"one\n", b"one\n" + b"x" * 70_000 + b"\n"):
        path.write_bytes(whole + b"y" * size)
        cut_torn_line(path)
        assert path.read_bytes() == whole


def test_a_full_disk_is_one_error():
    with pytest.raises(OutputError, match=r"/dev/full: cannot be written: .*\(free some space\)"):
        Appender(Path("/dev/full")).write(b"x")


def test_formats_follow_suffixes():
    assert [output_format(x) for x in ("a.JSONL", "a.csv", "a.parquet", "a.spacy", "a/")] == [
        "jsonl", "csv", "parquet", "spacy", "brat",
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="cannot be told from its suffix"):
        output_format("a.txt")
    with pytest.raises(ConfigError, match="unknown output format 'xml'"):
        output_format("a.txt", "xml")


def test_sidecars_stand_beside_their_output():
    assert sidecar("a/facts.jsonl", "errors") == Path("a/facts.errors.jsonl")
    assert sidecar("a/run.2024/", "errors") == Path("a/run.2024.errors.jsonl")
