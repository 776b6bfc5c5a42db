"""The cascade: tiers in order answer, resolver programs check, a rejector decides.

One tier answers so far; without a fitted rejector nothing can be certified, so asking for an
error level defers every item to a person instead of guessing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clinie.assembly import Ruling, assemble
from clinie.coding import coded
from clinie.coding import load as load_terminologies
from clinie.config import Config, TierConfig
from clinie.errors import ClinieError, ConfigError, ModelError
from clinie.models import Completion, Model, build
from clinie.prompts import Prompt, Window
from clinie.resolvers import Answer, Question, Resolution
from clinie.schema import Document, Extraction, Finding, Trace, Windows
from clinie.tasks import Task
from clinie.tasks.registry import check_settings
from clinie.text.sentences import sentences

__all__ = ["Cascade", "Tier"]

_CERTIFIED_NOTHING = "no rejector is fitted, so nothing is certified"


@dataclass(frozen=True, slots=True)
class Tier:
    """A model with its place and price in the cascade (prices per million tokens)."""

    name: str
    model: Model
    input_price: float = 0.0
    output_price: float = 0.0

    def cost(self, completion: Completion) -> float:
        """Return the price of one answer: the model's own figure, or tokens times price."""
        tokens = (
            completion.input_tokens * self.input_price
            + completion.output_tokens * self.output_price
        )
        return completion.cost or tokens / 1e6


class Cascade:
    """Sends documents through the tiers and returns records.

    Parameters
    ----------
    config : Config, optional
        By default the local rules answer and no error level is set.
    model : Model, optional
        Answers instead of the configured tier; it runs in the caller's own process and on the
        caller's own responsibility for where notes go.

    Raises
    ------
    ConfigError
        When a tier is not cleared for protected health information, or a task does not have the
        settings that it is given.
    InputError
        When a terminology file cannot be used.
    """

    def __init__(self, config: Config | None = None, *, model: Model | None = None) -> None:
        self.config = config or Config()
        check_settings(self.config.tasks)
        self.tier = Tier("local", model) if model else _tier(self.config.tiers[0])
        coding = self.config.coding
        self.terminology = (
            load_terminologies(coding.terminologies, coding.vocabularies)
            if coding.terminologies
            else None
        )

    @property
    def max_error(self) -> float | None:
        """The error level asked for, if any."""
        return self.config.deferral.max_error

    async def extract(self, document: Document, task: Task) -> Extraction:
        """Extract one task from one document.

        A window that fails is a finding and an incomplete record, never an exception.

        Raises
        ------
        ModelError
            When the model as a whole cannot be used.
        """
        windows = split(document.text, self.tier.model.capabilities.max_characters)
        prompts = [
            Prompt(task.name, window, task.template, document.id, task.rules, document.metadata)
            for window in windows
        ]
        completions = await self._complete(prompts)
        resolved: list[tuple[Window, Resolution]] = []
        findings: list[Finding] = []
        for window, completion in zip(windows, completions, strict=True):
            if completion.finish_reason == "error":
                end = window.start + len(window.text)
                findings.append(
                    Finding("model_error", "reject", completion.error, window.start, end)
                )
            else:
                found = resolve(task, window, completion, document.metadata)
                resolved.append((window, found))
        record = assemble(
            document,
            task.name,
            resolved,
            windows=Windows(len(windows), len(findings)),
            findings=findings,
            trace=self._trace(task, completions),
            ruling=self._ruling(),
        )
        return coded(record, document.text, self.terminology) if self.terminology else record

    async def _complete(self, prompts: Sequence[Prompt]) -> Sequence[Completion]:
        """Ask the model; what it raises about one document costs that document only."""
        model = self.tier.model
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

    def _trace(self, task: Task, completions: Sequence[Completion]) -> Trace:
        return Trace(
            tier=self.tier.name,
            model=self.tier.model.name,
            prompt=task.template.id,
            input_tokens=sum(c.input_tokens for c in completions),
            output_tokens=sum(c.output_tokens for c in completions),
            cost=sum(self.tier.cost(c) for c in completions),
            decision=self._ruling().decision,
        )

    def _ruling(self) -> Ruling:
        if self.max_error is None:
            return Ruling()
        return Ruling("defer", f"{_CERTIFIED_NOTHING} at {self.max_error:g}")


def _tier(config: TierConfig) -> Tier:
    settings = {key: value for key, value in config.model.items() if key != "kind"}
    model = build(config.model["kind"], settings)
    if not config.phi_allowed:
        raise ConfigError(
            f"tier {config.name!r} is not cleared for protected health information",
            mend="set phi_allowed = true only where notes may go",
        )
    return Tier(config.name, model, config.prices.input, config.prices.output)


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
