"""The command line: exit codes, one clear line for everything, and no note text anywhere."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import clinie
from clinie.cli import main
from clinie.io import read_records
from clinie.models import Completion
from clinie.models.rules import RulesModel

CANARY = "xylophonic-canary"
NOTE = f"Lasix 40 mg daily for edema. Coumadin held. {CANARY}."
COMMAND = [sys.executable, "-c", "import sys; from clinie.cli import main; sys.exit(main())"]


@pytest.fixture
def notes(tmp_path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.txt").write_text(NOTE)
    return folder


@pytest.fixture
def cli(capsys):
    """Run the command line; return exit code, standard output, standard error."""

    def call(*arguments):
        code = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert CANARY not in err
        return code, out, err

    return call


def test_a_folder_becomes_records_and_a_summary(cli, notes, tmp_path):
    out = tmp_path / "demo" / "o.jsonl"
    code, said, told = cli("extract", notes, "-t", "medications", "-t", "conditions", "-o", out)
    assert (code, said) == (0, "")
    assert re.fullmatch(r"2 documents, \d+ items, \d+ findings, 0 failed, \d+\.\d s\n", told)
    records = list(read_records(out))
    assert [(r.document_id, r.task) for r in records] == [
        (i, f"{t}@1") for i in "ab" for t in ("medications", "conditions")
    ]
    assert records[0].spans[0].text == "Lasix"
    assert sorted(path.name for path in out.parent.iterdir()) == ["o.journal.jsonl", "o.jsonl"]


def test_one_of_each_is_told_in_the_singular(cli, tmp_path, monkeypatch):
    note = tmp_path / "a.txt"
    note.write_text("Lasix.")
    code, _, told = cli("extract", note, "-t", "medications", "-o", tmp_path / "o.jsonl")
    assert code == 0
    assert told.startswith("1 document, 1 item, 0 findings, 0 failed, ")


def test_without_an_output_records_go_to_standard_output(cli, notes):
    code, said, _ = cli("extract", notes, "-t", "medications")
    assert code == 0
    assert [json.loads(line)["document_id"] for line in said.splitlines()] == ["a", "b"]


@pytest.mark.parametrize(
    ("data", "options", "ids"),
    [
        (NOTE, [], ["stdin"]),
        (json.dumps({"id": "x", "text": NOTE}), ["--stdin-format", "jsonl"], ["x"]),
        (f'k,n\ny,"{NOTE}"\n',
         ["--stdin-format", "csv", "--id-column", "k", "--text-column", "n"], ["y"]),
    ],
)  # fmt: skip
def test_standard_input(cli, monkeypatch, data, options, ids):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data.encode())))
    code, said, _ = cli("extract", "-", "-t", "medications", *options)
    assert code == 0
    assert [json.loads(line)["document_id"] for line in said.splitlines()] == ids


@pytest.mark.parametrize("name", ["o.csv", "o.parquet", "o.spacy", "brat/"])
def test_every_format(cli, notes, tmp_path, name):
    out = f"{tmp_path}/{name}"
    assert cli("extract", notes, "-t", "medications", "-o", out)[0] == 0
    if name == "o.csv":
        assert "Lasix" in set(pd.read_csv(out)["text"])
    if name == "brat/":
        assert (Path(out) / "a.ann").read_text().startswith("T1\tmedication 0 5\tLasix\n")
    assert cli("extract", notes, "-t", "medications", "-o", out)[0] == 2
    assert cli("extract", notes, "-t", "medications", "-o", out, "--overwrite")[0] == 0


def test_the_format_may_be_named(cli, notes, tmp_path):
    out = tmp_path / "o.txt"
    assert cli("extract", notes, "-t", "medications", "-o", out, "--format", "csv")[0] == 0
    assert out.read_text().startswith("document_id,")


def test_an_existing_output_is_resumed_or_replaced_only_when_asked(cli, notes, tmp_path):
    out = tmp_path / "o.jsonl"
    command = ("extract", notes, "-t", "medications", "-o", out)
    cli(*command)
    whole = out.read_bytes()
    code, _, told = cli(*command)
    assert code == 2
    assert told == f"clinie: {out} exists (--resume continues it, --overwrite replaces it)\n"
    out.write_bytes(whole[:-20])
    code, _, told = cli(*command, "--resume")
    assert code == 0
    assert re.match(r"2 documents, .*\n", told)
    assert out.read_bytes() == whole
    assert cli(*command, "--overwrite")[0] == 0
    assert out.read_bytes() == whole


def test_failed_documents_are_exit_code_3_and_listed(cli, notes, tmp_path):
    (notes / "bad.txt").write_bytes(NOTE.encode() + b"\n\xff")
    out = tmp_path / "o.jsonl"
    code, _, told = cli("extract", notes, "-t", "medications", "-o", out)
    errors = tmp_path / "o.errors.jsonl"
    assert code == 3
    assert "1 failed" in told
    assert told.endswith(f"what failed and why: {errors}\n")
    [error] = map(json.loads, errors.read_text().splitlines())
    assert error["place"] == f"{notes}/bad.txt:2"
    assert error["document_id"] == "bad"
    assert [r.document_id for r in read_records(out)] == ["a", "b"]
    for name in ("o.errors.jsonl", "o.journal.jsonl"):
        assert CANARY not in (tmp_path / name).read_text()
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    code, _, told = cli("extract", notes, "-t", "medications")
    assert code == 3
    assert told.startswith(f"{notes}/bad.txt:2: not UTF-8 at byte {len(NOTE) + 1} (convert it")


@pytest.mark.parametrize("view", ["notes/a.txt", "o.jsonl"])
def test_the_page_replaces_neither_a_note_nor_the_records(cli, notes, tmp_path, view):
    out = tmp_path / "o.jsonl"
    page = tmp_path / view
    code, _, told = cli(
        "extract", notes, "-t", "medications", "-o", out, "--view", page, "--overwrite"
    )
    assert code == 2
    assert "choose another --view" in told
    assert (notes / "a.txt").read_text() == NOTE


def test_standoff_is_not_written_among_the_notes(cli, notes):
    code, _, told = cli("extract", notes, "-t", "medications", "-o", f"{notes}/sub/", "--overwrite")
    assert code == 2
    assert "lies within the input" in told
    assert not (notes / "sub").exists()


@pytest.mark.parametrize(("name", "data"), [("missing", None), ("columns.csv", "id,note\n1,x\n")])
def test_one_unusable_input_refuses_all_before_anything_is_read(cli, notes, tmp_path, name, data):
    if data:
        (tmp_path / name).write_text(data)
    out = tmp_path / "o.jsonl"
    code, _, told = cli("extract", notes, tmp_path / name, "-t", "medications", "-o", out)
    assert code == 2
    assert name in told
    assert not list(tmp_path.glob("o.*"))


def test_a_header_alone_is_no_input(cli, tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text("id,text\n")
    code, _, told = cli("extract", path, "-t", "medications", "-o", tmp_path / "o.jsonl")
    assert code == 2
    assert not (tmp_path / "o.jsonl").exists()
    assert told.startswith("clinie: there is no document in the input")


def test_when_no_document_could_be_read_nothing_was_done(cli, tmp_path):
    path = tmp_path / "bad.txt"
    path.write_bytes(b"\xff\xfe" + NOTE.encode("utf-16-le"))
    code, _, told = cli("extract", path, "-t", "medications", "-o", tmp_path / "o.jsonl")
    assert code == 2
    assert told.startswith("clinie: no document could be read; the first: ")
    assert "not UTF-8 but UTF-16" in told
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.txt", "o.errors.jsonl"]


def test_a_mistyped_column_costs_nobody_an_earlier_output(cli, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"id": "a", "text": NOTE}) + "\n")
    out, page = tmp_path / "f.jsonl", tmp_path / "f.html"
    asked = ("extract", path, "-t", "medications", "-o", out, "--view", page)
    assert cli(*asked)[0] == 0
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    code, _, told = cli(*asked, "--overwrite", "--id-column", "nope")
    assert code == 2
    assert "no document could be read" in told
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_a_page_without_notes_does_not_stay(cli, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"id": "a", "text": NOTE}) + "\n")
    page = tmp_path / "f.html"
    asked = ("extract", path, "-t", "medications", "-o", tmp_path / "f.jsonl", "--view", page)
    assert cli(*asked, "--id-column", "nope")[0] == 2
    assert not page.exists()
    assert cli(*asked)[0] == 0


def test_a_note_in_the_place_of_its_id_is_not_told(cli, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"id": "a", "text": f"{CANARY}\n" * 3}) + "\n")
    code, _, told = cli("extract", path, "-t", "medications", "--id-column", "text")
    assert code == 2
    assert "no identifier" in told
    assert CANARY not in told


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ((), "Missing command"),
        (("nothing",), "No such command 'nothing'"),
        (("extract", "{notes}"), "Missing option '--task'"),
        (("extract", "{notes}", "-t", "nothing"), "unknown task 'nothing' (installed: "),
        (("extract", "{notes}", "-t", "medications", "-t", "medications@1"), "named twice"),
        (("extract", "{notes}/no", "-t", "medications"), "no: cannot be read: No such file"),
        (("extract", "{notes}", "-t", "medications", "-o", "o.xyz"), "cannot be told from its"),
        (("extract", "{notes}", "-t", "medications", "-o", "{notes}/a.txt/o.csv"), "File exists"),
        (("extract", "{notes}", "-t", "medications", "--resume"), "name a file with -o"),
        (("extract", "{notes}", "-t", "medications", "--max-error", "5"), "between 0 and 1"),
        (
            ("extract", "{notes}", "-t", "medications", "--max-error", "x"),
            "Invalid value for '--max-error'",
        ),
        (("extract", "{notes}", "-t", "medications", "--config", "no.toml"), "no.toml"),
        (
            ("extract", "{notes}", "-t", "medications", "--view", "{notes}/a.txt"),
            "a.txt is an input",
        ),
        (("extract", "{notes}", "-t", "medications", "--nothing"), "No such option: --nothing"),
        (("check", "no.toml"), "no.toml"),
    ],
)
def test_what_cannot_be_done_is_one_line(cli, notes, arguments, what):
    code, said, told = cli(*(argument.format(notes=notes) for argument in arguments))
    assert (code, said) == (2, "")
    assert told.startswith("clinie: ")
    assert what in told
    assert told.count("\n") == 1


def test_an_error_level_without_a_rejector_certifies_nothing(cli, notes, tmp_path):
    out = tmp_path / "o.jsonl"
    code, _, told = cli("extract", notes, "-t", "medications", "-o", out, "--max-error", "0.05")
    assert code == 0
    assert "0 items certified at 0.05" in told
    assert "nothing is certified: no rejector is fitted" in told
    assert {record.decision for record in read_records(out)} == {"defer"}


def test_the_page_is_written_with_the_records(cli, notes, tmp_path):
    view, out = tmp_path / "o.html", tmp_path / "o.jsonl"
    command = ("extract", notes, "-t", "medications", "-o", out, "--view", view)
    assert cli(*command)[0] == 0
    page = view.read_text()
    assert "Lasix" in page
    out.write_bytes(out.read_bytes()[:-5])
    assert cli(*command, "--resume")[0] == 0
    assert view.read_text() == page


def test_a_dry_run_writes_nothing(cli, notes, tmp_path):
    out = tmp_path / "o.jsonl"
    code, said, told = cli("extract", notes, "-t", "medications", "-o", out, "--dry-run")
    assert (code, told) == (0, "")
    assert re.search(r"documents +2\n.*input tokens +[\d,]+ \(estimate\)", said, re.DOTALL)
    assert not out.exists()
    (notes / "empty.txt").write_text("")
    assert cli("extract", notes, "-t", "medications", "--dry-run")[0] == 3


def test_lists(cli, tmp_path):
    code, said, _ = cli("tasks")
    assert code == 0
    assert re.search(r"^medications@1\t\w", said, re.MULTILINE)
    code, said, _ = cli("datasets")
    assert code == 0
    assert said.count("characters") == int(re.search(r"(\d+) notes", said)[1])
    assert cli("--version")[:2] == (0, f"clinie {clinie.__version__}\n")
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text("[[tiers]]\nname = 'local'\nmodel = {kind = 'rules'}\nphi_allowed = true\n")
    bad.write_text(good.read_text() + "speed = 3\n")
    code, said, _ = cli("check", good)
    assert code == 0
    assert re.fullmatch(rf"{re.escape(str(good))}: good; hash [0-9a-f]{{64}}\n", said)
    code, _, told = cli("check", bad)
    assert code == 2
    assert "speed" in told


def test_help_shows_examples(cli):
    code, said, _ = cli("extract", "--help")
    assert code == 0
    assert "clinie extract notes/ --task medications -o facts.jsonl\n" in said
    assert "listed in OUT.errors.jsonl" in re.sub(r"\s+", " ", said)


# --- failures that must not leak ---------------------------------------------------------------


def break_rules(monkeypatch, answer) -> None:
    async def complete(self, prompts):
        return [answer(prompt) for prompt in prompts]

    monkeypatch.setattr(RulesModel, "complete", complete)


def leak(prompt):
    text = prompt.window.text
    raise ValueError(f"cannot read {text}")


def test_a_defect_in_one_document_leaks_nothing(cli, notes, tmp_path, monkeypatch):
    break_rules(monkeypatch, leak)
    out = tmp_path / "o.jsonl"
    code, _, _ = cli("extract", notes, "-t", "medications", "-o", out)
    assert code == 3
    assert all(not record.complete for record in read_records(out))
    for path in tmp_path.glob("o.*"):
        assert CANARY not in path.read_text()


def test_failed_requests_are_listed(cli, notes, tmp_path, monkeypatch):
    break_rules(monkeypatch, lambda prompt: Completion("", "error", error="timed out"))
    out = tmp_path / "o.jsonl"
    assert cli("extract", notes, "-t", "medications", "-o", out)[0] == 3
    assert "1 of 1 windows failed" in (tmp_path / "o.errors.jsonl").read_text()


def test_a_dead_model_says_how_to_go_on(cli, notes, tmp_path, monkeypatch):
    def dead(prompt):
        raise clinie.ModelError("the server is gone", mend="start it")

    break_rules(monkeypatch, dead)
    code, _, told = cli("extract", notes, "-t", "medications", "-o", tmp_path / "o.jsonl")
    assert code == 2
    assert told == (
        "clinie: the server is gone (start it; then --resume goes on from what is written)\n"
    )


def test_a_defect_is_one_line_without_values(cli, monkeypatch):
    def broken():
        note = NOTE
        raise RuntimeError(note)

    monkeypatch.setattr("clinie.tasks.available", broken)
    code, _, told = cli("tasks")
    assert code == 1
    assert re.fullmatch(
        r"clinie: a defect in Clinie: RuntimeError at test_cli\.py:\d+ \(.*CLINIE_DEBUG=1.*\)\n",
        told,
    )
    monkeypatch.setenv("CLINIE_DEBUG", "1")
    code, _, told = cli("tasks")
    assert code == 1
    assert "in broken" in told


def run(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], stderr=subprocess.PIPE, text=True, check=False, **options
    )


def test_a_full_disk_is_one_line(notes, tmp_path):
    with Path("/dev/full").open("w") as full:
        done = run("extract", notes, "-t", "medications", stdout=full)
    assert done.returncode == 2
    assert done.stderr == (
        "clinie: standard output: cannot be written: No space left on device (free some space)\n"
    )
    out = tmp_path / "o.jsonl"
    out.symlink_to("/dev/full")
    done = run("extract", notes, "-t", "medications", "-o", out, "--overwrite")
    assert done.returncode == 2
    assert done.stderr == (
        f"clinie: {out}: cannot be written: No space left on device "
        "(free some space; then --resume goes on from what is written)\n"
    )


def test_a_reader_that_goes_away_ends_it_quietly(notes):
    for number in range(300):
        (notes / f"n{number}.txt").write_text(NOTE * 5)
    process = subprocess.Popen(
        [*COMMAND, "extract", notes, "-t", "medications"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), told) == (141, "")


@pytest.mark.parametrize("command", ["tasks", "datasets", "--help", "--version"])
def test_a_reader_that_never_listened_ends_it_quietly(command):
    source, sink = os.pipe()
    os.close(source)
    done = run(command, stdout=sink)
    os.close(sink)
    assert (done.returncode, done.stderr) == (141, "")


def test_a_bar_on_a_terminal_and_silence_in_a_pipe(notes):
    for number in range(300):
        (notes / f"n{number}.txt").write_text(NOTE)
    control, terminal = os.openpty()
    process = subprocess.Popen(
        [*COMMAND, "extract", notes, "-t", "medications"],
        stdout=subprocess.DEVNULL,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(terminal)
    shown = b""
    try:
        while chunk := os.read(control, 4096):
            shown += chunk
    except OSError:
        pass
    finally:
        os.close(control)
    assert process.wait() == 0
    assert b"/302" in shown
    assert b"302 documents" in shown
    assert CANARY.encode() not in shown


@pytest.mark.proof
def test_help_comes_at_once():
    best = 9.0
    for _ in range(3):
        started = time.perf_counter()
        run("--help", stdout=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - started)
    assert best < 0.5
