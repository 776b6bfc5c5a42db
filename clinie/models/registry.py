"""Find a model by the ``kind`` that the configuration names (entry points ``clinie.models``)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any

from clinie.errors import ConfigError, ModelError
from clinie.models.base import Model

__all__ = ["build"]


def build(kind: str, settings: Mapping[str, Any]) -> Model:
    """Build the model of a tier.

    Parameters
    ----------
    kind : str
        Name of an entry point in the group ``clinie.models``.
    settings : Mapping
        Keyword arguments of the model.

    Raises
    ------
    ConfigError
        For an unknown kind or a setting that the model does not have.
    ModelError
        When the plug-in cannot be imported.
    """
    points = entry_points(group="clinie.models")
    if kind not in points.names:
        known = ", ".join(sorted(points.names))
        raise ConfigError(f"unknown model kind {kind!r}", mend=f"known kinds: {known}")
    try:
        factory = points[kind].load()
    except ImportError as error:
        raise ModelError(f"model kind {kind!r} cannot be loaded: {error}") from None
    try:
        model: Model = factory(**settings)
    except TypeError as error:
        raise ConfigError(f"model kind {kind!r}: {error}", mend="mend the tier's model") from None
    return model
