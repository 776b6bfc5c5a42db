from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from clinie.models.tagger.contexts import OF_CUES, OF_RULES, Contexts


def about(text: str, word: str, *others: str, said: str = "") -> list[str]:
    places = [(text.index(w), text.index(w) + len(w)) for w in (word, *others)]
    return Contexts(text, places).features(*places[0], "problem", said=said)


def test_words_cues_section_and_rules_are_seen() -> None:
    text = "REVIEW OF SYSTEMS\nDenies fever, chills or cough."
    found = about(text, "cough", "fever", "chills", said="absent")
    assert {
        "label problem",
        "section review_of_systems",
        "l0 or",
        "lp denies",
        "in cough",
        f"{OF_CUES}denies before",
        f"{OF_RULES}absent",
        f"{OF_RULES}said absent",
    } <= set(found)


def test_other_mentions_are_one_sign() -> None:
    text = "He stopped aspirin, Plavix and warfarin."
    found = about(text, "warfarin", "aspirin", "Plavix")
    assert {"l1 <m>", "lp stopped"} <= set(found)
    assert not any("plavix" in feature for feature in found)


def test_numbers_are_one_sign() -> None:
    first, second = (about(f"Pain for {n} days.", "Pain") for n in (3, 14))
    assert first == second


def test_what_the_rules_missed_is_not_said() -> None:
    found = about("No fever.", "fever")
    assert not any(feature.startswith(f"{OF_RULES}said") for feature in found)


def test_a_list_sees_the_line_that_introduces_it() -> None:
    assert "lead stopped" in about("Stopped:\n- aspirin\n- Plavix", "Plavix")


@given(st.text(max_size=80), st.data())
def test_any_place_of_any_text_has_features(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    found = Contexts(text, [(start, end)]).features(start, end, "problem")
    assert found == Contexts(text, [(start, end)]).features(start, end, "problem")


def test_a_long_line_takes_linear_time() -> None:
    text = "no fever, " * 20_000
    places = [(at, at + 5) for at in range(3, len(text), 10_000)]
    contexts = Contexts(text, places)
    began = process_time()
    for start, end in places:
        contexts.features(start, end, "problem")
    assert process_time() - began < 20
