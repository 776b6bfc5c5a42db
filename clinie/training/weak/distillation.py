"""``clinie train distill``: from files to a student in a file, with its report beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clinie.errors import InputError
from clinie.io import Sources
from clinie.io.files import Replacement
from clinie.schema import Document
from clinie.tasks import load
from clinie.training.weak.distill import Settings, distill
from clinie.training.weak.report import Report
from clinie.training.weak.teachers import load_teacher, read_answers

__all__ = ["Settings", "run"]


def run(
    sources: Sources,
    *,
    task: str,
    teachers: Sequence[str],
    out: Path,
    gold: Path | None,
    settings: Settings,
) -> Report:
    """Read notes, train a student on what teachers say of them, write it and its report.

    Beside ``NAME.safetensors`` stand ``NAME.report.txt`` and ``NAME.report.json``.

    Parameters
    ----------
    sources : Sources
        Notes.
    task : str
        Name or folder.
    teachers : sequence of str
        As `load_teacher` reads them.
    out : Path
    gold : Path, optional
        Records of people.
    settings : Settings

    Raises
    ------
    ConfigError, InputError, OutputError
        One line naming the place and the mend.
    """
    loaded = load(task)
    documents = [_readable(read) for read in sources]
    known = [load_teacher(said, loaded) for said in teachers]
    names = [teacher.name for teacher in known]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"two teachers called {twice}", mend="name one: --teacher NAME=SOURCE")
    right = read_answers(gold, loaded, documents) if gold else None
    if right is not None and not right:
        raise InputError("no gold for these notes", mend="document ids must agree", place=str(gold))
    made = distill(documents, loaded, known, gold=right, settings=settings)
    weights = Replacement(out)
    done = False
    try:
        made.student.save(weights.partial)
        weights.partial.chmod(0o600)
        done = True
    finally:
        weights.close(_Nothing(), complete=done)
    _write(out.with_suffix(".report.txt"), made.report.to_text())
    _write(out.with_suffix(".report.json"), made.report.to_json() + "\n")
    return made.report


def _readable(read: Document | InputError) -> Document:
    if isinstance(read, InputError):
        raise read
    return read


def _write(path: Path, text: str) -> None:
    place = Replacement(path)
    with place.partial.open("w", encoding="utf-8") as stream:
        stream.write(text)
    place.close(stream, complete=True)


class _Nothing:
    """Weights are written by name: there is no stream to close."""

    def close(self) -> None:
        """Do nothing."""
