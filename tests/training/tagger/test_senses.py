import pytest

from clinie.datasets.substitution import Substitution
from clinie.models.tagger.senses import SenseRanker
from clinie.schema import Document
from clinie.tasks.acronyms.rules import AcronymRules
from clinie.text.senses import shipped
from clinie.training.tagger.senses import Case, cases, ruled, train_senses


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


def test_real_short_forms_count_where_the_rules_are_sure() -> None:
    note = Document("PT 12.1 and INR 1.0 drawn. Sent to PT.", "n")
    (case, *_) = ruled([note])
    assert case.names[case.gold] == "prothrombin time"
    assert case.weight == 0.5
    assert not any(feature.startswith("rules") for row in case.rows for feature in row)


def test_the_ranker_learns_senses_from_words_near_by() -> None:
    pytest.importorskip("torch")
    texts = [
        f"The CT of the {word} showed pulmonary embolism."
        for word in ("chest", "lung", "artery", "heart", "vein") * 4
    ] + [
        f"On physical examination the {word} was soft."
        for word in ("belly", "abdomen", "neck", "skin", "flank") * 4
    ]
    documents = [Document(text, f"d{n}") for n, text in enumerate(texts)]
    ranker = train_senses(documents)
    assert sense(ranker, "The CT of the chest showed PE.") == "pulmonary embolism"
    assert sense(ranker, "On PE the belly was soft.") == "physical examination"
    again = train_senses(documents)
    assert (again.classifier.weights == ranker.classifier.weights).all()


def sense(ranker: SenseRanker, text: str) -> str | None:
    items = AcronymRules(shipped())(text)
    (item,) = ranker.revise(text, [item for item in items if item["text"] == "PE"])
    return item["sense"]
