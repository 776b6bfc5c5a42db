"""What a model is asked: a window of a note, a template, and the prompt they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

__all__ = ["Example", "Message", "Prompt", "Template", "Window"]


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
    """A prompt template: renders a window into messages (see `clinie.prompts.template`)."""

    id: str
    """``task@version`` for a task's default form, ``task@version/form`` for the others."""
    prefix: str
    """The start of the answer, already written for the model (primed answer)."""
    stop: tuple[str, ...]
    """Strings at which generation ends."""
    examples: tuple[Example, ...]
    """Examples that the rendered prompt shows."""

    def render(self, window: Window) -> tuple[Message, ...]:
        """Return the messages, the constant part first (prefix caching)."""
        ...


@dataclass(frozen=True)
class Prompt:
    """One question to one model: a task, a window of a note, and how to put it in words.

    A rule-based model reads ``task`` and ``window``; a language model reads ``messages``, which
    are rendered only when asked for.
    """

    task: str
    window: Window
    template: Template
    document_id: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    json_schema: Mapping[str, Any] | None = field(default=None, repr=False)

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """The rendered messages."""
        return self.template.render(self.window)
