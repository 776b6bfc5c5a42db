"""Prompt templates as Jinja files.

A file has up to three blocks: ``system`` (instruction and examples: the constant part),
``user`` (the note) and ``answer`` (the start of the answer, written for the model). A file
without blocks is a user message as a whole. The variables are ``note``, ``metadata``, ``labels``,
``relations``, ``document_labels`` and ``examples``; in the constant part the first two are not
defined.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePath
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2 import Template as CompiledTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment

from clinie.errors import ConfigError
from clinie.prompts.base import Example, Message, Window
from clinie.schema import TaskSchema

__all__ = ["JinjaTemplate"]

_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    autoescape=False,
)
_QUOTED = re.compile(r"'([^']*)'(?! object)")
_ROLES = {"system": "system", "user": "user", "answer": "assistant"}


@dataclass(frozen=True)
class JinjaTemplate:
    """A prompt template rendered in Jinja's immutable sandbox.

    Parameters
    ----------
    id : str
        ``medications@1`` or ``medications@1/zero_shot``.
    source : str
        The Jinja source.
    schema : TaskSchema
        Labels and relations that the prompt may list.
    examples : tuple of Example
        Worked examples that the prompt may show.
    stop : tuple of str
        Strings at which generation ends.
    place : PurePath, optional
        File of the source, for error messages.

    Notes
    -----
    The note is a variable, never part of the source: braces in a note stay braces.
    """

    id: str
    source: str = field(repr=False)
    schema: TaskSchema = field(repr=False)
    examples: tuple[Example, ...] = field(default=(), repr=False)
    stop: tuple[str, ...] = ()
    place: PurePath | None = None

    @cached_property
    def _compiled(self) -> CompiledTemplate:
        try:
            return _ENVIRONMENT.from_string(self.source)
        except TemplateError as error:
            raise self._fault(error) from None

    def check(self) -> None:
        """Refuse a file that is not Jinja, before the first note asks for it.

        Raises
        ------
        ConfigError
            Names file and line.
        """
        try:
            _ENVIRONMENT.parse(self.source)
        except TemplateError as error:
            raise self._fault(error) from None

    @cached_property
    def instructions(self) -> str:
        """The rendered ``system`` block; empty when the file has none."""
        return self._render("system", {}) if "system" in self._compiled.blocks else ""

    def render(
        self, window: Window, metadata: Mapping[str, Any] | None = None
    ) -> tuple[Message, ...]:
        """Return the messages for a window: system, user, and the primed answer if any.

        Raises
        ------
        ConfigError
            When the template uses a variable that does not exist; names file and line.
        """
        blocks = self._compiled.blocks
        variables = {"note": window.text, "metadata": dict(metadata or {})}
        if not blocks:
            return (Message("user", self._render(None, variables)),)
        messages = []
        for block, role in _ROLES.items():
            if block in blocks:
                given = variables if block == "user" else {}
                content = self.instructions if block == "system" else self._render(block, given)
                messages.append(Message(role, content))
        return tuple(messages)

    def _render(self, block: str | None, variables: dict[str, Any]) -> str:
        values = {
            "labels": self.schema.labels,
            "relations": self.schema.relations,
            "document_labels": self.schema.document_labels,
            "examples": self.examples,
            **variables,
        }
        try:
            if block is None:
                return self._compiled.render(values).strip()
            context = self._compiled.new_context(values)
            return "".join(self._compiled.blocks[block](context)).strip("\n")
        except Exception as error:  # of a filter or an operator; its text may quote the note
            raise self._fault(error) from None

    def _fault(self, error: Exception) -> ConfigError:
        line = getattr(error, "lineno", None)
        place = f"{self.place or self.id}{f':{line}' if line else ''}"
        what = error.message if isinstance(error, TemplateError) else None
        if not what or not self._is_own(what):
            what = type(error).__name__
        return ConfigError(
            f"{place}: the template cannot be rendered: {what}",
            mend="mend the Jinja; docs/tasks.md lists the variables",
        )

    def _is_own(self, message: str) -> bool:
        """Tell whether an error quotes the template only, nothing of the note."""
        return '"' not in message and all(q in self.source for q in _QUOTED.findall(message))
