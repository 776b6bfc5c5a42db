"""The numbers of a trial's arms: in the article, by arithmetic, or dropped."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.resolvers import Answer, Question
from clinie.resolvers.steps.passages import Passages
from clinie.tasks import load

TASK = load("trial-results")
ASKED = {"intervention": "rest", "comparator": "walking", "outcome": "falls at week 6"}
FALLS = "Falls at week 6 were seen in 12 of 50 patients at rest and 9/48 (18.8%) who walked. "


def resolve(article: str, metadata=ASKED, **numbers):
    """Resolve an answer given as ``i_events="12"``."""
    arms = {"i": "intervention", "c": "comparator"}
    said = {f"{arms[key[0]]}{key[1:]}": value for key, value in numbers.items()}
    question = Question(article, TASK.schema, metadata=metadata)
    found = TASK.program.resolve(question, Answer(json.dumps(said)))
    for label in found.labels:
        if label.item:
            ((start, end),) = label.item.spans
            assert article[start:end] == label.item.text
    kept = {f"{s.name[0]}_{s.name.partition('_')[2]}": s for s in found.labels}
    return kept, [(f.code, f.item) for f in found.findings]


def at(statement) -> int:
    return statement.item.spans[0][0]


def test_numbers_stand_beside_their_arm():
    kept, findings = resolve(FALLS, i_events="12", i_group_size="50", c_events="9")
    assert [(s.value, s.item.label, s.item.attributes) for s in kept.values()] == [
        ("12", "events", {"arm": "intervention"}),
        ("50", "group_size", {"arm": "intervention"}),
        ("9", "events", {"arm": "comparator"}),
    ]
    assert [FALLS[at(s) :][:2] for s in kept.values()] == ["12", "50", "9/"]
    assert findings == []


@pytest.mark.parametrize(
    ("article", "said", "value"),
    [
        ("Falls: 5,000 of them.", "5000", "5000"),
        ("Falls: 5000 of them.", "5,000", "5000"),
        ("Forty-two had falls.", "42", "42"),
        ("Falls: 0·50 each.", "0.5", "0.50"),
        ("Falls: change −2.50.", "-2.5", "-2.50"),
    ],
)
def test_any_spelling_is_found_and_the_article_says_how_it_is_written(article, said, value):
    kept, findings = resolve(article, i_mean=said)
    assert kept["i_mean"].value == value
    assert findings == []


def test_the_passage_about_the_outcome_and_the_column_of_the_arm_count():
    table = (
        "Age was 12 years at rest.\nTable 2\n"
        "| | Rest (n = 50) | Walking (n = 50) |\n"
        "| Pain | Rest (n = 50): 12 | Walking (n = 50): 12 |\n"
        "| Falls | Rest (n = 50): 12 | Walking (n = 50): 12 |\n"
    )
    kept, _ = resolve(table, i_events="12", i_group_size="50", c_events="12", c_group_size="50")
    row = table.index("| Falls")
    assert at(kept["i_group_size"]) == table.index("50", row)
    assert at(kept["i_events"]) == table.index("12", row)
    assert at(kept["c_events"]) == table.rindex("12")
    assert at(kept["c_group_size"]) == table.rindex("50")


def test_a_place_that_both_arms_share_is_one_span():
    kept, _ = resolve("Falls: 3 in each group.", i_events="3", c_events="3")
    assert kept["i_events"].item is kept["c_events"].item


@pytest.mark.parametrize(
    ("article", "numbers", "name", "arithmetic"),
    [
        ("Falls in 45.9 % (n = 98).", {"i_group_size": "98", "i_events": "45"}, "i_events",
         "45.9 % of 98 = 45"),
        ("Of 98, falls: 29, 24, and 54 %.", {"i_group_size": "98", "i_events": "28"}, "i_events",
         "29 % of 98 = 28"),
        ("Of 103 patients 93 had no falls.", {"i_group_size": "103", "i_events": "10"}, "i_events",
         "103 - 93 = 10"),
        ("Falls: 4 mild and 7 severe.", {"i_events": "11"}, "i_events", "4 + 7 = 11"),
        ("There were no falls.", {"i_events": "0"}, "i_events", "no = 0"),
        ("Rest (n = 79) and walking (n = 84).", {"i_group_size": "163"}, "i_group_size",
         "79 + 84 = 163"),
        ("Of 120 patients 5 were lost.", {"i_group_size": "115"}, "i_group_size", "120 - 5 = 115"),
        ("We randomised 90 patients to three groups.", {"i_group_size": "30"}, "i_group_size",
         "90 / 3 = 30"),
        ("Falls: 15 (30 %).", {"i_group_size": "50"}, "i_group_size", "15 / 30 % = 50"),
        ("Falls scored 12.34.", {"i_mean": "12.3"}, "i_mean", "12.34 rounded = 12.3"),
        ("Falls were reduced by 0.38.", {"i_mean": "-0.38"}, "i_mean", "0.38 lower = -0.38"),
        ("Falls scored 3.1 (SE 0.4) in 49.", {"i_group_size": "49",
         "i_standard_deviation": "2.8"}, "i_standard_deviation", "0.4 * sqrt(49) = 2.8"),
        ("Falls: 3.1 (95% CI 2.1 to 4.1) in 100.", {"i_group_size": "100",
         "i_standard_deviation": "5.1"}, "i_standard_deviation",
         "(4.1 - 2.1) * sqrt(100) / 3.92 = 5.1"),
        ("Falls scored 36 (28, 47).", {"i_standard_deviation": "14.1"}, "i_standard_deviation",
         "(47 - 28) / 1.35 = 14.1"),
    ],
)  # fmt: skip
def test_a_number_that_follows_from_others_is_kept_with_its_arithmetic(
    article, numbers, name, arithmetic
):
    kept, findings = resolve(article, **numbers)
    assert findings == [("derived_number", arithmetic)]
    assert kept[name].value == numbers[name]


@pytest.mark.parametrize("said", ["17.5", "17.5%"])
def test_a_percentage_answered_as_events_becomes_a_count(said):
    article = "Falls were seen in 17.5% at rest (n = 40)."
    kept, findings = resolve(article, i_events=said, i_group_size="40")
    assert kept["i_events"].value == "7"
    assert kept["i_events"].item.text == "17.5"
    assert findings == [("derived_number", "17.5 % of 40 = 7")]


@pytest.mark.parametrize(
    ("article", "numbers", "code"),
    [
        (FALLS, {"i_events": "13"}, "ungrounded"),
        (FALLS, {"i_mean": "3.2"}, "ungrounded"),
        ("Pain in 45.9 % (n = 98).", {"i_group_size": "98", "i_events": "46"}, "ungrounded"),
        ("Falls fell by 17%.", {"i_events": "17"}, "unit_mismatch"),
        ("Of 72, 140 falls.", {"i_group_size": "72", "i_events": "140"}, "impossible_number"),
        ("Falls: 12.5 of 50.", {"i_group_size": "12.5"}, "impossible_number"),
        ("Falls: 3 (-1).", {"i_standard_deviation": "-1"}, "impossible_number"),
        (FALLS, {"i_events": "4-6"}, "malformed"),
    ],
)
def test_what_the_article_does_not_give_is_dropped(article, numbers, code):
    kept, findings = resolve(article, **numbers)
    *_, last = numbers
    assert last not in kept
    assert code in [found for found, _ in findings]


def test_a_number_from_elsewhere_is_flagged():
    article = "Mean age was 63 years. Falls scored 24 at rest."
    _, findings = resolve(article, i_mean="63")
    assert findings == [("unrelated_number", "intervention_mean: 63")]
    assert resolve(article, i_mean="24")[1] == []
    assert resolve(article, metadata={}, i_mean="63")[1] == []  # nothing was asked


def test_a_stated_offset_is_believed_where_the_number_stands():
    article = "Falls: 12. Falls: 12."
    answer = json.dumps({"intervention_events": {"text": "12", "start": article.rindex("12")}})
    found = TASK.program.resolve(Question(article, TASK.schema, metadata=ASKED), Answer(answer))
    assert at(found.labels[0]) == article.rindex("12")


def test_percentages_by_sign_list_and_heading():
    text = (
        "29, 24 and 54 % of 50.\n| | n (%), rest | %, walking |\n"
        "| Falls | n (%), rest: 12 (24) | %, walking: 18 |"
    )
    article = Passages(text)
    shares = [str(n.value) for n, share in zip(article.numerals, article.percentages, strict=True)
              if share]  # fmt: skip
    assert shares == ["29", "24", "54", "24", "18"]


ARTICLES = st.lists(
    st.sampled_from(["12", " of ", "50", "%", " (", ")", "falls ", "rest ", "| ", "\n", "n = ",
                     "no ", "two ", ": ", "0.5", " ± ", "-", "\r\n", "é"]), max_size=30
).map("".join)  # fmt: skip


@given(ARTICLES, st.sampled_from(["0", "12", "50", "6", "0.5", "-0.5", "12%", "62", "x"]))
def test_every_number_kept_stands_there_or_shows_its_arithmetic(article, said):
    from clinie.text.numerals import number

    kept, findings = resolve(article, i_events=said, i_group_size="50", c_mean=said)
    codes = [code for code, _ in findings]
    assert "resolver_error" not in codes
    for statement in kept.values():
        assert (
            f"{number(statement.item.text)}" == statement.value or codes.count("derived_number") > 0
        )
    assert codes.count("derived_number") <= len(kept)


@pytest.mark.proof
@pytest.mark.parametrize(
    "unit", ["1 ", "1% ", "|", "5: 4 | ", "n=5 ", "one ", "falls 5 ", "(1 to 2) "]
)
def test_grounding_is_linear(unit):
    import time

    spent = []
    for size in (25_000, 100_000):
        started = time.perf_counter()
        resolve(unit * (size // len(unit)), i_events="7", i_group_size="55", c_mean="7.7")
        spent.append(time.perf_counter() - started)
    assert spent[1] < 12 * spent[0] + 0.2
