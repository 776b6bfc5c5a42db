"""The page in real headless Chromium: keyboard, filters, thousands of notes, hostile text."""

from __future__ import annotations

import shutil
from importlib import import_module
from importlib.util import find_spec

import pytest

from clinie import Document, Extraction, Finding, Label, Relation, Span
from clinie.view import write_page

pytestmark = pytest.mark.system

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \U0001f600 Lasix 40 mg"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def record(document: Document, number: int) -> Extraction:
    start = document.text.index("Lasix")
    drug = Span("s0", "medication", start, start + 5, "Lasix", attributes={"status": "active"})
    dose = Span("s1", "dosage", start + 6, start + 11, "40 mg")
    odd = number % 2 == 1
    return Extraction(
        document.id,
        "medications@1",
        spans=(drug,) if odd else (drug, dose),
        relations=() if odd else (Relation("r0", "dosage", "s0", "s1"),),
        findings=(Finding("ungrounded", "reject", HOSTILE),) if odd else (),
        document=document,
    )


def allergies(document: Document) -> Extraction:
    start = document.text.index("Note")
    return Extraction(
        document.id,
        "allergies@1",
        spans=(Span("s0", "allergen", start, start + 4, "Note"),),
        labels=(Label("l0", "no_known_allergies", "true"), Label("l1", "arm", HOSTILE, span="s0")),
        document=document,
    )


@pytest.fixture
def page(tmp_path, need):
    need(shutil.which("chromium"), "chromium is not installed")
    need(find_spec("playwright"), "playwright is not installed")
    playwright = import_module("playwright.sync_api")
    documents = [Document(f"{HOSTILE}. Note {n}.", f"note-{n:04}") for n in range(3000)]
    out = tmp_path / "page.html"
    records = [(d, record(d, n)) for n, d in enumerate(documents)]
    records.insert(5, (documents[4], allergies(documents[4])))
    write_page(out, records)
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        tab = browser.new_page()
        tab.trouble = []
        tab.on("dialog", lambda dialog: (tab.trouble.append(dialog.message), dialog.dismiss()))
        tab.on("pageerror", lambda error: tab.trouble.append(str(error)))
        tab.on("console", lambda m: tab.trouble.append(m.text) if m.type == "error" else None)
        tab.on("request", lambda r: None if r.url == tab.url else tab.trouble.append(r.url))
        tab.goto(out.as_uri())
        yield tab
        assert [t for t in tab.trouble if t != out.as_uri()] == []
        browser.close()


def test_a_hostile_note_is_shown_as_text(page):
    assert page.locator("#text").inner_text() == f"{HOSTILE}. Note 0."
    assert page.locator("#text img, #text script").count() == 0


def test_only_the_rows_in_sight_exist(page):
    assert page.locator("#count").inner_text() == "3000 notes"
    assert page.locator(".row").count() < 100
    page.keyboard.press("End")
    assert page.locator("#name").inner_text() == "note-2999"
    assert page.locator('.row[aria-current="true"]').inner_text().startswith("note-2999")


def test_notes_and_spans_by_keyboard(page):
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert page.locator("#name").inner_text() == "note-0002"
    page.keyboard.press("k")
    assert page.locator("#name").inner_text() == "note-0001"
    page.keyboard.press("Home")
    page.keyboard.press("n")
    assert page.locator("mark.lit").inner_text() == "Lasix"
    detail = page.locator("#detail").inner_text()
    assert "active" in detail
    assert "40 mg" in detail
    page.keyboard.press("n")
    assert page.locator("mark.lit").inner_text() == "40 mg"
    page.keyboard.press("/")
    page.keyboard.type("note-1234")
    assert page.locator("#count").inner_text() == "1 of 3000 notes"
    assert page.locator("#name").inner_text() == "note-1234"


def test_hover_shows_details_and_draws_the_relation(page):
    assert page.locator("#links path").count() == 1
    page.locator("mark", has_text="Lasix").hover()
    assert page.locator("#links path.lit").count() == 1
    assert page.locator("#links text").text_content() == "dosage"


def test_filters(page):
    page.select_option("#finding", "ungrounded")
    assert page.locator("#count").inner_text() == "1500 of 3000 notes"
    assert HOSTILE in page.locator("#findings").inner_text()
    page.select_option("#finding", "")
    page.get_by_label("medication", exact=True).uncheck()
    assert page.locator("mark").all_inner_texts() == ["40 mg"]
    page.select_option("#decision", "none")
    assert page.locator("#count").inner_text() == "1500 of 3000 notes"


def test_one_task_at_a_time(page):
    page.locator(".row", has_text="note-0004").click()
    assert page.locator("mark").all_inner_texts() == ["Lasix", "40 mg", "Note"]
    assert "medications@1, allergies@1" in page.locator("#status").inner_text()
    page.keyboard.press("t")
    assert page.locator("#task").input_value() == "medications@1"
    assert page.locator("mark").all_inner_texts() == ["Lasix", "40 mg"]
    assert not page.get_by_label("allergen", exact=True).is_visible()
    assert not page.locator("#said").is_visible()
    page.select_option("#task", "allergies@1")
    assert page.locator("mark").all_inner_texts() == ["Note"]
    assert page.locator('.row[aria-current="true"] .count').inner_text() == "1"
    assert not page.get_by_label("dosage", exact=True).is_visible()


def test_what_is_said_of_the_document(page):
    page.locator(".row", has_text="note-0004").click()
    said = page.locator("#statements li").all_inner_texts()
    assert said == ["no known allergies", f"arm {HOSTILE}"]
    page.locator("#statements li.place").focus()
    page.keyboard.press("Enter")
    assert page.locator("mark.lit").inner_text() == "Note"
    assert not page.locator("#tasks").is_hidden()
