"""Readers of tagged trial abstracts, on small files in their formats (the sentences are made up)."""

from __future__ import annotations

import json

import pytest

from clinie.datasets.abstracts import ebm_nlp, ebm_nlp_mod
from clinie.errors import InputError


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIE_DATA", str(tmp_path))

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write


def words(item):
    return [item.document.text[start:end] for start, end in item.tokens]


def test_ebm_nlp_joins_tokens_by_a_blank_and_keeps_each_text_once(data):
    record = {
        "pmid": None,
        "tokens": [["Zinc", "in", "adults", "."], ["Pain", "(", "0-10", ")", "fell", "."]],
        "labels": [["I", "N", "P", "N"], ["O", "N", "N", "N", "N", "N"]],
    }
    numbered = {**record, "pmid": "123", "tokens": [["É"]], "labels": [["N"]]}
    lines = "\n".join(map(json.dumps, [record, numbered, record]))
    data("pico/ebm_nlp_train.jsonl", lines + "\n")
    first, second = ebm_nlp("train")
    assert first.document.text == "Zinc in adults . Pain ( 0-10 ) fell ."
    assert words(first) == record["tokens"][0] + record["tokens"][1]
    assert first.tags == ("I", "N", "P", "N", "O", "N", "N", "N", "N", "N")
    assert len(first.document.id) == 12
    assert (second.document.id, words(second)) == ("123", ["É"])


MOD = [
    ("Title", "O"), (":", "O"), ("Placebo", "B-C"), ("-", "O"), ("controlled", "O"),
    ("trial", "O"), (".", "O"), ("Zinc", "B-I"), ("1", "I-I"), (".", "I-I"), ("5", "I-I"),
    ("mg", "I-I"), ("(", "O"), ("n", "O"), ("=", "O"), ("9", "O"), (")", "O"), (",", "O"),
    ("pain", "B-O"), ("/", "I-O"), ("itch", "I-O"), (".", "O"),
]  # fmt: skip


def test_ebm_nlp_mod_puts_words_together_again(data):
    block = "\n".join(f"{token}\t{tag}" for token, tag in MOD)
    data("pico/ebm_nlp_mod/test.conll", f"-DOCSTART-\tO\n\n{block}\n\n-DOCSTART-\tO\n\nNone\tO\n")
    first, second = ebm_nlp_mod("test")
    assert first.document.text == "Title: Placebo-controlled trial. Zinc 1.5 mg (n = 9), pain/itch."
    assert words(first) == [token for token, _ in MOD]
    assert first.tags[2:4] == ("C", "N")
    assert first.tags[7:12] == ("I",) * 5
    assert first.tags[-4:] == ("O", "O", "O", "N")
    assert second.document.text == "None"
    assert first.document.id != second.document.id


def test_a_missing_file_is_one_clear_line(data, tmp_path):
    with pytest.raises(InputError, match=r"pico/ebm_nlp_test\.jsonl"):
        list(ebm_nlp("test"))
