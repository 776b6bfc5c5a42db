import itertools
from dataclasses import replace

import pytest

from clinie.datasets.corpora import CorpusItem
from clinie.models.tagger.linking import LINKED
from clinie.models.tagger.pairs import Mention, Pair
from clinie.schema import Document, Extraction, Relation, Span
from clinie.training.tagger.relations import (
    WEIGHT,
    Linked,
    examples,
    from_maccrobat,
    from_phee,
    from_record,
    from_rules,
    train_relations,
)


def span(id: str, label: str, words: str, text: str) -> Span:
    start = text.index(words)
    return Span(id, label, start, start + len(words), words)


def said(linked: Linked) -> set[tuple[str, str, str]]:
    """Return the links as words: drug, kind, attribute."""
    return {
        (
            linked.text[slice(*linked.mentions[head][:2])],
            linked.mentions[tail].label,
            linked.text[slice(*linked.mentions[tail][:2])],
        )
        for head, tail in linked.pairs
    }


REPORT = "He took ramipril 5 mg daily for a rash of two days."


def report() -> CorpusItem:
    spans = (
        span("T1", "Medication", "ramipril", REPORT),
        span("T2", "Dosage", "5 mg daily", REPORT),
        span("T3", "Sign_symptom", "rash", REPORT),
        span("T4", "Duration", "two days", REPORT),
    )
    links = (Relation("R1", "MODIFY", "T2", "T1"), Relation("R2", "MODIFY", "T4", "T3"))
    return CorpusItem(Document(REPORT, "a"), spans, links)


def test_case_reports_give_what_modifies_a_drug() -> None:
    linked = from_maccrobat(report())
    assert said(linked) == {("ramipril", "dosage", "5 mg daily")}
    assert len(linked.mentions) == 2


def test_a_dose_with_its_frequency_is_parted() -> None:
    assert said(from_maccrobat(report(), parted=True)) == {
        ("ramipril", "dosage", "5 mg"),
        ("ramipril", "frequency", "daily"),
    }


def test_sentences_give_the_parts_of_a_treatment() -> None:
    text = "Oral A for gout, and B with C 5 mg, led to coma."
    spans = (
        span("e", "Trigger", "led", text),
        span("t", "Treatment", "Oral A for gout", text),
        span("u", "Treatment", "B with C 5 mg", text),
        span("a", "Drug", "A", text),
        span("b", "Drug", "B", text),
        span("c", "Drug", "C", text),
        span("r", "Route", "Oral", text),
        span("g", "Disorder", "gout", text),
        span("d", "Dosage", "5 mg", text),
        span("x", "Disorder", "coma", text),
    )
    parts = {"t": "arg", "u": "bcd", "e": "tux"}
    links = tuple(
        Relation(f"r{n}", "part", head, tail)
        for n, (head, tail) in enumerate(
            itertools.chain(*(zip(itertools.repeat(h), t, strict=False) for h, t in parts.items()))
        )
    )
    linked = from_phee(CorpusItem(Document(text, "b"), spans, links))
    assert said(linked) == {
        ("A", "route", "Oral"),
        ("A", "reason", "gout"),
        ("B", "dosage", "5 mg"),
        ("C", "dosage", "5 mg"),
    }
    (unclear,) = linked.unclear  # of B or of C
    assert linked.mentions[unclear].label == "dosage"
    assert not any(linked.mentions[x].label == "reason" and x in linked.unclear for x in range(6))


def test_rules_give_their_links_and_hide_behind_them() -> None:
    linked = from_rules(Document("Take aspirin 81 mg daily.", "c"))
    assert said(linked) == {("aspirin", "dosage", "81 mg"), ("aspirin", "frequency", "daily")}
    found = list(examples([linked]))
    assert {example.label for example in found} == {LINKED}
    assert not any("rules" in feature for example in found for feature in example.features)


def test_gold_is_seen_with_the_rules_and_without() -> None:
    found = list(examples([from_maccrobat(report())]))
    assert [example.weight for example in found] == [0.5, 0.5]
    assert [any("rules" in x for x in example.features) for example in found] == [False, True]
    made = replace(from_maccrobat(report()), source="made")
    assert [example.weight for example in examples([made])] == [WEIGHT["made"] / 2] * 2


def test_records_are_read_with_their_document() -> None:
    document = Document("Take aspirin 81 mg.", "d")
    spans = (
        span("s0", "medication", "aspirin", document.text),
        span("s1", "dosage", "81 mg", document.text),
    )
    links = (Relation("r0", "dosage", "s0", "s1"),)
    record = Extraction("d", "medications@1", spans, links, document=document)
    assert said(from_record(record)) == {("aspirin", "dosage", "81 mg")}
    with pytest.raises(ValueError, match="no document"):
        from_record(Extraction("d", "medications@1", spans, links))


def test_a_linker_learns_that_a_dose_stands_behind_its_drug() -> None:
    pytest.importorskip("torch")
    given = []
    for n in range(60):
        text = f"aspirin {n} mg and Plavix {n + 1} mg"
        places = [(0, 7), (8, text.index(" and")), (text.index("P"), text.index("x") + 1)]
        places.append((places[-1][1] + 1, len(text)))
        kinds = ("medication", "dosage") * 2
        mentions = tuple(Mention(*p, kind) for p, kind in zip(places, kinds, strict=True))
        pairs = frozenset((Pair(0, 1), Pair(2, 3)))
        given.append(Linked(text, f"n{n}", mentions, pairs))
    linker = train_relations(given)
    found = linker.link(given[0].text, given[0].mentions)
    assert [link[:2] for link in found] == [(0, 1), (2, 3)]
    assert min(link.probability for link in found) > 0.9
    again = train_relations(given)
    assert (again.classifier.weights == linker.classifier.weights).all()
