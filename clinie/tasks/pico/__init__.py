"""``pico@1``: who was studied, what was tried, against what, what was measured; the arms."""

from pathlib import Path

from clinie.tasks.folder import load_folder
from clinie.tasks.pico.rules import extract

__all__ = ["task"]

task = load_folder(Path(__file__).parent, rules=extract)
