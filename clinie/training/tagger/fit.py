"""Training one network: batches of passages, a falling learning rate, averaged weights."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from clinie.training.tagger.network import Batch, Network, Shape
from clinie.training.tagger.passages import Passage

__all__ = ["Recipe", "fit", "tags_of"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained.

    Parameters
    ----------
    shape : Shape
    epochs : int
    rate : float
        Highest learning rate of Adam; it rises for 100 batches and then falls to zero.
    words : int
        Words of a batch, padding included.
    dropout, drop_word : float
        See `Network`.
    """

    shape: Shape = field(default_factory=Shape)
    epochs: int = 14
    rate: float = 3e-3
    words: int = 2000
    dropout: float = 0.5
    drop_word: float = 0.3


def tags_of(labels: Sequence[str]) -> list[str]:
    """Return the BIO tags of labels in the order that the runtime reads: O, B-x, I-x, B-y, ..."""
    return ["O", *(f"{way}-{label}" for label in labels for way in "BI")]


def fit(
    passages: Sequence[Passage],
    heads: Mapping[str, Sequence[str]],
    recipe: Recipe,
    seed: int,
    log: Callable[[str], None] = print,
) -> Network:
    """Train a network and return it with its averaged weights, ready to use.

    Deterministic for one seed, machine and version of torch (one thread).

    Parameters
    ----------
    passages : sequence of Passage
    heads : Mapping of str to sequence of str
        The labels of each head.
    recipe : Recipe
    seed : int
    log : callable
        Is given one line per epoch.
    """
    torch.manual_seed(seed)
    draw = random.Random(seed)  # noqa: S311 - no secret
    index = {head: {t: n for n, t in enumerate(tags_of(labels))} for head, labels in heads.items()}
    counts = {head: len(tags) for head, tags in index.items()}
    network = Network(recipe.shape, counts, recipe.dropout, recipe.drop_word)
    steps = recipe.epochs * sum(1 for _ in batches(passages, recipe.words, random.Random(0)))  # noqa: S311
    adam = torch.optim.Adam(network.parameters(), lr=recipe.rate, betas=(0.9, 0.98), fused=True)
    average = _Average(network)
    began, step = time.monotonic(), 0
    for epoch in range(recipe.epochs):
        total = 0.0
        for group in batches(passages, recipe.words, draw):
            share = min(1.0, (step + 1) / 100) * max(0.02, 1 - step / steps)
            for parameters in adam.param_groups:
                parameters["lr"] = recipe.rate * share
            loss = network.loss(Batch.of([p.words for p in group]), _gold(group, index))
            adam.zero_grad()
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            adam.step()
            total, step = total + loss.item(), step + 1
            average.take(step)
        spent = time.monotonic() - began
        log(f"epoch {epoch + 1} of {recipe.epochs}: loss {total:.1f}, {spent:.0f} s")
    network.load_state_dict(average.state)
    return network.eval()


class _Average:
    """A running mean of the weights, which forgets the beginning (Polyak and Juditsky 1992)."""

    EVERY = 8  # batches: looking more often costs time and changes nothing

    def __init__(self, network: Network) -> None:
        self.network = network
        self.state = {
            name: tensor.detach().clone() for name, tensor in network.state_dict().items()
        }

    def take(self, step: int) -> None:
        looked, rest = divmod(step, self.EVERY)
        if rest:
            return
        keep = min(0.985, (looked + 1) / (looked + 10))
        now = self.network.state_dict()
        with torch.no_grad():
            torch._foreach_lerp_([self.state[n] for n in now], list(now.values()), 1 - keep)


def batches(
    passages: Sequence[Passage], words: int, draw: random.Random
) -> Iterator[list[Passage]]:
    """Yield all passages of an epoch, in batches of the same heads and of similar length."""
    alike: dict[tuple[str, ...], list[Passage]] = {}
    for passage in passages:
        alike.setdefault(tuple(passage.tags), []).extend([passage] * passage.times)
    groups: list[list[Passage]] = []
    for found in alike.values():
        keyed = [(len(p.words) // 10 + 3 * draw.random(), n) for n, p in enumerate(found)]
        group: list[Passage] = []
        longest = 0
        for _, n in sorted(keyed):
            length = max(longest, len(found[n].words))
            if group and (len(group) + 1) * length > words:
                groups.append(group)
                group, length = [], len(found[n].words)
            group.append(found[n])
            longest = length
        groups.append(group)
    draw.shuffle(groups)
    yield from groups


def _gold(
    group: Sequence[Passage], index: Mapping[str, Mapping[str, int]]
) -> dict[str, torch.Tensor]:
    longest = max(len(p.words) for p in group)
    return {
        head: torch.tensor(
            [
                [index[head][tag] for tag in p.tags[head]] + [0] * (longest - len(p.words))
                for p in group
            ]
        )
        for head in group[0].tags
    }
