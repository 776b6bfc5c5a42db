from random import Random

import pytest

from clinie.training.synthetic.phrases import Phrase, Slot
from clinie.training.synthetic.vocabulary import vocabulary


def flat(text, seed=0):
    return Phrase(text).flatten(Random(seed))


def test_words_and_slots():
    assert flat("takes {drug.home1+} {dose>}") == [
        "takes ",
        Slot("drug", "home", "1", "+"),
        " ",
        Slot("dose", ahead=True),
    ]


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("{drug0}", Slot("drug", sign="0")),
        ("{drug1-}", Slot("drug", number="1", sign="-")),
        ("{event+<}", Slot("event", sign="+", past=True)),
        ("{disease-f}", Slot("disease", sign="-", kin=True)),
        ("{problem+<:loss of taste}", Slot("problem", sign="+", past=True, words="loss of taste")),
    ],
)
def test_slots(text, slot):
    assert flat(text) == [slot]


def test_choices_nest_and_may_be_empty():
    said = {"".join(flat("a[ b[ c| d]|]", seed)) for seed in range(40)}
    assert said == {"a", "a b c", "a b d"}


@pytest.mark.parametrize("text", ["[a|b", "a]", "{drug", "a}", "{not a slot}"])
def test_unreadable_phrases(text):
    with pytest.raises(ValueError, match="phrase has"):
        flat(text)


def test_every_phrase_of_the_tables_can_be_read():
    for table in vocabulary("all").phrases.values():
        for phrases in table.values():
            assert all(phrase.nodes for phrase in phrases)
