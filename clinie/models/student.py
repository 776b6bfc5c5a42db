"""A student: a small model of the user's own, distilled from teachers (`clinie train distill`).

It judges candidate mentions. Candidates are what the task's rules find, and every occurrence of a
term that a teacher marked somewhere in the notes it was trained on. One classifier says which
label a candidate has, or none; one more for each attribute says its value. NumPy only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from clinie.errors import ModelError
from clinie.models.base import Capabilities, Completion
from clinie.models.mentions import Mentions, Place
from clinie.models.rules import RulesModel
from clinie.models.tagger import weights
from clinie.models.tagger.classifiers import LinearClassifier
from clinie.prompts.base import Prompt

__all__ = ["FORMAT", "REJECT", "Student", "StudentModel", "Terms"]

FORMAT = "clinie.student/1"

REJECT = "-"
"""The class of a candidate that is no mention."""

_LABEL = "label"
_MEND = "give a file that clinie train distill wrote"


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Terms as hashes of their folded words: a file of weights holds no words of notes.

    A hash keeps nobody out who guesses a term; the file is as confidential as the notes.

    Parameters
    ----------
    hashes : frozenset of int
    firsts : frozenset of int
        Hashes of the first words.
    longest : int
        Words of the longest term.
    """

    hashes: frozenset[int]
    firsts: frozenset[int]
    longest: int

    @classmethod
    def of(cls, terms: Iterable[Sequence[str]]) -> Terms:
        """Return the hashes of terms, each a sequence of folded words."""
        known = [tuple(term) for term in terms if term]
        return cls(
            frozenset(_hash(term) for term in known),
            frozenset(_hash(term[:1]) for term in known),
            max(map(len, known), default=0),
        )

    def find(self, mentions: Mentions) -> Iterator[Place]:
        """Yield where terms stand, those inside others too."""
        words = mentions.words
        for first in range(len(words)):
            if _hash(words[first : first + 1]) not in self.firsts:
                continue
            for end in range(first + 1, min(first + self.longest, len(words)) + 1):
                if _hash(words[first:end]) in self.hashes:
                    yield mentions.place(first, end)


def _hash(words: Sequence[str]) -> int:
    digest = blake2b(" ".join(words).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


@dataclass(frozen=True, slots=True, eq=False)
class Student:
    """What a student has learned.

    Parameters
    ----------
    task : str
        Versioned name.
    heads : Mapping of str to LinearClassifier
        ``label``, and one ``LABEL.ATTRIBUTE`` for each attribute that was learned.
    terms : Terms
    rules : bool
        Whether what the task's rules find are candidates too.
    """

    task: str
    heads: Mapping[str, LinearClassifier]
    terms: Terms
    rules: bool = True

    def answer(self, text: str, found: Iterable[Place] = ()) -> list[dict[str, Any]]:
        """Return the items of the canonical JSON grammar that stand in a text, in text order.

        Parameters
        ----------
        text : str
        found : iterable of (int, int)
            Further candidates.
        """
        mentions = Mentions(text)
        candidates = sorted({*found, *self.terms.find(mentions)})
        judged = [(place, *self._label(mentions.features(place))) for place in candidates]
        surest = sorted(
            (entry for entry in judged if entry[1] != REJECT),
            key=lambda entry: (-entry[2], entry[0][0] - entry[0][1], entry[0]),
        )
        taken: list[tuple[Place, str, float]] = []
        free = np.ones(len(text), dtype=np.bool_)
        for place, label, confidence in surest:
            stretch = slice(*place)
            if free[stretch].all():
                free[stretch] = False
                taken.append((place, label, confidence))
        return [self._item(text, mentions, *entry) for entry in sorted(taken)]

    def _label(self, features: Sequence[str]) -> tuple[str, float]:
        head = self.heads[_LABEL]
        probabilities = head.probabilities(features)
        best = int(probabilities.argmax())
        return head.classes[best], float(probabilities[best])

    def _item(
        self, text: str, mentions: Mentions, place: Place, label: str, confidence: float
    ) -> dict[str, Any]:
        start, end = place
        item: dict[str, Any] = {"text": text[start:end], "label": label, "start": start}
        features = mentions.features(place)
        for name, head in self.heads.items():
            of, _, attribute = name.partition(".")
            if of == label and attribute:
                item[attribute] = head.predict(features)
        return item | {"confidence": round(confidence, 4)}

    def save(self, path: Path) -> None:
        """Write a file of weights (safetensors, no pickle)."""
        tensors: dict[str, npt.NDArray[Any]] = {
            "terms": np.array(sorted(self.terms.hashes), dtype=np.uint64),
            "firsts": np.array(sorted(self.terms.firsts), dtype=np.uint64),
        }
        for name, head in self.heads.items():
            tensors |= head.state(name)
        description = {
            "task": self.task,
            "heads": list(self.heads),
            "longest": self.terms.longest,
            "rules": self.rules,
        }
        weights.save(path, tensors, description, form=FORMAT)

    @classmethod
    def load(cls, path: Path) -> Student:
        """Read a file that `save` wrote.

        Raises
        ------
        ModelError
            When the file is not there or is no student; one line names it.
        """
        tensors, description = weights.load(path, form=FORMAT, mend=_MEND)
        try:
            return cls(
                description["task"],
                {name: LinearClassifier.from_state(name, tensors) for name in description["heads"]},
                Terms(
                    frozenset(tensors["terms"].tolist()),
                    frozenset(tensors["firsts"].tolist()),
                    description["longest"],
                ),
                description["rules"],
            )
        except KeyError as error:
            raise ModelError(f"{path}: lacks {error.args[0]}", mend=_MEND) from None


class StudentModel:
    """Answers prompts of the task that a student was trained for.

    Parameters
    ----------
    file : str
        What ``clinie train distill`` wrote.

    Raises
    ------
    ModelError
        When the file is not there or is no student.
    """

    name = "student@1"
    capabilities = Capabilities(offsets=True)

    def __init__(self, file: str) -> None:
        self._student = Student.load(Path(file))
        self._rules = RulesModel()

    @classmethod
    def of(cls, student: Student) -> Self:
        """Return the model of a student that is in memory."""
        model = cls.__new__(cls)
        model._student, model._rules = student, RulesModel()
        return model

    async def complete(self, prompts: Sequence[Prompt]) -> list[Completion]:
        """Answer every prompt; another task's gives an error completion."""
        ruled = (
            await self._rules.complete(prompts) if self._student.rules else [None] * len(prompts)
        )
        return [self._answer(p, said) for p, said in zip(prompts, ruled, strict=True)]

    def _answer(self, prompt: Prompt, ruled: Completion | None) -> Completion:
        if prompt.task != self._student.task:
            known = self._student.task
            return Completion("", "error", error=f"this student was trained for {known}")
        if ruled is not None and ruled.finish_reason == "error":
            return ruled
        text = prompt.window.text
        found = _places(text, json.loads(ruled.text)["items"]) if ruled else ()
        items = self._student.answer(text, found)
        return Completion(json.dumps({"items": items}, ensure_ascii=False))


def _places(text: str, items: Sequence[Mapping[str, Any]]) -> Iterator[Place]:
    """Yield where the rules' items and their parts stand, those that say so."""
    for item in items:
        parts = [part for value in item.values() for part in _parts(value)]
        for claim in (item, *parts):
            match claim:
                case {"start": int(start), "text": str(words)} if words and start >= 0:
                    if text.startswith(words, start):
                        yield start, start + len(words)


def _parts(value: Any) -> list[Mapping[str, Any]]:
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, Mapping)]
