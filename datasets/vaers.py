"""The clinical sentences of Hu et al. (2024), and what two models answered to those of VAERS.

Sentences come from vaccine adverse event reports (VAERS) and sample transcriptions (MTSamples).
Both sets are divided by sentence, not by report: sentences of one report may stand on both sides,
so a figure on the test part says little about reports from elsewhere. Their text carries no licence
and is never committed.

References
----------
Hu Y, Chen Q, Du J, et al. Improving large language models for clinical named entity recognition via
prompt engineering. J Am Med Inform Assoc 2024;31:1812-1820.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from clinie.datasets.corpora import CorpusItem, corpus_file, from_iob, json_lines

__all__ = ["RecordedMarks", "mtsamples", "recorded_marks", "vaers"]

_PLACE = "recorded_llm/clinical_ner"


class RecordedMarks(NamedTuple):
    """What a model answered: the sentence of the test part, with ``<span class=...>`` in it.

    ``prompt`` names what the prompt held: ``baseline``, then definitions, guidelines, notes on
    frequent errors, and one or five examples.
    """

    sentence: str
    model: str
    prompt: str
    text: str


def vaers(split: str, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield annotated sentences; split ``train``, ``valid`` or ``test``.

    Labels are ``nervous_AE``, ``other_AE``, ``procedure``, ``investigation``.
    """
    yield from _sentences(f"vaers_gold_{split}.jsonl", folder)


def mtsamples(split: str, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield annotated sentences; split ``train`` or ``valid``.

    Labels are ``problem``, ``treatment``, ``test``.
    """
    yield from _sentences(f"mtsamples_gold_{split}.jsonl", folder)


def _sentences(file: str, folder: Path | None) -> Iterator[CorpusItem]:
    for record in json_lines(corpus_file(_PLACE, file, folder=folder)):
        yield from_iob(record["id"], zip(record["tokens"], record["tags"], strict=True))


def recorded_marks() -> Iterator[RecordedMarks]:
    """Yield the recorded answers about the sentences of the test part, in the file's order."""
    for record in json_lines(corpus_file(_PLACE, "vaers_outputs.jsonl")):
        yield RecordedMarks(record["id"], record["model"], record["prompt"], record["output"])
