"""Unmarked copies of the note, and answers that only look like one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinie.cascade import resolve
from clinie.models import Completion
from clinie.prompts import Window
from clinie.tasks import load

TASK = load("vaccine-events")
NOTE = "He denies fever & chills.\r\nNo numbness , since 2 days ."


def found(answer: str, note: str = NOTE):
    resolved = resolve(TASK, Window(note), Completion(answer))
    return [item.text for item in resolved.items], [f.code for f in resolved.findings]


@pytest.mark.parametrize(
    "answer",
    [
        NOTE,
        NOTE.replace("\r\n", " "),
        "he denies fever &amp; chills. No numbness, since 2 days",
        f"<p>{NOTE}</p>",
        f'<span class="unsure">{NOTE}</span>',
    ],
)
def test_an_unmarked_copy_says_that_there_is_nothing(answer):
    assert found(answer) == ([], ["unmarked_copy"])


@pytest.mark.parametrize(
    ("answer", "items", "codes"),
    [
        (NOTE.replace("fever", '<span class="other_AE">fever</span>'), ["fever"],
         ["negated_context"]),
        ("He denies fever.", [], ["malformed"]),  # a part of it
        ("", [], ["no_answer"]),
        ("none", [], []),
    ],
)  # fmt: skip
def test_other_answers_are_left_alone(answer, items, codes):
    assert found(answer) == (items, codes)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        # marks in a sentence that the model wrote anew
        ('Patient has <span class="nervous_AE">numbness</span>.', ["numbness"]),
        # nested, unclosed and foreign marks; entities
        ('<span class="other_AE">fever &amp; <span class="other_AE">chills</span></span>',
         ["fever & chills", "chills"]),
        ('Here it is:\n\n<span class="nervous_AE">numbness</span> <span class="mood">sad</span>',
         ["numbness"]),
        ("<span class='nervous AE'>numbness</span>", ["numbness"]),
        ("<nervous_AE>numbness</nervous_AE>", ["numbness"]),
        ('- "numbness" (nervous_AE)', ["numbness"]),
        ('{"items": [{"text": "numbness", "label": "nervous_AE"}]}', ["numbness"]),
    ],
)  # fmt: skip
def test_marked_answers(answer, expected):
    assert sorted(found(answer)[0]) == sorted(expected)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_answer(answer, note):
    items, codes = found(answer, note)
    assert "resolver_error" not in codes
    if codes == ["unmarked_copy"]:
        assert items == []
