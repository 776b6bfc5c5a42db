"""The public functions, as a user calls them."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pandas as pd
import pytest

import clinie
from clinie import ConfigError, Document, InputError

NOTE = "Lasix 40 mg IV given. Coumadin held."


def test_a_string_is_a_document():
    found = clinie.extract(NOTE, task="medications")
    assert found.document_id == "document"
    assert found.task == "medications@1"
    by_text = {span.text: span for span in found.spans}
    assert by_text["Lasix"].attributes["status"] == "active"
    assert by_text["Coumadin"].attributes["status"] == "discontinued"
    assert {by_text[t].label for t in ("40 mg", "IV")} == {"dosage", "route"}
    tails = {r.tail for r in found.relations if r.head == by_text["Lasix"].id}
    assert {by_text["40 mg"].id, by_text["IV"].id} <= tails
    assert all(NOTE[s.start : s.end] == s.text for s in found.spans)
    assert all(s.tier == "local" and s.decision is None for s in found.spans)
    assert found.reason == "no error level set"


def test_sync_async_and_many_agree():
    document = Document(text=NOTE, id="n1")
    one = clinie.extract(document, task="medications")
    assert asyncio.run(clinie.aextract(document, task="medications")) == one
    assert list(clinie.extract_many([document], task="medications")) == [one]

    async def collect():
        return [r async for r in clinie.aextract_many([document], task="medications")]

    assert asyncio.run(collect()) == [one]


def test_it_works_inside_a_running_loop():
    async def notebook_cell():
        return clinie.extract(NOTE, task="medications")

    assert asyncio.run(notebook_cell()).spans


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
def test_it_works_in_a_forked_process():
    program = """
import clinie, os
spans = clinie.extract("Lasix", task="medications").spans
child = os.fork()
if child == 0:
    os._exit(0 if clinie.extract("Lasix", task="medications").spans == spans else 1)
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program]
    assert subprocess.run(command, timeout=30, check=False).returncode == 0


def test_many_keeps_order_and_is_lazy():
    read = []

    def notes():
        for number in range(3):
            read.append(number)
            yield Document(text=NOTE, id=f"n{number}")

    results = clinie.extract_many(notes(), task="medications")
    assert read == []
    assert next(results).document_id == "n0"
    assert [r.document_id for r in results] == ["n1", "n2"]
    plain = clinie.extract_many(["a", "b"], task="medications")
    assert [r.document_id for r in plain] == ["document-0", "document-1"]


def test_a_wrong_task_fails_at_once():
    with pytest.raises(ConfigError, match="unknown task 'medicine'"):
        clinie.extract_many([], task="medicine")


def test_what_is_no_note_is_said_so():
    with pytest.raises(InputError, match="not NoneType"):
        clinie.extract(None, task="medications")
    with pytest.raises(InputError, match=r"note 1: .*not int"):
        list(clinie.extract_many(["a", 2], task="medications"))
    with pytest.raises(InputError, match="list of notes"):
        clinie.extract_many("Lasix", task="medications")


def test_many_notes_are_under_way_at_once(scripted):
    class Meeting(scripted):
        """Answers only once three notes have arrived."""

        async def complete(self, prompts):
            answers = await super().complete(prompts)
            while len(self.prompts) < 3:
                await asyncio.sleep(0.001)
            return answers

    results = clinie.extract_many(["a", "b", "c"], task="medications", model=Meeting("[]"))
    assert [r.document_id for r in results] == ["document-0", "document-1", "document-2"]


def test_a_model_that_calls_back_synchronously_is_told(scripted):
    class Back(scripted):
        async def complete(self, prompts):
            with pytest.raises(RuntimeError, match="aextract"):
                clinie.extract(NOTE, task="medications")
            return await super().complete(prompts)

    assert clinie.extract(NOTE, task="medications", model=Back("[]")).complete


def test_frame_in_frame_out():
    frame = pd.DataFrame({"note_id": ["a", "b"], "note": [NOTE, "No medications."]})
    out = clinie.extract_frame(frame, task="medications", text="note", id="note_id")
    drugs = out[out["label"] == "medication"]
    assert list(drugs["text"]) == ["Lasix", "Coumadin"]
    assert set(drugs["document_id"]) == {"a"}
    assert list(frame.columns) == ["note_id", "note"]


def test_frame_names_what_is_missing():
    frame = pd.DataFrame({"note": [NOTE], "id": ["a"]})
    with pytest.raises(InputError, match=r"no column 'text' \(name it with text=; "):
        clinie.extract_frame(frame, task="medications")


def test_configuration_by_path(tmp_path):
    path = tmp_path / "clinie.toml"
    path.write_text("[deferral]\nmax_error = 0.05\n")
    found = clinie.extract(NOTE, task="medications", config=path)
    assert found.decision == "defer"
    assert {s.decision for s in found.spans} == {"defer"}
    assert "0.05" in found.reason
    assert found.trace[0].decision == "defer"


def test_two_runs_are_byte_identical():
    runs = [clinie.extract(NOTE, task="conditions").to_json() for _ in range(2)]
    assert runs[0] == runs[1]


def test_an_empty_note_has_no_items():
    found = clinie.extract("", task="medications")
    assert (found.spans, found.complete) == ((), True)
