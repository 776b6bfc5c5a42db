"""Clinie: grounded, checked facts out of clinical notes.

>>> import clinie
>>> result = clinie.extract("Lasix 40 mg IV given. Coumadin held.", task="medications")

Names are loaded when first used, so that importing Clinie costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clinie.api import aextract, aextract_many, extract, extract_frame, extract_many
    from clinie.config import Config
    from clinie.errors import ClinieError, ConfigError, InputError, ModelError, OutputError
    from clinie.schema import (
        Document,
        Extraction,
        Finding,
        Label,
        Relation,
        Span,
        Trace,
        Windows,
    )

__all__ = [
    "ClinieError",
    "Config",
    "ConfigError",
    "Document",
    "Extraction",
    "Finding",
    "InputError",
    "Label",
    "ModelError",
    "OutputError",
    "Relation",
    "Span",
    "Trace",
    "Windows",
    "__version__",
    "aextract",
    "aextract_many",
    "extract",
    "extract_frame",
    "extract_many",
]

__version__ = "0.1.0"

_HOMES = {
    "clinie.api": ("aextract", "aextract_many", "extract", "extract_frame", "extract_many"),
    "clinie.config": ("Config",),
    "clinie.errors": ("ClinieError", "ConfigError", "InputError", "ModelError", "OutputError"),
    "clinie.schema": (
        "Document",
        "Extraction",
        "Finding",
        "Label",
        "Relation",
        "Span",
        "Trace",
        "Windows",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'clinie' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
