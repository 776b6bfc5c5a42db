"""Figures of an evaluation: hand-counted ones, and what must hold of any."""

from __future__ import annotations

import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.datasets import bundled
from clinie.datasets.evaluation import KINDS, evaluate
from clinie.errors import ConfigError, InputError
from clinie.schema import Document, Extraction, Label, Relation, Span


def span(id, label, text, words, nth=0, **attributes):
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return Span(id, label, start, start + len(words), words, attributes=attributes)


NOTE = "Aspirin 75 mg daily for pain. Warfarin stopped. Takes metoprolol 25 mg."


def gold_record():
    spans = (
        span("a", "medication", NOTE, "Aspirin", status="active"),
        span("b", "dosage", NOTE, "75 mg"),
        span("c", "reason", NOTE, "pain"),
        span("d", "medication", NOTE, "Warfarin", status="discontinued"),
        span("e", "medication", NOTE, "metoprolol", status="active"),
        span("f", "dosage", NOTE, "25 mg"),
    )
    links = (
        Relation("r0", "dosage", "a", "b"),
        Relation("r1", "reason", "a", "c"),
        Relation("r2", "dosage", "e", "f"),
    )
    return Extraction("n", "medications@1", spans, links, document=Document(NOTE, "n"))


def predicted_record():
    spans = (
        span("p", "medication", NOTE, "Aspirin", status="active"),
        span("q", "dosage", NOTE, "75 mg daily"),  # wrong boundaries
        span("r", "medication", NOTE, "Warfarin", status="active"),  # wrong value
        span("s", "duration", NOTE, "25 mg"),  # wrong label
        span("t", "medication", NOTE, "Takes", status="neither"),  # spurious
    )
    links = (Relation("r0", "dosage", "p", "q"), Relation("r1", "duration", "p", "s"))
    return Extraction("n", "medications@1", spans, links)


def values(result):
    return {
        (line.section, line.name): (
            line.gold,
            line.predicted,
            {name: estimate.value for name, estimate in line.figures.items()},
        )
        for line in result.lines
    }


