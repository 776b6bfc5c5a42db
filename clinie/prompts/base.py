"""What a model is asked: a window of a note, a template, and the prompt they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

__all__ = ["Example", "Message", "Prompt", "Rules", "Template", "Window"]

Rules = Callable[..., Sequence[Mapping[str, Any]] | Mapping[str, Any]]
"""Reads a text by rules and returns items of the canonical JSON grammar, in text order.

Rules that also make statements about the document return the whole object instead:
``{"items": [...], "no_known_allergies": true}``. Rules with a parameter ``metadata`` are given the
document's, as a question about the text may stand there.
"""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a note that is read in one go.

    Parameters
    ----------
    text : str
        The characters of the window: ``document.text[start:start + len(text)]``.
    start : int
        Offset of the window in the document, in code points.
    """

    text: str = field(repr=False)
    start: int = 0

    @property
    def stretch(self) -> tuple[int, int]:
        """Where it begins and ends in the document."""
        return self.start, self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a chat prompt; ``role`` is system, user or assistant."""

    role: str
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: a short note and the right answer in the template's output grammar."""

    text: str
    answer: str


class Template(Protocol):
    """How a task is put in words (the shipped kind is `clinie.prompts.template.JinjaTemplate`)."""

    @property
    def id(self) -> str:
        """``task@version`` for a task's default form, ``task@version/form`` for the others."""
        ...

    @property
    def stop(self) -> tuple[str, ...]:
        """Strings at which generation ends."""
        ...

    @property
    def examples(self) -> tuple[Example, ...]:
        """The worked examples that the prompt shows."""
        ...

    @property
    def instructions(self) -> str:
        """The constant part, the same for every note."""
        ...

    def render(
        self, window: Window, metadata: Mapping[str, Any] | None = None
    ) -> tuple[Message, ...]:
        """Return the messages, the constant part first (prefix caching).

        ``metadata`` is what travelled with the document. A last message of role ``assistant`` is
        the start of the answer, written for the model.
        """
        ...


@dataclass(frozen=True)
class Prompt:
    """One question to one model: a task, a window of a note, and how to put it in words.

    A language model reads ``messages``, which are rendered only when asked for; a rule-based
    model applies the task's own ``rules`` to the window.
    """

    task: str
    window: Window
    template: Template
    document_id: str = ""
    rules: Rules | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """The rendered messages."""
        return self.template.render(self.window, self.metadata)

    @property
    def prefix(self) -> str:
        """The start of the answer that the prompt has already written; empty if none."""
        last = self.messages[-1]
        return last.content if last.role == "assistant" else ""
