import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.errors import ModelError
from clinie.models.tagger.classifiers import LinearClassifier, buckets_of
from clinie.models.tagger.linking import APART, LINKED, Link, Linker
from clinie.models.tagger.pairs import ATTRIBUTES, HEAD, Mention, Pair, Pairs, Stated

BUCKETS = 1 << 12


def mentions(text: str, **words: str) -> list[Mention]:
    """Return the mentions of a text from ``label="word; word"``."""
    found = []
    for label, listed in words.items():
        for word in listed.split("; "):
            at = text.index(word)
            found.append(Mention(at, at + len(word), label))
    return sorted(found)


def linker(**worth: float) -> Linker:
    """Return a linker that knows a few features, by their worth in logits."""
    weights = np.zeros((BUCKETS, 2))
    for feature, value in worth.items():
        weights[buckets_of([feature.replace("_", " ")], BUCKETS), 1] = value
    return Linker(LinearClassifier.quantized((APART, LINKED), weights, np.array([0.0, -2.0])))


TEXT = "Take aspirin 81 mg and Plavix 75 mg daily."
FOUND = mentions(TEXT, medication="aspirin; Plavix", dosage="81 mg; 75 mg", frequency="daily")
# in order: aspirin, 81 mg, Plavix, 75 mg, daily


def test_pairs_are_the_drugs_of_the_sentence() -> None:
    assert list(Pairs(TEXT, FOUND)) == [(h, t) for t in (1, 3, 4) for h in (0, 2)]


def test_pairs_reach_the_nearest_drugs_when_the_sentence_has_none() -> None:
    text = "He takes aspirin, Plavix. The dose is 81 mg. We stop warfarin. Then digoxin."
    found = mentions(text, medication="aspirin; Plavix; warfarin; digoxin", dosage="81 mg")
    assert [found[pair.head].start for pair in Pairs(text, found)] == [
        text.index("Plavix"),
        text.index("warfarin"),
    ]


def test_pairs_end_far_away() -> None:
    text = f"aspirin {'and so on ' * 60} 81 mg"
    assert list(Pairs(text, mentions(text, medication="aspirin", dosage="81 mg"))) == []


def test_what_stands_between_is_written_as_signs() -> None:
    features = Pairs(TEXT, FOUND).features(Pair(0, 4))
    assert "frequency<all D and M D" in features
    assert "frequency<mentions DMD" in features
    assert "frequency<drugs 1" in features
    assert "frequency<word and" in features
    forward = Pairs(TEXT, FOUND).features(Pair(2, 1))
    assert "dosage>all and" in forward
    assert "dosage>rival " in forward  # nothing stands between aspirin and its dose


def test_line_ends_and_sentences_are_told() -> None:
    text = "aspirin\n81 mg. daily"
    found = mentions(text, medication="aspirin", dosage="81 mg", frequency="daily")
    pairs = Pairs(text, found)
    assert "dosage<all |" in pairs.features(Pair(0, 1))
    assert "frequency<sentences 1" in pairs.features(Pair(0, 2))


def test_a_mention_inside_another_takes_no_part() -> None:
    text = "aspirin 81 mg daily"
    found = [*mentions(text, medication="aspirin", dosage="81 mg daily", frequency="daily")]
    assert list(Pairs(text, found)) == [(0, 1)]


ITEMS = [
    {"text": "aspirin", "start": 5, "dosage": [{"text": "81", "start": 13}]},
    {"text": "Plavix", "start": 23},
]


def test_what_the_rules_say_is_carried_over_by_overlap() -> None:
    stated = Stated.of(ITEMS, FOUND)
    assert stated.pairs == {(0, 1)}
    assert stated.mentions == {0, 1, 2}
    assert list(stated.features(Pair(0, 1))) == ["rules: linked"]
    assert list(stated.features(Pair(2, 1))) == ["rules: apart 11"]
    assert list(stated.features(Pair(2, 4))) == ["rules: apart 10"]
    assert "dosage rules: linked" in Pairs(TEXT, FOUND, stated).features(Pair(0, 1))
    assert not any("rules" in x for x in Pairs(TEXT, FOUND).features(Pair(0, 1)))


def test_an_attribute_goes_to_its_best_drug_and_to_every_other_likely_one() -> None:
    far_and_near = linker(**{"frequency<drugs 0": 3.0, "frequency<drugs 1": 4.0})
    assert [link[:2] for link in far_and_near.link(TEXT, FOUND)] == [(0, 4), (2, 4)]
    near = linker(**{"frequency<drugs 0": 3.0, "frequency<drugs 1": 2.0})
    (link,) = near.link(TEXT, FOUND)
    assert link == Link(2, 4, pytest.approx(0.731, abs=0.01))
    assert linker().link(TEXT, FOUND) == []  # 0.12 each: below the least


def test_the_rules_are_weighed_only_where_they_are_given() -> None:
    obedient = linker(rules=0.0, **{"rules: linked": 4.0})
    assert obedient.link(TEXT, FOUND) == []
    assert [link[:2] for link in obedient.link(TEXT, FOUND, ITEMS)] == [(0, 1)]


def test_state_round_trip_and_what_is_missing() -> None:
    ours = linker(**{"frequency<drugs 0": 3.0})
    again = Linker.from_state(ours.state("x"), "x")
    assert again.link(TEXT, FOUND) == ours.link(TEXT, FOUND)
    tensors = ours.state()
    assert Linker.from_state(tensors).further == pytest.approx(ours.further)
    del tensors["relations.bounds"]
    with pytest.raises(ModelError, match="not those of a linker"):
        Linker.from_state(tensors)


@given(
    text=st.text(alphabet="ab 1,\n.é́", max_size=60),
    places=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 8), st.sampled_from([HEAD, *ATTRIBUTES])),
        max_size=8,
    ),
)
def test_any_mentions_are_linked_within_bounds(text: str, places: list) -> None:
    found = [
        Mention(start, min(len(text), start + size), label)
        for start, size, label in places
        if start < len(text)
    ]
    sure = linker(**{"dosage<": 9.0, "dosage>": 9.0, "reason<": 9.0})
    for link in sure.link(text, found):
        assert found[link.head].label == HEAD
        assert found[link.tail].label in ATTRIBUTES
        assert 0 <= link.probability <= 1
    assert sure.link(text, found) == sure.link(text, found)


def test_time_grows_with_the_text() -> None:
    text = "aspirin 81 mg " * 14_000
    found = [
        mention
        for at in range(0, len(text), 14)
        for mention in (Mention(at, at + 7, HEAD), Mention(at + 8, at + 13, "dosage"))
    ]
    started = time.process_time()
    pairs = Pairs(text, found)
    assert sum(1 for _ in pairs) < 9 * len(found)
    assert time.process_time() - started < 20
