"""The command line: ``clinie``."""

from clinie.cli.app import main

__all__ = ["main"]
