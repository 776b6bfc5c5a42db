"""Gold and prediction side by side, document by document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from clinie.errors import InputError
from clinie.schema import Extraction

__all__ = ["Pair", "Paired", "pair_up"]


@dataclass(frozen=True, slots=True)
class Pair:
    """What gold and a system say of one document.

    Parameters
    ----------
    gold, predicted : Extraction
    text : str
        The document; where only records are at hand, as much of it as their spans hold, the rest
        blank. Offsets fit either way.
    whole : bool
        Whether ``text`` is the document itself.
    """

    gold: Extraction
    predicted: Extraction
    text: str = field(repr=False)
    whole: bool = True

    @property
    def document_id(self) -> str:
        """The document's id."""
        return self.gold.document_id


@dataclass(frozen=True, slots=True)
class Paired:
    """All documents of the gold, in its order.

    Parameters
    ----------
    pairs : tuple of Pair
    missing : tuple of str
        Documents without a prediction: they count as empty predictions.
    extra : tuple of str
        Documents without gold: they are left out.
    """

    pairs: tuple[Pair, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def pair_up(
    gold: Iterable[Extraction],
    predicted: Iterable[Extraction],
    texts: Mapping[str, str] | None = None,
) -> Paired:
    """Put records of one task side by side.

    Parameters
    ----------
    gold, predicted : iterable of Extraction
        One record per document.
    texts : Mapping of str to str, optional
        Documents by id, where the records do not bring theirs.

    Raises
    ------
    InputError
        When a document stands twice on one side, no document stands on both, or the two sides
        quote different words from one place: they were made from different texts.
    """
    wanted, found = _by_id(gold, "gold"), _by_id(predicted, "prediction")
    extra = tuple(id for id in found if id not in wanted)
    missing = tuple(id for id in wanted if id not in found)
    if not wanted:
        raise InputError("there is no gold record")
    if found and len(missing) == len(wanted):
        raise InputError(
            f"no document stands in both: the gold has {missing[0]!r}, the prediction {extra[0]!r}",
            mend="extract from the same notes, by the same path, so that ids are equal",
        )
    pairs = []
    for id, record in wanted.items():
        other = found.get(id, Extraction(id, record.task))
        text, whole = _text([record, other], (texts or {}).get(id))
        pairs.append(Pair(record, other, text, whole))
    return Paired(tuple(pairs), missing, extra)


def _by_id(records: Iterable[Extraction], side: str) -> dict[str, Extraction]:
    by_id: dict[str, Extraction] = {}
    for record in records:
        if record.document_id in by_id:
            raise InputError(
                f"two {side} records of {record.task}",
                mend="keep one",
                place=record.document_id,
                document_id=record.document_id,
            )
        by_id[record.document_id] = record
    return by_id


def _text(records: Sequence[Extraction], text: str | None) -> tuple[str, bool]:
    """Return the document, or what can be known of it."""
    document = next((record.document for record in records if record.document), None)
    whole = document.text if document else text
    spans = [span for record in records for span in record.spans]
    length = max((span.end for span in spans), default=0)
    known = [""] * length if whole is None else list(whole)
    for span in spans:
        place = slice(span.start, span.end)
        before = known[place]
        if len(before) != len(span.text) or any(
            a not in ("", b) for a, b in zip(before, span.text, strict=True)
        ):
            raise InputError(
                f"the words of a span are not those at {span.start}:{span.end}",
                mend="evaluate records that were made from the same text",
                place=records[0].document_id,
                document_id=records[0].document_id,
            )
        known[place] = span.text
    return "".join(character or " " for character in known), whole is not None
