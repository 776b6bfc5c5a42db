"""Inventories of short forms with their senses, and made-up sentences that hold some.

An inventory is a list, not a text: its document is the short form itself, its labels are the
senses, with their share as confidence where the source counts them. They may be read for
evaluation; ask their owners before shipping any of it.

References
----------
Grossman Liu L et al. A deep database of medical abbreviations and acronyms for natural language
processing. Scientific Data 2021.

Zhou W, Torvik VI, Smalheiser NR. ADAM: another database of abbreviations in MEDLINE. Bioinformatics
2006.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from clinie.datasets.corpora import CorpusItem, corpus_file
from clinie.schema import Document, Label, Span

__all__ = ["SOURCES", "inventory", "pubmed_substitution"]

_PLACE = "acronyms"
Senses = Iterator[tuple[str, str, float | None]]


def _vanderbilt(line: str) -> Senses:
    short, sense, _, _, share = line.split("\t")
    if share != "frequency":  # the header
        yield short, sense, float(share)


def _stetson(line: str) -> Senses:
    short, sense, share = line.split("\t")
    yield short, sense, float(share)


def _berman(line: str) -> Senses:
    short, _, sense = line.partition(" = ")
    yield short, sense, None


def _columbia(line: str) -> Senses:
    short, _, sense = line.partition(" ")
    yield short, sense, None


def _adam(line: str) -> Senses:
    if not line.startswith("###") and line.count("\t") >= len("|||"):
        short, _, forms, *_ = line.split("\t")
        yield short, forms.split("|")[0].rsplit(":", 2)[0], None


def _casi(line: str) -> Senses:
    short, sense, *_ = line.split("|")
    if (short, sense) != ("SF", "LF"):
        yield short, sense, None


def _casi_labelled(line: str) -> Senses:
    [cells] = csv.reader([line])
    if cells != ["sf", "target_lf_sense", "target_label"]:
        yield cells[0], cells[1], None


class _Source(NamedTuple):
    file: str
    senses: Callable[[str], Senses]


SOURCES = {
    "casi": _Source("casi_labeled_sf_lf_map.csv", _casi_labelled),
    "casi-all": _Source("casi_sense_inventory_ii", _casi),
    "vanderbilt-clinic": _Source("vanderbilt_clinic_notes.txt", _vanderbilt),
    "vanderbilt-discharge": _Source("vanderbilt_discharge_sums.txt", _vanderbilt),
    "stetson": _Source("stetson_sense_distribution_448.txt", _stetson),
    "berman": _Source("berman_pathology_abbreviations.txt", _berman),
    "columbia": _Source("columbia_obgyn.txt", _columbia),
    "adam": _Source("adam_database", _adam),
}


def inventory(source: str, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield the short forms of an inventory with their senses, one of `SOURCES`.

    Neighbouring lines of one short form are one item.
    """
    file, read = SOURCES[source]
    text = corpus_file(_PLACE, file, folder=folder).read_text(encoding="utf-8", errors="replace")
    lines = (line.strip() for line in text.split("\n"))
    rows = (row for line in lines if line for row in read(line))
    for number, (short, senses) in enumerate(groupby(rows, key=lambda row: row[0].strip())):
        labels = (
            Label(f"l{n}", "sense", sense.strip(), confidence=share)
            for n, (_, sense, share) in enumerate(senses)
        )
        yield CorpusItem(Document(short, f"{source}-{number}"), labels=tuple(labels))


def pubmed_substitution(split: str, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield sentences with a short form put in the place of its long form; ``dev``, ``external``.

    Mostly computer science, and the answer stands in the text of some: for mechanics only. The one
    span is the ``acronym`` with its ``sense``: the first place where the short form stands as a
    word; a row without one is counted in ``skipped``.
    """
    stem = {"dev": "dev", "external": "external_data"}[split]
    path = corpus_file(_PLACE, f"pubmed_reverse_substitution_{stem}.csv", folder=folder)
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            document = Document(row["text"], f"pubmed-{split}-{number}")
            short = row["acronym_"]
            found = re.search(rf"(?<!\w){re.escape(short)}(?!\w)", document.text)
            if found is None:
                yield CorpusItem(document, skipped=1)
                continue
            start, end = found.span()
            sense = {"sense": row["expansion"]}
            yield CorpusItem(document, (Span("s0", "acronym", start, end, short, None, sense),))
