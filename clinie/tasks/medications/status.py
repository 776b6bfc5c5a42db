"""Whether a drug is taken: active, discontinued or neither."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from functools import cache

from clinie.tasks.medications.mentions import Mention
from clinie.text.lexica import load_tsv
from clinie.text.sentences import BULLET

__all__ = ["STATUSES", "StatusReader", "lead_ins"]


STATUSES = ("neither", "discontinued", "active")

_INDUCED = re.compile(r"[- ](?:induced|associated|related)\b", re.IGNORECASE)
_RELATIVE = re.compile(
    r"\b(?:mother|father|brother|sister|son|daughter|wife|husband|aunt|uncle|grandmother|"
    r"grandfather|cousin|parents?|mom|dad)(?:'s)?\b[^.;,]{0,30}$",
    re.IGNORECASE,
)
_RELATIVE_REACH = 60  # characters: more than `_RELATIVE` can match
_CUT = re.compile(r"[;.,)]|\b(?:but|however|although|then)\b", re.IGNORECASE)
_AND = re.compile(r"\b(?:and|or)\b|&", re.IGNORECASE)
_REMARK = re.compile(r"\s*\([^)]{0,60}\)")
_LIST_GAP = re.compile(
    r"(?:[\s,/&+-]|\([^)]{0,40}\)|and\b|or\b|plus\b|as well as\b|(?:vs|versus)\b\.?|"
    r"(?:tablets?|capsules?)\b|\((?=\w*$)|(?:\(\s*)?(?:such as|including|include|like|e\.?g\b\.?|"
    r"i\.?e\b\.?))*",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[;.](?:\s|$)|\bwhile\b|\bbut\b(?! (?:(?:he|she|they|was|were|has|had|then|later) )*"
    r"(?:never|not (?:yet )?(?:taken|started|filled)|refused|declined|stopped|discontinued)\b)|"
    r"\b(?:and|then)\b(?! (?:was |were |is |has been |"
    r"then )?(?:stopped|switched|changed|transitioned|converted|replaced|narrowed|"
    r"discontinued|held|weaned|completed|resumed|restarted|continued|increased))",
    re.IGNORECASE,
)
_DEFAULTS = {"allergies": "neither", "family_history": "neither"}
_NEAR = 3  # words between a verb and its drug
_NEXT_CLAUSE = re.compile(r"(?:[,:]|\bbut\b)(?=[^,:]*$)")
_ARROW = re.compile(r"\s*(?:-+>|→|⇒)\s*")
_CHANGE = re.compile(r"(?:switch|chang|narrow|convert|transition|escalat|rotat|replac)\w*", re.I)


_HEADING = {
    "neither": re.compile(
        r"\b(?:avoid|do not take|not to take|not taking|allerg\w*|intoleran\w*|considered)\b",
        re.IGNORECASE,
    ),
    "discontinued": re.compile(
        r"\b(?:stop(?:ped|ping)?|discontinu\w+|held|hold|withheld|paused|suspended|ceased|"
        r"no longer|previously|past|former|failed|tried)\b",
        re.IGNORECASE,
    ),
    "active": re.compile(
        r"\b(?:start\w*|continu\w+|chang\w+|new|resum\w+|restart\w*|current\w*|unchanged|"
        r"do not stop|medical|surgical|history)\b",
        re.IGNORECASE,
    ),
}
_LONGEST_HEADING = 80
_RESTARTED = re.compile(
    r"(?<!be )(?<!when )\b(?:restarted|resumed|reinstated|reintroduced)\b", re.I
)
_AGAIN = re.compile(r"\b(?:restart\w*|resum\w+|continued)\b", re.IGNORECASE)
_LINE_BREAK = re.compile(r"\r\n|[\r\n]")


def lead_ins(
    text: str, sentences: Sequence[tuple[int, int]], starts: Collection[int]
) -> dict[int, str]:
    """Return the status that the heading of a list gives to its items, by start of the item.

    Parameters
    ----------
    text : str
    sentences : sequence of (int, int)
    starts : collection of int
        Starts of the drug mentions; a list item begins with a bullet or with one of them.
    """
    found: dict[int, str] = {}
    status: str | None = None
    previous, opened = 0, False
    for start, end in sentences:
        breaks = len(_LINE_BREAK.findall(text, previous, start))
        previous = end
        if text[end - 1] == ":" and end - start <= _LONGEST_HEADING:
            status, opened = _of_heading(text[start:end]), True
        elif status and breaks:
            bullet = BULLET.match(text, start) is not None
            if bullet or (start in starts and (breaks == 1 or opened)):
                found[start] = status
            else:
                status = None  # running text
            opened = False
    return found


def _of_heading(line: str) -> str | None:
    """Return what a heading says of its list, None when it says nothing or several things."""
    said = [status for status, words in _HEADING.items() if words.search(line)]
    return said[0] if len(said) == 1 and said[0] != "active" else None


class StatusReader:
    """Read the status of each mention from its clause, with the section as the default.

    Parameters
    ----------
    text : str
    mentions : sequence of Mention
        In text order.
    spans : sequence of (int, int)
        The attached sig parts; they do not separate a drug from its verb.
    """

    def __init__(
        self, text: str, mentions: Sequence[Mention], spans: Sequence[tuple[int, int]]
    ) -> None:
        self._text = text
        masked = list(text)
        for start, end in spans:
            masked[start:end] = " " * (end - start)
        self._masked = "".join(masked)
        self._mentions = mentions
        self._first = list(range(len(mentions)))  # of each mention's list
        self._last = list(range(len(mentions)))  # of those that share a verb behind them
        for right in range(1, len(mentions)):
            if self._same_list(right - 1, right):
                self._first[right] = self._first[right - 1]
        for left in range(len(mentions) - 2, -1, -1):
            if self._first[left + 1] <= left and self._joined(left, left + 1):
                self._last[left] = self._last[left + 1]
        self._governed: dict[tuple[int, int], str | None] = {}

    def read(
        self,
        index: int,
        sentence: tuple[int, int],
        section: str,
        *,
        dosed: bool = False,
        listed: str | None = None,
    ) -> tuple[str, float]:
        """Return the status of mention number `index` and an ordinal confidence.

        Under "Allergies" and "Family history" a drug is taken by nobody here, unless it is `dosed`:
        then the list of the section before goes on. `listed` is what the line above a list says of
        its items (`lead_ins`); a word in the item itself counts more.
        """
        mention = self._mentions[index]
        default = None if dosed else _DEFAULTS.get(section)
        if _INDUCED.match(self._text, mention.end):
            return "neither", 0.6
        near = max(sentence[0], mention.start - _RELATIVE_REACH)
        if _RELATIVE.search(self._text, near, mention.start):
            return "neither", 0.7
        after = self._after(index, sentence[1])
        before = self._before(index, sentence[0])
        if after == "active" and before in {"neither", "discontinued"}:
            return before, 0.8  # "no antibiotics given", "stopped aspirin given a bleed"
        if after:
            return after.removeprefix("again "), 0.9
        if default:
            return default, 0.9
        if before:
            return before, 0.9
        return (listed, 0.85) if listed else ("active", 0.8)

    def _after(self, index: int, end: int) -> str | None:
        """Read a word of stopping, starting or refusing that follows the drug or its list."""
        mention = self._mentions[index]
        own = _REMARK.match(self._masked, mention.end, end)
        if own:
            status = _status_after(own.group())
            if status:
                return status
        within = bisect_left(self._mentions, end, key=lambda m: m.start) - 1
        last = max(index, min(self._last[index], within))
        start = self._mentions[last].end
        remark = _REMARK.match(self._masked, start, end)
        if remark:
            start = remark.end()
        stop = end if last + 1 == len(self._mentions) else min(end, self._mentions[last + 1].start)
        if stop < end and _ARROW.fullmatch(self._masked, start, stop):
            return "discontinued"  # "lisinopril -> losartan"
        window = self._masked[start : min(stop, start + 160)]
        cut = _CLAUSE_END.search(window)
        if cut is None and stop < end and stop - start <= 160:
            window = _without_next_verb(window)
        return _status_after(window[: cut.start()] if cut else window)

    def _before(self, index: int, start: int) -> str | None:
        """Read the nearest cue that governs the drug: nothing may cut it off."""
        within = bisect_right(self._mentions, start, key=lambda m: m.end)
        first = min(index, max(self._first[index], within))
        if (first, start) not in self._governed:
            self._governed[first, start] = self._cue_before(first, start)
        return self._governed[first, start]

    def _cue_before(self, first: int, start: int) -> str | None:
        at = self._mentions[first].start
        floor = start if first == 0 else max(start, self._mentions[first - 1].end)
        status = None
        for cue in reversed(list(_cues("before").finditer(self._masked, floor, at))):
            gap = self._masked[cue.end() : at]
            if _CUT.search(gap) or re.match(r"\s*(?:and|or)\b", gap):
                break
            if len(gap.split()) > (6 if status is None else 3):
                break
            status = cue.lastgroup
            if status != "active":  # "does not want to start": the outer verb decides
                break
            at = cue.start()
        return status

    def _same_list(self, left: int, right: int) -> bool:
        """Tell whether two mentions are neighbours in one list, sigs between them apart."""
        gap = self._masked[self._mentions[left].end : self._mentions[right].start]
        return bool(_LIST_GAP.fullmatch(gap))

    def _joined(self, left: int, right: int) -> bool:
        """Tell whether a list is one for a verb that follows it: no sigs in it, or an "and"."""
        gap = slice(self._mentions[left].end, self._mentions[right].start)
        return bool(_LIST_GAP.fullmatch(self._text[gap]) or _AND.search(self._masked[gap]))


def _without_next_verb(window: str) -> str:
    """Cut off the verb of the next drug, the "hold" of "aspirin, hold warfarin"."""
    comma = _NEXT_CLAUSE.search(window)
    cue = comma and _cues("before").search(window, comma.end())
    if (
        comma
        and cue
        and not _CHANGE.match(cue.group())
        and len(window[cue.end() :].split()) <= _NEAR
    ):
        return window[: comma.start()]
    return window


def _status_after(window: str) -> str | None:
    """Return what the words after a drug say; the order of the statuses is their rank.

    "again active" is what outweighs a word of stopping before the drug.
    """
    ends = {cue.lastgroup: cue.end() for cue in _cues("after").finditer(window)}
    found = set(ends)
    if found == {"discontinued", "active"} and _RESTARTED.search(window, ends["discontinued"]):
        return "again active"  # "held, then restarted"
    status = next((status for status in STATUSES if status in found), None)
    return "again active" if status == "active" and _AGAIN.search(window) else status


@cache
def _cues(side: str) -> re.Pattern[str]:
    """Return one pattern of all cues on a side of the drug; its groups are the statuses."""
    rows = [row for row in load_tsv("medication_status.tsv") if row["side"] == side]
    groups = (
        (status, "|".join(row["pattern"] for row in rows if row["status"] == status))
        for status in STATUSES
    )
    named = "|".join(f"(?P<{status}>{patterns})" for status, patterns in groups)
    return re.compile(rf"(?<!\w)(?:{named})(?!\w)", re.IGNORECASE)
