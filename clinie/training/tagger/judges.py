"""Training of the judges: assertion and temporality of conditions, status of medications.

What they learn from, and why:

- notes (the habit that counts at run time): mentions of MTS-Dialog and ACI-Bench training notes
  whose reading we checked by hand (``gold/assertion/train``, ``gold/medication_status/train``:
  those of which the rules and a first classifier thought differently, and for status all that the
  rules found); what the rules say of the other mentions of these notes, at a small weight; and
  synthetic notes and the sentences of `~clinie.training.tagger.sentences`, at a small weight;
- case reports (MACCROBAT) and adverse event sentences (PHEE), each under a habit of its own, since
  they mark other things as negated or in doubt than a note's reader would.

None of the notes annotated for evaluation is among them. Choices were made on folds of whole
documents, and the benefit of the doubt that the rules have on the training parts of NegEx and
MACCROBAT and on further open notes. The sentences were written after looking at the checked notes,
so that folds of these flatter the judges.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import numpy as np

from clinie.datasets import corpora
from clinie.datasets.allergy_notes import allergy_notes
from clinie.datasets.corpora import CorpusItem
from clinie.datasets.standoff import aci_bench_medications, apply
from clinie.models.tagger.classifiers import LinearClassifier
from clinie.models.tagger.contexts import DEFAULT_HABIT, OF_CUES, OF_RULES, Contexts
from clinie.models.tagger.judges import AssertionJudge, Chooser, RuleAnswers, StatusJudge
from clinie.schema import Document, Extraction, Span
from clinie.tasks.conditions.rules import extract as conditions_of
from clinie.tasks.medications.rules import extract as medications_of
from clinie.training.tagger.linear import Example, cross_fit, fit, lean_of, temperature_of
from clinie.training.tagger.sentences import assertion_sentences, status_sentences

__all__ = [
    "ASSERTIONS",
    "CASES",
    "EVENTS",
    "STATUSES",
    "Lesson",
    "assertion_lessons",
    "case_mentions",
    "checked_statuses",
    "event_features",
    "open_notes",
    "status_lessons",
    "train_assertion",
    "train_status",
]

Features = list[str]

ASSERTIONS = ("present", "absent", "possible", "conditional", "hypothetical", "family")
TIMES = ("current", "historical")
STATUSES = ("active", "discontinued", "neither")
CASES, EVENTS = "cases", "events"
"""Habits of marking: MACCROBAT's and PHEE's."""

_RULED, _MADE, _SENTENCES = 0.1, 0.1, 0.3  # weights beside 1 for what a person marked
_MOST_MADE = 150  # synthetic notes; more of them outweigh what people marked
_BUCKETS = 1 << 14
_PENALTY = {
    DEFAULT_HABIT: 1e-4,
    CASES: 3e-4,
    EVENTS: 1e-3,
    "temporality": 3e-4,
    "status": 1e-3,
}
_STEPS = 80
_FOLDS = 4
_LABEL = {
    "Sign_symptom": "problem",
    "Disease_disorder": "problem",
    "Family_history": "problem",
    "Diagnostic_procedure": "test",
    "Therapeutic_procedure": "procedure",
    "Medication": "medication",
    "Clinical_event": "event",
    "Activity": "event",
    "Outcome": "event",
}
_POLARITY = {
    "NEG": "absent",
    "UNCERTAIN": "possible",
    "MAYBE_POS": "possible",
    "MAYBE_NEG": "possible",
}


@dataclass(frozen=True, slots=True)
class Lesson:
    """An example with what is needed beside it.

    Parameters
    ----------
    example : Example
        Its label is the assertion, or the status.
    habit : str
    source : str
        ``checked``, ``ruled``, ``made``, ``cases`` or ``events``.
    time : str, optional
        The temporality, where the source says it.
    """

    example: Example
    habit: str
    source: str
    time: str | None = None


def open_notes() -> Iterator[Document]:
    """Yield the training notes of ACI-Bench and MTS-Dialog, each text once.

    Left out are all notes that are annotated for evaluation, and notes that begin like one.
    """
    notes = [*corpora.aci_bench(), *corpora.mts_dialog()]
    held = {record.document_id for record in aci_bench_medications()}
    held |= {record.document_id for record in allergy_notes()}
    seen = {_beginning(note) for note in notes if note.id in held}
    splits = {"train", "valid"}
    for note in notes:
        if note.metadata["split"] in splits and _beginning(note) not in seen:
            seen.add(_beginning(note))
            yield note


def _beginning(note: Document) -> str:
    return note.text[:300]


def assertion_lessons(records: Iterable[Extraction] = ()) -> list[Lesson]:
    """Return everything that the judge of assertion learns from.

    Parameters
    ----------
    records : iterable of Extraction
        Synthetic notes: gold of ``conditions@1``.
    """
    return [*_cases(), *_events(), *_checked(), *_ruled(), *_made(records)]


def status_lessons(records: Iterable[Extraction] = ()) -> list[Lesson]:
    """Return everything that the judge of status learns from.

    Parameters
    ----------
    records : iterable of Extraction
        Synthetic notes: gold of ``medications@1``.
    """
    made = ((r, "made", _MADE) for r in islice(records, _MOST_MADE))
    sentences = ((r, "made", _SENTENCES) for r in status_sentences())
    checked = ((r, "checked", 1.0) for r in checked_statuses())
    return [
        x
        for r, source, weight in chain(checked, sentences, made)
        for x in _statuses(r, source, weight)
    ]


def checked_statuses() -> Iterator[Extraction]:
    """Yield the statuses that we checked by hand in training notes."""
    yield from apply("medication_status/train", open_notes())


def _statuses(record: Extraction, source: str, weight: float) -> Iterator[Lesson]:
    if (document := record.document) is None:
        return
    said = medications_of(document.text)
    drugs = [s for s in record.spans if s.label == "medication"]
    places = [(s.start, s.end) for s in drugs]
    places += [(item["start"], item["start"] + len(item["text"])) for item in said]
    contexts, rules = Contexts(document.text, places), RuleAnswers(said, "status")
    for span in drugs:
        features = contexts.features(
            span.start, span.end, "medication", said=rules.of(span.start, span.end)
        )
        example = Example(tuple(features), str(span.attributes["status"]), _group(record), weight)
        yield Lesson(example, DEFAULT_HABIT, source)


def _group(record: Extraction) -> str:
    """Return what stays on one side of a fold: a note, or the sentences made of one phrase."""
    name = record.document_id
    return name.rsplit("-", 1)[0] if name.startswith(("status-", "assertion-")) else name


def case_mentions(item: CorpusItem) -> list[Span]:
    """Return the mentions of a MACCROBAT report whose assertion is judged, in our labels.

    Their attribute ``assertion`` is what the report's annotators marked.
    """
    return [
        Span(
            span.id,
            _LABEL[span.label],
            span.start,
            span.end,
            span.text,
            span.fragments,
            {"assertion": _marked(span), "of": span.label},
        )
        for span in item.spans
        if span.label in _LABEL
    ]


def _marked(span: Span) -> str:
    if span.label == "Family_history":
        return "family"
    return _POLARITY.get(span.attributes.get("POLARITY") or "", "present")


def _cases() -> Iterator[Lesson]:
    for item in corpora.maccrobat("train"):
        mentions = case_mentions(item)
        contexts = Contexts(item.document.text, [(m.start, m.end) for m in mentions])
        for m in mentions:
            features = contexts.features(m.start, m.end, m.label)
            example = Example(tuple(features), str(m.attributes["assertion"]), item.document.id)
            yield Lesson(example, CASES, "cases")


def event_features(item: CorpusItem) -> Iterator[tuple[Span, Features]]:
    """Yield each trigger of a PHEE sentence with its features.

    An event is judged as its trigger; what the rules say of it, and the cues about its effects,
    are evidence.
    """
    roles = {"Trigger", "Drug", "Effect"}
    contexts = Contexts(
        item.document.text, [(s.start, s.end) for s in item.spans if s.label in roles]
    )
    spans = {span.id: span for span in item.spans}
    for trigger in item.spans:
        if trigger.label != "Trigger":
            continue
        effects = [
            spans[r.tail] for r in item.relations if r.label == "Effect" and r.head == trigger.id
        ]
        said = {contexts.read(s.start, s.end).assertion for s in (trigger, *effects)}
        worst = next((value for value in ("absent", "possible") if value in said), "present")
        features = contexts.features(trigger.start, trigger.end, "event", said=worst)
        for effect in effects[:2]:
            about = contexts.features(effect.start, effect.end, "problem")
            features += [
                f"effect {feature}" for feature in about if feature.startswith((OF_RULES, OF_CUES))
            ]
        yield trigger, features


def _events() -> Iterator[Lesson]:
    for item in corpora.phee("train"):
        for trigger, features in event_features(item):
            said = trigger.attributes
            label = (
                "absent" if "Negated" in said else "possible" if "Speculated" in said else "present"
            )
            yield Lesson(Example(tuple(features), label, item.document.id), EVENTS, "events")


def _checked() -> Iterator[Lesson]:
    for record in apply("assertion/train", open_notes()):
        yield from _readings(record, "checked", 1.0)


def _ruled() -> Iterator[Lesson]:
    """Yield what the rules say of the mentions that nobody checked, and hide that they say it.

    So the classifier learns the words of notes from them, and not that the rules are always right.
    """
    checked = {
        (record.document_id, span.start)
        for record in apply("assertion/train", open_notes())
        for span in record.spans
    }
    for note in open_notes():
        items = conditions_of(note.text)
        spans = tuple(
            Span(
                f"s{n}",
                item["label"],
                item["start"],
                item["start"] + len(item["text"]),
                item["text"],
                None,
                {key: item[key] for key in ("assertion", "temporality")},
            )
            for n, item in enumerate(items)
            if (note.id, item["start"]) not in checked
        )
        record = Extraction(note.id, "conditions@1", spans, document=note)
        for lesson in _readings(record, "ruled", _RULED):
            seen = tuple(f for f in lesson.example.features if not f.startswith(OF_RULES))
            yield replace(lesson, example=replace(lesson.example, features=seen))


def _made(records: Iterable[Extraction]) -> Iterator[Lesson]:
    for record in assertion_sentences():
        yield from _readings(record, "made", _SENTENCES)
    for record in islice(records, _MOST_MADE):
        yield from _readings(record, "made", _MADE)


def _readings(record: Extraction, source: str, weight: float) -> Iterator[Lesson]:
    if (document := record.document) is None:
        return
    said = conditions_of(document.text)
    places = [(s.start, s.end) for s in record.spans if "assertion" in s.attributes]
    places += [(item["start"], item["start"] + len(item["text"])) for item in said]
    contexts, rules = Contexts(document.text, places), RuleAnswers(said, "assertion")
    for span in record.spans:
        if "assertion" not in span.attributes:
            continue
        features = contexts.features(
            span.start, span.end, span.label, said=rules.of(span.start, span.end)
        )
        example = Example(
            tuple(features), str(span.attributes["assertion"]), _group(record), weight
        )
        yield Lesson(example, DEFAULT_HABIT, source, span.attributes.get("temporality"))


def train_assertion(records: Iterable[Extraction] = ()) -> AssertionJudge:
    """Train the judge of assertion and temporality; always the same from the same records.

    Parameters
    ----------
    records : iterable of Extraction
        Synthetic notes: gold of ``conditions@1``.
    """
    lessons = assertion_lessons(records)
    assertion = {
        habit: _chooser([x for x in lessons if x.habit == habit], ASSERTIONS, habit)
        for habit in (DEFAULT_HABIT, CASES, EVENTS)
    }
    timed = [
        replace(x, example=replace(x.example, label=x.time))
        for x in lessons
        if x.time and x.example.label in {"present", "possible"}
    ]
    return AssertionJudge(assertion, _chooser(timed, TIMES, "temporality"))


def train_status(records: Iterable[Extraction] = ()) -> StatusJudge:
    """Train the judge of medication status; always the same from the same records.

    Parameters
    ----------
    records : iterable of Extraction
        Synthetic notes: gold of ``medications@1``.
    """
    return StatusJudge(_chooser(status_lessons(records), STATUSES, "status"))


def _chooser(lessons: Sequence[Lesson], classes: Sequence[str], name: str) -> Chooser:
    """Fit a classifier; fit its temperature and lean on documents that it did not see."""
    examples = [lesson.example for lesson in lessons]

    def train(part: Sequence[Example]) -> LinearClassifier:
        return fit(part, classes, buckets=_BUCKETS, penalty=_PENALTY[name], steps=_STEPS)

    held = dict(cross_fit(examples, train, count=_FOLDS))
    real = [number for number, lesson in enumerate(lessons) if lesson.source != "made"]
    logits = np.stack([held[number] for number in real])
    labels = np.array([classes.index(examples[number].label) for number in real])
    temperature = temperature_of(logits, labels)
    lean = np.zeros(len(classes), dtype=np.float32)
    if name in (CASES, EVENTS):  # the open notes have no gold of their own to lean on
        lean = lean_of(logits / np.float32(temperature), labels)
    return Chooser(train(examples).tempered(temperature), lean)
