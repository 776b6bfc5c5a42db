"""What every reader makes of its source: a `Document`, or an `InputError` as a value.

A reader never raises for one bad document: it hands the error on in the document's place, so that
the run can list it and go on with the rest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral
from typing import Any

from clinie.errors import InputError
from clinie.schema import Document

__all__ = ["Entry", "Read", "checked", "document"]

Read = Document | InputError
"""One document, or what is wrong with it."""

Entry = tuple[str, Read]
"""Where it came from (file, ``file:line`` or ``file, row n``), and what was read there."""


_LONGEST_ID = 200


def checked(text: str, place: str, document_id: str, **optional: Any) -> Read:
    """Return the document, or what is wrong: an empty note, or half a character in text or id."""
    for value, what in ((document_id, "id"), (text, "text")):
        if not _is_unicode(value):
            return InputError(
                f"the {what} cannot be written as UTF-8",
                mend=f"repair the {what} where it was exported",
                place=place,
            )
    if not text.strip():
        return InputError(
            "the note is empty",
            mend="remove it, or look for what was lost in its export",
            place=place,
            document_id=document_id,
        )
    return Document(text=text, id=document_id, **optional)


def document(
    row: Mapping[str, Any], place: str, *, text_column: str = "text", id_column: str = "id"
) -> Read:
    """Turn a row of a table (or an object of a JSON line) into a document.

    ``patient`` and ``date`` become those of the document; ``metadata``, when it is an object, and
    every other column travel along as metadata.
    """
    try:
        document_id = _identifier(row, id_column, place)
        text = _text(row, text_column, place, document_id)
    except InputError as error:
        return error
    known = {text_column, id_column, "patient", "date", "metadata"}
    metadata = {key: value for key, value in row.items() if key not in known}
    extra = row.get("metadata")
    if isinstance(extra, Mapping):
        metadata.update(extra)
    elif extra is not None:
        metadata["metadata"] = extra
    return checked(
        text,
        place,
        document_id,
        patient=_optional(row.get("patient")),
        date=_optional(row.get("date")),
        metadata=metadata,
    )


def _identifier(row: Mapping[str, Any], column: str, place: str) -> str:
    value = row.get(column)
    if type(value) is not bool and isinstance(value, Integral):
        return str(int(value))
    if _is_missing(value) or value == "":
        raise InputError(
            f"no id in {column!r}",
            mend="give every document an id, or name its column with --id-column",
            place=place,
        )
    if not isinstance(value, str):
        raise InputError(
            f"the id in {column!r} is {_kind(value)}",
            mend="make it a string or a whole number",
            place=place,
        )
    if len(value) > _LONGEST_ID or "\n" in value or "\r" in value:  # a note, by mistake
        raise InputError(
            f"what stands in {column!r} is no identifier: it is long or of several lines",
            mend="name the column of the ids with --id-column",
            place=place,
        )
    return value


def _text(row: Mapping[str, Any], column: str, place: str, document_id: str) -> str:
    if column not in row:
        raise InputError(
            f"no text in {column!r}",
            mend=f"name the column of the note with --text-column; there are: {_names(row)}",
            place=place,
            document_id=document_id,
        )
    value = row[column]
    if not isinstance(value, str):
        raise InputError(
            f"the text in {column!r} is {_kind(value)}",
            mend="make it a string",
            place=place,
            document_id=document_id,
        )
    return value


def _is_unicode(value: str) -> bool:
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _is_missing(value: Any) -> bool:
    """Tell whether a cell is null: None, NaN, or pandas' NA and NaT."""
    not_a_number = isinstance(value, float) and math.isnan(value)
    return value is None or not_a_number or type(value).__name__ in ("NAType", "NaTType")


def _optional(value: Any) -> str | None:
    return None if _is_missing(value) or value == "" else str(value)


def _kind(value: Any) -> str:
    return "missing" if _is_missing(value) else f"not a string but {type(value).__name__}"


def _names(row: Mapping[str, Any]) -> str:
    return ", ".join(sorted(str(name) for name in row)[:20])
