"""The trained linker beside the rules' linking, with the same gold mentions given to both.

MACCROBAT (test documents), PHEE (dev sentences) and the annotated notes of ACI-Bench: drugs and the
parts of their sigs are given, which part belongs to which drug is asked. Only parts of some drug
are given; in PHEE those of a treatment with several drugs are left out, as it does not say which.
The last column is the linker that also weighs what the rules say of the text, as the tagger uses
it; the difference is between that and the rules' linking.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rows import interval
from clinie.datasets import corpora
from clinie.datasets.scoring import Score, bootstrap, total
from clinie.datasets.standoff import aci_bench_medications
from clinie.models.tagger import SHIPPED
from clinie.models.tagger.linking import Linker
from clinie.models.tagger.pairs import ATTRIBUTES, HEAD, Pair
from clinie.models.tagger.weights import load
from clinie.tasks.medications.linking import link
from clinie.tasks.medications.mentions import Mention
from clinie.tasks.medications.rules import extract
from clinie.text.sentences import sentences
from clinie.text.sig import SigPart
from clinie.training.tagger.relations import Linked, from_maccrobat, from_phee, from_record

SYSTEMS = ("rules", "linker", "with rules")
Scores = dict[str, tuple[Score, ...]]  # by kind of attribute, one per system


def by_rules(text: Linked) -> set[Pair]:
    """Return the links that the rules make between given mentions."""
    number = {(m.start, m.end, m.label): n for n, m in enumerate(text.mentions)}
    drugs = sorted(Mention(m.start, m.end, "ingredient", 0.9) for m in text.mentions
                   if m.label == HEAD)  # fmt: skip
    parts = sorted(
        SigPart(m.start, m.end, kind)
        for m in text.mentions
        for kind in ATTRIBUTES
        if m.label == kind
    )
    return {
        Pair(number[drug.start, drug.end, HEAD], number[x.part.start, x.part.end, x.part.kind])
        for drug, found in link(text.text, sentences(text.text), drugs, parts).items()
        for x in found
    }


def by_linker(linker: Linker, text: Linked, *, asks_rules: bool) -> set[Pair]:
    items = extract(text.text) if asks_rules else None
    return {Pair(*found[:2]) for found in linker.link(text.text, text.mentions, items)}


def score(linker: Linker, text: Linked) -> Scores:
    """Return the scores of one text."""
    answers = (
        by_rules(text),
        by_linker(linker, text, asks_rules=False),
        by_linker(linker, text, asks_rules=True),
    )

    def of(kind: str, pairs: set[Pair] | frozenset[Pair]) -> set[Pair]:
        return {p for p in pairs if text.mentions[p.tail].label == kind} - unclear

    unclear = {p for found in (*answers, text.pairs) for p in found if p.tail in text.unclear}
    scores: Scores = {}
    for kind in ATTRIBUTES:
        gold = of(kind, text.pairs)
        found = [of(kind, answer) for answer in answers]
        scores[kind] = tuple(Score(len(gold & f), len(f - gold), len(gold - f)) for f in found)
    return scores


def table(title: str, texts: Sequence[Linked], linker: Linker) -> None:
    scored = [score(linker, text) for text in texts]
    print(f"{title}: {len(texts)} texts")
    print(
        f"  {'F1':12}{'gold':>6}{''.join(f'{s:>12}' for s in SYSTEMS)}   difference, 95 % interval"
    )
    for kinds in (*((kind,) for kind in ATTRIBUTES), ATTRIBUTES):
        pages = [
            tuple(total(page[kind][n] for kind in kinds) for n in range(len(SYSTEMS)))
            for page in scored
        ]
        whole = added(pages)
        gold = whole[0].tp + whole[0].fn
        if gold:
            cells = "".join(f"{found.f1:>12.3f}" for found in whole)
            low, high = bootstrap(pages, difference)
            name = kinds[0] if len(kinds) == 1 else "all"
            print(f"  {name:12}{gold:>6}{cells}   {difference(pages):+.3f} {interval(low, high)}")
    both = ", ".join(f"{found.precision:.3f} {found.recall:.3f}" for found in whole)
    print(f"  precision and recall of all: {both}")


def added(pages: Sequence[tuple[Score, ...]]) -> tuple[Score, ...]:
    return tuple(map(total, zip(*pages, strict=True)))


def difference(pages: Sequence[tuple[Score, ...]]) -> float:
    """Return by how much the last system's F1 is above that of the rules."""
    whole = added(pages)
    return whole[-1].f1 - whole[0].f1


def main(weights: Path, part: str) -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    linker = Linker.from_state(load(weights)[0])
    reports = [from_maccrobat(item) for item in corpora.maccrobat(part)]
    table(f"MACCROBAT, {part}", reports, linker)
    name = "dev" if part == "test" else "train"
    table(f"PHEE V2, {name}", [from_phee(item) for item in corpora.phee(name)], linker)
    if part == "test":
        table("ACI-Bench, annotated", list(map(from_record, aci_bench_medications())), linker)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=SHIPPED / "notes.safetensors")
    parser.add_argument("--part", choices=["train", "test"], default="test")
    options = parser.parse_args()
    main(options.weights, options.part)
