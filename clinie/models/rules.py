"""The first rung: a task's own rules, behind the same interface as every other model."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache

from clinie.models.base import Capabilities, Completion
from clinie.prompts.base import Prompt, Rules

__all__ = ["RulesModel"]


class RulesModel:
    """Answers a prompt by the rules of its task, in the canonical JSON grammar.

    Deterministic, local, free of charge. The offsets it states are claims like any other: the
    resolver verifies them.
    """

    name = "rules@1"
    capabilities = Capabilities(offsets=True, needs_rules=True)

    async def complete(self, prompts: Sequence[Prompt]) -> list[Completion]:
        """Answer every prompt; a task without rules gives an error completion."""
        return [self._answer(prompt) for prompt in prompts]

    def _answer(self, prompt: Prompt) -> Completion:
        if prompt.rules is None:
            return Completion("", "error", error=f"task {prompt.task} has no rules")
        try:
            if _reads_metadata(prompt.rules):
                said = prompt.rules(prompt.window.text, metadata=prompt.metadata)
            else:
                said = prompt.rules(prompt.window.text)
        except Exception as error:  # a third-party rule must not stop a batch; its text may be PHI
            fault = f"{type(error).__name__} in the rules of {prompt.task}"
            return Completion("", "error", error=fault)
        answer = said if isinstance(said, Mapping) else {"items": list(said)}
        return Completion(json.dumps(answer, ensure_ascii=False))


@lru_cache(maxsize=64)
def _reads_metadata(rules: Rules) -> bool:
    """Tell whether rules have a parameter for what travelled with the document."""
    try:
        return "metadata" in inspect.signature(rules).parameters
    except (TypeError, ValueError):  # a callable that says nothing of its parameters
        return False
