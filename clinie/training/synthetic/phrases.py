"""Phrases with slots, and the small language they are written in.

``[a|b|]`` is a choice, choices nest; ``{...}`` is a slot::

    {drug-}          a drug, status discontinued (+ active, 0 neither); a new one each time
    {drug1-}         a drug with a number: the same drug wherever the number returns
    {drug.opioid+}   a drug of one kind; {group+} the name of a group (statin, antibiotics)
    {dose} {freq}    attributes of the drug before it; {dose>} of the drug behind it
    {symptom-}       a problem that is absent (+ present, ? possible, ~ hypothetical, % conditional,
                     ^ family)
    {event+<}        ... historical
    {symptoms-}      a list of two to five
    {problem+:rash}  the words are given
    {he} {ago}       words without a meaning of their own

A phrase is parsed once; `Phrase.flatten` decides the choices and leaves words and slots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random

__all__ = ["Phrase", "Slot"]

_SLOT = re.compile(
    r"(?P<name>[A-Za-z_]+)(?:\.(?P<kind>[a-z_]+))?(?P<number>[1-9]?)(?P<sign>[-+0?~%^]?)"
    r"(?P<kin>f?)(?P<past><?)(?P<ahead>>?)(?::(?P<words>.+))?"
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A place of a phrase that is filled in: see the module's words for its parts."""

    name: str
    kind: str = ""
    number: str = ""
    sign: str = ""
    kin: bool = False
    past: bool = False
    ahead: bool = False
    words: str = ""


@dataclass(frozen=True)
class Phrase:
    """A phrase of a table.

    Parameters
    ----------
    text : str
        In the language of this module.

    Raises
    ------
    ValueError
        From `nodes`: a bracket is missing, or a slot cannot be read.
    """

    text: str

    @cached_property
    def nodes(self) -> list[object]:
        """The parsed phrase: words, slots, and lists of alternatives."""
        nodes, end = _sequence(self.text, 0, depth=0)
        if end != len(self.text):
            raise ValueError(f"phrase cannot be read at character {end}")
        return nodes

    def flatten(self, rng: Random) -> list[str | Slot]:
        """Decide every choice; return words and slots in order."""
        return list(_decide(self.nodes, rng))


def _decide(nodes: list[object], rng: Random) -> Iterator[str | Slot]:
    for node in nodes:
        if isinstance(node, list):
            yield from _decide(rng.choice(node), rng)
        elif isinstance(node, str | Slot):
            yield node


def _sequence(text: str, at: int, depth: int) -> tuple[list[object], int]:
    """Read words, slots and choices until the end, or within a choice until its end."""
    nodes: list[object] = []
    while at < len(text):
        mark = text[at]
        if mark in "|]" and depth:
            break
        if mark == "[":
            choice, at = _choice(text, at + 1, depth + 1)
            nodes.append(choice)
        elif mark == "{":
            slot, at = _slot(text, at)
            nodes.append(slot)
        elif mark in "}]":
            raise ValueError(f"phrase has a stray bracket at character {at}")
        else:
            end = _words_end(text, at, depth)
            nodes.append(text[at:end])
            at = end
    return nodes, at


def _words_end(text: str, at: int, depth: int) -> int:
    stops = "[]{}|" if depth else "[]{}"
    while at < len(text) and text[at] not in stops:
        at += 1
    return at


def _choice(text: str, at: int, depth: int) -> tuple[list[list[object]], int]:
    options = []
    while True:
        nodes, at = _sequence(text, at, depth)
        options.append(nodes)
        if at >= len(text):
            raise ValueError("phrase has a choice without its end")
        at += 1
        if text[at - 1] == "]":
            return options, at


def _slot(text: str, at: int) -> tuple[Slot, int]:
    end = text.find("}", at)
    if end < 0 or not (parts := _SLOT.fullmatch(text[at + 1 : end])):
        raise ValueError(f"phrase has a slot that cannot be read at character {at}")
    slot = Slot(
        parts["name"],
        parts["kind"] or "",
        parts["number"],
        parts["sign"],
        bool(parts["kin"]),
        bool(parts["past"]),
        bool(parts["ahead"]),
        parts["words"] or "",
    )
    return slot, end + 1
