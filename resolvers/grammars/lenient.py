"""A forgiving JSON reader for what models write when they mean JSON.

It accepts single and typographic quotes, quotes within quotes, trailing and missing commas,
comments, bare words, Python literals and text that ends too early. One pass, linear in the length
of the text: a general repair library took close to a minute on 40,000 hostile characters.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Lenient", "TooDeepError", "read_lenient"]

DEEPEST = 40

_SPACE = re.compile(r"(?:\s+|//[^\n]*|#[^\n]*)+")
_CLOSES = re.compile(
    r"\s*(?:[}\]:]|\Z|,\s*(?:[\"'“‘{\[}\]]|-?\d|true|false|null|None|True|False|"
    r"[A-Za-z_]\w{0,40}\s*:|\Z))"
)
_LINE_ENDS_STRING = re.compile(r"\n\s{0,80}[\"'“}\]]")
_STOPS = re.compile(r"[\\\n\"'“”‘’`]")
_BARE = re.compile(r"[^,:\]}\n]*")
_BARE_KEY = re.compile(r"[^\s,:\]}\"'{\[]+(?: [^\s,:\]}\"'{\[]+)*")
_CLOSING = {'"': '"', "'": "'", "“": '”"', "”": '”"', "‘": "’'", "`": "`'"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_WORDS = {"true": True, "false": False, "null": None, "none": None, "nan": None}
_HEX = re.compile(r"u([0-9a-fA-F]{4})")


class TooDeepError(ValueError):
    """The text nests deeper than any answer does."""


@dataclass(slots=True)
class Lenient:
    """What could be read.

    Parameters
    ----------
    value : Any
        Complete elements only: an object or string that the text breaks off in is left out.
    end : int
        Offset just after the value.
    complete : bool
        False when the text ended inside the value.
    dropped : list of str
        The raw text of every half-written element.
    """

    value: Any
    end: int
    complete: bool
    dropped: list[str] = field(default_factory=list)


def read_lenient(text: str, start: int = 0) -> Lenient:
    """Read the value that begins at ``start``.

    Raises
    ------
    TooDeepError
        When objects and arrays nest deeper than 40 levels.
    """
    reader = _Reader(text, start)
    value, complete = reader.value(0)
    return Lenient(value, reader.at, complete, reader.dropped)


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.dropped: list[str] = []

    def value(self, depth: int) -> tuple[Any, bool]:
        """Read one value; return it and whether its own end was seen."""
        self._skip()
        sign = self._peek()
        if sign in ("{", "["):
            if depth >= DEEPEST:
                raise TooDeepError
            self.at += 1
            return self._object(depth) if sign == "{" else self._array(depth)
        if sign in _CLOSING:
            return self._string()
        return self._bare()

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip(self, more: str = "") -> None:
        while True:
            found = _SPACE.match(self.text, self.at)
            if found:
                self.at = found.end()
            elif more and self._peek() and self._peek() in more:
                self.at += 1
            else:
                return

    def _array(self, depth: int) -> tuple[list[Any], bool]:
        values: list[Any] = []
        while True:
            self._skip(",;:")
            sign = self._peek()
            if not sign:
                return values, False
            if sign in "]}":
                self.at += (
                    sign == "]"
                )  # a brace here closes the object around: a bracket is missing
                return values, True
            began = self.at
            value, complete = self.value(depth + 1)
            if complete:
                values.append(value)
            else:
                self.dropped.append(self.text[began:])
                return values, False

    def _object(self, depth: int) -> tuple[dict[str, Any], bool]:
        fields: dict[str, Any] = {}
        while True:
            self._skip(",;")
            sign = self._peek()
            if not sign:
                return fields, False
            if sign in "]}":
                self.at += sign == "}"
                return fields, True
            key, complete = self._key()
            self._skip()
            if not complete or not self._peek():
                return fields, False
            if self._peek() not in (":", "="):
                fields.setdefault(key, None)
                continue
            self.at += 1
            value, complete = self.value(depth + 1)
            if complete or _holds_more(value):
                _put(fields, key, value)
            if not complete:
                return fields, False

    def _key(self) -> tuple[str, bool]:
        if self._peek() in _CLOSING:
            return self._string()
        found = _BARE_KEY.match(self.text, self.at)
        if found:
            self.at = found.end()
            return found.group(), self.at < len(self.text)
        self.at += 1  # a stray sign
        return "", True

    def _string(self) -> tuple[str, bool]:
        closing = _CLOSING[self._peek()]
        self.at += 1
        pieces = []
        while found := _STOPS.search(self.text, self.at):
            pieces.append(self.text[self.at : found.start()])
            self.at = found.end()
            sign = found.group()
            if sign == "\\":
                pieces.append(self._escape())
            elif sign == "\n" and _LINE_ENDS_STRING.match(self.text, found.start()):
                return "".join(pieces).rstrip(" ,"), True
            elif sign in closing and _CLOSES.match(self.text, self.at):
                return "".join(pieces), True
            else:
                pieces.append(sign)
        pieces.append(self.text[self.at :])
        self.at = len(self.text)
        return "".join(pieces), False

    def _escape(self) -> str:
        if found := _HEX.match(self.text, self.at):
            self.at = found.end()
            return chr(int(found.group(1), 16))
        sign = self._peek()
        self.at += 1
        return _ESCAPES.get(sign, sign)

    def _bare(self) -> tuple[Any, bool]:
        found = _BARE.match(self.text, self.at)
        raw = found.group().strip() if found else ""
        self.at = found.end() if found and found.end() > self.at else self.at + 1
        complete = self.at < len(self.text)
        if raw.casefold() in _WORDS:
            return _WORDS[raw.casefold()], complete
        try:
            return (float(raw) if "." in raw else int(raw)), complete
        except ValueError:
            return raw, complete


def _holds_more(value: Any) -> bool:
    """Tell whether an unfinished value holds finished elements worth keeping."""
    if isinstance(value, dict):
        return any(isinstance(inner, (dict, list)) for inner in value.values())
    return isinstance(value, list)


def _put(fields: dict[str, Any], key: str, value: Any) -> None:
    """Store a field; of a key given twice keep both values, as a list."""
    if key in fields and isinstance(fields[key], list) and isinstance(value, list):
        fields[key].extend(value)
    else:
        fields[key] = value
