"""Answers that are the note once more with nothing marked in it."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from clinie.resolvers.grammars.tagged import is_tagged
from clinie.resolvers.items import State
from clinie.resolvers.vocabulary import vocabulary_of
from clinie.text.folding import fold_word

__all__ = ["read_copy"]

_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>")
_SIGNS = re.compile(r"[\W_]+")
_NONE = "none"


def read_copy(state: State) -> None:
    """Read an unmarked copy of the note as the answer that there is nothing: `unmarked_copy`.

    A model that is asked to mark mentions in "He denies any fever." and finds none returns the
    sentence as it is. Case, blanks, punctuation and other tags do not matter.
    """
    answer, note = state.answer.text, state.question.text
    said = _letters(answer)
    if (
        not said
        or said != _letters(note)
        or is_tagged(answer, vocabulary_of(state.question.schema))
    ):
        return
    state.find("unmarked_copy", severity="info")
    state.answer = replace(state.answer, text=_NONE)


def _letters(text: str) -> str:
    return _SIGNS.sub("", fold_word(html.unescape(_TAG.sub("", text))))
