"""Where rules and tagger find mentions and where they do not: by section, wording and novelty.

Each system is the only tier of a configuration, as a user would name it. Notes annotated in
Clinie's own conventions are scored strictly, the corpora where mentions overlap. F1, and recall
where a slice is known of gold mentions only or a corpus marks only some of its mentions (PHEE). A
spurious mention counts in the slice that it would be in itself. The bundled notes were written
beside the rules: their figures there are on seen data. Intervals at 95 % resample documents,
sentences for PHEE; a slice of fewer than 20 mentions, or with mentions in fewer than 5 documents,
has none, and is no evidence.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

import numpy as np
import numpy.typing as npt

from benchmarks.rows import interval
from clinie.cascade import Cascade
from clinie.config import Config, TierConfig
from clinie.datasets import bundled, catalogue, corpora
from clinie.datasets.resampling import Bootstrap
from clinie.datasets.scoring import Mode, match_spans
from clinie.datasets.standoff import aci_bench_medications
from clinie.models.tagger import SHIPPED
from clinie.schema import Document, Extraction, Span
from clinie.tasks import load as load_task
from clinie.text.lexica import drugs, load_tsv
from clinie.text.sections import sections
from clinie.training import synthetic
from clinie.training.tagger.plans import SEED, SYNTHETIC_NOTES

SYSTEMS = ("rules", "tagger")
ENOUGH, DOCUMENTS = 20, 5

Key = Callable[[Document, Span], str | None]
Counts = npt.NDArray[np.float64]
Statistic = Callable[[Counts], Counts]

KINDS = {
    "charts and results": "observations results",
    "discharge summaries": "discharge",
    "emergency, telephone, triage": "ed obstetric telephone",
    "letters": "allergy genetics letter neurology paediatrics",
    "lists and shorthand": "gp handover medication preop",
    "nursing": "nursing palliative",
    "radiology and pathology": "pathology radiology",
    "trial reports": "trial",
    "vaccine reports": "vaccine",
    "ward and theatre": "dialysis icu oncology operative progress psychiatry",
}
"""Kinds of bundled notes, by the first words of their ids."""


@dataclass(frozen=True, slots=True)
class Read:
    """One document: its gold mentions, and those of each system."""

    document: Document
    gold: tuple[Span, ...]
    found: tuple[tuple[Span, ...], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Documents that all systems have read, and how they are scored."""

    name: str
    read: Sequence[Read]
    mode: Mode
    partial: bool = False  # gold marks only some of the mentions that there are


@cache
def system(kind: str) -> Cascade:
    return Cascade(Config(tiers=(TierConfig(name=kind, model={"kind": kind}, phi_allowed=True),)))


def ask(records: Iterable[Extraction], task: str, labels: Sequence[str]) -> list[Read]:
    """Let every system read the documents of some gold records."""
    spec = load_task(task)

    def kept(record: Extraction) -> tuple[Span, ...]:
        return tuple(span for span in record.spans if span.label in labels)

    async def read(record: Extraction, document: Document) -> Read:
        found = [await system(kind).extract(document, spec) for kind in SYSTEMS]
        return Read(document, kept(record), tuple(map(kept, found)))

    async def all_of() -> list[Read]:
        return [await read(r, r.document) for r in records if r.document]

    return asyncio.run(all_of())


def counts(source: Source, key: Key, *, spurious: bool) -> dict[str, Counts]:
    """Return by slice an array (documents, systems, 3) of right, spurious and missed mentions."""
    shape = (len(source.read), len(SYSTEMS), 3)
    tables: dict[str, Counts] = {}

    def add(place: tuple[int, int, int], name: str | None) -> None:
        if name is not None:
            tables.setdefault(name, np.zeros(shape))[place] += 1

    for row, each in enumerate(source.read):
        for number, found in enumerate(each.found):
            pairs = dict(match_spans(each.gold, found, source.mode))
            for at, span in enumerate(each.gold):
                add((row, number, 0 if at in pairs else 2), key(each.document, span))
            if spurious:
                matched = set(pairs.values())
                for at, span in enumerate(found):
                    if at not in matched:
                        add((row, number, 1), key(each.document, span))
    return tables


def figure(table: Counts, number: int, *, recall: bool) -> Statistic:
    """Return recall or F1 of one system as a function of the documents' weights."""
    right, spurious, missed = table[:, number].T

    def compute(weights: Counts) -> Counts:
        tp, fp, fn = weights @ right, weights @ spurious, weights @ missed
        value: Counts = tp / np.maximum(1, tp + fn) if recall else f1(tp, fp, fn)
        return value

    return compute


def f1(tp: Counts, fp: Counts, fn: Counts) -> Counts:
    value: Counts = 2 * tp / np.maximum(1, 2 * tp + fp + fn)
    return value


def rows(source: Source, key: Key, *, recall: bool = False) -> None:
    """Print a row per slice, those with most mentions first."""
    recall = recall or source.partial
    tables = counts(source, key, spurious=not recall)
    print(f" {source.name}, {source.mode}, {'recall' if recall else 'F1'}")

    def gold(table: Counts) -> int:
        return int(table[:, 0, [0, 2]].sum())

    for name, table in sorted(tables.items(), key=lambda item: (-gold(item[1]), item[0])):
        if gold(table):
            row(name, table, gold(table), recall=recall)


