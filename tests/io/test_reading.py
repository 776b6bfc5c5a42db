"""Readers: every kind of input, and what is said about a bad one."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinie.errors import ConfigError, InputError
from clinie.io import frame_documents, read_documents
from clinie.schema import Document


def good(reads):
    reads = list(reads)
    assert all(isinstance(read, Document) for read in reads), reads
    return reads


def errors(reads):
    return [read for read in reads if isinstance(read, InputError)]


def pipe(monkeypatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_folder_is_read_recursively_in_order_of_names(tmp_path):
    for name in ("b.txt", "sub/a.txt", "sub/deep/z.TXT", "a.b.txt", ".hidden.txt", "sub/x.md"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    sources = read_documents([tmp_path])
    assert [doc.id for doc in good(sources)] == ["a.b", "b", "sub/a", "sub/deep/z"]
    assert [doc.id for doc in sources] == [doc.id for doc in sources], "may be read again"
    assert sources.count() == 4


def test_a_link_to_a_folder_above_does_not_loop(tmp_path):
    (tmp_path / "a.txt").write_text("note")
    (tmp_path / "again").symlink_to(tmp_path)
    assert [doc.id for doc in good(read_documents([tmp_path]))] == ["a"]


def test_text_is_untouched_but_for_the_byte_order_mark(tmp_path):
    path = tmp_path / "n.txt"
    text = "a\r\nb\rc\n\te\u0301 \U0001f600\u2028 \ufeffend"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    [document] = good(read_documents([path]))
    assert document == Document(text=text, id="n")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"fine\nDiagnose: \xe4", ":2: not UTF-8 at byte 15"),
        (b"\xff\xfea\0", ": not UTF-8 but UTF-16"),
        (b"%PDF\0\1", ": not a text file: a NUL byte at byte 4"),
        (b"", ": the note is empty"),
        (b" \r\n\t", ": the note is empty"),
    ],
)
def test_bad_files_do_not_stop_the_others(tmp_path, data, what):
    (tmp_path / "a.txt").write_text("fine")
    (tmp_path / "b.txt").write_bytes(data)
    (tmp_path / "c.txt").write_text("fine")
    first, error, last = read_documents([tmp_path])
    assert (first.id, last.id) == ("a", "c")
    assert isinstance(error, InputError)
    assert error.document_id == "b"
    assert error.message == f"{tmp_path}/b.txt{what}"
    assert error.message.startswith(f"{error.place}: ")
    assert error.mend


def test_a_file_that_vanishes_is_one_error(tmp_path):
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone")
    (tmp_path / "b.txt").write_text("fine")
    error, document = read_documents([tmp_path])
    assert document.id == "b"
    assert str(error).startswith(f"{tmp_path}/a.txt: cannot be read: No such file")


def test_a_file_name_that_is_not_unicode_is_one_error(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_text("note")
    [error] = read_documents([tmp_path])
    assert "the id cannot be written as UTF-8" in str(error)


@pytest.mark.parametrize("name", ["gone", "gone.csv", "gone.jsonl", "gone.parquet", "gone.txt"])
def test_missing_paths_are_refused_at_once(tmp_path, name):
    with pytest.raises(InputError, match=f"{name}: cannot be read: No such file"):
        read_documents([tmp_path / name])


@pytest.mark.parametrize("suffix", [".json", ".pdf", ".docx", ".xlsx", ".gz"])
def test_formats_that_are_not_read_say_what_to_do(tmp_path, suffix):
    with pytest.raises(InputError, match=rf"\{suffix} files are not read \(.+\)"):
        read_documents([tmp_path / f"n{suffix}"])


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no \.txt file in this folder"):
        read_documents([tmp_path])


def test_duplicate_ids_name_both_places(tmp_path):
    for name in ("x/a.txt", "y/a.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("note")
    document, error = read_documents([tmp_path / "x", tmp_path / "y"])
    assert document.id == "a"
    assert error.place == f"{tmp_path}/y/a.txt"
    assert f"was read before, from {tmp_path}/x/a.txt" in str(error)


def jsonl(tmp_path: Path, *lines: bytes | dict) -> Path:
    path = tmp_path / "n.jsonl"
    path.write_bytes(
        b"\n".join(x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines)
    )
    return path


def test_jsonl_carries_patient_date_and_metadata(tmp_path):
    row = {"id": 7, "text": "a\u2028b", "patient": "p", "date": "2024-01-02", "ward": "B"}
    path = jsonl(tmp_path, row | {"metadata": {"k": 1}}, b"", {"id": "8", "text": "c"})
    first, second = good(read_documents([path]))
    assert first == Document("a\u2028b", "7", "p", "2024-01-02", {"ward": "B", "k": 1})
    assert second == Document("c", "8")


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b'{"id": "x", "text": ', "malformed JSON at column 21: Expecting value"),
        (b"[1]", "not a JSON object but list"),
        (b'{"text": "a"}', "no id in 'id'"),
        (b'{"id": "", "text": "a"}', "no id in 'id'"),
        (b'{"id": 1.5, "text": "a"}', "the id in 'id' is not a string but float"),
        (b'{"id": true, "text": "a"}', "the id in 'id' is not a string but bool"),
        (b'{"id": "x"}', "no text in 'text'"),
        (b'{"id": "x", "text": null}', "the text in 'text' is missing"),
        (b'{"id": "x", "text": 3}', "the text in 'text' is not a string but int"),
        (b'{"id": "x", "text": " "}', "the note is empty"),
        (b'{"id": "x", "text": "\\ud800"}', "the text cannot be written as UTF-8"),
        (b'{"id": "\\ud800", "text": "a"}', "the id cannot be written as UTF-8"),
        (b'{"id": "x", "text": "\xe4"}', "not UTF-8 at byte 21"),
        (b"[" * 100_000, "malformed JSON"),
        (b'{"id": "first", "text": "b"}', "the id 'first' was read before, from {}:1"),
    ],
)
def test_bad_lines_name_file_and_line(tmp_path, line, what):
    path = jsonl(tmp_path, {"id": "first", "text": "a"}, b"", line, {"id": "last", "text": "a"})
    first, error, last = read_documents([path])
    assert (first.id, last.id) == ("first", "last")
    assert error.place == f"{path}:3"
    assert error.message.startswith(f"{path}:3: {what.format(path)}")
    assert error.mend


def test_columns_may_be_named(tmp_path):
    path = jsonl(tmp_path, {"note_id": "x", "note": "a", "text": "other"})
    [document] = good(read_documents([path], text_column="note", id_column="note_id"))
    assert document == Document("a", "x", metadata={"text": "other"})


def test_csv_keeps_line_ends_inside_quotes_and_very_long_notes(tmp_path):
    long = "word " * 40_000
    path = tmp_path / "n.csv"
    path.write_bytes(f'\ufeffid,text,ward\r\na,"x\r\ny ""z""",B\r\nb,"{long}",\r\n'.encode())
    first, second = good(read_documents([path]))
    assert first == Document('x\r\ny "z"', "a", metadata={"ward": "B"})
    assert second.text == long


