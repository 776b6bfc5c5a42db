"""Files of weights: safetensors with one JSON description in the header; no pickle anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as serialize

from clinie.errors import ModelError

__all__ = ["FORMAT", "Tensors", "load", "save"]

Tensors = Mapping[str, npt.NDArray[np.generic]]

FORMAT = "clinie.tagger/1"


def save(
    path: Path, tensors: Tensors, description: Mapping[str, Any], *, form: str = FORMAT
) -> None:
    """Write a file of weights, the same bytes for the same content.

    Parameters
    ----------
    path : Path
    tensors : Mapping of str to array
    description : Mapping
        Labels, thresholds, calibration: anything that JSON holds.
    form : str
        Name and version of what the file holds.
    """
    metadata = {"format": form, "description": json.dumps(description, sort_keys=True)}
    arrays = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
    path.write_bytes(_in_order(serialize(arrays, metadata)))


def _in_order(data: bytes) -> bytes:
    """Sort the header: the library writes its metadata in an order that changes."""
    size = int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8 : 8 + size]), sort_keys=True).encode()
    header += b" " * (-len(header) % 8)
    return len(header).to_bytes(8, "little") + header + data[8 + size :]


def load(
    path: Path, *, form: str = FORMAT, mend: str = "reinstall clinie, or run make model"
) -> tuple[dict[str, npt.NDArray[np.generic]], dict[str, Any]]:
    """Read a file of weights.

    Parameters
    ----------
    path : Path
    form : str
        What the file must say that it holds.
    mend : str
        What to do about a file that cannot be used.

    Raises
    ------
    ModelError
        When the file is not there, or is not of this format; one line names it.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            if metadata.get("format") != form:
                raise ModelError(f"{path}: other weights", mend=f"its format must be {form}")
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, json.loads(metadata["description"])
    except FileNotFoundError:
        raise ModelError(f"{path}: not found", mend=mend) from None
    except (SafetensorError, OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"{path}: cannot be read as safetensors: {type(error).__name__}",
            mend=mend,
        ) from None
