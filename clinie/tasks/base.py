"""A task: a closed label set, templates, a resolver program, and perhaps rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clinie.prompts.base import Rules, Template
from clinie.resolvers.program import Program
from clinie.schema import TaskSchema

__all__ = ["Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """What to look for in a note, how to ask for it, and how to read the answer.

    Parameters
    ----------
    name : str
        Versioned: ``medications@1``.
    description : str
        One line.
    schema : TaskSchema
        Labels, attributes and relations: a closed set.
    templates : Mapping of str to Template
        Prompt forms by name; ``form`` is the one used unless asked otherwise.
    program : Program
        The resolver program.
    form : str
        Name of the default template.
    metrics : tuple of str
        How the task is scored: ``spans``, ``relations``, ``attributes``, ``labels``.
    rules : callable, optional
        The rule-based first rung; None when only a language model can answer.
    """

    name: str
    description: str
    schema: TaskSchema
    templates: Mapping[str, Template]
    program: Program
    form: str
    metrics: tuple[str, ...] = ("spans",)
    rules: Rules | None = None

    @property
    def template(self) -> Template:
        """The default template."""
        return self.templates[self.form]
