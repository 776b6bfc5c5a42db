"""Small weights, made by hand: networks of this shape, and one that knows two word lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clinie.models.tagger.classifiers import LinearClassifier
from clinie.models.tagger.features import LISTS, SHAPES
from clinie.models.tagger.judges import AssertionJudge, Chooser, StatusJudge
from clinie.models.tagger.linking import APART, LINKED, Linker
from clinie.models.tagger.senses import RIGHT, WRONG, SenseRanker
from clinie.models.tagger.weights import save

Weights = tuple[dict[str, Any], dict[str, Any]]

LABELS = {
    "medications": ("medication", "dosage"),
    "conditions": ("problem", "test", "procedure"),
}
BUCKETS = 64


def _described(heads: Mapping[str, Sequence[str]], members: int) -> dict[str, Any]:
    return {
        "members": [f"m{n}" for n in range(members)],
        "heads": {name: {"labels": list(labels)} for name, labels in heads.items()},
    }


@pytest.fixture(scope="session")
def random_weights() -> Callable[..., Weights]:
    """Return a maker of random weights."""

    def make(
        heads: Mapping[str, Sequence[str]] = LABELS, members: int = 2, seed: int = 0
    ) -> Weights:
        random = np.random.default_rng(seed)
        width, hidden = 12, 8

        def some(*shape: int) -> np.ndarray:
            return random.normal(size=shape).astype(np.float16)

        tensors: dict[str, Any] = {}
        for name in _described(heads, members)["members"]:
            table = random.integers(-127, 128, (BUCKETS, width)).astype(np.int8)
            parts = {
                "ngrams": table,
                "scale": (abs(some(BUCKETS)) / 100).astype(np.float16),
                "shapes": some(len(SHAPES), width),
                "lists": some(len(LISTS), width),
                "inputs": some(2, width, 4 * hidden),
                "recurrent": some(2, hidden, 4 * hidden),
                "bias": some(2, 4 * hidden),
            }
            for head, labels in heads.items():
                tags = 2 * len(labels) + 1
                parts[f"{head}.weight"] = some(2 * hidden, tags)
                parts[f"{head}.bias"] = some(tags)
                parts[f"{head}.transitions"] = some(tags + 1, tags)
            tensors |= {f"{name}.{part}": array for part, array in parts.items()}
        return tensors, _described(heads, members)

    return make


@pytest.fixture
def listed_weights() -> Weights:
    """Return weights that call a word of the drug list a medication, of another list a problem."""
    knows = {"medications": "drug", "conditions": "problem"}
    width, hidden = len(LISTS), len(knows)
    inputs, bias = np.zeros((2, width, 4 * hidden)), np.zeros((2, 4 * hidden))
    bias[0] = [20] * hidden + [-20] * hidden + [20] * hidden + [0] * hidden  # forgets at once
    for unit, name in enumerate(knows.values()):
        inputs[0, LISTS.index(name), 3 * hidden + unit] = 5
    tensors: dict[str, Any] = {
        "m0.ngrams": np.zeros((BUCKETS, width), np.int8),
        "m0.scale": np.zeros(BUCKETS),
        "m0.shapes": np.zeros((len(SHAPES), width)),
        "m0.lists": np.eye(width),
        "m0.inputs": inputs,
        "m0.recurrent": np.zeros((2, hidden, 4 * hidden)),
        "m0.bias": bias,
    }
    for unit, head in enumerate(knows):
        tags = 2 * len(LABELS[head]) + 1
        weight, start = np.zeros((2 * hidden, tags)), np.zeros(tags)
        weight[unit, 1], start[0] = 20, 8
        tensors |= {f"m0.{head}.weight": weight, f"m0.{head}.bias": start}
        tensors[f"m0.{head}.transitions"] = np.zeros((tags + 1, tags))
    return tensors, _described(LABELS, 1)


@pytest.fixture
def folder(tmp_path: Path, listed_weights: Weights) -> Path:
    """Return a folder with a whole file of weights for notes, its classifiers without opinion."""

    def blank(*classes: str) -> LinearClassifier:
        return LinearClassifier.quantized(
            classes, np.zeros((4, len(classes))), np.zeros(len(classes))
        )

    def chooser(*classes: str) -> Chooser:
        return Chooser(blank(*classes), np.array([1] + [0] * (len(classes) - 1), np.float32))

    tensors, described = listed_weights
    tensors = {
        **tensors,
        **StatusJudge(chooser("active", "discontinued", "neither")).state(),
        **AssertionJudge(
            {"notes": chooser("present", "absent")}, chooser("current", "historical")
        ).state(),
        **Linker(blank(APART, LINKED)).state(),
        **SenseRanker(blank(WRONG, RIGHT), frozenset()).state(),
    }
    save(tmp_path / "notes.safetensors", tensors, described)
    return tmp_path
