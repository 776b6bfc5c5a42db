"""What a distillation reports: who is right how often, on what is covered and on what is not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isfinite, nan
from typing import Any

import numpy as np
import numpy.typing as npt

from clinie.schema import Document
from clinie.training.weak.bounds import ClassCheck
from clinie.training.weak.teachers import Records
from clinie.training.weak.votes import ABSTAIN, Ints, Votes

__all__ = ["HeadReport", "Measured", "Report", "SpanScore", "head_report", "span_scores"]

Mention = tuple[str, int, int, str]


@dataclass(frozen=True, slots=True)
class Measured:
    """How good labels are on held-out candidates with gold; nan where there are none.

    Parameters
    ----------
    candidates : int
    teachers : Mapping of str to (float, float)
        Coverage of each teacher, and its accuracy where it votes.
    coverage, label_accuracy : float
        Of the label model.
    student_covered, student_uncovered : float
        Accuracy of the student where the label model has a label, and where it has none.
    student, student_of_all : float
        Accuracy of the student, and of one that was trained on all labels without selection.
    """

    candidates: int
    teachers: Mapping[str, tuple[float, float]]
    coverage: float
    label_accuracy: float
    student_covered: float
    student_uncovered: float
    student: float
    student_of_all: float


@dataclass(frozen=True, slots=True)
class HeadReport:
    """One thing that was learned: the label, or an attribute.

    Parameters
    ----------
    name : str
        ``label`` or ``LABEL.ATTRIBUTE``.
    candidates, labelled, trained_on : int
        Of the training part: all, those with a label, those that were kept.
    conflicts : float
        Share of candidates on which teachers contradict one another.
    keep : float
        Share that was to be kept.
    classes : Mapping of str to int
        Labelled candidates of each class.
    measured : Measured, optional
        None without gold.
    """

    name: str
    candidates: int = 0
    labelled: int = 0
    trained_on: int = 0
    conflicts: float = nan
    keep: float = nan
    classes: Mapping[str, int] | None = None
    measured: Measured | None = None


@dataclass(frozen=True, slots=True)
class SpanScore:
    """Strict mention scores against gold: same place, same label."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is known of a student.

    Parameters
    ----------
    task, label_model : str
    documents, candidates : int
        Of the training part.
    gold_documents : tuple of int
        Documents to choose on, and to measure on.
    heads : tuple of HeadReport
    spans : Mapping of str to SpanScore
        By teacher, and ``student``; empty without gold.
    expansion : tuple of ClassCheck
        Whether the label's student is expected to beat its teachers; empty without gold, and
        where a teacher cannot be asked about any text.
    """

    task: str
    documents: int
    candidates: int
    gold_documents: tuple[int, ...]
    label_model: str
    heads: tuple[HeadReport, ...]
    spans: Mapping[str, SpanScore]
    expansion: tuple[ClassCheck, ...] = ()

    def to_json(self) -> str:
        """Return the report as JSON; what was not measured is null."""
        return json.dumps(_plain(asdict(self)), indent=2)

    def to_text(self) -> str:
        """Return the report for reading."""
        size = f"{self.documents} notes, {self.candidates} candidates"
        lines = [f"Student of {self.task}: {size}, label model {self.label_model}"]
        if any(self.gold_documents):
            choose, measure = self.gold_documents
            lines.append(f"Gold: {choose} notes to choose on, {measure} to measure on")
        else:
            lines.append("No gold: nothing of this is measured (--gold)")
        for head in self.heads:
            lines += ["", *_head_lines(head)]
        if self.spans:
            lines += ["", "mentions, strict            precision  recall      F1"]
            lines += [
                f"  {name:24}{score.precision:>10.3f}{score.recall:>9.3f}{score.f1:>8.3f}"
                for name, score in self.spans.items()
            ]
        if self.expansion:
            lines += ["", *_expansion_lines(self.expansion)]
        return "\n".join(lines) + "\n"


def _head_lines(head: HeadReport) -> list[str]:
    counts = ", ".join(f"{name} {n}" for name, n in (head.classes or {}).items() if n)
    disagree = f"teachers disagree on {_share(head.conflicts)}"
    lines = [
        f"{head.name}: {head.labelled} of {head.candidates} candidates labelled ({counts})",
        f"  {disagree}; trained on {head.trained_on} (keep {head.keep:g})",
    ]
    if head.measured:
        m = head.measured
        lines.append(f"  on {m.candidates} candidates with gold      coverage  accuracy")
        rows = [*m.teachers.items(), ("label model", (m.coverage, m.label_accuracy))]
        lines += [f"    {name:32}{_share(c):>8}{_share(a):>10}" for name, (c, a) in rows]
        lines += [
            f"    {'student':40}{_share(m.student):>10}",
            f"    {'student, covered':40}{_share(m.student_covered):>10}",
            f"    {'student, uncovered':40}{_share(m.student_uncovered):>10}",
            f"    {'student of all labels':40}{_share(m.student_of_all):>10}",
        ]
    return lines


def _expansion_lines(checks: Sequence[ClassCheck]) -> list[str]:
    columns = "expansion  bound  error"
    lines = [
        "weak to strong: error of the student, and the most that theory allows (-: no statement)",
        f"  class            covered: n  teacher wrong  {columns} | uncovered: n  {columns}",
    ]
    for c in checks:
        lines.append(
            f"  {c.name:20}{c.covered:>7}{_share(c.alpha):>15}{_share(c.correction):>11}"
            f"{_share(c.correction_bound):>7}{_share(c.covered_error):>7} |{c.uncovered:>13}"
            f"{_share(c.coverage):>11}{_share(c.coverage_bound):>7}{_share(c.uncovered_error):>7}"
        )
        if c.why_not:
            lines.append(f"    {c.why_not}")
    return lines


def _share(value: float) -> str:
    return f"{value:.3f}" if isfinite(value) else "-"


def head_report(
    name: str,
    *,
    train: Votes,
    labels: Ints,
    share: float,
    size: int,
    held: tuple[Votes, Ints, Ints, Ints, Ints] | None,
) -> HeadReport:
    """Sum up one head.

    Parameters
    ----------
    name : str
    train : Votes
    labels : int array
        Of the label model on the training part.
    share, size
        What was kept.
    held : tuple, optional
        Votes, gold, labels of the label model, answers of the student, and of the student of all
        labels, on held-out candidates.
    """
    covered = labels[labels != ABSTAIN]
    counts = np.bincount(covered, minlength=len(train.classes)).tolist()
    return HeadReport(
        name,
        candidates=len(train),
        labelled=len(covered),
        trained_on=size,
        conflicts=train.conflicts,
        keep=share,
        classes=dict(zip(train.classes, counts, strict=True)),
        measured=None if held is None else _measured(*held),
    )


def _measured(votes: Votes, gold: Ints, said: Ints, student: Ints, of_all: Ints) -> Measured:
    covered = said != ABSTAIN
    right = student == gold
    return Measured(
        candidates=len(votes),
        teachers=votes.accuracy(gold),
        coverage=_mean(covered),
        label_accuracy=_mean((said == gold)[covered]),
        student_covered=_mean(right[covered]),
        student_uncovered=_mean(right[~covered]),
        student=_mean(right),
        student_of_all=_mean(of_all == gold),
    )


def span_scores(
    documents: Sequence[Document], answers: Mapping[str, Records], gold: Records
) -> dict[str, SpanScore]:
    """Return strict mention scores, micro-averaged, of everyone who answered.

    Parameters
    ----------
    documents : sequence of Document
        With gold.
    answers : Mapping of str to Mapping
        By name: records by document id. Each is scored on the documents that it has read.
    gold : Mapping of str to Extraction
    """
    scores = {}
    for name, said in answers.items():
        read = [document.id for document in documents if document.id in said]
        scores[name] = _score(_mentions(said, read), _mentions(gold, read))
    return scores


def _mentions(records: Records, documents: Sequence[str]) -> set[Mention]:
    return {(id, s.start, s.end, s.label) for id in documents for s in records[id].spans}


def _score(found: set[Mention], wanted: set[Mention]) -> SpanScore:
    right = len(found & wanted)
    precision = right / len(found) if found else nan
    recall = right / len(wanted) if wanted else nan
    return SpanScore(precision, recall, 2 * right / max(1, len(found) + len(wanted)))


def _mean(mask: npt.NDArray[np.bool_]) -> float:
    return float(mask.mean()) if mask.size else nan


def _plain(value: Any) -> Any:
    """Return a value with None for nan and infinity, which JSON does not have."""
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not isfinite(value) else value
