"""Codes from the user's own terminologies: what is found, what is not, and what is refused."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinie
from clinie import ClinieError, Config, Document, Extraction, Span
from clinie.cli import main
from clinie.coding import Terminology, coded, files, load
from clinie.coding.athena import _labels
from clinie.coding.spelling import sketch, spellings
from clinie.coding.terminology import TerminologyBuilder
from clinie.config import load as load_config
from clinie.io import read_records
from clinie.text.folding import fold_word

NOTE = "Lasix 40 mg IV daily for oedema. Coumadin held. No chest pain."
TABLE = """system,code,term,label,display
RxNorm,4603,furosemide,medication,furosemide
RxNorm,4603,Lasix,medication,furosemide
RxNorm,11289,coumadin,medication,warfarin
ICD-10-CM,R60.9,oedema,,"Edema, unspecified"
"""


def terms(*rows: tuple[str, str, str]) -> Terminology:
    """Make a terminology of (system, code, term)."""
    builder = TerminologyBuilder()
    for row in rows:
        builder.add(*row)
    return builder.build()


def found(terminology: Terminology, term: str, label: str = "problem") -> list[tuple[str, ...]]:
    return [tuple(code.values()) for code in terminology.find(term, label)]


@pytest.fixture
def table(tmp_path) -> Path:
    path = tmp_path / "codes.csv"
    path.write_text(TABLE)
    return path


# --- what is the same term ----------------------------------------------------------------------
SAME = [
    ("heart failure", "Heart  FAILURE"),
    ("heart failure", "heart\n  failure"),
    ("Sjögren's syndrome", "sjogren’s syndrome"),
    ("Crohn's disease", "crohn disease"),
    ("Crohn's disease", "Crohns disease"),
    ("Diabetes mellitus, type 2", "diabetes mellitus type-2"),
    ("pre-eclampsia", "Preeclampsia"),
    ("preeclampsia", "pre-eclampsia"),
    ("non-small cell carcinoma", "non small cell carcinoma"),
    ("hypertension", "hyper-\ntension"),
    ("E. coli", "E.coli"),
    ("vitamin B12", "vitamin B-12"),
    ("COVID-19", "covid 19"),
    ("nausea & vomiting", "nausea and vomiting"),
    ("ﬁbrosis", "fibrosis"),
    ("seizures", "seizure"),
    ("seizure", "Seizures"),
    ("biopsy", "biopsies"),
    ("diagnosis", "diagnoses"),
    ("abscess", "abscesses"),
    ("ECG", "ECGs"),
    ("SEIZURE", "SEIZURES"),
    ("()", "()"),
]
DIFFERENT = [
    ("aspirin 1.5 mg", "aspirin 15 mg"),
    ("aspirin .5 mg", "aspirin 5 mg"),
    ("HIV 1/2", "HIV 12"),
    ("2,4-dinitrophenol", "24-dinitrophenol"),
    ("10 20", "10-20"),
    ("10²", "102"),
    ("epinephrine 1:1000", "epinephrine 11000"),
    ("HER2+", "HER2-"),
    ("HER2", "HER2-"),
    ("HER2", "HER2+"),
    ("T score -2.5", "T score 2.5"),
    ("AIDS", "aid"),
    ("aid", "AIDS"),
    ("LEN", "lens"),
    ("notable", "not able"),
    ("heart failure", "failure heart"),
    ("heart failure", "congestive heart failure"),
    ("furosemide", "Lasix"),
    ("≠x", "=x"),
    ("()", "[]"),
    ("glas", "glass"),
]


@pytest.mark.parametrize(("term", "written"), SAME)
def test_a_term_is_found_however_it_is_written(term, written):
    match = "exact" if term == written else "normalized"
    assert found(terms(("x", "1", term)), written) == [("x", "1", term, match)]
    assert sketch(term) == sketch(written)


@pytest.mark.parametrize(("term", "written"), DIFFERENT)
def test_another_term_is_not(term, written):
    assert found(terms(("x", "1", term)), written) == []
    assert found(terms(("x", "1", written)), term) == []


TERM = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(str.strip)
WORDS = st.lists(
    st.text("abcdefghisxyzäéñç0123456789", min_size=1, max_size=8), min_size=1, max_size=5
)


@given(st.lists(TERM, min_size=1, max_size=20))
def test_every_term_is_found_exactly(given_terms):
    terminology = terms(*[("x", str(n), term) for n, term in enumerate(given_terms)])
    for number, term in enumerate(given_terms):
        assert ("x", str(number), term, "exact") in found(terminology, term)


@given(WORDS, st.data())
def test_every_term_is_found_in_any_case_spacing_and_punctuation(words, data):
    terminology = terms(("x", "0", "another"), ("x", "1", " ".join(words)))
    gap = st.sampled_from([" ", "  ", "\n", "\t", " - ", ", ", "\u00a0"])
    case = st.sampled_from([str.upper, str.title, str.lower, str.swapcase])
    written = words[0]
    for word in words[1:]:
        written += data.draw(gap) + word
    written = data.draw(case)(written)
    ((system, code, _, _),) = found(terminology, written)
    assert (system, code) == ("x", "1")


@given(TERM, st.text(st.characters(), max_size=30), st.text())
def test_a_lookup_is_total_and_repeats_itself(term, written, label):
    terminology = terms(("x", "1", term), ("y", "2", term))
    codes = terminology.find(written, label)
    assert codes == terminology.find(written, label)
    assert len(codes) in (0, 2)
    if codes:
        assert sketch(written) == sketch(term)
    if fold_word(written).split() == fold_word(term).split():
        assert codes
    assert spellings(written)


# --- which codes --------------------------------------------------------------------------------
def test_in_each_system_the_closest_term_wins_and_nothing_else_is_chosen():
    terminology = terms(
        ("SNOMED", "1", "Cold"),
        ("ICD", "9", "cold"),
        ("SNOMED", "3", "colds"),
        ("SNOMED", "2", "COLD"),
        ("LOINC", "7", "colds"),
        ("SNOMED", "2", "cold "),
    )
    assert found(terminology, "Cold") == [
        ("ICD", "9", "cold", "normalized"),
        ("LOINC", "7", "colds", "normalized"),
        ("SNOMED", "1", "Cold", "exact"),
    ]
    assert [code[:2] for code in found(terminology, "cOLD")] == [
        ("ICD", "9"),
        ("LOINC", "7"),
        ("SNOMED", "1"),
        ("SNOMED", "2"),
    ]


def test_a_table_says_label_and_display(table):
    terminology = load([table])
    assert terminology.find("Lasix", "medication") == (
        {"system": "RxNorm", "code": "4603", "display": "furosemide", "match": "exact"},
    )
    assert terminology.find("Lasix", "problem") == ()
    assert found(terminology, "oedema", "reason") == [
        ("ICD-10-CM", "R60.9", "Edema, unspecified", "exact")
    ]
    assert len(terminology) == 4


@pytest.mark.parametrize(
    "text",
    [
        "System\tCODE\tterm\tnote\nx\t01\ty \tz\n\n",
        '\ufeffterm,code,system,concept_id\r\n"y",01,x,7\r\n',
        "code,term,system,label\n01,y,x,\n,,,\n",
    ],
)
def test_tables_come_in_many_shapes(tmp_path, text):
    (tmp_path / "t").write_bytes(text.encode())
    assert found(load([tmp_path / "t"]), "y") == [("x", "01", "y", "exact")]


# --- Athena -------------------------------------------------------------------------------------
HEADER = (
    "concept_id concept_name domain_id vocabulary_id concept_class_id standard_concept "
    "concept_code valid_start_date valid_end_date invalid_reason"
)
CONCEPTS = [
    (4603, "Furosemide", "Drug", "RxNorm", "S", "4603", ""),
    (11, "Lasix", "Drug", "RxNorm", "", "202991", ""),
    (12, "Lasix", "Drug", "NDC", "", "00039", ""),
    (13, "Lasix", "Drug", "RxNorm", "", "1", "D"),
    (20, "Oedema", "Condition", "SNOMED", "S", "267038008", ""),
    (21, "Oedema", "Condition", "ICD10", "", "R60", ""),
    (22, 'The "sick" heart', "Condition/Meas", "SNOMED", "S", "22", ""),
    (30, "Oedema", "Metadata", "Domain", "", "OMOP generated", ""),
    (31, "", "Procedure", "CPT4", "S", "99213", ""),
    (40, "daily", "Observation", "SNOMED", "S", "40", ""),
]
SYNONYMS = [(20, "Oedema"), (20, "Dropsy"), (13, "Frusemide"), (99, "nobody"), (4603, "Frusemide")]


@pytest.fixture
def athena(tmp_path) -> Path:
    folder = tmp_path / "athena"
    folder.mkdir()
    rows = ["\t".join(HEADER.split())]
    for identifier, name, domain, vocabulary, standard, code, invalid in CONCEPTS:
        row = (identifier, name, domain, vocabulary, "Class", standard, code, 1970, 2099, invalid)
        rows.append("\t".join(map(str, row)))
    (folder / "CONCEPT.csv").write_text("\r\n".join(rows) + "\r\n", newline="")
    rows = ["concept_id\tconcept_synonym_name\tlanguage_concept_id"]
    rows += [f"{identifier}\t{name}\t4180186" for identifier, name in SYNONYMS]
    (folder / "CONCEPT_SYNONYM.csv").write_text("\n".join(rows))
    return folder


def test_athena_gives_valid_concepts_of_fitting_domains_standard_ones_first(athena):
    terminology = load([athena])
    assert found(terminology, "Lasix", "medication") == [
        ("NDC", "00039", "Lasix", "exact"),
        ("RxNorm", "202991", "Lasix", "exact"),
    ]
    assert found(terminology, "oedema") == [
        ("SNOMED", "267038008", "Oedema", "normalized"),
        ("ICD10", "R60", "Oedema", "normalized"),
    ]
    assert found(terminology, "dropsy") == [("SNOMED", "267038008", "Oedema", "normalized")]
    assert found(terminology, "Frusemide", "allergen") == [
        ("RxNorm", "4603", "Furosemide", "exact")
    ]
    for label in ("test", "problem"):  # a mixed domain
        assert found(terminology, 'The "sick" heart', label)
    assert len(terminology) == 9  # the synonym that repeats a name is not kept


@pytest.mark.parametrize(
    ("term", "label"), [("Oedema", "medication"), ("Lasix", "problem"), ("daily", "frequency")]
)
def test_an_athena_concept_codes_no_label_of_another_domain(athena, term, label):
    assert found(load([athena]), term, label) == []


def test_a_label_of_ones_own_gets_codes_of_every_clinical_domain(athena):
    terminology = load([athena])
    assert {code[0] for code in found(terminology, "oedema", "finding")} == {"SNOMED", "ICD10"}
    assert found(terminology, "lasix", "finding")


def test_vocabularies_limit_athena_but_no_table(athena, table):
    terminology = load([athena / "CONCEPT.csv", table], ["RxNorm"])
    assert {code[0] for code in found(terminology, "Lasix", "medication")} == {"RxNorm"}
    assert [code[0] for code in found(terminology, "oedema")] == ["ICD-10-CM"]
    with pytest.raises(ClinieError, match=r"vocabularies: 'RXN' is in no .*there are: CPT4, "):
        load([athena], ["RXN"])
    with pytest.raises(ClinieError, match="none was named"):
        load([table], ["RxNorm"])


def test_an_export_of_which_nothing_is_kept_takes_no_part(athena, table):
    terminology = load([athena, table], ["Domain"])
    assert [code[0] for code in found(terminology, "oedema")] == ["ICD-10-CM"]
    with pytest.raises(ClinieError, match="no clinical concept in Domain"):
        load([athena], ["Domain"])


def test_athena_without_synonyms(athena):
    (athena / "CONCEPT_SYNONYM.csv").unlink()
    assert found(load([athena]), "oedema")
    assert not found(load([athena]), "dropsy")


# --- what is refused ----------------------------------------------------------------------------
BROKEN = {
    "a": (b"", "a: the file is empty"),
    "b": (b"system;code;term\n", r"b:1: no column 'system' \(the first line names"),
    "c": (b"system,code,term,term\n", "c:1: more than one column 'term'"),
    "d": (b"system,code,term\nx,,y\n", r"d:2: no code \(fill it in"),
    "e": (b"system,code,term\n\nx,1\n", "e:3: 2 fields under a header of 3"),
    "f": (b"system,code,term\nx,1,\xe9t\xe9\n", r"f:2: not UTF-8 at byte 4 \(convert it"),
    "g": ("system,code,term\n".encode("utf-16"), "g:1: not UTF-8 but UTF-16"),
    "h": (b'system,code,term\nx,1,y\nx,2,"y\n', "h:3: malformed row"),
    "i": (b"system,code,term\n", r"i: no term to look up \(give"),
    "j": (b"PK\x03\x04\x00", "j:1: not a text file"),
    "k.zip": (b"PK\x03\x04", r"k\.zip: a compressed file \(unpack it"),
    "l": (b"concept_id,concept_name\n", r"l:1: no column .*separated by tabs"),
    "m": (b"concept_id\tconcept_synonym_name\n", "m:1: no column 'concept_name'"),
    "n": ("\t".join(HEADER.split()).encode() + b"\n1\t2\n", "n:2: 2 fields under a header of 10"),
    "o": (
        "\t".join(HEADER.split()).encode() + b"\nx\tn\tDrug\tv\tc\tS\t1\t\t\t\n",
        "o:2: concept_id is not a number",
    ),
    "p": ("\t".join(HEADER.split()).encode() + b"\n\n\xff\n", "p:3: not UTF-8"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_used_is_one_line_that_names_it(tmp_path, name):
    content, complaint = BROKEN[name]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ClinieError, match=complaint) as caught:
        load([tmp_path / name])
    assert "\n" not in str(caught.value)
    assert caught.value.mend


def test_a_place_without_a_terminology_is_named(tmp_path):
    with pytest.raises(ClinieError, match=r"missing\.csv: cannot be read: .* \(check"):
        load([tmp_path / "missing.csv"])
    with pytest.raises(ClinieError, match=r"a folder without CONCEPT\.csv \(name a table"):
        load([tmp_path])


# --- configuration ------------------------------------------------------------------------------
def test_paths_start_at_the_configuration_and_its_hash_holds_their_content(tmp_path, table):
    (tmp_path / "clinie.toml").write_text('[coding]\nterminologies = ["codes.csv"]\n')
    config = load_config(tmp_path / "clinie.toml")
    assert config.coding.terminologies == (table,)
    assert config.hash != Config().hash
    moved = tmp_path / "moved.csv"
    moved.write_text(TABLE)
    assert Config(coding={"terminologies": [moved]}).hash == config.hash
    limited = Config(coding={"terminologies": [moved], "vocabularies": ["RxNorm"]})
    assert limited.hash != config.hash
    before = config.hash
    table.write_text(TABLE + "x,1,y,,\n")
    assert config.hash != before
    assert config.coding.content["terminologies"] == [
        [hashlib.sha256(table.read_bytes()).hexdigest()]
    ]


def test_synonyms_are_part_of_the_content(athena):
    config = Config(coding={"terminologies": [athena]})
    before = config.hash
    (athena / "CONCEPT_SYNONYM.csv").unlink()
    assert config.hash != before


def test_a_terminology_is_read_once_and_again_when_it_has_changed(table, monkeypatch):
    reads = []
    read = files.read_table
    monkeypatch.setattr(files, "read_table", lambda *args: reads.append(1) or read(*args))
    config = Config(coding={"terminologies": [table]})
    for _ in range(3):
        record = clinie.extract("Lasix", task="medications", config=config)
        assert record.spans[0].codes[0]["code"] == "4603"
    assert reads == [1]
    table.write_text(TABLE.replace("4603", "9999"))
    os.utime(table, ns=(1, 1))
    record = clinie.extract("Lasix", task="medications", config=config)
    assert record.spans[0].codes[0]["code"] == "9999"


# --- records ------------------------------------------------------------------------------------
def test_all_ways_of_extracting_give_codes(table):
    import pandas as pd

    config = Config(coding={"terminologies": [table]})
    one = clinie.extract(Document(NOTE, "document-0"), task="medications", config=config)
    codes = {span.text: [code["code"] for code in span.codes] for span in one.spans}
    assert codes["Lasix"] == ["4603"]
    assert codes["Coumadin"] == ["11289"]
    assert codes["oedema"] == ["R60.9"]
    assert codes["40 mg"] == []
    assert list(clinie.extract_many([NOTE], task="medications", config=config)) == [one]
    assert Extraction.from_dict(json.loads(one.to_json())) == one
    frame = pd.DataFrame({"id": ["document-0"], "text": [NOTE]})
    rows = clinie.extract_frame(frame, task="medications", config=config)
    assert json.loads(rows["codes"][0]) == list(one.spans[0].codes)
    assert "4603" in one._repr_html_()


def test_a_model_of_ones_own_gets_codes_too(table, scripted):
    config = Config(coding={"terminologies": [table]})
    model = scripted('{"items": [{"text": "Lasix"}]}')
    (span,) = clinie.extract(NOTE, task="medications", model=model, config=config).spans
    assert [code["system"] for code in span.codes] == ["RxNorm"]


def test_fragments_are_joined_and_an_acronym_is_looked_up_by_its_sense():
    text = "left and right leg swelling; MS, PE"
    terminology = terms(
        ("x", "1", "left leg swelling"), ("x", "2", "multiple sclerosis"), ("x", "3", "PE")
    )
    broken = Span("s0", "problem", 0, 27, text[:27], fragments=((0, 4), (15, 27)))
    (span,) = coded(Extraction("n", "t@1", spans=(broken,)), text, terminology).spans
    assert [code["code"] for code in span.codes] == ["1"]
    senses = [(29, "multiple sclerosis"), (33, None)]
    short = tuple(
        Span(f"s{n}", "acronym", at, at + 2, text[at : at + 2], attributes={"sense": sense})
        for n, (at, sense) in enumerate(senses)
    )
    spans = coded(Extraction("n", "acronyms@1", spans=short), text, terminology).spans
    assert [[code["code"] for code in span.codes] for span in spans] == [["2"], []]


# --- command line -------------------------------------------------------------------------------
@pytest.fixture
def cli(capsys, tmp_path):
    (tmp_path / "n.txt").write_text(NOTE)

    def call(*options):
        command = ["extract", tmp_path / "n.txt", "-t", "medications", *options]
        code = main([str(argument) for argument in command])
        return code, capsys.readouterr().err

    return call


def test_codes_on_the_command_line(cli, table, tmp_path):
    out, view = tmp_path / "o.jsonl", tmp_path / "o.html"
    code, told = cli("--codes", table, "-o", out, "--view", view)
    assert code == 0
    assert "3 spans with codes\n" in told
    (record,) = read_records(out)
    assert record.spans[0].codes[0]["code"] == "4603"
    assert '"code":"4603"' in view.read_text()
    assert cli("--codes", table, "-o", f"{tmp_path}/brat/")[0] == 0
    assert "N1\tReference T1 RxNorm:4603\tfurosemide\n" in (tmp_path / "brat/n.ann").read_text()


def test_codes_come_beside_those_of_the_configuration(cli, table, tmp_path):
    (tmp_path / "clinie.toml").write_text('[coding]\nterminologies = ["codes.csv"]\n')
    more = tmp_path / "more.tsv"
    more.write_text("system\tcode\tterm\nWard\tL1\tlasix\n")
    out = tmp_path / "o.jsonl"
    assert cli("--config", tmp_path / "clinie.toml", "--codes", more, "-o", out)[0] == 0
    (record,) = read_records(out)
    assert [code["system"] for code in record.spans[0].codes] == ["RxNorm", "Ward"]


def test_a_run_is_not_resumed_over_a_changed_terminology(cli, table, tmp_path):
    out = tmp_path / "o.jsonl"
    assert cli("--codes", table, "-o", out)[0] == 0
    assert cli("--codes", table, "-o", out, "--resume")[0] == 0
    table.write_text(TABLE.replace("4603", "9999"))
    os.utime(table, ns=(1, 1))
    code, told = cli("--codes", table, "-o", out, "--resume")
    assert code == 2
    assert "another configuration" in told


@pytest.mark.parametrize("options", [["-o", "o.jsonl"], ["--dry-run"]])
def test_a_missing_terminology_stops_the_run_before_it_begins(cli, tmp_path, options, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, told = cli("--codes", "missing.csv", *options)
    assert code == 2
    assert told.startswith("clinie: missing.csv: cannot be read: ")
    assert told.count("\n") == 1
    assert not (tmp_path / "o.jsonl").exists()


def test_check_reads_the_terminologies(tmp_path, capsys):
    (tmp_path / "clinie.toml").write_text('[coding]\nterminologies = ["missing.csv"]\n')
    assert main(["check", str(tmp_path / "clinie.toml")]) == 2
    assert "missing.csv: cannot be read" in capsys.readouterr().err


def test_the_example_of_the_page_runs(root, tmp_path, monkeypatch):
    page = (root / "docs" / "coding.md").read_text(encoding="utf-8")
    table, code = (
        re.search(rf"```{kind}\n(.*?)```", page, re.DOTALL)[1] for kind in ("csv", "python")
    )
    monkeypatch.chdir(tmp_path)
    Path("codes.csv").write_text(table)
    *lines, shown = code.rstrip().splitlines()
    names: dict[str, object] = {}
    exec("\n".join(lines), names)
    said = shown.partition("  # ")
    assert repr(eval(said[0], names)) == said[2]


def test_the_page_names_every_label_and_domain(root):
    page = (root / "docs" / "coding.md").read_text(encoding="utf-8")
    for row in _labels():
        if row["label"] != "*":
            assert f"`{row['label']}`" in page
            for domain in filter(None, row["domains"].split("|")):
                assert domain in page