def test_figures_of_a_note():
    result = evaluate([predicted_record()], [gold_record()], task="medications")
    found = values(result)
    assert found["spans, strict", "medication"] == (
        3, 3, {"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3}
    )  # fmt: skip
    assert found["spans, strict", "micro"] == (
        6, 5, {"precision": 2 / 5, "recall": 2 / 6, "f1": 4 / 11}
    )  # fmt: skip
    assert found["spans, relaxed", "micro"][2]["f1"] == 6 / 11
    macro = found["spans, strict", "macro"][2]
    assert macro["f1"] == pytest.approx((2 / 3 + 0 + 0 + 0) / 4)
    # 75 mg of 75 mg daily, 25 mg under another label: tokens 75, mg, daily, 25, mg
    gold, predicted, dosage = found["tokens", "dosage"]
    assert (gold, predicted, dosage["precision"], dosage["recall"]) == (4, 3, 2 / 3, 2 / 4)
    assert found["relations, strict", "micro"][2]["f1"] == 0
    assert found["relations, relaxed", "dosage"] == (
        2, 1, {"precision": 1, "recall": 0.5, "f1": pytest.approx(2 / 3)}
    )  # fmt: skip
    assert math.isnan(found["relations, strict", "reason"][2]["precision"])
    status = found["status, given the mention", "all"]
    assert status[:2] == (2, 2)
    assert status[2]["accuracy"] == 0.5
    assert status[2]["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)
    together = found["mentions with their values", "mention and status"]
    assert together == (3, 3, {"precision": 1 / 3, "recall": 1 / 3, "f1": 1 / 3})
    assert result.confusions["status"].values == ("active", "discontinued")
    assert result.confusions["status"].counts == ((1, 0), (1, 0))


def test_errors_of_a_note():
    result = evaluate([predicted_record()], [gold_record()], task="medications")
    told = [(e.kind, e.label, e.gold, e.predicted, e.hint) for e in result.errors]
    assert told == [
        ("missed", "reason", "pain", "", ""),
        ("missed", "medication", "metoprolol", "", ""),
        ("spurious", "medication", "", "Takes", ""),
        ("wrong boundaries", "dosage", "75 mg", "75 mg daily", ""),
        ("wrong label", "dosage", "25 mg", "25 mg", "called duration"),
        ("wrong value", "medication", "discontinued", "active", "status"),
        ("relation missed", "reason", "Aspirin → pain", "", "no tail in the prediction"),
        ("relation missed", "dosage", "metoprolol → 25 mg", "",
         "no head and no tail in the prediction"),
        ("relation spurious", "duration", "", "Aspirin → 25 mg", "no tail in the gold"),
    ]  # fmt: skip
    assert all(
        NOTE[place.start : place.end] in (e.gold + e.predicted) or e.kind == "wrong value"
        for e in result.errors
        for place in e.places
    )
    assert list(result.error_counts()) == list(dict.fromkeys(kind for kind, *_ in told))
    assert result.texts == {"n": NOTE}


def test_two_systems_are_judged_on_the_mentions_that_both_found():
    other = predicted_record()
    less = Extraction("n", other.task, other.spans[1:])  # without aspirin
    alone = evaluate([predicted_record()], [gold_record()], task="medications")
    beside = evaluate([predicted_record()], [gold_record()], task="medications", against=[less])
    name = "status, given the mention", "all", "accuracy"
    assert alone.figure(*name).value == 0.5
    assert beside.figure(*name).value == 0  # warfarin only
    [compared] = [c for c in beside.comparisons if (c.section, c.name, c.measure) == name]
    assert (compared.value, compared.other, compared.difference.value) == (0, 0, 0)
    [recall] = [
        c
        for c in beside.comparisons
        if (c.section, c.name, c.measure) == ("spans, strict", "medication", "recall")
    ]
    assert recall.difference.value == pytest.approx(1 / 3)


def test_names_are_judged_wherever_they_stand():
    text = "Aspirin daily. ASPIRIN stopped. Warfarin held. Iron."

    def record(*said):
        spans = []
        for n, (words, status) in enumerate(said):
            nth = sum(spans[k].text == words for k in range(n))
            spans.append(span(f"s{n}", "medication", text, words, nth, status=status))
        return Extraction("n", "medications@1", tuple(spans))

    gold = record(("Aspirin", "active"), ("ASPIRIN", "discontinued"), ("Warfarin", "discontinued"))
    found = record(("ASPIRIN", "active"), ("Warfarin", "active"), ("Iron", "active"))
    other = record(("Aspirin", "neither"))
    name = "status, given the name", "all", "accuracy"
    assert evaluate([found], [gold], task="medications").figure(*name).value == 0.5
    beside = evaluate([found], [gold], task="medications", against=[other])
    assert beside.figure(*name).value == 1  # aspirin is what all three name
    [compared] = [c for c in beside.comparisons if (c.section, c.name, c.measure) == name]
    assert compared.other == 0


def test_documents_on_one_side_only():
    gold = [gold_record(), Extraction("m", "medications@1", gold_record().spans)]
    extra = Extraction("x", "medications@1")
    result = evaluate([predicted_record(), extra], gold, task="medications")
    assert (result.documents, result.missing, result.extra) == (2, ("m",), ("x",))
    assert result.figure("spans, strict", "medication", "recall").value == 2 / 6
    assert any("not at hand" in notice for notice in result.notices)
    with pytest.raises(InputError, match="no document stands in both"):
        evaluate([extra], gold, task="medications")
    with pytest.raises(InputError, match=r"n: two prediction records"):
        evaluate([predicted_record()] * 2, gold, task="medications")
    with pytest.raises(InputError, match="no gold"):
        evaluate([extra], [], task="medications")


def test_records_of_another_text_are_refused_without_its_words():
    other = Extraction("n", "medications@1", (Span("s", "medication", 1, 8, "secrets"),))
    with pytest.raises(InputError) as caught:
        evaluate([other], [gold_record()], task="medications")
    assert str(caught.value).startswith("n: the words of a span are not those at 1:8")
    assert "secret" not in str(caught.value)
    beyond = Extraction("n", "medications@1", (Span("s", "medication", 90, 92, "so"),))
    with pytest.raises(InputError, match="90:92"):
        evaluate([beyond], [gold_record()], task="medications")


def test_a_missing_figure_names_the_sections():
    result = evaluate([predicted_record()], [gold_record()], task="medications")
    with pytest.raises(ConfigError, match="spans, strict; spans, relaxed; tokens"):
        result.figure("spans", "medication", "f1")


def test_arms_are_right_as_a_list():
    def record(id, *arms):
        labels = (Label(f"l{n}", "arm", arm) for n, arm in enumerate(arms))
        return Extraction(id, "pico@1", labels=tuple(labels))

    gold = [record("a", "aspirin", "placebo"), record("b", "Drug X"), record("c"), record("d")]
    found = [
        record("a", "aspirin", "matching placebo"),
        record("b", "drug  x", "drug x"),
        record("c", "saline"),
        record("d"),
    ]
    result = evaluate(found, gold, task="pico")
    right = "all right, none spurious", "accuracy"
    assert result.figure("document labels, strict", *right).value == 1 / 3  # d has nothing to say
    assert result.figure("document labels, relaxed", *right).value == 2 / 3
    assert [(e.kind, e.gold, e.predicted) for e in result.errors] == [
        ("statement missed", "placebo", ""),
        ("statement spurious", "", "matching placebo"),
        ("statement spurious", "", "saline"),
    ]
    quiet = evaluate(found, gold, task="pico", labels=False)
    assert not quiet.lines
    assert not quiet.errors


def test_closed_labels_are_classes_of_documents():
    def record(id, *values):
        labels = (Label(f"l{n}", "no_known_allergies", v) for n, v in enumerate(values))
        return Extraction(id, "allergies@1", labels=tuple(labels))

    gold = [record("a", "true"), record("b", "true"), record("c"), record("d")]
    found = [record("a", "true"), record("b"), record("c"), record("d", "true")]
    result = evaluate(found, gold, task="allergies")
    name = "no_known_allergies, by document"
    assert result.figure(name, "all", "accuracy").value == 0.5
    assert result.figure(name, "all", "kappa").value == 0
    assert result.figure(name, "true", "precision").value == 0.5
    assert result.confusions["no_known_allergies"].values == ("(none)", "true")
    assert result.confusions["no_known_allergies"].counts == ((1, 1), (1, 1))


def test_words_of_antecedents():
    text = "The left knee hurts. It is swollen. The scan shows nothing. It was normal."

    def record(*pairs):
        spans, links = [], []
        for n, (anaphor, antecedent) in enumerate(pairs):
            spans += [anaphor, antecedent]
            links.append(Relation(f"r{n}", "antecedent", anaphor.id, antecedent.id))
        return Extraction("n", "coreference@1", tuple(spans), tuple(links))

    first, second = (span(f"it{n}", "anaphor", text, "It", n) for n in (0, 1))
    gold = record(
        (first, span("k", "antecedent", text, "The left knee")),
        (second, span("s", "antecedent", text, "The scan")),
    )
    found = record((first, span("k", "antecedent", text, "knee hurts")))
    result = evaluate([found], [gold], task="coreference")
    name = "words of the antecedent, given the anaphor", "antecedent"
    assert result.figure(*name, "precision").value == 1 / 2  # knee, of knee hurts
    assert result.figure(*name, "recall").value == 1 / 5  # of the left knee, the scan


def random_record(rng, id):
    spans = []
    for n in range(rng.randrange(8)):
        start = rng.randrange(40)
        end = start + rng.randrange(1, 6)
        label = rng.choice(["medication", "dosage"])
        status = {"status": rng.choice(["active", "neither"])} if label == "medication" else {}
        confidence = rng.choice([None, 0.2, 0.5, 0.9])
        spans.append(
            Span(f"s{n}", label, start, end, "x" * (end - start), None, status,
                 confidence=confidence)
        )  # fmt: skip
    heads = [s.id for s in spans if s.label == "medication"]
    tails = [s.id for s in spans if s.label == "dosage"]
    links = [Relation(f"r{n}", "dosage", h, t) for n, (h, t) in enumerate(zip(heads, tails, strict=False))]  # fmt: skip
    return Extraction(id, "medications@1", tuple(spans), tuple(links))


@st.composite
def sides(draw):
    rng = random.Random(draw(st.integers(0, 2**32)))
    n = draw(st.integers(1, 5))
    return [[random_record(rng, f"d{k}") for k in range(n)] for _ in range(2)]


def numbers(result):
    return {
        (line.section, line.name, measure): estimate.value
        for line in result.lines
        for measure, estimate in line.figures.items()
    }


def equal(one, other):
    assert one.keys() == other.keys()
    for name, value in one.items():
        assert value == pytest.approx(other[name], nan_ok=True), name


@given(sides())
def test_a_perfect_prediction_has_no_error(records):
    gold, _ = records
    result = evaluate(gold, gold, task="medications", resamples=20)
    assert result.errors == ()
    for (section, _, _), value in numbers(result).items():
        if section != "confidence":
            assert value == 1 or math.isnan(value)


@given(sides())
def test_swapping_the_sides_swaps_precision_and_recall(records):
    one, other = records
    there = numbers(evaluate(one, other, task="medications", resamples=1))
    back = numbers(evaluate(other, one, task="medications", resamples=1))
    swap = {"precision": "recall", "recall": "precision", "f1": "f1"}
    for (section, name, measure), value in there.items():
        if section.startswith(("spans", "tokens", "relations")):
            mirrored = back[section, name, swap[measure]]
            assert value == pytest.approx(mirrored, nan_ok=True), (section, name, measure)


@given(sides(), st.randoms())
def test_the_order_of_documents_and_items_changes_nothing(records, rng):
    found, gold = records
    expected = numbers(evaluate(found, gold, task="medications", resamples=1))
    shuffled = [
        [
            Extraction(
                r.document_id,
                r.task,
                tuple(rng.sample(r.spans, len(r.spans))),
                tuple(rng.sample(r.relations, len(r.relations))),
            )
            for r in rng.sample(side, len(side))
        ]
        for side in (found, gold)
    ]
    stable = {  # which of two overlapping mentions is matched may change what its value is
        name: value
        for name, value in numbers(evaluate(*shuffled, task="medications", resamples=1)).items()
        if name[0].startswith(("spans", "tokens", "relations"))
    }
    equal({name: expected[name] for name in stable}, stable)


@given(sides())
def test_intervals_hold_the_figure(records):
    result = evaluate(*records, task="medications", resamples=200)
    for line in result.lines:
        if line.name != "macro" and line.section.startswith(("spans", "tokens", "relations")):
            for figure in line.figures.values():
                if not math.isnan(figure.value):
                    assert figure.low <= figure.value + 1e-12
                    assert figure.value <= figure.high + 1e-12


@given(sides())
def test_a_system_does_not_differ_from_itself(records):
    found, gold = records
    result = evaluate(found, gold, task="medications", against=found, resamples=20)
    for each in result.comparisons:
        gap = each.difference
        assert gap.value == 0 or math.isnan(gap.value)
        assert gap.p == 1 or math.isnan(gap.p)


@given(sides())
def test_the_result_is_json_without_words(records):
    result = evaluate(*records, task="medications", against=records[1], resamples=5)
    told = json.dumps(result.to_dict(), allow_nan=False)
    assert "xx" not in told
    assert set(result.error_counts()) <= set(KINDS)


def test_bundled_gold_against_itself():
    for task in bundled.TASKS:
        gold = list(bundled.gold(task).values())
        result = evaluate(gold, gold, task=task, resamples=2)
        assert not result.errors, task
        assert {v for v in numbers(result).values() if not math.isnan(v)} == {1.0}, task
