"""The docs cannot rot: every option, setting, finding and public name is written down."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import typer

import clinie
from clinie.cli.app import app
from clinie.config import CodingConfig, Config
from clinie.tasks import available, load
from clinie.tasks.folder import _TaskFile


@pytest.fixture
def pages(root: Path) -> dict[str, str]:
    return {page.stem: page.read_text(encoding="utf-8") for page in (root / "docs").glob("*.md")}


def test_every_command_and_option_is_documented(pages):
    for name, command in _commands(typer.main.get_command(app)):
        assert f"`clinie {name}" in pages["cli"], name
        for option in command.params:
            for spelling in getattr(option, "opts", []):
                if spelling.startswith("-"):
                    assert f"`{spelling}`" in pages["cli"], spelling


def _commands(group, before=""):
    """Yield every command by its full name, those of groups (``train distill``) too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_every_setting_is_documented(pages):
    tier = Config.model_fields["tiers"].annotation.__args__[0]
    settings = {f"tiers.{name}" for name in tier.model_fields}
    settings |= {
        f"deferral.{name}" for name in Config.model_fields["deferral"].annotation.model_fields
    }
    settings |= {f"coding.{name}" for name in CodingConfig.model_fields}
    for setting in settings | set(Config.model_fields) - {"deferral", "coding"}:
        assert f"| `{setting}` |" in pages["cli"], setting


def test_every_key_of_a_task_is_documented(pages):
    for key in _TaskFile.model_fields:
        assert re.search(rf"`\[*{key}(\.NAME)?\]*`", pages["tasks"]), key


def test_every_finding_is_documented(root, pages):
    sources = [*(root / "resolvers").rglob("*.py"), *(root / "clinie").glob("*.py")]
    code = "\n".join(source.read_text(encoding="utf-8") for source in sources)
    codes = set(re.findall(r'(?:find|reject|Finding)\(\s*(?:state, )?"([a-z_]+)"', code))
    codes |= set(re.findall(r'"([a-z]+_mismatch)"', code))
    assert {"number_mismatch", "model_error", "truncated", "wrong_offset"} <= codes
    for finding in codes:
        assert f"`{finding}`" in pages["checks"], finding


def test_every_public_name_is_documented(root, pages):
    text = "\n".join(pages.values()) + (root / "README.md").read_text(encoding="utf-8")
    for name in set(clinie.__all__) - {"__version__"}:
        assert re.search(rf"\b{name}\b", text), name
        assert getattr(clinie, name).__doc__, name


def test_every_task_has_a_page(root, pages):
    for name in available():
        task = name.partition("@")[0]
        page = (root / "docs" / "tasks" / f"{task}.md").read_text(encoding="utf-8")
        headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
        assert page.startswith(f"# `{name}`\n"), task
        assert {"Labels", "Prompts", "Figures", "Known failures"} <= set(headings), task
        assert f"](tasks/{task}.md)" in pages["tasks"], task
        loaded = load(name)
        for word in (*loaded.schema.labels, *loaded.schema.document_labels):
            assert f"`{word.name}`" in page, (task, word.name)


def test_task_examples_say_what_they_give(root):
    for page in sorted((root / "docs" / "tasks").glob("*.md")):
        for block in re.findall(
            r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
        ):
            code, _, said = block.partition("\n# ")
            *lines, shown = ast.parse(code).body
            names: dict[str, object] = {}
            exec(compile(ast.Module(lines, []), page.name, "exec"), names)
            value = eval(compile(ast.Expression(shown.value), page.name, "eval"), names)
            assert value == ast.literal_eval(said.replace("\n#", "\n")), page.name


def test_links_lead_somewhere(root):
    for page in [root / "README.md", root / "CONTRIBUTING.md", *(root / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_readme_example_says_what_it_prints(root):
    page = (root / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```python\nimport clinie\n(.*?)```", page, re.DOTALL)[1]
    printed = re.findall(r"^# (\d.*)$", block, re.MULTILINE)
    result = clinie.extract("Lasix 40 mg IV given. Coumadin held.", task="medications")
    assert printed == [
        f"{s.start} {s.end} {s.label} {s.text} {dict(s.attributes)}" for s in result.spans
    ]


@pytest.mark.parametrize(
    "page", ["python", "tasks", "grounding", "assertion", "notes", "evaluation"]
)
def test_python_on_the_pages_runs(page, pages):
    blocks = re.findall(r"```python\n(.*?)```", pages[page], re.DOTALL)
    names: dict[str, object] = {"__file__": __file__}
    for block in blocks:
        if "add_pipe" in block or "__file__" in block:
            continue  # needs the extra `spacy`, or a package of its own
        exec(compile(block, f"docs/{page}.md", "exec"), names)
