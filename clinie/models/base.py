"""The one interface of everything that answers prompts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from clinie.prompts.base import Prompt

__all__ = ["Capabilities", "Completion", "FinishReason", "Model", "TokenLogprob"]

FinishReason = Literal["stop", "length", "error"]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a model can give; methods that need more of a model ask here first.

    Parameters
    ----------
    logprobs : bool
        Log-probability per output token.
    json_schema : bool
        Output constrained to a JSON schema.
    offsets : bool
        Answers state ``start`` offsets (still verified like any other claim).
    hidden_states, logits : bool
        Access to internals, for token-level collaboration.
    max_characters : int, optional
        Longest window, in code points; None for no limit.
    tasks : frozenset of str, optional
        Versioned names of the tasks that it can answer; None for any. It is not asked for others.
    needs_rules : bool
        It answers by a task's own rules, and so only tasks that have some.
    """

    logprobs: bool = False
    json_schema: bool = False
    offsets: bool = False
    hidden_states: bool = False
    logits: bool = False
    max_characters: int | None = None
    tasks: frozenset[str] | None = None
    needs_rules: bool = False

    def __post_init__(self) -> None:
        if self.max_characters is not None and self.max_characters < 1:
            raise ValueError("max_characters must be at least 1")


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """An output token: its place in ``Completion.text`` (code points) and log-probability."""

    start: int
    end: int
    logprob: float


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer to one prompt.

    Parameters
    ----------
    text : str
        The answer; where the prompt primed a prefix, the text starts with that prefix.
    finish_reason : {"stop", "length", "error"}
        ``length``: cut off; ``error``: the request failed for good and ``error`` says why.
    input_tokens, output_tokens : int
    cost : float
        In the currency of the configuration.
    logprobs : tuple of TokenLogprob, optional
    error : str
        One line without note text; empty unless ``finish_reason`` is ``error``.
    """

    text: str = field(repr=False)
    finish_reason: FinishReason = "stop"
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    logprobs: tuple[TokenLogprob, ...] | None = field(default=None, repr=False)
    error: str = ""


class Model(Protocol):
    """Answers prompts: rules, a local network, a remote server or a recorded run.

    Attributes
    ----------
    name : str
        Versioned name, ``rules@1``; it stands in every record's trace.
    capabilities : Capabilities
    """

    name: str
    capabilities: Capabilities

    async def complete(self, prompts: Sequence[Prompt]) -> Sequence[Completion]:
        """Answer every prompt, in order.

        A prompt that fails yields a completion with ``finish_reason="error"``; an exception
        means that the model as a whole cannot be used.
        """
        ...