def test_tsv(tmp_path):
    path = tmp_path / "n.tsv"
    path.write_text("id\ttext\na\tx, y\n")
    assert good(read_documents([path])) == [Document("x, y", "a")]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (b"x,a,b", "malformed row: 3 fields under a header of 2"),
        (b"x", "malformed row: 1 fields under a header of 2"),
        (b'x,"a"b', "malformed row: "),
        (b"x,\xe4", "not UTF-8"),
        (b",a", "no id in 'id'"),
        (b"x,", "the note is empty"),
    ],
)
def test_bad_rows_name_file_and_first_line(tmp_path, row, what):
    path = tmp_path / "n.csv"
    path.write_bytes(b'id,text\nfirst,"a\nb"\n' + row + b"\nlast,a\n")
    first, error, last = read_documents([path])
    assert (first.id, last.id) == ("first", "last")
    assert error.message.startswith(f"{path}:4: {what}")


def test_a_quote_that_is_never_closed_is_an_error(tmp_path):
    path = tmp_path / "n.csv"
    path.write_text('id,text\na,x\nb,"y\nc,z\n')
    first, error = read_documents([path])
    assert first.id == "a"
    assert error.place == f"{path}:3"


@pytest.mark.parametrize("header", ["id,note", "text,note", "id,text,text", ""])
def test_missing_csv_columns_are_refused_at_once(tmp_path, header):
    path = tmp_path / "n.csv"
    path.write_text(f"{header}\na,b\n")
    with pytest.raises(InputError, match=r"n\.csv:1: (no|more than one) column") as caught:
        read_documents([path])
    assert "note" not in str(caught.value).replace(str(tmp_path), ""), "it may be a note itself"


def test_a_malformed_csv_header_is_refused(tmp_path):
    path = tmp_path / "n.csv"
    path.write_text('"id"x,text\n')
    with pytest.raises(InputError, match=r"n\.csv:1: malformed header"):
        read_documents([path])


def test_parquet_streams_rows_and_names_them(tmp_path):
    path = tmp_path / "n.parquet"
    frame = pd.DataFrame({"id": [1, 2, 1], "text": ["a", None, "c"], "ward": ["A", "B", None]})
    frame.to_parquet(path, row_group_size=2)
    sources = read_documents([path])
    assert sources.count() == 3
    first, missing, twice = sources
    assert first == Document("a", "1", metadata={"ward": "A"})
    assert str(missing).startswith(f"{path}, row 2: the text in 'text' is missing")
    assert str(twice).startswith(f"{path}, row 3: the id '1' was read before, from {path}, row 1")


