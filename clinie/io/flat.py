"""Records as a table: one row per span, relation, label and finding."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clinie.io.files import Replacement, writing
from clinie.schema import Document, Extraction

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["COLUMNS", "CsvWriter", "ParquetWriter", "rows", "to_frame"]

COLUMNS = (
    "document_id",
    "task",
    "kind",
    "id",
    "label",
    "start",
    "end",
    "text",
    "fragments",
    "attributes",
    "codes",
    "head",
    "tail",
    "value",
    "severity",
    "confidence",
    "risk",
    "decision",
    "reason",
    "tier",
)
"""``kind`` is span, relation, label or finding. ``head`` and ``tail`` are span ids; a label that
speaks about a span has its id in ``head``; a finding's code stands in ``label`` and the model's
words in ``text``. ``fragments``, ``attributes`` and ``codes`` are JSON."""

_INTEGERS = ("start", "end")
_FLOATS = ("confidence", "risk")
_GROUP_ROWS = 16_384


def rows(extraction: Extraction) -> Iterator[dict[str, Any]]:
    """Yield the rows of one record, with every column of `COLUMNS`."""
    for span in extraction.spans:
        yield _row(
            extraction,
            "span",
            span,
            ("id", "label", "start", "end", "text"),
            fragments=_json(span.fragments),
            attributes=_json(span.attributes),
            codes=_json(span.codes),
        )
    for relation in extraction.relations:
        yield _row(extraction, "relation", relation, ("id", "label", "head", "tail"))
    for label in extraction.labels:
        yield _row(extraction, "label", label, ("id", "value"), label=label.name, head=label.span)
    for finding in extraction.findings:
        row = dict.fromkeys(COLUMNS)
        yield row | {
            "document_id": extraction.document_id,
            "task": extraction.task,
            "kind": "finding",
            "label": finding.code,
            "start": finding.start,
            "end": finding.end,
            "text": _unicode(finding.item),
            "severity": finding.severity,
        }


def _row(
    extraction: Extraction, kind: str, item: Any, names: Sequence[str], **given: Any
) -> dict[str, Any]:
    names = (*names, "confidence", "risk", "decision", "reason", "tier")
    row: dict[str, Any] = dict.fromkeys(COLUMNS)
    row.update(document_id=extraction.document_id, task=extraction.task, kind=kind)
    row.update((name, _unicode(getattr(item, name))) for name in names)
    row.update((name, _unicode(value)) for name, value in given.items())
    return row


def _json(value: Any) -> str | None:
    if not value:
        return None
    return json.dumps(dict(value) if isinstance(value, Mapping) else value, ensure_ascii=False)


def _unicode(value: Any) -> Any:
    """Spell out half a surrogate pair, which no table can hold."""
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def to_frame(extractions: Iterable[Extraction]) -> pd.DataFrame:
    """Return records as a DataFrame, one row per item; `COLUMNS` explains its columns."""
    import pandas as pd

    frame = pd.DataFrame.from_records(
        [row for extraction in extractions for row in rows(extraction)], columns=list(COLUMNS)
    )
    types = dict.fromkeys(_INTEGERS, "Int64") | dict.fromkeys(_FLOATS, "Float64")
    return frame.astype({name: types.get(name, "string") for name in COLUMNS})


class CsvWriter:
    """Writes the table as CSV as in RFC 4180."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = Replacement(path)
        self._stream = self._file.partial.open("w", encoding="utf-8", newline="")
        self._write([COLUMNS])

    def write(self, document: Document, extractions: Sequence[Extraction]) -> None:  # noqa: ARG002
        """Write the rows of one document."""
        self._write(row.values() for record in extractions for row in rows(record))

    def _write(self, lines: Iterable[Iterable[Any]]) -> None:
        buffer = io.StringIO()
        csv.writer(buffer).writerows(lines)
        with writing(self._path):
            self._stream.write(buffer.getvalue())

    def close(self, *, complete: bool) -> None:
        """Put the file in its place, or remove it when the run broke off."""
        self._file.close(self._stream, complete=complete)


class ParquetWriter:
    """Writes the table as Parquet, one row group per 16,384 rows."""

    def __init__(self, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._path = path
        self._schema = pa.schema([(name, _arrow_type(name)) for name in COLUMNS])
        self._rows: list[dict[str, Any]] = []
        self._file = Replacement(path)
        self._stream = pq.ParquetWriter(self._file.partial, self._schema)

    def write(self, document: Document, extractions: Sequence[Extraction]) -> None:  # noqa: ARG002
        """Write the rows of one document."""
        self._rows.extend(row for record in extractions for row in rows(record))
        if len(self._rows) >= _GROUP_ROWS:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        with writing(self._path):
            self._stream.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows.clear()

    def close(self, *, complete: bool) -> None:
        """Put the file in its place, or remove it when the run broke off."""
        if complete and self._rows:
            self._flush()
        self._file.close(self._stream, complete=complete)


def _arrow_type(name: str) -> Any:
    import pyarrow as pa

    if name in _INTEGERS:
        return pa.int64()
    return pa.float64() if name in _FLOATS else pa.string()
