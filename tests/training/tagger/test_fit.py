import random

import numpy as np
import pytest
import torch

from clinie.models.tagger.crf import choose
from clinie.models.tagger.tagger import Tagger
from clinie.training.tagger.export import tensors_of
from clinie.training.tagger.fit import Recipe, batches, fit, tags_of
from clinie.training.tagger.network import Network, Shape
from clinie.training.tagger.passages import Passage

HEADS = {"drugs": ("drug", "dose"), "doubt": ("finding",)}
RECIPE = Recipe(
    Shape(buckets=400, width=16, hidden=12), epochs=30, rate=0.02, words=80, dropout=0.1
)
DRUGS = ("warfarin", "aspirin", "lasix", "heparin")


def drugs(number: int) -> Passage:
    """A drug is one only after "takes"; a dose has two words."""
    drug = DRUGS[number % len(DRUGS)]
    if number % 2:
        words = ["He", "takes", drug, str(number), "mg", "daily"]
        return Passage(words, {"drugs": ["O", "O", "B-drug", "B-dose", "I-dose", "O"]}, "d")
    return Passage(["Allergy", "to", drug], {"drugs": ["O"] * 3}, "d")


def doubt(number: int) -> Passage:
    return Passage(
        ["No", "cough", "now"][: 2 + number % 2],
        {"doubt": ["O", "B-finding", "O"][: 2 + number % 2]},
    )


TOY = [drugs(n) for n in range(24)] + [doubt(n) for n in range(12)]


@pytest.fixture(scope="module")
def trained() -> tuple[Network, list[str]]:
    lines: list[str] = []
    return fit(TOY, HEADS, RECIPE, seed=1, log=lines.append), lines


def answers(network: Network, passage: Passage, head: str) -> list[tuple[int, int, str]]:
    said = {"members": ["m"], "heads": {h: {"labels": list(x)} for h, x in HEADS.items()}}
    tagger = Tagger(tensors_of(network, "m"), said)
    (spans,) = tagger.heads[head].answers(tagger.encoder.encode([passage.words]))
    return [span[:3] for span in choose(spans)]


def test_a_toy_scheme_is_learnt_exactly(trained) -> None:
    network, lines = trained
    assert answers(network, drugs(3), "drugs") == [(2, 3, "drug"), (3, 5, "dose")]
    assert answers(network, drugs(4), "drugs") == []
    assert answers(network, doubt(0), "doubt") == [(1, 2, "finding")]
    assert len(lines) == RECIPE.epochs
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in lines]
    assert losses[-1] < losses[0] / 5


def test_the_log_names_no_word(trained) -> None:
    _, lines = trained
    assert not any(word in line for word in ("takes", *DRUGS) for line in lines)


def test_a_seed_decides_the_weights() -> None:
    short = Recipe(Shape(buckets=50, width=4, hidden=3), epochs=2, words=60)

    def weights(seed: int) -> dict[str, np.ndarray]:
        return tensors_of(fit(TOY, HEADS, short, seed, lambda line: None), "m")

    one, again, other = weights(0), weights(0), weights(1)
    assert all((one[name] == again[name]).all() for name in one)
    assert any((one[name] != other[name]).any() for name in one)


def test_weights_are_averaged_over_the_steps() -> None:
    recipe = Recipe(Shape(buckets=50, width=4, hidden=3), epochs=8, words=60, rate=0.05)
    seen: list[torch.Tensor] = []
    made: list[Network] = []

    class Watched(Network):
        def __init__(self, *args):
            super().__init__(*args)
            made.append(self)

        def loss(self, *args):
            seen.append(self.tags["drugs"].bias.detach().clone())
            return super().loss(*args)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("clinie.training.tagger.fit.Network", Watched)
        network = fit(TOY, HEADS, recipe, 0, lambda line: None)
    assert network is made[0]
    assert not network.training
    path = torch.stack(seen)
    bias = network.tags["drugs"].bias
    assert not torch.equal(bias, path[-1])
    assert (path.min(0).values <= bias).all()
    assert (bias <= path.max(0).values).all()


def test_tags_stand_in_the_order_of_the_runtime() -> None:
    assert tags_of(["a", "b"]) == ["O", "B-a", "I-a", "B-b", "I-b"]


def test_an_epoch_has_every_passage_as_often_as_it_says() -> None:
    passages = [Passage([str(n)] * (1 + n % 7), {"a": []}, times=1 + n % 3) for n in range(50)]
    passages += [Passage([f"b{n}"] * 30, {"b": []}) for n in range(9)]
    found = list(batches(passages, 60, random.Random(0)))
    read = [passage.words[0] for group in found for passage in group]
    assert sorted(read) == sorted(p.words[0] for p in passages for _ in range(p.times))
    for group in found:
        assert len({tuple(p.tags) for p in group}) == 1
        assert len(group) * max(len(p.words) for p in group) <= 60
    assert found == list(batches(passages, 60, random.Random(0)))
    assert found != list(batches(passages, 60, random.Random(1)))


def test_a_passage_longer_than_a_batch_is_read_alone() -> None:
    long, short = Passage(["x"] * 90, {"a": []}), Passage(["y"], {"a": []})
    found = list(batches([short, long, short], 60, random.Random(0)))
    assert [long] in found
    assert sum(map(len, found)) == 3
