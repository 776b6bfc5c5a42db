"""From mentions to answers: one function per task that the weights can answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clinie.models.tagger.judges import AssertionJudge, StatusJudge
from clinie.models.tagger.linking import Linker
from clinie.models.tagger.pairs import Mention as Linkable
from clinie.models.tagger.senses import SenseRanker
from clinie.models.tagger.tagger import Mention, Tagger
from clinie.models.tagger.weights import load

__all__ = ["Reader"]

Items = list[dict[str, Any]]
Answer = Callable[[str, Items], Items]

_FILES = {
    "notes.safetensors": ("medications@1", "conditions@1", "acronyms@1"),
    "pico.safetensors": ("pico@1",),
}
_PICO = {"P": "participants", "I": "intervention", "O": "outcome"}  # of the weights


class Reader:
    """Answers tasks with the weights of a folder.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    ModelError
        When a file of weights cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.answers: dict[str, Answer] = {}
        if (folder / "notes.safetensors").exists():
            tensors, description = load(folder / "notes.safetensors")
            self._notes = Tagger(tensors, description)
            self._linker = Linker.from_state(tensors)
            self._status = StatusJudge.from_state(tensors)
            self._assertion = AssertionJudge.from_state(tensors)
            self._senses = SenseRanker.from_state(tensors)
            self.answers |= {
                "medications@1": self.medications,
                "conditions@1": self.conditions,
                "acronyms@1": self.acronyms,
            }
        if (folder / "pico.safetensors").exists():
            self._pico = Tagger.from_file(folder / "pico.safetensors")
            self.answers["pico@1"] = self.pico

    @staticmethod
    def tasks(folder: Path) -> frozenset[str]:
        """Return the tasks that the files of a folder answer, without reading them."""
        there = (tasks for name, tasks in _FILES.items() if (folder / name).exists())
        return frozenset(task for tasks in there for task in tasks)

    def medications(self, text: str, said: Items) -> Items:
        """Answer ``medications@1``: drugs with their status, and the parts of their sigs."""
        found = self._notes.mentions(text, ["medications"])["medications"]
        drugs = [number for number, m in enumerate(found) if m.label == "medication"]
        judged = self._status.judge(text, [found[number] for number in drugs], said)
        items = {
            number: _item(text, found[number], status.confidence) | {"status": status.value}
            for number, status in zip(drugs, judged, strict=True)
        }
        linkable = [Linkable(m.start, m.end, m.label) for m in found]
        for head, tail, probability in self._linker.link(text, linkable, said):
            part = found[tail]
            items[head].setdefault(part.label, []).append(_part(text, part, probability))
        return list(items.values())

    def conditions(self, text: str, said: Items) -> Items:
        """Answer ``conditions@1``: problems, tests and procedures, and how they are meant."""
        found = self._notes.mentions(text, ["conditions"])["conditions"]
        items = []
        for mention, reading in zip(found, self._assertion.judge(text, found, said), strict=True):
            item = _item(text, mention, reading.confidence)
            item |= {"assertion": reading.assertion, "temporality": reading.temporality}
            if reading.relative:
                item["relative"] = reading.relative
            items.append(item)
        return items

    def acronyms(self, text: str, said: Items) -> Items:
        """Answer ``acronyms@1``: the rules' short forms, with the senses that suit the text."""
        return self._senses.revise(text, said)

    def pico(self, text: str, said: Items) -> Items:
        """Answer ``pico@1``, where the rules see a trial; they also tell what is a comparator."""
        if not said:
            return []
        compared = [i for i in said if i["label"] == "comparator"]
        items = []
        for mention in self._pico.mentions(text, ["pico"])["pico"]:
            label = _PICO[mention.label]
            if label == "intervention" and any(_overlap(mention, item) for item in compared):
                label = "comparator"
            items.append(_item(text, mention) | {"label": label})
        return items


def _item(text: str, mention: Mention, attribute: float = 1.0) -> dict[str, Any]:
    """Return an item; it is right when the mention is and what was judged of it."""
    return {
        "text": text[mention.start : mention.end],
        "label": mention.label,
        "start": mention.start,
        "confidence": round(mention.confidence * attribute, 3),
    }


def _part(text: str, mention: Mention, probability: float) -> dict[str, Any]:
    """Return a part of a sig; its relation names its label."""
    item = _item(text, mention, probability)
    del item["label"]
    return item


def _overlap(mention: Mention, item: Mapping[str, Any]) -> bool:
    start = item["start"]
    return bool(start < mention.end and mention.start < start + len(item["text"]))
