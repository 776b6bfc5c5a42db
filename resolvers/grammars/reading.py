"""What reading an answer gives."""

from __future__ import annotations

from dataclasses import dataclass, field

from clinie.resolvers.items import Item, Statement
from clinie.schema import Severity

__all__ = ["KEYLESS", "Reading"]

KEYLESS = ""
"""Attribute name under which values without a name wait for `map_labels`, one per line."""


@dataclass(slots=True)
class Reading:
    """What a grammar read in an answer.

    Parameters
    ----------
    items : list of Item
        With the model's own words for labels and values.
    labels : list of Statement
        Document labels.
    notes : list of (code, item, severity)
        What to report as findings.
    said_none : bool
        The answer says in so many words (or with an empty list) that there is nothing.
    """

    items: list[Item] = field(default_factory=list)
    labels: list[Statement] = field(default_factory=list)
    notes: list[tuple[str, Item | str | None, Severity]] = field(default_factory=list)
    said_none: bool = False

    def note(self, code: str, item: Item | str | None, severity: Severity) -> None:
        """Keep something to report."""
        self.notes.append((code, item, severity))
