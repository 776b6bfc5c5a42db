"""``clinie.toml``: what it says, and one clear line for what is wrong in it."""

from __future__ import annotations

import os

import pytest

import clinie
import clinie.tasks
from clinie import Config, ConfigError
from clinie.cascade import Cascade
from clinie.config import load

GOOD = """
[[tiers]]
name = "local"
model = { kind = "rules" }
phi_allowed = true
"""

SECOND = GOOD.replace("local", "second") + 'reads = "always"\n'


def test_without_a_file_local_rules_answer():
    config = load(None)
    assert config == Config()
    assert [tier.model for tier in config.tiers] == [{"kind": "rules"}]
    assert config.tiers[0].phi_allowed


def test_a_file_and_its_hash(tmp_path):
    path = tmp_path / "clinie.toml"
    path.write_text(GOOD)
    assert load(path).hash == Config().hash
    path.write_text(GOOD + "[deferral]\nmax_error = 0.05\n")
    assert load(path).deferral.max_error == 0.05
    assert load(path).hash != Config().hash


def test_tiers_in_order(tmp_path):
    path = tmp_path / "clinie.toml"
    levels = "sure = 0.9\nsure_for = { conditions = 0.7 }\n"
    path.write_text(GOOD + levels + SECOND)
    first, second = Cascade(load(path)).tiers
    assert (first.name, first.sure, first.reads) == ("local", 0.9, "unsure")
    assert (second.name, second.sure, second.reads) == ("second", 0.8, "always")
    assert first.level(clinie.tasks.load("conditions")) == 0.7
    assert first.level(clinie.tasks.load("medications")) == 0.9
    found = clinie.extract("Lasix 40 mg daily.", task="medications", config=path)
    assert {s.reason for s in found.spans} == {"no error level set; local and second agree"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("tiers = [", r"not valid TOML: .* \(mend it there"),
        ("surprise = 1", "surprise: unknown key"),
        ("tiers = []", "tiers"),
        (GOOD + GOOD, "two tiers are named 'local'"),
        (GOOD + "sure = 1.5", r"tier 1: sure: "),
        (GOOD + "sure_for = { medications = -1 }", r"tier 1: sure_for\.medications: "),
        (GOOD + "sure_for = { medicine = 1 }", "tier 'local': sure_for: unknown task 'medicine'"),
        (GOOD + 'reads = "never"', r"tier 1: reads: "),
        (GOOD + SECOND.replace("true", "false"), "tier 'second' is not cleared for protected"),
        (GOOD.replace("rules", "rulez"), "rulez"),
        (GOOD.replace('kind = "rules"', "size = 3"), "kind"),
        (GOOD.replace('kind = "rules"', 'kind = "rules", size = 3'), "no arguments"),
        (GOOD + "speed = 3", r"tier 1: speed: unknown key"),
        (GOOD + "prices = { input = -1 }", r"tier 1: prices\.input: "),
        ("tiers = [3]", r"\.toml: tier 1: "),
        (GOOD.replace("rules", "rulez").replace("true", "false"), "unknown model kind 'rulez'"),
        (GOOD.replace("true", "false"), "protected health information"),
        (GOOD + "[deferral]\nmax_error = 2", "max_error"),
    ],
)
def test_a_wrong_file_is_one_line_that_names_it(tmp_path, text, complaint):
    path = tmp_path / "clinie.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=complaint) as caught:
        Cascade(load(path))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"missing\.toml: cannot be read: .* \(name a"):
        load(tmp_path / "missing.toml")


def test_a_setting_that_names_a_file_is_seen_from_the_configuration(tmp_path, monkeypatch):
    (tmp_path / "senses.csv").write_text("short_form,sense\nZZQ,zebra quiz\n")
    path = tmp_path / "clinie.toml"
    path.write_text('[tasks.acronyms]\ninventory = "senses.csv"\nextend = true\n')
    monkeypatch.chdir("/")
    config = load(path)
    assert config.tasks["acronyms"] == {"inventory": str(tmp_path / "senses.csv"), "extend": True}
    span = clinie.extract("ZZQ today.", task="acronyms", config=path).spans[0]
    assert span.attributes["sense"] == "zebra quiz"
    before = config.hash
    (tmp_path / "senses.csv").write_text("short_form,sense\nZZQ,zero quantity\n")
    os.utime(tmp_path / "senses.csv", (1, 1))
    assert load(path).hash != before
    span = clinie.extract("ZZQ today.", task="acronyms", config=path).spans[0]
    assert span.attributes["sense"] == "zero quantity"
