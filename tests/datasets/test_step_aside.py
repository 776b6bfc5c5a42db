"""``import datasets`` in a checkout: the name belongs to Hugging Face's package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(code: str, *paths: Path) -> str:
    """Run code with the repository first on the path, and nothing of site-packages."""
    before = "; ".join(f"sys.path.insert({n}, {str(path)!r})" for n, path in enumerate(paths))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    result = subprocess.run(
        [sys.executable, "-S", "-B", "-c", f"import sys; {before}; {code}"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT.parent,
        env=environment,
    )
    return result.stdout.strip() or result.stderr.strip().splitlines()[-1]


@pytest.fixture
def other(tmp_path):
    """Return a folder with a package of that name, as site-packages would hold it."""
    package = tmp_path / "site" / "datasets"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from datasets.table import Dataset\n")
    (package / "table.py").write_text("Dataset = 'theirs'\n")
    return tmp_path / "site"


@pytest.mark.parametrize("entry", [ROOT, ROOT / "clinie"], ids=["root", "inside the package"])
def test_the_other_package_is_handed_out(other, entry):
    code = "import datasets, datasets.table; print(datasets.Dataset, sys.path[0])"
    assert run(code, entry, other) == f"theirs {entry}"


def test_without_another_package_it_stays_empty():
    code = "import datasets; print(hasattr(datasets, 'corpora'), datasets.__name__)"
    assert run(code, ROOT) == "False datasets"


def test_a_broken_other_package_says_so(other):
    (other / "datasets" / "__init__.py").write_text("import nowhere_to_be_found\n")
    assert "nowhere_to_be_found" in run("import datasets", ROOT, other)


def test_both_live_in_one_process(other):
    code = "import datasets, clinie.datasets as ours; print(datasets.Dataset, ours.__name__)"
    packages = Path(sys.modules["pytest"].__file__).parents[1]
    assert run(code, ROOT, other, packages) == "theirs clinie.datasets"


def test_ours_has_its_exports():
    import clinie.datasets

    assert clinie.datasets.__all__ == ["bundled", "corpora", "scoring", "standoff"]
