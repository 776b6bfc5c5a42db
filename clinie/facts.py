"""What one tier claims of a document: mentions, links between them, statements.

The windows of a tier become one sheet in document offsets, so that the sheets of two tiers can be
merged whatever windows each of them read.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from clinie.prompts.base import Window
from clinie.resolvers.items import Item
from clinie.resolvers.program import Resolution

__all__ = ["Claim", "Facts", "LinkKey", "MentionKey", "Place", "StatementKey", "gather", "higher"]

Place = tuple[tuple[int, int], ...]
"""Where a mention stands: document offsets of its pieces, in text order."""

MentionKey = tuple[str, Place]
"""A label at a place."""

LinkKey = tuple[str, MentionKey, MentionKey]
"""A relation from a head to a tail."""

StatementKey = tuple[str, str, MentionKey | None]
"""Name and value of a statement about the document, and the mention that it names."""

_Key = TypeVar("_Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Claim:
    """What stands behind one mention, link or statement.

    Parameters
    ----------
    tier : str
        Whose place and attributes these are.
    confidence : float, optional
        The highest that any tier stated; None when none stated one.
    sure : bool
        Whether a tier's confidence reached its own level: no later tier need look.
    attributes : Mapping
        Of a mention only.
    tiers : tuple of str
        All tiers that claim it, in the order asked.
    """

    tier: str
    confidence: float | None = None
    sure: bool = False
    attributes: Mapping[str, str | None] = field(default_factory=dict)
    tiers: tuple[str, ...] = ()

    def joined(self, other: Claim) -> Claim:
        """Return this claim and another one of the same tier for the same item as one.

        What this claim says stands; attributes that only the other has are added.
        """
        return replace(
            self,
            confidence=higher(self.confidence, other.confidence),
            sure=self.sure or other.sure,
            attributes={**other.attributes, **self.attributes},
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything claimed of a document, each item once."""

    mentions: dict[MentionKey, Claim] = field(default_factory=dict)
    links: dict[LinkKey, Claim] = field(default_factory=dict)
    statements: dict[StatementKey, Claim] = field(default_factory=dict)


def gather(resolved: Sequence[tuple[Window, Resolution]], tier: str, sure: float) -> Facts:
    """Put the resolved windows of one tier on one sheet.

    The same label at the same place is one mention, however many heads it is linked to.

    Parameters
    ----------
    resolved : sequence of (Window, Resolution)
    tier : str
        The tier's name.
    sure : float
        The confidence from which on an item is sure. An item without a confidence counts as 0.
    """
    facts = Facts()

    def claim(
        confidence: float | None, attributes: Mapping[str, str | None] | None = None
    ) -> Claim:
        reached = (confidence or 0.0) >= sure
        return Claim(tier, confidence, reached, attributes or {}, (tier,))

    def mention(item: Item, offset: int) -> MentionKey:
        place = tuple((start + offset, end + offset) for start, end in item.spans)
        key = (item.label or "", place)
        _add(facts.mentions, key, claim(item.confidence, item.attributes))
        return key

    for window, resolution in resolved:
        for item in resolution.items:
            head = mention(item, window.start)
            for part in item.parts:
                tail = mention(part, window.start)
                link = (part.relation or part.label or "", head, tail)
                _add(facts.links, link, claim(part.confidence))
        for said in resolution.labels:
            named = mention(said.item, window.start) if said.item else None
            _add(facts.statements, (said.name, said.value, named), claim(said.confidence))
    return facts


def _add(claims: dict[_Key, Claim], key: _Key, claim: Claim) -> None:
    known = claims.get(key)
    claims[key] = known.joined(claim) if known else claim


def higher(one: float | None, other: float | None) -> float | None:
    """Return the higher of two confidences; None when neither is known."""
    known = [value for value in (one, other) if value is not None]
    return max(known) if known else None
