"""The acronyms task as users set it up: inventories, the fourth prompt form, whole records."""

from __future__ import annotations

from pathlib import Path

import pytest

import clinie
from clinie.cascade import resolve
from clinie.errors import ConfigError
from clinie.models import Completion
from clinie.prompts import Window
from clinie.tasks import load
from clinie.tasks.acronyms import make

GOLDEN = Path(__file__).parent / "golden" / "acronyms.rewrite.txt"
NOTE = "Seen in clinic. {{ braces }} stay braces.\nTakes ramipril 5 mg daily; no cough."


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "short_form,sense,prior,cues\nZQX,zonal quantitative x-ray,,\nMS,medical student,500,\n"
    )
    return str(path)


def senses(task, note: str) -> dict[str, str | None]:
    return {item["text"]: item["sense"] for item in task.rules(note)}


def test_an_inventory_that_extends(mine):
    found = senses(make(inventory=mine), "ZQX seen with the MS. CHF.")
    assert found == {
        "ZQX": "zonal quantitative x-ray",
        "MS": "medical student",
        "CHF": "congestive heart failure",
    }


def test_an_inventory_that_replaces(mine):
    task = make(inventory=mine, extend=False)
    assert senses(task, "ZQX and CHF.") == {"ZQX": "zonal quantitative x-ray", "CHF": None}
    answer = Completion('- "ZQX" (zonal quantitative X-ray)\n- "CHF" (congestive heart failure)')
    found = resolve(task, Window("ZQX and CHF."), answer)
    assert [i.attributes["sense"] for i in found.items] == [
        "zonal quantitative x-ray",
        "congestive heart failure",
    ]
    assert [f.code for f in found.findings] == ["unlisted_short_form"]


def test_it_is_set_in_the_configuration(tmp_path, mine):
    config = tmp_path / "clinie.toml"
    config.write_text(f'[tasks.acronyms]\ninventory = "{mine}"\n')
    record = clinie.extract("ZQX was normal.", task="acronyms", config=config)
    assert [span.attributes["sense"] for span in record.spans] == ["zonal quantitative x-ray"]
    config.write_text('[tasks.acronyms]\ninventory = "nowhere.csv"\n')
    with pytest.raises(ConfigError, match=r"nowhere\.csv: cannot be read"):
        clinie.extract("ZQX", task="acronyms", config=config)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"inventory": 3}, "tasks.acronyms.inventory"),
        ({"extend": "yes"}, "tasks.acronyms.extend"),
    ],
)
def test_wrong_settings_are_named(settings, message):
    with pytest.raises(ConfigError, match=message):
        make(**settings)


def test_the_record():
    record = clinie.extract("Pt with CHF, no SOB. Two MIs, CKD3a. MS today.", task="acronyms")
    assert [(s.text, s.attributes["sense"]) for s in record.spans] == [
        ("Pt", "patient"),
        ("CHF", "congestive heart failure"),
        ("SOB", "shortness of breath"),
        ("MI", "myocardial infarction"),
        ("CKD", "chronic kidney disease"),
        ("MS", None),
    ]
    assert record.findings == ()
    assert record.complete


def test_the_form_that_asks_for_a_rewriting():
    messages = load("acronyms").templates["rewrite"].render(Window(NOTE))
    assert "".join(f"=== {m.role}\n{m.content}\n" for m in messages) == GOLDEN.read_text("utf-8")
    note = "Pt with MS and CHF at home."
    answer = Completion("Patient with multiple sclerosis and congestive heart failure at home.")
    found = resolve(load("acronyms"), Window(note), answer)
    assert [(i.text, i.attributes["sense"]) for i in found.items] == [
        ("Pt", "patient"),
        ("MS", "multiple sclerosis"),
        ("CHF", "congestive heart failure"),
    ]
