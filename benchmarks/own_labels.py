"""The tagger in the labels of the corpora that it learnt from, on their test parts.

Each corpus has a head of its own in the network. BC5CDR and NCBI have no document ids: their
intervals resample sentences, which makes them too narrow. A dose is that of a drug when both
mentions are found by the network and the linker ties them. EBM-NLP is scored word by word.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from benchmarks.pico import report
from benchmarks.rows import interval
from clinie.datasets import corpora
from clinie.datasets.abstracts import NONE, TaggedText, ebm_nlp
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.evaluation import Evaluation, evaluate
from clinie.datasets.scoring import Score
from clinie.models.tagger import SHIPPED
from clinie.models.tagger.linking import Linker
from clinie.models.tagger.pairs import Mention as Linkable
from clinie.models.tagger.tagger import Tagger
from clinie.models.tagger.weights import load
from clinie.schema import Document, Extraction, LabelSpec, Relation, RelationSpec, Span, TaskSchema
from clinie.tasks import Task
from clinie.tasks import load as load_task

Spans = Iterable[Span]
PHEE = ("Drug", "Effect", "Disorder", "Dosage", "Route", "Duration", "Freq")
PARTS = {"Dosage": "dosage", "Frequency": "frequency", "Duration": "duration"}


def scheme(name: str, labels: Sequence[str], relations: Sequence[str] = ()) -> Task:
    """Return a corpus's labels as a task, to be scored like one."""
    schema = TaskSchema(
        tuple(map(LabelSpec, labels)),
        tuple(RelationSpec(part, "Medication", part) for part in relations),
    )
    return replace(load_task("conditions"), name=name, schema=schema)


def record(
    document: Document, name: str, spans: Spans, relations: Iterable[Relation] = ()
) -> Extraction:
    return Extraction(document.id, name, tuple(spans), tuple(relations), document=document)


def tagged(tagger: Tagger, head: str, document: Document, labels: Sequence[str]) -> list[Span]:
    """Return the tagger's mentions of some labels."""
    found = tagger.mentions(document.text, [head])[head]
    return [
        Span(
            f"s{n}",
            m.label,
            m.start,
            m.end,
            document.text[m.start : m.end],
            confidence=m.confidence,
        )
        for n, m in enumerate(m for m in found if m.label in labels)
    ]


def own_labels(
    tagger: Tagger, head: str, items: Iterable[CorpusItem], labels: Sequence[str], unit: str
) -> Evaluation:
    """Score the mentions of one head."""
    gold, found = [], []
    for item in items:
        kept = [replace(s, attributes={}) for s in item.spans if s.label in labels]
        gold.append(record(item.document, head, kept))
        found.append(record(item.document, head, tagged(tagger, head, item.document, labels)))
    return evaluate(found, gold, task=scheme(head, labels), unit=unit)


def linked(tagger: Tagger, linker: Linker, items: Iterable[CorpusItem]) -> Evaluation:
    """Score the drugs of case reports, and what modifies them, from the text alone."""
    labels = ("Medication", *PARTS)
    gold, found = [], []
    for item in items:
        spans = {s.id: replace(s, attributes={}) for s in item.spans if s.label in labels}
        ties = [
            Relation(r.id, spans[r.head].label, r.tail, r.head)
            for r in item.relations
            if r.label == "MODIFY" and r.head in spans and r.tail in spans
            if spans[r.head].label in PARTS and spans[r.tail].label == "Medication"
        ]
        kept = {r.tail for r in ties}
        mine = [s for s in spans.values() if s.label == "Medication" or s.id in kept]
        gold.append(record(item.document, "maccrobat", mine, ties))
        found.append(_linked(tagger, linker, item.document, labels))
    return evaluate(found, gold, task=scheme("maccrobat", labels, tuple(PARTS)))


def _linked(
    tagger: Tagger, linker: Linker, document: Document, labels: Sequence[str]
) -> Extraction:
    spans = tagged(tagger, "maccrobat", document, labels)
    mentions = [Linkable(s.start, s.end, PARTS.get(s.label, "medication")) for s in spans]
    links = [
        Relation(f"r{n}", spans[tail].label, spans[head].id, spans[tail].id)
        for n, (head, tail, _) in enumerate(linker.link(document.text, mentions))
    ]
    tied = {link.tail for link in links}
    kept = [s for s in spans if s.label == "Medication" or s.id in tied]
    return record(document, "maccrobat", kept, links)


def rows(title: str, found: Evaluation, *, modes: Sequence[str] = ("strict",)) -> None:
    """Print the spans and relations of an evaluation."""
    print(f"{title}, {found.documents} {found.unit}s")
    for line in found.lines:
        kind, _, mode = line.section.partition(", ")
        if kind in ("spans", "relations") and mode in modes and line.name != "macro" and line.gold:
            p, r, f1 = (line.figures[m] for m in ("precision", "recall", "f1"))
            name = f"{line.name}{' of its drug' if kind == 'relations' else ''}, {mode}"
            print(
                f"  {name:36}{line.gold:>6}{p.value:>8.3f}{r.value:>7.3f}{f1.value:>7.3f}"
                f"   {interval(f1.low, f1.high)}"
            )


def confidence(found: Evaluation) -> None:
    """Print how far the confidences of spans can be believed."""
    for name in ("ece", "auroc"):
        figure = found.figure("confidence", "spans", name)
        print(
            f"  {name.upper():36}{'':21}{figure.value:>7.3f}   {interval(figure.low, figure.high)}"
        )


def by_words(item: TaggedText, spans: Spans) -> dict[str, Score]:
    """Return the counts of an abstract by class, word by word."""
    tags = [NONE] * len(item.tokens)
    starts = [start for start, _ in item.tokens]
    for span in spans:
        at = max(bisect_right(starts, span.start) - 1, 0)
        while at < len(starts) and starts[at] < span.end:
            if item.tokens[at][1] > span.start:
                tags[at] = span.label
            at += 1
    pairs = list(zip(tags, item.tags, strict=True))
    return {
        name: Score(
            tp=pairs.count((name, name)),
            fp=sum(ours == name != gold for ours, gold in pairs),
            fn=sum(gold == name != ours for ours, gold in pairs),
        )
        for name in "PIO"
    }


def main() -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    tensors, described = load(SHIPPED / "notes.safetensors")
    tagger, linker = Tagger(tensors, described), Linker.from_state(tensors)
    print(f"  {'':36}{'gold':>6}{'P':>8}{'R':>7}{'F1':>7}   95 % interval")
    for name, labels in (("bc5cdr", ("Chemical", "Disease")), ("ncbi-disease", ("Disease",))):
        found = own_labels(tagger, name, corpora.bioc_iob(name, "test"), labels, "sentence")
        rows(f"{name}, test", found)
        confidence(found)
    found = linked(tagger, linker, corpora.maccrobat("test"))
    rows("MACCROBAT, test", found, modes=("strict", "relaxed"))
    found = own_labels(tagger, "phee", corpora.phee("dev"), PHEE, "sentence")
    rows("PHEE V2, dev", found)
    confidence(found)
    if (SHIPPED / "pico.safetensors").exists():
        pico = Tagger.from_file(SHIPPED / "pico.safetensors")
        items = list(ebm_nlp("test"))
        report(
            f"EBM-NLP, test, {len(items)} abstracts, by word",
            [by_words(item, tagged(pico, "pico", item.document, "PIO")) for item in items],
        )


if __name__ == "__main__":
    main()
