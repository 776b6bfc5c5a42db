"""Sections of a clinical note: where headings stand, and what kind of section each one opens.

A heading is told by its form (capitals, a colon, an underline, ``##``) together with the table
``data/sections.tsv``, which maps heading words to a closed set of kinds. The form alone is never
enough for a line with a value after its colon ("Temperature: 38"), the words alone never enough in
running text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from clinie.text.lexica import load_tsv

__all__ = ["KINDS", "Section", "sections"]

KINDS = (
    "allergies",
    "assessment",
    "chief_complaint",
    "discharge_medications",
    "exam",
    "family_history",
    "history",
    "hospital_course",
    "imaging",
    "labs",
    "medications",
    "past_medical_history",
    "plan",
    "procedures",
    "review_of_systems",
    "social_history",
    "other",
)
"""The closed set of section kinds."""

_BY_SYSTEM = frozenset(
    {
        "assessment",
        "exam",
        "hospital_course",
        "imaging",
        "past_medical_history",
        "plan",
        "review_of_systems",
    }
)
# "FH: mother DM", a blank line, and the note goes on about the patient without a new heading:
# kinds that change who or when is spoken of end there.
_ONE_PARAGRAPH = frozenset(
    {"allergies", "chief_complaint", "family_history", "past_medical_history", "social_history"}
)
_SAME_LINE = re.compile(r"[^\S\r\n]*\S")
_BLANK_LINE = re.compile(r"(?>\r\n|[\r\n])[^\S\r\n]*(?:\r\n|[\r\n])\s*")
_LINE = re.compile(r"[^\r\n\v\f\x85\u2028\u2029]+")
_UNDERLINE = re.compile(r"[^\S\r\n]*([-=_~*])\1{2,}[^\S\r\n]*$")
_TITLE = re.compile(
    r"""[^\S\r\n]*
    (?P<mark>\#{1,6}[ ]+|\*\*|__|[-*+•◦▪][ ]+)?
    (?:\(?\d{1,2}[.)][ ]*|[IVX]{1,4}\.[ ]+|[A-H]\.[ ]+)?
    (?P<title>[A-Za-z][^:\t|]{0,70}?)
    [ ]{0,9}(?P<close>\*\*|__)?
    (?P<end>[ \t]{0,9}:+(?:\*\*|__)?|[ ]{1,9}[-–—](?=\s|$)|[ ]{0,9}[\#]*$)
    """,
    re.VERBOSE,
)
_BARE_TITLE = re.compile(r"[^\S\r\n]*([A-Z/]{2,4}x?)[^\S\r\n]+(?=[\w(])")
_REMARK = re.compile(r"\s*[(\[][^)\]]*[)\]]\s*")
_INLINE_TITLE = re.compile(r"(?<![\w/])[A-Za-z][A-Za-z/&]*(?: [A-Za-z/&]+){0,3} ?:(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of the note under one heading.

    Parameters
    ----------
    title : str
        The heading's words, as written; empty for text before the first heading.
    kind : str
        One of `KINDS`.
    start, body, end : int
        Code points: ``start:body`` is the heading, ``body:end`` what it governs.
    """

    title: str
    kind: str
    start: int
    body: int
    end: int


class _Heading(NamedTuple):
    title: str
    kind: str
    start: int
    body: int


def sections(text: str) -> list[Section]:
    r"""Return the sections of a note; they cover the whole text, in order, without gaps.

    Examples
    --------
    >>> [(s.title, s.kind) for s in sections("Seen today.\nPMH: COPD. FH: asthma.")]
    [('', 'other'), ('PMH', 'past_medical_history'), ('FH', 'family_history')]
    """
    headings = list(_headings(text))
    first = headings[0].start if headings else len(text)
    found = [Section("", "other", 0, 0, first)] if first > 0 else []
    ends = [*(heading.start for heading in headings), len(text)][1:]
    parent = "other"
    for heading, end in zip(headings, ends, strict=True):
        kind = heading.kind
        if kind == "system":
            kind = parent if parent in _BY_SYSTEM else "exam"
        parent = kind
        close = _paragraph_end(text, heading.body, end) if kind in _ONE_PARAGRAPH else end
        found.append(Section(heading.title, kind, heading.start, heading.body, close))
        if close < end:
            found.append(Section("", "other", close, close, end))
    return found


def _paragraph_end(text: str, body: int, end: int) -> int:
    """Return where a section ends that began on its heading's line: at the first blank line."""
    if not _SAME_LINE.match(text, body, end):
        return end
    blank = _BLANK_LINE.search(text, body, end)
    return blank.end() if blank else end


def _headings(text: str) -> Iterator[_Heading]:
    lines = [m for m in _LINE.finditer(text) if not m.group().isspace()]
    for index, line in enumerate(lines):
        following = lines[index + 1].group() if index + 1 < len(lines) else ""
        if _UNDERLINE.match(line.group()):
            continue
        underlined = _is_underlined(line.group(), following)
        heading = _line_heading(line, underlined=underlined)
        if heading and underlined:
            heading = heading._replace(body=lines[index + 1].end())
        at = line.start()
        if heading:
            yield heading
            at = heading.body
        if at < line.end():
            yield from _inline_headings(text, at, line.end())


def _is_underlined(line: str, following: str) -> bool:
    """Say whether ``following`` underlines a line, rather than ruling off what stands above it."""
    return (
        _UNDERLINE.match(following) is not None
        and abs(len(following.strip()) - len(line.strip())) <= 4
    )


def _line_heading(line: re.Match[str], *, underlined: bool) -> _Heading | None:
    bare = _BARE_TITLE.match(line.group())
    if bare and bare[1].lower() in _inline("bare"):
        at = line.start()
        return _Heading(bare[1], _table()[bare[1].lower()], at + bare.start(1), at + bare.end(1))
    words = line.group().rstrip()  # a long run of blanks at the end would cost time
    match = _TITLE.match(words)
    if match is None:
        return None
    title = match["title"].strip()
    mark = (match["mark"] or "").strip()
    after = line.group()[match.end() :].strip()
    ending = match["end"].strip()
    marked = underlined or mark.startswith("#") or (mark in {"**", "__"} and not after)
    kind = _kind(title, marked=marked, ending=ending[:1], after=after, bullet=mark in set("-*+•◦▪"))
    if kind is None:
        return None
    offset = line.start() + match.start("title")
    start = line.start() + len(line.group()) - len(line.group().lstrip())
    body = line.start() + match.end() if ending.strip("#") else line.end()
    return _Heading(line.string[offset : offset + len(title)], kind, start, body)


def _kind(title: str, *, marked: bool, ending: str, after: str, bullet: bool) -> str | None:
    """Return the kind of section that a line opens, or None when it is no heading."""
    known = _lookup(title)
    if known == "none":
        return None
    if known and marked:
        return known
    if known and not title[0].isupper():
        return known if ending == ":" and title in _inline("yes", "bare") else None
    if known:
        return known if ending == ":" or not bullet else None
    if bullet:
        return None
    if marked:
        return _partial(title)
    words = re.findall(r"[A-Za-z]+", title)
    if not words or len(words) > 7 or title[-1] in ".,;?!":
        return None
    if title.isupper():
        letters = sum(map(len, words))
        if ending == ":" and (len(words) > 1 or letters > 5) and not after[:1].isdigit():
            return _partial(title)
        if not ending and letters > 4 and not any(c.isdigit() for c in title):
            kind = _partial(title)
            return kind if kind != "other" else None
        return None
    if ending == ":" and not after and all(w[0].isupper() for w in words if len(w) > 3):
        return _partial(title)
    return None


def _lookup(title: str) -> str | None:
    key = _REMARK.sub(" ", title).strip(" .").lower()
    return _table().get(" ".join(key.split()))


def _partial(title: str) -> str:
    """Return the kind of the longest known heading that a longer one begins or ends with."""
    words = _REMARK.sub(" ", title).lower().split()
    for size in range(len(words), 0, -1):
        for part in (words[:size], words[-size:]):
            kind = _table().get(" ".join(part))
            if kind not in {None, "none", "system"} and len(" ".join(part)) > 3:
                return str(kind)
    return "other"


def _inline_headings(text: str, start: int, end: int) -> Iterator[_Heading]:
    """Yield shorthand headings within a line: 'PMH: ... FH: ... Meds: ...'."""
    for match in _INLINE_TITLE.finditer(text, start, end):
        words = match.group().rstrip(": ").split(" ")
        for size in range(len(words), 0, -1):
            title = " ".join(words[-size:])
            begin = match.start() + match.group().rindex(title)
            before = text[start:begin].rstrip(" ")
            opens = (
                title.isupper()
                or before[-1:] in {"", ".", ";", "|"}
                or text[begin - 2 : begin] == "  "
            )
            if title[0].isupper() and opens and title.lower() in _inline("yes", "bare"):
                yield _Heading(title, _table()[title.lower()], begin, match.end())
                break


@cache
def _table() -> dict[str, str]:
    """Return heading words to kind."""
    return {row["heading"]: row["kind"] for row in load_tsv("sections.tsv")}


@cache
def _inline(*values: str) -> frozenset[str]:
    """Return the headings whose column ``inline`` holds one of the values."""
    return frozenset(row["heading"] for row in load_tsv("sections.tsv") if row["inline"] in values)
