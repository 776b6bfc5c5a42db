"""The PICO rules on EBM-NLP (150 expert test abstracts) and on its section-wise re-annotation.

Both corpora are scored by token: a token is of a class when a span of it covers any of its
characters. EBM-NLP has no comparators (they count as interventions) and marks a coordination
("safety and efficacy") as one span where ours are two, so the joints between two mentions of one
class are counted as theirs there; a line says what the score is without. Its guidelines take in
enrolment ("118 patients were randomised") and bare "patients", which ours leave out. The
re-annotation holds titles and methods only, marks outcomes in the methods only and no condition
without people; its comparators are placebo and the like, ours are also the second of two
treatments that are compared.
"""

from __future__ import annotations

import argparse
from bisect import bisect_right
from collections.abc import Mapping, Sequence

from benchmarks.rows import interval, score_row
from benchmarks.timing import per_thousand_words
from clinie.datasets import corpora
from clinie.datasets.abstracts import TaggedText, ebm_nlp, ebm_nlp_mod
from clinie.datasets.scoring import Score, bootstrap, total
from clinie.tasks.pico.rules import extract

EBM = {"participants": "P", "intervention": "I", "comparator": "I", "outcome": "O"}
MOD = {**EBM, "comparator": "C"}
JOINTS = frozenset({",", "and", "or", "(", ")", "/", "+", ";", "and/or", "&", "versus", "vs"})
MOST_JOINTS = 3
Scores = dict[str, Score]


def tags_of(item: TaggedText, labels: Mapping[str, str]) -> list[set[str]]:
    """Return the classes that the rules give each token."""
    tags: list[set[str]] = [set() for _ in item.tokens]
    starts = [start for start, _ in item.tokens]
    for span in extract(item.document.text)["items"]:
        at = max(bisect_right(starts, span["start"]) - 1, 0)
        end = span["start"] + len(span["text"])
        while at < len(starts) and starts[at] < end:
            if item.tokens[at][1] > span["start"]:
                tags[at].add(labels[span["label"]])
            at += 1
    return tags


def joined(item: TaggedText, tags: list[set[str]]) -> list[set[str]]:
    """Give the joints between two neighbours of one class to the class."""
    words = [item.document.text[start:end].lower() for start, end in item.tokens]
    result = [set(tag) for tag in tags]
    last: dict[str, int] = {}
    for at, tag in enumerate(tags):
        for name in tag:
            between = range(last.get(name, at) + 1, at)
            if 0 < len(between) <= MOST_JOINTS and all(
                words[n] in JOINTS and not tags[n] for n in between
            ):
                for n in between:
                    result[n].add(name)
            last[name] = at
    return result


def score(item: TaggedText, tags: Sequence[set[str]], classes: Sequence[str]) -> Scores:
    """Return the counts of one text by class."""
    return {
        name: Score(
            tp=sum(name in tag and gold == name for tag, gold in zip(tags, item.tags, strict=True)),
            fp=sum(name in tag and gold != name for tag, gold in zip(tags, item.tags, strict=True)),
            fn=sum(
                name not in tag and gold == name for tag, gold in zip(tags, item.tags, strict=True)
            ),
        )
        for name in classes
    }


def macro(scores: Sequence[Scores]) -> float:
    """Return the mean F1 over the classes."""
    names = scores[0]
    return sum(total(one[name] for one in scores).f1 for name in names) / len(names)


def report(title: str, scores: Sequence[Scores]) -> None:
    """Print one table: a row by class and the macro average."""
    print(title)
    print(f"  {'':14}{'tokens':>8}{'P':>8}{'R':>7}{'F1':>7}   95 % over documents")
    for name in scores[0]:
        counts = [one[name] for one in scores]
        score_row(NAMES[name], counts, width=14, count=8)
    found = interval(*bootstrap(scores, macro))
    print(f"  {'macro':14}{'':>8}{'':>15}{macro(scores):>7.3f}   {found}")


NAMES = {"P": "participants", "I": "interventions", "C": "comparators", "O": "outcomes"}


def ebm(part: str) -> None:
    items = list(ebm_nlp(part))
    tags = [tags_of(item, EBM) for item in items]
    plain = [score(item, tag, "PIO") for item, tag in zip(items, tags, strict=True)]
    scores = [score(item, joined(item, tag), "PIO") for item, tag in zip(items, tags, strict=True)]
    report(f"EBM-NLP {part}, {len(items)} abstracts, by token", scores)
    print(f"  macro without the joints between coordinated mentions: {macro(plain):.3f}")
    _refused(tags)


def mod(part: str) -> None:
    items = list(ebm_nlp_mod(part))
    tags = [tags_of(item, MOD) for item in items]
    scores = [score(item, tag, "PICO") for item, tag in zip(items, tags, strict=True)]
    report(f"\nEBM-NLP mod {part}, {len(items)} titles with methods, by token", scores)
    merged = [tags_of(item, EBM) for item in items]
    both = [
        TaggedText(i.document, i.tokens, tuple("I" if t == "C" else t for t in i.tags))
        for i in items
    ]
    one = [score(item, tag, "PIO") for item, tag in zip(both, merged, strict=True)]
    print(f"  macro with comparators as interventions: {macro(one):.3f}")
    _refused(tags)


def _refused(tags: Sequence[Sequence[set[str]]]) -> None:
    empty = sum(not any(tag) for tag in tags)
    print(f"  taken for no report of a comparison, so left empty: {empty} of {len(tags)}")


def speed() -> None:
    """Print the time per 1,000 words of an abstract and of a clinic note."""
    abstracts = [item.document.text for item in ebm_nlp("train")][:200]
    notes = [document.text for document in corpora.aci_bench("train")][:30]
    print()
    for name, texts in (("abstracts", abstracts), ("clinic notes", notes)):
        spent = per_thousand_words(extract, texts)
        print(f"{spent:.1f} ms per 1,000 words of {name}")


def main(part: str) -> None:
    if corpora.root() is None:
        print("no corpora: set CLINIE_DATA to the folder that holds them")
        return
    extract("A randomised trial of aspirin versus placebo in 20 adults.")  # loads the tables
    ebm(part)
    mod(part)
    speed()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["train", "test"], default="test")
    main(parser.parse_args().part)
