"""Near copies: texts for training that also stand, in whole or in large part, in a test.

One abstract may be in several corpora, and notes are written from templates. Two texts are near
copies of each other when at least half of the word sequences (`WORDS` words long) of the shorter
one stand in the other, and at least `LEAST` of them do. Letter case, marks and spacing do not
count. Texts of fewer than ``WORDS + LEAST - 1`` words ("None.", "No known drug allergies.") tell
nothing and are never near copies.

The sequences are compared exactly, without sampling, in time linear in the words of both sides.

References
----------
Broder AZ. On the resemblance and containment of documents. SEQUENCES 1997 (containment of
shingles).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from clinie.datasets.catalogue import load
from clinie.schema import Document

__all__ = [
    "LEAST",
    "SHARE",
    "TESTS",
    "WORDS",
    "Held",
    "NearCopy",
    "clean",
    "held_out",
    "near_copies",
]

TESTS = (
    ("aci-bench-medications", "test"),
    ("allergy-notes", "test"),
    ("bc5cdr", "test"),
    ("ebm-nlp", "test"),
    ("maccrobat", "test"),
    ("ncbi-disease", "test"),
    ("negex", "train"),
    ("negex", "test"),
    ("phee", "dev"),
    ("trials", "test"),
    ("vaers", "test"),
)
"""Corpora and parts that figures of shipped models are computed on."""

WORDS = 8
"""Words of a sequence."""
LEAST = 5
"""Shared sequences of a near copy: twelve words in a row."""
SHARE = 0.5
"""Share of the shorter text's sequences that a near copy has at least."""

_WORD = re.compile(r"\w+")
Item = TypeVar("Item")


class NearCopy(NamedTuple):
    """A text for training and the test text that it repeats.

    ``shared`` counts the sequences that both have, ``share`` is their part of the shorter text.
    """

    train: str
    test: str
    shared: int
    share: float


class Held:
    """Test texts, ready to be compared with.

    Parameters
    ----------
    tests : iterable of Document
        Everything that figures are computed on.
    """

    def __init__(self, tests: Iterable[Document]) -> None:
        self._names: list[str] = []
        self._lengths: list[int] = []
        self._holders: dict[int, list[int]] = {}
        for number, document in enumerate(tests):
            found = _sequences(document.text)
            self._names.append(document.id)
            self._lengths.append(len(found))
            for sequence in found:
                self._holders.setdefault(sequence, []).append(number)

    def near_copies(self, document: Document) -> list[NearCopy]:
        """Return the tests that a text repeats, the one with the largest share first."""
        own = _sequences(document.text)
        shared = Counter(number for sequence in own for number in self._holders.get(sequence, ()))
        found = []
        for number, count in shared.items():
            share = count / min(len(own), self._lengths[number])
            if count >= LEAST and share >= SHARE:
                found.append(NearCopy(document.id, self._names[number], count, share))
        return sorted(found, key=lambda copy: (-copy.share, copy.test))


def held_out(*corpora: str) -> Iterator[Document]:
    """Yield every text that figures of shipped models are computed on (`TESTS`).

    Parameters
    ----------
    *corpora : str
        Only of these.

    Raises
    ------
    InputError
        When a corpus is not there.
    """
    for name, part in TESTS:
        if not corpora or name in corpora:
            yield from (item.document for item in load(name, part))


def near_copies(train: Iterable[Document], tests: Iterable[Document]) -> list[NearCopy]:
    """Return every near copy of a test among texts for training, in their order."""
    held = Held(tests)
    return [copy for document in train for copy in held.near_copies(document)]


def clean(
    train: Iterable[Item],
    tests: Iterable[Document] | Held,
    document: Callable[[Item], Document] | None = None,
) -> Iterator[Item]:
    """Yield what may be trained on: the texts that are no near copy of a test.

    Parameters
    ----------
    train : iterable
        Documents, or anything with a ``document``.
    tests : iterable of Document, or Held
        Everything that figures are computed on.
    document : callable, optional
        Returns the document of an element of `train`, for other elements.
    """
    held = tests if isinstance(tests, Held) else Held(tests)
    read = document or _document
    return (item for item in train if not held.near_copies(read(item)))


def _document(item: Any) -> Document:
    found: Document = item if isinstance(item, Document) else item.document
    return found


def _sequences(text: str) -> set[int]:
    """Return the word sequences of a text, each as its hash within this process."""
    words: Sequence[str] = _WORD.findall(text.casefold())
    return set(map(hash, zip(*(words[at:] for at in range(WORDS)), strict=False)))
