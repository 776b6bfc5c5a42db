"""``clinie evaluate``: what it accepts, what it says, and that it never quotes a note in an error."""

from __future__ import annotations

import json
import stat

import pytest

from clinie.cli import main
from clinie.datasets import bundled
from clinie.io import open_writer
from clinie.schema import Document, Extraction, Label, Relation, Span

CANARY = "xylophonic"
TEXT = f"Lasix 40 mg daily for {CANARY} edema. Coumadin held."
NOTES = [Document(TEXT, "a"), Document(TEXT, "ward/b")]


def record(document, *, status="active", confidence=0.9, task="medications@1", shift=0):
    start = TEXT.index("Coumadin")
    spans = (
        Span("s0", "medication", 0, 5, "Lasix", attributes={"status": status}, confidence=confidence),
        Span("s1", "dosage", 6, 11 - shift, TEXT[6 : 11 - shift], confidence=confidence),
        Span("s2", "medication", start, start + 8, "Coumadin", attributes={"status": "discontinued"}),
    )  # fmt: skip
    return Extraction(document.id, task, spans, (Relation("r0", "dosage", "s0", "s1"),))


@pytest.fixture
def cli(capsys):
    def call(*arguments):
        code = main(["evaluate", *(str(argument) for argument in arguments)])
        out, err = capsys.readouterr()
        assert CANARY not in err
        return code, out, err

    return call


def write(path, *records):
    path.write_text("".join(f"{r if isinstance(r, str) else r.to_json()}\n" for r in records))
    return path


@pytest.fixture
def gold(tmp_path):
    return write(tmp_path / "gold.jsonl", *map(record, NOTES))


@pytest.fixture
def found(tmp_path):
    return write(
        tmp_path / "found.jsonl",
        record(NOTES[0], task="conditions@1"),
        record(NOTES[0], status="neither", confidence=0.5),
        record(NOTES[1], shift=1),
    )


def test_figures_of_two_files(cli, found, gold):
    code, out, err = cli(found, gold, "-t", "medications")
    assert code == 0
    assert out.startswith(f"medications@1: {found} against {gold}\n2 documents; 95 % intervals")
    lines = {
        line.split("  ")[1]: line.split() for line in out.splitlines() if line.startswith("  ")
    }
    assert lines["medication"][1:6] == ["4", "4", "1.000", "1.000", "1.000"]
    assert "dosage" in lines
    assert "errors: wrong boundaries 1, wrong value 1" in out
    assert "confidence" in out
    assert err == (
        "the text is not at hand (documents: 2): tokens are cut from the words of the spans, "
        "and errors are shown without what stands around them\n"
    )


def test_the_same_command_prints_the_same(cli, found, gold):
    assert cli(found, gold, "-t", "medications") == cli(found, gold, "-t", "medications")
    other = cli(found, gold, "-t", "medications", "--seed", "1", "--resamples", "50")
    assert "from 50 resamples" in other[1]


def test_two_systems_and_both_reports(cli, found, gold, tmp_path):
    page, figures = tmp_path / "out" / "r.html", tmp_path / "out" / "r.json"
    options = ("--report", page, "--json", figures)
    code, out, _ = cli(found, gold, "-t", "medications", "--against", gold, *options)
    assert code == 0
    assert "beside the other prediction" in out
    told = json.loads(figures.read_text())
    assert told["schema"] == "clinie.evaluation/1"
    [micro] = [
        each
        for each in told["comparisons"]
        if (each["section"], each["name"], each["measure"]) == ("spans, strict", "micro", "f1")
    ]
    assert micro["other"] == 1
    assert micro["difference"]["value"] < 0
    assert CANARY not in figures.read_text()
    assert "wrong boundaries" in page.read_text()
    for path in (page, figures):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    code, _, err = cli(found, gold, "-t", "medications", *options)
    assert (code, err) == (2, f"clinie: {page} exists (--overwrite replaces it)\n")
    assert cli(found, gold, "-t", "medications", *options, "--overwrite")[0] == 0


