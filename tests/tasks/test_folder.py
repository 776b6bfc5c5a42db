"""Tasks from folders: the page's own example, and one clear line for every mistake."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

import clinie
from clinie import ConfigError
from clinie.tasks import Task, available, load, load_folder

TASK = """
name = "smoking@1"
description = "Tobacco use"
[labels.tobacco]
attributes.status = ["unknown", "current", "never"]
[[rules]]
label = "tobacco"
pattern = '(?i)non-?smoker'
status = "never"
[[rules]]
label = "tobacco"
pattern = '(?i)smoker'
status = "current"
"""


def write(folder: Path, task: str = TASK, prompt: str = "List smoking.\n{{ note }}") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "task.toml").write_text(task)
    (folder / "prompt.jinja").write_text(prompt)
    return folder


def test_the_example_of_the_page_works_and_is_short(root, tmp_path):
    page = (root / "docs" / "tasks.md").read_text()
    toml = re.search(r"```toml\n(name = .*?)```", page, re.DOTALL)[1]
    jinja = re.search(r"```jinja\n(.*?)```", page, re.DOTALL)[1]
    written = [line for line in (toml + jinja).splitlines() if line.strip()]
    assert len(written) < 20
    folder = write(tmp_path / "smoking", toml, jinja)
    text = "Smokes 10 cigarettes a day. His wife never smoked."
    found = clinie.extract(text, task=str(folder))
    assert [(s.text, s.attributes["status"]) for s in found.spans] == [
        ("Smokes", "current"),
        ("10 cigarettes a day", "current"),
        ("never smoked", "never"),
    ]
    assert found.task == "smoking@1"


def test_a_language_model_uses_the_prompt_of_the_folder(tmp_path, scripted):
    model = scripted('{"items": [{"text": "pipe", "status": "CURRENT"}, {"text": "cigar"}]}')
    found = clinie.extract("Smokes a pipe.", task=str(write(tmp_path / "s")), model=model)
    assert model.prompts[0].messages[0].content == "List smoking.\nSmokes a pipe."
    assert [(s.text, s.attributes) for s in found.spans] == [("pipe", {"status": "current"})]
    assert [(f.code, f.item) for f in found.findings if f.severity == "reject"] == [
        ("ungrounded", "cigar")
    ]


def test_of_overlapping_patterns_the_first_rule_wins(tmp_path):
    found = clinie.extract("Non-smoker.", task=str(write(tmp_path / "s")))
    assert [(s.text, s.attributes["status"]) for s in found.spans] == [("Non-smoker", "never")]


def test_a_folder_that_has_changed_is_read_again(tmp_path):
    folder = write(tmp_path / "s")
    first = load(str(folder))
    assert load(str(folder)) is first
    write(folder, TASK.replace("smoking@1", "smoking@2"))
    os.utime(folder / "task.toml", ns=(0, 0))
    assert load(str(folder)).name == "smoking@2"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("smoking@1", "Smoking"), "name"),
        (("[labels.tobacco]", "surprise = 1\n[labels.tobacco]"), "surprise: unknown key"),
        (("[labels.tobacco]", "[labels.tobacco"), "TOML"),
        (("(?i)smoker", "(smoker"), "pattern"),
        (('label = "tobacco"', 'label = "alcohol"'), "alcohol"),
        (("description", 'resolver = ["parse", "nonsense"]\ndescription'), "nonsense"),
        (("[labels", '[relations]\nx = { head = "tobacco", tail = "y" }\n[labels'), "'y'"),
        (("[labels", '[templates]\nx = { file = "none.jinja" }\n[labels'), "none.jinja"),
    ],
)
def test_a_wrong_folder_is_one_line_that_names_the_file(tmp_path, change, complaint):
    folder = write(tmp_path / "s", TASK.replace(*change, 1))
    with pytest.raises(ConfigError, match=complaint) as caught:
        load(str(folder))
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize(
    ("source", "complaint"), [("{{ note", r"prompt\.jinja:1: "), (None, "No such file")]
)
def test_a_wrong_template_is_refused_when_the_task_is_loaded(tmp_path, source, complaint):
    folder = write(tmp_path / "s")
    template = folder / "prompt.jinja"
    template.write_text(source) if source else template.unlink()
    with pytest.raises(ConfigError, match=complaint) as caught:
        load(str(folder))
    assert caught.value.mend


def test_wrong_examples_are_named_by_line(tmp_path):
    folder = write(tmp_path / "s")
    (folder / "examples.jsonl").write_text('{"text": "a", "answer": "b"}\n{"text": "a"}\n')
    with pytest.raises(ConfigError, match=r"examples\.jsonl:2"):
        load_folder(folder)


def test_a_folder_without_a_task_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"task\.toml"):
        load(str(tmp_path))


def test_names_and_versions():
    assert load("medications") is load("medications@1")
    assert isinstance(load("conditions"), Task)
    assert set(available()) >= {"medications@1", "conditions@1"}
    assert all(available().values())
    with pytest.raises(ConfigError, match=r"installed: .*medications@1"):
        load("medicines")
