"""Where in the note a short form of an answer stands."""

from __future__ import annotations

from collections.abc import Iterator

from clinie.resolvers.checks import copied_from_example, drop_duplicates, reject, wrong_offset
from clinie.resolvers.grounding import NoteIndex, ground
from clinie.resolvers.items import Item, State
from clinie.resolvers.steps.senses import asks_for_senses
from clinie.text.folding import attaches

__all__ = ["ground_short_forms"]

_LONGEST = 40


def ground_short_forms(state: State) -> None:
    """Ground short forms, letter by letter: in place of ``ground_items``.

    A short form stands where its characters do, with no letter joining it but a plural *s*; the
    numbers of ``CKD3a`` and ``34F`` may, which elsewhere would make it a part of a word. It counts
    in its own case before any other. Every mention takes a place of its own: the stated one, else
    the first free one. That the note negates a short form says nothing against it.

    Findings: `ungrounded` and what else `clinie.resolvers.ground` says, `surplus_mention`,
    `wrong_offset`, `copied_from_example`, `duplicate`.
    """
    if not asks_for_senses(state):
        return
    drop_duplicates(state)
    places = _Places(state.question.text)
    for item in sorted(state.items, key=lambda item: item.start is None):
        places.take(item)
    kept = []
    for item in state.items:
        if item.spans:
            wrong_offset(state, item)
            kept.append(item)
        else:
            reject(state, places.refusal(item), item)
    state.items = kept
    copied_from_example(state)


class _Places:
    """The places of each wording, and which of them are taken."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._small = _small(text)
        self._found: dict[str, list[int]] = {}
        self._sets: dict[str, set[int]] = {}
        self._next: dict[str, int] = {}
        self._taken: set[int] = set()
        self._index: NoteIndex | None = None

    def take(self, item: Item) -> None:
        """Give an item its place, if there is one."""
        found = self._of(item.text)
        start = item.start if item.start in self._set(item.text) else None
        if start is None or start in self._taken:
            at = self._next.get(item.text, 0)
            while at < len(found) and found[at] in self._taken:
                at += 1
            self._next[item.text] = at
            start = found[at] if at < len(found) else None
        if start is not None:
            self._taken.add(start)
            item.spans = ((start, start + len(item.text)),)

    def refusal(self, item: Item) -> str:
        """Say why an item has no place."""
        if self._of(item.text):
            return "surplus_mention"
        if self._index is None:
            self._index = NoteIndex(self._text)
        grounding = ground(item.text[:_LONGEST], self._index)
        return next(
            (code for code in grounding.findings if code not in ("ambiguous", "negated_context")),
            "ungrounded",
        )

    def _set(self, wording: str) -> set[int]:
        if wording not in self._sets:
            self._sets[wording] = set(self._of(wording))
        return self._sets[wording]

    def _of(self, wording: str) -> list[int]:
        if wording not in self._found:
            self._found[wording] = list(self._look_up(wording))
        return self._found[wording]

    def _look_up(self, wording: str) -> Iterator[int]:
        """Yield the places of a wording as written, or if there is none, in any case."""
        if not wording or len(wording) > _LONGEST:
            return
        places = list(self._occurrences(self._text, wording))
        yield from places or self._occurrences(self._small, _small(wording))

    def _occurrences(self, text: str, wording: str) -> Iterator[int]:
        at = text.find(wording)
        while at >= 0:
            if _stands_alone(text, at, at + len(wording)):
                yield at
            at = text.find(wording, at + 1)


def _small(text: str) -> str:
    """Return a text in small letters, as long as before."""
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether no letter joins what stands there, a plural *s* excepted."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if before.isalpha() or (before.isalnum() and text[start].isdigit()) or attaches(after):
        return False
    if text[end - 1].isalpha() and after.isalpha():
        return after == "s" and not text[end + 1 : end + 2].isalpha()
    return not (text[end - 1].isdigit() and after.isdigit())
