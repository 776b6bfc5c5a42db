import pytest

from clinie.resolvers.typed import conflict, confusable, governs, kind, similar
from clinie.text.lexica import load_tsv


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("25", "number"), ("bid", "number"), ("twice", "number"), ("mg", "unit"), ("hour", "unit"),
        ("left", "side"), ("bilateral", "side"), ("no", "negation"), ("denies", "negation"),
        ("warfarin", "drug"), ("pain", None), ("fever", None),
    ],
)  # fmt: skip
def test_kinds(key, expected):
    assert kind(key) == expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("25", "50", "number"), ("bid", "tid", "number"), ("mg", "mcg", "unit"),
        ("left", "right", "side"), ("left", "l", None), ("no", "any", "negation"),
        ("no", "without", None), ("warfarin", "heparin", "drug"), ("warfarin", "coumadin", None),
        ("left", "25", None), ("pain", "ache", None), ("mg", "mg", None),
    ],
)  # fmt: skip
def test_conflicts(a, b, expected):
    assert conflict(a, b) == expected
    assert conflict(b, a) == expected


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("pneumonia", "pnuemonia"), ("asthma", "astma"), ("diabetes", "diabetis"),
        ("edema", "oedema"), ("haemorrhage", "hemorrhage"), ("lesion", "lesions"),
        ("tab", "tabs"), ("warfarin", "warfrin"), ("cough", "coughs"),
    ],
)  # fmt: skip
def test_spellings_of_one_word(a, b):
    assert similar(a, b)
    assert similar(b, a)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("fever", "never"), ("fecal", "focal"), ("hypotension", "hypertension"),
        ("prednisone", "prednisolone"), ("hydralazine", "hydroxyzine"), ("left", "lefts"),
        ("typical", "atypical"), ("infection", "injection"), ("twice", "twices"), ("mgs", "mgss"),
        ("12345", "12346"), ("hydroxizine", "hydralazine"), ("increased", "decreased"),
    ],
)  # fmt: skip
def test_different_words(a, b):
    assert not similar(a, b)
    assert not similar(b, a)


def test_no_members_of_a_row_of_lookalikes_match():
    for row in load_tsv("confusables.tsv"):
        members = row["members"].split()
        assert len(members) > 1
        if row["place"] == "prefix":
            for a in members:
                for b in members:
                    if a != b and not (a.startswith(b) or b.startswith(a)):
                        assert confusable(a + "xyz", b + "xyz"), (a, b)


def test_only_cues_left_of_what_they_deny_govern():
    assert governs("denies")
    assert not governs("absent")
    assert not governs("any")
