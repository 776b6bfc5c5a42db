"""The tagger's network in torch, for training: hashed words, one BiLSTM, a CRF per head.

The architecture of Lample et al. 2016 ("Neural architectures for named entity recognition") with
hashed character n-grams in place of a vocabulary and a character network. The shipped model runs
the same sums in NumPy (`clinie.models.tagger.network`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from clinie.models.tagger.features import LISTS, SHAPES, features_of

__all__ = ["Batch", "Network", "Shape", "Words"]


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes: rows of the n-gram table, width of a word vector, width of one LSTM direction."""

    buckets: int = 40_000
    width: int = 128
    hidden: int = 128


@dataclass(frozen=True, slots=True)
class Batch:
    """Passages side by side.

    Parameters
    ----------
    words : Tensor of int, shape (passages, longest)
        Row of each word among the distinct words of the batch; 0 where a passage has ended.
    lengths : Tensor of int, shape (passages,)
    distinct : list of str
    """

    words: Tensor
    lengths: Tensor
    distinct: list[str]

    @classmethod
    def of(cls, passages: Sequence[Sequence[str]]) -> Batch:
        """Lay out passages; each is a sequence of words."""
        row: dict[str, int] = {}
        ids = [[row.setdefault(word, len(row)) for word in words] for words in passages]
        longest = max(map(len, ids))
        padded = torch.tensor([line + [0] * (longest - len(line)) for line in ids])
        return cls(padded, torch.tensor([len(line) for line in ids]), list(row))

    @property
    def turned(self) -> Tensor:
        """Where each word stands when every passage is read from its end; padding stays."""
        place = torch.arange(self.words.shape[1])[None].expand_as(self.words)
        return torch.where(self.mask, self.lengths[:, None] - 1 - place, place)

    @property
    def mask(self) -> Tensor:
        """True where a passage has a word; shape (passages, longest)."""
        return torch.arange(self.words.shape[1])[None] < self.lengths[:, None]


