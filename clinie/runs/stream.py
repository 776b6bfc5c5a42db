"""Documents in, records out, in order, several at a time, in flat memory."""

from __future__ import annotations

import asyncio
import traceback
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from clinie.errors import ClinieError, InputError
from clinie.event_loop import run, soon
from clinie.io import Read
from clinie.runs.checkpoint import Prior
from clinie.schema import Document, Extraction, Finding, Windows
from clinie.tasks import Task

__all__ = ["Extractor", "Outcome", "stream"]

CONCURRENCY = 16
"""Documents under way at once: enough to keep a server busy, few enough to lose."""


class Extractor(Protocol):
    """What answers: a `Cascade`, or anything like it."""

    @property
    def max_error(self) -> float | None:
        """The error level asked for, if any."""
        ...

    async def extract(self, document: Document, task: Task) -> Extraction:
        """Extract one task from one document."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """One document with the records of all tasks, of which the first ``known`` are not new."""

    document: Document
    extractions: tuple[Extraction, ...]
    known: int = 0


def stream(
    reads: Iterable[Read],
    tasks: Sequence[Task],
    extractor: Extractor,
    *,
    prior: Prior | None = None,
    concurrency: int = CONCURRENCY,
) -> Iterator[Outcome | InputError]:
    """Extract every task from every document.

    Parameters
    ----------
    reads : iterable of Document or InputError
        Pulled only as fast as records are taken.
    tasks : sequence of Task
    extractor : Extractor
    prior : Prior, optional
        Records of an earlier run over the same input; they are not made again.
    concurrency : int
        Documents under way at once.

    Yields
    ------
    Outcome or InputError
        In input order.

    Raises
    ------
    ModelError
        When the model as a whole cannot be used; everything before has been yielded.
    OutputError
        When ``prior`` does not fit the input.
    """
    pending: deque[_Job | InputError] = deque()
    source = iter(reads)
    try:
        while True:
            room = concurrency - len(pending)
            for read in islice(source, room):
                pending.append(
                    read
                    if isinstance(read, InputError)
                    else _Job(read, prior.take(read, tasks) if prior else (), tasks)
                )
            if not pending:
                break
            yield from run(_advance(pending, extractor))
    finally:
        soon(lambda: _cancel(pending))
    if prior is not None:
        prior.check_spent()


class _Job:
    """A document on its way."""

    def __init__(
        self, document: Document, known: tuple[Extraction, ...], tasks: Sequence[Task]
    ) -> None:
        self.document = document
        self.known = known
        self.tasks = tasks[len(known) :]
        self.work: asyncio.Task[tuple[Extraction, ...] | ClinieError] | None = None

    def start(self, extractor: Extractor) -> None:
        if self.work is None:
            self.work = asyncio.create_task(self._extract(extractor))

    async def _extract(self, extractor: Extractor) -> tuple[Extraction, ...] | ClinieError:
        """Return the records, or the error that ends the run.

        It is a value because several documents may meet it and only the first is asked for it:
        the event loop would print the others with their tracebacks.
        """
        try:
            return tuple([await _one(extractor, self.document, task) for task in self.tasks])
        except ClinieError as error:
            return error


def _cancel(pending: deque[_Job | InputError]) -> None:
    """Cancel what nobody waits for any more."""
    for left in pending:
        if isinstance(left, _Job) and left.work is not None:
            left.work.cancel()


async def _advance(
    pending: deque[_Job | InputError], extractor: Extractor
) -> list[Outcome | InputError]:
    """Start what has not started, wait for the oldest, and take all that are ready in order."""
    for job in pending:
        if isinstance(job, _Job):
            job.start(extractor)
    ready: list[Outcome | InputError] = []
    while pending:
        job = pending[0]
        if isinstance(job, InputError):
            ready.append(job)
        else:
            assert job.work is not None  # noqa: S101 - started above
            if ready and not job.work.done():
                break
            made = await job.work
            if isinstance(made, ClinieError):
                if ready:
                    break  # first hand out what is ready; the error waits for the next turn
                raise made
            ready.append(Outcome(job.document, (*job.known, *made), len(job.known)))
        pending.popleft()
    return ready


async def _one(extractor: Extractor, document: Document, task: Task) -> Extraction:
    """Extract one task; a defect costs this record and leaves the rest of the run alone."""
    try:
        return await extractor.extract(document, task)
    except ClinieError:
        raise
    except Exception as error:
        return _failed(extractor, document, task, error)


def _failed(extractor: Extractor, document: Document, task: Task, error: Exception) -> Extraction:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{type(error).__name__} at {Path(frame.filename).name}:{frame.lineno}"
    return Extraction(
        document_id=document.id,
        task=task.name,
        findings=(Finding("resolver_error", "reject", where, 0, len(document.text)),),
        complete=False,
        windows=Windows(1, 1),
        decision=None if extractor.max_error is None else "defer",
        reason=f"the document could not be worked through: {where}",
        document=document,
    )
