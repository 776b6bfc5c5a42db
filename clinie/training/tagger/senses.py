"""Training of the ranker of senses, on text made by reverse substitution.

Wherever a text writes a long form out, the short form is put in its place and the long form is the
gold (`clinie.datasets.substitution`). Any text will do: open notes, case reports, abstracts. The
inventory is Clinie's own, and so are the rules that the classifier listens to.
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
from clinie.models.tagger.senses import RIGHT, WRONG, SenseRanker, Surroundings
from clinie.schema import Document
from clinie.tasks.acronyms.rules import AcronymRules
from clinie.text.senses import shipped
from clinie.training.tagger.linear import Example, cross_fit, fit, temperature_of

__all__ = ["Case", "cases", "sense_documents", "train_senses"]

CLASSES = (WRONG, RIGHT)
BUCKETS = 1 << 16
PENALTY = 5e-5
_NO_SENSE = -1e4  # the score of a column that a short form has no sense for


@dataclass(frozen=True, slots=True)
class Case:
    """A short form whose sense is known.

    Parameters
    ----------
    document : str
        Its document's id.
    names : tuple of str
        All senses that it may have.
    rows : tuple of tuple of str
        The features of each.
    gold : int
        Number of the right one.
    """

    document: str
    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    gold: int

    def examples(self) -> Iterator[Example]:
        """Yield one example per sense."""
        for number, row in enumerate(self.rows):
            yield Example(row, CLASSES[number == self.gold], self.document)


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
                yield Case(item.document.id, names, tuple(map(tuple, rows)), gold)


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
    made = map(Substitution(shipped()), documents)
    found = list(cases(item for item in made if item.spans))
    given = list(chain.from_iterable(case.examples() for case in found))
    temperature = _temperature(found, given)
    return SenseRanker(_fit(given).tempered(temperature))


def _fit(examples: Sequence[Example]) -> LinearClassifier:
    """Fit the classifier that tells right senses from wrong ones."""
    return fit(examples, CLASSES, buckets=BUCKETS, penalty=PENALTY)


def _temperature(found: Sequence[Case], given: Sequence[Example]) -> float:
    """Return the temperature under which the shares of a short form's senses fit best."""
    scores = np.zeros(len(given), dtype=np.float32)
    for number, logits in cross_fit(given, _fit):
        scores[number] = logits[CLASSES.index(RIGHT)] - logits[CLASSES.index(WRONG)]
    table = np.full((len(found), max(len(c.names) for c in found)), _NO_SENSE, dtype=np.float32)
    at = 0
    for row, case in enumerate(found):
        table[row, : len(case.names)] = scores[at : at + len(case.names)]
        at += len(case.names)
    return temperature_of(table, np.array([case.gold for case in found]))
