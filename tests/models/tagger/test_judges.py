import numpy as np
import pytest

from clinie.errors import ModelError
from clinie.models.tagger.classifiers import LinearClassifier, buckets_of
from clinie.models.tagger.contexts import DEFAULT_HABIT
from clinie.models.tagger.judges import AssertionJudge, Chooser, RuleAnswers, StatusJudge
from clinie.schema import Span

BUCKETS = 1 << 12
ASSERTIONS = ("present", "absent", "family")


def chooser(classes: tuple[str, ...], weights: dict[str, tuple[str, float]]) -> Chooser:
    """A classifier in which each feature speaks for one class."""
    table = np.zeros((BUCKETS, len(classes)), dtype=np.float32)
    for feature, (value, weight) in weights.items():
        table[buckets_of([feature], BUCKETS), classes.index(value)] = weight
    classifier = LinearClassifier.quantized(classes, table, np.zeros(len(classes)))
    return Chooser(classifier, np.zeros(len(classes), dtype=np.float32))


def span(text: str, word: str, label: str) -> Span:
    start = text.index(word)
    return Span("s0", label, start, start + len(word), word)


def status(weight: float) -> StatusJudge:
    classes = ("active", "discontinued", "neither")
    return StatusJudge(chooser(classes, {"lp unwillingly": ("neither", weight)}))


def assertion() -> AssertionJudge:
    notes = chooser(
        ASSERTIONS,
        {"lp gone": ("absent", 5.0), "rules family": ("family", 5.0), "l0 no": ("absent", 5.0)},
    )
    time = chooser(("current", "historical"), {"lp old": ("historical", 5.0)})
    return AssertionJudge({DEFAULT_HABIT: notes, "cases": notes}, time)


TEXT = "Takes unwillingly aspirin 81 mg."
SAID = [{"text": "aspirin", "start": 18, "label": "medication", "status": "active"}]


def test_words_against_the_rules_change_a_status() -> None:
    drug = span(TEXT, "aspirin", "medication")
    (judged,) = status(3.0).judge(TEXT, [drug], SAID)
    assert judged.value == "neither"
    assert judged.confidence > 0.8


def test_the_rules_have_the_benefit_of_the_doubt() -> None:
    drug = span(TEXT, "aspirin", "medication")
    assert status(0.5).judge(TEXT, [drug], SAID)[0].value == "active"
    assert status(0.5).judge(TEXT, [drug])[0].value == "neither"


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("Gone fever.", "fever", ("absent", "current", None)),
        ("Old fever.", "fever", ("present", "historical", None)),
        ("Mother had gout.", "gout", ("family", "current", "Mother")),
        ("No family history of stroke.", "stroke", ("absent", "current", "family")),
    ],
)
def test_readings(text: str, word: str, expected: tuple[str, str, str | None]) -> None:
    (read,) = assertion().judge(text, [span(text, word, "problem")])
    assert (read.assertion, read.temporality, read.relative) == expected


def test_a_habit_has_a_classifier_of_its_own() -> None:
    assert assertion().choose(["lp gone"], "cases").value == "absent"
    with pytest.raises(KeyError):
        assertion().choose([], "letters")


def test_a_lean_chooses_a_rare_class_and_leaves_its_probability() -> None:
    plain = chooser(ASSERTIONS, {"a": ("present", 1.0)})
    leaning = Chooser(plain.classifier, np.array([0, 2, 0], dtype=np.float32))
    assert plain.choose(["a"]).value == "present"
    assert leaning.choose(["a"]).value == "absent"
    assert leaning.choose(["a"]).confidence < 0.3


def test_what_rules_say_is_found_by_place() -> None:
    rules = RuleAnswers([*SAID, {"text": "Plavix", "start": 40, "status": "neither"}], "status")
    assert rules.of(18, 25) == "active"
    assert rules.of(20, 30) == "active"
    assert rules.of(0, 18) == ""
    assert rules.of(44, 50) == "neither"
    assert RuleAnswers([{"text": "x"}], "status").of(0, 9) == ""


def test_state_round_trip() -> None:
    tensors = {**assertion().state(), **status(3.0).state()}
    text = "Gone fever. Old gout."
    mentions = [span(text, "fever", "problem"), span(text, "gout", "problem")]
    again = AssertionJudge.from_state(tensors)
    assert again.judge(text, mentions) == assertion().judge(text, mentions)
    drug = span(TEXT, "aspirin", "medication")
    assert StatusJudge.from_state(tensors).judge(TEXT, [drug]) == status(3.0).judge(TEXT, [drug])


def test_missing_tensors_are_an_error() -> None:
    tensors = {**assertion().state(), **status(3.0).state()}
    with pytest.raises(ModelError, match=r"status\.lean"):
        StatusJudge.from_state({k: v for k, v in tensors.items() if k != "status.lean"})
    without = {k: v for k, v in tensors.items() if not k.startswith("assertion.notes")}
    with pytest.raises(ModelError, match=r"assertion\.notes"):
        AssertionJudge.from_state(without)
