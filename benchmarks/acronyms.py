"""Senses of ambiguous short forms in clinical text made by reverse substitution.

Where a long form of an ambiguous short form (two senses or more in the shipped inventory) stands in
a note of ACI-Bench or a case report of MACCROBAT, it is replaced by the short form, everywhere in
the document; the rules have to find the short form and say what it stands for. Documents are
divided by a hash of their id: cues and weights were set on the train part, figures are of test.
"Ranker" are the rules' short forms with the senses that the trained ranker chooses; it learnt on
other documents, in part on other notes of ACI-Bench and MACCROBAT.

The short forms and their priors come from the inventory itself, so that senses it lacks are not
tested, and the real notes of neither corpus hold these short forms: the text is made, and favours
what was trained on text made alike. Short forms as people write them are in the bundled notes only;
their gold is by the developers, who had it before them when they made the rules, and when they
chose which short forms the ranker leaves to the rules.

"Accuracy" counts an abstention as wrong; "answered right" leaves it out; macro-F1 is the mean over
the senses of a short form, then over short forms.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import clinie
from benchmarks.rows import interval, share
from clinie.datasets import bundled, corpora
from clinie.datasets.corpora import CorpusItem, split_of
from clinie.datasets.scoring import bootstrap, by_value
from clinie.datasets.substitution import Substitution
from clinie.models.tagger import SHIPPED
from clinie.models.tagger.senses import SenseRanker
from clinie.models.tagger.weights import load
from clinie.schema import Document
from clinie.tasks.acronyms.rules import AcronymRules
from clinie.text.senses import shipped


class Case(NamedTuple):
    """A short form in a document: what it stands for, and what was said."""

    short: str
    gold: str
    said: str | None


Cases = list[Case]
System = Callable[[CorpusItem], Cases]


def by_rules(item: CorpusItem) -> Cases:
    """Answer with the rules, as anybody would use them."""
    record = clinie.extract(item.document, task="acronyms")
    found = {span.start: span for span in record.spans}
    return [
        Case(
            gold.text,
            str(gold.attributes["sense"]),
            found[gold.start].attributes["sense"] if gold.start in found else None,
        )
        for gold in item.spans
    ]


def by_ranker(ranker: SenseRanker) -> System:
    """Return what answers with the rules' short forms and the senses of a trained ranker."""
    rules = AcronymRules(shipped())

    def answer(item: CorpusItem) -> Cases:
        text = item.document.text
        found = {said["start"]: said["sense"] for said in ranker.revise(text, rules(text))}
        return [
            Case(gold.text, str(gold.attributes["sense"]), found.get(gold.start))
            for gold in item.spans
        ]

    return answer


def by_prior(item: CorpusItem) -> Cases:
    """Answer with the sense of the largest prior."""
    return [
        Case(
            gold.text,
            str(gold.attributes["sense"]),
            max(shipped().senses(gold.text), key=lambda sense: sense.prior).name,
        )
        for gold in item.spans
    ]


def by_chance(item: CorpusItem) -> Cases:
    """Answer with any sense, seeded by the document."""
    draw = random.Random(item.document.id)
    return [
        Case(
            gold.text,
            str(gold.attributes["sense"]),
            draw.choice([sense.name for sense in shipped().senses(gold.text)]),
        )
        for gold in item.spans
    ]


def accuracy(cases: Cases) -> float:
    return sum(c.said == c.gold for c in cases) / max(1, len(cases))


def coverage(cases: Cases) -> float:
    return sum(c.said is not None for c in cases) / max(1, len(cases))


def answered_right(cases: Cases) -> float:
    return accuracy([c for c in cases if c.said is not None])


def macro_f1(cases: Cases) -> float:
    """Return the mean F1 over the senses of each short form, then over short forms."""
    by_short: dict[str, list[tuple[str | None, str | None]]] = defaultdict(list)
    for case in cases:
        by_short[case.short].append((case.gold, case.said))
    means = []
    for pairs in by_short.values():
        scores = [score.f1 for sense, score in by_value(pairs).items() if sense is not None]
        means.append(sum(scores) / len(scores))
    return sum(means) / max(1, len(means))


FIGURES = {
    "accuracy": accuracy,
    "answered right": answered_right,
    "coverage": coverage,
    "macro-F1": macro_f1,
}


