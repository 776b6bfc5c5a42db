"""Annotations of ours on texts that are not ours to ship: offsets and labels, never a word.

One line per document::

    {"document_id": "D2N128", "task": "medications@1", "sha256": "...",
     "spans": [["medication", 12, 19, {"status": "active"}], ["dosage", 20, 25]],
     "relations": [["dosage", 0, 1]], "labels": [["no_known_allergies", "true"]]}

Relations name the head and the tail by their places in ``spans``; ``labels`` may be left out. The
hash says whether the reader's copy of a text is the one that was annotated.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.resources import files
from typing import Any, Literal

from clinie.datasets import corpora
from clinie.errors import InputError
from clinie.schema import Document, Extraction, Label, Relation, Span

__all__ = ["aci_bench_medications", "apply"]

Pass = Literal["first", "second", "adjudicated"]


def aci_bench_medications(which: Pass = "adjudicated") -> Iterator[Extraction]:
    """Yield the medications of the 80 notes of two ACI-Bench test sets, annotated by us.

    Two passes were made independently along ``docs/annotation.md``; where they differed, a third
    reading decided.

    Parameters
    ----------
    which : {"first", "second", "adjudicated"}

    Raises
    ------
    InputError
        When the corpus is not there, or its text is not the one that was annotated.
    """
    yield from apply(f"medication_status/{which}", corpora.aci_bench())


def apply(name: str, documents: Iterable[Document]) -> Iterator[Extraction]:
    """Yield the annotations ``gold/NAME.jsonl`` on the texts that they were made for.

    Parameters
    ----------
    name : str
    documents : iterable of Document
        Texts by id; those without annotations are passed over.

    Raises
    ------
    InputError
        When a text is missing or differs from the annotated one; names the document.
    """
    texts = {document.id: document for document in documents}
    lines = files("clinie.datasets").joinpath("gold", f"{name}.jsonl").read_text(encoding="utf-8")
    for record in map(json.loads, lines.splitlines()):
        document = texts.get(record["document_id"])
        if document is None or _digest(document.text) != record["sha256"]:
            raise InputError(
                "the annotated text is missing or another version of it",
                place=record["document_id"],
                mend=f"gold/{name}.jsonl needs the corpus as it was published",
            )
        yield _extraction(document, record)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _extraction(document: Document, record: Mapping[str, Any]) -> Extraction:
    text = document.text
    return Extraction(
        document_id=document.id,
        task=record["task"],
        spans=tuple(
            Span(f"s{n}", label, start, end, text[start:end], attributes=rest[0] if rest else {})
            for n, (label, start, end, *rest) in enumerate(record["spans"])
        ),
        relations=tuple(
            Relation(f"r{n}", label, f"s{head}", f"s{tail}")
            for n, (label, head, tail) in enumerate(record["relations"])
        ),
        labels=tuple(
            Label(f"l{n}", name, value) for n, (name, value) in enumerate(record.get("labels", ()))
        ),
        document=document,
    )