def test_notes_give_context(cli, found, gold, tmp_path):
    notes = tmp_path / "notes"
    (notes / "ward").mkdir(parents=True)
    (notes / "a.txt").write_text(TEXT)
    (notes / "ward" / "b.txt").write_text(TEXT)
    page = tmp_path / "r.html"
    code, _, err = cli(found, gold, "-t", "medications", "--notes", notes, "--report", page)
    assert (code, err) == (0, "")
    assert CANARY in page.read_text()
    (notes / "a.txt").write_text(TEXT[1:])
    code, _, err = cli(found, gold, "-t", "medications", "--notes", notes)
    assert code == 2
    assert err.startswith("clinie: a: the words of a span are not those at 0:5 (")


def test_brat_folders_are_read_as_well(cli, found, gold, tmp_path):
    for name, kind in (("gold", record), ("found", lambda d: record(d, status="neither"))):
        out = open_writer(f"{tmp_path / name}/", "brat")
        for note in NOTES:
            out.write(note, [kind(note)])
        out.close(complete=True)
    folder = tmp_path / "found"
    code, out, err = cli(folder, gold, "-t", "medications")
    assert (code, err) == (0, "")
    assert "errors: wrong value 2" in out
    code, out, _ = cli(folder, tmp_path / "gold", "-t", "medications", "--mode", "relaxed")
    assert code == 0
    assert "when their places overlap" in out
    code, _, err = cli(folder, gold, "-t", "conditions")
    assert code == 2
    assert "no label of conditions@1 in this folder; it has dosage, medication (" in err
    ann = folder / "a.ann"
    ann.write_text(ann.read_text() + "T9\tmedication 0 5\tCoumadin\nT8\tmood 0 5\tLasix\n")
    code, _, err = cli(folder, gold, "-t", "medications")
    assert code == 0
    assert f"the first: {ann}:" in err
    assert "labels that medications@1 does not have: mood" in err
    ann.write_text(f"T1\tmedication 0\t{CANARY}")
    code, _, err = cli(folder, gold, "-t", "medications")
    assert (code, err.startswith(f"clinie: {ann}:1: not a line of BRAT")) == (2, True)


def test_long_ids_find_their_brat_file(cli, tmp_path):
    note = Document(TEXT, "n" * 300)
    out = open_writer(f"{tmp_path / 'found'}/", "brat")
    out.write(note, [record(note)])
    out.close(complete=True)
    gold = write(tmp_path / "gold.jsonl", record(note))
    for sides in ((tmp_path / "found", gold), (gold, tmp_path / "found")):
        code, out, _ = cli(*sides, "-t", "medications")
        assert code == 0
        assert "errors" not in out


def test_labels_of_documents_are_not_asked_of_brat(cli, tmp_path):
    note = Document("No known allergies. Arm: aspirin.", "n")
    said = Extraction("n", "allergies@1", labels=(Label("l0", "no_known_allergies", "true"),))
    gold = write(tmp_path / "gold.jsonl", said)
    out = open_writer(f"{tmp_path / 'found'}/", "brat")
    out.write(note, [said])
    out.close(complete=True)
    code, out, err = cli(tmp_path / "found", gold, "-t", "allergies")
    assert code == 0
    assert "errors" not in out
    assert "labels of documents are not compared: BRAT has no place for them" in err
    start = note.text.index("aspirin")
    arm = Span("s0", "intervention", start, start + 7, "aspirin")
    said = Extraction("n", "pico@1", (arm,), labels=(Label("l0", "arm", "aspirin", "s0"),))
    gold = write(tmp_path / "arms.jsonl", said)
    out = open_writer(f"{tmp_path / 'arms'}/", "brat")
    out.write(note, [said])
    out.close(complete=True)
    code, out, err = cli(tmp_path / "arms", gold, "-t", "pico")
    assert (code, err) == (0, "")
    assert "all right, none spurious" in out
    assert "errors" not in out


