"""The few public functions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from clinie import tasks
from clinie.cascade import Cascade
from clinie.config import Config
from clinie.config import load as load_config
from clinie.errors import InputError
from clinie.event_loop import run
from clinie.models import Model
from clinie.schema import Document, Extraction
from clinie.tasks import Task

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["aextract", "aextract_many", "extract", "extract_frame", "extract_many"]

ConfigLike = Config | str | Path | None


async def aextract(
    document: Document | str,
    task: str,
    *,
    config: ConfigLike = None,
    model: Model | None = None,
) -> Extraction:
    """Extract one task from one note; see `extract`."""
    cascade, loaded = _ready(task, config, model)
    return await cascade.extract(_document(document), loaded)


async def aextract_many(
    documents: Iterable[Document | str],
    task: str,
    *,
    config: ConfigLike = None,
    model: Model | None = None,
) -> AsyncIterator[Extraction]:
    """Extract one task from many notes, in input order; see `extract_many`."""
    cascade, loaded = _ready(task, config, model)
    for number, document in enumerate(documents):
        yield await cascade.extract(_document(document, number), loaded)


def extract(
    document: Document | str,
    task: str,
    *,
    config: ConfigLike = None,
    model: Model | None = None,
) -> Extraction:
    """Extract one task from one note.

    Parameters
    ----------
    document : Document or str
        A plain string becomes a document with the id ``document``.
    task : str
        ``medications``, ``medications@1``, or the path of a task folder.
    config : Config, str or Path, optional
        Configuration, or the path of a ``clinie.toml``. By default local rules answer and
        nothing leaves the machine.
    model : Model, optional
        Your own model, instead of the configured tier.

    Returns
    -------
    Extraction
        Spans, relations, labels and findings anchored to the note's characters.

    Raises
    ------
    ConfigError
        For an unknown task or a wrong configuration.
    ModelError
        When the model as a whole cannot be used.

    Examples
    --------
    >>> result = extract("Lasix 40 mg IV given. Coumadin held.", task="medications")
    >>> [(span.text, span.label) for span in result.spans][:2]
    [('Lasix', 'medication'), ('40 mg', 'dosage')]
    """
    return run(aextract(document, task, config=config, model=model))


def extract_many(
    documents: Iterable[Document | str],
    task: str,
    *,
    config: ConfigLike = None,
    model: Model | None = None,
) -> Iterator[Extraction]:
    """Extract one task from many notes: an iterator, in input order, in flat memory.

    Some notes are under way at once, so that a server is kept busy; no more are read than that.

    Parameters
    ----------
    documents : iterable of Document or str
        Plain strings get the ids ``document-0``, ``document-1``, ...
    task, config, model
        As in `extract`.

    Raises
    ------
    ConfigError
        At once, before the first document is read.
    """
    from clinie.runs import Outcome, stream

    if isinstance(documents, str):
        raise InputError("many notes are asked for, not one string", mend="give a list of notes")
    cascade, loaded = _ready(task, config, model)
    notes = (_document(document, number) for number, document in enumerate(documents))
    outcomes = stream(notes, [loaded], cascade)
    return (outcome.extractions[0] for outcome in outcomes if isinstance(outcome, Outcome))


def extract_frame(
    frame: pd.DataFrame,
    task: str,
    *,
    text: str = "text",
    id: str = "id",
    config: ConfigLike = None,
    model: Model | None = None,
) -> pd.DataFrame:
    """Extract one task from a column of a DataFrame.

    Parameters
    ----------
    frame : pandas.DataFrame
        One note per row.
    task, config, model
        As in `extract`.
    text, id : str
        Columns of the note and of its identifier.

    Returns
    -------
    pandas.DataFrame
        One row per item (span, relation, label or finding), in the columns of the CSV output.

    Raises
    ------
    InputError
        For a missing column, a duplicate id, or a note that is not text; names the row.
    """
    from clinie.io import frame_documents, to_frame

    documents = frame_documents(frame, text=text, id=id)
    return to_frame(extract_many(documents, task, config=config, model=model))


def _document(document: Document | str, number: int | None = None) -> Document:
    if isinstance(document, Document):
        return document
    if not isinstance(document, str):
        raise InputError(
            f"a note is a string or a clinie.Document, not {type(document).__name__}",
            place="" if number is None else f"note {number}",
        )
    return Document(text=document, id="document" if number is None else f"document-{number}")


def _ready(task: str, config: ConfigLike, model: Model | None) -> tuple[Cascade, Task]:
    """Return what answers, and the task with its configured settings."""
    cascade = _cascade(config, model)
    return cascade, tasks.load(task, cascade.config.tasks)


def _cascade(config: ConfigLike, model: Model | None) -> Cascade:
    if isinstance(config, (str, Path)):
        config = load_config(config)
    return Cascade(config, model=model) if config or model else _default_cascade()


@lru_cache(maxsize=1)
def _default_cascade() -> Cascade:
    return Cascade()
