"""The rule-based first rung of the trial-results task: simple patterns, and weak.

It reads what sentences print in the usual ways (``12/50 (24%)``, ``12 of 50``, ``31.5 (SD 12.2)``,
``31.5 ± 12.2``) beside the words for both arms, and counts in table rows. Means in tables are left
to a reader: there baseline, changes and several time points stand side by side. Subgroups and
similar outcomes it cannot tell apart either: every answer of it needs a look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from clinie.resolvers.steps.passages import Passages
from clinie.tasks.trial_results.question import Question, is_question, is_trial, question
from clinie.text.numerals import Numeral

__all__ = ["extract"]

ARMS = ("intervention", "comparator")

_OF = re.compile(r"\s?/\s?|(?:\s\w+){0,2}\s(?:out )?of (?:the )?(?:\w+ )?")
_SHARE = re.compile(r"(?:\s[a-z]+){0,2}\s?[(\[]")
_SPREAD = re.compile(r"\s?(?:±|\+/-|\(±|[(\[]\s?(?:SD|s\.d\.)\s?[:=,]?)\s?")
_BASELINE = re.compile(r"(?i)\bbaseline\b|\bbefore\b|\bpre-?(?:treatment|operative|test)?\b")
_CHARACTERISTICS = re.compile(r"(?i)\bcharacteristics\b|\bdemographic|\bat baseline\b")
_SIZE = re.compile(r"(?i)\bn\s?=\s?\Z")
_LOWEST_SCORE = 0.3
_MOST_PASSAGES = 40
_MOST_NUMERALS = 120
_SURE = {"ratio": 0.45, "spread": 0.4, "share": 0.35}
_UNASKED = 0.6
"""What the confidence shrinks by when the question is a guess, too."""


class _Result(NamedTuple):
    """What a passage prints of one arm: a main number and its companion."""

    kind: str
    main: Numeral
    other: Numeral | None


def extract(text: str, metadata: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Find the results of two arms for one outcome.

    Parameters
    ----------
    text : str
        A report of a randomised trial; anything else gives nothing.
    metadata : Mapping, optional
        The question: ``outcome``, ``intervention``, ``comparator``. Without it the primary outcome
        and the arms that the report names.

    Returns
    -------
    dict
        Statements of the canonical JSON grammar. ``confidence`` is ordinal and low throughout.

    Notes
    -----
    Deterministic; time linear in the text.
    """
    nothing: dict[str, Any] = {"items": []}
    if not (is_question(metadata or {}) or is_trial(text)):
        return nothing
    asked = question(text, metadata or {})
    if asked is None:
        return nothing
    article = Passages(
        text, asked.outcome, {"intervention": asked.intervention, "comparator": asked.comparator}
    )
    results = _best(article, baseline=_BASELINE.search(asked.outcome) is not None)
    return {**nothing, **_answer(article, results, asked)} if results else nothing


def _best(article: Passages, *, baseline: bool) -> dict[str, _Result] | None:
    """Return the results of both arms in the passage that speaks most of the outcome."""
    for number in article.by_score[:_MOST_PASSAGES]:
        if article.scores[number] < _LOWEST_SCORE:
            return None
        by_arm = _by_arm(article, list(_results(article, number)))
        if by_arm and (baseline or _is_after(article, number, by_arm)):
            return by_arm
    return None


def _is_after(article: Passages, number: int, by_arm: Mapping[str, _Result]) -> bool:
    """Tell whether results are not those at baseline: by their column, and by their table."""
    return all(_fit(article, result)[0] for result in by_arm.values()) and not any(
        _CHARACTERISTICS.search(line) for line in _around(article, number)
    )


