"""The page and the notebook display: what they hold, and what a hostile note can not do."""

from __future__ import annotations

import json
import re
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie import Document, Extraction, Finding, Label, OutputError, Relation, Span
from clinie.view import to_html, write_page
from clinie.view.segments import segments

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)> & 'Lasix' 40 mg \U0001f600"
)


def record(document: Document, *places: tuple[int, int], **more) -> Extraction:
    spans = tuple(
        Span(f"s{n}", "medication", a, b, document.text[a:b], attributes={"status": "active"})
        for n, (a, b) in enumerate(places)
    )
    return Extraction(document.id, "medications@1", spans=spans, document=document, **more)


@given(st.data())
def test_segments_join_to_the_text_and_cover_the_spans(data):
    text = data.draw(st.text(max_size=60))
    point = st.integers(0, len(text))
    places = data.draw(st.lists(st.tuples(point, point).filter(lambda p: p[0] < p[1]), max_size=6))
    spans = [Span(f"s{n}", "x", a, b, text[a:b]) for n, (a, b) in enumerate(places)]
    pieces = segments(text, spans)
    assert "".join(piece for piece, _ in pieces) == text
    for number, (start, end) in enumerate(places):
        covered, position = [], 0
        for piece, covering in pieces:
            if number in covering:
                covered += range(position, position + len(piece))
            position += len(piece)
        assert covered == list(range(start, end))


def test_fragments_are_covered_and_the_gap_is_not():
    text = "left and right leg swelling"
    span = Span("s0", "problem", 0, 27, text, fragments=((0, 4), (15, 27)))
    assert segments(text, [span]) == [
        ("left", (0,)),
        (" and right ", ()),
        ("leg swelling", (0,)),
    ]


def page_of(tmp_path, *records: Extraction) -> str:
    out = tmp_path / "page.html"
    write_page(out, [(r.document, r) for r in records])
    return out.read_text(encoding="utf-8")


def data_of(page: str, name: str):
    return json.loads(re.search(rf'id="{name}">(.*?)</script>', page, re.DOTALL)[1])


def test_page_holds_notes_and_an_index(tmp_path):
    one, two = Document("Lasix 40 mg.", "a"), Document("No pain.", "b/c")
    gout = Finding("ungrounded", "reject", "gout")
    page = page_of(
        tmp_path,
        record(one, (0, 5), (6, 11), relations=(Relation("r0", "dosage", "s0", "s1"),)),
        Extraction("a", "conditions@1", findings=(gout,), document=one),
        record(two, (3, 7), complete=False),
    )
    note = data_of(page, "note-0")
    assert "".join(piece for piece, _ in note["segments"]) == one.text
    assert [t["task"] for t in note["tasks"]] == ["medications@1", "conditions@1"]
    assert note["relations"] == [["dosage", 0, 1]]
    assert note["findings"] == [[1, "ungrounded", "reject", "gout", None]]
    assert data_of(page, "index") == [
        {
            "id": "a",
            "labels": {"medications@1": {"medication": 2}, "conditions@1": {}},
            "decisions": ["none"],
            "findings": {"ungrounded": 1},
            "complete": True,
        },
        {
            "id": "b/c",
            "labels": {"medications@1": {"medication": 1}},
            "decisions": ["none"],
            "findings": {},
            "complete": False,
        },
    ]


def test_page_is_self_contained_and_locked(tmp_path):
    page = page_of(tmp_path, record(Document("Lasix", "a"), (0, 5)))
    assert not re.search(r"(src|href)\s*=|url\(|@import|fetch\(|innerHTML|eval\(", page)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[^']+';", policy)
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o600


def test_a_hostile_note_stays_data(tmp_path):
    document = Document(HOSTILE, "<b onclick=alert(3)>", metadata={})
    hostile = record(document, (0, 9), findings=(Finding("ungrounded", "reject", HOSTILE),))
    page = page_of(tmp_path, hostile)
    assert page.count("<script") == 3  # one note, the index, the page's own
    assert "<img" not in page
    assert "".join(piece for piece, _ in data_of(page, "note-0")["segments"]) == HOSTILE
    inline = to_html(hostile)
    assert "<script" not in inline
    assert "<img" not in inline
    assert "<b onclick" not in inline


@given(text=st.text(min_size=1))
def test_notebook_display_escapes_everything(text):
    document = Document(text, text)
    found = record(
        document,
        (0, len(text)),
        labels=(Label("l0", text, text),),
        findings=(Finding(text, "reject", text),),
    )
    plain = re.sub(r"</?(div|span|b|ul|li|p)\b[^<>]*>", "", found._repr_html_())
    assert "<" not in plain
    assert ">" not in plain


def test_notebook_display_without_the_note_lists_the_spans():
    found = Extraction("a", "t@1", spans=(Span("s0", "x", 0, 1, "<i>"),), complete=False)
    shown = to_html(found)
    assert "&lt;i&gt;" in shown
    assert "Incomplete" in shown


def test_a_page_that_cannot_be_written_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_page(tmp_path / "file" / "page.html", [])


def test_an_interrupted_page_leaves_nothing_behind(tmp_path):
    def pairs():
        document = Document("Lasix", "a")
        yield document, record(document, (0, 5))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_page(tmp_path / "page.html", pairs())
    assert list(tmp_path.iterdir()) == []
