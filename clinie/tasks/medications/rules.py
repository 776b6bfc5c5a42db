"""The rules of ``medications@1``: the first rung, deterministic and free of charge."""

from __future__ import annotations

import re
from typing import Any

from clinie.tasks.medications.linking import link
from clinie.tasks.medications.mentions import Places, find_mentions
from clinie.tasks.medications.status import StatusReader, lead_ins
from clinie.tasks.medications.tables import column_reasons
from clinie.text.sections import sections as find_sections
from clinie.text.sentences import sentences as find_sentences
from clinie.text.sig import find_sigs

__all__ = ["extract"]

_RELATIONS = ("dosage", "route", "frequency", "duration", "reason")


def extract(text: str) -> list[dict[str, Any]]:
    """Return the medications of a note in Clinie's canonical JSON grammar, in text order.

    Total and deterministic. Confidences are ordinal: a known ingredient with a dose ranks above a
    bare name, an abbreviation and a name guessed from its ending.

    Examples
    --------
    >>> [(m["text"], m["status"]) for m in extract("Lasix 40 mg IV given. Coumadin held.")]
    [('Lasix', 'active'), ('Coumadin', 'discontinued')]
    """
    sentences = find_sentences(text)
    parts = sorted({*find_sigs(text), *column_reasons(text)})
    places = Places(text, sentences, find_sections(text), parts)
    mentions = find_mentions(places)
    links = link(text, sentences, mentions, parts)
    attached = [(x.part.start, x.part.end) for found in links.values() for x in found]
    reader = StatusReader(text, mentions, attached)
    listed = lead_ins(text, sentences, {mention.start for mention in mentions})
    items = []
    for index, mention in enumerate(mentions):
        sentence, section = places.sentence(mention.start), places.section(mention.start)
        dosed = any(x.part.kind in {"dosage", "frequency"} for x in links[mention])
        status, sure = reader.read(
            index, sentence, section, dosed=dosed, listed=listed.get(sentence[0])
        )
        item: dict[str, Any] = {
            "text": text[mention.start : mention.end],
            "label": "medication",
            "start": mention.start,
            "status": status,
            "confidence": round(mention.confidence * (0.75 + sure / 4), 3),
        }
        for relation in _RELATIONS:
            found = [
                {"text": text[p.start : p.end], "start": p.start, "confidence": confidence}
                for p, confidence in links[mention]
                if p.kind == relation
                and (relation != "reason" or _is_reason(text, mention.start, status, confidence))
            ]
            if found:
                item[relation] = found
        items.append(item)
    return items


_STOPPING = re.compile(
    r"\b(?:hold|holding|held|stop|stopped|stopping|discontinue[sd]?|discontinuing|withh[eo]ld|"
    r"d/c(?:'?d|ed)?|paused?)\s+(?:(?:the|his|her|their|home|taking|all)\s+){0,2}$",
    re.IGNORECASE,
)


def _is_reason(text: str, start: int, status: str, confidence: float) -> bool:
    """Tell the reason of taking from that of stopping: "held for kidney injury"."""
    if status == "active":
        return True
    return confidence >= 0.95 and not _STOPPING.search(text, max(0, start - 40), start)
