"""The promises about grounding on real text and about its speed; minutes long."""

import importlib.util
import sys

import pytest

from clinie.datasets import corpora

pytestmark = pytest.mark.proof


def _benchmark(root, name):
    spec = importlib.util.spec_from_file_location(name, root / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("corpus", "mentions", "share"), [("maccrobat", 17_808, 0.994), ("phee", 16_547, 0.988)]
)
def test_gold_mentions_come_back_and_altered_ones_are_refused(root, corpus, mentions, share):
    if corpora.root() is None:
        pytest.skip("no folder of corpora: set CLINIE_DATA to it")
    benchmark = _benchmark(root, "grounding_corpora")
    figures = benchmark.measure(getattr(benchmark, corpus)())
    assert figures.mentions == mentions
    assert figures.joint >= share * mentions
    assert set(figures.altered) >= {"number", "unit", "side", "negation", "drug"}
    assert sum(figures.accepted.values()) == 0


def test_grounding_is_a_hundred_times_faster_than_langextract(root):
    pytest.importorskip("langextract")
    benchmark = _benchmark(root, "grounding")
    rng = benchmark.random.Random(7)
    text = benchmark.note(rng)
    for case in benchmark.cases(text, rng):
        benchmark.clinie(case.mentions, text)
        ours, right = benchmark.measure(benchmark.clinie, case, text, benchmark.OURS)
        theirs, _ = benchmark.measure(benchmark.langextract, case, text, 1)
        assert right == benchmark.ITEMS
        assert theirs > 100 * ours
