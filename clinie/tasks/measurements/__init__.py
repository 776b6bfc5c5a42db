"""``measurements@1``: vital signs, laboratory values and scores with value, unit and date."""

from pathlib import Path

from clinie.tasks.folder import load_folder
from clinie.tasks.measurements.rules import extract

__all__ = ["task"]

task = load_folder(Path(__file__).parent, rules=extract)
