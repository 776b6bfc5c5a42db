"""The bar: there on a terminal, absent elsewhere."""

from __future__ import annotations

import io
import sys

import pytest

from clinie.runs.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("total", [3, None])
def test_a_bar_on_a_terminal(monkeypatch, total):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar(lambda: total) as advance:
        for _ in range(3):
            advance()
    assert f"3/{total or '?'}" in sys.stderr.getvalue()


def test_silence_elsewhere(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress_bar(lambda: pytest.fail("not counted when nobody looks")) as advance:
        advance()
    assert sys.stderr.getvalue() == ""
