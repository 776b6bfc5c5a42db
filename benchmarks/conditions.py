"""The condition rules on MACCROBAT (test documents), NCBI disease and BC5CDR (test sentences).

Case reports are not notes. MACCROBAT cuts a phrase into site, severity and finding where our
mentions hold the whole phrase, so read the relaxed scores; it also marks every normal finding and
bare "symptoms" as a sign, which our conventions leave out. NCBI and BC5CDR mark diseases only, once
more in abstracts: symptoms count against precision there, so recall is the figure for orientation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from benchmarks.rows import interval, share
from benchmarks.timing import per_thousand_words
from clinie.datasets import corpora
from clinie.datasets.catalogue import load
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.scoring import (
    Mode,
    Score,
    accuracy,
    attribute_pairs,
    f1_interval,
    score_spans,
    total,
)
from clinie.schema import Span
from clinie.tasks.conditions.rules import extract

HISTORY = ("History", "Family_history")
Pair = tuple[Sequence[Span], list[Span]]


def predicted(text: str) -> list[Span]:
    """Return what the rules say of a text, as spans."""
    return [
        Span(
            f"p{number}",
            item["label"],
            item["start"],
            item["start"] + len(item["text"]),
            item["text"],
            attributes={name: item.get(name) for name in ("assertion", "temporality")},
            confidence=item["confidence"],
        )
        for number, item in enumerate(extract(text))
    ]


def labelled(spans: Iterable[Span], label: str) -> list[Span]:
    """Return the spans of one label."""
    return [span for span in spans if span.label == label]


def line(name: str, scores: Sequence[Score], documents: int) -> None:
    """Print precision, recall and F1 with its interval over documents."""
    whole = total(scores)
    print(
        f"{name:<34}{whole.precision:>7.3f}{whole.recall:>7.3f}{whole.f1:>7.3f}"
        f"  {interval(*f1_interval(scores))}  {whole.tp + whole.fn:>5} gold in {documents}"
    )


def share_line(name: str, hits: Sequence[tuple[int, int]]) -> None:
    """Print a share (right, of) with its interval over documents."""
    ratio, of, found = share(hits)
    print(f"{name:<34}{ratio:>21.3f}  {found}  {of:>5} matched")


def maccrobat() -> None:
    """Print spans by label, and the assertion of the matched ones."""
    items = list(corpora.maccrobat("test"))
    gold = load("maccrobat", "test", task="conditions")
    pairs = [
        (record.spans, predicted(item.document.text))
        for record, item in zip(gold, items, strict=True)
    ]
    modes: tuple[Mode, ...] = ("strict", "relaxed")
    for label in ("problem", "test", "procedure"):
        for mode in modes:
            scores = [score_spans(labelled(g, label), labelled(p, label), mode) for g, p in pairs]
            line(f"MACCROBAT {label}, {mode}", scores, len(pairs))
    _assertion(pairs)
    _history(items, pairs)


def _assertion(pairs: Sequence[Pair]) -> None:
    matched = [
        attribute_pairs(labelled(g, "problem"), labelled(p, "problem"), "assertion", "relaxed")
        for g, p in pairs
    ]
    everything: list[tuple[Callable[[str | None], bool], str]] = [
        (lambda value: value is not None, "assertion of problems, all"),
        (lambda value: value == "absent", "  of those that gold negates"),
        (lambda value: value == "possible", "  of those in doubt"),
        (lambda value: value == "present", "  of the others"),
    ]
    for wanted, name in everything:
        kept = [[pair for pair in document if wanted(pair[0])] for document in matched]
        share_line(name, [(round(accuracy(k) * len(k)), len(k)) for k in kept])


def _history(items: Sequence[CorpusItem], pairs: Sequence[Pair]) -> None:
    """Print how often mentions inside (family) history are read as such."""
    for label, name in zip(
        HISTORY, ("read historical in History", "read family in Family_history"), strict=True
    ):
        hits = []
        for item, (_, found) in zip(items, pairs, strict=True):
            areas = [(span.start, span.end) for span in item.spans if span.label == label]
            inside = [s for s in found if any(a <= s.start and s.end <= b for a, b in areas)]
            right = [
                s
                for s in inside
                if "historical" in s.attributes.values() or "family" in s.attributes.values()
            ]
            hits.append((len(right), len(inside)))
        share_line(name, hits)


def diseases() -> None:
    """Print relaxed scores of problems on the two disease corpora."""
    for name in ("ncbi-disease", "bc5cdr-disease"):
        scores = []
        for record in load(name, "test", task="conditions"):
            text = record.document.text if record.document else ""
            found = labelled(predicted(text), "problem")
            scores.append(score_spans(record.spans, found, "relaxed"))
        line(f"{name}, relaxed", scores, len(scores))


def speed() -> None:
    """Print the time per 1,000 words of a clinic note."""
    notes = [document.text for document in corpora.aci_bench("train")][:30]
    spent = per_thousand_words(extract, notes)
    print(f"{'milliseconds per 1,000 words':<34}{spent:>21.1f}")


def main() -> None:
    if corpora.root() is None:
        print("no corpora: set CLINIE_DATA to the folder that holds them")
        return
    print(f"{'':<34}{'P':>7}{'R':>7}{'F1':>7}  95 % over documents")
    maccrobat()
    diseases()
    speed()


if __name__ == "__main__":
    main()
