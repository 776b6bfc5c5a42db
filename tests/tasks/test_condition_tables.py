"""Hygiene of the tables of the conditions task."""

from __future__ import annotations

import re

import pytest

from clinie.text.lexica import drugs, load_tsv

TABLES = {"problems.tsv": 1800, "tests.tsv": 400, "procedures.tsv": 400}
MARKS = {"", "acronym", "ambiguous", "doubtful", "weak", "analyte"}


def key(term: str) -> str:
    return re.sub(r"[-/\s]+", " ", term.casefold())


@pytest.mark.parametrize(("name", "least"), TABLES.items())
def test_size(name: str, least: int) -> None:
    assert len(load_tsv(name)) >= least


@pytest.mark.parametrize("name", TABLES)
def test_no_term_twice(name: str) -> None:
    keys = [key(row["term"]) for row in load_tsv(name)]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("name", TABLES)
def test_marks_are_known(name: str) -> None:
    assert {row["mark"] for row in load_tsv(name)} <= MARKS


@pytest.mark.parametrize("name", ["problems.tsv", "procedures.tsv"])
def test_no_drug_among_them(name: str) -> None:
    terms = [row["term"] for row in load_tsv(name)]
    matches = [(term, drugs().get(term)) for term in terms]
    named = [term for term, drug in matches if drug and not drug.ambiguous]
    groups = {term for term, drug in matches if drug and drug.kind == "group"}
    assert set(named) <= groups  # "steroid injection" is a drug given and a procedure


def test_no_term_is_a_problem_and_a_procedure() -> None:
    problems = {key(row["term"]) for row in load_tsv("problems.tsv") if row["mark"] == ""}
    procedures = {key(row["term"]) for row in load_tsv("procedures.tsv") if row["mark"] == ""}
    assert problems & procedures == set()


@pytest.mark.parametrize("name", ["anatomy.tsv", "qualifiers.tsv"])
def test_no_row_twice(name: str) -> None:
    rows = [tuple(row.values()) for row in load_tsv(name)]
    assert len(rows) == len(set(rows))


def test_exceptions_end_in_their_suffix() -> None:
    for row in load_tsv("suffixes.tsv"):
        for word in row["exceptions"].split():
            assert word.endswith(row["suffix"])