class Words(nn.Module):
    """A vector per distinct word: its n-grams, its shape and its lists, added up."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.ngrams = nn.EmbeddingBag(shape.buckets, shape.width, mode="sum")
        self.shapes = nn.Embedding(len(SHAPES), shape.width)
        self.lists = nn.EmbeddingBag(len(LISTS), shape.width, mode="sum")
        for table in (self.ngrams, self.shapes, self.lists):
            nn.init.normal_(table.weight, std=0.3)
        self.known: dict[str, tuple[np.ndarray, int, np.ndarray]] = {}

    def _features(self, word: str) -> tuple[np.ndarray, int, np.ndarray]:
        if word not in self.known:
            grams, shape, lists = features_of(word, self.ngrams.num_embeddings)
            self.known[word] = (np.array(grams), shape, np.array(lists, dtype=np.int64))
        return self.known[word]

    def forward(self, words: Sequence[str], drop_word: float = 0.0) -> Tensor:
        """Return the vectors, shape (words, width); now and then without the whole word."""
        found = [self._features(word) for word in words]
        chance = torch.rand(len(found)).tolist() if drop_word else [1.0] * len(found)
        grams = [
            g[1:] if drawn < drop_word and len(g) > 1 else g
            for (g, _, _), drawn in zip(found, chance, strict=True)
        ]
        sizes = torch.tensor([len(g) for g in grams], dtype=torch.float32)
        vectors: Tensor = self.shapes(torch.tensor([shape for _, shape, _ in found]))
        vectors = vectors + _bag(self.lists, [lists for _, _, lists in found])
        return _bag(self.ngrams, grams) / sizes.sqrt()[:, None] + vectors


def _bag(table: nn.EmbeddingBag, rows: Sequence[np.ndarray]) -> Tensor:
    offsets = np.cumsum([0, *(len(r) for r in rows)])[:-1]
    flat = torch.from_numpy(np.concatenate(rows)) if rows else torch.zeros(0, dtype=torch.long)
    out: Tensor = table(flat, torch.from_numpy(offsets))
    return out


class Network(nn.Module):
    """One encoder, and per head a linear layer with a CRF over its tags.

    Parameters
    ----------
    shape : Shape
    heads : Mapping of str to int
        Number of tags of each head.
    dropout : float
        On word vectors and on the encoder's output, the same along a passage.
    drop_word : float
        How often a word is seen by its n-grams only.
    """

    def __init__(
        self,
        shape: Shape,
        heads: Mapping[str, int],
        dropout: float = 0.5,
        drop_word: float = 0.3,
    ) -> None:
        super().__init__()
        self.words = Words(shape)
        self.forth = nn.LSTM(shape.width, shape.hidden)
        self.back = nn.LSTM(shape.width, shape.hidden)
        self.tags = nn.ModuleDict({h: nn.Linear(2 * shape.hidden, n) for h, n in heads.items()})
        self.transitions = nn.ParameterDict(
            {h: nn.Parameter(torch.zeros(n + 1, n)) for h, n in heads.items()}
        )
        self.dropout, self.drop_word = dropout, drop_word

    def encode(self, batch: Batch) -> Tensor:
        """Return the encoder's output, shape (passages, longest, 2 * hidden)."""
        vectors = self.words(batch.distinct, self.drop_word if self.training else 0.0)
        x = self._drop(vectors[batch.words]).transpose(0, 1)
        # both directions read from the left and meet padding last: packing is slow to train
        turned = batch.turned.T[:, :, None]
        back, _ = self.back(x.gather(0, turned.expand_as(x)))
        out = torch.cat([self.forth(x)[0], back.gather(0, turned.expand_as(back))], 2)
        return self._drop(out.transpose(0, 1))

    def _drop(self, x: Tensor) -> Tensor:
        if not self.training or not self.dropout:
            return x
        keep = 1 - self.dropout
        return x * torch.bernoulli(torch.full((x.shape[0], 1, x.shape[2]), keep)) / keep

    def loss(self, batch: Batch, tags: Mapping[str, Tensor]) -> Tensor:
        """Return the negative log-likelihood per word, summed over heads.

        Parameters
        ----------
        batch : Batch
        tags : Mapping of str to Tensor of int, shape (passages, longest)
            Only the heads that the passages are annotated for.
        """
        encoded, mask = self.encode(batch), batch.mask
        total = encoded.new_zeros(())
        for head, gold in tags.items():
            scores = self.tags[head](encoded)
            likelihood = log_likelihood(scores, gold, mask, self.transitions[head])
            total -= likelihood.sum() / mask.sum()
        return total


def log_likelihood(scores: Tensor, gold: Tensor, mask: Tensor, transitions: Tensor) -> Tensor:
    """Return log P(gold) of a linear-chain CRF per passage (Lafferty et al. 2001).

    Parameters
    ----------
    scores : Tensor, shape (passages, longest, tags)
    gold : Tensor of int, shape (passages, longest)
    mask : Tensor of bool, shape (passages, longest)
    transitions : Tensor, shape (tags + 1, tags)
        From each tag to each; the last row is the start.
    """
    moves, start = transitions[:-1], transitions[-1]
    here = scores.gather(2, gold[:, :, None])[:, :, 0] * mask
    before = moves[gold[:, :-1], gold[:, 1:]] * mask[:, 1:]
    path = here.sum(1) + before.sum(1) + start[gold[:, 0]]
    # sums of products of exponentials, kept near 1: a matrix product per step
    factors = torch.exp(moves)
    first, *others = scores.unbind(1)
    alpha = start + first
    for score, there in zip(others, mask.unbind(1)[1:], strict=True):
        top = alpha.detach().max(1, keepdim=True).values
        following = torch.log(torch.exp(alpha - top) @ factors + 1e-30) + top + score
        alpha = torch.where(there[:, None], following, alpha)
    return path - torch.logsumexp(alpha, 1)
