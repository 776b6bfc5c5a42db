"""A run: every outcome is written, counted, or listed as an error."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clinie.errors import InputError
from clinie.io import Read, Writer
from clinie.io.files import Appender
from clinie.runs.checkpoint import Prior
from clinie.runs.stream import Extractor, Outcome, stream
from clinie.schema import Document, Extraction, Label, Relation, Span
from clinie.tasks import Task

__all__ = ["ErrorList", "Pairs", "Summary", "run"]

Pairs = Iterator[tuple[Document, Extraction]]


@dataclass(slots=True)
class Summary:
    """What a run did.

    Parameters
    ----------
    documents : int
        Documents with a record, those of an earlier run included.
    resumed : int
        Documents whose records were all there already.
    records, items, coded, deferred, findings : int
        Lines written, spans with relations and labels, spans with a code, items that wait for a
        person, and findings of any severity.
    failures : int
        Documents that could not be read or not be worked through in full.
    cost : float
        In the currency of the configuration.
    seconds : float
        Wall clock.
    first_error : str
        The first failure, in one line.
    """

    documents: int = 0
    resumed: int = 0
    records: int = 0
    items: int = 0
    coded: int = 0
    deferred: int = 0
    findings: int = 0
    failures: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    first_error: str = ""

    def add(self, extraction: Extraction) -> None:
        """Count a record."""
        items: tuple[Span | Relation | Label, ...] = (
            *extraction.spans,
            *extraction.relations,
            *extraction.labels,
        )
        self.records += 1
        self.items += len(items)
        self.coded += sum(bool(span.codes) for span in extraction.spans)
        self.deferred += sum(item.decision == "defer" for item in items)
        self.findings += len(extraction.findings)
        self.cost += sum(step.cost for step in extraction.trace)


class ErrorList:
    """The failed documents: ``OUT.errors.jsonl``, or standard error when there is no file.

    The file is there only when something failed, and holds no note text.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: Appender | None = None
        if path is not None:
            path.unlink(missing_ok=True)

    def add(self, error: InputError) -> None:
        """List a failure."""
        what = error.message.removeprefix(f"{error.place}: ")
        entry = {
            "place": error.place or None,
            "document_id": error.document_id,
            "error": what,
            "mend": error.mend,
        }
        if self._path is None:
            sys.stderr.write(f"{one_line(str(error))}\n")
            return
        if self._file is None:
            self._file = Appender(self._path)
        line = json.dumps(entry, ensure_ascii=False)
        self._file.write(line.encode("utf-8", "backslashreplace") + b"\n")

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def run(
    reads: Iterable[Read],
    tasks: Sequence[Task],
    extractor: Extractor,
    writer: Writer,
    *,
    errors: ErrorList,
    prior: Prior | None = None,
    consume: Callable[[Pairs], None] | None = None,
    advance: Callable[[], None] = lambda: None,
) -> Summary:
    """Extract, write and count, until the documents end.

    Parameters
    ----------
    reads, tasks, extractor, prior
        As in `stream`.
    writer : Writer
        Takes every new record; it is closed in any case.
    errors : ErrorList
        Takes every failure; it is closed in any case.
    consume : callable, optional
        Pulls the (document, record) pairs, known and new, as they are made; for the page.
    advance : callable
        Called after every document; for the progress bar.

    Returns
    -------
    Summary

    Raises
    ------
    ModelError, OutputError
        What was written until then stays, where the format can be resumed.
    """
    started = time.perf_counter()
    summary = Summary()
    outcomes = stream(reads, tasks, extractor, prior=prior)
    pairs = _pairs(outcomes, writer, errors, summary, advance)
    complete = False
    try:
        if consume is not None:
            consume(pairs)
        for _ in pairs:
            pass
        complete = True
    finally:
        errors.close()
        writer.close(complete=complete)
    summary.seconds = time.perf_counter() - started
    return summary


def _pairs(
    outcomes: Iterator[Outcome | InputError],
    writer: Writer,
    errors: ErrorList,
    summary: Summary,
    advance: Callable[[], None],
) -> Pairs:
    for outcome in outcomes:
        if isinstance(outcome, InputError):
            _fail(outcome, errors, summary)
        else:
            new = outcome.extractions[outcome.known :]
            if new:
                writer.write(outcome.document, new)
            summary.documents += 1
            summary.resumed += not new
            failure = _failure(outcome)
            if failure is not None:
                _fail(failure, errors, summary)
            for extraction in outcome.extractions:
                summary.add(extraction)
                yield outcome.document, extraction
        advance()


def _fail(error: InputError, errors: ErrorList, summary: Summary) -> None:
    summary.failures += 1
    summary.first_error = summary.first_error or one_line(str(error))
    errors.add(error)


def _failure(outcome: Outcome) -> InputError | None:
    """Return what to list about a document of which some windows failed."""
    failed = [record for record in outcome.extractions if not record.complete]
    if not failed:
        return None
    tasks = ", ".join(
        f"{record.task} ({record.windows.failed} of {record.windows.total} windows failed)"
        for record in failed
    )
    return InputError(
        f"document {outcome.document.id!r} was not worked through in full: {tasks}",
        mend="the findings of its record say why",
        document_id=outcome.document.id,
    )


def one_line(text: str) -> str:
    """Return a message as one printable line: names may hold line ends and control characters."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
