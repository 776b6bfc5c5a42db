"""One tier: a model with its place in the cascade, and what it makes of a document."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clinie.config import Config, Reads, TierConfig
from clinie.errors import ClinieError, ConfigError, ModelError
from clinie.merging import Stretch
from clinie.models import Completion, Model, build
from clinie.prompts import Prompt, Window
from clinie.resolvers import Answer, Question, Resolution
from clinie.schema import Document, Finding
from clinie.tasks import Task, load
from clinie.text.sentences import sentences

__all__ = ["Reading", "Tier", "build_tiers", "read", "resolve", "split"]

_INCOMPLETE = frozenset({"no_answer", "truncated"})
"""Findings that flag an answer as likely to lack something."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A model with its place and price in the cascade.

    Parameters
    ----------
    name : str
    model : Model
    input_price, output_price : float
        Per million tokens.
    sure : float
        Confidence from which on no later tier need look at an item.
    sure_for : Mapping of str to float
        Other levels for some tasks, by their versioned names.
    reads : {"unsure", "always"}
        Which windows it is asked about: those in which an earlier tier left something unsure, or
        all.
    """

    name: str
    model: Model
    input_price: float = 0.0
    output_price: float = 0.0
    sure: float = TierConfig.model_fields["sure"].default
    sure_for: Mapping[str, float] = field(default_factory=dict)
    reads: Reads = "unsure"

    def cost(self, completion: Completion) -> float:
        """Return the price of one answer: the model's own figure, or tokens times price."""
        tokens = (
            completion.input_tokens * self.input_price
            + completion.output_tokens * self.output_price
        )
        return completion.cost or tokens / 1e6

    def answers(self, task: Task) -> bool:
        """Tell whether the model can answer a task at all."""
        able = self.model.capabilities
        if able.needs_rules and task.rules is None:
            return False
        return able.tasks is None or task.name in able.tasks

    def level(self, task: Task) -> float:
        """Return the confidence from which on an item of a task is sure."""
        return self.sure_for.get(task.name, self.sure)


def build_tiers(config: Config) -> tuple[Tier, ...]:
    """Build the tiers of a configuration, in order.

    Raises
    ------
    ConfigError
        When a tier is not cleared for protected health information, or names an unknown model,
        setting or task.
    ModelError
        When a model cannot be loaded.
    """
    return tuple(_build(tier) for tier in config.tiers)


def _build(config: TierConfig) -> Tier:
    settings = {key: value for key, value in config.model.items() if key != "kind"}
    model = build(config.model["kind"], settings)
    if not config.phi_allowed:
        raise ConfigError(
            f"tier {config.name!r} is not cleared for protected health information",
            mend="set phi_allowed = true only where notes may go",
        )
    return Tier(
        config.name,
        model,
        config.prices.input,
        config.prices.output,
        config.sure,
        {_task_name(config, name): level for name, level in config.sure_for.items()},
        config.reads,
    )


def _task_name(config: TierConfig, name: str) -> str:
    try:
        return load(name).name
    except ConfigError as error:
        where = f"tier {config.name!r}: sure_for"
        raise ConfigError(f"{where}: {error.message}", mend=error.mend) from None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tier said of the windows that it was asked about.

    Parameters
    ----------
    tier : Tier
    completions : sequence of Completion
        One per window, in order.
    resolved : tuple of (Window, Resolution)
        The windows that were answered.
    failed : tuple of (Window, str)
        Those that were not, and why.
    error : ModelError, optional
        Why the model as a whole could not be used.
    """

    tier: Tier
    completions: Sequence[Completion]
    resolved: tuple[tuple[Window, Resolution], ...]
    failed: tuple[tuple[Window, str], ...]
    error: ModelError | None = None

    @property
    def stretches(self) -> list[Stretch]:
        """The parts of the document that were read."""
        return [window.stretch for window, _ in self.resolved]

    def findings(self) -> Iterator[Finding]:
        """Yield what the resolvers found, in document offsets."""
        for window, resolution in self.resolved:
            for finding in resolution.findings:
                yield _shift(finding, window.start)

    def doubts(self) -> Iterator[Stretch]:
        """Yield where something is likely to be missing: an item was dropped, an answer cut off."""
        for window, resolution in self.resolved:
            for finding in resolution.findings:
                if finding.severity == "reject" or finding.code in _INCOMPLETE:
                    found = _shift(finding, window.start)
                    whole = found.start is None or found.end is None
                    yield window.stretch if whole else (found.start, found.end)  # type: ignore[misc]


async def read(tier: Tier, task: Task, document: Document, windows: Sequence[Window]) -> Reading:
    """Ask a tier about windows of a document and resolve its answers. Never raises `ModelError`."""
    prompts = [
        Prompt(task.name, window, task.template, document.id, task.rules, document.metadata)
        for window in windows
    ]
    error = None
    try:
        completions = await _complete(tier.model, prompts)
    except ModelError as raised:
        error = raised
        completions = [Completion("", "error", error=raised.message)] * len(prompts)
    resolved, failed = [], []
    for window, completion in zip(windows, completions, strict=True):
        if completion.finish_reason == "error":
            failed.append((window, completion.error))
        else:
            resolved.append((window, resolve(task, window, completion, document.metadata)))
    return Reading(tier, completions, tuple(resolved), tuple(failed), error)


async def _complete(model: Model, prompts: Sequence[Prompt]) -> Sequence[Completion]:
    """Ask the model; what it raises about one document costs that document only."""
    try:
        completions = await model.complete(prompts)
    except ClinieError:
        raise
    except Exception as error:  # its message may quote the note
        fault = f"{type(error).__name__} in model {model.name}"
        return [Completion("", "error", error=fault)] * len(prompts)
    if len(completions) != len(prompts):
        raise ModelError(
            f"model {model.name!r} gave {len(completions)} answers to {len(prompts)} prompts",
            mend="its complete() must return one completion per prompt, in order",
        )
    return completions


def resolve(
    task: Task,
    window: Window,
    completion: Completion,
    metadata: Mapping[str, Any] | None = None,
) -> Resolution:
    """Run a task's resolver program on one completion; `metadata` is the document's."""
    question = Question(
        text=window.text,
        schema=task.schema,
        examples=tuple(example.text for example in task.template.examples),
        instructions=task.template.instructions,
        metadata=metadata or {},
    )
    answer = Answer(completion.text, truncated=completion.finish_reason == "length")
    return task.program.resolve(question, answer)


def split(text: str, max_characters: int | None) -> list[Window]:
    """Cut a text into windows of at most ``max_characters``, between sentences where possible.

    Complexity O(len(text)).
    """
    if max_characters is None or len(text) <= max_characters:
        return [Window(text)]
    ends = [0, *(end for _, end in sentences(text))]
    windows, start = [], 0
    while start < len(text):
        limit = start + max_characters
        fitting = ends[bisect_right(ends, limit) - 1]
        end = len(text) if limit >= len(text) else (fitting if fitting > start else limit)
        windows.append(Window(text[start:end], start))
        start = end
    return windows


def _shift(finding: Finding, offset: int) -> Finding:
    if finding.start is None or finding.end is None:
        return finding
    return Finding(
        finding.code,
        finding.severity,
        finding.item,
        finding.start + offset,
        finding.end + offset,
    )
