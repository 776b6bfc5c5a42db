"""The cue table, and how its cues are found."""

from __future__ import annotations

import pytest

from clinie.text.cues import find_cues, words
from clinie.text.lexica import load_tsv

ROWS = load_tsv("context_cues.tsv")


def cues_of(text: str) -> list[str]:
    sentence = words(text, 0, len(text))
    found, _ = find_cues(sentence)
    return sorted({text[sentence[h.first].start : sentence[h.last - 1].end] for h in found})


def test_the_table_is_closed_and_without_doubles() -> None:
    assert {row["kind"] for row in ROWS} == {"cue", "mark", "informant", "pseudo", "terminate"}
    assert {row["direction"] for row in ROWS} == {"forward", "backward", "both", "-"}
    assert {row["category"] for row in ROWS} == {
        "absent",
        "present",
        "possible",
        "conditional",
        "hypothetical",
        "historical",
        "background",
        "family",
        "any",
        "-",
    }
    keys = [(row["cue"], row["category"], row["direction"], row["kind"]) for row in ROWS]
    assert len(set(keys)) == len(keys)
    assert all(row["window"].isdigit() for row in ROWS if row["window"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("No evidence of fever", ["No evidence of"]),
        ("gram negative rods", ["gram negative"]),
        ("fracture 12 years ago", ["12 years ago"]),
        ("fracture two years ago", ["two years ago"]),
        ("stroke in 2014", ["in 2014"]),
        ("gout in her brother", ["in her brother"]),
        ("gout in brother", ["in brother"]),
        ("fever, -chills", ["-"]),
        ("x-ray, follow-up", []),
        ("fever: no", [": no"]),
    ],
)
def test_the_longest_cue_is_found(text: str, expected: list[str]) -> None:
    assert cues_of(text) == expected


def test_a_terminator_may_overlap_a_cue() -> None:
    sentence = words("no fever, has no cough", 0, 22)
    cues, terminators = find_cues(sentence)
    assert any(sentence[hit.first].key == "has" for hit in cues)
    assert any(sentence[hit.first].key == "," for hit in terminators)
