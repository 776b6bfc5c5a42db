"""Recorded marks in sentences of vaccine reports: gpt-3.5 and gpt-4, five prompts, 286 sentences.

The corpus is divided by sentence, not by report, so sentences of one report stand on both sides of
the split, and intervals over sentences are too narrow. Relaxed scores here match each span at most
once; the published ones count every span that overlaps one of its label, which the column
*overlap* repeats.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from benchmarks.rows import interval
from clinie.cascade import resolve
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.scoring import Mode, f1_interval, score_spans, total
from clinie.datasets.vaers import recorded_marks, vaers
from clinie.models import Completion
from clinie.prompts import Window
from clinie.resolvers import Resolution
from clinie.schema import Span
from clinie.tasks.vaccine_events import task
from clinie.tasks.vaccine_events.rules import extract

LABELS = ("nervous_AE", "other_AE", "procedure", "investigation")
LAST = "baseline_definition_guideline_erroranalysis_5shot"
PUBLISHED = {"gpt-3.5-turbo-0301": 0.676, "gpt-4-0314": 0.736}
"""Relaxed F1 with five examples in Hu et al. (2024)."""
SHORT = {"definition": "def", "guideline": "guide", "erroranalysis": "errors"}
Pair = tuple[Sequence[Span], Sequence[Span]]


def main() -> None:
    items = {item.document.id: item for item in vaers("test")}
    pairs: dict[tuple[str, str], list[Pair]] = {}
    codes: Counter[str] = Counter()
    answers = exceptions = 0
    for marks in recorded_marks():
        item = items[marks.sentence]
        answers += 1
        try:
            found = resolve(task, Window(item.document.text), Completion(marks.text))
        except Exception:
            exceptions += 1
            continue
        codes.update({finding.code for finding in found.findings})
        pairs.setdefault((marks.model, marks.prompt), []).append((item.spans, _spans(found)))
    exceptions += codes["resolver_error"]
    print(f"\nrecorded answers about vaccine reports: {answers}, exceptions: {exceptions}")
    print("answers with a finding: " + ", ".join(f"{c} {n}" for c, n in codes.most_common()))
    print(f"\n{'':42}{'strict: P':>9}{'R':>7}{'F1':>7}{'relaxed: P':>13}{'R':>7}{'F1':>7}"
          f"{'':3}95 % over sentences{'overlap F1':>12}{'published':>11}")  # fmt: skip
    for (model, prompt), own in sorted(pairs.items()):
        published = PUBLISHED[model] if prompt == LAST else None
        _row(f"{model} {_short(prompt)}", own, published)
    train, test = ([_ruled(item) for item in vaers(split)] for split in ("train", "test"))
    _row("rules, on the sentences they saw", train)
    _row("rules, test", test)
    for name, own in (("rules", test), *((model, pairs[model, LAST]) for model in PUBLISHED)):
        for label in LABELS:
            kept = [([s for s in g if s.label == label], [s for s in p if s.label == label])
                    for g, p in own]  # fmt: skip
            _row(f"{name}, {label}", kept)
    _speed()


def _short(prompt: str) -> str:
    for word, short in SHORT.items():
        prompt = prompt.replace(word, short)
    return prompt.replace("baseline_", "+").replace("_", "+")


def _spans(found: Resolution) -> list[Span]:
    return [
        Span(f"p{n}", item.label or "", item.spans[0][0], item.spans[-1][1], item.text, item.spans)
        for n, item in enumerate(found.items)
    ]


def _ruled(item: CorpusItem) -> Pair:
    found = [
        Span(f"p{n}", i["label"], i["start"], i["start"] + len(i["text"]), i["text"])
        for n, i in enumerate(extract(item.document.text))
    ]
    return item.spans, found


def _row(name: str, pairs: Sequence[Pair], published: float | None = None) -> None:
    line = f"{name:42}"
    modes: tuple[Mode, ...] = ("strict", "relaxed")
    for mode in modes:
        scores = [score_spans(gold, found, mode) for gold, found in pairs]
        whole = total(scores)
        width = 9 if mode == "strict" else 13
        line += f"{whole.precision:>{width}.3f}{whole.recall:>7.3f}{whole.f1:>7.3f}"
    line += f"   {interval(*f1_interval(scores))}     {_overlap(pairs):>12.3f}"
    print(line + (f"{published:>11.3f}" if published else ""))


def _overlap(pairs: Sequence[Pair]) -> float:
    """Return F1 when every span counts that overlaps one of its label, however many do."""

    def hit(one: Span, others: Sequence[Span]) -> bool:
        return any(one.label == o.label and one.start < o.end and o.start < one.end for o in others)

    found = sum(hit(span, gold) for gold, said in pairs for span in said)
    wanted = sum(hit(span, said) for gold, said in pairs for span in gold)
    said, gold = (sum(len(pair[side]) for pair in pairs) for side in (1, 0))
    precision, recall = (found / said if said else 0.0), (wanted / gold if gold else 0.0)
    return 2 * precision * recall / (precision + recall) if found and wanted else 0.0


def _speed() -> None:
    texts = [item.document.text for item in vaers("train")]
    extract(texts[0])  # the lexica are read
    started = time.perf_counter()
    for text in texts:
        extract(text)
    words = sum(len(text.split()) for text in texts)
    print(f"{'rules, milliseconds per 1,000 words':42}"
          f"{1e6 * (time.perf_counter() - started) / words:>9.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
