"""How far a run came over which input, and the records that a resumed run need not make again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from clinie.errors import OutputError
from clinie.schema import Document, Extraction
from clinie.tasks import Task

__all__ = ["Checkpoint", "Prior"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A place in a run.

    Parameters
    ----------
    records : int
        Records written until here.
    chain : str
        The hash of the configuration at the start; after every document the hash of the chain so
        far and that document. It is the same only for the same documents in the same order.
    """

    records: int
    chain: str

    def after(self, document: Document, records: int) -> Checkpoint:
        """Return the place after a document of so many records."""
        link = (
            self.chain,
            document.id,
            document.text,
            document.patient,
            document.date,
            dict(document.metadata),
        )
        data = json.dumps(link, default=str).encode()
        return Checkpoint(self.records + records, hashlib.blake2b(data, digest_size=16).hexdigest())


class Prior:
    """The records of an earlier run, handed out as long as the input is the one they came from.

    Parameters
    ----------
    records : iterable of Extraction
        From the start of the run.
    start, end : Checkpoint
        The start of that run and the place until which its records are taken.
    """

    def __init__(self, records: Iterable[Extraction], start: Checkpoint, end: Checkpoint) -> None:
        self._records = iter(records)
        self._reached = start
        self._end = end

    def take(self, document: Document, tasks: Sequence[Task]) -> tuple[Extraction, ...]:
        """Return the records of a document: all of them, or none when it is new.

        Raises
        ------
        OutputError
            When they are of another document, or any document until ``end`` has changed.
        """
        if self._reached.records >= self._end.records:
            return ()
        taken = tuple(islice(self._records, len(tasks)))
        self._reached = self._reached.after(document, len(taken))
        fit = [(r.document_id, r.task) for r in taken] == [(document.id, t.name) for t in tasks]
        at_end = self._reached.records >= self._end.records
        if not fit or (at_end and self._reached != self._end):
            raise OutputError(
                f"the records of the earlier run do not fit the input up to document "
                f"{document.id!r}",
                mend="the input or the tasks have changed: use --overwrite",
            )
        return taken

    def check_spent(self) -> None:
        """Refuse records of documents that are no longer there."""
        if self._reached != self._end:
            raise OutputError(
                "the earlier run has records of documents that are no longer in the input",
                mend="the input has changed: use --overwrite",
            )