def _row(name: str, pages: Sequence[Cases], figures: Iterable[str]) -> None:
    def flat(sample: Sequence[Cases]) -> Cases:
        return [case for page in sample for case in page]

    cells = []
    for figure in figures:
        value = FIGURES[figure]
        found = bootstrap(pages, lambda sample, value=value: value(flat(sample)))
        cells.append(f"{value(flat(pages)):.3f} {interval(*found)}")
    print(f"  {name:22}" + "".join(f"{cell:>23}" for cell in cells))


def _corpus(
    title: str, documents: Iterable[Document], systems: Mapping[str, System]
) -> dict[str, list[Cases]]:
    """Print the figures of one corpus; return the cases of each system by document."""
    items = [item for item in map(Substitution(shipped()), documents) if item.spans]
    pages = {name: [system(item) for item in items] for name, system in systems.items()}
    _figures(title, pages)
    return pages


def _figures(title: str, pages: dict[str, list[Cases]]) -> None:
    first = next(iter(pages.values()))
    cases = [case for page in first for case in page]
    shorts = len({case.short for case in cases})
    senses = len({(case.short, case.gold) for case in cases})
    print(
        f"{title}: {len(cases)} cases, {shorts} short forms, {senses} senses, "
        f"{len(first)} documents"
    )
    print(f"  {'':22}" + "".join(f"{figure:>23}" for figure in FIGURES))
    for name, found in pages.items():
        _row(name, found, FIGURES)
    both = list(zip(pages["rules"], pages["ranker"], strict=True))
    found = interval(*bootstrap(both, _gain))
    print(f"  accuracy, ranker - rules: {_gain(both):+.3f} {found}")


def _gain(both: Sequence[tuple[Cases, Cases]]) -> float:
    """Return by how much the second of two systems is more accurate than the first."""
    first, second = ([case for page in side for case in page] for side in zip(*both, strict=True))
    return accuracy(second) - accuracy(first)


def _listed(name: str, documents: Iterable[Document]) -> None:
    """Print the share of the short forms found in real text that the inventory lists."""
    listed = every = answered = words = 0
    for document in documents:
        words += len(document.text.split())
        for span in clinie.extract(document, task="acronyms").spans:
            every += 1
            listed += shipped().knows(span.text)
            answered += span.attributes["sense"] is not None
    print(
        f"  {name:34}{words:>9}{every:>8}{listed / max(1, every):>9.1%}"
        f"{answered / max(1, every):>14.1%}"
    )


def _bundled(ranker: SenseRanker) -> None:
    """Print how many senses are right in the bundled notes, open ones included."""
    rules = AcronymRules(shipped())
    right: dict[str, list[tuple[int, int]]] = {"rules": [], "ranker": []}
    for record in bundled.gold("acronyms").values():
        text = record.document.text if record.document else ""
        said = rules(text)
        gold = {span.start: span.attributes["sense"] for span in record.spans}
        for name, items in (("rules", said), ("ranker", ranker.revise(text, said))):
            both = [(i["sense"], gold[i["start"]]) for i in items if i["start"] in gold]
            right[name].append((sum(a == b for a, b in both), len(both)))
    print("Short forms of the bundled notes that the rules find: sense right, open ones included")
    for name, hits in right.items():
        ratio, of, found = share(hits)
        print(f"  {name:22}{ratio:>9.3f} {found}{of:>8}")


def main(part: str, weights: Path) -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    ranker = SenseRanker.from_state(load(weights)[0])
    systems: dict[str, System] = {
        "rules": by_rules,
        "ranker": by_ranker(ranker),
        "largest prior": by_prior,
        "chance": by_chance,
    }
    notes = [document for document in corpora.aci_bench() if split_of(document.id) == part]
    reports = [item.document for item in corpora.maccrobat(part)]
    of_notes = _corpus(f"ACI-Bench, {part}", notes, systems)
    of_reports = _corpus(f"MACCROBAT, {part}", reports, systems)
    _figures(f"both, {part}", {name: [*of_notes[name], *of_reports[name]] for name in systems})
    _bundled(ranker)
    print("95 % intervals over documents\n")
    print("Short forms in real text (no gold)")
    print(f"  {'':34}{'words':>9}{'found':>8}{'listed':>9}{'with a sense':>14}")
    held_out = [d for split in ("validation", "test1", "test2") for d in corpora.mts_dialog(split)]
    _listed("MTS-Dialog, validation and test", held_out)
    _listed("NegEx test kit, test", (item.document for item in corpora.negex("test")))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["train", "test"], default="test")
    parser.add_argument("--weights", type=Path, default=SHIPPED / "notes.safetensors")
    options = parser.parse_args()
    main(options.part, options.weights)
