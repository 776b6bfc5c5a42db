from collections import Counter
from itertools import islice, pairwise

import pytest

from clinie import tasks
from clinie.errors import ConfigError
from clinie.models.rules import RulesModel
from clinie.text.lexica import drugs
from clinie.training.synthetic import TASKS, disagreement, hard, notes
from clinie.training.synthetic.vocabulary import vocabulary

COUNT = 250


@pytest.fixture(scope="module")
def train():
    return list(notes(COUNT, seed=3))


@pytest.fixture(scope="module")
def held_out():
    return list(notes(COUNT, seed=3, part="test"))


@pytest.mark.parametrize("part", ["train", "test"])
def test_every_span_stands_where_gold_says(part, train, held_out):
    for note in train if part == "train" else held_out:
        for record in note.records:
            assert record.document is note.document
            for span in record.spans:
                assert span.text
                assert note.document.text[span.start : span.end] == span.text
                assert span.text == span.text.strip()


def test_gold_keeps_to_the_schema_of_each_task(train):
    for name in TASKS:
        schema = tasks.load(name).schema
        relations = {spec.name: spec for spec in schema.relations}
        for note in train:
            record = note.gold(name)
            labels = {span.id: span.label for span in record.spans}
            for span in record.spans:
                attributes = schema.label(span.label).attributes
                for key, value in span.attributes.items():
                    assert not attributes[key] or value in attributes[key]
            for relation in record.relations:
                spec = relations[relation.label]
                assert labels[relation.head] == spec.head
                assert labels[relation.tail] == spec.tail
            for label in record.labels:
                assert schema.document_label(label.name) is not None


def test_no_span_of_a_task_stands_over_another(train):
    for note in train:
        for record in note.records:
            spans = sorted(record.spans, key=lambda s: (s.start, s.end))
            for left, right in pairwise(spans):
                assert left.end <= right.start, (left.text, right.text)


def test_every_attribute_belongs_to_a_drug(train):
    for note in train:
        record = note.gold("medications@1")
        tails = {relation.tail for relation in record.relations}
        assert {s.id for s in record.spans if s.label != "medication"} <= tails


def test_all_statuses_and_assertions_occur(train):
    statuses = Counter(
        s.attributes["status"]
        for n in train
        for s in n.gold("medications@1").spans
        if s.label == "medication"
    )
    assert min(statuses[s] for s in ("active", "discontinued", "neither")) > 0.1 * statuses.total()
    assertions = Counter(
        s.attributes["assertion"] for n in train for s in n.gold("conditions@1").spans
    )
    assert set(assertions) == {
        "present", "absent", "possible", "conditional", "hypothetical", "family",
    }  # fmt: skip


def test_a_seed_says_the_same_whatever_the_count(train):
    again = list(islice(notes(COUNT * 2, seed=3), 20))
    assert [n.document.text for n in again] == [n.document.text for n in train[:20]]
    assert [n.records for n in again] == [n.records for n in train[:20]]
    assert next(notes(1, seed=4)).document.text != train[0].document.text


@pytest.mark.parametrize("part", ["train", "test"])
def test_no_part_names_a_drug_of_the_other(part, train, held_out):
    words = vocabulary(part)
    for note in train if part == "train" else held_out:
        for span in note.gold("medications@1").spans:
            drug = drugs().get(span.text) if span.label == "medication" else None
            if drug is not None and drug.ingredient and not drug.ambiguous:
                assert words.holds(drug.ingredient), span.text


def test_no_phrase_is_in_both_parts():
    parts = [vocabulary(p).phrases for p in ("train", "test")]
    for table in ("medication", "condition", "allergy"):
        first, second = ({p.text for x in part[table].values() for p in x} for part in parts)
        assert first
        assert second
        assert not first & second


def test_every_place_has_phrases_in_both_parts():
    every = vocabulary("all").phrases
    for part in ("train", "test"):
        held = vocabulary(part).phrases
        for table, places in every.items():
            assert set(held[table]) == set(places), (part, table)


def test_metadata_say_that_a_note_is_made_up(train):
    assert all(n.document.metadata["synthetic"] == "true" for n in train)
    assert len({n.document.metadata["note_type"] for n in train}) > 6


def test_an_unknown_part_or_task():
    with pytest.raises(ConfigError, match="unknown part"):
        next(notes(1, seed=0, part="dev"))
    with pytest.raises(KeyError):
        next(notes(1, seed=0)).gold("pico@1")


def test_hard_keeps_what_the_model_gets_wrong(train):
    model, some = RulesModel(), train[:30]
    wrong = {n.document.id for n in some if disagreement(n, model) >= 0.1}
    assert 0 < len(wrong) < 30
    assert {n.document.id for n in hard(some, model, right_share=0)} == wrong
    assert len(list(hard(some, model, right_share=1))) == 30
    mixed = [n.document.id for n in hard(some, model, right_share=0.5)]
    assert wrong <= set(mixed)
    assert mixed == [n.document.id for n in some if n.document.id in set(mixed)]


def test_hard_refuses_impossible_shares(train):
    with pytest.raises(ConfigError, match="least"):
        list(hard(train[:1], RulesModel(), least=2))
