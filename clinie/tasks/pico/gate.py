"""Whether a text reports a trial, or a study that compares groups: no other has elements."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from clinie.tasks.pico.vocabulary import PACKAGE
from clinie.text.lexica import load_tsv

__all__ = ["reports_a_trial"]

_ENOUGH = 5


class _Evidence(NamedTuple):
    weight: int
    pattern: re.Pattern[str]


@cache
def _evidence(kind: str) -> tuple[_Evidence, ...]:
    return tuple(
        _Evidence(int(row["weight"]), re.compile(row["pattern"], re.IGNORECASE))
        for row in load_tsv("evidence.tsv", PACKAGE)
        if row["kind"] == kind
    )


def reports_a_trial(text: str) -> bool:
    """Tell whether a text is a report of a trial or of a controlled comparison.

    The evidence is in ``data/evidence.tsv``: groups that are compared, the language of reports,
    and against it the language of clinic notes ("a 54-year-old man", "he denies").
    """
    compared = sum(one.weight for one in _evidence("comparison") if one.pattern.search(text))
    if not compared:
        return False
    others = (*_evidence("report"), *_evidence("note"))
    return compared + sum(one.weight for one in others if one.pattern.search(text)) >= _ENOUGH
