"""No text that a figure is computed on is trained on, nor a near copy of one.

Reads the real corpora, so it is skipped where there are none. The near copies that there are, are
written down: a new one fails the test. Training leaves all of them out (`make proof` checks it).
"""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module

import pytest

from clinie.datasets import corpora
from clinie.datasets.catalogue import load
from clinie.datasets.leaks import TESTS, Held, held_out
from clinie.schema import Document

TRAINING = (
    ("aci-bench", "train"),
    ("bc5cdr", "train"),
    ("bc5cdr", "devel"),
    ("ebm-nlp", "train"),
    ("maccrobat", "train"),
    ("mts-dialog", "train"),
    ("ncbi-disease", "train"),
    ("ncbi-disease", "devel"),
    ("phee", "train"),
    ("trials", "dev"),
)
OTHERS = (
    ("crowd-against-expert", None),
    ("ebm-nlp-mod", None),
    ("mts-dialog", "validation"),
    ("mts-dialog", "test1"),
    ("mts-dialog", "test2"),
)
"""What no shipped model is scored on, partly because it is in training."""
KNOWN = {
    ("bc5cdr", "bc5cdr"): 6,
    ("bc5cdr", "phee"): 12,
    ("ebm-nlp", "bc5cdr"): 1,
    ("ebm-nlp", "crowd-against-expert"): 671,
    ("ebm-nlp", "ebm-nlp-mod"): 191,
    ("mts-dialog", "mts-dialog"): 12,
    ("ncbi-disease", "ncbi-disease"): 3,
    ("phee", "bc5cdr"): 13,
    ("phee", "phee"): 1,
}
"""Training texts of a corpus that are near copies of a test text of a corpus."""

pytestmark = pytest.mark.skipif(
    corpora.root() is None, reason="no folder of corpora: set CLINIE_DATA"
)


@pytest.fixture(scope="module")
def held():
    """The tests, each named by its corpus."""
    names = dict.fromkeys(name for name, _ in TESTS)
    tests = [(name, text) for name in names for text in held_out(name)]
    tests += [(name, item.document) for name, part in OTHERS for item in load(name, part)]
    return Held(replace(text, id=name) for name, text in tests)


@pytest.fixture(scope="module")
def training():
    """The texts for training by corpus, each once."""
    found = {}
    for name, part in TRAINING:
        texts = found.setdefault(name, {})
        for item in load(name, part):
            texts.setdefault(item.document.text, item.document)
    return {name: list(texts.values()) for name, texts in found.items()}


def test_near_copies_of_tests_are_known(held, training):
    found = {}
    for name, texts in training.items():
        for text in texts:
            for test in {copy.test for copy in held.near_copies(text)}:
                found[name, test] = found.get((name, test), 0) + 1
    assert found == KNOWN


@pytest.mark.parametrize("module", ["judges", "plans"])
def test_open_notes_hold_none(held, module):
    pytest.importorskip("torch")
    notes = list(import_module(f"clinie.training.tagger.{module}").open_notes())
    annotated = {
        item.document.id
        for name in ("aci-bench-medications", "allergy-notes")
        for item in load(name)
    }
    assert notes
    assert not annotated & {note.id for note in notes}
    copied = {copy.test for note in notes for copy in held.near_copies(note)}
    assert not copied & {"aci-bench-medications", "allergy-notes"}


@pytest.mark.proof
@pytest.mark.parametrize("plan", ["notes", "pico"])
def test_plans_learn_from_none(held, plan):
    pytest.importorskip("torch")
    plans = import_module("clinie.training.tagger.plans")
    others = {name for name, _ in OTHERS}
    for passage in plans.PLANS[plan].learns_from():
        text = Document(" ".join(passage.words), passage.document)
        copied = {copy.test for copy in held.near_copies(text)}
        assert copied <= others, passage.document
