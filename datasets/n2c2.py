"""The n2c2 challenge of 2018, track 2: drugs and adverse events in discharge summaries.

A folder of ``.txt`` and ``.ann`` in BRAT standoff, in any depth: a file below a folder with *train*
in its name is for training, all others are for testing. Span labels are ``Drug``, ``Strength``,
``Form``, ``Dosage``, ``Frequency``, ``Route``, ``Duration``, ``Reason``, ``ADE``; relations lead
from one of the others to the drug (``Strength-Drug``).

References
----------
Henry S, Buchan K, Filannino M, Stubbs A, Uzuner O. 2018 n2c2 shared task on adverse drug events and
medication extraction in electronic health records. JAMIA 2020.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clinie.datasets.corpora import CorpusItem
from clinie.datasets.user_files import part_of, read_text
from clinie.errors import InputError
from clinie.io.brat_reading import read_standoff
from clinie.schema import Document

__all__ = ["adverse_drug_events"]


def adverse_drug_events(split: str, folder: Path) -> Iterator[CorpusItem]:
    """Yield the discharge summaries; split ``train`` or ``test``.

    Raises
    ------
    InputError
        When a line is not standoff, or the text of an ``.ann`` is not there.
    """
    for path in sorted(folder.rglob("*.ann")):
        if part_of(path, folder) != split:
            continue
        text = path.with_suffix(".txt")
        if not text.exists():
            raise InputError("no .txt stands beside it", mend="put its text there", place=str(path))
        document = Document(read_text(text), path.stem)
        found = read_standoff(document, read_text(path), place=str(path))
        yield CorpusItem(document, found.spans, found.relations, skipped=len(found.skipped))
