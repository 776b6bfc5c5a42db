"""Tasks: what to look for; one folder each, loadable from a user's folder too."""

from clinie.tasks.base import Task
from clinie.tasks.folder import load_folder
from clinie.tasks.registry import available, load

__all__ = ["Task", "available", "load", "load_folder"]
