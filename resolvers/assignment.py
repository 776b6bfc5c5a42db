"""Which mention takes which occurrence, when many mentions share a note."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from clinie.resolvers.index import Candidate, Spans

__all__ = ["Claims"]


class Claims:
    """Occurrences taken so far; no two mentions hold the same.

    A bipartite matching grown one mention at a time by augmenting paths (Kuhn 1955): a mention
    whose occurrences are all taken makes an earlier one move when that one can, so a mention
    stays without an occurrence only when every assignment leaves as many without.
    """

    def __init__(self) -> None:
        self.held: dict[int, Candidate] = {}
        self._owner: dict[Spans, int] = {}
        self._choices: dict[int, Callable[[], Sequence[Candidate]]] = {}
        self._closed: set[Spans] = set()

    def take_free(
        self, mention: int, candidate: Candidate, choices: Callable[[], Sequence[Candidate]]
    ) -> bool:
        """Give a mention a place when it is free; ``choices`` tells where else it may be moved."""
        if candidate.spans in self._owner:
            return False
        self._choices[mention] = choices
        self._take(mention, candidate)
        return True

    def claim(self, mention: int, choices: Sequence[Candidate]) -> bool:
        """Give a mention the first free one of its choices, moving others if need be.

        Costs at most the number of choices of all mentions that a chain of moves reaches. From
        where one search found no way out no later one does either: those are never visited again.
        """
        self._choices[mention] = lambda: choices
        for candidate in choices:
            if candidate.spans not in self._owner:
                self._take(mention, candidate)
                return True
        return self._augment(mention)

    def _augment(self, mention: int) -> bool:
        """Search breadth first for a chain of moves that ends at a free occurrence."""
        came_from: dict[Spans, tuple[int, Candidate]] = {}
        queue = [mention]
        for current in queue:
            for candidate in self._choices[current]():
                if candidate.spans in came_from or candidate.spans in self._closed:
                    continue
                came_from[candidate.spans] = (current, candidate)
                owner = self._owner.get(candidate.spans)
                if owner is not None:
                    queue.append(owner)
                    continue
                self._move(mention, candidate.spans, came_from)
                return True
        self._closed.update(came_from)
        return False

    def _move(
        self, mention: int, free: Spans, came_from: dict[Spans, tuple[int, Candidate]]
    ) -> None:
        spans = free
        while True:
            mover, candidate = came_from[spans]
            previous = self.held.get(mover)
            self._take(mover, candidate)
            if mover == mention or previous is None:
                return
            spans = previous.spans

    def _take(self, mention: int, candidate: Candidate) -> None:
        self.held[mention] = candidate
        self._owner[candidate.spans] = mention

    def reorder(self, mentions: Sequence[int]) -> None:
        """Hand what identical mentions hold out again, in text order."""
        held = sorted(
            (self.held[m] for m in mentions if m in self.held),
            key=lambda candidate: candidate.spans,
        )
        for mention, candidate in zip([m for m in mentions if m in self.held], held, strict=True):
            self._take(mention, candidate)
