"""``trial-results@1``: the numbers of a randomised trial, per arm, for one outcome."""

from pathlib import Path

from clinie.tasks.folder import load_folder
from clinie.tasks.trial_results.rules import extract

__all__ = ["task"]

task = load_folder(Path(__file__).parent, rules=extract)
