"""Distillation: notes and teachers in, a small student and a report out.

Teachers vote on candidate mentions; a label model makes one label of the votes, or none; the cut
statistic keeps the labels that agree with their neighbourhood; a linear student is fitted to them.
Attributes are learned alike, each from the candidates that have its label.

References
----------
Agrawal M, Hegselmann S, Lang H, Kim Y, Sontag D. Large language models are few-shot clinical
information extractors. EMNLP 2022 (distillation by weak supervision).
Lang H, Vijayaraghavan A, Sontag D. Training subset selection for weak supervision. NeurIPS 2022.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from clinie.cascade import Cascade
from clinie.datasets.corpora import split_of
from clinie.errors import InputError
from clinie.models.student import Student, StudentModel
from clinie.models.tagger.classifiers import LinearClassifier
from clinie.schema import Document
from clinie.tasks import Task
from clinie.training.tagger.linear import Example, fit
from clinie.training.weak.bounds import ClassCheck
from clinie.training.weak.candidates import Pool, gather, terms_of
from clinie.training.weak.cut_statistic import Floats, cut_statistic, kept
from clinie.training.weak.embedding import LatentSpace
from clinie.training.weak.label_models import DawidSkene, LabelModel, MajorityVote
from clinie.training.weak.reach import LinearStudent, check
from clinie.training.weak.report import (
    HeadReport,
    Report,
    head_report,
    span_scores,
)
from clinie.training.weak.teachers import Records, Teacher, asked
from clinie.training.weak.votes import ABSTAIN, Ints, Votes

__all__ = ["DEFAULT_KEEP", "LABEL_MODELS", "SHARES", "Distillation", "Settings", "distill"]

LABEL_MODELS: Mapping[str, Callable[[], LabelModel]] = {
    "majority": MajorityVote,
    "dawid-skene": DawidSkene,
}

SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Among which the share to keep is chosen when there is gold."""

DEFAULT_KEEP = 0.8
"""The share to keep without gold to choose it on."""

_FEWEST = 10  # labelled candidates of which a head can be learned
_OTHERS = 3  # further students whose weakest expansion counts


@dataclass(frozen=True, slots=True)
class Settings:
    """How a student is made.

    Parameters
    ----------
    label_model : str
        One of `LABEL_MODELS`.
    keep : float, optional
        Share of the labelled candidates to train on; None chooses it on half of the gold.
    neighbours, floor : int
        As in `cut_statistic` and `kept`.
    dimensions : int
        Of the space in which neighbours are looked for.
    """

    label_model: str = "majority"
    keep: float | None = None
    neighbours: int = 20
    floor: int = 20
    dimensions: int = 100


@dataclass(frozen=True, slots=True, eq=False)
class Distillation:
    """A student and what is known of it."""

    student: Student
    report: Report


@dataclass(frozen=True, slots=True, eq=False)
class _Head:
    """One thing to be learned: votes on the training part, and the same with gold elsewhere."""

    name: str
    train: Votes
    features: Sequence[Sequence[str]]
    held: tuple[_Held, _Held] | None = field(default=None)


@dataclass(frozen=True, slots=True, eq=False)
class _Held:
    """Votes and gold on held-out candidates."""

    votes: Votes
    features: Sequence[Sequence[str]]
    gold: Ints

    def accuracy(self, classifier: LinearClassifier) -> float:
        """Return the share of candidates that a classifier gets right; nan without any."""
        said = predicted(classifier, self.features)
        return float((said == self.gold).mean()) if len(said) else float("nan")


def predicted(classifier: LinearClassifier, features: Sequence[Sequence[str]]) -> Ints:
    """Return a class number per item."""
    return LinearStudent(classifier).predict(features)


