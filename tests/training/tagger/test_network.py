"""The network of training: its sums, and that the runtime gets the same from what is exported."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from clinie.models.tagger.features import LISTS, SHAPES
from clinie.models.tagger.tagger import Tagger
from clinie.models.tagger.weights import load, save
from clinie.training.tagger.export import tensors_of
from clinie.training.tagger.network import Batch, Network, Shape, log_likelihood

HEADS = {"a": 3, "b": 5}
LABELS = {"a": ["x"], "b": ["x", "y"]}
PASSAGES = [
    ["He", "takes", "warfarin", "5", "mg", "\n", "No", "cough"],
    ["Stop"],
    ["T4", "of", "pneumonia", ",", "qwxyz"],
]


@pytest.fixture
def network() -> Network:
    torch.manual_seed(3)
    made = Network(Shape(buckets=500, width=10, hidden=6), HEADS)
    for transitions in made.transitions.values():
        torch.nn.init.normal_(transitions)
    return made.eval()


def states(network: Network) -> np.ndarray:
    with torch.no_grad():
        return network.encode(Batch.of(PASSAGES)).numpy()


def runtime(network: Network, members: int = 1) -> Tagger:
    tensors = {}
    for number in range(members):
        tensors |= tensors_of(network, f"m{number}")
    heads = {head: {"labels": labels} for head, labels in LABELS.items()}
    return Tagger(tensors, {"members": [f"m{n}" for n in range(members)], "heads": heads})


def test_the_runtime_gets_the_states_of_training(network) -> None:
    right = states(network)
    encoded = runtime(network).encoder.encode(PASSAGES)
    for row, (place, length) in enumerate(zip(encoded.order, encoded.lengths, strict=True)):
        found = encoded.states[:length, row].reshape(length, -1)
        assert np.abs(found - right[place, :length]).max() < 0.02  # eight bits, half precision


def test_the_runtime_gets_the_scores_of_training(network) -> None:
    right = states(network)
    for members in (1, 2):  # two that are the same score as one
        tagger = runtime(network, members)
        encoded = tagger.encoder.encode(PASSAGES)
        for head in HEADS:
            with torch.no_grad():
                scores = network.tags[head](torch.tensor(right)).numpy()
            seen = encoded.states.reshape(*encoded.states.shape[:2], -1)
            found = seen @ tagger.heads[head].weight + tagger.heads[head].bias
            for row, (place, length) in enumerate(zip(encoded.order, encoded.lengths, strict=True)):
                assert np.abs(found[:length, row] - scores[place, :length]).max() < 0.02
            moves = network.transitions[head].detach().numpy()
            assert tagger.heads[head].crf.transitions == pytest.approx(moves, abs=2e-3)


def test_scores_of_different_members_are_averaged(network) -> None:
    torch.manual_seed(4)
    other = Network(Shape(buckets=500, width=10, hidden=6), HEADS).eval()
    tensors = tensors_of(network, "one") | tensors_of(other, "two")
    said = {"members": ["one", "two"], "heads": {"b": {"labels": LABELS["b"]}}}
    tagger = Tagger(tensors, said)
    encoded = tagger.encoder.encode(PASSAGES)
    found = encoded.states.reshape(*encoded.states.shape[:2], -1) @ tagger.heads["b"].weight
    with torch.no_grad():
        one, two = (
            (each.tags["b"](torch.tensor(states(each))) - each.tags["b"].bias).numpy()
            for each in (network, other)
        )
    for row, (place, length) in enumerate(zip(encoded.order, encoded.lengths, strict=True)):
        mean = (one[place, :length] + two[place, :length]) / 2
        assert np.abs(found[:length, row] - mean).max() < 0.02


def test_a_file_holds_eight_bits_and_half_precision(network, tmp_path) -> None:
    tensors = tensors_of(network, "m0", heads=["b"])
    assert {str(array.dtype) for array in tensors.values()} == {"int8", "float16"}
    assert not [name for name in tensors if name.startswith("m0.a.")]
    assert tensors["m0.lists"].shape == (len(LISTS), 10)
    assert tensors["m0.shapes"].shape == (len(SHAPES), 10)
    save(tmp_path / "x.safetensors", tensors, {})
    again = load(tmp_path / "x.safetensors")[0]
    assert all((again[name] == array).all() for name, array in tensors.items())


def test_eight_bits_keep_a_table_to_half_a_step(network) -> None:
    with torch.no_grad():
        network.words.ngrams.weight[7] = 0  # a bucket never used
    tensors = tensors_of(network, "m0")
    right = network.words.ngrams.weight.detach().numpy()
    scale = tensors["m0.scale"].astype(np.float32)[:, None]
    found = tensors["m0.ngrams"] * scale
    assert not found[7].any()
    assert (np.abs(found - right) <= 0.51 * scale + 1e-3 * np.abs(right)).all()


def test_likelihoods_are_those_of_all_sequences_written_out() -> None:
    torch.manual_seed(0)
    tags, lengths = 3, [4, 2]
    scores, transitions = torch.randn(2, 4, tags), torch.randn(tags + 1, tags)
    gold = torch.tensor([[0, 2, 1, 1], [1, 2, 0, 0]])
    mask = torch.arange(4)[None] < torch.tensor(lengths)[:, None]
    found = log_likelihood(scores, gold, mask, transitions)
    for row, length in enumerate(lengths):

        def score(path, row=row):
            said = transitions[-1, path[0]] + sum(scores[row, n, t] for n, t in enumerate(path))
            return said + sum(transitions[a, b] for a, b in pairwise(path))

        every = torch.stack([score(path) for path in product(range(tags), repeat=length)])
        right = score(gold[row, :length].tolist()) - torch.logsumexp(every, 0)
        assert found[row].item() == pytest.approx(right.item(), abs=1e-5)


def test_padding_changes_nothing(network) -> None:
    right = states(network)
    for place, words in enumerate(PASSAGES):
        with torch.no_grad():
            alone = network.encode(Batch.of([words])).numpy()[0]
        assert right[place, : len(words)] == pytest.approx(alone, abs=1e-5)


def test_dropping_happens_in_training_only(network) -> None:
    assert (states(network) == states(network)).all()
    network.train()
    assert (states(network) != states(network)).any()
