"""Files of weights: safetensors with one JSON description in the header; no pickle anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from clinie.errors import ModelError

__all__ = ["FORMAT", "Tensors", "load", "save"]

Tensors = Mapping[str, npt.NDArray[np.generic]]

FORMAT = "clinie.tagger/1"


def save(path: Path, tensors: Tensors, description: Mapping[str, Any]) -> None:
    """Write a file of weights.

    Parameters
    ----------
    path : Path
    tensors : Mapping of str to array
    description : Mapping
        Labels, thresholds, calibration: anything that JSON holds.
    """
    metadata = {"format": FORMAT, "description": json.dumps(description, sort_keys=True)}
    arrays = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
    save_file(arrays, path, metadata=metadata)


def load(path: Path) -> tuple[dict[str, npt.NDArray[np.generic]], dict[str, Any]]:
    """Read a file of weights.

    Raises
    ------
    ModelError
        When the file is not there, or is not of this format; one line names it.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != FORMAT:
                raise ModelError(
                    f"{path}: no weights of the tagger", mend=f"its format must be {FORMAT}"
                )
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, json.loads(metadata["description"])
    except FileNotFoundError:
        raise ModelError(f"{path}: not found", mend="reinstall clinie, or run make model") from None
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"{path}: cannot be read as safetensors: {type(error).__name__}",
            mend="reinstall clinie, or run make model",
        ) from None
