"""``medications@1``: drugs with status, dosage, route, frequency, duration and reason."""

from pathlib import Path

from clinie.tasks.folder import load_folder
from clinie.tasks.medications.rules import extract

__all__ = ["task"]

task = load_folder(Path(__file__).parent, rules=extract)
