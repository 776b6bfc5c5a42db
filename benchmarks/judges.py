"""The trained judges of assertion and status beside the rules, on data that nothing was tuned on.

Both judge the same mentions: the gold ones of NegEx (test part), MACCROBAT (test documents) and
PHEE (dev sentences), and those that the rules found on the annotated notes of ACI-Bench. What the
rows compare is said in `benchmarks.assertion` and `benchmarks.medication_status`. The judge follows
the habit of notes on NegEx and ACI-Bench. MACCROBAT and PHEE mark other things as in doubt than a
note's reader would: there it follows their own habit, learnt from their training parts, and on
MACCROBAT that of notes too. Macro is the mean F1 of the rows above it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.rows import interval
from clinie.datasets import corpora
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.scoring import Score, bootstrap, macro_f1, match_spans, total
from clinie.datasets.standoff import aci_bench_medications
from clinie.models.tagger import SHIPPED
from clinie.models.tagger.contexts import Contexts
from clinie.models.tagger.judges import AssertionJudge, StatusJudge
from clinie.models.tagger.weights import load
from clinie.schema import Span
from clinie.tasks.conditions.rules import extract as conditions_of
from clinie.tasks.medications.rules import extract as medications_of
from clinie.text.assertion import ContextReader
from clinie.training.tagger.judges import CASES, EVENTS, case_mentions, event_features

Flags = Sequence[bool]
Scores = tuple[Score, ...]
Pair = tuple[Scores, Scores]  # by row: the rules, the judge
Status = tuple[str, str, str]  # gold, rules, judge


def compared(gold: Flags, rules: Flags, judge: Flags) -> Pair:
    """Return the scores of one mention: a flag for each row."""

    def score(found: Flags) -> Scores:
        return tuple(
            Score(int(g and f), int(f and not g), int(g and not f))
            for g, f in zip(gold, found, strict=True)
        )

    return score(rules), score(judge)


def added(pairs: Sequence[Pair]) -> Pair:
    """Return the scores of a document, or of all."""

    def column(side: int) -> Scores:
        return tuple(total(scores) for scores in zip(*(p[side] for p in pairs), strict=True))

    return column(0), column(1)


def macro(scores: Scores) -> float:
    """Return the mean F1 of the rows."""
    return sum(score.f1 for score in scores) / len(scores)


def difference(pairs: Sequence[Pair]) -> float:
    """Return by how much the judge's macro-F1 is above the rules'."""
    rules, judge = added(pairs)
    return macro(judge) - macro(rules)


def table(title: str, names: Sequence[str], pairs: Sequence[Pair]) -> None:
    print(f"{title}\n  {'':34}{'gold':>6}{'rules':>8}{'judge':>8}   judge - rules, 95 % interval")
    rules, judge = added(pairs)
    for name, ours, theirs in zip(names, rules, judge, strict=True):
        count = ours.tp + ours.fn
        print(f"  {name:34}{count:>6}{ours.f1:>8.3f}{theirs.f1:>8.3f}")
    found = interval(*bootstrap(pairs, difference))
    print(
        f"  {'macro':40}{macro(rules):>8.3f}{macro(judge):>8.3f}   {difference(pairs):+.3f} {found}"
    )


def negex(judge: AssertionJudge) -> Iterator[Pair]:
    for item in corpora.negex("test"):
        text = item.document.text
        for span in item.spans:
            ours = ContextReader(text).read(span.start, span.end)
            mention = replace(span, label="problem")
            (theirs,) = judge.judge(text, [mention], conditions_of(text))
            said = span.attributes
            gold = (
                said["negation"] == "Negated",
                said["temporality"] == "Historical",
                said["experiencer"] != "Patient",
                said["temporality"] == "Not particular",
            )
            flags = [
                (
                    read.assertion == "absent",
                    read.temporality == "historical",
                    read.relative is not None,
                    read.assertion == "hypothetical",
                )
                for read in (ours, theirs)
            ]
            yield compared(gold, *flags)


def cases(choose: Callable[[str, list[Span]], list[str]]) -> Iterator[Pair]:
    for item in corpora.maccrobat("test"):
        text, reader = item.document.text, ContextReader(item.document.text)
        mentions = [m for m in case_mentions(item) if m.attributes["of"] != "Family_history"]
        chosen = choose(text, mentions)
        yield added(
            [
                compared(
                    *(
                        [value == name for name in ("absent", "possible")]
                        for value in (
                            mention.attributes["assertion"],
                            reader.read(mention.start, mention.end).assertion,
                            judged,
                        )
                    )
                )
                for mention, judged in zip(mentions, chosen, strict=True)
            ]
        )


def events(judge: AssertionJudge, items: Sequence[CorpusItem]) -> Iterator[Pair]:
    for item in items:
        reader, spans = ContextReader(item.document.text), {s.id: s for s in item.spans}
        found = []
        for trigger, features in event_features(item):
            effects = [
                spans[r.tail] for r in item.relations if (r.label, r.head) == ("Effect", trigger.id)
            ]
            read = {reader.read(s.start, s.end).assertion for s in (trigger, *effects)}
            chosen = judge.choose(features, EVENTS).value
            gold = [name in trigger.attributes for name in ("Negated", "Speculated")]
            values = ("absent", "possible")
            found.append(compared(gold, [v in read for v in values], [v == chosen for v in values]))
        if found:
            yield added(found)


def statuses(judge: StatusJudge) -> Iterator[list[Status]]:
    for record in aci_bench_medications():
        if record.document is None:
            continue
        text = record.document.text
        said = medications_of(text)
        found = [
            Span(
                f"s{n}",
                "medication",
                item["start"],
                item["start"] + len(item["text"]),
                item["text"],
            )
            for n, item in enumerate(said)
        ]
        judged = judge.judge(text, found, said)
        gold = [span for span in record.spans if span.label == "medication"]
        yield [
            (str(gold[g].attributes["status"]), said[p]["status"], judged[p].value)
            for g, p in match_spans(gold, found)
        ]


def status_figures(judge: StatusJudge) -> None:
    notes = list(statuses(judge))

    def figures(sample: Sequence[list[Status]]) -> tuple[float, float]:
        flat = [triple for note in sample for triple in note]
        return macro_f1([(g, r) for g, r, _ in flat]), macro_f1([(g, j) for g, _, j in flat])

    rules, judged = figures(notes)
    found = interval(*bootstrap(notes, lambda sample: figures(sample)[1] - figures(sample)[0]))
    print(f"Medication status, ACI-Bench, {len(notes)} notes, on the mentions of the rules")
    flat = [triple for note in notes for triple in note]
    print(f"  {'':34}{'n':>6}{'rules':>8}{'judge':>8}   judge - rules, 95 % interval")
    for value in ("active", "discontinued", "neither"):
        ours, theirs = (
            Score(
                sum(t[0] == value == t[side] for t in flat),
                sum(t[0] != value == t[side] for t in flat),
                sum(t[0] == value != t[side] for t in flat),
            )
            for side in (1, 2)
        )
        print(f"  {value:34}{ours.tp + ours.fn:>6}{ours.f1:>8.3f}{theirs.f1:>8.3f}")
    right = [sum(t[0] == t[side] for t in flat) / len(flat) for side in (1, 2)]
    print(f"  {'accuracy':34}{len(flat):>6}{right[0]:>8.3f}{right[1]:>8.3f}")
    print(f"  {'macro':40}{rules:>8.3f}{judged:>8.3f}   {judged - rules:+.3f} {found}")


def main(weights: Path) -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    tensors = load(weights)[0]
    judge = AssertionJudge.from_state(tensors)

    def as_notes(text: str, mentions: list[Span]) -> list[str]:
        return [read.assertion for read in judge.judge(text, mentions, conditions_of(text))]

    def as_cases(text: str, mentions: list[Span]) -> list[str]:
        contexts = Contexts(text, [(m.start, m.end) for m in mentions])
        return [
            judge.choose(contexts.features(m.start, m.end, m.label), CASES).value for m in mentions
        ]

    negex_rows = ("negated", "historical", "somebody else's", "hypothetical ('Not particular')")
    table("NegEx test kit, test part, by the habit of notes", negex_rows, list(negex(judge)))
    case_rows = ("negated (NEG)", "uncertain (UNCERTAIN, MAYBE_*)")
    table("MACCROBAT, test, by its own habit", case_rows, list(cases(as_cases)))
    table("MACCROBAT, test, by the habit of notes", case_rows, list(cases(as_notes)))
    items = list(corpora.phee("dev"))
    table("PHEE V2, dev, by its own habit", ("negated", "speculated"), list(events(judge, items)))
    status_figures(StatusJudge.from_state(tensors))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=SHIPPED / "notes.safetensors")
    main(parser.parse_args().weights)
