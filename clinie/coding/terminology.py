"""A terminology: terms, the codes they stand for, and the labels they may code."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from clinie.coding.spelling import is_plural, sketch, spellings
from clinie.coding.store import Index, Strings
from clinie.schema import Extraction, Span

__all__ = ["ANYTHING", "Code", "Scope", "Terminology", "TerminologyBuilder", "coded"]

Code = dict[str, str]
"""``system``, ``code``, ``display``, and ``match``: how the term was found."""

_EXACT, _NORMALIZED, _PLURAL = range(3)


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
    """Takes concepts and their terms one by one; `build` makes them searchable.

    One column each for what a concept has (``system``, ``code``, ``display``, ``scope``,
    ``standard``) and for what a term has (``words``, ``concept``), all by number.
    """

    def __init__(self) -> None:
        self.strings = Strings()
        self.systems: dict[str, int] = {}
        self.scopes: dict[Scope, int] = {}
        self.standard = bytearray()
        self.system, self.code, self.display, self.scope = (array("I") for _ in range(4))
        self.words, self.concept = array("I"), array("I")
        self._sketches = array("q")

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
        concept = len(self.standard)
        self.system.append(self.systems.setdefault(system, len(self.systems)))
        self.code.append(self.strings.append(code))
        differs = display and display != term
        self.display.append(self.strings.append(display) if differs else words)
        self.scope.append(self.scopes.setdefault(scope, len(self.scopes)))
        self.standard.append(standard)
        self._file(words, term, concept)
        return concept

    def name(self, concept: int, term: str) -> None:
        """Take another term of a concept."""
        if term != self.strings[self.display[concept]]:
            self._file(self.strings.append(term), term, concept)

    def _file(self, words: int, term: str, concept: int) -> None:
        self.words.append(words)
        self.concept.append(concept)
        self._sketches.append(hash(sketch(term)))

    def build(self) -> Terminology:
        """Return the terminology; the builder is spent."""
        return Terminology(self, Index(self._sketches, array("I", range(len(self.words)))))


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
        self._system, self._code = rows.system, rows.code
        self._display, self._scope = rows.display, rows.scope
        self._words, self._concept = rows.words, rows.concept
        self._index = index

    def __len__(self) -> int:
        """Count the terms."""
        return len(self._words)

    def find(self, term: str, label: str) -> tuple[Code, ...]:
        """Return every code that a term stands for, on a span of this label.

        In each system, concepts named exactly like the term exclude those named like it only
        after normalisation, and these exclude those that agree but for the plural. Between
        concepts that are left there is no choice: all are returned, the standard ones first,
        then by system and code.

        Parameters
        ----------
        term, label : str

        Returns
        -------
        tuple of dict
            ``system``, ``code``, ``display``, and ``match``: ``exact`` or ``normalized``.
        """
        ranks: dict[int, int] = {}
        best: dict[int, int] = {}
        for number in self._index[hash(sketch(term))]:
            concept = self._concept[number]
            if self._scopes[self._scope[concept]].allows(label):
                rank = _closeness(term, self._strings[self._words[number]])
                if rank is not None:
                    system = self._system[concept]
                    ranks[number], best[system] = rank, min(rank, best.get(system, rank))
        return self._codes(
            {n: r for n, r in ranks.items() if r == best[self._system[self._concept[n]]]}
        )

    def _codes(self, ranks: Mapping[int, int]) -> tuple[Code, ...]:
        """Return the codes of these terms, once each, in the words of the first row."""
        found: dict[tuple[str, str], tuple[bool, Code]] = {}
        for number in sorted(ranks):
            concept = self._concept[number]
            code: Code = {
                "system": self._systems[self._system[concept]],
                "code": self._strings[self._code[concept]],
                "display": self._strings[self._display[concept]],
                "match": "exact" if ranks[number] == _EXACT else "normalized",
            }
            other = not self._standard[concept]
            found.setdefault((code["system"], code["code"]), (other, code))
        order = sorted(found, key=lambda name: (found[name][0], name))
        return tuple(found[name][1] for name in order)


def _closeness(term: str, words: str) -> int | None:
    """Return how close a term of a file is to the one asked for; None when it is another."""
    if words == term:
        return _EXACT
    if not frozenset(spellings(term)).isdisjoint(spellings(words)):
        return _NORMALIZED
    return _PLURAL if is_plural(term, words) or is_plural(words, term) else None


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
