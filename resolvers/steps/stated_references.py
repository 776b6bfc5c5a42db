"""Answers that say in sentences what a word refers to, rewritten as bullets.

Agrawal et al. (2022) prompt with the quoted pronoun (``"it" refers to: "``); a model answers in
that form, in a plain sentence, with an arrow, or with an object from pronoun to antecedent.

References
----------
Agrawal M, Hegselmann S, Lang H, Kim Y, Sontag D. Large language models are few-shot clinical
information extractors. EMNLP 2022.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from clinie.resolvers.grammars.bullets import MARKER
from clinie.resolvers.grammars.jsonish import find_json
from clinie.resolvers.items import State
from clinie.resolvers.steps.reference_words import (
    QUOTES,
    backward_relation,
    reference_pattern,
    reference_words,
)
from clinie.resolvers.vocabulary import Vocabulary, key_form, vocabulary_of
from clinie.schema import RelationSpec
from clinie.text.folding import fold_word

__all__ = ["read_references"]

_ARROW = r"[-=]{1,2}>|→|⇒|⟶"
_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{1,200})[\"”»]")
_SENTENCE_END = re.compile(r"(?<=[.;])[ \t]+(?=[\"“A-Z])")
_COLON = re.compile(r"[ \t]*(?::|=)[ \t]*")
_BRACKETED = re.compile(r"[ \t]*\(([^()\n]{1,200})\)[ \t.]*$")
_FIELD = re.compile(r"(?:^|[;,|(])[ \t]*[\"“*_]*([A-Za-z][A-Za-z _/-]{0,30})[\"”*_]*\s*:")
_FENCE = re.compile(r"^\s*```\w*\s*|\s*```\s*$")
_LONGEST_LINE = 600
_LONGEST_HEAD = 80


@cache
def _joint() -> re.Pattern[str]:
    joint = reference_pattern("joint")
    return re.compile(rf"[ \t]*(?:{joint}[ \t]*:?|{_ARROW})[ \t]*", re.IGNORECASE)


@cache
def _frame() -> re.Pattern[str]:
    return re.compile(rf"{reference_pattern('frame')}[ \t]*,?[ \t]*", re.IGNORECASE)


def read_references(state: State) -> None:
    """Rewrite sentences about references as bullets, for `parse` to read.

    ``The pronoun "it" refers to the mass seen on CT.`` becomes ``- "it"; antecedent: "the mass seen
    on CT"``; so do ``"it" refers to: "the mass"``, ``it -> the mass`` and the object
    ``{"it": "the mass"}``. Runs before `parse`, leaves all other lines as they are and no findings.
    """
    spec = backward_relation(state)
    if spec is None:
        return
    vocabulary = vocabulary_of(state.question.schema)
    text = state.answer.text
    pairs = _pairs(text, vocabulary)
    if pairs is not None:
        lines = [_bullet(head, tails, spec.name) for head, tails in pairs]
    elif find_json(text) is not None or "</" in text:
        return
    else:
        lines = [new for line in text.split("\n") for new in _rewritten(line, spec, vocabulary)]
    state.answer = replace(state.answer, text="\n".join(lines))


def _bullet(head: str, tails: Sequence[str], relation: str) -> str:
    quoted = ", ".join('"' + tail.replace('"', "'") + '"' for tail in tails)
    return f'- "{head}"; {relation}: {quoted}'


def _pairs(text: str, vocabulary: Vocabulary) -> list[tuple[str, list[str]]] | None:
    """Read an object from anaphor to antecedent, or a list of such pairs, and nothing else."""
    body = _FENCE.sub("", text.strip())
    if not body.startswith(("{", "[")):
        return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    entries: list[Any] = list(value.items()) if isinstance(value, dict) else value
    pairs = []
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, (list, tuple)) or len(entry) != 2:
            return None
        head, tail = entry
        tails = tail if isinstance(tail, list) else [tail]
        if not isinstance(head, str) or not all(isinstance(t, str) for t in tails):
            return None
        if vocabulary.role(head)[0] != "unknown":
            return None
        pairs.append((head.replace('"', "'").replace("\n", " "), [t for t in tails if t.strip()]))
    return pairs or None


def _rewritten(line: str, spec: RelationSpec, vocabulary: Vocabulary) -> Iterator[str]:
    marker = MARKER.match(line)
    body = line[marker.end() :] if marker else line
    if len(line) > _LONGEST_LINE or _has_field(body, vocabulary):
        yield line
        return
    for sentence in _SENTENCE_END.split(body):
        found = _joint().search(sentence) or _sign(sentence, bullet=marker is not None)
        head = _head(sentence[: found.start()]) if found else ""
        tails = _tails(found[1] if found.lastindex else sentence[found.end() :]) if found else []
        if head and tails and vocabulary.role(head)[0] == "unknown":
            yield _bullet(head, tails, spec.name)
        elif sentence == body:
            yield line
        else:
            yield sentence


def _sign(sentence: str, *, bullet: bool) -> re.Match[str] | None:
    """Find the colon or bracket between the two in ``- it: the mass`` and ``- it (the mass)``."""
    found = _COLON.search(sentence) or _BRACKETED.search(sentence)
    if found is None:
        return None
    first = fold_word(_head(sentence[: found.start()])).partition(" ")[0]
    return (
        found
        if bullet or first in reference_words("pronoun") | reference_words("article")
        else None
    )


def _has_field(body: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a line is in the bullet grammar already."""
    for found in _FIELD.finditer(body):
        if vocabulary.role(found[1])[0] in ("relation", "label", "kind", "start", "head"):
            return True
    return False


def _head(words: str) -> str:
    """Return the word that a sentence is about, without the frame around it."""
    quoted = _QUOTED.findall(words)
    if quoted:
        words = quoted[-1]
    words = words.strip().strip(QUOTES + " \t*_,.:;()")
    while found := _frame().match(words):
        rest = words[found.end() :].strip(QUOTES + " \t*_,")
        if not rest:
            break
        words = rest
    return words if 0 < len(words) <= _LONGEST_HEAD else ""


def _tails(words: str) -> list[str]:
    quoted = [q.strip() for q in _QUOTED.findall(words)]
    if quoted:
        return [q for q in quoted if q]
    plain = words.strip().strip(QUOTES + " \t*_:;").rstrip(".").strip(QUOTES + " ")
    return [plain] if plain and key_form(plain) not in ("", "none", "nothing") else []
