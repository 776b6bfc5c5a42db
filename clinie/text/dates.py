"""Calendar dates and clock times in a note, as spans.

Relative words (*today*, *on admission*, *day 2*) are none. A form that is as often something else
(``5/5``, ``2019``, ``0400``, ``May``) is *weak*: believe it only where the words around ask for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["DateMention", "find_dates"]


class DateMention(NamedTuple):
    """A date or a clock time: ``text[start:end]``.

    Parameters
    ----------
    start, end : int
        Code points.
    clock : bool
        It is a time of day alone.
    weak : bool
        The form proves nothing.
    """

    start: int
    end: int
    clock: bool = False
    weak: bool = False


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_MONTH_NAME = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December)"
)
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_YEAR = r"(?:19|20|21)\d\d"
_BLANK = r"[ \u00a0]"
_FORMS = re.compile(
    rf"""(?<![\w./:-])(?:
      (?P<iso>{_YEAR}(?P<mark>[-/.])(?:1[0-2]|0?[1-9])(?P=mark){_DAY}(?:T\d\d:\d\d(?::\d\d)?)?)
    | (?P<full>{_DAY}(?P<sep>[-/.])(?:{_DAY})(?P=sep)(?:{_YEAR}|\d\d))
    | (?P<month_year>(?:1[0-2]|0?[1-9])/{_YEAR})
    | (?P<day_first>{_DAY}(?:st|nd|rd|th)?(?:{_BLANK}of)?[ \u00a0-]{_MONTH}
        (?:(?:[,.]?{_BLANK}|,|-){_YEAR}|(?:-|{_BLANK}?')\d\d(?!\d)|{_BLANK}\d\d(?={_BLANK}*(?:[,;:)|\r\n]|$)))?)
    | (?P<month_first>{_MONTH}\.?{_BLANK}{_DAY}(?:st|nd|rd|th)?(?!\d|[.,]\d)(?:,?{_BLANK}{_YEAR})?)
    | (?P<month_of>{_MONTH}\.?{_BLANK}{_YEAR})
    | (?P<clock>(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?
          (?:{_BLANK}?(?:[ap]\.?m\b\.?|h(?:rs?|ours)?\b))?
      | (?:1[0-2]|0?[1-9]){_BLANK}?[ap]\.?m\b\.?
      | (?:[01]\d|2[0-3])[0-5]\d{_BLANK}?(?:h(?:rs|ours?)?)\b)
    | (?P<short>(?:{_DAY}/(?:1[0-2]|0?[1-9])|(?:1[0-2]|0?[1-9])/{_DAY})(?!\d))
    | (?P<old>(?:1[0-2]|0?[1-9])/\d\d(?!\d))
    | (?P<year>{_YEAR}(?!\d))
    | (?P<military>(?:[01]\d|2[0-3])[0-5]\d(?!\d))
    | (?P<month>(?-i:{_MONTH_NAME}))
    )(?![\w/]|[.:,-]\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_WEAK = frozenset({"short", "old", "military", "year", "month"})
_TOGETHER = re.compile(r"[ \u00a0](?:at[ \u00a0]|@[ \u00a0]?)?|,[ \u00a0]|[ \u00a0]?@[ \u00a0]?")


def find_dates(text: str) -> list[DateMention]:
    """Return the dates and clock times in text order, a date and its time together as one.

    Examples
    --------
    >>> note = "On 3 Mar 2024 at 08:00"
    >>> [note[d.start : d.end] for d in find_dates(note)]
    ['3 Mar 2024 at 08:00']
    """
    joined: list[DateMention] = []
    for date in _found(text):
        last = joined[-1] if joined else None
        if (
            last
            and date.clock != last.clock
            and not (date.weak and last.weak)
            and _TOGETHER.fullmatch(text, last.end, date.start)
        ):
            joined[-1] = DateMention(last.start, date.end)
        else:
            joined.append(date)
    return joined


def _found(text: str) -> Iterator[DateMention]:
    for match in _FORMS.finditer(text):
        form = match.lastgroup or ""
        if form in ("mark", "sep"):
            form = "full"
        if form == "month_first" and not match.group()[0].isupper():
            continue  # "may 3 tablets"
        yield DateMention(
            match.start(),
            match.end(),
            clock=form in ("clock", "military"),
            weak=form in _WEAK,
        )
