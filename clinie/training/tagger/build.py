"""Train, cross-fit, calibrate, and write the weights that ship.

Networks are trained two at a time, one core each, and kept in the work folder: a run that was
interrupted goes on where it stopped.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from clinie.models.tagger import SHIPPED
from clinie.models.tagger.tagger import Tagger
from clinie.models.tagger.weights import load, save
from clinie.training.tagger.calibrate import (
    Judged,
    calibration,
    judge,
    judge_words,
    threshold,
    threshold_of_words,
)
from clinie.training.tagger.export import tensors_of
from clinie.training.tagger.fit import fit
from clinie.training.tagger.passages import Passage
from clinie.training.tagger.plans import PLANS, Plan

__all__ = ["build"]

FOLDS = 2
Held = Sequence[tuple[Tagger, Sequence[Passage]]]


@dataclass(frozen=True, slots=True)
class Job:
    """One network to train: on everything, or without one fold of the documents."""

    plan: str
    seed: int
    without: int | None
    work: Path

    @property
    def name(self) -> str:
        """Of the network; its file is called so."""
        part = "" if self.without is None else f"-without-{self.without}"
        return f"{self.plan}{part}-{self.seed}"

    def reads(self, passage: Passage) -> bool:
        """Tell what it learns from: a network for calibration, from what people annotated."""
        return self.without is None or (passage.by_people and passage.fold(FOLDS) != self.without)

    @property
    def path(self) -> Path:
        """Where the trained network is kept."""
        return self.work / f"{self.name}.safetensors"


def log(line: str) -> None:
    """Print a line with the time of day."""
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)  # noqa: T201 - this is its output


def train(job: Job) -> str:
    """Train a network, unless that was done before; return its name."""
    if not job.path.exists():
        torch.set_num_threads(1)
        plan = PLANS[job.plan]
        passages = [p for p in plan.learns_from() if job.reads(p)]
        log(f"{job.name}: {sum(len(p.words) * p.times for p in passages):,} words an epoch")
        network = fit(
            passages, plan.heads, plan.recipe, job.seed, lambda line: log(f"{job.name}: {line}")
        )
        unfinished = job.path.with_suffix(".part")
        save(unfinished, tensors_of(network, _member(job)), {})
        unfinished.replace(job.path)
    return job.name


def _member(job: Job) -> str:
    return f"m{job.seed}"


def ensemble(plan: Plan, jobs: Sequence[Job]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the tensors of trained networks together, and what describes them."""
    tensors: dict[str, Any] = {}
    for job in jobs:
        tensors |= load(job.path)[0]
    heads = {
        head: {"labels": list(labels), "by_words": plan.by_words}
        for head, labels in plan.heads.items()
    }
    members = [_member(job) for job in jobs]
    return tensors, {"members": members, "heads": heads, "longest": plan.longest}


def cross_fitted(plan: Plan, jobs: Sequence[Job]) -> Mapping[str, Mapping[str, Any]]:
    """Return threshold and calibration of every head, from documents not trained on."""
    passages = [p for p in plan.learns_from() if p.by_people]
    held: list[tuple[Tagger, list[Passage]]] = [
        (
            Tagger(*ensemble(plan, [job for job in jobs if job.without == fold])),
            [p for p in passages if p.fold(FOLDS) == fold],
        )
        for fold in range(FOLDS)
    ]
    said = {}
    for head in plan.heads:
        own = [(reader, [p for p in found if head in p.tags]) for reader, found in held]
        least, judged = (_by_words if plan.by_words else _by_spans)(head, own)
        said[head] = {"threshold": least, "calibration": calibration(judged, least)}
        log(f"{head}: answers from {least} on, learnt from {len(judged):,} answers")
    return said


def _by_spans(head: str, held: Held) -> tuple[float, list[Judged]]:
    judged: list[Judged] = []
    gold = 0
    for reader, passages in held:
        found, count = judge(reader, head, passages)
        judged += found
        gold += count
    return threshold(judged, gold), judged


def _by_words(head: str, held: Held) -> tuple[float, list[Judged]]:
    least = float(np.mean([threshold_of_words(reader, head, found) for reader, found in held]))
    judged = [one for reader, found in held for one in judge_words(reader, head, found, least)]
    return round(least, 3), judged


def build(plan: Plan, work: Path) -> Path:
    """Train all networks of a model, calibrate them and write the file of weights."""
    whole = [Job(plan.name, seed, None, work) for seed in range(plan.members)]
    halves = [
        Job(plan.name, seed, fold, work) for fold in range(FOLDS) for seed in range(plan.members)
    ]
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        for name in pool.map(train, [*whole, *halves]):
            log(f"{name} is trained")
    tensors, described = ensemble(plan, whole)
    for head, said in cross_fitted(plan, halves).items():
        described["heads"][head] |= said
    if plan.classifiers:
        tensors |= plan.classifiers()
    path = SHIPPED / f"{plan.name}.safetensors"
    path.parent.mkdir(exist_ok=True)
    save(path, tensors, described)
    log(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB")
    return path
