"""Readers of corpora of trial abstracts with one tag per token; none of them ships.

Tags are ``P`` (participants), ``I`` (interventions), ``C`` (comparators, in ``ebm_nlp_mod`` only),
``O`` (outcomes) and ``N`` (none).

Fifteen of the 50 test documents of ``ebm_nlp_mod`` are also in the training part of EBM-NLP, with
other annotations; 651 abstracts of that part are also in the study of crowd against expert.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clinie.datasets.corpora import corpus_file, json_lines
from clinie.schema import Document

__all__ = ["NONE", "TaggedText", "ebm_nlp", "ebm_nlp_mod"]

NONE = "N"
"""The tag of a token that belongs to no element."""


@dataclass(frozen=True, slots=True)
class TaggedText:
    """A text with a tag on every token.

    Parameters
    ----------
    document : Document
    tokens : tuple of (int, int)
        Half-open code point offsets, in text order.
    tags : tuple of str
        As many as tokens.
    """

    document: Document
    tokens: tuple[tuple[int, int], ...]
    tags: tuple[str, ...]


def ebm_nlp(split: str, folder: Path | None = None) -> Iterator[TaggedText]:
    """Yield the abstracts of EBM-NLP, each text once; split ``train`` or ``test``.

    The corpus gives no spacing: tokens are joined by one blank. Many training abstracts have no
    PubMed number; their id is made from their text.
    """
    seen = set()
    for record in json_lines(corpus_file("pico", f"ebm_nlp_{split}.jsonl", folder=folder)):
        tokens = [token for sentence in record["tokens"] for token in sentence]
        tags = tuple(tag for sentence in record["labels"] for tag in sentence)
        text = " ".join(tokens)
        if text not in seen:
            seen.add(text)
            yield _tagged(text, tokens, tags, record["pmid"])


def ebm_nlp_mod(split: str, folder: Path | None = None) -> Iterator[TaggedText]:
    """Yield titles and methods with a class for comparators; split ``train``, ``dev`` or ``test``.

    Tokens are split at every mark of punctuation; hyphens, slashes, decimal points and brackets
    are put back against the words they belong to.
    """
    file = corpus_file("pico/ebm_nlp_mod", f"{split}.conll", folder=folder)
    for block in file.read_text(encoding="utf-8").split("-DOCSTART-"):
        rows = [line.split("\t") for line in block.split("\n") if line.partition("\t")[0].strip()]
        tokens = [token for token, _ in rows]
        tags = tuple(NONE if tag == "O" else tag[2:] for _, tag in rows)
        if tokens:
            yield _tagged(_spaced(tokens), tokens, tags, None)


def _tagged(text: str, tokens: list[str], tags: tuple[str, ...], id: str | None) -> TaggedText:
    places = []
    at = 0
    for token in tokens:
        at = text.index(token, at)
        places.append((at, at + len(token)))
        at += len(token)
    name = id or hashlib.sha256(text.encode()).hexdigest()[:12]
    return TaggedText(Document(text, name), tuple(places), tags)


def _spaced(tokens: list[str]) -> str:
    """Join tokens as they were written."""
    text = tokens[0]
    for at in range(1, len(tokens)):
        before, token = tokens[at - 1], tokens[at]
        text += token if _joined(tokens, at, before, token) else f" {token}"
    return text


def _joined(tokens: list[str], at: int, before: str, token: str) -> bool:
    if token in ("-", "/", "'") or before in ("-", "/", "'"):
        return True
    if token in (".", ",", ";", ":", ")", "]", "%") or before in ("(", "["):
        return True
    return before == "." and at > 1 and tokens[at - 2].isdigit() and token.isdigit()
