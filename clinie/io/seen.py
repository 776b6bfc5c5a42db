"""Which ids have been seen, and where, in flat memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from clinie.errors import InputError
from clinie.io.notes import Entry, Read

__all__ = ["SeenIds", "unique"]


class SeenIds:
    """The ids of a run with their places, in a private temporary table on disk.

    SQLite keeps about 2 MB of it in memory whatever the number of ids, and deletes the file,
    which is unlinked from the start, when the run ends. On disk an id costs its own length, the
    length of its place, and some 10 bytes. Comparison is exact: no hash, no false duplicate.
    """

    def __init__(self) -> None:
        self._table = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._table.execute("pragma journal_mode = off")
        self._table.execute("create table seen (id text primary key, place text) without rowid")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._table.close()

    def first_place(self, document_id: str, place: str) -> str | None:
        """Note an id; return where it was seen before, or None when it is new."""
        safe = place.encode("utf-8", "backslashreplace").decode("utf-8")
        added = self._table.execute(
            "insert or ignore into seen values (?, ?)", (document_id, safe)
        ).rowcount
        if added:
            return None
        row = self._table.execute("select place from seen where id = ?", (document_id,)).fetchone()
        return str(row[0])


def unique(entries: Iterable[Entry]) -> Iterator[Read]:
    """Hand documents on; one whose id was there before becomes an error that names both places."""
    with SeenIds() as seen:
        for place, read in entries:
            if isinstance(read, InputError):
                yield read
                continue
            first = seen.first_place(read.id, place)
            if first is None:
                yield read
            else:
                yield InputError(
                    f"the id {read.id!r} was read before, from {first}",
                    mend="give each document an id of its own",
                    place=place,
                    document_id=read.id,
                )
