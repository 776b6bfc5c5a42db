import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.errors import ModelError
from clinie.models.tagger.classifiers import LinearClassifier, buckets_of
from clinie.models.tagger.senses import RIGHT, WRONG, SenseRanker, Surroundings, sense_key
from clinie.tasks.acronyms.rules import AcronymRules
from clinie.text.senses import shipped

BUCKETS = 1 << 14
RULES = AcronymRules(shipped())


def ranker(worth: dict[str, float], least: float = 0.4) -> SenseRanker:
    """Return a ranker that knows a few features, by their worth."""
    weights = np.zeros((BUCKETS, 2))
    for feature, value in worth.items():
        weights[buckets_of([feature], BUCKETS), 1] = value
    known = frozenset(sense_key("PT", sense.name) for sense in shipped().senses("PT"))
    classifier = LinearClassifier.quantized((WRONG, RIGHT), weights, np.zeros(2))
    return SenseRanker(classifier, known, least)


TEXT = "She walks with a cane after PT for her knee."
ITEMS = [{"text": "PT", "label": "acronym", "start": 28, "sense": None, "confidence": 0.4}]
KNEE = "pt=physical therapy knee"


def test_a_sense_is_described_by_words_cues_prior_and_rules() -> None:
    senses = shipped().senses("PT")
    rows = Surroundings(TEXT).features(28, 30, "PT", senses, ITEMS[0])
    by_name = {sense.name: row for sense, row in zip(senses, rows, strict=True)}
    row = by_name["physical therapy"]
    assert {KNEE, "pt=physical therapy <after", "pt=physical therapy >for", "rules: open"} <= {*row}
    assert any(feature.startswith("prior ") for feature in row)
    chosen = {**ITEMS[0], "sense": "prothrombin time", "confidence": 0.93}
    rows = Surroundings(TEXT).features(28, 30, "PT", senses, chosen)
    said = {sense.name: row for sense, row in zip(senses, rows, strict=True)}
    assert "rules: this 9" in said["prothrombin time"]
    assert "rules: another 9" in said["physical therapy"]


def test_a_short_form_that_the_rules_did_not_find_has_features_too() -> None:
    rows = Surroundings(TEXT).features(28, 30, "PT", shipped().senses("PT"), {})
    assert all("rules: not found" in row for row in rows)


def test_what_the_rules_say_can_be_left_out() -> None:
    rows = Surroundings(TEXT).features(28, 30, "PT", shipped().senses("PT"), None)
    assert not any(feature.startswith("rules") for row in rows for feature in row)


def test_a_common_sense_that_was_never_read_leaves_the_choice_to_the_rules() -> None:
    ours = ranker({KNEE: 5.0})
    common = max(shipped().senses("PT"), key=lambda sense: sense.prior)
    unread = replace(ours, known=ours.known - {sense_key("PT", common.name)})
    assert unread.revise(TEXT, ITEMS) == ITEMS
    rare = min(shipped().senses("PT"), key=lambda sense: sense.prior)
    narrower = replace(ours, known=ours.known - {sense_key("pt", rare.name)})
    assert narrower.revise(TEXT, ITEMS) == ours.revise(TEXT, ITEMS)


def test_the_best_sense_is_taken_with_its_probability() -> None:
    (item,) = ranker({KNEE: 5.0}).revise(TEXT, ITEMS)
    assert item["sense"] == "physical therapy"
    assert 0.9 < item["confidence"] < 1
    assert {**item, "sense": None, "confidence": 0.4} == ITEMS[0]


def test_a_short_form_is_left_open_where_nothing_speaks() -> None:
    (item,) = ranker({}).revise(TEXT, ITEMS)
    assert item["sense"] is None
    assert item["confidence"] == pytest.approx(1 / len(shipped().senses("PT")), abs=0.001)


@pytest.mark.parametrize(
    ("text", "item"),
    [
        (TEXT, {**ITEMS[0], "sense": "petrol tank"}),  # of a user's inventory
        ("An NKDA", {**ITEMS[0], "text": "NKDA", "start": 3}),  # one sense only
        (
            "The posterior tibial artery (PT) was open. PT pulse felt.",
            {**ITEMS[0], "start": 43, "sense": "posterior tibial"},
        ),
    ],
)
def test_what_the_rules_know_better_is_theirs(text: str, item: dict) -> None:
    assert ranker({"sense": 9.0, KNEE: 9.0}).revise(text, [item]) == [item]


def test_items_keep_their_order_and_are_not_changed() -> None:
    text = "PT and OT today; PT 12.3 sec."
    items = RULES(text)
    before = [dict(item) for item in items]
    revised = ranker({KNEE: 1.0}).revise(text, items)
    assert items == before
    assert [item["start"] for item in revised] == [item["start"] for item in items]


def test_state_round_trip_and_what_is_missing() -> None:
    ours = ranker({KNEE: 5.0}, least=0.3)
    again = SenseRanker.from_state(ours.state("x"), "x")
    assert again.revise(TEXT, ITEMS) == ours.revise(TEXT, ITEMS)
    assert again.least == pytest.approx(0.3)
    tensors = ours.state()
    del tensors["senses.least"]
    with pytest.raises(ModelError, match="not those of a ranker"):
        SenseRanker.from_state(tensors)


@given(st.lists(st.sampled_from(["PT", "MS", "RA", "(PT)", "pain", "12.5", "é", "\n\n", ":"])))
def test_any_text_is_revised_within_bounds(words: list[str]) -> None:
    text = " ".join(words)
    for item in ranker({KNEE: 2.0}).revise(text, RULES(text)):
        assert 0 <= item["confidence"] <= 1
        assert item["sense"] is None or isinstance(item["sense"], str)


def test_time_grows_with_the_text() -> None:
    text = "PT RA of MS " * 8000
    items = [
        {"text": "PT", "label": "acronym", "start": at, "sense": None, "confidence": 0.4}
        for at in range(0, len(text), 12 * 40)
    ]
    started = time.process_time()
    assert len(ranker({}).revise(text, items)) == len(items)
    assert time.process_time() - started < 10
