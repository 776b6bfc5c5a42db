"""Runs: order, flat memory, failures listed, resuming to the same bytes."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from clinie.config import Config
from clinie.errors import ConfigError, InputError, ModelError, OutputError
from clinie.io import read_documents, read_records
from clinie.io.records import RecordWriter, cut_lines
from clinie.models import RulesModel
from clinie.runs import BatchJob, dry_run, run, stream
from clinie.runs.batch import ErrorList, one_line
from clinie.runs.checkpoint import Checkpoint, Prior
from clinie.schema import Document, Extraction, Finding, Span, Trace, Windows
from clinie.tasks import load

CANARY = "xylophonic-canary"
TASKS = [SimpleNamespace(name="a@1"), SimpleNamespace(name="b@1")]


class Fake:
    """Answers after a random wait; ids that start with a word do what the word says."""

    def __init__(self, max_error=None):
        self.max_error = max_error
        self.calls: list[tuple[str, str]] = []
        self.under_way = self.most = 0

    async def extract(self, document, task):
        self.calls.append((document.id, task.name))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(random.random() / 1000)
        self.under_way -= 1
        if document.id.startswith("defect"):
            raise KeyError(document.text)
        if document.id.startswith("dead"):
            raise ModelError("the server is gone", mend="start it")
        failed = document.id.startswith("partial")
        return Extraction(
            document.id,
            task.name,
            spans=(Span("s0", "x", 0, 4, document.text[:4], decision="defer"),),
            findings=(Finding("model_error", "reject"),) if failed else (),
            complete=not failed,
            windows=Windows(3, 2 * failed),
            trace=(Trace("local", "m", "p", cost=0.5),),
        )


def notes(*ids: str) -> list[Document]:
    return [Document(f"note {CANARY} {i}", i) for i in ids]


def go(tmp_path: Path, reads, extractor=None, tasks=TASKS, **options):
    out = tmp_path / "o.jsonl"
    return run(
        reads,
        tasks,
        extractor or Fake(),
        RecordWriter(out, append="prior" in options),
        errors=ErrorList(tmp_path / "o.errors.jsonl"),
        **options,
    )


def listed(tmp_path: Path) -> list[dict]:
    return [json.loads(line) for line in (tmp_path / "o.errors.jsonl").read_text().splitlines()]


def test_records_come_in_input_order_tasks_in_the_order_asked(tmp_path):
    ids = [f"n{i}" for i in range(50)]
    fake = Fake()
    summary = go(tmp_path, notes(*ids), fake)
    records = list(read_records(tmp_path / "o.jsonl"))
    assert [(r.document_id, r.task) for r in records] == [(i, t.name) for i in ids for t in TASKS]
    assert 1 < fake.most <= 16
    assert (summary.documents, summary.records, summary.items) == (50, 100, 100)
    assert (summary.deferred, summary.cost, summary.failures) == (100, 50.0, 0)
    assert not (tmp_path / "o.errors.jsonl").exists()


def test_documents_are_pulled_no_faster_than_records_are_taken():
    pulled = 0

    def reads():
        nonlocal pulled
        for document in notes(*(f"n{i}" for i in range(1000))):
            pulled += 1
            yield document

    outcomes = stream(reads(), TASKS, Fake(), concurrency=4)
    for _ in range(10):
        next(outcomes)
    assert pulled <= 10 + 2 * 4
    outcomes.close()


def test_what_nobody_waits_for_any_more_is_cancelled():
    cancelled = threading.Event()

    class Slow(Fake):
        async def extract(self, document, task):
            if document.id == "n0":
                return await super().extract(document, task)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.set()
                raise

    outcomes = stream(notes("n0", "n1"), TASKS[:1], Slow(), concurrency=2)
    assert next(outcomes).document.id == "n0"
    outcomes.close()
    assert cancelled.wait(timeout=5)


def test_failures_are_listed_in_place_and_the_rest_goes_on(tmp_path, capfd):
    bad = InputError("empty", mend="fill it", place="f.csv:3", document_id="e")
    [good, defect, partial, last] = notes("n1", "defect", "partial", "n2")
    summary = go(tmp_path, [good, bad, defect, partial, last])
    assert (summary.documents, summary.failures) == (4, 3)
    assert summary.first_error == "f.csv:3: empty (fill it)"
    first, second, third = listed(tmp_path)
    assert first == {
        "place": "f.csv:3", "document_id": "e", "error": "empty", "mend": "fill it",
    }  # fmt: skip
    assert second["document_id"] == "defect"
    assert "a@1 (1 of 1 windows failed)" in second["error"]
    assert "a@1 (2 of 3 windows failed), b@1" in third["error"]
    records = {(r.document_id, r.task): r for r in read_records(tmp_path / "o.jsonl")}
    broken = records["defect", "a@1"]
    assert len(records) == 8
    assert not broken.complete
    assert broken.decision is None
    assert broken.findings[0].code == "resolver_error"
    assert broken.findings[0].item.startswith("KeyError at test_batch.py:")
    everything = (tmp_path / "o.errors.jsonl").read_text() + "".join(capfd.readouterr())
    assert CANARY not in everything + str([broken.reason, broken.findings])


def test_a_defect_waits_for_a_person_when_an_error_level_is_set():
    [outcome] = stream(notes("defect"), TASKS[:1], Fake(max_error=0.05))
    assert outcome.extractions[0].decision == "defer"


def test_a_dead_model_ends_the_run_after_what_was_done(tmp_path, caplog):
    with pytest.raises(ModelError, match="the server is gone"):
        go(tmp_path, notes("n1", "n2", "dead", "n3", "dead2", "dead3"))
    gc.collect()
    assert caplog.records == [], "the event loop has nothing to complain about"
    done = [r.document_id for r in read_records(tmp_path / "o.jsonl")]
    assert done == ["n1", "n1", "n2", "n2"]


START = Checkpoint(0, "configuration")


def prior(out: Path, documents) -> Prior:
    """Return the records of a file as those of a run over these documents."""
    end = START
    for document in documents:
        end = end.after(document, len(TASKS))
    return Prior(read_records(out), START, end)


@pytest.mark.parametrize("kept", range(6))
def test_resuming_gives_the_same_bytes_wherever_it_was_cut(tmp_path, kept):
    bad = InputError("empty", place="p")
    documents = notes("n1", "partial", "n2", "defect", "nß")
    reads = [*documents[:3], bad, *documents[3:]]
    go(tmp_path, reads)
    whole, errors = (tmp_path / "o.jsonl").read_bytes(), (tmp_path / "o.errors.jsonl").read_bytes()
    out = tmp_path / "o.jsonl"
    cut_lines(out, after=2 * kept)
    fake = Fake()
    pairs = []
    summary = go(tmp_path, reads, fake, prior=prior(out, documents[:kept]), consume=pairs.extend)
    assert out.read_bytes() == whole
    assert (tmp_path / "o.errors.jsonl").read_bytes() == errors
    assert len(fake.calls) == 10 - 2 * kept
    assert len(pairs) == summary.records == 10
    assert summary.resumed == kept


@pytest.mark.parametrize(
    "reads",
    [
        notes("n1", "other", "n3"),
        notes("n2", "n1", "n3"),
        [Document(f"note {CANARY} n1 and more", "n1"), *notes("n2", "n3")],
        [replace(notes("n1")[0], metadata={"ward": "2"}), *notes("n2", "n3")],
        [InputError("empty", place="p"), *notes("n2", "n3")],
        notes("n1"),
        [],
    ],
)
def test_another_input_is_not_resumed(tmp_path, reads):
    earlier = notes("n1", "n2")
    go(tmp_path, earlier)
    out, fake = tmp_path / "o.jsonl", Fake()
    before = out.read_bytes()
    with pytest.raises(OutputError, match="--overwrite"):
        go(tmp_path, reads, fake, prior=prior(out, earlier))
    assert out.read_bytes() == before
    assert fake.calls == []


def test_errors_without_a_file_go_to_standard_error(capsys):
    errors = ErrorList(None)
    errors.add(InputError("bad\nname \x1b[31m", mend="mend", place="p"))
    assert capsys.readouterr().err == "p: bad\\nname \\x1b[31m (mend)\n"
    assert one_line("é\u202e") == "é\\u202e"


def test_a_stale_list_of_errors_is_removed(tmp_path):
    (tmp_path / "o.errors.jsonl").write_text("old")
    go(tmp_path, notes("n1"))
    assert not (tmp_path / "o.errors.jsonl").exists()


def test_it_runs_inside_a_running_loop_too():
    async def notebook():
        return list(stream(notes("n1"), TASKS, Fake()))

    assert len(asyncio.run(notebook())) == 1


# --- a whole job -------------------------------------------------------------------------------


def job(paths, out, **options) -> BatchJob:
    tasks = [load("medications"), load("conditions")]
    return BatchJob(read_documents(paths), tasks, Config(), out=str(out), **options)


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(40):
        (folder / f"n{number:02}.txt").write_text(
            f"Visit {number}. Lasix {number} mg daily for edema. {CANARY}. No fever.\r\n" * 5
        )
    return folder


def test_two_runs_give_the_same_bytes_and_a_journal(folder, tmp_path):
    outs = [tmp_path / "new" / "a.jsonl", tmp_path / "b.jsonl"]
    for out in outs:
        job([folder], out).run()
    assert outs[0].read_bytes() == outs[1].read_bytes()
    journal = (tmp_path / "b.journal.jsonl").read_text()
    start, *checkpoints, end = map(json.loads, journal.splitlines())
    assert start["event"] == "start"
    assert start["config"] == Config().hash
    assert start["tasks"] == ["medications@1", "conditions@1"]
    assert [c["records"] for c in checkpoints] == [32, 64, 80]
    assert (end["event"], end["documents"]) == ("end", 40)
    assert CANARY not in journal
    assert (tmp_path / "b.journal.jsonl").stat().st_mode & 0o777 == 0o600


KILLED = """
import os, signal, sys, clinie.io.records as records
write, left = records.RecordWriter.write, [int(sys.argv[3])]
def dying(self, document, extractions):
    left[0] -= 1
    if left[0] < 0:
        self._file.write(b"".join(map(records.line, extractions))[:77])
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, document, extractions)
records.RecordWriter.write = dying
from clinie.cli import main
main(["extract", sys.argv[1], "-t", "medications", "-t", "conditions", "-o", sys.argv[2]])
"""


def test_a_killed_run_resumes_to_the_same_bytes(folder, tmp_path):
    whole, out = tmp_path / "whole.jsonl", tmp_path / "o.jsonl"
    job([folder], whole).run()
    killed = subprocess.run([sys.executable, "-c", KILLED, folder, out, "23"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert out.read_bytes() == whole.read_bytes()[: out.stat().st_size]
    assert not out.read_bytes().endswith(b"\n")
    summary = job([folder], out, resume=True).run()
    assert out.read_bytes() == whole.read_bytes()
    assert (summary.documents, summary.resumed) == (40, 16)
    again = job([folder], out, resume=True).run()
    assert again.resumed == 40
    assert out.read_bytes() == whole.read_bytes()


def killed_after(folder: Path, out: Path, documents: int) -> None:
    subprocess.run([sys.executable, "-c", KILLED, folder, out, str(documents)], check=False)


def test_an_earlier_note_that_changed_is_not_resumed(folder, tmp_path):
    out = tmp_path / "o.jsonl"
    killed_after(folder, out, 23)
    changed = folder / "n03.txt"
    changed.write_text(changed.read_text() + "Also started metformin 500 mg daily.\n")
    with pytest.raises(OutputError, match="have changed: use --overwrite"):
        job([folder], out, resume=True).run()


def test_notes_after_the_last_checkpoint_may_change(folder, tmp_path):
    whole, out = tmp_path / "whole.jsonl", tmp_path / "o.jsonl"
    killed_after(folder, out, 23)
    for note in ("n18", "n39"):
        (folder / f"{note}.txt").write_text("Lasix stopped.")
    assert job([folder], out, resume=True).run().resumed == 16
    job([folder], whole).run()
    assert out.read_bytes() == whole.read_bytes()


def test_records_that_a_power_cut_lost_are_made_again(folder, tmp_path):
    out = tmp_path / "o.jsonl"
    job([folder], out).run()
    whole = out.read_bytes()
    cut_lines(out, after=70)
    assert job([folder], out, resume=True).run().resumed == 32
    cut_lines(out, after=40)
    (folder / "n30.txt").write_text("Lasix stopped.")
    assert job([folder], out, resume=True).run().resumed == 16
    assert job([folder], out, resume=True).run().resumed == 40
    assert out.read_bytes() != whole


def test_a_broken_run_leaves_a_checkpoint_at_its_end(folder, tmp_path, monkeypatch):
    out, calls = tmp_path / "o.jsonl", iter(range(9))

    async def dying(self, prompts):
        if next(calls, None) is None:
            raise ModelError("the server is gone")
        return await complete(self, prompts)

    complete = RulesModel.complete
    monkeypatch.setattr(RulesModel, "complete", dying)
    with pytest.raises(ModelError):
        job([folder], out).run()
    monkeypatch.undo()
    done = out.read_bytes().count(b"\n") // 2
    assert job([folder], out, resume=True).run().resumed == done


def test_records_without_their_journal_are_neither_resumed_nor_cut(folder, tmp_path):
    out = tmp_path / "o.jsonl"
    job([folder], out).run()
    (tmp_path / "o.journal.jsonl").unlink()
    before = out.read_bytes()
    with pytest.raises(OutputError, match="does not account for 80 records"):
        job([folder], out, resume=True).run()
    assert out.read_bytes() == before


def test_a_journal_torn_by_the_kill_is_no_hindrance(folder, tmp_path):
    out = tmp_path / "o.jsonl"
    job([folder], out).run()
    with (tmp_path / "o.journal.jsonl").open("a") as stream:
        stream.write('{"event": "st')
    for _ in range(2):
        assert job([folder], out, resume=True).run().resumed == 40
    (tmp_path / "o.journal.jsonl").write_text("{\n")
    with pytest.raises(OutputError, match="the journal is damaged"):
        job([folder], out, resume=True).run()


def test_resume_needs_no_earlier_output(folder, tmp_path):
    assert job([folder], tmp_path / "o.jsonl", resume=True).run().documents == 40


def test_another_configuration_or_other_tasks_are_not_resumed(folder, tmp_path):
    out = tmp_path / "o.jsonl"
    job([folder], out).run()
    fewer = BatchJob(
        read_documents([folder]), [load("medications")], Config(), out=str(out), resume=True
    )
    with pytest.raises(OutputError, match="another list of tasks"):
        fewer.run()
    other = Config.model_validate({"deferral": {"max_error": 0.1}})
    tasks = [load("medications"), load("conditions")]
    with pytest.raises(OutputError, match="another configuration"):
        BatchJob(read_documents([folder]), tasks, other, out=str(out), resume=True).run()


def test_jobs_that_make_no_sense_are_refused(folder, tmp_path):
    out = tmp_path / "o.jsonl"
    with pytest.raises(ConfigError, match="exclude each other"):
        job([folder], out, resume=True, overwrite=True)
    with pytest.raises(ConfigError, match="a csv output cannot be resumed"):
        job([folder], tmp_path / "o.csv", resume=True).run()
    task = load("medications")
    with pytest.raises(ConfigError, match="named twice"):
        BatchJob(read_documents([folder]), [task, task], Config())
    without = replace(task, rules=None)
    with pytest.raises(
        ConfigError, match=r"medications@1: it has no rules \(configure a tier with"
    ):
        BatchJob(read_documents([folder]), [without], Config(), out=str(out)).run()
    assert not out.exists()
    with pytest.raises(ConfigError, match="standard output takes"):
        BatchJob(read_documents([folder]), [task], Config(), resume=True)


@pytest.mark.parametrize("name", ["n.jsonl", "linked.jsonl"])
def test_the_input_is_never_written_over(tmp_path, name):
    path = tmp_path / "n.jsonl"
    path.write_text('{"id": "a", "text": "b"}\n')
    (tmp_path / "linked.jsonl").symlink_to(path)
    with pytest.raises(ConfigError, match="is the input itself"):
        job([path], tmp_path / name, overwrite=True).run()
    assert path.read_text() == '{"id": "a", "text": "b"}\n'


def test_a_dry_run_counts_and_asks_no_model(folder):
    (folder / "empty.txt").write_text("")
    config = Config.model_validate(
        {
            "tiers": [
                {
                    "name": "t",
                    "model": {"kind": "none"},
                    "prices": {"input": 1e6, "output": 2e6},
                }
            ]
        }
    )
    plan = dry_run(read_documents([folder]), [load("medications")], config)
    assert (plan.documents, plan.failures) == (40, 1)
    assert plan.input_tokens > plan.output_tokens > 40
    assert plan.cost == pytest.approx(plan.input_tokens + 2 * plan.output_tokens)
    tiers = [config.tiers[0], config.tiers[0].model_copy(update={"name": "u"})]
    both = dry_run(
        read_documents([folder]), [load("medications")], config.model_copy(update={"tiers": tiers})
    )
    assert both == replace(plan, cost=2 * plan.cost)


def test_an_interrupted_run_says_how_to_go_on(folder, tmp_path):
    for number in range(3000):
        (folder / f"m{number:04}.txt").write_text("Lasix 40 mg daily for edema. No fever.")
    out = tmp_path / "o.jsonl"
    command = [sys.executable, "-c", "import sys; from clinie.cli import main; sys.exit(main())"]
    process = subprocess.Popen(
        [*command, "extract", folder, "-t", "medications", "-o", out],
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (out.exists() and out.stat().st_size):
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert said == "clinie: interrupted; with --resume the same command goes on with a .jsonl\n"
    assert all(record.complete for record in read_records(out))
