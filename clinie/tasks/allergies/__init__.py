"""``allergies@1``: allergens with assertion, their reactions, and no known allergies."""

from pathlib import Path

from clinie.tasks.allergies.rules import extract
from clinie.tasks.folder import load_folder

__all__ = ["task"]

task = load_folder(Path(__file__).parent, rules=extract)