def test_parquet_refusals(tmp_path):
    path = tmp_path / "n.parquet"
    path.write_text("not parquet")
    with pytest.raises(InputError, match="not a Parquet file"):
        read_documents([path])
    pd.DataFrame({"id": ["a"]}).to_parquet(path)
    with pytest.raises(InputError, match="no column 'text'"):
        read_documents([path])


def test_a_damaged_source_does_not_stop_the_next(tmp_path):
    path = tmp_path / "n.parquet"
    pd.DataFrame({"id": ["a"], "text": ["damaged " * 500]}).to_parquet(path, compression=None)
    data = bytearray(path.read_bytes())
    data[4:200] = b"\xff" * 196
    path.write_bytes(data)
    gone = tmp_path / "gone.jsonl"
    gone.write_text('{"id": "b", "text": "x"}')
    (tmp_path / "last.txt").write_text("fine")
    sources = read_documents([path, gone, tmp_path / "last.txt"])
    gone.unlink()
    damaged, missing, last = sources
    assert str(damaged).startswith(f"{path}: damaged")
    assert str(missing).startswith(f"{gone}: cannot be read: No such file")
    assert last.id == "last"


def test_parquet_bytes_that_are_not_utf8_are_one_error(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    text = pa.array([b"fine", b"\xe4", b"fine"]).view(pa.string())
    pq.write_table(pa.table({"id": ["a", "b", "c"], "text": text}), tmp_path / "n.parquet")
    first, error, last = read_documents([tmp_path / "n.parquet"])
    assert (first.id, last.id) == ("a", "c")
    assert "row 2: not UTF-8" in str(error)


def test_standard_input(monkeypatch):
    pipe(monkeypatch, b"one note\r\n")
    assert good(read_documents(["-"])) == [Document("one note\r\n", "stdin")]
    pipe(monkeypatch, b'{"id": "a", "text": "b"}\n{')
    document, error = read_documents(["-"], stdin_format="jsonl")
    assert document == Document("b", "a")
    assert error.place == "stdin:2"
    pipe(monkeypatch, b"id,text\na,b\n")
    assert good(read_documents(["-"], stdin_format="csv")) == [Document("b", "a")]
    with pytest.raises(ConfigError, match="Parquet cannot be read from standard input"):
        read_documents(["-"], stdin_format="parquet")


def test_counts_are_given_where_they_are_cheap(tmp_path, monkeypatch):
    path = jsonl(tmp_path, {"id": 1, "text": "a"}, {"id": 2, "text": "a"}, b"")
    (tmp_path / "n.csv").write_text("id,text\n")
    (tmp_path / "n.txt").write_text("a")
    assert read_documents([path, tmp_path / "n.txt", "-"]).count() == 4
    assert read_documents([path, tmp_path / "n.csv"]).count() is None
    assert read_documents(["-"], stdin_format="jsonl").count() is None


def test_frame_documents_name_the_row():
    frame = pd.DataFrame({"note": ["a", pd.NA], "n": [1, 2], "date": [pd.NaT, pd.NaT]})
    documents = frame_documents(frame, text="note", id="n")
    assert next(documents) == Document("a", "1")
    with pytest.raises(InputError, match="row 2: the text in 'note' is missing"):
        next(documents)
    with pytest.raises(InputError, match="the DataFrame: no column 'text'"):
        next(frame_documents(frame))
    with pytest.raises(InputError, match="row 1: no id"):
        next(frame_documents(pd.DataFrame({"id": [float("nan")], "text": ["a"]})))


TEXT = st.text(st.characters(exclude_categories=["Cs"])).filter(str.strip)


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXT, min_size=1, max_size=5))
def test_any_text_survives_jsonl_csv_and_parquet(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("any")
    frame = pd.DataFrame({"id": [f"n{i}" for i in range(len(texts))], "text": texts})
    frame.to_json(folder / "n.jsonl", orient="records", lines=True)
    frame.to_parquet(folder / "n.parquet")
    for name in ("n.jsonl", "n.parquet"):
        assert [doc.text for doc in good(read_documents([folder / name]))] == texts
    frame.to_csv(folder / "n.csv", index=False, quoting=1)
    assert [doc.text for doc in good(read_documents([folder / "n.csv"]))] == texts


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_documents_or_errors_with_a_place(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("bytes")
    for name in ("a.txt", "a.jsonl"):
        (folder / name).write_bytes(data)
        for read in read_documents([folder / name]):
            assert isinstance(read, Document) or read.place.startswith(str(folder / name))
    (folder / "a.csv").write_bytes(b"id,text\n" + data)
    for read in read_documents([folder / "a.csv"]):
        assert isinstance(read, Document) or read.place.startswith(str(folder / "a.csv"))
