"""Readers of the coreference corpora, on small files in their formats (the texts are made up)."""

from __future__ import annotations

import pytest

from clinie.datasets.coreference import gap, identities
from clinie.errors import InputError

TEXT = (
    "A computed tomography (CT) showed a mass and a cyst in May. The mass grew. They were cut.\n"
    "Later CT was clear; the lesions healed and a mass of hair was seen."
)


def place(words: str, nth: int = 0) -> tuple[int, int]:
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(words, start + 1)
    return start, start + len(words)


MARKED = [
    ("T1", "Diagnostic_procedure", "computed tomography", 0),
    ("T2", "Diagnostic_procedure", "CT", 0),
    ("T3", "Sign_symptom", "mass", 0),
    ("T4", "Sign_symptom", "cyst", 0),
    ("T5", "Coreference", "mass", 1),
    ("T6", "Coreference", "They", 0),
    ("T7", "Coreference", "CT", 1),
    ("T8", "Coreference", "lesions", 0),
]
LINKS = [("T1", "T2"), ("T5", "T3"), ("T5", "T6"), ("T6", "T4"), ("T2", "T7"), ("T6", "T8")]


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path))

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8"))

    return write


@pytest.fixture
def maccrobat(data):
    lines = [
        "{}\t{} {} {}\t{}".format(name, label, *place(words, nth), words)
        for name, label, words, nth in MARKED
    ]
    lines += [f"R{n}\tIDENTICAL Arg1:{a} Arg2:{b}\t" for n, (a, b) in enumerate(LINKS)]
    lines.append("R9\tMODIFY Arg1:T1 Arg2:T3\t")
    data("case_reports/maccrobat/1.txt", TEXT)
    data("case_reports/maccrobat/1.ann", "\n".join(lines) + "\n")


def test_later_mentions_and_the_chains_before_them(maccrobat):
    [(item, found)] = identities()
    assert item.document.text == TEXT
    assert [
        (i.kind, i.later.text, [[span.text for span in chain] for chain in i.linked]) for i in found
    ] == [
        ("abbreviation", "CT", [["computed tomography"]]),
        ("anaphor", "mass", [["mass"]]),
        ("anaphor", "They", [["cyst"], ["mass", "mass"]]),
        ("repetition", "CT", [["CT", "computed tomography"]]),
        ("anaphor", "lesions", [["They", "cyst", "mass", "mass"]]),
    ]


def test_the_split_is_that_of_maccrobat(maccrobat):
    assert len(list(identities("train"))) + len(list(identities("test"))) == 1


HEADER = "ID\tText\tPronoun\tPronoun-offset\tA\tA-offset\tA-coref\tB\tB-offset\tB-coref\tURL\n"
ROW = '{}\tAnn saw "Bea" when she left.\tshe\t19\tAnn\t0\t{}\tBea\t9\t{}\thttp://example.org\n'


def test_gap_rows(data):
    rows = [("a", "TRUE", "FALSE"), ("b", "FALSE", "TRUE"), ("c", "FALSE", "FALSE")]
    data("coreference/gap-validation.tsv", HEADER + "".join(ROW.format(*row) for row in rows))
    items = list(gap("validation"))
    assert [(item.document.id, item.answer) for item in items] == [
        ("a", "first"),
        ("b", "second"),
        ("c", None),
    ]
    assert [(s.label, s.start, s.text) for s in (items[0].pronoun, items[0].first)] == [
        ("pronoun", 19, "she"),
        ("name", 0, "Ann"),
    ]


def test_gap_refuses_a_wrong_offset(data):
    data(
        "coreference/gap-validation.tsv",
        HEADER + ROW.format("a", "TRUE", "FALSE").replace("19", "18"),
    )
    with pytest.raises(InputError, match="offset"):
        list(gap("validation"))


def test_gap_names_its_splits():
    with pytest.raises(InputError, match="development, validation"):
        list(gap("test"))
