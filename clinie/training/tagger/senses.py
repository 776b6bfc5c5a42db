"""Training of the ranker of senses, on text made by reverse substitution.

Wherever a text writes a long form out, the short form is put in its place and the long form is the
gold (`clinie.datasets.substitution`). Any text will do: open notes, case reports, abstracts. Short
forms that people really wrote are added where the rules are rather sure of their sense; there the
classifier does not see what the rules say. The inventory is Clinie's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from clinie.datasets import corpora
from clinie.datasets.corpora import CorpusItem, split_of
from clinie.datasets.leaks import clean, held_out
from clinie.datasets.substitution import Substitution
from clinie.models.tagger.classifiers import LinearClassifier
from clinie.models.tagger.senses import RIGHT, WRONG, SenseRanker, Surroundings, sense_key
from clinie.schema import Document
from clinie.tasks.acronyms.rules import AcronymRules
from clinie.text.senses import shipped
from clinie.training.tagger.linear import Example, cross_fit, fit, temperature_of

__all__ = ["Case", "cases", "ruled", "sense_documents", "train_senses"]

CLASSES = (WRONG, RIGHT)
BUCKETS = 1 << 16
PENALTY = 5e-5
SURE = 0.8  # the rules' confidence from which their sense is learnt from
RULED = 0.5  # what such a case counts
_NO_SENSE = -1e4  # the score of a column that a short form has no sense for


@dataclass(frozen=True, slots=True)
class Case:
    """A short form whose sense is known.

    Parameters
    ----------
    document : str
        Its document's id.
    form : str
    names : tuple of str
        All senses that it may have.
    rows : tuple of tuple of str
        The features of each.
    gold : int
        Number of the right one.
    weight : float
    """

    document: str
    form: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    gold: int
    weight: float = 1.0

    def examples(self) -> Iterator[Example]:
        """Yield one example per sense."""
        for number, row in enumerate(self.rows):
            yield Example(row, CLASSES[number == self.gold], self.document, self.weight)


def cases(items: Iterable[CorpusItem]) -> Iterator[Case]:
    """Yield the short forms of made texts, as the ranker would see them.

    Parameters
    ----------
    items : iterable of CorpusItem
        Texts with spans ``acronym`` that have a ``sense``, as of
        `~clinie.datasets.substitution.Substitution` with the shipped inventory.
    """
    inventory = shipped()
    rules = AcronymRules(inventory)
    for item in items:
        text = item.document.text
        said = {found["start"]: found for found in rules(text)}
        surroundings = Surroundings(text)
        for span in item.spans:
            senses = inventory.senses(span.text)
            names = tuple(sense.name for sense in senses)
            if len(names) > 1 and span.attributes["sense"] in names:
                rows = surroundings.features(
                    span.start, span.end, span.text, senses, said.get(span.start, {})
                )
                gold = names.index(str(span.attributes["sense"]))
                yield Case(item.document.id, span.text, names, tuple(map(tuple, rows)), gold)


def ruled(documents: Iterable[Document]) -> Iterator[Case]:
    """Yield the short forms of real texts whose sense the rules are rather sure of."""
    inventory = shipped()
    rules = AcronymRules(inventory)
    for document in documents:
        surroundings = Surroundings(document.text)
        for item in rules(document.text):
            form, start = item["text"], item["start"]
            senses = inventory.senses(form)
            names = tuple(sense.name for sense in senses)
            if len(names) > 1 and item["sense"] in names and item["confidence"] >= SURE:
                rows = surroundings.features(start, start + len(form), form, senses, None)
                gold = names.index(item["sense"])
                yield Case(document.id, form, names, tuple(map(tuple, rows)), gold, RULED)


def sense_documents(open_notes: Iterable[Document]) -> Iterator[Document]:
    """Yield the texts whose senses the shipped ranker learns.

    Notes whose id falls in the test part (`~clinie.datasets.corpora.split_of`) are left out: the
    figures of `benchmarks.acronyms` are computed on them. So are near copies of texts that any
    figures are computed on.

    Parameters
    ----------
    open_notes : iterable of Document
        Notes that no figure is computed on otherwise.
    """
    yield from clean(_sense_documents(open_notes), held_out())


def _sense_documents(open_notes: Iterable[Document]) -> Iterator[Document]:
    yield from (note for note in open_notes if split_of(note.id) == "train")
    yield from (item.document for item in corpora.maccrobat("train"))
    yield from (item.document for item in corpora.phee("train"))
    for name in ("ncbi-disease", "bc5cdr"):
        for part in ("train", "devel"):
            yield from (item.document for item in corpora.bioc_iob(name, part))


def train_senses(documents: Iterable[Document]) -> SenseRanker:
    """Train a ranker, its probabilities calibrated on folds of whole documents.

    Parameters
    ----------
    documents : iterable of Document
        Texts that write long forms out; they need no gold.
    """
    documents = list(documents)
    made = map(Substitution(shipped()), documents)
    found = list(cases(item for item in made if item.spans))
    others = list(ruled(documents))
    given = list(chain.from_iterable(case.examples() for case in found))
    added = list(chain.from_iterable(case.examples() for case in others))
    known = {sense_key(case.form, case.names[case.gold]) for case in (*found, *others)}
    temperature = _temperature(found, given, added)
    return SenseRanker(_fit([*given, *added]).tempered(temperature), frozenset(known))


def _fit(examples: Sequence[Example]) -> LinearClassifier:
    """Fit the classifier that tells right senses from wrong ones."""
    return fit(examples, CLASSES, buckets=BUCKETS, penalty=PENALTY)


def _temperature(
    found: Sequence[Case], given: Sequence[Example], added: Sequence[Example]
) -> float:
    """Return the temperature under which the shares of a short form's senses fit best.

    Parameters
    ----------
    found : sequence of Case
        Those that it is measured on.
    given : sequence of Example
        Theirs.
    added : sequence of Example
        What is learnt besides, a document's own left out when it is measured on.
    """

    def train(kept: Sequence[Example]) -> LinearClassifier:
        groups = {example.group for example in kept}
        return _fit([*kept, *(example for example in added if example.group in groups)])

    scores = np.zeros(len(given), dtype=np.float32)
    for number, logits in cross_fit(given, train):
        scores[number] = logits[CLASSES.index(RIGHT)] - logits[CLASSES.index(WRONG)]
    table = np.full((len(found), max(len(c.names) for c in found)), _NO_SENSE, dtype=np.float32)
    at = 0
    for row, case in enumerate(found):
        table[row, : len(case.names)] = scores[at : at + len(case.names)]
        at += len(case.names)
    return temperature_of(table, np.array([case.gold for case in found]))
