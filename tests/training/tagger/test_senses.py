import pytest

from clinie.datasets.substitution import Substitution
from clinie.models.tagger.senses import SenseRanker
from clinie.schema import Document
from clinie.tasks.acronyms.rules import AcronymRules
from clinie.text.senses import shipped
from clinie.training.tagger.senses import Case, cases, train_senses


def made(*texts: str) -> list[Case]:
    documents = (Document(text, f"d{n}") for n, text in enumerate(texts))
    return list(cases(map(Substitution(shipped()), documents)))


def test_a_long_form_becomes_a_case_with_its_senses() -> None:
    (case,) = made("The knee got better with physical therapy twice a week.")
    assert case.names[case.gold] == "physical therapy"
    assert {"physical therapy", "prothrombin time"} <= set(case.names)
    labels = [example.label for example in case.examples()]
    assert labels.count("right") == 1
    assert len(labels) == len(case.names) == len(case.rows)


def test_a_text_without_long_forms_has_no_cases() -> None:
    assert made("The knee got better.") == []


def test_the_ranker_learns_senses_from_words_near_by() -> None:
    pytest.importorskip("torch")
    texts = [
        f"The {word} got better with physical therapy."
        for word in ("knee", "back", "hip", "ankle", "wrist") * 4
    ] + [
        f"His {word} was drawn, the prothrombin time long."
        for word in ("blood", "sample", "plasma", "serum", "tube") * 4
    ]
    documents = [Document(text, f"d{n}") for n, text in enumerate(texts)]
    ranker = train_senses(documents)
    assert sense(ranker, "Her knee got better with PT.") == "physical therapy"
    assert sense(ranker, "Her plasma was drawn, the PT long.") == "prothrombin time"
    again = train_senses(documents)
    assert (again.classifier.weights == ranker.classifier.weights).all()


def sense(ranker: SenseRanker, text: str) -> str | None:
    items = AcronymRules(shipped())(text)
    revised = ranker.revise(text, [item for item in items if item["text"] == "PT"])
    return revised[0]["sense"]
