"""Assertion on the NegEx kit (test part), MACCROBAT (test documents) and PHEE (dev sentences).

None of the three marks exactly what Clinie means, so each row says what is compared:

- NegEx marks one condition per sentence. Its "historical" counts lasting diseases of the past
  history; to Clinie those are current, so that row is low by convention.
- MACCROBAT gives polarity to events (signs, tests, drugs); an event without one counts as affirmed.
- PHEE marks an event as negated or speculated; the mention read is the event's trigger or, where
  that says more, any of its effects. Most speculation there is about cause ("may be due to").
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator

from benchmarks.rows import score_row
from clinie.datasets import corpora
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.scoring import Score, total
from clinie.schema import Span
from clinie.text.assertion import Assertion, ContextReader

Read = tuple[Span, Assertion]
"""A gold mention and what the reader says of it."""

EVENTS = frozenset(
    {
        "Sign_symptom",
        "Disease_disorder",
        "Diagnostic_procedure",
        "Therapeutic_procedure",
        "Medication",
        "Clinical_event",
        "Activity",
        "Outcome",
    }
)
UNCERTAIN = ("UNCERTAIN", "MAYBE_POS", "MAYBE_NEG")


def read_all(items: Iterable[CorpusItem]) -> list[list[Read]]:
    """Return the readings of each text's spans."""
    pages = []
    for item in items:
        reader = ContextReader(item.document.text)
        pages.append([(span, reader.read(span.start, span.end)) for span in item.spans])
    return pages


def compare(
    pages: list[list[Read]],
    gold: Callable[[Span], bool],
    predicted: Callable[[Assertion], bool],
    labels: frozenset[str] | None = None,
) -> list[Score]:
    """Return one score per text of a yes-or-no property of its mentions."""
    return [
        total(
            Score(
                tp=int(gold(span) and predicted(read)),
                fp=int(not gold(span) and predicted(read)),
                fn=int(gold(span) and not predicted(read)),
            )
            for span, read in page
            if labels is None or span.label in labels
        )
        for page in pages
    ]


def phee_events(items: Iterable[CorpusItem], name: str) -> Iterator[Score]:
    """Yield one score per sentence: an event is read as its trigger and its effects are."""
    value = {"Negated": "absent", "Speculated": "possible"}[name]
    for item in items:
        reader = ContextReader(item.document.text)
        spans = {span.id: span for span in item.spans}
        effects: dict[str, list[Span]] = {s.id: [s] for s in item.spans if s.label == "Trigger"}
        for relation in item.relations:
            if relation.label == "Effect" and relation.head in effects:
                effects[relation.head].append(spans[relation.tail])
        score = Score()
        for trigger, mentions in effects.items():
            is_gold = spans[trigger].attributes.get(name) == "true"
            is_read = any(reader.read(m.start, m.end).assertion == value for m in mentions)
            score += Score(is_gold and is_read, is_read and not is_gold, is_gold and not is_read)
        yield score


def _row(name: str, scores: list[Score]) -> None:
    score_row(name, scores, width=46)


def _head(title: str) -> None:
    print(f"{title}\n  {'':46}{'gold':>6}{'P':>8}{'R':>7}{'F1':>7}   95 % interval")


def _is(value: str) -> Callable[[Assertion], bool]:
    return lambda read: read.assertion == value


def _has_polarity(*values: str) -> Callable[[Span], bool]:
    return lambda span: span.attributes.get("POLARITY") in values


def _negex(part: str) -> None:
    pages = read_all(corpora.negex(part))
    _head(f"NegEx test kit, {part}, {sum(map(len, pages))} items")
    _row("negated", compare(pages, lambda s: s.attributes["negation"] == "Negated", _is("absent")))
    historical = compare(
        pages,
        lambda s: s.attributes["temporality"] == "Historical",
        lambda read: read.temporality == "historical",
    )
    _row("historical", historical)
    other = compare(
        pages,
        lambda s: s.attributes["experiencer"] != "Patient",
        lambda read: read.relative is not None,
    )
    _row("somebody else's", other)
    hypothetical = compare(
        pages,
        lambda s: s.attributes["temporality"] == "Not particular",
        _is("hypothetical"),
    )
    _row("hypothetical ('Not particular')", hypothetical)


def _maccrobat(part: str) -> None:
    pages = read_all(corpora.maccrobat(part))
    _head(f"MACCROBAT, {part}, {len(pages)} documents")
    for name, values, value in (
        ("negated (NEG), all events", ("NEG",), "absent"),
        ("uncertain (UNCERTAIN, MAYBE_*), all events", UNCERTAIN, "possible"),
    ):
        _row(name, compare(pages, _has_polarity(*values), _is(value), EVENTS))
    problems = frozenset({"Sign_symptom", "Disease_disorder"})
    _row(
        "negated, signs, symptoms and diseases",
        compare(pages, _has_polarity("NEG"), _is("absent"), problems),
    )
    family = [r for page in pages for s, r in page if s.label == "Family_history"]
    share = sum(r.relative is not None for r in family)
    print(f"  Family_history mentions read as family         {share} of {len(family)}")


def _phee(part: str) -> None:
    items = list(corpora.phee(part))
    _head(f"PHEE V2, {part}, {len(items)} sentences")
    for name in ("Negated", "Speculated"):
        _row(f"event {name.lower()}", list(phee_events(items, name)))


def main(part: str = "test") -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    _negex(part)
    _maccrobat(part)
    _phee("dev" if part == "test" else "train")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=["train", "test"], default="test")
    main(parser.parse_args().part)
