"""``clinie train distill``: from notes to a tier, the report, and one line for every mistake."""

from __future__ import annotations

import json
import random
import stat

import pytest

import clinie
from clinie.cli import main, training
from clinie.io import read_documents
from clinie.schema import Extraction, Span
from clinie.tasks import load
from clinie.training.weak.distill import Settings, distill
from clinie.training.weak.neighbours import Substitution
from clinie.training.weak.reach import MentionSubstitution, marked
from clinie.training.weak.teachers import load_teacher, read_answers

DRUGS = ("Lasix", "Coumadin", "lisinopril", "metformin", "atorvastatin", "warfarin")
MADE_UP = "Zorbaquil"  # no lexicon has it


def note(number: int) -> str:
    drug, other = DRUGS[number % 6], DRUGS[(number + 1) % 6]
    if number % 2:
        return f"Continue {drug} 20 mg daily. Stopped {other} last week. Takes {MADE_UP} as needed."
    return f"Stopped {drug} because of nausea. Continue {MADE_UP} and {other} at night."


def gold(number: int, text: str) -> Extraction:
    spans = []
    for word in (*DRUGS, MADE_UP):
        if (start := text.find(word)) >= 0:
            status = "discontinued" if text[:start].endswith("Stopped ") else "active"
            spans.append(("medication", start, word, {"status": status}))
    return record(f"n{number:02}", text, spans)


def record(id: str, text: str, spans) -> Extraction:
    made = tuple(
        Span(f"s{n}", label, start, start + len(word), word, attributes=attributes)
        for n, (label, start, word, attributes) in enumerate(sorted(spans, key=lambda s: s[1]))
    )
    return Extraction(id, "medications@1", made)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sixty notes, an LLM's recorded answers, a word list, and gold for the last twenty."""
    root = tmp_path_factory.mktemp("distill")
    (root / "notes").mkdir()
    recorded, checked = [], []
    for number in range(60):
        text = note(number)
        (root / "notes" / f"n{number:02}.txt").write_text(text)
        right = gold(number, text)
        if number % 7:  # the recorded tier missed some notes
            recorded.append(right.to_json())
        if number >= 40:
            checked.append(right.to_json())
    (root / "llm.jsonl").write_text("\n".join(recorded) + "\n")
    (root / "gold.jsonl").write_text("\n".join(checked) + "\n")
    (root / "ours.tsv").write_text(f"term\tlabel\n{MADE_UP}\tmedication\n")
    return root


@pytest.fixture
def cli(capsys, folder):
    def call(*arguments, out):
        common = [
            "train",
            "distill",
            str(folder / "notes"),
            "--task",
            "medications",
            "-o",
            str(out),
        ]
        code = main([*common, *map(str, arguments)])
        said, err = capsys.readouterr()
        assert not any(word in err for word in (*DRUGS, MADE_UP))
        return code, said, err

    return call


