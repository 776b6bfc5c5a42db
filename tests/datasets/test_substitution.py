"""Cases of sense disambiguation by reverse substitution."""

from __future__ import annotations

import pytest

from clinie.datasets import corpora
from clinie.datasets.substitution import Substitution
from clinie.schema import Document
from clinie.tasks.acronyms.rules import AcronymRules
from clinie.text.senses import Inventory, Sense, shipped

OWN = Inventory(
    [
        Sense(("PE",), "pulmonary embolism", 3, variants=("pulmonary embolus", "pulmonary emboli")),
        Sense(("PE",), "physical examination", 3, variants=("physical exam",)),
        Sense(("PX",), "physical examination", 1),
        Sense(("PX",), "prognosis", 9),
        Sense(("CHF",), "congestive heart failure"),
        Sense(("pt",), "patient"),
        Sense(("OR",), "operating room"),
        Sense(("OR",), ""),
    ]
)


def made(text: str):
    return Substitution(OWN)(Document(text, "d"))


def test_long_forms_become_short_forms_everywhere():
    item = made(
        "No pulmonary embolism. Two pulmonary emboli, pulmonary\nembolus; the prognosis is poor."
    )
    assert item.document.text == "No PE. Two PE, PE; the PX is poor."
    assert [(s.start, s.text, s.attributes["sense"]) for s in item.spans] == [
        (3, "PE", "pulmonary embolism"),
        (11, "PE", "pulmonary embolism"),
        (15, "PE", "pulmonary embolism"),
        (23, "PX", "prognosis"),
    ]


def test_a_plural_stays_one():
    item = made("Old pulmonary embolisms.")
    assert item.document.text == "Old PEs."
    assert (item.spans[0].start, item.spans[0].end) == (4, 6)


def test_the_short_form_that_most_often_means_it():
    assert made("On physical examination well.").document.text == "On PE well."


def test_a_heading_is_replaced_but_no_case():
    item = made("PHYSICAL EXAM\n\nHeart regular. Physical exam is normal.")
    assert item.document.text == "PE\n\nHeart regular. PE is normal."
    assert [s.start for s in item.spans] == [19]


def test_what_is_not_ambiguous_stays():
    text = "The patient has congestive heart failure and left the operating room."
    assert made(text).document.text == text
    assert made("").spans == ()


def test_metadata_and_id_stay():
    item = Substitution(OWN)(Document("x", "n7", metadata={"a": 1}))
    assert (item.document.id, item.document.metadata) == ("n7", {"a": 1})


def test_the_shipped_inventory_makes_cases():
    text = "Sent for physical therapy. History of atrial fibrillation, rheumatoid arthritis."
    item = Substitution(shipped())(Document(text, "d"))
    assert [s.attributes["sense"] for s in item.spans] == [
        "physical therapy",
        "atrial fibrillation",
        "rheumatoid arthritis",
    ]
    for span in item.spans:
        assert item.document.text[span.start : span.end] == span.text


@pytest.mark.skipif(corpora.root() is None, reason="no corpora")
def test_the_mechanics_on_a_corpus_of_the_same_kind():
    """Sentences made over PubMed, mostly not clinical: nothing crashes, offsets are right."""
    import csv

    path = corpora.corpus_file("acronyms", "pubmed_reverse_substitution_dev.csv")
    rules = AcronymRules(shipped())
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file)):
            text = max(row, key=len)
            for item in rules(text):
                assert text[item["start"] :].startswith(item["text"])
            if number == 200:
                break
