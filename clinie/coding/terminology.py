"""A terminology: terms, the codes they stand for, and the labels they may code."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from clinie.coding.spelling import numbers_agree, plurals, singulars, spellings
from clinie.coding.store import Index, Strings
from clinie.schema import Extraction, Span

__all__ = ["ANYTHING", "Code", "Scope", "Terminology", "TerminologyBuilder", "coded"]

Code = dict[str, str]
"""``system``, ``code``, ``display``, and ``match``: how the term was found."""

Match = Literal["exact", "normalized"]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which labels a concept may code.

    Parameters
    ----------
    labels : frozenset of str, optional
        These only; None for all.
    excluded : frozenset of str
        All but these.
    """

    labels: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()

    def allows(self, label: str) -> bool:
        """Tell whether a span of this label may get the concept's code."""
        return (self.labels is None or label in self.labels) and label not in self.excluded


ANYTHING = Scope()


class TerminologyBuilder:
    """Takes concepts and their terms one by one; `build` makes them searchable."""

    def __init__(self) -> None:
        self.strings = Strings()
        self.systems: dict[str, int] = {}
        self.scopes: dict[Scope, int] = {}
        self.standard = bytearray()
        self.concepts = [array("I") for _ in range(4)]  # system, code, display, scope
        self.terms = [array("I") for _ in range(2)]  # its words, its concept
        self._keys = array("q")
        self._filed = array("I")

    def add(
        self,
        system: str,
        code: str,
        term: str,
        *,
        display: str = "",
        scope: Scope = ANYTHING,
        standard: bool = True,
    ) -> int:
        """Take a concept with its first term, and return its number.

        Parameters
        ----------
        system, code, term : str
        display : str
            What to show for the code; by default the term.
        scope : Scope
        standard : bool
            Comes before concepts that are not, when a term stands for several.
        """
        words = self.strings.append(term)
        row = (
            self.systems.setdefault(system, len(self.systems)),
            self.strings.append(code),
            self.strings.append(display) if display and display != term else words,
            self.scopes.setdefault(scope, len(self.scopes)),
        )
        for column, value in zip(self.concepts, row, strict=True):
            column.append(value)
        self.standard.append(standard)
        self._file(words, term, len(self.standard) - 1)
        return len(self.standard) - 1

    def name(self, concept: int, term: str) -> None:
        """Take another term of a concept."""
        if term != self.strings[self.concepts[2][concept]]:
            self._file(self.strings.append(term), term, concept)

    def _file(self, words: int, term: str, concept: int) -> None:
        number = len(self.terms[0])
        self.terms[0].append(words)
        self.terms[1].append(concept)
        for key in spellings(term):
            self._keys.append(hash(key))
            self._filed.append(number)

    def build(self) -> Terminology:
        """Return the terminology; the builder is spent."""
        return Terminology(self, Index(self._keys, self._filed))


class Terminology:
    """Finds the codes of a term; made by `clinie.coding.load`.

    Notes
    -----
    A lookup takes time linear in the length of the term, whatever the number of terms, but for
    the logarithm of a binary search.
    """

    def __init__(self, rows: TerminologyBuilder, index: Index) -> None:
        self._strings = rows.strings
        self._systems, self._scopes = tuple(rows.systems), tuple(rows.scopes)
        self._standard = rows.standard
        self._system, self._code, self._display, self._scope = rows.concepts
        self._words, self._concept = rows.terms
        self._index = index

    def __len__(self) -> int:
        """Count the terms."""
        return len(self._words)

    def find(self, term: str, label: str) -> tuple[Code, ...]:
        """Return every code that a term stands for, on a span of this label.

        Concepts named exactly like the term exclude those named like it only after
        normalisation, and these exclude those that agree but for the plural. Between concepts
        that are left there is no choice: all are returned, the standard ones first, then by
        system and code.

        Parameters
        ----------
        term, label : str

        Returns
        -------
        tuple of dict
            ``system``, ``code``, ``display``, and ``match``: ``exact`` or ``normalized``.
        """
        keys = spellings(term)
        found = self._terms(keys, label)
        exact = [number for number in found if self._strings[self._words[number]] == term]
        if exact:
            return self._codes(exact, "exact")
        return self._codes(found or self._other_number(term, keys, label), "normalized")

    def _terms(
        self, keys: Iterable[str], label: str, fits: Callable[[str], bool] = lambda _: True
    ) -> list[int]:
        """Return the numbers of the terms with one of these keys, in the order of the files."""
        found = set()
        for key in keys:
            for number in self._index[hash(key)]:
                if self._scopes[self._scope[self._concept[number]]].allows(label):
                    words = self._strings[self._words[number]]
                    if key in spellings(words) and fits(words):  # two keys may have one hash
                        found.add(number)
        return sorted(found)

    def _other_number(self, term: str, keys: Iterable[str], label: str) -> list[int]:
        many = [other for key in keys for other in plurals(key)]
        one = [other for key in keys for other in singulars(key)]
        return sorted(
            {
                *self._terms(many, label, lambda words: numbers_agree(term, words)),
                *self._terms(one, label, lambda words: numbers_agree(words, term)),
            }
        )

    def _codes(self, numbers: Iterable[int], match: Match) -> tuple[Code, ...]:
        return tuple(
            {"system": system, "code": code, "display": display, "match": match}
            for (system, code), (_, display) in sorted(
                self._concepts(numbers).items(), key=lambda entry: (entry[1][0], entry[0])
            )
        )

    def _concepts(self, numbers: Iterable[int]) -> dict[tuple[str, str], tuple[bool, str]]:
        """Return, once per code, whether it is not standard, and what to show for it."""
        concepts: dict[tuple[str, str], tuple[bool, str]] = {}
        for number in numbers:
            concept = self._concept[number]
            system = self._systems[self._system[concept]]
            code = self._strings[self._code[concept]]
            display = self._strings[self._display[concept]]
            concepts.setdefault((system, code), (not self._standard[concept], display))
        return concepts


def coded(extraction: Extraction, text: str, terminology: Terminology) -> Extraction:
    """Return the record with the codes of its spans.

    A discontinuous span is looked up by its fragments, joined by spaces; an acronym by the sense
    it has here, and not at all when that is not known: its short form may stand for another.

    Parameters
    ----------
    extraction : Extraction
    text : str
        The note.
    terminology : Terminology
    """
    is_acronym = extraction.task.partition("@")[0] == "acronyms"

    def words(span: Span) -> str | None:
        if is_acronym:
            return span.attributes.get("sense")
        pieces = span.fragments or ((span.start, span.end),)
        return " ".join(text[start:end] for start, end in pieces)

    def spans() -> Iterator[Span]:
        for span in extraction.spans:
            term = words(span)
            codes = terminology.find(term, span.label) if term else ()
            yield replace(span, codes=codes) if codes else span

    return replace(extraction, spans=tuple(spans()))
