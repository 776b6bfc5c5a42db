"""The house as a package: one import name, links that hold, a light import."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import distributions, entry_points

import pytest

import clinie

HEAVY = {"torch", "spacy", "pandas", "pyarrow", "sklearn", "fastapi", "transformers", "numpy"}


def run(code: str, cwd) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_import_loads_nothing_heavy(tmp_path):
    loaded = run("import sys, clinie; print(*sys.modules)", tmp_path).split()
    assert "clinie" in loaded
    assert not HEAVY.intersection(loaded)


def test_extraction_loads_nothing_heavy(tmp_path):
    code = (
        "import sys, clinie; clinie.extract('Lasix 40 mg IV given.', task='medications');"
        "clinie.extract('No chest pain.', task='conditions'); print(*sys.modules)"
    )
    assert not HEAVY.intersection(run(code, tmp_path).split())


@pytest.mark.parametrize("room", ["resolvers", "datasets", "service"])
def test_top_level_rooms_are_imported_as_part_of_clinie(room, root):
    link = root / "clinie" / room
    assert link.is_symlink()
    assert link.resolve() == root / room
    assert import_module(f"clinie.{room}").__name__ == f"clinie.{room}"


def test_datasets_in_the_repository_root_is_hugging_faces(root):
    if not list(distributions(name="datasets")):
        pytest.skip("Hugging Face datasets is not installed")
    code = "import datasets; print(datasets.__file__); from datasets import Dataset"
    assert "site-packages" in run(code, root)
    both = "import clinie.datasets, datasets; print(clinie.datasets.__name__, datasets.__name__)"
    assert run(both, root) == "clinie.datasets datasets"


def test_public_names_exist_and_others_do_not():
    for name in clinie.__all__:
        assert getattr(clinie, name) is not None
    assert set(clinie.__all__) <= set(dir(clinie))
    with pytest.raises(AttributeError, match="nonsense"):
        _ = clinie.nonsense


def test_entry_points_can_be_loaded(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    for group, points in project["entry-points"].items():
        installed = entry_points(group=group)
        for name in points:
            assert callable(installed[name].load()) or group == "clinie.tasks"


def test_core_is_light(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    core = " ".join(project["dependencies"])
    assert not any(name in core for name in ("torch", "spacy", "transformers", "fastapi"))
    assert {"llm", "spacy", "service", "notebooks", "dev"} <= set(project["optional-dependencies"])
