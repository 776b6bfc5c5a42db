"""Lines of a terminology file, with one clear error for what cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clinie.errors import InputError
from clinie.io.text_files import decode, unreadable

__all__ = ["fields_error", "numbered", "unusable"]


def numbered(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a UTF-8 file from 1, without a byte-order mark; they end at line feeds.

    Raises
    ------
    InputError
        Naming the file, and the line when its bytes are not UTF-8.
    """
    try:
        with path.open("rb") as stream:
            first = stream.readline()
            yield 1, decode(first, f"{path}:1")
            for number, line in enumerate(stream, start=2):
                try:
                    text = line.decode()
                except UnicodeDecodeError:
                    text = decode(line, f"{path}:{number}")
                yield number, text
    except OSError as error:
        raise unreadable(error, str(path)) from None


def unusable(path: Path, what: str, mend: str, line: int | None = None) -> InputError:
    """Return the error for a file that is no terminology; it quotes nothing of the file."""
    return InputError(what, mend=mend, place=f"{path}:{line}" if line else str(path))


def fields_error(path: Path, line: int, given: int, wanted: int, mend: str) -> InputError:
    """Return the error for a row that is too long or too short."""
    return unusable(path, f"{given} fields under a header of {wanted}", mend, line)
