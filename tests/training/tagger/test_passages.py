from hypothesis import given
from hypothesis import strategies as st

from clinie.models.tagger.features import BOUNDARY
from clinie.models.tagger.tagger import cut
from clinie.schema import Span
from clinie.text.tokens import tokenize
from clinie.training.tagger.passages import Passage, bio, join, passages

TEXT = "Takes warfarin 5mg daily.\n\nNo chest pain."


def span(words: str, label: str = "x", text: str = TEXT) -> Span:
    start = text.index(words)
    return Span("", label, start, start + len(words), words)


def tagged(*spans: Span, text: str = TEXT) -> dict[str, str]:
    tokens = tokenize(text)
    tags = bio(tokens, spans)
    return {t.text: tag for t, tag in zip(tokens, tags, strict=True) if tag != "O"}


def test_spans_become_tags() -> None:
    assert tagged(span("warfarin", "drug"), span("5mg", "dose"), span("chest pain")) == {
        "warfarin": "B-drug",
        "5": "B-dose",
        "mg": "I-dose",
        "chest": "B-x",
        "pain": "I-x",
    }
    assert tagged() == {}


def test_of_spans_that_overlap_the_longer_counts() -> None:
    inner, outer = span("pain", "inner"), span("chest pain", "outer")
    assert tagged(inner, outer) == tagged(outer, inner) == {"chest": "B-outer", "pain": "I-outer"}


def test_neighbours_of_one_label_stay_apart() -> None:
    assert tagged(span("chest"), span("pain")) == {"chest": "B-x", "pain": "B-x"}


def test_part_of_a_token_takes_the_whole_token() -> None:
    assert tagged(span("arfari")) == {"warfarin": "B-x"}
    assert tagged(span("farin 5")) == {"warfarin": "B-x", "5": "I-x"}


def test_a_span_without_a_token_is_left_out() -> None:
    assert tagged(Span("", "x", 25, 27, "\n\n")) == {}


@given(st.text("ab .\n-1", max_size=80), st.lists(st.tuples(st.integers(0, 80), st.integers(1, 9))))
def test_any_spans_give_well_formed_tags(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span("", "x", a, a + n, text[a : a + n]) for a, n in places]
    tags = bio(tokenize(text), spans)
    assert len(tags) == len(tokenize(text))
    assert all(
        before in {"B-x", "I-x"}
        for before, tag in zip(["O", *tags], tags, strict=False)
        if tag == "I-x"
    )


@given(st.text("ab .\n-1A", max_size=200), st.integers(1, 20))
def test_training_reads_passages_as_the_runtime_does(text: str, longest: int) -> None:
    found = [p.words for p in passages(text, {"a": []}, longest=longest)]
    assert found == [[t.text if t else BOUNDARY for t in line] for line in cut(text, longest)]


def test_passages_keep_the_tags_of_every_head_and_the_document() -> None:
    heads = {"a": [span("warfarin")], "b": [span("chest pain"), span("5mg")]}
    (found,) = passages(TEXT, heads, "note-1")
    assert found.words == [
        *["Takes", "warfarin", "5", "mg", "daily", ".", BOUNDARY, "No", "chest", "pain", "."]
    ]
    assert found.tags["a"] == ["O", "B-x", *["O"] * 9]
    assert found.tags["b"] == ["O", "O", "B-x", "I-x", *["O"] * 4, "B-x", "I-x", "O"]
    assert (found.document, found.by_people, found.times) == ("note-1", True, 1)
    apart = list(passages(TEXT, heads, longest=6))
    assert [len(p.words) for p in apart] == [6, 4]
    assert apart[1].tags["b"] == ["O", "B-x", "I-x", "O"]


def test_a_long_sentence_is_cut_with_its_tags() -> None:
    line = Passage(["w"] * 130, {"a": ["O"] * 119 + ["B-x", "I-x"] + ["O"] * 9}, "d")
    first, second = join([line])
    assert (len(first.words), len(second.words)) == (120, 10)
    assert first.tags["a"][-1] == "B-x"
    assert second.tags["a"][0] == "I-x"
    assert list(join([])) == []


def test_a_document_is_of_one_fold_whatever_the_run() -> None:
    folds = [Passage([], document=f"note-{n}").fold(2) for n in range(8)]
    assert folds == [0, 0, 0, 1, 1, 0, 1, 0]
