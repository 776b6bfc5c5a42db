"""Resolver programs: an answer goes in, grounded and checked items come out.

A program is a tuple of small named steps that work on one sheet (`State`). The same steps serve
every task; a task lists the ones it needs, in order.
"""

from __future__ import annotations

from dataclasses import dataclass

from clinie.resolvers.items import Answer, Item, Question, State, Statement, Step
from clinie.schema import Finding

__all__ = ["Program", "Resolution"]


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a program made of one answer.

    Parameters
    ----------
    items : tuple of Item
        Grounded items; offsets are relative to the window.
    labels : tuple of Statement
        Document labels.
    findings : tuple of Finding
        One for every item dropped or doubtful; offsets relative to the window.
    """

    items: tuple[Item, ...]
    labels: tuple[Statement, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A named sequence of steps.

    Parameters
    ----------
    name : str
        Versioned with the task whose output grammar it reads.
    steps : tuple of Step
    """

    name: str
    steps: tuple[Step, ...]

    def resolve(self, question: Question, answer: Answer) -> Resolution:
        """Run the steps. Total: any string may be the answer.

        A step brought by a third party that raises is a finding, and nothing it may have left
        half done is kept: an item that has not passed every check is never handed out.
        """
        state = State(question, answer)
        for step in self.steps:
            try:
                step(state)
            except Exception:  # the exception's own text may quote the note
                state.items, state.labels = [], []
                state.find("resolver_error", getattr(step, "__name__", "step"))
                break
        return Resolution(tuple(state.items), tuple(state.labels), tuple(state.findings))
