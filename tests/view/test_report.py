"""The report of an evaluation: complete, offline, and safe from what notes say."""

from __future__ import annotations

import json
import re
import shutil
import stat
from html.parser import HTMLParser
from importlib import import_module
from importlib.util import find_spec

import pytest

from clinie import Document, Extraction, OutputError, Relation, Span
from clinie.datasets.evaluation import evaluate
from clinie.view import plots, write_report

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
TEXT = f"{'before ' * 60}{HOSTILE} Lasix 40 mg {HOSTILE}{' after' * 60}"


def record(id, label="medication", status="active", confidence=None):
    start = TEXT.index("Lasix")
    spans = (
        Span("s0", label, start, start + 5, "Lasix", None, {"status": status}, confidence=confidence),
        Span("s1", "dosage", start + 6, start + 11, "40 mg", confidence=confidence),
        Span("s2", "reason", 0, 6, "before"),
    )  # fmt: skip
    links = (Relation("r0", "reason", "s0", "s2"),)
    return Extraction(id, "medications@1", spans, links, document=Document(TEXT, id))


@pytest.fixture
def evaluation():
    gold = [record(f"{HOSTILE}{n}") for n in range(150)]
    found = [
        record(f"{HOSTILE}{n}", "medication" if n % 3 else "<b>", ("active", HOSTILE)[n % 2], n / 200)
        for n in range(149)
    ]  # fmt: skip
    return evaluate(found, gold, task="medications", against=gold, resamples=20).to_dict(words=True)


def test_the_page_is_whole_and_nothing_in_it_runs_but_its_script(evaluation, tmp_path):
    out = tmp_path / "deep" / "r.html"
    write_report(out, evaluation, title=HOSTILE)
    page = out.read_text(encoding="utf-8")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert HOSTILE not in page
    assert page.count("<script") == 2
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=\"(?!#)", page)
    assert "{{" not in page

    class Balanced(HTMLParser):
        open: list[str]

        def handle_starttag(self, tag, attributes):
            if tag not in ("meta", "input"):
                self.open.append(tag)

        def handle_startendtag(self, tag, attributes):
            pass

        def handle_endtag(self, tag):
            assert self.open.pop() == tag

    parser = Balanced()
    parser.open = []
    parser.feed(page.replace("<!doctype html>", ""))
    assert parser.open == []


def test_errors_are_shown_with_what_stands_around_them(evaluation, tmp_path):
    out = tmp_path / "r.html"
    write_report(out, evaluation)
    found = re.search(r'id="errors">(.*?)</script>', out.read_text(encoding="utf-8"), re.DOTALL)
    errors = json.loads(found[1])
    assert len(errors) == len(evaluation["errors"])
    assert list(dict.fromkeys(e["kind"] for e in errors)) == list(evaluation["error_counts"])
    wrong = next(e for e in errors if e["kind"] == "wrong value")
    marked = [(words, sides) for words, sides in wrong["context"] if sides]
    assert marked == [("Lasix", "gp")]
    shown = "".join(words for words, _ in wrong["context"])
    assert shown.startswith("… before ")
    assert shown.endswith(" …")
    assert len(shown) < 260
    far = next(e for e in errors if e["kind"] == "relation missed")
    assert [words for words, sides in far["context"] if sides] == ["before", "Lasix"]
    assert " … " in [words for words, _ in far["context"]]


def test_an_evaluation_of_little_has_a_report_too(tmp_path):
    empty = Extraction("a", "medications@1")
    result = evaluate([empty], [empty], task="medications", resamples=2)
    write_report(tmp_path / "r.html", result.to_dict(words=True))
    assert "0 errors" not in (tmp_path / "r.html").read_text()


def test_a_report_that_cannot_be_written_leaves_nothing(evaluation, tmp_path):
    with pytest.raises(OutputError):
        write_report(tmp_path, evaluation)
    assert list(tmp_path.parent.glob("*.partial")) == []


def test_plots_stay_inside_their_frame():
    points = [
        {"coverage": k / 9, "accuracy": 1 - k / 30, "threshold": 1 - k / 9} for k in range(10)
    ]
    bins = [{"n": k + 1, "confidence": k / 9, "accuracy": 1 - k / 9} for k in range(10)]
    for plot in (
        plots.coverage(points, "<spans>"),
        plots.coverage([], "spans"),
        plots.reliability(bins, "<spans>"),
        plots.intervals([("<a>" * 20, {"value": 0.5, "low": 0, "high": 1}, 0.2)], "F1"),
    ):
        width, height = map(float, re.search(r'viewBox="0 0 (\S+) (\S+)"', plot).groups())
        for name, value in re.findall(r'\b(c?[xy][12]?)="(\S+)"', plot):
            assert 0 <= float(value) <= (width if "x" in name else height)
        assert "<spans>" not in plot
        assert "<a>" not in plot


@pytest.mark.system
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_report_in_a_browser(evaluation, tmp_path, need, scheme):
    need(shutil.which("chromium"), "chromium is not installed")
    need(find_spec("playwright"), "playwright is not installed")
    out = tmp_path / "r.html"
    write_report(out, evaluation)
    with import_module("playwright.sync_api").sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        tab = browser.new_page(color_scheme=scheme)
        trouble = []
        tab.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
        tab.on("console", lambda message: trouble.append(message.text))
        tab.on("pageerror", lambda error: trouble.append(str(error)))
        tab.on("request", lambda r: r.url.startswith("file:") or trouble.append(r.url))
        tab.goto(out.as_uri())
        total = len(evaluation["errors"])
        assert tab.text_content("#count") == f"{total} errors"
        assert tab.locator(".error").count() == 100
        tab.click("#more")
        assert tab.locator(".error").count() == 200
        wrong = evaluation["error_counts"]["wrong value"]
        tab.select_option("#kind", "wrong value")
        assert tab.text_content("#count") == f"{wrong} of {total} errors"
        assert tab.text_content("#groups h3") == f"wrong value ({wrong})"
        assert tab.text_content(".said").startswith("status: gold active · predicted </script>")
        tab.fill("#search", ">149")
        tab.select_option("#kind", "")
        assert tab.locator(".error").count() == 4
        tab.select_option("#label", "reason")
        assert tab.locator(".error").count() == 2
        browser.close()
    assert trouble == []
