"""``--view OUT.html``: one self-contained page that works offline.

The page holds each note as inert JSON of its own and parses only the one on screen, so that
thousands of notes do not freeze it. Note text is hostile input: in the file it is JSON with
``<``, ``>`` and ``&`` escaped, the script puts it on the page as text only, and the content
security policy lets nothing run or load but the page's own script and style.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from clinie.io.files import Replacement, writing
from clinie.schema import Document, Extraction, Finding, Span
from clinie.view.segments import Segment, segments
from clinie.view.shell import frame, inert

__all__ = ["PageWriter", "write_page"]


class PageWriter:
    """Writes the page note by note, in flat memory but for one small index line per note.

    Use as a context manager. The page appears under its name only when it is complete.

    Parameters
    ----------
    out : Path
        The file to write (mode 0600: it holds the notes).
    title : str
        Shown in the browser's tab.

    Raises
    ------
    OutputError
        When the file cannot be written.
    """

    def __init__(self, out: Path, title: str = "Clinie") -> None:
        self.out = out
        self.title = title
        self._index: list[dict[str, Any]] = []
        self._note: tuple[Document, list[Extraction]] | None = None

    def __enter__(self) -> PageWriter:
        with writing(self.out):
            self.out.parent.mkdir(parents=True, exist_ok=True)
        self._place = Replacement(self.out)
        self._file: IO[str] = self._place.partial.open(
            "w", encoding="utf-8", errors="backslashreplace", newline="\n"
        )
        head, self._foot = frame("page", self.title)
        self._write(head)
        return self

    def add(self, document: Document, extraction: Extraction) -> None:
        """Add a record; records of one document follow each other."""
        if self._note is not None and self._note[0].id == document.id:
            self._note[1].append(extraction)
            return
        self._flush()
        self._note = (document, [extraction])

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        complete = False
        try:
            if kind is None:
                self._flush()
                self._write(inert(self._index, "index") + self._foot)
                complete = True
        finally:
            self._place.close(self._file, complete=complete)

    def _flush(self) -> None:
        if self._note is None:
            return
        note = _note(*self._note)
        self._write(inert(note, f"note-{len(self._index)}"))
        self._index.append(_summary(note))
        self._note = None

    def _write(self, text: str) -> None:
        with writing(self.out):
            self._file.write(text)


def write_page(
    out: Path, pairs: Iterable[tuple[Document, Extraction]], *, title: str = "Clinie"
) -> None:
    """Write documents and their records as one page.

    Parameters
    ----------
    out : Path
    pairs : iterable of (Document, Extraction)
        Records of one document follow each other.
    title : str

    Raises
    ------
    OutputError
        When the file cannot be written.
    """
    with PageWriter(out, title) as page:
        for document, extraction in pairs:
            page.add(document, extraction)


def _note(document: Document, records: list[Extraction]) -> dict[str, Any]:
    """Return what the page needs of one note; spans of all tasks in one list."""
    spans: list[Span] = []
    relations: list[tuple[str, int, int]] = []
    findings: list[tuple[int, Finding]] = []
    statements: list[tuple[int, str, str, int | None]] = []
    task_of: list[int] = []
    for number, record in enumerate(records):
        offset = len(spans)
        place = {span.id: offset + at for at, span in enumerate(record.spans)}
        spans += record.spans
        task_of += [number] * len(record.spans)
        relations += [(r.label, place[r.head], place[r.tail]) for r in record.relations]
        findings += [(number, finding) for finding in record.findings]
        statements += [(number, x.name, x.value, place.get(x.span or "")) for x in record.labels]
    pieces = segments(document.text, spans)
    starts = _starts(pieces)
    return {
        "id": document.id,
        "tasks": [
            {
                "task": record.task,
                "decision": record.decision,
                "reason": record.reason,
                "complete": record.complete,
            }
            for record in records
        ],
        "segments": pieces,
        "spans": [
            {
                "task": task,
                "label": span.label,
                "text": span.text,
                "attributes": span.attributes,
                "codes": span.codes,
                "confidence": span.confidence,
                "risk": span.risk,
                "decision": span.decision,
                "reason": span.reason,
                "tier": span.tier,
            }
            for task, span in zip(task_of, spans, strict=True)
        ],
        "relations": relations,
        "statements": statements,
        "findings": [
            (n, f.code, f.severity, f.item, _segment_at(starts, f.start)) for n, f in findings
        ],
    }


def _starts(pieces: list[Segment]) -> list[int]:
    starts, position = [], 0
    for text, _ in pieces:
        starts.append(position)
        position += len(text)
    return starts


def _segment_at(starts: list[int], offset: int | None) -> int | None:
    """Return the index of the segment that holds an offset."""
    return None if offset is None else max(0, bisect_right(starts, offset) - 1)


def _summary(note: dict[str, Any]) -> dict[str, Any]:
    """Return what the list and the filters need to know of a note."""
    decisions = {span["decision"] or "none" for span in note["spans"]}
    names = [task["task"] for task in note["tasks"]]
    counts: dict[str, Counter[str]] = {name: Counter() for name in names}
    for span in note["spans"]:
        counts[names[span["task"]]][span["label"]] += 1
    return {
        "id": note["id"],
        "labels": counts,
        "decisions": sorted(decisions | {task["decision"] or "none" for task in note["tasks"]}),
        "findings": Counter(code for _, code, *_ in note["findings"]),
        "complete": all(task["complete"] for task in note["tasks"]),
    }
