"""The trials: articles as plain text, gold and recorded answers, on made-up files."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.datasets import trials
from clinie.datasets.trials import plain_text

ARTICLE = """<abstract><title>Aim</title><p>We tried <italic>rest</italic>
<xref ref-type="bibr">1</xref>[<xref ref-type="bibr">2</xref>].</p></abstract>
<sec><title>Results</title><p>10<sup>6</sup> cells &#x02264; 5<sup>a</sup>, 4<sup>th</sup> day.</p>
<table-wrap><label>Table 1</label><caption><p>Harms</p></caption><graphic>x</graphic><table><thead>
<tr><th rowspan="2"/><th colspan="2">Week 6</th><th rowspan="2">P</th></tr>
<tr><th>Rest<break/>(n = 30)</th><th>Walks (n = 31)</th></tr></thead><tbody>
<tr><td>Pain</td><td/><td/><td/></tr>
<tr><td>&#x02003;mild</td><td>4 (13%)</td><td>4 (13%)</td><td>0.5</td></tr>
<tr><td>&#x02003;severe</td><td>0</td><td>1 (3%)</td></tr>
<tr><td>Falls</td><td colspan="2">none</td><td>-</td></tr>
</tbody></table></table-wrap></sec>"""


def test_an_article_becomes_lines():
    assert plain_text(ARTICLE).split("\n") == [
        "Aim",
        "We tried rest.",
        "Results",
        "10⁶ cells ≤ 5^a, 4th day.",
        "Table 1",
        "Harms",
        "|  | Week 6, Rest (n = 30) | Week 6, Walks (n = 31) | P |",
        "| Pain |",
        "| Pain, mild | Week 6, Rest (n = 30): 4 (13%) | Week 6, Walks (n = 31): 4 (13%) | P: 0.5 |",
        "| Pain, severe | Week 6, Rest (n = 30): 0 | Week 6, Walks (n = 31): 1 (3%) |",
        "| Falls | Week 6, Rest (n = 30): none | P: - |",
    ]


def test_a_name_over_several_rows_is_on_each():
    rows = "<tr><td>Group I</td><td>rash</td><td>3</td></tr><tr><td/><td>cough</td><td>2</td></tr>"
    assert plain_text(f"<table>{rows}</table>") == "| Group I | rash | 3 |\n| Group I | cough | 2 |"


def test_cells_that_span_rows_stand_in_each():
    rows = '<tr><td rowspan="2">A</td><td>1</td></tr><tr><td>2</td></tr>'
    assert plain_text(f"<table>{rows}</table>") == "| A | 1 |\n| A | 2 |"


@given(st.text(alphabet='<>/&"= tdrhpsubeal0123456789', max_size=80))
def test_plain_text_is_total(xml):
    assert isinstance(plain_text(xml), str)
    assert isinstance(plain_text(f"<table><tr><td>{xml}"), str)


@pytest.fixture
def corpus(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path))
    folder = tmp_path / "recorded_llm" / "trials"
    (folder / "documents").mkdir(parents=True)
    records = []
    for number in range(12):
        (folder / "documents" / f"PMC{number}.xml").write_text(f"<p>Trial {number}</p>")
        records.append(
            {
                "id": f"q{number}",
                "pmcid": str(number),
                "outcome": "falls",
                "intervention": "rest",
                "comparator": "walks",
                "outcome_type": "binary" if number % 2 else "continuous",
                "intervention_events": "3" if number % 2 else "",
                "intervention_group_size": " 30",
                "comparator_events": "",
                "comparator_group_size": "31",
                "intervention_mean": "",
                "intervention_standard_deviation": "",
                "comparator_mean": "",
                "comparator_standard_deviation": "",
                "is_data_complete": "TRUE",
            }
        )
    (folder / "gold.jsonl").write_text("\n".join(map(json.dumps, records)))
    answer = {"id": "q1", "pmcid": "1", "task": "binary_outcomes", "model": "m", "output": "x"}
    (folder / "outputs.jsonl").write_text(json.dumps(answer))


def test_questions_of_trials(corpus):
    second = list(trials.trials())[1]
    assert second.document.text == "Trial 1"
    assert second.document.metadata == {
        "intervention": "rest",
        "comparator": "walks",
        "outcome": "falls",
    }
    assert second.gold == {
        "intervention_events": "3",
        "intervention_group_size": "30",
        "comparator_group_size": "31",
    }
    assert (second.trial, second.outcome_type, second.complete) == ("1", "binary", True)


def test_splits_part_the_trials(corpus):
    dev, test = ({t.trial for t in trials.trials(split)} for split in ("dev", "test"))
    assert dev
    assert test
    assert not dev & test
    assert len(dev | test) == 12


def test_recorded_answers(corpus):
    assert [tuple(a) for a in trials.recorded_answers()] == [("q1", "m", "binary_outcomes", "x")]
