"""The CASI reader, on rows of its format (the sentences are made up)."""

from __future__ import annotations

from collections import Counter

import pytest

from clinie.datasets.casi import CasiFilter, casi
from clinie.errors import InputError


def row(short, long, text, *, start=None, written=None, section="PLAN"):
    written = short if written is None else written
    start = text.index(written) if start is None else start
    return f"{short}|{long}|{written}|{start}|{start + len(written)}|{section}|{text}"


GOOD = [
    row("RA", "Rheumatoid Arthritis", "Known RA for years.", section="HISTORY OF PRESENT ILLNESS"),
    row("RA", "room air", "Sats 95 percent on RA today | no wheeze."),
    row("PA", "physician assistants", "Seen with the PA in clinic."),
    row("GTT", "gutta", "One GTT in each eye."),
]
DROPPED = {
    "missing": ["RA||RA|6|8|PLAN|Known RA here.", "RA|room air|RA|0|2|PLAN|  "],
    "vertebra": [row("T4", "thoracic (level) 4", "Fracture at T4 was seen.")],
    "in its long form": [row("IT", "it band", "The IT band is tight.")],
    "sense": [row("RT", "right", "The RT knee hurts.")],
    "offset": [
        row("RA", "room air", "On RA, comfortable."),
        row("RA", "room air", "Stable on RA now.", start=3),
    ],
}


def written(tmp_path, lines, encoding="utf-8", newline="\n"):
    path = tmp_path / "casi.txt"
    path.write_bytes((newline.join(lines) + newline).encode(encoding))
    return path


def test_rows_that_are_kept(tmp_path):
    items = list(casi(written(tmp_path, GOOD)))
    assert [(i.spans[0].text, i.spans[0].attributes["sense"]) for i in items] == [
        ("RA", "rheumatoid arthritis"),
        ("RA", "room air"),
        ("PA", "physician assistant"),
        ("GTT", "guttae"),
    ]
    for item in items:
        span = item.spans[0]
        assert item.document.text[span.start : span.end] == span.text
    assert items[0].document.metadata == {"section": "HISTORY OF PRESENT ILLNESS"}
    assert items[1].document.text.endswith("| no wheeze.")


@pytest.mark.parametrize("rule", DROPPED)
def test_rows_that_are_not(tmp_path, rule):
    rules = CasiFilter()
    assert list(casi(written(tmp_path, DROPPED[rule]), rules)) == []
    assert rules.dropped == Counter({rule: len(DROPPED[rule])})


def test_the_first_rule_that_applies_counts(tmp_path):
    rules = CasiFilter(keep=["RA"])
    lines = [
        row("T4", "right", "At T4, here.", start=0),
        row("PA", "pulmonary artery", "The PA is wide."),
    ]
    assert list(casi(written(tmp_path, lines), rules)) == []
    assert rules.dropped == Counter({"vertebra": 1, "not kept": 1})


def test_a_short_form_inside_a_word_leaves_the_window(tmp_path):
    rules = CasiFilter()
    lines = [row("RA", "room air", "The abRA cadabra.", start=6)]
    assert list(casi(written(tmp_path, lines), rules)) == []
    assert rules.dropped == Counter({"window": 1})


def test_senses_of_an_inventory(tmp_path):
    rules = CasiFilter(senses={"RA": {"room air": "RA_2"}})
    items = list(casi(written(tmp_path, GOOD), rules))
    assert [item.spans[0].attributes["sense"] for item in items] == ["RA_2"]
    assert rules.dropped == Counter({"sense": 3})


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_windows_files(tmp_path, newline):
    lines = [row("RA", "room air", "Naïve, on RA today.")]
    [item] = casi(written(tmp_path, lines, "cp1252", newline))
    assert item.document.text == "Naïve, on RA today."


def test_faults_name_the_line(tmp_path):
    path = written(tmp_path, [GOOD[0], "RA|room air|RA|x|y|PLAN|On RA today."])
    with pytest.raises(InputError, match=r"casi\.txt:2: not a row of CASI"):
        list(casi(path))
    with pytest.raises(InputError, match="cannot be read"):
        list(casi(tmp_path / "none.txt"))
