"""The trained tagger as a `Model`: the second rung, local and free of charge."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from clinie.models.base import Capabilities, Completion
from clinie.models.tagger import SHIPPED
from clinie.models.tagger.answers import Reader
from clinie.prompts.base import Prompt

__all__ = ["TaggerModel"]

Items = list[dict[str, Any]]


class TaggerModel:
    """Answers by the trained network, in the canonical JSON grammar.

    Deterministic on one machine, and without torch. Where a task has rules, their answer is one of
    the signs that the network's judges weigh; mentions are found by the network alone. The offsets
    that it states are claims like any other: the resolver verifies them.

    Parameters
    ----------
    weights : str or Path, optional
        A folder with ``notes.safetensors`` and, for trials, ``pico.safetensors``; by default the
        one that comes with Clinie.
    """

    name = "tagger@1"

    def __init__(self, weights: str | Path = SHIPPED) -> None:
        self._folder = Path(weights)
        self.capabilities = Capabilities(offsets=True, tasks=Reader.tasks(self._folder))

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._folder)

    async def complete(self, prompts: Sequence[Prompt]) -> list[Completion]:
        """Answer every prompt; a task that it was not trained for gives an error completion.

        Raises
        ------
        ModelError
            When the weights cannot be read.
        """
        return [self._answer(prompt) for prompt in prompts]

    def _answer(self, prompt: Prompt) -> Completion:
        answer: Callable[[str, Items], Items] | None = self._reader.answers.get(prompt.task)
        if answer is None:
            return Completion("", "error", error=f"the tagger was not trained for {prompt.task}")
        items = answer(prompt.window.text, _said_by_rules(prompt))
        return Completion(json.dumps({"items": items}, ensure_ascii=False))


def _said_by_rules(prompt: Prompt) -> Items:
    """Return the items of the task's own rules; none where they fail, as they only advise here."""
    if prompt.rules is None:
        return []
    try:
        said = prompt.rules(prompt.window.text)
    except Exception:  # the tier of the rules reports it
        return []
    return list(said["items"] if isinstance(said, Mapping) else said)
