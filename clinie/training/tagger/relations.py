"""Training of the linker: case reports, adverse event sentences, and the rules on open notes.

MACCROBAT says which dose, route, frequency and duration modify a drug; PHEE which belong to one
treatment, and its indication. Neither looks like a clinic note. Open notes do, and have no gold:
there the rules' own links are taken, and what the rules say is hidden from the classifier, so that
it learns the layout from them and not to repeat them. Synthetic notes, with gold by construction,
count little: there are many of them, and they resemble one another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from clinie.datasets import corpora
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.leaks import Held, clean, held_out
from clinie.models.tagger.classifiers import LinearClassifier
from clinie.models.tagger.linking import APART, LINKED, Linker
from clinie.models.tagger.pairs import ATTRIBUTES, HEAD, Mention, Pair, Pairs, Stated
from clinie.schema import Document, Extraction, Span
from clinie.tasks.medications.rules import extract
from clinie.text.sig import find_sigs
from clinie.training.tagger.linear import Example, cross_fit, fit, temperature_of

__all__ = [
    "Linked",
    "examples",
    "from_maccrobat",
    "from_phee",
    "from_record",
    "from_rules",
    "sources",
    "train_relations",
]

CLASSES = (APART, LINKED)
MACCROBAT = {
    "Medication": HEAD,
    "Dosage": "dosage",
    "Frequency": "frequency",
    "Duration": "duration",
    "Administration": "route",
}
PHEE = {
    "Drug": HEAD,
    "Dosage": "dosage",
    "Freq": "frequency",
    "Duration": "duration",
    "Route": "route",
    "Disorder": "reason",
}
BUCKETS = 1 << 14
PENALTY = 6e-4
WEIGHT = {"people": 1.0, "made": 0.15, "rules": 1.0}
Source = Literal["people", "made", "rules"]

_TIMING = frozenset(("dosage", "frequency", "duration"))


@dataclass(frozen=True, slots=True)
class Linked:
    """A text with mentions and the links among them.

    Parameters
    ----------
    text, document : str
        The document's id keeps its texts in one fold.
    mentions : tuple of Mention
    pairs : frozenset of Pair
    unclear : frozenset of int
        Attributes of several drugs of which the corpus does not say which.
    source : {"people", "made", "rules"}
        Who said so; of what the rules said, the classifier may not see what the rules say.
    """

    text: str
    document: str
    mentions: tuple[Mention, ...]
    pairs: frozenset[Pair]
    unclear: frozenset[int] = frozenset()
    source: Source = "people"


def from_maccrobat(item: CorpusItem, *, parted: bool = False) -> Linked:
    """Return the drugs of a case report and what modifies them.

    Parameters
    ----------
    item : CorpusItem
    parted : bool
        Part a span that holds a dose and a frequency ("60 mg daily") in two, as our conventions
        do.
    """
    spans = {span.id: span for span in item.spans}
    links = [
        (link.tail, link.head)
        for link in item.relations
        if link.label == "MODIFY"
        and spans[link.tail].label == "Medication"
        and MACCROBAT.get(spans[link.head].label) in ATTRIBUTES
    ]
    tails = {tail for _, tail in links}
    kept = [s for s in item.spans if s.label == "Medication" or s.id in tails]
    return _linked(item.document, kept, MACCROBAT, links, parted=parted)


def from_phee(item: CorpusItem) -> Linked:
    """Return the drugs of a sentence and the attributes of their treatments.

    Which drug of a treatment with several an attribute belongs to, PHEE does not say: it counts
    for all and is `unclear`.
    """
    spans = {span.id: span for span in item.spans}
    parts: dict[str, list[Span]] = defaultdict(list)
    for link in item.relations:
        if spans[link.head].label == "Treatment" and spans[link.tail].label in PHEE:
            parts[link.head].append(spans[link.tail])
    links: list[tuple[str, str]] = []
    shared: set[str] = set()
    for inside in parts.values():
        drugs = [span.id for span in inside if span.label == "Drug"]
        tails = [span.id for span in inside if span.label != "Drug"]
        links += [(drug, tail) for drug in drugs for tail in tails]
        shared.update(tails if len(drugs) > 1 else ())
    indications = {tail for _, tail in links}
    kept = [
        s for s in item.spans if s.label in PHEE and (s.label != "Disorder" or s.id in indications)
    ]
    return _linked(item.document, kept, PHEE, links, unclear=shared)


def _linked(
    document: Document,
    spans: Sequence[Span],
    labels: Mapping[str, str],
    links: Iterable[tuple[str, str]],
    *,
    unclear: Iterable[str] = (),
    parted: bool = False,
) -> Linked:
    mentions: list[Mention] = []
    numbers: dict[str, range] = {}
    for span in spans:
        mention = Mention(span.start, span.end, labels[span.label])
        pieces = _parts(document.text, mention) if parted else [mention]
        numbers[span.id] = range(len(mentions), len(mentions) + len(pieces))
        mentions += pieces
    return Linked(
        document.text,
        document.id,
        tuple(mentions),
        frozenset(Pair(h, t) for head, tail in links for h in numbers[head] for t in numbers[tail]),
        frozenset(number for tail in unclear for number in numbers[tail]),
    )


def _parts(text: str, mention: Mention) -> list[Mention]:
    """Return the dose and the frequency of one span, or the span itself."""
    if mention.label not in _TIMING:
        return [mention]
    start = mention.start
    found = [
        Mention(start + part.start, start + part.end, part.kind)
        for part in find_sigs(text[start : mention.end])
        if part.kind in _TIMING
    ]
    return found if len({part.label for part in found}) > 1 else [mention]


def from_record(record: Extraction, source: Source = "people") -> Linked:
    """Return the mentions and links of a record of ``medications@1`` that has its document.

    Raises
    ------
    ValueError
        If the record has no document.
    """
    if record.document is None:
        raise ValueError(f"the record of {record.document_id} has no document")
    number = {span.id: at for at, span in enumerate(record.spans)}
    return Linked(
        record.document.text,
        record.document_id,
        tuple(Mention(span.start, span.end, span.label) for span in record.spans),
        frozenset(Pair(number[link.head], number[link.tail]) for link in record.relations),
        source=source,
    )


def from_rules(document: Document) -> Linked:
    """Return the rules' own mentions and links of a document without gold."""
    numbers: dict[Mention, int] = {}
    pairs = set()
    for item in extract(document.text):
        drug = Mention(item["start"], item["start"] + len(item["text"]), HEAD)
        head = numbers.setdefault(drug, len(numbers))
        for name in ATTRIBUTES:
            for part in item.get(name, ()):
                mention = Mention(part["start"], part["start"] + len(part["text"]), name)
                pairs.add(Pair(head, numbers.setdefault(mention, len(numbers))))
    return Linked(document.text, document.id, tuple(numbers), frozenset(pairs), source="rules")


