from itertools import pairwise

from clinie.datasets import corpora
from clinie.datasets.corpora import from_iob
from clinie.training.tagger import sources


def test_neighbours_of_a_corpus_without_documents_share_a_fold(monkeypatch):
    def sentences(name, part):
        for number in range(600):
            words = [f"w{number}x{n}" for n in range(30)]
            yield from_iob(str(number), [[word, "O"] for word in words])

    monkeypatch.setattr(corpora, "bioc_iob", sentences)
    found = list(sources.iob("bc5cdr", ("train", "devel")))
    cuts = sum(one.document != other.document for one, other in pairwise(found))
    assert cuts < len(found) / 20
    assert {p.fold(2) for p in found} == {0, 1}
    # the parts are never one document
    half = len(found) // 2
    assert not {p.document for p in found[:half]} & {p.document for p in found[half:]}
