"""``conditions@1``: problems, tests and procedures with assertion and temporality."""

from pathlib import Path

from clinie.tasks.conditions.rules import extract
from clinie.tasks.folder import load_folder

__all__ = ["task"]

task = load_folder(Path(__file__).parent, rules=extract)