def examples(linked: Iterable[Linked]) -> Iterator[Example]:
    """Yield one example per pair; where the rules may be seen, one with and one without them."""
    for text in linked:
        views: list[Stated | None] = [None]
        if text.source != "rules":
            views.append(Stated.of(extract(text.text), text.mentions))
        for view in views:
            pairs = Pairs(text.text, text.mentions, view)
            for pair in pairs:
                if pair.tail not in text.unclear:
                    label = LINKED if pair in text.pairs else APART
                    features = tuple(pairs.features(pair))
                    yield Example(features, label, text.document, WEIGHT[text.source] / len(views))


def train_relations(linked: Iterable[Linked]) -> Linker:
    """Train a linker, its probabilities calibrated on folds of the documents that people read.

    Parameters
    ----------
    linked : iterable of Linked
        See `sources`.
    """
    by_people: list[Example] = []
    others: list[Example] = []
    for text in linked:
        (by_people if text.source == "people" else others).extend(examples([text]))

    def train(kept: Sequence[Example]) -> LinearClassifier:
        return fit([*kept, *others], CLASSES, buckets=BUCKETS, penalty=PENALTY)

    logits = np.zeros((len(by_people), len(CLASSES)), dtype=np.float32)
    for number, held in cross_fit(by_people, train):
        logits[number] = held
    labels = np.array([CLASSES.index(example.label) for example in by_people])
    return Linker(train(by_people).tempered(temperature_of(logits, labels)))


def sources(open_notes: Iterable[Document]) -> Iterator[Linked]:
    """Yield the texts that the shipped linker is trained on, synthetic notes left out.

    Near copies of texts that figures are computed on are left out, too.

    Parameters
    ----------
    open_notes : iterable of Document
        Notes without gold that no figure is computed on.
    """
    held = Held(held_out())
    for item in clean(corpora.maccrobat("train"), held):
        yield from_maccrobat(item)
        yield from_maccrobat(item, parted=True)
    yield from map(from_phee, clean(corpora.phee("train"), held))
    yield from (linked for linked in map(from_rules, clean(open_notes, held)) if linked.pairs)
