"""Arithmetic: how a number that an article does not print follows from numbers that it prints.

Models (and annotators) compute: 45.9 % of 98 patients are 45 events, a standard error times the
root of the group size is a standard deviation. The rules are tried in a fixed order, on the
passages about the outcome first, and only within rounding. With many numbers on a page some
arithmetic fits by chance: both operands of a sum or a difference stand in one passage.

References
----------
Higgins JPT, Li T, Deeks JJ. Choosing effect measures and computing estimates of effect. Cochrane
Handbook for Systematic Reviews of Interventions, section 6.5.2 (deviations from errors, intervals
and quartiles).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from clinie.resolvers.steps.passages import Passages
from clinie.text.numerals import Numeral

__all__ = ["Derivation", "Wanted", "as_count", "derive", "shown"]

_NONE = re.compile(r"(?i)\b(?:no|none|nil|neither|never|without)\b")
_RANDOMISED = re.compile(
    r"(?i)\b(?:random|allocat|assign|divided|enrol|includ|recruit|complet|patients|participants|"
    r"subjects|individuals|volunteers|women|men|children|adults)"
)
_N = re.compile(r"(?i)\bn\s{0,2}=\s{0,2}\Z")
_PEOPLE = re.compile(
    r"(?i)(?:\s\w+){0,2}\s(?:patients|participants|subjects|individuals|volunteers|women|men|children|"
    r"adults|infants)\b|\s(?:in|to|were|received)\b"
)
_ERROR = re.compile(r"\b(?:SEM?|s\.e\.(?:m\.)?|[Ss]tandard [Ee]rrors?)(?![\w])")
_INTERVAL = re.compile(r"\s{0,2}(?:to|[-–—,;])\s{0,2}")
_BRACKET = re.compile(r"[\[(]\s*\Z")
_LOWER = re.compile(r"(?i)\b(?:decreas|reduc|lower|declin|drop|fell|fall|loss|lost|less)")
_QUARTILES = 1.35  # of a normal distribution: the interquartile range in deviations
_NORMAL = 1.96
_WIDEST_GAP = 12
_MOST_PASSAGES = 60
_MOST_NUMERALS = 80
_MOST_GROUPS = 4


class Wanted(NamedTuple):
    """A number to explain: its value, what it is a number of, and the size of its group."""

    value: Decimal
    number: str
    size: Decimal | None = None


class Derivation(NamedTuple):
    """An arithmetic: what to show, and the place of its source in the text."""

    item: str
    start: int
    end: int


def derive(wanted: Wanted, article: Passages) -> Derivation | None:
    """Return the first arithmetic that explains a number, or None."""
    for rule in _RULES.get(wanted.number, ()):
        found = next(rule(wanted, article), None)
        if found is not None:
            return found
    return None


def as_count(share: Decimal, size: Decimal) -> Decimal:
    """Return how many of a group a percentage is, as a whole number."""
    return (share * size / 100).quantize(Decimal(1))


def shown(value: Decimal) -> str:
    """Return a number in plain digits."""
    return f"{value:f}"


def _about(article: Passages) -> Iterator[int]:
    """Yield the passages about the outcome, the best first; all of them without a question."""
    asked = any(article.scores)
    for number in article.by_score[:_MOST_PASSAGES]:
        if asked and not article.scores[number]:
            return
        yield number


def _half_unit(value: Decimal) -> float:
    """Return half a unit in the last printed place: what rounding may have taken."""
    exponent = value.as_tuple().exponent
    return float(0.5 * 10.0 ** (exponent if isinstance(exponent, int) else 0))


def _near(value: float, wanted: Decimal, slack: float = 0.0) -> bool:
    return abs(value - float(wanted)) <= _half_unit(wanted) + slack + 1e-9


def _count(numeral: Numeral, index: int, article: Passages) -> bool:
    whole = numeral.value == numeral.value.to_integral_value()
    return whole and numeral.value >= 0 and not article.percentages[index]


def _rounded(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """12.34 in the article, 12.3 in the answer."""
    for number in _about(article):
        for i in article.inside(number):
            n = article.numerals[i]
            finer = _half_unit(n.value) < _half_unit(wanted.value)
            if finer and abs(float(n.value - wanted.value)) <= _half_unit(wanted.value):
                item = f"{shown(n.value)} rounded = {shown(wanted.value)}"
                yield Derivation(item, n.start, n.end)


def _signed(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """-0.38 of a reduction by 0.38."""
    for number in _about(article):
        passage = article.passages[number]
        if not _LOWER.search(article.text, passage.start, passage.end):
            continue
        for i in article.inside(number):
            n = article.numerals[i]
            if n.value == -wanted.value:
                item = f"{shown(n.value)} lower = {shown(wanted.value)}"
                yield Derivation(item, n.start, n.end)


def _none(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """No cases: 0."""
    if wanted.value:
        return
    for number in _about(article):
        passage = article.passages[number]
        found = _NONE.search(article.text, passage.start, passage.end)
        if found:
            yield Derivation(f"{found.group().lower()} = 0", *found.span())


def _share(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """45.9 % of 98 = 45."""
    size = wanted.size
    if not size or not 0 <= wanted.value <= size:
        return
    exact = 100 * wanted.value / size
    for number in _about(article):
        for i in article.inside(number):
            n = article.numerals[i]
            if article.percentages[i] and _near(float(exact), n.value):
                item = f"{shown(n.value)} % of {shown(size)} = {shown(wanted.value)}"
                yield Derivation(item, n.start, n.end)


def _counts(number: int, article: Passages) -> list[Numeral]:
    inside = article.inside(number)[:_MOST_NUMERALS]
    return [article.numerals[i] for i in inside if _count(article.numerals[i], i, article)]


def _rest(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """103 - 93 = 10: those of a group who did not."""
    if not wanted.size:
        return
    for number in _about(article):
        for n in _counts(number, article):
            if wanted.size - n.value == wanted.value:
                item = f"{shown(wanted.size)} - {shown(n.value)} = {shown(wanted.value)}"
                yield Derivation(item, n.start, n.end)


def _sum(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """79 + 84 = 163: neighbours in one sentence or row, as of groups that are taken together."""
    for number in _about(article):
        for a, b in pairwise(_counts(number, article)):
            if a.value and b.value and a.value + b.value == wanted.value:
                item = f"{shown(a.value)} + {shown(b.value)} = {shown(wanted.value)}"
                yield Derivation(item, a.start, b.end)


def _difference(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """120 - 5 = 115: in one sentence, as of those who were lost."""
    for number in range(len(article.passages)):
        if article.passages[number].is_row:
            continue
        for a, b in pairwise(_counts(number, article)):
            if b.value and a.value - b.value == wanted.value and _is_size(a, article):
                item = f"{shown(a.value)} - {shown(b.value)} = {shown(wanted.value)}"
                yield Derivation(item, a.start, b.end)


def _sizes(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """79 + 84 = 163: the sizes of groups that are taken together."""
    for number in range(len(article.passages)):
        sizes = [n for n in _counts(number, article) if _is_size(n, article)]
        for a, b in pairwise(sizes):
            if a.value + b.value == wanted.value:
                item = f"{shown(a.value)} + {shown(b.value)} = {shown(wanted.value)}"
                yield Derivation(item, a.start, b.end)


def _is_size(numeral: Numeral, article: Passages) -> bool:
    """Tell whether a number is said to be of patients: *n = 79*, *79 patients*."""
    before = article.text[max(0, numeral.start - 8) : numeral.start]
    return bool(_N.search(before) or _PEOPLE.match(article.text, numeral.end))


def _equal_groups(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """90 / 3 = 30: patients divided into groups of one size."""
    for number, passage in enumerate(article.passages):
        if passage.is_row or not _RANDOMISED.search(article.text, passage.start, passage.end):
            continue
        for n in _counts(number, article):
            for groups in range(2, _MOST_GROUPS + 1):
                if n.value == wanted.value * groups:
                    item = f"{shown(n.value)} / {groups} = {shown(wanted.value)}"
                    yield Derivation(item, n.start, n.end)


def _from_share(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """15 / 30 % = 50, of a count with its share behind it: ``15 (30 %)``."""
    for number in _about(article):
        for i, j in pairwise(article.inside(number)):
            count, share = article.numerals[i], article.numerals[j]
            if not (article.percentages[j] and share.value and _count(count, i, article)):
                continue
            gap = article.text[count.end : share.start]
            exact = 100 * count.value / wanted.value
            if _BRACKET.search(gap) and len(gap) < _WIDEST_GAP and _near(float(exact), share.value):
                item = f"{shown(count.value)} / {shown(share.value)} % = {shown(wanted.value)}"
                yield Derivation(item, count.start, share.end)


def _from_error(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """0.4 * sqrt(47) = 2.7, where the article speaks of standard errors."""
    if not wanted.size or not _ERROR.search(article.text):
        return
    root = math.sqrt(wanted.size)
    for number in _about(article):
        for i in article.inside(number)[:_MOST_NUMERALS]:
            n = article.numerals[i]
            if n.value > 0 and _near(
                float(n.value) * root, wanted.value, _half_unit(n.value) * root
            ):
                item = f"{shown(n.value)} * sqrt({shown(wanted.size)}) = {shown(wanted.value)}"
                yield Derivation(item, n.start, n.end)


def _intervals(number: int, article: Passages) -> Iterator[tuple[Numeral, Numeral]]:
    """Yield what stands in brackets as ``(lower to upper)``."""
    inside = [article.numerals[i] for i in article.inside(number)[:_MOST_NUMERALS]]
    for low, high in pairwise(inside):
        between = article.text[low.end : high.start]
        before = article.text[max(0, low.start - 12) : low.start]
        named = before.rstrip(" :,=").endswith(("CI", "IQR")) or _BRACKET.search(before)
        if low.value < high.value and named and _INTERVAL.fullmatch(between):
            yield low, high


def _from_interval(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """(1.28 - 0.50) * sqrt(104) / 3.92, of a 95 % confidence interval of a mean."""
    if not wanted.size or wanted.size < 2:
        return
    root, freedom = math.sqrt(wanted.size), float(wanted.size) - 1
    student = _NORMAL + 2.4 / freedom + 2.9 / freedom**2  # its 97.5 % point, within 0.01 from 4 on
    for number in _about(article):
        for low, high in _intervals(number, article):
            slack = _half_unit(low.value) * root / _NORMAL
            for quantile in (_NORMAL, student):
                spread = float(high.value - low.value) * root / (2 * quantile)
                if _near(spread, wanted.value, slack):
                    item = (
                        f"({shown(high.value)} - {shown(low.value)}) * "
                        f"sqrt({shown(wanted.size)}) / {2 * quantile:.2f} = {shown(wanted.value)}"
                    )
                    yield Derivation(item, low.start, high.end)


def _from_quartiles(wanted: Wanted, article: Passages) -> Iterator[Derivation]:
    """(47 - 28) / 1.35 = 14.1, of an interquartile range."""
    for number in _about(article):
        for low, high in _intervals(number, article):
            spread = float(high.value - low.value) / _QUARTILES
            if _near(spread, wanted.value, _half_unit(low.value)):
                item = (
                    f"({shown(high.value)} - {shown(low.value)}) / {_QUARTILES} = "
                    f"{shown(wanted.value)}"
                )
                yield Derivation(item, low.start, high.end)


_Rule = Callable[[Wanted, Passages], Iterator[Derivation]]
_RULES: dict[str, tuple[_Rule, ...]] = {
    "events": (_none, _share, _rest, _sum),
    "group_size": (_sizes, _difference, _equal_groups, _from_share),
    "mean": (_rounded, _signed),
    "standard_deviation": (_rounded, _from_error, _from_interval, _from_quartiles),
}
"""The rules by what is wanted, in the order in which they are tried."""
