"""Rules, tagger and the two as a cascade, on data that nothing was tuned on, in one run.

Each system is what a user gets who configures it with nothing but its kind: rules, tagger, and the
two as a cascade. Intervals resample documents, sentences for PHEE; the last column is the paired
difference of cascade and rules. The bundled notes were written beside the rules: their figures
there are on seen data. What the corpora mark and what the tasks ask for differ; see the benchmarks
of the single tasks. The tagger in the corpora's own labels and the judges of assertion and status
follow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from benchmarks import judges, own_labels
from benchmarks.rows import interval
from clinie.cascade import Cascade
from clinie.config import Config, TierConfig
from clinie.datasets import bundled, catalogue, corpora
from clinie.datasets.evaluation import evaluate
from clinie.datasets.standoff import aci_bench_medications
from clinie.errors import ConfigError
from clinie.models.tagger import SHIPPED
from clinie.schema import Extraction
from clinie.tasks import load as load_task

Wanted = Sequence[tuple[str, str, str]]

DRUGS: Wanted = (
    ("spans, strict", "medication", "f1"),
    ("spans, relaxed", "medication", "f1"),
    ("relations, strict", "micro", "f1"),
    ("relations, relaxed", "micro", "f1"),
    ("status, given the mention", "all", "macro_f1"),
    ("mentions with their values", "mention and status", "f1"),
)
CONDITIONS: Wanted = (
    *(
        (f"spans, {m}", n, "f1")
        for m in ("strict", "relaxed")
        for n in ("problem", "test", "procedure")
    ),
    ("assertion, given the mention", "all", "macro_f1"),
    ("mentions with their values", "mention and assertion", "f1"),
)
WORDS: Wanted = tuple(
    ("tokens", n, "f1") for n in ("participants", "intervention", "outcome", "macro")
)
SENSES: Wanted = (
    ("spans, strict", "acronym", "f1"),
    ("mentions with their values", "mention and sense", "f1"),
)


TIERS = tuple(
    TierConfig(name=kind, model={"kind": kind}, phi_allowed=True) for kind in ("rules", "tagger")
)


def cascades() -> dict[str, Cascade]:
    """Return rules and tagger alone, and one after the other."""
    alone = {tier.name: Cascade(Config(tiers=(tier,))) for tier in TIERS}
    return {**alone, "cascade": Cascade(Config(tiers=TIERS))}


def compare(name: str, found: Iterable[Extraction], task: str, wanted: Wanted) -> None:
    """Print a row per figure, a column per system, and what the cascade adds to the rules."""
    spec, gold = load_task(task), list(found)
    documents = [each.document for each in gold if each.document]

    async def read(system: Cascade) -> list[Extraction]:
        return [await system.extract(document, spec) for document in documents]

    records = {system: asyncio.run(read(cascade)) for system, cascade in cascades().items()}
    together = evaluate(records["cascade"], gold, task=task, against=records["rules"])
    alone = {s: evaluate(found, gold, task=task) for s, found in records.items()}
    gains = {(c.section, c.name, c.measure): c.difference for c in together.comparisons}
    print(f"{name}: {spec.name}, {len(documents)} documents")
    for section, label, measure in wanted:
        try:
            cells = [found.figure(section, label, measure) for found in alone.values()]
        except ConfigError:  # neither in this gold nor in the answers
            continue
        gain = gains[section, label, measure]
        print(
            f"  {f'{section}, {label}, {measure}':44}"
            + "".join(f"{c.value:>7.3f} {interval(c.low, c.high):16}" for c in cells)
            + f"{gain.value:>+7.3f} {interval(gain.low, gain.high)}"
        )


def main() -> None:
    print(f"  {'':44}" + "".join(f"{name:24}" for name in cascades()) + "cascade - rules")
    for task, wanted in (("medications", DRUGS), ("conditions", CONDITIONS), ("acronyms", SENSES)):
        compare("bundled notes (seen)", bundled.gold(task).values(), task, wanted)
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    compare("ACI-Bench, annotated", aci_bench_medications(), "medications", DRUGS)
    compare(
        "MACCROBAT, test",
        catalogue.load("maccrobat", "test", task="medications"),
        "medications",
        DRUGS,
    )
    compare(
        "PHEE V2, dev", catalogue.load("phee", "dev", task="medications"), "medications", DRUGS[:2]
    )
    compare(
        "MACCROBAT, test",
        catalogue.load("maccrobat", "test", task="conditions"),
        "conditions",
        CONDITIONS,
    )
    if (SHIPPED / "pico.safetensors").exists():
        compare("EBM-NLP, test", catalogue.load("ebm-nlp", "test", task="pico"), "pico", WORDS)
    own_labels.main()
    judges.main(SHIPPED / "notes.safetensors")


if __name__ == "__main__":
    main()
