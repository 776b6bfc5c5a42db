"""Figures of what was found: spans, tokens, relations, document labels, antecedents."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

from clinie.datasets.evaluation.pairs import Pair
from clinie.datasets.evaluation.rows import Row, count_rows, share_row
from clinie.datasets.scoring import (
    Mode,
    Score,
    count_by,
    match_labels,
    match_relations,
    match_spans,
    said_once,
)
from clinie.schema import Extraction, Span, TaskSchema
from clinie.text.folding import fold_word
from clinie.text.tokens import Token, tokenize

__all__ = ["antecedent_rows", "label_rows", "relation_rows", "span_rows", "token_rows"]

MODES: tuple[Mode, ...] = get_args(Mode)


def span_rows(pairs: Sequence[Pair], schema: TaskSchema) -> Iterator[Row]:
    """Yield precision, recall and F1 of spans by label, strict and relaxed."""
    order = [label.name for label in schema.labels]
    for mode in MODES:
        documents = [
            count_by(
                pair.gold.spans,
                pair.predicted.spans,
                match_spans(pair.gold.spans, pair.predicted.spans, mode),
                lambda span: span.label,
            )
            for pair in pairs
        ]
        yield from count_rows(f"spans, {mode}", documents, order)


def token_rows(pairs: Sequence[Pair], schema: TaskSchema) -> Iterator[Row]:
    """Yield precision, recall and F1 of tokens by label: a span holds the tokens it touches."""
    documents = []
    for pair in pairs:
        tokens = tokenize(pair.text)
        gold, found = _held(pair.gold.spans, tokens), _held(pair.predicted.spans, tokens)
        documents.append(
            {
                label: _sets(gold.get(label, set()), found.get(label, set()))
                for label in dict.fromkeys([*gold, *found])
            }
        )
    yield from count_rows("tokens", documents, [label.name for label in schema.labels])


def relation_rows(pairs: Sequence[Pair], schema: TaskSchema) -> Iterator[Row]:
    """Yield precision, recall and F1 of relations by label, strict and relaxed."""
    order = [relation.name for relation in schema.relations]
    for mode in MODES:
        documents = [
            count_by(
                pair.gold.relations,
                pair.predicted.relations,
                match_relations(pair.gold, pair.predicted, mode),
                lambda relation: relation.label,
            )
            for pair in pairs
        ]
        yield from count_rows(f"relations, {mode}", documents, order)


def label_rows(pairs: Sequence[Pair], schema: TaskSchema) -> Iterator[Row]:
    """Yield figures of document labels, and how many documents have all right, none spurious.

    The latter, for the arms of a trial, is the abstract-level accuracy of Agrawal et al. (2022);
    it is counted over the documents about which gold or prediction say something.
    """
    order = [label.name for label in schema.document_labels]
    for mode in MODES:
        documents = []
        for pair in pairs:
            gold, found = said_once(pair.gold.labels), said_once(pair.predicted.labels)
            matched = match_labels(gold, found, mode)
            documents.append(count_by(gold, found, matched, lambda label: label.name))
        section = f"document labels, {mode}"
        rows = count_rows(section, documents, order)
        yield from rows
        if rows:
            right = [
                bool(scores) and all(score.fp == score.fn == 0 for score in scores.values())
                for scores in documents
            ]
            told = [bool(scores) for scores in documents]
            yield share_row(section, "all right, none spurious", right, told)


def antecedent_rows(pairs: Sequence[Pair], schema: TaskSchema) -> Iterator[Row]:
    """Yield precision and recall over the words of what an anaphor refers to.

    For every gold anaphor the words of its antecedents are compared with those of the predicted
    anaphor that overlaps it; one without an answer counts in recall alone, an anaphor that gold
    does not have not at all (Agrawal et al. 2022, task 3).
    """
    for relation in schema.relations:
        if relation.backward:
            documents = [{relation.name: _antecedents(pair, relation.name)} for pair in pairs]
            if any(scores[relation.name] != Score() for scores in documents):
                name = f"words of the {relation.name}, given the {relation.head}"
                yield count_rows(name, documents)[0]


def _antecedents(pair: Pair, relation: str) -> Score:
    gold, found = _tails(pair.gold, relation), _tails(pair.predicted, relation)
    heads, theirs = [head for head, _ in gold], [head for head, _ in found]
    partner = dict(match_spans(heads, theirs, "relaxed"))
    tp = fp = fn = 0
    for number, (_, words) in enumerate(gold):
        said = found[partner[number]][1] if number in partner else Counter[str]()
        shared = (words & said).total()
        tp, fp, fn = tp + shared, fp + said.total() - shared, fn + words.total() - shared
    return Score(tp, fp, fn)


def _tails(record: Extraction, relation: str) -> list[tuple[Span, Counter[str]]]:
    """Return each head of a relation with the words of all its tails."""
    spans = {span.id: span for span in record.spans}
    words: dict[str, Counter[str]] = {}
    for link in record.relations:
        if link.label == relation:
            words.setdefault(link.head, Counter()).update(_words(spans[link.tail].text))
    return [(spans[head], said) for head, said in words.items()]


def _words(text: str) -> Iterator[str]:
    return (fold_word(token.text) for token in tokenize(text) if token.text[0].isalnum())


def _held(spans: Sequence[Span], tokens: Sequence[Token]) -> dict[str, set[int]]:
    """Return the numbers of the tokens that the spans of each label touch."""
    starts, ends = [token.start for token in tokens], [token.end for token in tokens]
    held: dict[str, set[int]] = {}
    for span in spans:
        for start, end in span.fragments or ((span.start, span.end),):
            touched = range(bisect_right(ends, start), bisect_left(starts, end))
            held.setdefault(span.label, set()).update(touched)
    return held


def _sets(gold: set[int], found: set[int]) -> Score:
    both = len(gold & found)
    return Score(both, len(found) - both, len(gold) - both)
