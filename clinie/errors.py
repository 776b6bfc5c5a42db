"""The one exception tree.

::

    ClinieError
    ├── ConfigError      a setting, option, task or template is wrong
    ├── InputError       a file, row or document cannot be used
    ├── OutputError      a result cannot be written
    └── ModelError       a model could not be built or reached

Every message names the place (parameter, file and line, document id) and the mend. No message
ever holds note text: ids and positions only.
"""

from __future__ import annotations

__all__ = ["ClinieError", "ConfigError", "InputError", "ModelError", "OutputError"]


class ClinieError(Exception):
    """Root of everything Clinie raises on purpose.

    Parameters
    ----------
    message : str
        One line: what is wrong, and where.
    mend : str, optional
        What the user can do about it.
    """

    def __init__(self, message: str, *, mend: str = "") -> None:
        super().__init__(f"{message} ({mend})" if mend else message)
        self.message = message
        self.mend = mend


class ConfigError(ClinieError):
    """A setting, an option, a task or a template is wrong."""


class InputError(ClinieError):
    """A file, a row or a document cannot be used.

    Parameters
    ----------
    message, mend : str
        As in `ClinieError`.
    place : str, optional
        File and line, for example ``notes.jsonl:17``.
    document_id : str, optional
        The document concerned, when it has an id already.
    """

    def __init__(
        self, message: str, *, mend: str = "", place: str = "", document_id: str | None = None
    ) -> None:
        super().__init__(f"{place}: {message}" if place else message, mend=mend)
        self.place = place
        self.document_id = document_id


class OutputError(ClinieError):
    """A result cannot be written (it exists already, the disk is full, no permission)."""


class ModelError(ClinieError):
    """A model could not be built or reached."""
