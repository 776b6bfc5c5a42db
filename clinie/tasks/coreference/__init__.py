"""``coreference@1``: pronouns and definite mentions, and what they refer to."""

from pathlib import Path

from clinie.tasks.coreference.rules import extract
from clinie.tasks.folder import load_folder

__all__ = ["task"]

task = load_folder(Path(__file__).parent, rules=extract)
