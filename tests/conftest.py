"""Fixtures shared by the tests."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import settings

from clinie.models import Capabilities, Completion
from clinie.prompts import Prompt

# A slow machine is no failure; what lands is decided by the same examples on every machine.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "local")


class Scripted:
    """A model that gives the same answer, or the next one of a list, to every prompt."""

    name = "scripted@1"

    def __init__(self, *answers: str | Completion, capabilities: Capabilities | None = None):
        self.answers = list(answers)
        self.capabilities = capabilities or Capabilities()
        self.prompts: list[Prompt] = []

    async def complete(self, prompts: Sequence[Prompt]) -> list[Completion]:
        completions = []
        for prompt in prompts:
            self.prompts.append(prompt)
            answer = self.answers[(len(self.prompts) - 1) % len(self.answers)]
            completions.append(answer if isinstance(answer, Completion) else Completion(answer))
        return completions


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted


@pytest.fixture
def root() -> Path:
    """The repository."""
    return Path(__file__).parent.parent


@pytest.fixture
def need() -> Callable[[object, str], None]:
    """Skip a system test that cannot run here; with CI=true that is a failure."""

    def check(condition: object, why: str) -> None:
        if condition:
            return
        if os.environ.get("CI") == "true":
            pytest.fail(f"cannot run: {why}")
        pytest.skip(why)

    return check
