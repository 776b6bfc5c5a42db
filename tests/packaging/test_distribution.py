"""The built distributions: what they hold, and that they work where the repository is not."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile

import pytest
from hatchling.builders.sdist import SdistBuilder
from hatchling.builders.wheel import WheelBuilder

WEIGHTS = "clinie/models/tagger/data"

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def dist(tmp_path_factory, request):
    out = tmp_path_factory.mktemp("dist")
    root = request.config.rootpath
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(root)],
        check=True,
        capture_output=True,
    )
    return out


def test_the_wheel_holds_one_package_and_its_data(dist):
    (wheel,) = dist.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"clinie"}
    for needed in (
        "clinie/py.typed",
        "clinie/resolvers/grounding.py",
        "clinie/datasets/__init__.py",
        "clinie/service/__init__.py",
        "clinie/text/data/drugs.tsv",
        "clinie/tasks/medications/task.toml",
        "clinie/tasks/medications/guided.jinja",
    ):
        assert needed in names
    assert sum(name.startswith("clinie/datasets/notes/") for name in names) >= 24


def test_the_wheel_holds_the_weights_of_the_tagger_and_they_are_small(dist):
    (wheel,) = dist.glob("*.whl")
    weights = [i for i in zipfile.ZipFile(wheel).infolist() if i.filename.endswith(".safetensors")]
    assert [info.filename for info in weights] == [f"{WEIGHTS}/notes.safetensors"]
    assert sum(info.file_size for info in weights) <= 16_000_000


@pytest.mark.parametrize("builder", [WheelBuilder, SdistBuilder])
def test_weights_from_a_corpus_without_a_licence_are_never_distributed(builder, root):
    config = builder(str(root)).config
    assert config.path_is_excluded(f"{WEIGHTS}/pico.safetensors")
    assert not config.path_is_excluded(f"{WEIGHTS}/notes.safetensors")


def test_the_source_distribution_holds_files_and_no_links(dist):
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        members = archive.getmembers()
    assert not [m.name for m in members if m.issym() or m.islnk()]
    assert any(m.name.endswith("/clinie/resolvers/grounding.py") for m in members)


def test_the_wheel_works_away_from_the_repository(dist, tmp_path):
    (wheel,) = dist.glob("*.whl")
    site = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target"]
    subprocess.run([*pip, str(site), str(wheel)], check=True, capture_output=True)
    code = (
        "import clinie, clinie.resolvers, clinie.datasets, clinie.service;"
        "print(clinie.__file__);"
        "print([s.text for s in clinie.extract('Lasix 40 mg IV given.', 'medications').spans])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    place, spans = done.stdout.splitlines()
    assert place.startswith(str(site))
    assert "'Lasix'" in spans
