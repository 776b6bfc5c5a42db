"""Codes on spans, from the user's own terminology files; none is shipped."""

from clinie.coding.files import digest, load, source_files
from clinie.coding.terminology import Terminology, coded

__all__ = ["Terminology", "coded", "digest", "load", "source_files"]