def distill(
    documents: Sequence[Document],
    task: Task,
    teachers: Sequence[Teacher],
    *,
    gold: Records | None = None,
    settings: Settings | None = None,
) -> Distillation:
    """Train a student on what teachers say of notes.

    Parameters
    ----------
    documents : sequence of Document
        Notes; those with gold are only used to choose and to measure.
    task : Task
    teachers : sequence of Teacher
    gold : Mapping of str to Extraction, optional
        Records of people. With them, the half of these documents that `split_of` puts in ``test``
        (of two folds) gives the figures, the other half chooses the share to keep.
    settings : Settings, optional

    Raises
    ------
    InputError
        When there is too little to learn from, or all notes are held out.
    """
    settings = settings or Settings()
    gold = gold or {}
    records = [teacher.annotate(documents) for teacher in teachers]
    train = [d for d in documents if d.id not in gold]
    halves = _halves([d for d in documents if d.id in gold], choose=settings.keep is None)
    if not train:
        raise InputError("no note to train on", mend="give notes beside those with gold")
    terms = terms_of(records, train)
    pool = gather(train, teachers, records, terms)
    pools = tuple(gather(half, teachers, records, terms) for half in halves) if gold else ()
    model = LABEL_MODELS[settings.label_model]

    label_head = _label_head(task, pool, pools, gold)
    voting = model()
    label = _learn(label_head, voting, settings)
    if label.classifier is None:
        raise InputError(
            f"only {label.report.labelled} candidates have a label",
            mend="give more notes, or teachers that find more",
        )
    learned = {"label": label}
    for head in _attribute_heads(task, pool, pools, gold, label.said):
        learned[head.name] = _learn(head, model(), settings)
    heads = {name: one.classifier for name, one in learned.items() if one.classifier}
    student = Student(task.name, heads, terms, rules=task.rules is not None)
    measured = halves[1]
    expansion: tuple[ClassCheck, ...] = ()
    if measured and label_head.held and all(teacher.of_text for teacher in teachers):
        expansion = check(
            pools[1],
            label_head.held[1].gold,
            measured,
            task.schema,
            model=voting,
            students=[label.classifier, *label.others(label_head.train.classes)],
        )
    return Distillation(
        student,
        Report(
            task=task.name,
            documents=len(train),
            candidates=len(pool),
            gold_documents=tuple(len(half) for half in halves),
            label_model=settings.label_model,
            heads=tuple(one.report for one in learned.values() if one.classifier),
            spans=span_scores(measured, _answers(student, task, measured, pool), gold)
            if measured
            else {},
            expansion=expansion,
        ),
    )


def _answers(
    student: Student, task: Task, documents: Sequence[Document], pool: Pool
) -> dict[str, Records]:
    """Return what every teacher said, and what the student says as a tier, by name."""
    own = asked(documents, task, Cascade(model=StudentModel.of(student))) if documents else {}
    by_name = {t.name: said for t, said in zip(pool.teachers, pool.records, strict=True)}
    return {**by_name, "student": own}


def _halves(
    documents: Sequence[Document], *, choose: bool
) -> tuple[list[Document], list[Document]]:
    """Return the documents to choose on and those to measure on."""
    if not choose:
        return [], list(documents)
    first = [d for d in documents if split_of(d.id, folds=2) == "train"]
    return first, [d for d in documents if split_of(d.id, folds=2) == "test"]


def _label_head(task: Task, pool: Pool, pools: tuple[Pool, ...], gold: Records) -> _Head:
    held = [
        _Held(one.label_votes(task.schema), _features(one), one.gold_labels(gold, task.schema))
        for one in pools
    ]
    votes = pool.label_votes(task.schema)
    return _Head("label", votes, _features(pool), (held[0], held[1]) if held else None)


def _attribute_heads(
    task: Task, pool: Pool, pools: tuple[Pool, ...], gold: Records, said: Ints
) -> Iterable[_Head]:
    """Yield a head for each attribute with a closed set of values."""
    for number, spec in enumerate(task.schema.labels, start=1):
        chosen = np.flatnonzero(said == number)
        for name, values in spec.attributes.items():
            if len(values) < 2:
                continue
            votes = pool.attribute_votes(spec.name, name, values).take(chosen)
            features = [pool.candidates[i].features for i in chosen]
            held = [_held_values(one, gold, spec.name, name, values) for one in pools]
            pair = (held[0], held[1]) if held else None
            yield _Head(f"{spec.name}.{name}", votes, features, pair)


