"""Sense inventories: how a short form may be written, and a user's own file."""

from __future__ import annotations

import re

import pytest

from clinie.errors import ConfigError
from clinie.text.lexica import load_tsv
from clinie.text.senses import Inventory, Sense, form_key, read_inventory, shipped, written_form

SIGNS = {"#", "#dose", "#/", "#.", ":", "<#", "<%", "<age", "<drug", "&site"}


def names(written: str, inventory: Inventory | None = None) -> list[str]:
    return [reading.sense.name for reading in (inventory or shipped()).readings(written)]


@pytest.mark.parametrize(
    ("written", "sense"),
    [
        ("CHF", "congestive heart failure"),
        ("chf", "congestive heart failure"),
        ("Chf", "congestive heart failure"),
        ("C.O.P.D.", "chronic obstructive pulmonary disease"),
        ("HbA1c", "hemoglobin a1c"),
        ("HBA1C", "hemoglobin a1c"),
        ("c/o", "complaining of"),
        ("C/O", "complaining of"),
        ("h/o", "history of"),
        ("b/l", "bilateral"),
        ("y/o", "year old"),
        ("y.o.", "year old"),
        ("Hx", "history"),
        ("hx", "history"),
        ("s/p", "status post"),
        ("pt", "patient"),
        ("Pt", "patient"),
        ("PT", "prothrombin time"),
        ("PT", "physical therapy"),
        ("N/V", "nausea and vomiting"),
        ("EtOH", "alcohol"),
        ("etoh", "alcohol"),
        ("dm", "diabetes mellitus"),
        ("c diff", "clostridioides difficile"),
        ("3TC", "lamivudine"),
        ("w/", "with"),
    ],
)
def test_spellings_that_count(written, sense):
    assert sense in names(written)


@pytest.mark.parametrize("written", ["or", "as", "it", "all", "cat", "fit", "Map", "us", "less"])
def test_ordinary_words_do_not(written):
    assert names(written) == []


def test_a_word_in_capitals_has_a_reading_that_is_no_short_form():
    assert {"operating room", ""} <= set(names("OR"))
    assert {"aortic stenosis", ""} <= set(names("AS"))


def test_other_case_is_told():
    (reading,) = [r for r in shipped().readings("PT") if r.sense.name == "patient"]
    assert not reading.same_case
    assert all(r.same_case for r in shipped().readings("pt"))


@pytest.mark.parametrize(
    ("written", "plain", "key"),
    [
        ("C.O.P.D.", "COPD", "copd"),
        ("C.O.P.D", "COPD", "copd"),
        ("y.o.", "yo", "yo"),
        ("Pt", "Pt", "pt"),
        ("1.5", "1.5", "1.5"),
        ("lap  chole", "lap  chole", "lap chole"),
    ],
)
def test_written_forms(written, plain, key):
    assert written_form(written) == plain
    assert form_key(written) == key


def test_the_shipped_table_is_sound():
    rows = load_tsv("senses.tsv")
    assert len(shipped()) >= 1500
    assert sum(len([s for s in senses if s.name]) > 1 for _, senses in shipped()) >= 250
    seen = set()
    for row in rows:
        assert row["sense"] == row["sense"].lower().strip()
        assert float(row["prior"]) > 0
        assert row["case"] in ("", "any", "exact", "word")
        for form in row["short_form"].split(";"):
            assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9/&.-]*(?: [A-Za-z]+)?/?", form), form
            if row["sense"] != "-":
                assert (form, row["sense"]) not in seen
                seen.add((form, row["sense"]))
        for cue in filter(None, row["cues"].split(";")):
            assert cue in SIGNS or cue[0] == "@" or re.search(r"[^\W_]", cue), (form, cue)


def test_the_shipped_priors_leave_no_sense_without_a_name_alone():
    for key, senses in shipped():
        if not any(sense.name for sense in senses):
            assert len(senses) == 1, key


def user_file(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "mine.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_users_inventory(tmp_path):
    path = user_file(
        tmp_path,
        "short_form,sense,prior,cues\r\n"
        "ZQX;ZQ-X,Zonal  Quantitative X-ray,,\r\n"
        'MS,medical student,30,"<the; rotation"\r\n',
        "utf-8-sig",
    )
    first, second = read_inventory(path)
    assert first == Sense(("ZQX", "ZQ-X"), "zonal quantitative x-ray")
    assert second.prior == 30
    assert second.cues == ("<the", "rotation")
    own = Inventory([first, second])
    assert names("MS", own) == ["medical student"]
    assert names("zqx", own) == ["zonal quantitative x-ray"]
    assert names("CHF", own) == []
    both = shipped().extended([first, second])
    assert "medical student" in names("MS", both)
    assert "multiple sclerosis" in names("MS", both)
    assert len(shipped()) + 2 == len(both)


def test_a_users_row_replaces_the_shipped_one_of_the_same_sense(tmp_path):
    path = user_file(tmp_path, "short_form,sense,prior\nMS,multiple sclerosis,99\n")
    both = shipped().extended(read_inventory(path))
    (sense,) = [s for s in both.senses("MS") if s.name == "multiple sclerosis"]
    assert (sense.prior, sense.cues) == (99.0, ())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("short,sense\nMS,x\n", r"mine\.csv:1: no column 'short_form'.*short_form,sense"),
        ("short_form;sense\nMS;x\n", r"mine\.csv:1: no column 'short_form'.*commas"),
        ("short_form,sense,colour\nMS,x,red\n", r"mine\.csv:1: unknown column 'colour'"),
        ("short_form,sense\nMS,x\nPT,\n", r"mine\.csv:3: sense is empty.*fill it in"),
        ("short_form,sense\n,x\n", r"mine\.csv:2: short_form is empty"),
        ("short_form,sense\nMS,x,y\n", r"mine\.csv:2: more cells than columns.*quotes"),
        ("short_form,sense,prior\nMS,x,often\n", r"mine\.csv:2: prior 'often'.*above 0"),
        ("short_form,sense,prior\nMS,x,0\n", r"mine\.csv:2: prior '0'"),
        ("short_form,sense,prior\nMS,x,inf\n", r"mine\.csv:2: prior 'inf'"),
        ("short_form,sense,case\nMS,x,up\n", r"mine\.csv:2: case 'up'"),
        ('short_form,sense\nMS,"x\n', r"mine\.csv: not CSV"),
        ("", r"mine\.csv:1: no column"),
    ],
)
def test_faults_name_file_line_and_mend(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        read_inventory(user_file(tmp_path, text))


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.csv: cannot be read"):
        read_inventory(tmp_path / "none.csv")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_inventory(user_file(tmp_path, "short_form,sense\nMS,é\n", "latin-1"))
