"""Judges of mentions: the assertion and the time of a problem, the status of a medication.

Each asks the rules first and weighs their answer against the words about the mention
(`clinie.models.tagger.contexts`). A judge says how sure it is: the calibrated probability of what
it chose.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from clinie.errors import ModelError
from clinie.models.tagger.classifiers import LinearClassifier, softmax
from clinie.models.tagger.contexts import DEFAULT_HABIT, Contexts

__all__ = [
    "AssertionJudge",
    "Chooser",
    "Judged",
    "Mentioned",
    "Reading",
    "RuleAnswers",
    "StatusJudge",
]

State = dict[str, npt.NDArray[Any]]

_BENEFIT = log(2)
"""Added to the logit of the rules' answer: another must be twice as probable to take its place."""

_HABIT = re.compile(r"assertion\.[^.]+\.weights")
_STATES = frozenset({"present", "possible"})  # what may be past: the rest is not there


class Mentioned(Protocol):
    """A mention ``text[start:end]`` and what it is of."""

    @property
    def start(self) -> int: ...  # noqa: D102

    @property
    def end(self) -> int: ...  # noqa: D102

    @property
    def label(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Judged:
    """What was chosen, and the probability that it is right."""

    value: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """Assertion, temporality and relative of a mention as in `~clinie.text.assertion.Assertion`.

    ``confidence`` is the probability of the assertion.
    """

    assertion: str
    temporality: str
    relative: str | None
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class Chooser:
    """A classifier and how far it leans to rare classes.

    The most probable class is not the one that makes the best macro-F1: a class of one in a hundred
    must be chosen long before it is more probable than all others.

    Parameters
    ----------
    classifier : LinearClassifier
        Its probabilities are the calibrated ones.
    lean : float32 array of shape (classes,)
        Added to the logits before the largest is taken.
    """

    classifier: LinearClassifier
    lean: npt.NDArray[np.float32]

    def choose(self, features: Iterable[str], said: str = "") -> Judged:
        """Return the class chosen and its probability.

        Parameters
        ----------
        features : iterable of str
        said : str
            What the rules say; it has the benefit of the doubt.
        """
        logits = self.classifier.logits(features)
        leaning = logits + self.lean
        if said in self.classifier.classes:
            leaning[self.classifier.classes.index(said)] += _BENEFIT
        best = int(leaning.argmax())
        return Judged(self.classifier.classes[best], float(softmax(logits)[best]))

    def state(self, prefix: str) -> State:
        """Return the tensors that `from_state` reads."""
        return {**self.classifier.state(prefix), f"{prefix}.lean": self.lean}

    @classmethod
    def from_state(cls, prefix: str, tensors: Mapping[str, npt.NDArray[Any]]) -> Chooser:
        """Return the chooser that `state` wrote.

        Raises
        ------
        ModelError
            If a tensor is missing or does not fit the others.
        """
        classifier = LinearClassifier.from_state(prefix, tensors)
        lean = tensors.get(f"{prefix}.lean")
        if lean is None or lean.shape != (len(classifier.classes),):
            raise ModelError(f"{prefix}.lean is missing or does not fit the weights")
        return cls(classifier, lean.astype(np.float32))


class StatusJudge:
    """Says whether a medication is taken: active, discontinued or neither.

    Parameters
    ----------
    status : Chooser
    """

    def __init__(self, status: Chooser) -> None:
        self._status = status

    def judge(
        self, text: str, mentions: Sequence[Mentioned], said: Sequence[Mapping[str, Any]] = ()
    ) -> list[Judged]:
        """Return the status of each mention; what is no ``medication`` is judged like one.

        Parameters
        ----------
        text : str
            The whole note, or the window of it that is read.
        mentions : sequence of Mentioned
            Drugs, and in any order the parts of their sigs.
        said : sequence of Mapping
            The items of the medication rules for the same text.
        """
        drugs = [(m.start, m.end) for m in mentions if m.label == "medication"]
        contexts = Contexts(text, drugs)
        rules = RuleAnswers(said, "status")
        found = []
        for m in mentions:
            ruled = rules.of(m.start, m.end)
            features = contexts.features(m.start, m.end, "medication", said=ruled)
            found.append(self._status.choose(features, ruled))
        return found

    def state(self) -> State:
        """Return the tensors, their names beginning with ``status``."""
        return self._status.state("status")

    @classmethod
    def from_state(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> StatusJudge:
        """Return the judge that `state` wrote.

        Raises
        ------
        ModelError
            If a tensor is missing.
        """
        return cls(Chooser.from_state("status", tensors))


class AssertionJudge:
    """Says whether a problem, test or procedure is there, is not, may be, was, or is another's.

    Whose it is, is left to the rules.

    Parameters
    ----------
    assertion : Mapping of str to Chooser
        By habit of marking: that of notes (`~clinie.models.tagger.contexts.DEFAULT_HABIT`), and of
        corpora that mark other things as absent or in doubt.
    temporality : Chooser
        For all habits.
    """

    def __init__(self, assertion: Mapping[str, Chooser], temporality: Chooser) -> None:
        self._assertion, self._temporality = assertion, temporality

    def judge(
        self, text: str, mentions: Sequence[Mentioned], said: Sequence[Mapping[str, Any]] = ()
    ) -> list[Reading]:
        """Return the reading of each mention, by the habit of notes.

        Parameters
        ----------
        text : str
        mentions : sequence of Mentioned
        said : sequence of Mapping
            The items of the condition rules for the same text.
        """
        contexts = Contexts(text, [(m.start, m.end) for m in mentions])
        rules = RuleAnswers(said, "assertion")
        found = []
        for m in mentions:
            ruled, read = rules.of(m.start, m.end), contexts.read(m.start, m.end)
            features = contexts.features(m.start, m.end, m.label, said=ruled)
            chosen = self._assertion[DEFAULT_HABIT].choose(features, ruled or read.assertion)
            time = "current"
            if chosen.value in _STATES:
                time = self._temporality.choose(features, read.temporality).value
            relative = _whose(chosen, read.relative)
            found.append(Reading(chosen.value, time, relative, chosen.confidence))
        return found

    def choose(self, features: Iterable[str], habit: str) -> Judged:
        """Return the assertion of a mention by the habit of a corpus.

        Parameters
        ----------
        features : iterable of str
        habit : str
            Whose habit of marking is followed; the rules have no benefit of the doubt there.

        Raises
        ------
        KeyError
            For a habit that was not learnt.
        """
        return self._assertion[habit].choose(features)

    def state(self) -> State:
        """Return the tensors, their names beginning with ``assertion`` and ``temporality``."""
        tensors = self._temporality.state("temporality")
        for habit, chooser in self._assertion.items():
            tensors |= chooser.state(f"assertion.{habit}")
        return tensors

    @classmethod
    def from_state(cls, tensors: Mapping[str, npt.NDArray[Any]]) -> AssertionJudge:
        """Return the judge that `state` wrote.

        Raises
        ------
        ModelError
            If a tensor is missing.
        """
        habits = [name.split(".")[1] for name in tensors if _HABIT.fullmatch(name)]
        choosers = {habit: Chooser.from_state(f"assertion.{habit}", tensors) for habit in habits}
        if DEFAULT_HABIT not in choosers:
            raise ModelError(f"the weights lack assertion.{DEFAULT_HABIT}")
        return cls(choosers, Chooser.from_state("temporality", tensors))


def _whose(chosen: Judged, relative: str | None) -> str | None:
    if chosen.value == "family":
        return relative or "family"
    return relative if chosen.value == "absent" else None


class RuleAnswers:
    """What the rules say of a note under one key, by place.

    Parameters
    ----------
    said : sequence of Mapping
        Items of the canonical JSON grammar.
    key : str
        Such as ``status``.
    """

    def __init__(self, said: Sequence[Mapping[str, Any]], key: str) -> None:
        self._said = sorted(
            (item["start"], item["start"] + len(item["text"]), str(item[key]))
            for item in said
            if key in item and "start" in item
        )
        self._at = {(start, end): value for start, end, value in self._said}
        self._starts = [start for start, _, _ in self._said]

    def of(self, start: int, end: int) -> str:
        """Return what is said of the mention ``text[start:end]``, empty when it was missed."""
        if (start, end) in self._at:
            return self._at[start, end]
        number = bisect_left(self._starts, end)
        if number and self._said[number - 1][1] > start:
            return self._said[number - 1][2]
        return ""
