"""The lexica: what the tables hold, and how terms are found in a text."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.text.folding import fold_word
from clinie.text.lexica import (
    Drug,
    DrugLexicon,
    TermLexicon,
    dose_limits,
    drugs,
    load_tsv,
)

SUFFIXES = frozenset(row["suffix"] for row in load_tsv("drug_suffixes.tsv"))
TABLES = ["drugs.tsv", "drug_abbreviations.tsv", "drug_groups.tsv", "drug_suffixes.tsv"]


def folded(name: str) -> str:
    return " ".join(fold_word(name).replace("-", " ").replace("/", " ").split())


def spelling(name: str) -> str:
    """Reduce a name to what its spellings, salts and plural have in common.

    Salt and release words fall away, then everything but letters and digits; ``ph`` is ``f``,
    ``th`` is ``t``, ``ae`` and ``oe`` are ``e``, ``y`` is ``i``, ``k`` is ``c``; doubled letters
    are single; a final ``s`` or ``e`` falls away.
    """
    words = [w for w in folded(name).split() if w not in SUFFIXES] or folded(name).split()
    letters = "".join(c for c in "".join(words) if c.isalnum())
    for old, new in (
        ("ph", "f"), ("th", "t"), ("ae", "e"), ("oe", "e"), ("y", "i"), ("k", "c"),
    ):  # fmt: skip
        letters = letters.replace(old, new)
    single = "".join(a for a, b in zip(letters, letters[1:] + " ", strict=True) if a != b)
    return single.rstrip("se") or single


def surfaces(lexicon: DrugLexicon, text: str) -> list[str]:
    return [text[match.start : match.end] for match in lexicon.find(text)]


class TestTables:
    @pytest.mark.parametrize("table", TABLES)
    def test_no_name_stands_twice_after_folding(self, table):
        names = [next(iter(row.values())) for row in load_tsv(table)]
        seen: dict[str, str] = {}
        # Case tells release words apart from nothing (ER, er), so suffixes compare as written.
        key = str if table == "drug_suffixes.tsv" else folded
        doubled = [(seen[key(n)], n) for n in names if seen.setdefault(key(n), n) is not n]
        assert doubled == []

    def test_at_least_1500_distinct_ingredients_and_brands(self):
        rows = [row for row in load_tsv("drugs.tsv") if "/" not in row["name"]]
        assert len({spelling(row["name"]) for row in rows}) >= 1500
        ingredients = {spelling(r["ingredient"]) for r in rows if r["kind"] == "ingredient"}
        brands = {spelling(row["name"]) for row in rows if row["kind"] == "brand"}
        assert len(ingredients) >= 1000
        assert len(brands - ingredients) >= 800

    def test_spellings_and_salts_count_once(self):
        for one, other in (
            ("amoxicillin", "amoxycillin"), ("sulfasalazine", "sulphasalazine"),
            ("cephalexin", "kefalexin"), ("metoprolol", "metoprolol tartrate"),
            ("statin", "statins"), ("oestradiol", "estradiol"),
        ):  # fmt: skip
            assert spelling(one) == spelling(other)
        assert spelling("prednisone") != spelling("prednisolone")

    def test_rows_are_complete(self):
        for row in load_tsv("drugs.tsv"):
            assert row["name"] == row["name"].strip() != ""
            assert row["ingredient"] == row["ingredient"].lower() != ""
            assert row["class"]
            assert row["kind"] in {"ingredient", "brand"}
            assert row["ambiguous"] in {"", "1"}

    def test_every_ingredient_is_itself_a_name(self):
        lexicon = drugs()
        lost = {d.ingredient for d in lexicon if d.ingredient and not lexicon.get(d.ingredient)}
        assert lost == set()

    def test_every_drug_can_be_got_and_found(self):
        lexicon = drugs()
        for drug in lexicon:
            assert lexicon.get(drug.name) is not None, drug.name
            assert surfaces(lexicon, f"takes {drug.name} daily") == [drug.name]

    def test_each_ingredient_has_one_class(self):
        classes: dict[str, set[str]] = {}
        for row in load_tsv("drugs.tsv"):
            classes.setdefault(row["ingredient"], set()).add(row["class"])
        assert {name: found for name, found in classes.items() if len(found) > 1} == {}

    def test_names_that_are_words_or_analytes_are_marked(self):
        words = ("iron", "potassium", "calcium", "lithium", "glucose", "oxygen", "alcohol")
        for name in (*words, "testosterone", "insulin", "thrombin", "Emend"):
            assert drugs().get(name).ambiguous, name
        for name in ("Lasix", "metoprolol", "ferrous sulfate", "potassium chloride"):
            assert not drugs().get(name).ambiguous, name

    def test_confusable_names_are_two_drugs(self):
        lines = (Path(__file__).parent / "confusable_drugs.tsv").read_text("utf-8").splitlines()
        pairs = [tuple(line.split("\t")) for line in lines[2:]]
        assert len(pairs) >= 60
        for one, other in pairs:
            first, second = drugs().get(one), drugs().get(other)
            assert first is not None, one
            assert second is not None, other
            assert first.ingredient != second.ingredient, (one, other)

    def test_load_tsv_names_a_missing_table_and_fills_short_rows(self):
        with pytest.raises(FileNotFoundError):
            load_tsv("no_such_table.tsv")
        assert all(
            set(row) == {"abbreviation", "ingredient", "ambiguous"}
            for row in load_tsv("drug_abbreviations.tsv")
        )


class TestDoseLimits:
    def test_at_least_100_each_with_a_source_and_a_drug(self):
        limits = dose_limits()
        assert len(limits) >= 100
        for name, limit in limits.items():
            drug = drugs().get(name)
            assert drug is not None, name
            assert drug.ingredient == name == limit.drug
            assert limit.max_daily > 0
            assert limit.unit in {"mg", "g", "mcg", "units", "mEq"}
            assert limit.source.split(":")[0] in {"FDA label", "BNF", "FDA monograph"}

    @pytest.mark.parametrize(
        ("drug", "most"),
        [("metformin", 2550), ("apixaban", 20), ("levothyroxine", 0.3), ("lisinopril", 80)],
    )
    def test_known_limits(self, drug, most):
        assert dose_limits()[drug].max_daily == most
        assert dose_limits()[drug].unit == "mg"


class TestTermLexicon:
    def test_longest_term_wins(self):
        lexicon = TermLexicon({"chest": 1, "chest pain": 2, "chest pain at rest": 3})
        assert lexicon.find("chest pain at night") == [(0, 10, 2)]
        assert lexicon.find("chest pain at rest") == [(0, 18, 3)]
        assert lexicon.find("chest x-ray") == [(0, 5, 1)]

    @pytest.mark.parametrize("text", ["painful", "repain", "pain7", "7pain", "campaign"])
    def test_whole_words_only(self, text):
        assert TermLexicon({"pain": 1}).find(text) == []

    @pytest.mark.parametrize("text", ["B12", "b12", "B-12", "B 12", "B\u201012"])
    def test_letters_and_digits_may_be_joined(self, text):
        assert TermLexicon({"B12": 1}).find(f"take {text}.") == [(5, 5 + len(text), 1)]

    def test_a_count_is_not_part_of_a_name(self):
        lexicon = TermLexicon({"vitamin D": 1, "vitamin D3": 2})
        assert lexicon.find("vitamin D 3 times") == [(0, 9, 1)]
        assert lexicon.find("vitamin D-3 daily") == [(0, 11, 2)]

    @pytest.mark.parametrize(
        ("term", "plural"),
        [("biopsy", "biopsies"), ("metastasis", "metastases"), ("beta blocker", "beta-blockers"),
         ("rash", "rashes"), ("x-ray", "X-rays"), ("virus", "viruses")],
    )  # fmt: skip
    def test_plurals_only_where_asked(self, term, plural):
        assert TermLexicon({term: 1}, plurals=True).find(plural) == [(0, len(plural), 1)]
        assert TermLexicon({term: 1}).find(plural) == []

    def test_a_wrapped_line_joins_and_a_list_does_not(self):
        lexicon = TermLexicon({"insulin glargine": 2, "insulin": 1})
        wrapped = "At home she has been on bedtime insulin\n  glargine."
        assert [wrapped[m.start : m.end] for m in lexicon.find(wrapped)] == ["insulin\n  glargine"]
        assert [m.value for m in lexicon.find("insulin\nglargine\n")] == [1]
        assert [m.value for m in lexicon.find(f"{'-' * 40} insulin\n- glargine")] == [1]
        assert [m.value for m in lexicon.find(f"{'-' * 40} insulin\n\nglargine")] == [1]

    def test_punctuation_parts(self):
        assert TermLexicon({"insulin glargine": 1}).find("insulin, glargine") == []
        assert TermLexicon({"insulin glargine": 1}).find("insulin. Glargine") == []

    def test_first_of_equal_terms_counts_and_values_may_be_none(self):
        assert TermLexicon({"A-b": 1, "a b": 2}).get("a/b") == 1
        assert TermLexicon({"pain": None}).find("pain") == [(0, 4, None)]

    @pytest.mark.parametrize("text", ["", " ", "\n", "\u200b", "-", "\u00a8", "\ud800"])
    def test_nothing_in_nothing(self, text):
        assert TermLexicon({"pain": 1}).find(text) == []
        assert TermLexicon({"pain": 1}).get(text) is None


class TestDrugLexicon:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("LASIX 40 mg, toprol xl 50", ["LASIX", "toprol xl"]),
            ("Metoprolol succinate ER 25 mg", ["Metoprolol succinate ER"]),
            ("penicillin G potassium", ["penicillin G potassium"]),
            ("lisinopril potassium chloride 20 mEq", ["lisinopril", "potassium chloride"]),
            ("diltiazem CD 120, seen in ER", ["diltiazem CD"]),
            ("took ibuprofen; er visit", ["ibuprofen"]),
            ("Advair Diskus and Spiriva HandiHaler", ["Advair Diskus", "Spiriva HandiHaler"]),
            ("verapamil extended release", ["verapamil extended release"]),
            (
                "amoxicillin/clavulanate, amoxicillin-clavulanate",
                ["amoxicillin/clavulanate", "amoxicillin-clavulanate"],
            ),
            ("co-trimoxazole or cotrimoxazole", ["co-trimoxazole", "cotrimoxazole"]),
            ("lisinoprilate, aspirinlike", []),
            ("aspirin-induced asthma", ["aspirin"]),
            ("5-FU, 5FU", ["5-FU", "5FU"]),
            ("PEG placed; a peg tooth", ["PEG"]),
            ("beta-blockers, NSAIDs and antibiotics", ["beta-blockers", "NSAIDs", "antibiotics"]),
            ("Tylenol 3 times a day", ["Tylenol"]),
            ("Tylenol #3", ["Tylenol #3"]),
            ("Zyrtec\u2122 10", ["Zyrtec"]),
        ],
    )
    def test_found(self, text, found):
        assert surfaces(drugs(), text) == found

    @pytest.mark.parametrize(
        ("name", "ingredient", "kind"),
        [
            ("Lasix", "furosemide", "brand"),
            ("paracetamol", "acetaminophen", "ingredient"),
            ("frusemide", "furosemide", "ingredient"),
            ("HCTZ", "hydrochlorothiazide", "abbreviation"),
            ("TMP/SMX", "trimethoprim/sulfamethoxazole", "abbreviation"),
            ("steroids", "", "group"),
            ("warfarin sodium", "warfarin", "ingredient"),
            ("Toprol-XL", "metoprolol", "brand"),
        ],
    )
    def test_get_tells_ingredient_and_kind(self, name, ingredient, kind):
        drug = drugs().get(name)
        assert (drug.ingredient, drug.kind) == (ingredient, kind)
        assert drug.drug_class

    @pytest.mark.parametrize("name", ["furosemidum", "Lasix 40 mg", "chair", "", "sodium"])
    def test_get_of_no_drug(self, name):
        assert drugs().get(name) is None

    @pytest.mark.parametrize("unsafe", ["MS", "PE", "PCP", "today", "ease", "patient", "pain"])
    def test_unsafe_names_are_left_out(self, unsafe):
        assert drugs().get(unsafe) is None

    def test_offsets_after_exotic_text(self):
        before = "\U0001f469\u200d⚕️ İstanbul ﬁne e\u0301\u0308 \r\n\t"
        text = before + "Lasix 40 mg"
        match = drugs().find(text)[0]
        assert (match.start, match.end) == (len(before), len(before) + 5)

    def test_folded_names_keep_raw_offsets(self):
        text = "ﬂuoxetine, métoprolol"
        assert [m.drug.ingredient for m in drugs().find(text)] == ["fluoxetine", "metoprolol"]
        assert surfaces(drugs(), text) == ["ﬂuoxetine", "métoprolol"]

    @given(st.text(max_size=60), st.text(max_size=60))
    def test_a_name_between_spaces_is_found_where_it_is(self, before, after):
        text = f"{before} , warfarin , {after}"
        at = len(before) + 3
        assert any((m.start, m.end) == (at, at + 8) for m in drugs().find(text))

    @given(
        st.lists(
            st.sampled_from(
                [
                    "aspirin",
                    "-",
                    " ",
                    "\n",
                    "sodium",
                    "XL",
                    "B12",
                    "é",
                    ".",
                    "insulin",
                    "glargine",
                    "3",
                ]
            )
        )
    )
    def test_matches_are_in_order_and_apart(self, pieces):
        text = "".join(pieces)
        end = 0
        for match in drugs().find(text):
            assert end <= match.start < match.end <= len(text)
            assert not text[match.start].isspace()
            assert not text[match.end - 1].isspace()
            end = match.end

    def test_first_of_equal_names_counts(self):
        one, other = Drug("Abc", "abc", "x", "brand"), Drug("abc", "def", "y", "ingredient")
        lexicon = DrugLexicon([one, other], [])
        assert lexicon.get("ABC") is one
        assert len(lexicon) == 2

    @pytest.mark.proof
    def test_a_long_note_is_searched_in_no_time(self):
        text = "The patient had chest pain for three days and was given aspirin 81 mg.\n" * 1000
        start = time.process_time()
        assert len(drugs().find(text)) == 1000
        assert time.process_time() - start < 1.0  # 70 kB; some 0.04 s on an idle machine
