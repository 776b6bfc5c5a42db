"""Corpora that a crowd and an expert labelled: for studies of who should answer what.

No model may be trained on them that is scored on them: 651 of the 664 abstracts of
`crowd_against_expert` are also in the training part of EBM-NLP, 18 in ``ebm_nlp_mod``.

References
----------
Yang Y, Agarwal A, Tar C, Wallace BC, Nenkova A. Predicting annotation difficulty to improve task
routing and model performance for biomedical information extraction. NAACL 2019.

Dumitrache A, Aroyo L, Welty C. Crowdsourcing ground truth for medical relation extraction. ACM
Transactions on Interactive Intelligent Systems 2018.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from clinie.datasets.corpora import CorpusItem, corpus_file, json_lines, split_of
from clinie.schema import Document, Label, Relation, Span

__all__ = ["Judgement", "crowd_against_expert", "crowdtruth", "judgements"]

_CROWDTRUTH = "deferral/crowdtruth"
_SUFFIX = re.compile(r"-[A-Z]+\d*\Z")
_NONE = ("", "NA")
_LOST = 16


class Judgement(NamedTuple):
    """What one worker said of one sentence: the relations between its two terms.

    ``sentence`` is the id of the sentence in `crowdtruth`.
    """

    sentence: str
    worker: str
    relations: tuple[str, ...]


def crowd_against_expert(
    split: str | None = None, folder: Path | None = None
) -> Iterator[CorpusItem]:
    """Yield abstracts with the interventions that a crowd and an expert marked.

    Spans are ``intervention``, with ``by`` (``crowd`` or ``expert``); the label ``group`` says
    whether the abstract was drawn at random or because it is difficult.

    Parameters
    ----------
    split : str, optional
        ``train`` or ``test`` (a fifth), by PubMed number.
    folder : Path, optional
    """
    name = "ebm_crowd_vs_expert_interventions.jsonl"
    for record in json_lines(corpus_file("deferral", name, folder=folder)):
        if split not in (None, split_of(record["pmid"])):
            continue
        document = Document(" ".join(record["tokens"]), record["pmid"])
        places = []
        for by in ("crowd", "expert"):
            places += [(by, *place) for place in _runs(record["tokens"], record[by])]
        spans = (
            Span(f"s{n}", "intervention", a, b, document.text[a:b], attributes={"by": by})
            for n, (by, a, b) in enumerate(places)
        )
        label = Label("l0", "group", record["group"])
        yield CorpusItem(document, tuple(spans), labels=(label,))


def _runs(tokens: Sequence[str], marks: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the places of marked tokens; neighbours are one."""
    at, start = 0, None
    for token, mark in zip(tokens, marks, strict=True):
        if mark and start is None:
            start = at
        if not mark and start is not None:
            yield start, at - 1
            start = None
        at += len(token) + 1
    if start is not None:
        yield start, at - 1


def crowdtruth(
    relation: Literal["cause", "treat"], split: str | None = None, folder: Path | None = None
) -> Iterator[CorpusItem]:
    """Yield sentences with two terms, and who says that a relation holds between them.

    The two spans are ``term``. The relation stands between them where the expert says so; labels
    are ``crowd`` (its score, from -1 to 1), ``baseline`` (distant supervision) and ``expert``
    (``1`` or ``-1``), where they were given.

    Parameters
    ----------
    relation : {"cause", "treat"}
    split : str, optional
        ``train`` or ``test`` (a fifth), by sentence number, the same for both relations.
    folder : Path, optional
    """
    path = corpus_file(_CROWDTRUTH, f"ground_truth_{relation}.csv", folder=folder)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if split in (None, split_of(row["SID"])):
                yield _sentence(row, relation)


def _sentence(row: dict[str, str], relation: str) -> CorpusItem:
    document = Document(row["sentence"], row["SID"])
    spans: list[Span] = []
    for number in ("1", "2"):
        place = _near(document.text, row[f"term{number}"], int(row[f"b{number}"]))
        if place is not None:
            words = document.text[place[0] : place[1]]
            spans.append(Span(f"s{len(spans)}", "term", *place, words))
    said = [(name, row[name]) for name in ("crowd", "baseline", "expert")]
    holds = row["expert"] == "1" and len(spans) == len(("1", "2"))
    return CorpusItem(
        document,
        tuple(spans),
        (Relation("r0", relation, "s0", "s1"),) if holds else (),
        skipped=2 - len(spans),
        labels=tuple(
            Label(f"l{n}", name, value)
            for n, (name, value) in enumerate(said)
            if value not in _NONE
        ),
    )


def _near(text: str, words: str, stated: int) -> tuple[int, int] | None:
    """Return where words stand nearest to where they should, at most `_LOST` before or behind.

    The published sentences lost pairs of quotes after their offsets had been counted.
    """
    found = [
        (abs(at - stated), at)
        for at in range(max(0, stated - _LOST), stated + _LOST + 1)
        if words and text.startswith(words, at)
    ]
    start = min(found)[1] if found else None
    return None if start is None else (start, start + len(words))


def judgements(folder: Path | None = None) -> Iterator[Judgement]:
    """Yield the single judgements of the crowd, sentences named as in `crowdtruth`."""
    for record in json_lines(corpus_file(_CROWDTRUTH, "judgments.jsonl", folder=folder)):
        sentence = _SUFFIX.sub("", record["sentence_id"])
        yield Judgement(sentence, record["worker"], tuple(record["relations"]))
