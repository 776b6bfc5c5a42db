"""Output files: readable by their owner alone, complete or not there at all."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from clinie.errors import OutputError

__all__ = ["Appender", "Replacement", "open_protected", "writing"]

_OWNER_ONLY = 0o600

_MENDS = {
    errno.ENOSPC: "free some space",
    errno.EACCES: "choose a place where you may write",
    errno.EROFS: "choose a place where you may write",
    errno.ENOENT: "make the folder first",
    errno.ENOTDIR: "make the folder first",
}


class Closeable(Protocol):
    """Anything that can be closed."""

    def close(self) -> None:
        """Close it."""
        ...


@contextmanager
def writing(name: str | Path) -> Iterator[None]:
    """Turn trouble with an output file into an `OutputError` of one line.

    A pipe whose reader has gone is no trouble: `BrokenPipeError` ends the program quietly.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            f"{name}: cannot be written: {error.strerror}",
            mend=_MENDS.get(error.errno or 0, "choose another place"),
        ) from error


def open_protected(path: Path, *, append: bool = False) -> int:
    """Open a file for writing, mode 0600, and return its descriptor.

    Raises
    ------
    OSError
    """
    how = os.O_APPEND if append else os.O_TRUNC
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | how, _OWNER_ONLY)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, _OWNER_ONLY)
    return descriptor


class Appender:
    """A file that grows by whole writes: what was written survives the process's death.

    Parameters
    ----------
    path : Path
    append : bool
        Keep what is there already.

    Raises
    ------
    OutputError
    """

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self.path = path
        with writing(path):
            self._descriptor = open_protected(path, append=append)

    def write(self, data: bytes) -> None:
        """Write all of it.

        Raises
        ------
        OutputError
            When the disk is full, for example; the end may then be torn.
        """
        with writing(self.path):
            while data:
                data = data[os.write(self._descriptor, data) :]

    def close(self) -> None:
        """Close the file."""
        with writing(self.path):
            os.close(self._descriptor)


class Replacement:
    """A file written beside its place, which it takes only once it is complete.

    Parameters
    ----------
    path : Path
        Where the finished file will stand.

    Attributes
    ----------
    partial : Path
        Where to write meanwhile.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.partial = path.with_name(f"{path.name}.partial")
        with writing(path):
            self.partial.unlink(missing_ok=True)  # of a killed run; a link is never followed
            os.close(os.open(self.partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY))

    def close(self, stream: Closeable, *, complete: bool) -> None:
        """Close the stream, and put the file in its place or remove it."""
        try:
            with writing(self.path):
                stream.close()
                if complete:
                    self.partial.replace(self.path)
        except OutputError:
            if complete:
                raise
        finally:
            self.partial.unlink(missing_ok=True)
