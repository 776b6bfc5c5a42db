"""Tasks and models that somebody else's package brings."""

from __future__ import annotations

import pytest

import clinie
from clinie import ConfigError, ModelError
from clinie.cli import main
from clinie.models import build
from clinie.tasks import available, load, registry

MODULE = """
from pathlib import Path
from clinie.models import Capabilities, Completion
from clinie.tasks import load_folder

FOLDER = Path(__file__).parent / "frailty"

def rules(text):
    at = text.find("frail")
    return [] if at < 0 else [{"text": "frail", "start": at, "confidence": 0.6}]

class Frailty:
    def __new__(cls):
        return load_folder(FOLDER, rules=rules)

def make(word="frail"):
    return load_folder(FOLDER, rules=lambda text: [{"text": word, "start": text.find(word)}])

class Echo:
    name = "echo@1"
    capabilities = Capabilities()
    def __init__(self, word):
        self.word = word
    async def complete(self, prompts):
        return [Completion('["%s"]' % self.word) for _ in prompts]

nothing = dict
"""
POINTS = """
[clinie.tasks]
frailty@1 = other_frailty:Frailty
frailty@2 = other_frailty:Frailty
weakness@1 = other_frailty:make
not-a-task@1 = other_frailty:nothing
broken@1 = other_missing:task
[clinie.models]
echo = other_frailty:Echo
gone = other_missing:Model
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Somebody's package, as if installed."""
    (tmp_path / "other_frailty.py").write_text(MODULE)
    info = tmp_path / "other_frailty-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other-frailty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(POINTS)
    folder = tmp_path / "frailty"
    folder.mkdir()
    (folder / "task.toml").write_text('name = "frailty@1"\n[labels.frailty]\n')
    (folder / "prompt.jinja").write_text("{{ note }}")
    monkeypatch.syspath_prepend(tmp_path)
    registry._installed.cache_clear()
    yield
    registry._installed.cache_clear()


def test_a_task_by_entry_point(installed):
    found = clinie.extract("She looks frail.", task="frailty@1")
    assert [(s.label, s.text, s.start) for s in found.spans] == [("frailty", "frail", 10)]


def test_a_bare_name_means_the_highest_version(installed, monkeypatch):

    loaded = []
    monkeypatch.setattr(registry, "_load_point", lambda point: loaded.append(point.name) or point)
    load("frailty")
    assert loaded == ["frailty@2"]


def test_a_task_with_settings(installed, tmp_path):
    config = tmp_path / "clinie.toml"
    config.write_text('[tasks.weakness]\nword = "weak"\n')
    note = "She looks frail and weak."
    for task in ("weakness", "weakness@1"):
        assert clinie.extract(note, task=task).spans[0].text == "frail"
        assert clinie.extract(note, task=task, config=config).spans[0].text == "weak"
    config.write_text('[tasks.weakness]\nfile = "x.csv"\n')
    with pytest.raises(ConfigError, match=r"weakness@1' has no setting 'file' \(settings: word"):
        clinie.extract(note, task="weakness", config=config)
    config.write_text("[tasks.conditions]\nx = 1\n")
    with pytest.raises(ConfigError, match=r"conditions@1' has no setting 'x'"):
        clinie.extract(note, task="conditions", config=config)


def test_settings_are_checked_whichever_task_runs(tmp_path, capsys):
    config = tmp_path / "clinie.toml"
    config.write_text('[tasks.acronym]\ninventory = "my.csv"\n')
    with pytest.raises(ConfigError, match=r"tasks\.acronym: unknown task"):
        clinie.extract("MI.", task="conditions", config=config)
    config.write_text("[tasks.acronyms]\ninventori = 1\n")
    assert main(["check", str(config)]) == 2
    assert "has no setting 'inventori'" in " ".join(capsys.readouterr().err.split())


def test_what_is_no_task_is_named(installed):
    with pytest.raises(ConfigError, match=r"not-a-task@1.*is not a"):
        load("not-a-task@1")
    with pytest.raises(ConfigError, match=r"broken@1.*ModuleNotFoundError"):
        load("broken@1")
    listed = available()
    assert listed["broken@1"].startswith("unusable: ")
    assert listed["medications@1"].startswith("Medications")


def test_a_model_by_entry_point(installed, tmp_path):
    config = tmp_path / "clinie.toml"
    config.write_text(
        '[[tiers]]\nname = "mine"\nphi_allowed = true\nmodel = { kind = "echo", word = "frail" }\n'
    )
    found = clinie.extract("She looks frail.", task="frailty@1", config=config)
    assert [(s.text, s.tier) for s in found.spans] == [("frail", "mine")]
    assert found.trace[0].model == "echo@1"
    with pytest.raises(ModelError, match="gone"):
        build("gone", {})
