"""The shipped trained model: NumPy and safetensors at run time, no torch."""

from pathlib import Path

__all__ = ["SHIPPED"]

SHIPPED = Path(__file__).parent / "data"
"""Where the files of weights are: ``notes.safetensors``, and ``pico.safetensors`` if wanted."""
