"""Allergies of MTS-Dialog and ACI-Bench, annotated by us: offsets and labels, never a word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clinie.datasets import corpora
from clinie.datasets.standoff import apply
from clinie.schema import Document, Extraction

__all__ = ["allergy_notes", "documents"]

SECTION = "ALLERGY"
"""How MTS-Dialog heads its sections of allergies."""


def documents(folder: Path | None = None) -> Iterator[Document]:
    """Yield the note sections of MTS-Dialog on allergies, each below its heading, and ACI-Bench.

    MTS-Dialog keeps a section's heading in a column of its own; a section that reads "None." says
    nothing without it. So the text of a document is ``ALLERGY: `` and the section's text.
    """
    for document in corpora.mts_dialog(folder=folder):
        if document.metadata["section"] == SECTION:
            text = f"{SECTION}: {document.text}"
            yield Document(text, document.id, metadata=document.metadata)
    yield from corpora.aci_bench(folder=folder)


def allergy_notes(folder: Path | None = None) -> Iterator[Extraction]:
    """Yield the allergies of 44 documents, annotated by us along ``docs/annotation.md``.

    All sections on allergies of MTS-Dialog outside its training set (24), and all notes of
    ACI-Bench outside its training set that mention allergies (20). One developer annotated them,
    after the rules were written and before they had been run on them.

    Raises
    ------
    InputError
        When the corpora are not there, or a text is not the one that was annotated.
    """
    yield from apply("mts_allergies", documents(folder))
