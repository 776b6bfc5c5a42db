import importlib.util
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinie.resolvers.grounding import ground, ground_all
from clinie.text.tokens import tokenize

_spec = importlib.util.spec_from_file_location(
    "grounding_cases", Path(__file__).with_name("grounding_cases.py")
)
assert _spec is not None
assert _spec.loader is not None
cases = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(cases)

MARK = re.compile(r"⟦(?:(\d)\|)?|⟧")


def unmark(marked: str) -> tuple[str, dict[int, tuple[tuple[int, int], ...]]]:
    """Return a note without its marks, and the extents marked for each mention."""
    note, last, open_marks = "", 0, []
    extents: dict[int, list[tuple[int, int]]] = {}
    for mark in MARK.finditer(marked):
        note += marked[last : mark.start()]
        last = mark.end()
        if mark.group() == "⟧":
            number, start = open_marks.pop()
            extents.setdefault(number, []).append((start, len(note)))
        else:
            open_marks.append((int(mark.group(1) or 0), len(note)))
    return note + marked[last:], {n: tuple(sorted(e)) for n, e in extents.items()}


@pytest.mark.parametrize(("group", "marked", "mention", "status", "findings"), cases.ALONE)
def test_one_mention_in_a_note(group, marked, mention, status, findings):
    note, extents = unmark(marked)
    found = ground(mention, note)
    assert (found.status, found.spans, list(found.findings)) == (
        status,
        extents.get(0, ()) if status != "ungrounded" else (),
        findings,
    )


@pytest.mark.parametrize(("group", "marked", "expected"), cases.JOINT)
def test_several_mentions_in_a_note(group, marked, expected):
    note, extents = unmark(marked)
    found = ground_all([mention for mention, _, _ in expected], note)
    assert [(g.status, g.spans, list(g.findings)) for g in found] == [
        (status, extents.get(n, ()) if status != "ungrounded" else (), findings)
        for n, (_, status, findings) in enumerate(expected)
    ]


def test_there_are_cases_enough():
    assert len(cases.ALONE) + len(cases.JOINT) >= 166


def test_a_hint_is_believed_where_the_mention_stands_there():
    note = "fever on Monday, fever on Friday, Fever on Sunday"
    assert ground("fever", note, hint=17).spans == ((17, 22),)
    assert ground("fever", note, hint=34).spans == ((34, 39),)
    assert ground("fever", note, hint=34).findings == ()


def test_a_wrong_hint_chooses_the_nearest_occurrence():
    assert ground("fever", "fever on Monday, fever on Friday", hint=14).spans == ((17, 22),)
    assert ground("fever", "no such word", hint=3).status == "ungrounded"


def test_hints_of_identical_mentions_are_kept_apart():
    found = ground_all(["fever", "fever"], "fever, fever, fever", hints=[14, 0])
    assert [g.spans for g in found] == [((14, 19),), ((0, 5),)]


def test_every_mention_gets_an_occurrence_when_one_exists():
    # Grounded greedily, the first "Fever" in text order would leave the last mention without one.
    note = "Fever. fever. FEVER."
    found = ground_all(["FEVER", "Fever", "fever", "FEVER"], note)
    assert sorted(g.spans for g in found if g.spans) == [((0, 5),), ((7, 12),), ((14, 19),)]
    assert [g.findings for g in found].count(("surplus_mention",)) == 1


PIECES = st.sampled_from(
    """fever Fever pain chest left right no denies and or , . ; 5 10 25 0.5 5,000 mg mcg mL h daily
    aspirin metoprolol İ ß ﬁbrosis cafe\u0301 Sjögren feb\u00adrile x\u200by - – / ( ) ' ’ % ≥ 10⁶ ½
    👩\u200d⚕️ \ud800 \x00 q8h b.i.d. hyper- tension""".split()  # noqa: SIM905
)
GAPS = st.sampled_from([" ", " ", " ", "", "\n", "\n\n", "\t", "\u00a0", "\r\n"])
NOTES = st.lists(st.tuples(PIECES, GAPS), max_size=25).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)
MENTIONS = st.lists(st.tuples(PIECES, GAPS), max_size=4).map(
    lambda parts: "".join(word + gap for word, gap in parts)
)


def check(found, mention, note):
    assert found.status in ("exact", "normalized", "fuzzy", "ungrounded")
    assert (found.spans == ()) == (found.status == "ungrounded")
    last = 0
    for start, end in found.spans:
        assert last <= start < end <= len(note)
        last = end
        assert note[start:end].strip() == note[start:end]
    if found.status == "exact":
        ((start, end),) = found.spans
        assert note[start:end] == mention


@given(st.text(), st.text())
def test_any_two_strings_are_grounded_or_not(mention, note):
    check(ground(mention, note), mention, note)


@given(MENTIONS, NOTES)
def test_any_clinical_strings_are_grounded_or_not(mention, note):
    check(ground(mention, note), mention, note)


@pytest.mark.parametrize(
    ("mention", "spans"), [("fever\n\n( ", ((0, 5),)), ("(\n\nfever", ((0, 5),)), ("(\n\n( ", ())]
)
def test_a_blank_line_is_no_edge_of_a_span(mention, spans):
    assert ground(mention, "fever\n\nfever ").spans == spans


@given(st.lists(st.one_of(MENTIONS, st.text(max_size=8)), max_size=8), NOTES)
def test_no_two_mentions_share_a_span(mentions, note):
    found = ground_all(mentions, note)
    assert len(found) == len(mentions)
    for mention, grounding in zip(mentions, found, strict=True):
        check(grounding, mention, note)
    taken = [g.spans for g in found if g.spans]
    assert len(taken) == len(set(taken))


@given(NOTES, st.data())
def test_every_whole_word_slice_is_found_as_it_stands(note, data):
    tokens = tokenize(note)
    if not tokens:
        return
    first = data.draw(st.integers(0, len(tokens) - 1))
    last = data.draw(st.integers(first, min(len(tokens) - 1, first + 6)))
    mention = note[tokens[first].start : tokens[last].end]
    found = ground(mention, note)
    assert found.status == "exact"
    ((start, end),) = found.spans
    assert note[start:end] == mention


@settings(max_examples=60)
@given(NOTES, st.lists(MENTIONS, min_size=2, max_size=6), st.randoms())
def test_the_order_of_mentions_does_not_matter(note, mentions, random):
    def by_mention(order):
        pairs = zip(order, ground_all(order, note), strict=True)
        return sorted((m, g.spans, g.status, g.findings) for m, g in pairs)

    shuffled = list(mentions)
    random.shuffle(shuffled)
    assert by_mention(shuffled) == by_mention(mentions)


@given(st.text(alphabet="İßﬁﬀſ\u0301ΐaeé ", max_size=20))
def test_characters_that_fold_into_several_never_shift_a_span(before):
    note = before + " fever"
    assert ground("FEVER", note).spans == ((len(before) + 1, len(before) + 6),)


@given(st.lists(st.sampled_from(["a", "b", "ab"]), max_size=7), st.sampled_from("ab"))
def test_as_many_mentions_are_grounded_as_there_are_occurrences(words, mention):
    note = " ".join(words)
    found = ground_all([mention] * 8, note)
    assert sum(bool(g.spans) for g in found) == words.count(mention)
    spans = [g.spans for g in found if g.spans]
    assert spans == sorted(spans)


def test_long_repetitive_text_takes_no_more_than_linear_work():
    note = "fever and " * 3000
    assert ground("fever or chills", note).status == "ungrounded"
    found = ground_all(["fever"] * 300, note)
    assert [g.spans[0][0] for g in found] == [10 * i for i in range(300)]
