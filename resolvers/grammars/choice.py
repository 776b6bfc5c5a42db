"""Answers to a question of multiple choice: ``(A``, ``B) continuous``, *The answer is C*.

The options are lettered in the order of the closed set. Small models go on writing behind their
answer, repeat the question instead, or open a sentence with the article *A*.
"""

from __future__ import annotations

import re

from clinie.resolvers.vocabulary import closed_value, key_form

__all__ = ["read_choice"]

_READ = 400
"""Characters that are read: an answer stands at its beginning."""
_SAYS = re.compile(r"(?i)\b(?:answer|option|choice)(?:\W{1,4}is)?\W{0,8}(?=[A-Za-z]\b)")
_LETTER = re.compile(r"\W*([A-Za-z])(?![^\W_])(?:\s*\Z|\s*[).:,;\]}*>]|\s*\n)")
_WORD = re.compile(r"[^\W\d_]+")


def read_choice(text: str, values: tuple[str, ...]) -> str | None:
    """Return the value of a closed set that a short answer chooses, or None.

    A letter with the value of another beside it (``A) continuous``) is the value: words are harder
    to get wrong than letters. Two values without a letter choose none.

    Examples
    --------
    >>> values = ("binary", "continuous", "unknown")
    >>> [read_choice(said, values) for said in ("(A", "B) continuous > The", "A study of pain")]
    ['binary', 'continuous', None]
    """
    text = text.strip()[:_READ]
    letter = _lettered(text, values)
    named = _named(text, values)
    if letter is None:
        return named[0] if len(named) == 1 else closed_value(text, values) if not named else None
    beside = _named(text[:_READ].partition("\n")[0], values)
    return beside[0] if len(beside) == 1 and letter not in named else letter


def _lettered(text: str, values: tuple[str, ...]) -> str | None:
    says = _SAYS.search(text)
    for at in (0, says.end() if says else None):
        found = _LETTER.match(text, at) if at is not None else None
        if found:
            number = ord(found.group(1).upper()) - ord("A")
            if number < len(values):
                return values[number]
    return None


def _named(text: str, values: tuple[str, ...]) -> list[str]:
    """Return the values whose words stand in a text, in the order of the text."""
    by_form = {key_form(value): value for value in values}
    said = [word.group().casefold() for word in _WORD.finditer(text)]
    return list(dict.fromkeys(by_form[word] for word in said if word in by_form))
