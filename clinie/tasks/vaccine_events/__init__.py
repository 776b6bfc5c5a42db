"""``vaccine-events@1``: events, procedures and investigations in reports after a vaccination."""

from pathlib import Path

from clinie.tasks.folder import load_folder
from clinie.tasks.vaccine_events.rules import extract

__all__ = ["task"]

task = load_folder(Path(__file__).parent, rules=extract)
