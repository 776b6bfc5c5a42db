"""Every reader as the catalogue calls it: a part and a folder in, `CorpusItem` out.

Readers whose corpora need more than that (a question, two candidate names, one tag a token) keep
their own types; here they are read as spans, relations and labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

from clinie.datasets import (
    abstracts,
    allergy_notes,
    clinical_ie,
    coreference,
    corpora,
    crowds,
    i2b2,
    inventories,
    mimic,
    n2c2,
    routing,
    standoff,
    trials,
    vaers,
)
from clinie.datasets.casi import casi
from clinie.datasets.corpora import CorpusItem, corpus_file, split_of
from clinie.schema import Document, Extraction, Label, Relation, Span

__all__ = ["READERS", "Reader"]

Reader = Callable[[str, Path], Iterator[CorpusItem]]

CASI_FILE = "AnonymizedClinicalAbbreviationsAndAcronymsDataSet.txt"


def _texts(documents: Iterable[Document]) -> Iterator[CorpusItem]:
    return (CorpusItem(document) for document in documents)


def _records(records: Iterable[Extraction]) -> Iterator[CorpusItem]:
    for record in records:
        if record.document is not None:
            yield CorpusItem(record.document, record.spans, record.relations, labels=record.labels)


def _tagged(texts: Iterable[abstracts.TaggedText]) -> Iterator[CorpusItem]:
    """Read neighbouring tokens of one tag as one span."""
    for text in texts:
        spans: list[Span] = []
        for tag, run in groupby(zip(text.tags, text.tokens, strict=True), key=lambda pair: pair[0]):
            places = [place for _, place in run]
            if tag != abstracts.NONE:
                start, end = places[0][0], places[-1][1]
                words = text.document.text[start:end]
                spans.append(Span(f"s{len(spans)}", tag, start, end, words))
        yield CorpusItem(text.document, tuple(spans))


def _ambiguous(pairs: Iterable[coreference.Ambiguous]) -> Iterator[CorpusItem]:
    """Read what a pronoun means as a relation from it."""
    for pair in pairs:
        meant = {"first": (pair.first,), "second": (pair.second,), None: ()}[pair.answer]
        relations = (Relation("r0", "antecedent", pair.pronoun.id, name.id) for name in meant)
        yield CorpusItem(pair.document, (pair.pronoun, pair.first, pair.second), tuple(relations))


def _questions(questions: Iterable[trials.Trial]) -> Iterator[CorpusItem]:
    """Read the type of the outcome and the numbers as labels."""
    for question in questions:
        said = {"outcome_type": question.outcome_type, **question.gold}
        labels = (Label(f"l{n}", name, value) for n, (name, value) in enumerate(said.items()))
        yield CorpusItem(question.document, labels=tuple(labels))


def _casi(split: str, folder: Path) -> Iterator[CorpusItem]:
    path = corpus_file("casi", CASI_FILE, folder=folder)
    return (item for item in casi(path) if split_of(item.document.text) == split)


READERS: dict[str, Reader] = {
    "aci-bench": lambda split, folder: _texts(corpora.aci_bench(split, folder)),
    "aci-bench-medications": lambda _, folder: _records(
        standoff.apply("medication_status/adjudicated", corpora.aci_bench(folder=folder))
    ),
    "acronym-inventories": inventories.inventory,
    "allergy-notes": lambda _, folder: _records(allergy_notes.allergy_notes(folder)),
    "bc5cdr": partial(corpora.bioc_iob, "bc5cdr"),
    "bc5cdr-chem": partial(corpora.bioc_iob, "bc5cdr-chem"),
    "bc5cdr-disease": partial(corpora.bioc_iob, "bc5cdr-disease"),
    "casi": _casi,
    "clinical-ie-attributes": clinical_ie.medication_attributes,
    "clinical-ie-coreference": clinical_ie.coreference,
    "clinical-ie-status": clinical_ie.medication_status,
    "crowd-against-expert": crowds.crowd_against_expert,
    "crowdtruth-cause": partial(crowds.crowdtruth, "cause"),
    "crowdtruth-treat": partial(crowds.crowdtruth, "treat"),
    "ebm-nlp": lambda split, folder: _tagged(abstracts.ebm_nlp(split, folder)),
    "ebm-nlp-mod": lambda split, folder: _tagged(abstracts.ebm_nlp_mod(split, folder)),
    "gap": lambda split, folder: _ambiguous(coreference.gap(split, folder)),
    "i2b2-2009": i2b2.medications,
    "i2b2-2010": i2b2.concepts,
    "judges": routing.judges,
    "maccrobat": corpora.maccrobat,
    "mimic-iii": mimic.mimic_iii,
    "mimic-iv-note": mimic.mimic_iv,
    "mmlu": routing.mmlu,
    "mts-dialog": lambda split, folder: _texts(corpora.mts_dialog(split, folder)),
    "mtsamples": vaers.mtsamples,
    "n2c2-2018": n2c2.adverse_drug_events,
    "ncbi-disease": partial(corpora.bioc_iob, "ncbi-disease"),
    "negex": corpora.negex,
    "phee": corpora.phee,
    "pubmed-substitution": inventories.pubmed_substitution,
    "trials": lambda split, folder: _questions(trials.trials(split, folder)),
    "vaers": vaers.vaers,
}
"""By corpus."""
