"""Sentences of vaccine adverse event reports (VAERS), and what two models answered to them.

The corpus of Hu et al. (2024) is divided by sentence, not by report: sentences of one report may
stand on both sides, so a figure on the test part says little about reports from elsewhere. Its text
carries no licence and is never committed.

References
----------
Hu Y, Chen Q, Du J, et al. Improving large language models for clinical named entity recognition via
prompt engineering. J Am Med Inform Assoc 2024;31:1812-1820.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from clinie.datasets.corpora import CorpusItem, corpus_file, from_iob, json_lines

__all__ = ["RecordedMarks", "recorded_marks", "vaers"]

_FOLDER = ("recorded_llm", "clinical_ner")


class RecordedMarks(NamedTuple):
    """What a model answered: the sentence of the test part, with ``<span class=...>`` in it.

    ``prompt`` names what the prompt held: ``baseline``, then definitions, guidelines, notes on
    frequent errors, and one or five examples.
    """

    sentence: str
    model: str
    prompt: str
    text: str


def vaers(split: str) -> Iterator[CorpusItem]:
    """Yield annotated sentences; split ``train``, ``valid`` or ``test``.

    Labels are ``nervous_AE``, ``other_AE``, ``procedure``, ``investigation``.
    """
    for record in json_lines(corpus_file(*_FOLDER, f"vaers_gold_{split}.jsonl")):
        yield from_iob(record["id"], zip(record["tokens"], record["tags"], strict=True))


def recorded_marks() -> Iterator[RecordedMarks]:
    """Yield the recorded answers about the sentences of the test part, in the file's order."""
    for record in json_lines(corpus_file(*_FOLDER, "vaers_outputs.jsonl")):
        yield RecordedMarks(record["id"], record["model"], record["prompt"], record["output"])
