"""``clinie evaluate``: from options to an evaluation, and from it to words and files."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import typer

from clinie.datasets.evaluation import Comparison, Evaluation, Line, evaluate
from clinie.datasets.evaluation.rows import MACRO, MICRO
from clinie.datasets.evaluation.sources import Source, open_source
from clinie.datasets.resampling import Estimate
from clinie.datasets.scoring import Mode
from clinie.errors import ConfigError, InputError, OutputError
from clinie.io import read_documents
from clinie.io.files import Replacement, writing
from clinie.tasks import load
from clinie.view import write_report

__all__ = ["Request", "run"]

_NAMES = {
    "precision": "P",
    "recall": "R",
    "f1": "F1",
    "macro_f1": "macro-F1",
    "ece": "ECE",
    "brier": "Brier",
    "auroc": "AUROC",
    "aurc": "AURC",
    "augrc": "AUGRC",
}
_BESIDE = ("precision", "recall")
"""Figures shown without an interval, and not compared: F1 holds both."""

_WIDEST = 3
"""A table with more figures than this has one to a line."""

_FOUND: dict[Mode, str] = {
    "strict": "their places are equal",
    "relaxed": "their places overlap",
}

_SHOWN = 3
"""Documents named on the terminal; the report names all."""


@dataclass(frozen=True, slots=True)
class Request:
    """The options of ``clinie evaluate``."""

    predicted: str
    gold: str
    task: str
    against: str | None
    mode: Mode
    notes: Sequence[str]
    report: Path | None
    json: Path | None
    overwrite: bool
    resamples: int
    seed: int


def run(request: Request) -> bool:
    """Evaluate, print the figures, write the files; tell whether documents had no counterpart."""
    _check(request)
    task = load(request.task)
    predicted = open_source(request.predicted, task)
    gold = open_source(request.gold, task).named_as(predicted)
    predicted = predicted.named_as(gold)
    others = [open_source(request.against, task).named_as(gold)] if request.against else []
    sources = [gold, predicted, *others]
    notices = [notice for source in sources for notice in source.notices]
    labels = _has_labels(gold, sources)
    if not labels:
        notices.append("labels of documents are not compared: BRAT has no place for them")
    result = evaluate(
        predicted.records,
        gold.records,
        task=task,
        against=others[0].records if others else None,
        mode=request.mode,
        unit=gold.unit,
        texts=_texts(request.notes),
        labels=labels,
        resamples=request.resamples,
        seed=request.seed,
        notices=list(dict.fromkeys(notices)),
    )
    for line in _told(result, request):
        typer.echo(line)
    for line in _warned(result):
        typer.echo(line, err=True)
    if request.json is not None:
        _write(request.json, json.dumps(result.to_dict(), ensure_ascii=False, allow_nan=False))
    if request.report is not None:
        write_report(request.report, result.to_dict(words=True), title=_title(request))
    return bool(result.missing or result.extra)


def _check(request: Request) -> None:
    outputs = [path for path in (request.report, request.json) if path is not None]
    inputs = [Path(name) for name in (request.predicted, request.gold, request.against) if name]
    for path in outputs:
        if any(path.resolve() == other.resolve() for other in inputs):
            raise ConfigError(f"{path} is an input", mend="choose another name")
        if path.exists() and not request.overwrite:
            raise OutputError(f"{path} exists", mend="--overwrite replaces it")
    if len({path.resolve() for path in outputs}) < len(outputs):
        raise ConfigError("--report and --json are one file", mend="choose another --json")
    if request.resamples < 1:
        raise ConfigError("--resamples must be at least 1", mend="1000 is usual")


def _has_labels(gold: Source, sources: Sequence[Source]) -> bool:
    """Tell whether every source could have the labels that gold has."""
    labels = [label for record in gold.records for label in record.labels]
    return all(source.labels for source in sources) or all(label.span for label in labels)


def _texts(paths: Sequence[str]) -> dict[str, str]:
    texts = {}
    for read in read_documents(paths) if paths else ():
        if isinstance(read, InputError):
            raise read
        texts[read.id] = read.text
    return texts


def _title(request: Request) -> str:
    other = f", beside {request.against}" if request.against else ""
    return f"{request.predicted} against {request.gold}{other}"


def _write(path: Path, content: str) -> None:
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    place = Replacement(path)
    stream = place.partial.open("w", encoding="utf-8", errors="backslashreplace")
    complete = False
    try:
        with writing(path):
            stream.write(content + "\n")
        complete = True
    finally:
        place.close(stream, complete=complete)


def _told(result: Evaluation, request: Request) -> Iterator[str]:
    unit = f"{result.unit}s"
    yield f"{result.task}: {_title(request)}"
    yield (
        f"{result.documents:,} {unit}; 95 % intervals from {result.resamples:,} resamples of them; "
        f"mentions count as found when {_FOUND[result.mode]}"
    )
    for section, lines in groupby(_worth_telling(result.lines), key=lambda line: line.section):
        yield ""
        for measures, group in groupby(lines, key=lambda line: tuple(line.figures)):
            yield from _table(section, measures, group)
    if result.comparisons:
        yield ""
        shown = {(line.section, line.name) for line in _worth_telling(result.lines)}
        yield from _beside([c for c in result.comparisons if (c.section, c.name) in shown])
    if counts := result.error_counts():
        yield ""
        yield "errors: " + ", ".join(f"{kind} {number:,}" for kind, number in counts.items())


def _worth_telling(lines: Iterable[Line]) -> Iterator[Line]:
    """Leave out averages over one label."""
    for _, section in groupby(lines, key=lambda line: line.section):
        told = list(section)
        names = [line.name for line in told]
        single = MICRO in names and names.index(MICRO) == 1
        yield from (line for line in told if not (single and line.name in (MICRO, MACRO)))


def _table(section: str, measures: Sequence[str], lines: Iterable[Line]) -> Iterator[str]:
    if len(measures) > _WIDEST:
        yield f"{section:<38}{'items':>7}"
        for line in lines:
            for name, figure in line.figures.items():
                told = f"{line.name}, {_NAMES.get(name, name)}"
                yield f"  {told:<36}{line.predicted:>7,}{_cell(name, figure)}"
        return
    heads = "".join(_head(measure) for measure in measures)
    yield f"{section:<38}{'gold':>7}{'found':>7}{heads}".rstrip()
    for line in lines:
        cells = "".join(_cell(name, figure) for name, figure in line.figures.items())
        yield f"  {line.name:<36}{line.gold:>7,}{line.predicted:>7,}{cells}".rstrip()


def _head(measure: str) -> str:
    name = _NAMES.get(measure, measure)
    return f"{name:>8}" if measure in _BESIDE else f"{name:>10}{'':17}"


def _cell(measure: str, figure: Estimate) -> str:
    value = _number(figure.value)
    if measure in _BESIDE:
        return f"{value:>8}"
    return f"{value:>10}  [{_number(figure.low)}, {_number(figure.high)}]"


def _beside(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Tell how two predictions differ, on the same documents and the same resamples."""
    yield f"{'beside the other prediction':<60}{'this':>8}{'other':>8}{'higher by':>11}{'p':>22}"
    for each in comparisons:
        if each.measure in _BESIDE or math.isnan(each.difference.value):
            continue
        difference = each.difference
        interval = f"[{_number(difference.low, '+')}, {_number(difference.high, '+')}]"
        name = f"{each.section}: {each.name}, {_NAMES.get(each.measure, each.measure)}"
        yield (
            f"  {name:<58}{_number(each.value):>8}{_number(each.other):>8}"
            f"{_number(difference.value, '+'):>9}  {interval}{_number(difference.p):>7}"
        )


def _number(value: float, sign: str = "") -> str:
    return "–" if math.isnan(value) else f"{value:{sign}.3f}"


def _warned(result: Evaluation) -> Iterator[str]:
    for ids, what in (
        (result.missing, "without a prediction, counted as empty"),
        (result.extra, "without gold, left out"),
    ):
        if ids:
            more = f" and {len(ids) - _SHOWN:,} more" if len(ids) > _SHOWN else ""
            yield f"{result.unit}s {what}: {', '.join(ids[:_SHOWN])}{more}"
    yield from result.notices
