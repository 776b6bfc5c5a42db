"""Recorded answers of models with their confidence, for studies of routing and cascades.

General text and general questions: no clinical gold, and nothing to train a clinical model on.

References
----------
Jung J, Brahman F, Choi Y. Trust or escalate: LLM judges with provable guarantees for human
agreement. ICLR 2025.

Ong I et al. RouteLLM: learning to route LLMs with preference data. ICLR 2025.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from clinie.datasets.corpora import CorpusItem, corpus_file, json_lines, split_of
from clinie.schema import Document, Label

__all__ = ["JUDGES", "judges", "mmlu"]

JUDGES = ("mistral-7b-instruct", "gpt-3.5-turbo", "gpt-4-turbo")
"""From the weakest to the strongest."""
_NAMES = ("first", "second")


def judges(split: str | None = None, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield pairs of answers to an instruction, and which one each judge prefers.

    The text is the instruction; metadata hold the two answers (``first``, ``second``). Labels:
    ``human``, and one by judge of `JUDGES`, with its probability as confidence; values are
    ``first`` and ``second``.

    Parameters
    ----------
    split : str, optional
        ``train`` or ``test`` (a fifth), by instruction.
    folder : Path, optional
    """
    place = "recorded_llm/judges"
    files = [json_lines(corpus_file(place, f"{judge}.jsonl", folder=folder)) for judge in JUDGES]
    for number, records in enumerate(zip(*files, strict=True)):
        record = records[0]
        if split not in (None, split_of(record["instruction"])):
            continue
        first, second = record["outputs"]
        labels = [Label("l0", "human", _NAMES[record["preferences"]["human"] - 1])]
        for judge, said in zip(JUDGES, records, strict=True):
            first_is, second_is = said["probs"]
            value = _NAMES[second_is > first_is]
            surer = max(first_is, second_is)
            labels.append(Label(f"l{len(labels)}", judge, value, confidence=surer))
        metadata = {"first": first, "second": second}
        document = Document(record["instruction"], f"judges-{number}", metadata=metadata)
        yield CorpusItem(document, labels=tuple(labels))


def mmlu(split: str | None = None, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield questions of MMLU, and whether two models answer them right.

    Metadata hold the ``subject``; labels are named by model, their values ``true`` or ``false``.

    Parameters
    ----------
    split : str, optional
        ``train`` or ``test`` (a fifth), by question.
    folder : Path, optional
    """
    for path in sorted(corpus_file("routing/mmlu", folder=folder).glob("mmlu_*.csv")):
        subject = path.stem.removeprefix("mmlu_")
        with path.open(encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file)):
                question = row.pop("prompt")
                if split in (None, split_of(question)):
                    labels = (
                        Label(f"l{n}", model, right.strip().lower())
                        for n, (model, right) in enumerate(row.items())
                    )
                    document = Document(
                        question, f"{subject}-{number}", metadata={"subject": subject}
                    )
                    yield CorpusItem(document, labels=tuple(labels))
