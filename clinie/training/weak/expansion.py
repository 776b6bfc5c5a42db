"""Does a student go beyond its teacher? The expansion check of weak-to-strong generalization.

A teacher labels some texts of a class (``S``: right on the good ones, wrong on the share alpha of
bad ones) and abstains on others (``T``). When the sets on which students are robustly right reach
from the good texts into the bad ones through neighbours (pseudo-label correction), or into those
without a label (coverage expansion), the student's error is bounded by less than the teacher's.

The expansion ``c`` is estimated on labelled texts, with a neighbour per text, as the smallest
ratio over students that were trained on several samples. The minimum over all students cannot be
computed, so ``c`` may be too high: the check is a diagnosis, not a guarantee.

References
----------
Lang H, Sontag D, Vijayaraghavan A. Theoretical analysis of weak-to-strong generalization.
NeurIPS 2024 (theorems 4.1 and 4.2, section 5).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, nan
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from clinie.training.weak.bounds import ClassCheck, correction_bound, coverage_bound
from clinie.training.weak.neighbours import Oracle
from clinie.training.weak.votes import ABSTAIN, Ints

__all__ = ["Predictor", "expansion_check"]

Mask = npt.NDArray[np.bool_]

_NEIGHBOURS = 8  # of each text, to tell whether a student is robust there


class Predictor(Protocol):
    """A fitted student."""

    def predict(self, features: Any) -> Ints:
        """Return a class number per row."""
        ...


def expansion_check(
    texts: Sequence[str],
    gold: Ints,
    *,
    teacher: Callable[[str], int],
    student: Predictor,
    others: Sequence[Predictor],
    features: Callable[[Sequence[str]], Any],
    oracle: Oracle,
    classes: Sequence[str],
    q: float = 0.1,
    seed: int = 0,
) -> list[ClassCheck]:
    """Check every class on held-out texts.

    Parameters
    ----------
    texts : sequence of str
    gold : int array
        Their right classes.
    teacher : callable
        Text to class number, or `ABSTAIN`; must be a function of the text alone.
    student : Predictor
    others : sequence of Predictor
        Students of the same kind, trained on other samples: the family over which the expansion
        is minimal. The student itself always counts.
    features : callable
        From texts to what students read.
    oracle : Oracle
    classes : sequence of str
    q : float
        Sets of at most this share count as no set.
    seed : int
        Settles which neighbours are drawn.
    """
    cloud = _Cloud(oracle, random.Random(seed))  # noqa: S311 - which neighbours are drawn
    homes = [cloud.add(text) for text in texts]
    field = _Field(texts, gold, np.array([teacher(text) for text in texts]), teacher, homes, cloud)
    parts = [_Part(index, field) for index in range(len(classes))]
    matrix = features(cloud.texts)
    family = [_Behaviour(one.predict(matrix), cloud) for one in (student, *others)]
    return [part.check(classes[part.index], family, q) for part in parts]


class _Cloud:
    """All texts that are looked at, each with the neighbours that decide on robustness."""

    def __init__(self, oracle: Oracle, rng: random.Random) -> None:
        self.oracle = oracle
        self.rng = rng
        self.texts: list[str] = []
        self.around: dict[int, list[int]] = {}
        self._number: dict[str, int] = {}

    def _place(self, text: str) -> int:
        if text not in self._number:
            self._number[text] = len(self.texts)
            self.texts.append(text)
        return self._number[text]

    def add(self, text: str, *known: str) -> int:
        """Take a text with sampled neighbours, and with those already known."""
        home = self._place(text)
        near = [*known, *self.oracle.sample(text, _NEIGHBOURS, self.rng)]
        self.around.setdefault(home, []).extend(map(self._place, near))
        return home


class _Behaviour:
    """What a student says of every text of a cloud, and where it is robust."""

    def __init__(self, labels: Ints, cloud: _Cloud) -> None:
        self.labels = labels
        self.robust = {
            home: all(labels[near] == labels[home] for near in around)
            for home, around in cloud.around.items()
        }

    def right(self, home: int | None, label: int) -> bool:
        return home is not None and self.robust[home] and bool(self.labels[home] == label)

    def wrong(self, home: int | None, label: int) -> bool:
        return home is not None and self.robust[home] and bool(self.labels[home] != label)


@dataclass(frozen=True, slots=True, eq=False)
class _Field:
    """The labelled texts, what the teacher says of them, and where they are in the cloud."""

    texts: Sequence[str]
    gold: Ints
    said: Ints
    teacher: Callable[[str], int]
    homes: Sequence[int]
    cloud: _Cloud

    def reach(self, sources: Sequence[int], goal: int) -> list[int | None]:
        """Return for each text a neighbour of which the teacher says `goal`, or None."""
        found: list[int | None] = []
        for source in sources:
            text = self.texts[source]
            other = self.cloud.oracle.find(
                text, lambda near: self.teacher(near) == goal, self.cloud.rng
            )
            found.append(None if other is None else self.cloud.add(other, text))
        return found


class _Part:
    """One class: its good, bad and uncovered texts, and the neighbours between them."""

    def __init__(self, index: int, field: _Field) -> None:
        self.index = index
        self.homes, self.said = field.homes, field.said
        of_class = field.gold == index
        self.good = _numbers(of_class & (field.said == index))
        self.bad = _numbers(of_class & (field.said != index) & (field.said != ABSTAIN))
        self.silent = _numbers(of_class & (field.said == ABSTAIN))
        self.bad_to_good = field.reach(self.bad, index)
        self.good_to_silent = field.reach(self.good, ABSTAIN) if self.silent else []
        self.bad_to_silent = field.reach(self.bad, ABSTAIN) if self.silent else []

    def check(self, name: str, family: Sequence[_Behaviour], q: float) -> ClassCheck:
        student = family[0]
        covered = [*self.good, *self.bad]
        alpha = len(self.bad) / len(covered) if covered else nan
        differs = [bool(student.labels[self.homes[i]] != self.said[i]) for i in covered]
        fragile = [not student.robust[self.homes[i]] for i in covered]
        loose = _mean([a or b for a, b in zip(differs, fragile, strict=True)])
        fragile_silent = [not student.robust[self.homes[i]] for i in self.silent]
        correction, coverage = self._correction(family, q), self._coverage(family, q)
        why_not = _obstacles(alpha, loose, correction, coverage, q)
        d, f, g = _mean(differs), _mean(fragile), _mean(fragile_silent)
        return ClassCheck(
            name,
            covered=len(covered),
            uncovered=len(self.silent),
            alpha=alpha,
            disagreement=d,
            fragile_covered=f,
            fragile_uncovered=g,
            correction=correction,
            coverage=coverage,
            correction_bound=nan if why_not[0] else correction_bound(alpha, f, d, correction),
            coverage_bound=nan if why_not[1] else coverage_bound(alpha, g, d, coverage, q),
            covered_error=self._error(student, covered),
            uncovered_error=self._error(student, self.silent),
            why_not="; ".join(filter(None, why_not)),
        )

    def _error(self, student: _Behaviour, items: Sequence[int]) -> float:
        return _mean([bool(student.labels[self.homes[i]] != self.index) for i in items])

    def _correction(self, family: Sequence[_Behaviour], q: float) -> float:
        """Smallest expansion of robust non-mistakes from good to bad texts."""
        if not self.bad:
            return 0.0  # nothing to correct: the bound does not depend on it
        found = _smallest(
            [
                (
                    _mean([one.right(n, self.index) for n in self.bad_to_good]),
                    _mean([one.right(self.homes[i], self.index) for i in self.good]),
                )
                for one in family
            ],
            q,
        )
        return nan if found == inf else found

    def _coverage(self, family: Sequence[_Behaviour], q: float) -> float:
        """Smallest expansion from uncovered texts: mistakes to good ones, the others to bad ones.

        It is infinite where no student is robustly wrong on more than a share q: then there is no
        set that would have to expand.
        """
        if not self.silent:
            return nan
        mistakes = [
            (
                _mean([one.wrong(n, self.index) for n in self.good_to_silent]),
                _mean([one.wrong(self.homes[i], self.index) for i in self.silent]),
            )
            for one in family
        ]
        others = [
            (
                _mean([one.right(n, self.index) for n in self.bad_to_silent]),
                _mean([one.right(self.homes[i], self.index) for i in self.silent]),
            )
            for one in family
            if self.bad
        ]
        return min(_smallest(mistakes, q), _smallest(others, q))


def _obstacles(
    alpha: float, loose: float, correction: float, coverage: float, q: float
) -> tuple[str, str]:
    """Return why theorem 4.1 and theorem 4.2 do not apply, empty where they do."""
    if not alpha < 0.5:
        return "the teacher is wrong on half of the class or more", "so no bound holds"
    first = second = ""
    if np.isnan(correction):
        first = "correction: no set of a student is large enough"
    elif q >= 0.75 * (1 - 2 * alpha):
        first = "correction: q is too large for alpha"
    elif loose > (1 - alpha + 3 * correction * alpha) / 4:
        first = "correction: the student does not fit the teacher closely enough"
    if np.isnan(coverage):
        second = "coverage: no text without a label"
    elif coverage == 0:
        second = "coverage: no expansion"
    return first, second


def _smallest(pairs: Sequence[tuple[float, float]], q: float) -> float:
    """Return the smallest ratio reached : size over sets larger than q; infinite without one."""
    return min((reached / size for reached, size in pairs if size > q), default=inf)


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else nan


def _numbers(mask: Mask) -> list[int]:
    found: list[int] = np.flatnonzero(mask).tolist()
    return found
