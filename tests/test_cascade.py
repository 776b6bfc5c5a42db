"""The cascade and assembly: from answers to one record, and what happens when a model fails."""

from __future__ import annotations

import pytest

import clinie
from clinie import Document, ModelError
from clinie.cascade import split
from clinie.models import Capabilities, Completion

NOTE = "Started aspirin 81 mg daily.\nStopped warfarin 5 mg daily.\nAllergic to penicillin."


def test_a_language_models_bullets_become_spans_and_relations(scripted):
    answer = (
        'aspirin" (active); dosage: "81 mg"; frequency: "daily"\n'
        '- "warfarin" (discontinued); dosage: "5 mg"; frequency: "daily"\n'
        '- "penicillin" (neither)'
    )
    found = clinie.extract(NOTE, task="medications", model=scripted(answer))
    texts = {s.id: s.text for s in found.spans}
    drugs = [s for s in found.spans if s.label == "medication"]
    assert [(s.text, s.attributes["status"]) for s in drugs] == [
        ("aspirin", "active"),
        ("warfarin", "discontinued"),
        ("penicillin", "neither"),
    ]
    assert [(r.label, texts[r.head], texts[r.tail]) for r in found.relations] == [
        ("dosage", "aspirin", "81 mg"),
        ("frequency", "aspirin", "daily"),
        ("dosage", "warfarin", "5 mg"),
        ("frequency", "warfarin", "daily"),
    ]
    daily = [s.start for s in found.spans if s.text == "daily"]
    assert daily == [22, 51]
    assert all(NOTE[s.start : s.end] == s.text for s in found.spans)


def test_a_changed_dose_is_refused_and_says_so(scripted):
    found = clinie.extract(
        "Takes metoprolol 25 mg daily.",
        task="medications",
        model=scripted('{"items": [{"text": "metoprolol", "dosage": "50 mg"}]}'),
    )
    assert [s.text for s in found.spans] == ["metoprolol"]
    assert ("number_mismatch", "reject") in [(f.code, f.severity) for f in found.findings]


def test_a_failed_window_is_a_finding_and_not_complete(scripted):
    lines = NOTE.splitlines(keepends=True)
    model = scripted(
        '{"items": [{"text": "aspirin"}]}',
        Completion("", "error", error="server unreachable"),
        '{"items": [{"text": "penicillin"}]}',
        capabilities=Capabilities(max_characters=max(map(len, lines))),
    )
    found = clinie.extract(NOTE, task="medications", model=model)
    assert [(s.text, s.start) for s in found.spans] == [
        ("aspirin", NOTE.index("aspirin")),
        ("penicillin", NOTE.index("penicillin")),
    ]
    assert not found.complete
    assert (found.windows.total, found.windows.failed) == (3, 1)
    (finding,) = [f for f in found.findings if f.code == "model_error"]
    assert finding.item == "server unreachable"
    assert "warfarin" in NOTE[finding.start : finding.end]


def test_a_model_that_cannot_be_used_at_all_is_an_error():
    class Gone:
        name = "gone@1"
        capabilities = Capabilities()

        async def complete(self, prompts):
            raise ModelError("server unreachable")

    with pytest.raises(ModelError, match="unreachable"):
        clinie.extract(NOTE, task="medications", model=Gone())


def test_a_model_that_leaves_prompts_unanswered_is_an_error():
    class Silent:
        name = "silent@1"
        capabilities = Capabilities()

        async def complete(self, prompts):
            return []

    with pytest.raises(ModelError, match="0 answers to 1 prompts"):
        clinie.extract("Lasix", task="medications", model=Silent())


def test_what_a_model_raises_costs_one_document_and_hides_the_note(scripted):
    class Broken(scripted):
        async def complete(self, prompts):
            raise ValueError(prompts[0].window.text)

    found = clinie.extract(NOTE, task="medications", model=Broken("[]"))
    assert not found.complete
    assert found.findings[0].item == "ValueError in model scripted@1"
    assert "warfarin" not in found.to_json()


def test_a_window_has_at_least_one_character():
    with pytest.raises(ValueError, match="max_characters"):
        Capabilities(max_characters=0)


def test_the_books(scripted):
    model = scripted(Completion('{"items": []}', input_tokens=120, output_tokens=8, cost=0.5))
    (trace,) = clinie.extract(NOTE, task="medications", model=model).trace
    assert (trace.model, trace.prompt) == ("scripted@1", "medications@1")
    assert (trace.input_tokens, trace.output_tokens, trace.cost) == (120, 8, 0.5)


def test_one_mention_with_two_heads_is_one_span(scripted):
    answer = (
        '{"items": [{"text": "aspirin", "frequency": "daily"},'
        ' {"text": "clopidogrel", "frequency": "daily"}]}'
    )
    found = clinie.extract(
        "Take aspirin and clopidogrel daily.", task="medications", model=scripted(answer)
    )
    assert [s.text for s in found.spans] == ["aspirin", "clopidogrel", "daily"]
    assert [(r.head, r.tail) for r in found.relations] == [("s0", "s2"), ("s1", "s2")]


def test_broken_rules_are_an_incomplete_record(tmp_path):
    from dataclasses import replace

    from clinie.cascade import Cascade
    from clinie.tasks import load

    def broken(text):
        raise ValueError(text)

    import asyncio

    task = replace(load("medications"), rules=broken)
    found = asyncio.run(Cascade().extract(Document(text="private words", id="n1"), task))
    assert not found.complete
    assert "private" not in found.to_json()
    without = asyncio.run(Cascade().extract(Document("x", "n"), replace(task, rules=None)))
    assert without.findings[0].item == "task medications@1 has no rules"


@pytest.mark.parametrize("size", [1, 7, 30, 1000])
def test_windows_cover_the_text_and_end_between_sentences(size):
    windows = split(NOTE, size)
    assert "".join(w.text for w in windows) == NOTE
    assert all(len(w.text) <= size for w in windows)
    assert all(NOTE[w.start :].startswith(w.text) for w in windows)
    if size == 30:
        assert [w.text.strip()[-1] for w in windows] == [".", ".", "."]
