"""``clinie datasets``: what it lists, shows and writes."""

from __future__ import annotations

import json
import stat

import pytest

from clinie.cli import main
from clinie.datasets import bundled
from clinie.datasets.catalogue import catalogue

MADE = "No rash."


@pytest.fixture
def cli(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path))
    for name in ("1", "5"):
        path = tmp_path / "case_reports" / "maccrobat" / f"{name}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(MADE)
        path.with_suffix(".ann").write_text("T1\tSign_symptom 3 7\trash\n")

    def call(*arguments):
        code = main(["datasets", *(str(argument) for argument in arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_all_are_listed_in_cells(cli):
    code, said, _ = cli()
    rows = [line.split("\t") for line in said.splitlines()]
    assert code == 0
    assert {len(row) for row in rows} == {5}
    names = [row[0] for row in rows]
    assert names[0] == "bundled"
    notes = [f"bundled/{note.id}" for note in bundled.documents()]
    assert names[1:] == notes + [each.name for each in catalogue()]
    state = {row[0]: row[1] for row in rows}
    assert (state["bundled"], state["maccrobat"], state["phee"]) == ("here", "here", "absent")


@pytest.mark.parametrize("name", ["maccrobat", "n2c2-2018", "bundled"])
def test_one_is_shown(cli, name):
    code, said, _ = cli(name)
    shown = dict(line.split("\t") for line in said.splitlines())
    assert (code, shown["name"]) == (0, name)
    assert "medications" in shown["tasks"]
    if name == "n2c2-2018":
        assert shown["state"] == "absent"
        assert shown["get it from"].startswith("https://portal.dbmi")


def test_its_texts_are_written_for_extraction(cli, tmp_path):
    out = tmp_path / "texts.jsonl"
    code, said, told = cli("maccrobat", "--write", out)
    assert (code, said, told) == (0, "", f"{out}: 2 texts\n")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert list(map(json.loads, out.read_text().splitlines())) == [
        {"id": "5", "text": MADE},
        {"id": "1", "text": MADE},
    ]
    assert cli("maccrobat", "--write", out)[0] == 2
    assert cli("maccrobat", "--part", "test", "--write", out, "--overwrite")[0] == 0
    assert json.loads(out.read_text())["id"] == "1"
    assert cli("bundled", "--write", out, "--overwrite")[0] == 0
    assert len(out.read_text().splitlines()) == len(bundled.documents())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "no corpus 'nowhere'"),
        (["maccrobat", "--part", "dev", "--write", "o.jsonl"], "no part 'dev'"),
        (["phee", "--write", "o.jsonl"], "phee is not here"),
        (["bundled", "--part", "test", "--write", "o.jsonl"], "no parts"),
        (["maccrobat", "--write", "o.csv"], "no .jsonl"),
        (["--write", "o.jsonl"], "of one corpus"),
        (["maccrobat", "--part", "test"], "of one corpus"),
    ],
)
def test_what_cannot_be_done_is_one_line(cli, arguments, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, said, err = cli(*arguments)
    assert (code, said, err.count("\n")) == (2, "", 1)
    assert told in err
    assert not list(tmp_path.glob("o.*"))
