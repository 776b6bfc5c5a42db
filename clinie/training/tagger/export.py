"""From trained networks to one file of weights: eight-bit tables, half precision elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from clinie.training.tagger.network import Network

__all__ = ["tensors_of"]

Arrays = dict[str, npt.NDArray[Any]]

_LARGEST = 127


def tensors_of(network: Network, name: str, heads: Sequence[str] | None = None) -> Arrays:
    """Return a network's tensors under the names that `clinie.models.tagger` reads.

    Parameters
    ----------
    network : Network
    name : str
        Of the member of the ensemble.
    heads : sequence of str, optional
        Which heads to keep; all by default.
    """
    state = {k: v.detach().numpy() for k, v in network.state_dict().items()}
    table, scale = _eight_bits(state["words.ngrams.weight"])
    lstms = [_lstm(state, direction) for direction in ("forth", "back")]
    arrays: Arrays = {
        "ngrams": table,
        "scale": scale,
        "shapes": state["words.shapes.weight"],
        "lists": state["words.lists.weight"],
        **{part: np.stack([lstm[part] for lstm in lstms]) for part in lstms[0]},
    }
    for head in heads or list(network.tags):
        arrays[f"{head}.weight"] = state[f"tags.{head}.weight"].T
        arrays[f"{head}.bias"] = state[f"tags.{head}.bias"]
        arrays[f"{head}.transitions"] = state[f"transitions.{head}"]
    return {f"{name}.{part}": _half(array) for part, array in arrays.items()}


def _eight_bits(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], Any]:
    scale = (np.abs(table).max(1) / _LARGEST).astype(np.float16).astype(np.float32)
    steps = np.divide(table, scale[:, None], where=scale[:, None] > 0, out=np.zeros_like(table))
    return np.clip(np.rint(steps), -_LARGEST, _LARGEST).astype(np.int8), scale


def _half(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array if array.dtype == np.int8 else array.astype(np.float16)


def _lstm(state: Mapping[str, npt.NDArray[np.float32]], direction: str) -> Arrays:
    """Return one direction, its gates in the runtime's order: the cell last, not third."""

    def turned(weight: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        entered, kept, cell, shown = np.split(weight, 4)
        return np.concatenate([entered, kept, shown, cell])

    return {
        "inputs": turned(state[f"{direction}.weight_ih_l0"]).T,
        "recurrent": turned(state[f"{direction}.weight_hh_l0"]).T,
        "bias": turned(state[f"{direction}.bias_ih_l0"] + state[f"{direction}.bias_hh_l0"]),
    }
