"""Records as spaCy ``Doc`` objects (needs the extra ``spacy``).

``doc.spans["clinie"]`` holds the spans, widened to whole tokens where needed; their ids are
``task/id``. ``doc.user_data["clinie"]`` holds the records as JSON by task, so that they travel
with the ``Doc`` through ``DocBin``, ``to_bytes`` and worker processes. ``doc._.clinie`` reads the
latest of them as an `Extraction` with the exact offsets, ``doc._.clinie_records`` all of them, and
``span._.clinie`` the record's own `Span`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clinie.errors import ConfigError
from clinie.io.files import Replacement
from clinie.schema import Document, Extraction, Span

__all__ = ["KEY", "DocBinWriter", "annotate", "register_extensions"]

KEY = "clinie"


def register_extensions() -> None:
    """Define ``doc._.clinie``, ``doc._.clinie_records`` and ``span._.clinie``.

    ``doc._.clinie`` is the `Extraction` of the task that ran last, or None;
    ``doc._.clinie_records`` maps every task to its `Extraction`; ``span._.clinie`` is the span of
    the record with attributes, confidence and exact offsets, or None for another span.
    """
    from spacy.tokens import Doc
    from spacy.tokens import Span as SpacySpan

    Doc.set_extension(KEY, getter=_latest, force=True)
    Doc.set_extension(f"{KEY}_records", getter=_extractions, force=True)
    SpacySpan.set_extension(KEY, getter=_own_span, force=True)


def _records(doc: Any) -> dict[str, str]:
    records: dict[str, str] = doc.user_data.get(KEY, {})
    return records


def _read(record: str) -> Extraction:
    return Extraction.from_dict(json.loads(record))


def _latest(doc: Any) -> Extraction | None:
    records = list(_records(doc).values())
    return _read(records[-1]) if records else None


def _extractions(doc: Any) -> dict[str, Extraction]:
    return {task: _read(record) for task, record in _records(doc).items()}


def _own_span(span: Any) -> Span | None:
    task, _, identifier = span.id_.rpartition("/")
    record = _records(span.doc).get(task)
    if record is None:
        return None
    return next((own for own in _read(record).spans if own.id == identifier), None)


def annotate(doc: Any, extraction: Extraction) -> None:
    """Write a record onto a ``Doc`` of the same text, beside those of other tasks."""
    others = {task: record for task, record in _records(doc).items() if task != extraction.task}
    # Escaped to ASCII: a model's words may hold half a surrogate pair, which msgpack refuses.
    doc.user_data[KEY] = {**others, extraction.task: json.dumps(extraction.to_dict())}
    kept = [s for s in doc.spans.get(KEY, ()) if s.id_.rpartition("/")[0] != extraction.task]
    doc.spans[KEY] = kept + [
        doc.char_span(
            span.start,
            span.end,
            label=span.label,
            span_id=f"{extraction.task}/{span.id}",
            alignment_mode="expand",
        )
        for span in extraction.spans
    ]


class DocBinWriter:
    """Writes one ``DocBin``; spaCy keeps it in memory until it is complete."""

    def __init__(self, path: Path) -> None:
        try:
            import spacy
            from spacy.tokens import DocBin
        except ImportError:
            raise ConfigError(
                "spaCy is not installed", mend="pip install 'clinie[spacy]', or write .jsonl"
            ) from None
        register_extensions()
        self._file = Replacement(path)
        self._make_doc = spacy.blank("en").make_doc
        self._docs = DocBin(store_user_data=True)

    def write(self, document: Document, extractions: Sequence[Extraction]) -> None:
        """Add one document with the records of all its tasks."""
        doc = self._make_doc(document.text)
        doc.user_data["document_id"] = document.id
        for extraction in extractions:
            annotate(doc, extraction)
        self._docs.add(doc)

    def close(self, *, complete: bool) -> None:
        """Write the file, or nothing when the run broke off."""
        stream = self._file.partial.open("wb")
        if complete:
            stream.write(self._docs.to_bytes())
        self._file.close(stream, complete=complete)
