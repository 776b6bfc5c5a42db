"""Several tiers: who is asked about what, whose answer stands, and what happens when one fails."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from clinie import Config, ConfigError, Document, ModelError
from clinie.cascade import Cascade, Tier
from clinie.models import Capabilities, Completion, RulesModel
from clinie.schema import Extraction
from clinie.tasks import load

NOTE = "Started aspirin 81 mg daily.\nStopped warfarin 5 mg daily.\nAllergic to penicillin."
LINES = NOTE.splitlines(keepends=True)
SHORT = Capabilities(max_characters=max(map(len, LINES)))


def answer(*items: tuple[str, float | None] | dict) -> str:
    made = [i if isinstance(i, dict) else {"text": i[0], "confidence": i[1]} for i in items]
    return json.dumps({"items": made})


def ask(*tiers: Tier, note: str = NOTE, task: str = "medications", config=None) -> Extraction:
    cascade = Cascade(config, tiers=tiers)
    found = asyncio.run(cascade.extract(Document(note, "n1"), load(task)))
    assert all(note[s.start : s.end] == s.text for s in found.spans)
    return found


def drugs(found: Extraction) -> list[tuple[str, str | None, str]]:
    return [
        (s.text, s.tier, s.reason.removeprefix("no error level set; "))
        for s in found.spans
        if s.label == "medication"
    ]


def codes(found: Extraction) -> list[tuple[str, str, str | None]]:
    return [(f.code, f.severity, f.item) for f in found.findings]


def test_sure_items_stay_and_unsure_ones_go_on(scripted):
    first = scripted(answer(("aspirin", 0.9), ("warfarin", 0.5), ("penicillin", 0.3)))
    second = scripted(answer(("warfarin", 0.7)))
    found = ask(Tier("small", first), Tier("large", second))
    assert drugs(found) == [
        ("aspirin", "small", "small alone, sure"),
        ("warfarin", "large", "small and large agree"),
    ]
    assert codes(found) == [("unconfirmed", "info", "penicillin")]
    assert [t.tier for t in found.trace] == ["small", "large"]
    assert found.complete
    assert [s.confidence for s in found.spans] == [0.9, 0.7]


def test_a_later_tier_reads_only_the_windows_where_something_is_unsure(scripted):
    first = scripted(answer(("aspirin", 0.9), ("warfarin", 0.5), ("penicillin", 0.9)))
    second = scripted(answer(("warfarin", 0.9)), capabilities=SHORT)
    found = ask(Tier("small", first), Tier("large", second))
    assert [p.window.text.strip() for p in second.prompts] == [LINES[1].strip()]
    assert len(drugs(found)) == 3
    assert (found.windows.total, found.windows.failed) == (1, 0)
    always = scripted(answer(), capabilities=SHORT)
    ask(Tier("small", first), Tier("large", always, reads="always"))
    assert "".join(p.window.text for p in always.prompts) == NOTE


def test_a_tier_with_nothing_to_do_is_not_asked_and_costs_nothing(scripted):
    second = scripted(answer())
    found = ask(Tier("small", scripted(answer(("aspirin", 0.9)))), Tier("large", second))
    assert second.prompts == []
    assert [t.tier for t in found.trace] == ["small"]
    assert drugs(found) == [("aspirin", "small", "small alone, sure")]


@pytest.mark.parametrize(
    "poor",
    [
        answer(("aspirin", 0.9), ("digoxin", 0.9)),  # a drug that the note does not have
        "",
        Completion('{"items": [{"text": "aspirin", "confidence": 0.9}', "length"),
        Completion("", "error", error="server unreachable"),
    ],
)
def test_a_poor_answer_calls_the_next_tier(scripted, poor):
    second = scripted(answer(("aspirin", 0.9), ("warfarin", 0.9)))
    found = ask(Tier("small", scripted(poor)), Tier("large", second))
    assert len(second.prompts) == 1
    assert found.complete
    assert {text for text, *_ in drugs(found)} == {"aspirin", "warfarin"}


def test_what_the_second_tier_mended_the_third_need_not_read(scripted):
    poor = scripted(answer(("digoxin", 0.9)))
    third = scripted(answer())
    tiers = [Tier("a", poor), Tier("b", scripted(answer(("aspirin", 0.9)))), Tier("c", third)]
    assert drugs(ask(*tiers)) == [("aspirin", "b", "b alone, sure")]
    assert third.prompts == []


def test_three_tiers_agree(scripted):
    tiers = [Tier(n, scripted(answer(("aspirin", c)))) for n, c in [("a", 0.5), ("b", 0.7)]]
    found = ask(*tiers, Tier("c", scripted(answer(("aspirin", 0.6)))))
    assert drugs(found) == [("aspirin", "c", "a, b and c agree")]
    assert found.spans[0].confidence == 0.7


def test_levels_of_single_tasks_and_items_without_a_confidence(scripted):
    def kept(**settings):
        first = Tier("small", scripted(answer(("aspirin", None), ("warfarin", 0.6))), **settings)
        return [text for text, *_ in drugs(ask(first, Tier("large", scripted(answer()))))]

    assert kept() == []
    assert kept(sure=0.5) == ["warfarin"]
    assert kept(sure_for={"medications@1": 0.6}) == ["warfarin"]
    assert kept(sure_for={"conditions@1": 0.6}) == []
    assert kept(sure=0) == ["aspirin", "warfarin"]


def test_relations_and_statements_are_merged_too(scripted):
    first = {"text": "aspirin", "confidence": 0.9, "dosage": {"text": "81 mg", "confidence": 0.9}}
    second = {
        "text": "aspirin",
        "confidence": 0.9,
        "frequency": {"text": "daily", "start": 22, "confidence": 0.9},
    }
    found = ask(
        Tier("small", scripted(answer(first))),
        Tier("large", scripted(answer(second)), reads="always"),
    )
    texts = {s.id: s.text for s in found.spans}
    assert [(r.label, texts[r.head], texts[r.tail], r.tier) for r in found.relations] == [
        ("dosage", "aspirin", "81 mg", "small"),
        ("frequency", "aspirin", "daily", "large"),
    ]
    stated = '{"items": [], "no_known_allergies": true}'
    found = ask(
        Tier("small", scripted(stated)),
        Tier("large", scripted(stated)),
        note="NKDA.",
        task="allergies",
    )
    assert [(entry.name, entry.tier) for entry in found.labels] == [("no_known_allergies", "large")]
    assert found.labels[0].reason.endswith("small and large agree")


class Down:
    name = "down@1"
    capabilities = Capabilities()

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def complete(self, prompts):
        raise self.error


@pytest.mark.parametrize("error", [ModelError("server unreachable"), ValueError(NOTE)])
def test_a_failed_tier_leaves_the_earlier_answer_standing(scripted, error):
    first = scripted(answer(("aspirin", 0.5)))
    found = ask(Tier("small", first), Tier("large", Down(error)))
    assert drugs(found) == [("aspirin", "small", "small alone, not sure")]
    assert [(f.code, f.severity) for f in found.findings] == [("model_error", "flag")]
    assert found.complete
    assert [t.tier for t in found.trace] == ["small", "large"]
    assert "warfarin" not in found.to_json()


def test_a_window_that_no_tier_could_read_makes_the_record_incomplete(scripted):
    def failing(line: int):
        said = [answer()] * 3
        said[line] = Completion("", "error", error="time-out")
        return scripted(*said, capabilities=SHORT)

    found = ask(Tier("small", failing(1)), Tier("large", failing(0), reads="always"))
    assert found.complete
    assert {(f.code, f.severity) for f in found.findings} == {("model_error", "flag")}
    found = ask(Tier("small", failing(1)), Tier("large", failing(1), reads="always"))
    assert (found.windows.total, found.windows.failed) == (3, 1)
    assert not found.complete
    assert codes(found) == [("model_error", "reject", "time-out")]  # told once


def test_when_no_tier_can_be_used_the_document_fails(scripted):
    tiers = [Tier(n, Down(ModelError(f"{n} unreachable"))) for n in "ab"]
    with pytest.raises(ModelError, match="a unreachable"):
        ask(*tiers)
    with pytest.raises(ConfigError, match="extra"):  # the user's to mend, whoever else answered
        ask(Tier("a", scripted(answer())), Tier("b", Down(ConfigError("extra")), reads="always"))


def test_a_tier_is_passed_over_for_tasks_that_are_not_its_own(scripted):
    other = scripted("never", capabilities=Capabilities(tasks=frozenset({"conditions@1"})))
    mine = scripted(answer(("aspirin", 0.4)), capabilities=Capabilities(tasks=frozenset({"medications@1"})))  # fmt: skip
    found = ask(Tier("a", other), Tier("b", mine), Tier("c", other, reads="always"))
    assert other.prompts == []
    assert [t.tier for t in found.trace] == ["b"]
    assert [s.reason for s in found.spans] == ["no error level set"]  # as of one tier alone
    assert found.findings == ()


def test_rules_are_passed_over_where_a_task_has_none(scripted):
    task = replace(load("medications"), rules=None)
    tiers = [Tier("rules", RulesModel()), Tier("large", scripted(answer(("aspirin", 0.9))))]
    found = asyncio.run(Cascade(tiers=tiers).extract(Document(NOTE, "n1"), task))
    assert [t.tier for t in found.trace] == ["large"]
    assert found.findings == ()


def test_a_task_that_no_tier_answers_is_put_to_the_first(scripted):
    able = Capabilities(tasks=frozenset())
    refusal = scripted(Completion("", "error", error="not my task"), capabilities=able)
    found = ask(Tier("a", refusal), Tier("b", scripted("never", capabilities=able)))
    assert codes(found) == [("model_error", "reject", "not my task")]
    assert not found.complete


def test_an_error_level_defers_everything_of_every_tier(scripted):
    config = Config.model_validate({"deferral": {"max_error": 0.05}})
    found = ask(
        Tier("a", scripted(answer(("aspirin", 0.9)))),
        Tier("b", scripted(answer(("warfarin", 0.9))), reads="always"),
        config=config,
    )
    assert {s.decision for s in found.spans} == {t.decision for t in found.trace} == {"defer"}
    assert found.decision == "defer"
    assert found.spans[0].reason.startswith("no rejector is fitted")


def test_the_books_of_two_tiers(scripted):
    said = Completion(answer(("aspirin", 0.5)), input_tokens=100, output_tokens=10)
    found = ask(Tier("a", scripted(said), 1e4, 2e4), Tier("b", scripted(said), 1e6, 0.0))
    assert [t.cost for t in found.trace] == [pytest.approx(1.2), pytest.approx(100)]


def test_an_empty_note_and_two_runs(scripted):
    def run(note):
        tiers = [Tier("a", RulesModel(), sure=0.9), Tier("b", scripted(answer(("aspirin", 0.7))))]
        return ask(*tiers, note=note).to_json()

    assert json.loads(run(""))["complete"]
    assert run(NOTE) == run(NOTE)
    assert Extraction.from_dict(json.loads(run(NOTE))).to_json() == run(NOTE)
