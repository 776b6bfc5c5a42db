"""Neighbours of a text: the same words but for terms of one group of a lexicon.

Two texts are neighbours when they become equal once every term is replaced by the name of its
group. That is an equivalence, so a neighbourhood is symmetric by construction, as the theory of
weak-to-strong generalization asks (`clinie.training.weak.expansion`).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from clinie.text.lexica import TermLexicon, TermMatch, load_tsv
from clinie.text.tokens import tokenize

__all__ = ["Oracle", "Substitution", "synonym_groups", "typed_groups"]


class Oracle(Protocol):
    """Gives neighbours of a text; of two texts either is a neighbour of the other, or neither."""

    def sample(self, text: str, count: int, rng: random.Random) -> list[str]:
        """Return up to `count` neighbours, drawn at random."""
        ...

    def find(self, text: str, wanted: Callable[[str], bool], rng: random.Random) -> str | None:
        """Return a neighbour that is as wanted, or None."""
        ...


class Substitution:
    """Replaces terms by others of their group.

    Parameters
    ----------
    groups : Mapping of str to str
        Term to the name of its group; a group of one term is left out. Members of a group must
        not change the right label of a text: synonyms never do, terms of one type only where
        nothing but the type counts.

    Raises
    ------
    ValueError
        If no group has two terms.
    """

    def __init__(self, groups: Mapping[str, str]) -> None:
        members: dict[str, list[str]] = defaultdict(list)
        for term, group in groups.items():
            members[group].append(term)
        self._members = {group: sorted(terms) for group, terms in members.items() if len(terms) > 1}
        if not self._members:
            raise ValueError("no group of terms has two members")
        known = {term: group for group, terms in self._members.items() for term in terms}
        self._lexicon = TermLexicon(known)

    def canonical(self, text: str) -> str:
        """Return what all neighbours of a text have in common."""
        pieces: list[str] = []
        position = 0
        for site in self._lexicon.find(text):
            pieces += [word.text.lower() for word in tokenize(text[position : site.start])]
            pieces.append(f"\0{site.value}")
            position = site.end
        pieces += [word.text.lower() for word in tokenize(text[position:])]
        return " ".join(pieces)

    def are_neighbours(self, one: str, other: str) -> bool:
        """Tell whether two texts differ in nothing but terms of one group each."""
        return self.canonical(one) == self.canonical(other)

    def sample(self, text: str, count: int, rng: random.Random) -> list[str]:
        """Return up to `count` neighbours, every term replaced by one drawn from its group.

        A text without terms has no neighbour but itself, and none is returned.
        """
        sites = self._lexicon.find(text)
        if not sites:
            return []
        drawn = (
            _replaced(text, [(site, rng.choice(self._members[site.value])) for site in sites])
            for _ in range(count)
        )
        return self._checked(text, drawn)

    def find(
        self, text: str, wanted: Callable[[str], bool], rng: random.Random, tries: int = 200
    ) -> str | None:
        """Return a neighbour that differs in one term and is as wanted, or None.

        Parameters
        ----------
        text : str
        wanted : callable
        rng : random.Random
            Settles the order in which terms are tried.
        tries : int
            Most neighbours that are looked at.
        """
        options = [
            (site, term) for site in self._lexicon.find(text) for term in self._members[site.value]
        ]
        rng.shuffle(options)
        for site, term in options[:tries]:
            other = _replaced(text, [(site, term)])
            if other != text and wanted(other) and self.are_neighbours(text, other):
                return other
        return None

    def _checked(self, text: str, others: Iterator[str]) -> list[str]:
        """Keep what reads back as a neighbour: words may grow together into another term."""
        canonical = self.canonical(text)
        return [other for other in others if self.canonical(other) == canonical]


def synonym_groups() -> dict[str, str]:
    """Return synonyms of Clinie's own lexica: drugs by ingredient, short forms by their sense.

    Drug names that are also ordinary words, and short forms with several senses, are left out.
    """
    groups = {
        row["name"]: f"drug {row['ingredient']}"
        for row in load_tsv("drugs.tsv")
        if not row["ambiguous"]
    }
    senses: dict[str, list[str]] = defaultdict(list)
    for row in load_tsv("senses.tsv"):
        senses[row["short_form"]].append(row["sense"])
    for forms, meant in senses.items():
        if len(meant) == 1 and meant[0] != "-":
            for term in (*forms.split(";"), meant[0]):
                groups.setdefault(term, f"sense {meant[0]}")
    return groups


def typed_groups() -> dict[str, str]:
    """Return terms of one type: problems of one organ system, drugs of one class.

    For labels that depend on the kind of what is named only, such as the kind of a section.
    """
    problems = {
        row["term"]: f"problem {row['group']}"
        for row in load_tsv("problems.tsv")
        if not row["mark"]
    }
    drugs = {
        row["name"]: f"drug {row['class']}"
        for row in load_tsv("drugs.tsv")
        if not row["ambiguous"] and row["class"]
    }
    return drugs | problems


def _replaced(text: str, terms: list[tuple[TermMatch[str], str]]) -> str:
    pieces: list[str] = []
    position = 0
    for site, term in terms:
        pieces += [text[position : site.start], term]
        position = site.end
    return "".join([*pieces, text[position:]])