def _held_values(
    pool: Pool, gold: Records, label: str, name: str, values: tuple[str, ...]
) -> _Held:
    right = pool.gold_values(gold, label, name, values)
    known = np.flatnonzero(right != ABSTAIN)
    votes = pool.attribute_votes(label, name, values).take(known)
    return _Held(votes, [pool.candidates[i].features for i in known], right[known])


def _features(pool: Pool) -> list[Sequence[str]]:
    return [candidate.features for candidate in pool.candidates]


@dataclass(frozen=True, slots=True, eq=False)
class _Learned:
    """A head's classifier, the label of every candidate, and what the classifier was fitted to."""

    classifier: LinearClassifier | None
    said: Ints
    report: HeadReport
    features: Sequence[Sequence[str]] = ()
    labels: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def others(self, classes: tuple[str, ...]) -> Iterable[LinearClassifier]:
        """Yield students of the same kind, fitted to other samples (drawn with replacement)."""
        for seed in range(_OTHERS):
            drawn = np.random.default_rng(seed).integers(0, len(self.labels), len(self.labels))
            sample = [self.features[i] for i in drawn.tolist()]
            yield _fitted(sample, self.labels[drawn], classes)


def _learn(head: _Head, model: LabelModel, settings: Settings) -> _Learned:
    """Fit one head; without enough labels it has no classifier."""
    said = model.fit(head.train).predict(head.train)
    covered = np.flatnonzero(said != ABSTAIN).tolist()
    mentions = np.unique(said[covered]).tolist()
    if len(covered) < _FEWEST or (head.name == "label" and mentions in ([], [0])):
        return _Learned(None, said, HeadReport(head.name, labelled=len(covered)))
    features = [head.features[i] for i in covered]
    labels = said[covered]
    scores = _scores(features, labels, settings)
    share, classifier = _chosen(head, features, labels, scores, settings)
    mask = np.flatnonzero(kept(scores, labels, share, settings.floor)).tolist()
    report = head_report(
        head.name,
        train=head.train,
        labels=said,
        share=share,
        size=len(mask),
        held=None
        if head.held is None
        else (
            head.held[1].votes,
            head.held[1].gold,
            model.predict(head.held[1].votes),
            predicted(classifier, head.held[1].features),
            predicted(_fitted(features, labels, head.train.classes), head.held[1].features),
        ),
    )
    return _Learned(classifier, said, report, [features[i] for i in mask], labels[mask])


def _scores(features: Sequence[Sequence[str]], labels: Ints, settings: Settings) -> Floats:
    """Return the cut statistic of labelled candidates."""
    space = LatentSpace(settings.dimensions, analyze=str.splitlines)
    points = space.fit_transform(["\n".join(f) for f in features])
    return cut_statistic(points, labels, settings.neighbours)


def _chosen(
    head: _Head,
    features: Sequence[Sequence[str]],
    labels: Ints,
    scores: Floats,
    settings: Settings,
) -> tuple[float, LinearClassifier]:
    """Return the share to keep, and the student trained on it."""
    choose = head.held is not None and settings.keep is None and len(head.held[0].gold) > 0
    shares = SHARES if choose else (settings.keep or DEFAULT_KEEP,)

    def trained(share: float) -> LinearClassifier:
        mask = np.flatnonzero(kept(scores, labels, share, settings.floor)).tolist()
        return _fitted([features[i] for i in mask], labels[mask], head.train.classes)

    made = [trained(share) for share in shares]
    if not choose or head.held is None:
        return shares[0], made[0]
    right = [head.held[0].accuracy(classifier) for classifier in made]
    best = max(range(len(made)), key=lambda i: (right[i], shares[i]))
    return shares[best], made[best]


def _fitted(
    features: Sequence[Sequence[str]], labels: Ints, classes: tuple[str, ...]
) -> LinearClassifier:
    examples = [
        Example(tuple(f), classes[label], "") for f, label in zip(features, labels, strict=True)
    ]
    return fit(examples, classes)