def test_documents_on_one_side_only_are_named(cli, gold, tmp_path):
    found = write(tmp_path / "f.jsonl", record(NOTES[1]), record(Document(TEXT, "other")))
    code, _, err = cli(found, gold, "-t", "medications")
    assert code == 3
    assert "documents without a prediction, counted as empty: a\n" in err
    assert "documents without gold, left out: other\n" in err


def test_bundled_is_a_corpus(cli, tmp_path):
    found = write(tmp_path / "f.jsonl", *bundled.gold("allergies").values())
    code, out, err = cli(found, "bundled", "-t", "allergies@1")
    assert (code, err) == (0, "")
    assert "43 documents" in out
    assert "errors" not in out


def broken(**change):
    said = json.loads(record(NOTES[0]).to_json())
    for key, value in change.items():
        place = said["spans"][0] if key in said["spans"][0] else said
        place[key] = value
    return json.dumps(said)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "not JSON"),
        ("{}", "not a record"),
        (broken(start="x"), "span 0 has no place"),
        (broken(start=2), "span 0 has more or fewer characters"),
        (broken(text=7), "span 0 has an id, a label or a text that is no string"),
        (broken(fragments=[[3, 1]]), "span 0 has a fragment without a place"),
        (broken(fragments=[[3]]), "not a record"),
        (broken(attributes=[CANARY]), "span 0 has attributes that are no strings"),
        (broken(attributes={"status": [CANARY]}), "span 0 has attributes that are no strings"),
        (broken(id="s1"), "two spans have one id"),
        (broken(id="s7"), "relation 0 names a span that is not there"),
        (broken(document_id=[1]), "the document id is no string"),
        (broken(confidence=1.5), "a confidence is no number from 0 to 1"),
        (broken(confidence=CANARY), "a confidence is no number from 0 to 1"),
        (
            Extraction("a", "medications@1", labels=(Label("l", "arm", None),)).to_json(),
            "a label is no string",
        ),
        (record(NOTES[1]).to_json(), "a second record of document 'ward/b'; the first is in line 1"),
    ],
)  # fmt: skip
def test_a_malformed_record_is_one_line(cli, gold, tmp_path, line, what):
    path = write(tmp_path / "f.jsonl", record(NOTES[1]), line)
    code, out, err = cli(path, gold, "-t", "medications")
    assert (code, out) == (2, "")
    assert err.startswith(f"clinie: {path}:2: {what}")
    assert err.count("\n") == 1


def test_what_cannot_be_evaluated_is_one_line(cli, found, gold, tmp_path):
    empty = write(tmp_path / "empty.jsonl")
    none = tmp_path / "none.jsonl"
    version = write(tmp_path / "v.jsonl", record(NOTES[0], task="medications@2"))
    far = write(tmp_path / "far.jsonl", record(Document(TEXT, "far")))
    for arguments, what in (
        ((empty, gold), f"{empty}: the file is empty (extract first)"),
        ((none, gold), f"{none}: there is no such file, folder or corpus (give a record file"),
        ((version, gold), f"{version}: no record of medications@1; it holds medications@2 ("),
        ((far, gold), "no document stands in both: the gold has 'a', the prediction 'far' ("),
        ((found, gold, "--resamples", "0"), "--resamples must be at least 1"),
        ((found, gold, "--report", gold), f"{gold} is an input"),
        ((found, gold, "--report", none, "--json", none), "--report and --json are one file"),
        ((found, gold, "--mode", "fuzzy"), "Invalid value for '--mode'"),
        ((found, gold, "--notes", none), f"{none}: cannot be read"),
    ):
        code, out, err = cli(*arguments, "-t", "medications")
        assert (code, out) == (2, ""), arguments
        assert err.startswith(f"clinie: {what}"), err
        assert err.count("\n") == 1
    assert cli(found, gold, "-t", "nothing")[0] == 2