def test_from_notes_to_a_tier(cli, folder, tmp_path):
    out = tmp_path / "own.safetensors"
    teachers = ["--teacher", "rules", "--teacher", f"gpt={folder / 'llm.jsonl'}",
                "--teacher", folder / "ours.tsv"]  # fmt: skip
    code, said, err = cli(*teachers, "--gold", folder / "gold.jsonl", out=out)
    assert (code, err) == (0, "")
    assert "gpt" in said
    assert said == (tmp_path / "own.report.txt").read_text()
    report = json.loads((tmp_path / "own.report.json").read_text())
    assert report["documents"] == 40
    assert sum(report["gold_documents"]) == 20
    label = report["heads"][0]
    assert set(label["measured"]["teachers"]) == {"rules", "gpt", "ours"}
    assert 0 < label["measured"]["coverage"] <= 1
    assert label["trained_on"] <= label["labelled"] <= label["candidates"]
    assert report["spans"]["student"]["f1"] > report["spans"]["rules"]["f1"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert not list(tmp_path.glob("*.partial"))

    config = tmp_path / "clinie.toml"
    config.write_text(
        f'[[tiers]]\nname = "own"\nmodel = {{ kind = "student", file = "{out}" }}\nphi_allowed = true\n'
    )
    found = clinie.extract(
        f"Stopped Lasix. Continue {MADE_UP} daily.", "medications", config=config
    )
    assert {(s.text, s.attributes["status"]) for s in found.spans if s.label == "medication"} == {
        ("Lasix", "discontinued"),
        (MADE_UP, "active"),
    }


def test_without_gold_nothing_is_claimed(cli, tmp_path):
    out = tmp_path / "s.safetensors"
    code, said, _ = cli("--teacher", "rules", out=out)
    assert code == 0
    assert "No gold: nothing of this is measured" in said
    report = json.loads((tmp_path / "s.report.json").read_text())
    assert report["spans"] == {}
    assert report["heads"][0]["measured"] is None
    assert report["heads"][0]["keep"] == 0.8


def test_two_runs_give_the_same_bytes(cli, tmp_path):
    one, other = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    for out in (one, other):
        assert cli("--teacher", "rules", out=out)[0] == 0
    assert one.read_bytes() == other.read_bytes()


def test_gold_notes_are_not_trained_on(folder):
    task = load("medications")
    documents = list(read_documents([folder / "notes"]))
    right = read_answers(folder / "gold.jsonl", task, documents)
    teacher = load_teacher("rules", task)
    made = distill(documents, task, [teacher], gold=right, settings=Settings(keep=0.9))
    assert made.report.documents == 40
    assert made.report.gold_documents == (0, 20)
    assert made.report.heads[0].keep == 0.9


def test_dawid_skene_can_be_asked_for(cli, folder, tmp_path):
    teachers = [
        "--teacher",
        "rules",
        "--teacher",
        folder / "llm.jsonl",
        "--teacher",
        folder / "ours.tsv",
    ]
    code, said, _ = cli(*teachers, "--label-model", "dawid-skene", out=tmp_path / "s.safetensors")
    assert code == 0
    assert "dawid-skene" in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--teacher", "nowhere.jsonl"], "no such teacher"),
        (["--teacher", "rules", "--teacher", "rules"], "two teachers called rules"),
        (["--teacher", "rules", "--keep", "1.5"], "--keep 1.5 is not a share"),
        (["--teacher", "rules", "--label-model", "guess"], "label-model"),
        (["--teacher", "{root}/notes/n00.txt"], ".txt files are no teachers"),
        (["--teacher", "{root}/bad.tsv"], "bad.tsv:2: no term with a label of the task"),
        (["--teacher", "{root}/empty.tsv"], "empty.tsv: no terms"),
        (["--teacher", "{root}/other.jsonl"], "no record of medications@1"),
        (["--teacher", "{root}/moved.jsonl"], "moved.jsonl:1: a span does not stand in the note"),
        (["--teacher", "{root}/twice.jsonl"], "twice.jsonl:2: a second record of one document"),
        (["--teacher", "rules", "--gold", "{root}/strangers.jsonl"], "no gold for these notes"),
        (["--teacher", "{root}/strangers.jsonl"], "candidates have a label"),
    ],
)
def test_every_mistake_is_one_line_with_its_mend(arguments, words, cli, folder, tmp_path):
    text = note(0)
    moved = record("n00", text, [("medication", 3, "Lasix", {})])
    (folder / "bad.tsv").write_text("term\tlabel\nLasix\tdrug\n")
    (folder / "empty.tsv").write_text("term\tlabel\n")
    (folder / "other.jsonl").write_text(Extraction("n00", "conditions@1").to_json() + "\n")
    (folder / "moved.jsonl").write_text(moved.to_json() + "\n")
    (folder / "twice.jsonl").write_text((gold(0, text).to_json() + "\n") * 2)
    (folder / "strangers.jsonl").write_text(Extraction("zz", "medications@1").to_json() + "\n")
    given = [a.format(root=folder) for a in arguments]
    code, _, err = cli(*given, out=tmp_path / "s.safetensors")
    assert code == 2
    assert words in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_exists_is_kept(cli, tmp_path):
    out = tmp_path / "s.safetensors"
    out.write_bytes(b"mine")
    code, _, err = cli("--teacher", "rules", out=out)
    assert code == 2
    assert "exists" in err
    assert out.read_bytes() == b"mine"
    assert cli("--teacher", "rules", "--overwrite", out=out)[0] == 0


def test_a_missing_extra_is_one_line(cli, tmp_path, monkeypatch):
    monkeypatch.setattr(training, "find_spec", lambda name: None if name == "torch" else name)
    code, _, err = cli("--teacher", "rules", out=tmp_path / "s.safetensors")
    assert code == 2
    assert err == "clinie: torch is not installed (pip install 'clinie[llm]')\n"


def test_weights_need_their_ending(cli, tmp_path):
    code, _, err = cli("--teacher", "rules", out=tmp_path / "s.bin")
    assert code == 2
    assert ".safetensors" in err


def test_a_configuration_can_teach(cli, tmp_path):
    config = tmp_path / "tiers.toml"
    config.write_text('[[tiers]]\nname = "r"\nmodel = { kind = "rules" }\nphi_allowed = true\n')
    out = tmp_path / "s.safetensors"
    assert cli("--teacher", config, out=out)[0] == 0
    other = tmp_path / "t.safetensors"
    assert cli("--teacher", "rules", out=other)[0] == 0
    assert out.read_bytes() == other.read_bytes()


def test_the_expansion_check_is_reported_where_teachers_can_be_asked(cli, folder, tmp_path):
    common = ["--teacher", "rules", "--gold", folder / "gold.jsonl"]
    _, said, _ = cli(*common, out=tmp_path / "a.safetensors")
    assert "weak to strong" in said
    checks = json.loads((tmp_path / "a.report.json").read_text())["expansion"]
    by_name = {check["name"]: check for check in checks}
    medication = by_name["medication"]
    assert medication["covered"] > 0
    bound = medication["correction_bound"]
    assert bound is None or bound >= medication["covered_error"]
    teacher = ["--teacher", f"gpt={folder / 'llm.jsonl'}"]
    _, said, _ = cli(*common, *teacher, out=tmp_path / "b.safetensors")
    assert "weak to strong" not in said


def test_marks_take_the_surroundings_apart():
    oracle = MentionSubstitution(Substitution({"Lasix": "f", "furosemide": "f"}))
    text = marked("Lasix and Lasix.", (10, 15))
    rng = random.Random(0)
    assert oracle.find(text, lambda _: True, rng) == "Lasix and \0furosemide\0."
    assert set(oracle.sample(text, 20, rng)) == {text, "Lasix and \0furosemide\0."}
