import numpy as np
import pytest

from clinie.datasets import corpora
from clinie.datasets.allergy_notes import allergy_notes
from clinie.datasets.standoff import aci_bench_medications
from clinie.training.tagger.judges import ASSERTIONS, STATUSES, checked_statuses, open_notes
from clinie.training.tagger.linear import lean_of
from clinie.training.tagger.sentences import assertion_sentences, status_sentences

needs_corpora = pytest.mark.skipif(corpora.root() is None, reason="no corpora (CLINIE_DATA)")


@pytest.mark.parametrize("made", [status_sentences, assertion_sentences])
def test_made_up_sentences_hold_what_they_mark(made) -> None:
    records = list(made(2))
    assert records == list(made(2))
    assert records != list(made(2, seed=1))
    for record in records:
        for span in record.spans:
            assert record.document.text[span.start : span.end] == span.text
    values = {v for r in records for s in r.spans for v in s.attributes.values()}
    assert set(STATUSES if made is status_sentences else ASSERTIONS) <= values


def test_lean_lifts_a_rare_class() -> None:
    random = np.random.default_rng(0)
    labels = (random.random(2000) < 0.05).astype(np.int64)
    logits = np.stack([np.full(2000, 2.0), labels * 2.0 + random.normal(0, 0.5, 2000)], axis=1)
    lean = lean_of(logits.astype(np.float32), labels)
    assert lean[0] == 0
    assert 0.25 <= lean[1] <= 1.5


def test_lean_leaves_a_class_of_few_examples_alone() -> None:
    logits = np.zeros((30, 2), dtype=np.float32)
    assert not lean_of(logits, np.array([1] * 5 + [0] * 25)).any()


@needs_corpora
def test_no_note_annotated_for_evaluation_is_learnt_from() -> None:
    held = {record.document_id for record in [*aci_bench_medications(), *allergy_notes()]}
    notes = list(open_notes())
    assert notes
    assert not held & {note.id for note in notes}
    assert not held & {record.document_id for record in checked_statuses()}


@needs_corpora
def test_checked_statuses_are_of_the_closed_set() -> None:
    values = {s.attributes["status"] for r in checked_statuses() for s in r.spans}
    assert values == set(STATUSES)