def row(name: str, table: Counts, gold: int, *, recall: bool) -> None:
    statistics = [figure(table, number, recall=recall) for number in range(len(SYSTEMS))]
    rules, tagger = Bootstrap(len(table))(statistics)
    documents = int(table[:, 0, [0, 2]].any(axis=1).sum())
    line = f"  {name:30}{gold:>6}"
    if gold < ENOUGH or documents < DOCUMENTS:
        print(f"{line}{rules.value:>8.3f}{'':16}{tagger.value:>8.3f}{'':16}    too few")
        return
    cells = (f"{s.value:>8.3f} {interval(s.estimate().low, s.estimate().high)}"
             for s in (rules, tagger))  # fmt: skip
    gain = tagger.minus(rules)
    print(f"{line}{''.join(cells)}{gain.value:>+8.3f} {interval(gain.low, gain.high)}")


def by_section(document: Document, span: Span) -> str:
    found = _sections(document.text)
    at = bisect_right(found, span.start, key=lambda section: section[0]) - 1
    return found[at][1].replace("_", " ")


@cache
def _sections(text: str) -> list[tuple[int, str]]:
    return [(section.start, section.kind) for section in sections(text)]


def by_kind(document: Document, _: Span) -> str:
    """Return the kind of note; those of ACI-Bench are of one kind."""
    first = document.id.partition("-")[0]
    return next((kind for kind, words in KINDS.items() if first in words.split()), "visit notes")


def by_assertion(_: Document, span: Span) -> str | None:
    return {"present": "affirmed", "absent": "negated"}.get(
        str(span.attributes.get("assertion")), "possible, family and others"
    )


def by_spelling(_: Document, span: Span) -> str:
    capitals = len(span.text) <= 5 and span.text.isupper()
    return "abbreviated" if capitals or span.text in _abbreviations() else "written out"


@cache
def _abbreviations() -> frozenset[str]:
    return frozenset(row["abbreviation"] for row in load_tsv("drug_abbreviations.tsv"))


def by_novelty(_: Document, span: Span) -> str:
    """Tell whether a name of the lexicon stands in it, or it was in training as a whole."""
    known = drugs().find(span.text) or _name(span.text) in _trained_on()
    return "seen" if known else "unseen"


@cache
def _trained_on() -> frozenset[str]:
    """Return the drugs and chemicals that people marked in training texts, and the made-up ones."""
    marked: Iterator[tuple[str, Iterable[Span]]] = chain(
        (("Chemical", i.spans) for p in ("train", "devel") for i in corpora.bioc_iob("bc5cdr", p)),
        (("Medication", item.spans) for item in corpora.maccrobat("train")),
        (("Drug", item.spans) for item in corpora.phee("train")),
        (
            ("medication", note.gold("medications@1").spans)
            for note in synthetic.notes(SYNTHETIC_NOTES, SEED, part="train")
        ),
    )
    return frozenset(
        _name(span.text) for label, spans in marked for span in spans if span.label == label
    )


def _name(text: str) -> str:
    return " ".join(text.lower().split())


def by_words(_: Document, span: Span) -> str:
    return "one word" if len(span.text.split()) == 1 else "several words"


def main() -> None:
    if not (SHIPPED / "notes.safetensors").exists():
        print("no weights: run make model")
        return
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    drug, all_conditions = ("medication",), ("problem", "test", "procedure")
    seen = "bundled notes (seen)"

    def corpus(name: str, part: str, task: str) -> Iterator[Extraction]:
        return catalogue.load(name, part, task=task)

    own = Source(seen, ask(bundled.gold("medications").values(), "medications", drug), "strict")
    aci = Source("ACI-Bench", ask(aci_bench_medications(), "medications", drug), "strict")
    cases = Source(
        "MACCROBAT, test",
        ask(corpus("maccrobat", "test", "medications"), "medications", drug),
        "relaxed",
    )
    phee = Source(
        "PHEE V2, dev",
        ask(corpus("phee", "dev", "medications"), "medications", drug),
        "relaxed",
        partial=True,
    )
    mine = Source(
        seen, ask(bundled.gold("conditions").values(), "conditions", all_conditions), "strict"
    )
    reports = Source(
        "MACCROBAT, test",
        ask(corpus("maccrobat", "test", "conditions"), "conditions", all_conditions),
        "relaxed",
    )
    print(f"{'':32}{'n':>6}   rules {'':15}  tagger {'':14} tagger - rules")
    places: dict[str, Key] = {"section": by_section, "note type": by_kind}
    for name, key in places.items():
        _table(f"medications by {name}", (own, aci), key)
        _table(f"problems, tests and procedures by {name}", (mine,), key)
    problems = [_only(source, "problem") for source in (mine, reports)]
    _table("problems by what is said of them", problems, by_assertion, recall=True)
    _table("medications by novelty of the name", (aci, cases, phee), by_novelty, recall=True)
    wordings: dict[str, Key] = {"spelling": by_spelling, "length": by_words}
    for name, key in wordings.items():
        _table(f"medications by {name}", (own, aci, cases, phee), key)
        _table(f"problems, tests and procedures by {name}", (mine, reports), key)


def _table(title: str, sources: Iterable[Source], key: Key, *, recall: bool = False) -> None:
    print(title)
    for source in sources:
        rows(source, key, recall=recall)


def _only(source: Source, label: str) -> Source:
    def kept(spans: Iterable[Span]) -> tuple[Span, ...]:
        return tuple(span for span in spans if span.label == label)

    read = [Read(r.document, kept(r.gold), tuple(map(kept, r.found))) for r in source.read]
    return Source(source.name, read, source.mode, source.partial)


if __name__ == "__main__":
    main()
