"""What an ambiguous short form stands for, by the words about it.

The rules of ``acronyms@1`` find the short forms and choose among their senses by priors and
hand-written cues. `SenseRanker` chooses again, by a classifier that has read senses in context and
weighs the rules' choice among the other signs. It chooses among the senses of the shipped inventory
only, and leaves to the rules what the text itself defines, and short forms with a common sense that
it never read: what nobody writes out cannot be learnt from what people write out.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt

from clinie.errors import ModelError
from clinie.models.tagger.classifiers import Floats, LinearClassifier, softmax
from clinie.text.definitions import find_definitions
from clinie.text.folding import fold_word
from clinie.text.sections import sections
from clinie.text.senses import Inventory, Sense, form_key, shipped

__all__ = ["RIGHT", "WRONG", "SenseRanker", "Surroundings", "sense_key"]

WRONG, RIGHT = "wrong", "right"

_WORD = re.compile(r"[^\W\d_]+|\d+")
_WINDOW = 25  # words on either side that are seen at all
_NEAR = 10
_BESIDE = 3
_CONTENT = 5  # letters of a word that tells something
_COMMON = 0.3  # share of the prior from which a sense must have been read


@dataclass(frozen=True, slots=True)
class _Cues:
    """The plain words among the cues of a sense, and the content words of its name."""

    words: frozenset[str]
    beginnings: tuple[str, ...]
    own: frozenset[str]

    def count(self, words: Iterable[str]) -> int:
        """Count the cues among words."""
        return sum(word in self.words or word.startswith(self.beginnings) for word in words)


def sense_key(form: str, name: str) -> int:
    """Return the number that stands for a sense of a short form in files of weights."""
    return crc32(f"{form_key(form)}={name}".encode())


@lru_cache(maxsize=8192)
def _cues(sense: Sense) -> _Cues:
    plain = [cue for cue in map(fold_word, sense.cues) if cue.rstrip("*").isalpha()]
    own = [word for word in _WORD.findall(fold_word(sense.name)) if len(word) >= _CONTENT]
    return _Cues(
        frozenset(cue for cue in plain if not cue.endswith("*")),
        tuple(cue[:-1] for cue in plain if cue.endswith("*")),
        frozenset(own),
    )


class Surroundings:
    """The words about the short forms of a text.

    Parameters
    ----------
    text : str
    """

    def __init__(self, text: str) -> None:
        found = list(_WORD.finditer(text))
        self._starts = [word.start() for word in found]
        self._words = [
            "0" if word.group()[0].isdigit() else fold_word(word.group()) for word in found
        ]
        self._all = frozenset(self._words)
        self._sections = sections(text)
        self._counted: dict[Sense, int] = {}

    def features(
        self,
        start: int,
        end: int,
        form: str,
        senses: Sequence[Sense],
        item: Mapping[str, Any] | None,
    ) -> list[list[str]]:
        """Return the features of each sense of the short form at ``start:end``.

        Parameters
        ----------
        start, end : int
        form : str
            As written.
        senses : sequence of Sense
            All that it may mean.
        item : mapping, optional
            What the rules say: ``sense`` and ``confidence``; empty when they did not find it, None
            when they were not asked.
        """
        first = bisect_left(self._starts, start)
        last = bisect_left(self._starts, end)
        left = self._words[max(0, first - _WINDOW) : first][::-1]
        right = self._words[last : last + _WINDOW]
        near = [*left[:_NEAR], *right[:_NEAR]]
        said = [*dict.fromkeys(near), f"@{self._section(start)}"]
        said += [f"<{word}" for word in left[:1]] + [f">{word}" for word in right[:1]]
        key = form_key(form)
        whole = sum(sense.prior for sense in senses)
        windows = ([*left[:_BESIDE], *right[:_BESIDE]], near, [*left, *right])
        rows = []
        for sense in senses:
            prior = f"prior {round(math.log2(sense.prior / whole))}"
            name = f"{key}={sense.name}"
            row = ["sense", prior, f"{prior} of {min(4, len(senses))}", name]
            row += [f"{name} {word}" for word in said]
            row += self._by_cues(sense, windows)
            if item is not None:
                row += _by_rules(sense, item, prior)
            rows.append(row)
        return rows

    def _section(self, offset: int) -> str:
        at = bisect_right(self._sections, offset, key=lambda section: section.start) - 1
        return self._sections[at].kind if at >= 0 else "other"

    def _by_cues(self, sense: Sense, windows: Sequence[Sequence[str]]) -> Iterator[str]:
        cues = _cues(sense)
        for name, words in zip(("beside", "near", "window"), windows, strict=True):
            yield f"cues {name} {min(3, cues.count(words))}"
        if sense not in self._counted:
            self._counted[sense] = cues.count(self._all)
        yield f"cues {min(6, self._counted[sense])}"
        yield f"own near {min(2, len(cues.own.intersection(windows[1])))}"
        yield f"own {min(2, len(cues.own & self._all))}"


def _by_rules(sense: Sense, item: Mapping[str, Any], prior: str) -> Iterator[str]:
    """Yield what the rules say of a sense."""
    if not item:
        yield "rules: not found"
        return
    chosen = item["sense"]
    said = "open" if chosen is None else "this" if chosen == sense.name else "another"
    yield f"rules: {said}"
    yield f"rules: {said} {round(10 * item['confidence'])}"
    yield f"rules: {said} {prior}"


@dataclass(frozen=True, slots=True, eq=False)
class SenseRanker:
    """Chooses among the senses of short forms.

    Parameters
    ----------
    classifier : LinearClassifier
        With the classes `WRONG` and `RIGHT`; a sense's score is the difference of the logits.
    known : frozenset of int
        The senses that it read in training, by `sense_key`.
    least : float
        Probability under which a short form is left open, as where the note does not decide.
    """

    classifier: LinearClassifier
    known: frozenset[int]
    least: float = 0.4

    def revise(self, text: str, items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the rules' items of ``acronyms@1`` with the classifier's senses.

        Parameters
        ----------
        text : str
        items : sequence of mapping
            The rules' items for this text, with offsets.

        Returns
        -------
        list of dict
            The items in order; where the classifier chose, ``confidence`` is the probability of
            its best sense.
        """
        inventory = shipped()
        open_to_choice = [self._choices(item, inventory) for item in items]
        if not any(open_to_choice):
            return [dict(item) for item in items]
        surroundings = Surroundings(text)
        defined = {definition.short for definition in find_definitions(text)}
        return [
            {**item, **self._choice(surroundings, item, senses)}
            if senses and item["text"] not in defined
            else dict(item)
            for item, senses in zip(items, open_to_choice, strict=True)
        ]

    def _choices(self, item: Mapping[str, Any], inventory: Inventory) -> tuple[Sense, ...]:
        """Return the senses to choose among; none where that is for the rules."""
        form, senses = item["text"], inventory.senses(item["text"])
        names = {sense.name for sense in senses}
        if len(names) < 2 or not (item["sense"] is None or item["sense"] in names):
            return ()
        common = _COMMON * sum(sense.prior for sense in senses)
        unread = any(
            sense.prior >= common and sense_key(form, sense.name) not in self.known
            for sense in senses
        )
        return () if unread else senses

    def _choice(
        self, surroundings: Surroundings, item: Mapping[str, Any], senses: Sequence[Sense]
    ) -> dict[str, Any]:
        start, form = item["start"], item["text"]
        rows = surroundings.features(start, start + len(form), form, senses, item)
        shares = softmax(self.scores(rows))
        best = int(shares.argmax())
        probability = float(shares[best])
        chosen = senses[best].name if probability >= self.least else None
        return {"sense": chosen, "confidence": round(probability, 3)}

    def scores(self, rows: Iterable[Sequence[str]]) -> Floats:
        """Return the score of each sense of one short form, given their features."""
        right, wrong = (self.classifier.classes.index(name) for name in (RIGHT, WRONG))
        logits = np.stack([self.classifier.logits(row) for row in rows])
        scores: Floats = logits[:, right] - logits[:, wrong]
        return scores

    def state(self, prefix: str = "senses") -> dict[str, npt.NDArray[Any]]:
        """Return the tensors that `from_state` reads, their names beginning with ``prefix.``."""
        return {
            **self.classifier.state(prefix),
            f"{prefix}.known": np.array(sorted(self.known), dtype=np.uint32),
            f"{prefix}.least": np.array([self.least], dtype=np.float32),
        }

    @classmethod
    def from_state(
        cls, tensors: Mapping[str, npt.NDArray[Any]], prefix: str = "senses"
    ) -> SenseRanker:
        """Return the ranker that `state` wrote.

        Raises
        ------
        ModelError
            If a tensor is missing or does not fit.
        """
        classifier = LinearClassifier.from_state(prefix, tensors)
        known, least = (tensors.get(f"{prefix}.{name}") for name in ("known", "least"))
        if known is None or least is None or set(classifier.classes) != {WRONG, RIGHT}:
            raise ModelError(f"the tensors of {prefix} are not those of a ranker of senses")
        return cls(classifier, frozenset(known.tolist()), float(least.item()))