def _results(article: Passages, number: int) -> Iterator[_Result]:
    """Yield what a passage prints in one of the usual ways, in text order."""
    inside = article.inside(number)[:_MOST_NUMERALS]
    in_row = article.passages[number].is_row
    done = -1
    for i, j in pairwise(inside):
        if i <= done:
            continue
        kind = _kind(article, i, j)
        if kind and not (in_row and kind == "spread"):
            done = j
            one, other = article.numerals[i], article.numerals[j]
            yield _Result(kind, one, None if kind == "share" else other)


def _kind(article: Passages, i: int, j: int) -> str | None:
    one, other = article.numerals[i], article.numerals[j]
    gap = article.text[one.end : other.start]
    shares = article.percentages
    count = one.value == one.value.to_integral_value() and one.value >= 0 and not shares[i]
    if _SPREAD.fullmatch(gap):
        return "spread"
    if count and _OF.fullmatch(gap) and not shares[j] and one.value <= other.value:
        return "ratio"
    return "share" if count and shares[j] and _SHARE.fullmatch(gap) else None


def _around(article: Passages, number: int) -> Iterator[str]:
    """Yield a row and the lines above and below its table; a sentence has nothing around it."""
    passages = article.passages
    if not passages[number].is_row:
        return
    first = last = number
    while first > 0 and passages[first].is_row:
        first -= 1
    while last + 1 < len(passages) and passages[last].is_row:
        last += 1
    for at in (number, first, last):
        yield article.text[passages[at].start : passages[at].end]


def _by_arm(article: Passages, results: list[_Result]) -> dict[str, _Result] | None:
    """Return the result of each arm: of several the one whose column fits best, else the last."""
    arms = [article.arm(result.main) for result in results]
    if len(results) == len(ARMS) and len(set(arms)) < len(ARMS):
        arms = list(article.order(results[0].main))
    elif len(results) == len(ARMS) and None in arms:  # the other column is the other arm's
        named = next(filter(None, arms))
        arms = [arm or next(other for other in ARMS if other != named) for arm in arms]
    found: dict[str, _Result] = {}
    fits: dict[str, tuple[bool, float]] = {}
    for arm, result in zip(arms, results, strict=False):
        fit = _fit(article, result)
        if arm and fit >= fits.get(arm, fit):
            found[arm], fits[arm] = result, fit
    if set(found) != set(ARMS) or len({result.kind for result in found.values()}) > 1:
        return None
    return found


def _fit(article: Passages, result: _Result) -> tuple[bool, float]:
    """Say how well a cell's heading fits the question: no baseline, words of the outcome."""
    start, end = article.cell(result.main)
    return _BASELINE.search(article.text, start, end) is None, article.about(start, end)


def _answer(
    article: Passages, results: Mapping[str, _Result], asked: Question
) -> dict[str, dict[str, Any]]:
    kind = results[ARMS[0]].kind
    sure = round(_SURE[kind] * (1 if asked.asked else _UNASKED), 2)
    binary = kind in ("ratio", "share")
    answer: dict[str, dict[str, Any]] = {
        "outcome_type": {"text": "binary" if binary else "continuous", "confidence": sure}
    }
    for arm in ARMS:
        main, other = results[arm].main, results[arm].other
        size = other if kind == "ratio" else _size(article, arm, main)
        said = {"events" if binary else "mean": main, "group_size": size}
        if not binary:
            said["standard_deviation"] = other
        for name, numeral in said.items():
            if numeral is not None:
                words = article.text[numeral.start : numeral.end]
                answer[f"{arm}_{name}"] = {
                    "text": words,
                    "start": numeral.start,
                    "confidence": sure,
                }
    return answer


def _size(article: Passages, arm: str, main: Numeral) -> Numeral | None:
    """Return the size of an arm: ``n = 50`` in the number's own cell, else the arm's first."""
    start, end = article.cell(main)
    sizes = [
        n for n in article.numerals if _SIZE.search(article.text, max(0, n.start - 6), n.start)
    ]
    own = [n for n in sizes if start <= n.start < end]
    return next(iter(own or [n for n in sizes if article.arm(n) == arm]), None)
