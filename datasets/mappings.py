"""From a corpus's labels to a task's: the one place that says which of them mean the same.

No two corpora mean quite the same by a mention, and none means what ``docs/annotation.md`` does:

* MACCROBAT cuts a phrase into site, severity and finding, marks normal findings, and writes the
  frequency behind a dose into the dosage; only attributes that modify a drug are mapped.
* PHEE marks only drugs that take part in an event.
* n2c2 parts strength from dosage, which are one here; i2b2 2010's treatments mix drugs and
  procedures and are left out.
* EBM-NLP has no comparators: they count as interventions there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from clinie.datasets.coreference import identities_of
from clinie.datasets.corpora import CorpusItem
from clinie.schema import Extraction, Relation, Span
from clinie.tasks import load

__all__ = ["MAPPINGS", "mapped", "tasks_of"]

Reading = Callable[[CorpusItem], CorpusItem]

_ASSERTION = "assertion"
_MACCROBAT_DRUGS = {
    "Medication": "medication",
    "Dosage": "dosage",
    "Frequency": "frequency",
    "Duration": "duration",
    "Administration": "route",
}
_MACCROBAT_CONDITIONS = {
    "Sign_symptom": "problem",
    "Disease_disorder": "problem",
    "Diagnostic_procedure": "test",
    "Therapeutic_procedure": "procedure",
}
_POLARITY = {"NEG": "absent", "UNCERTAIN": "possible"}
_PHEE = {
    "Drug": "medication",
    "Dosage": "dosage",
    "Freq": "frequency",
    "Duration": "duration",
    "Route": "route",
}
_N2C2 = {
    "Drug": "medication",
    "Strength": "dosage",
    "Dosage": "dosage",
    "Route": "route",
    "Frequency": "frequency",
    "Duration": "duration",
    "Reason": "reason",
}
_I2B2_2009 = {
    "m": "medication",
    "do": "dosage",
    "mo": "route",
    "f": "frequency",
    "du": "duration",
    "r": "reason",
}
_I2B2_2010 = {"problem": "problem", "test": "test"}
_OF_ANOTHER = {"associated_with_someone_else": "family"}
_CLINICAL_IE = {name: name.lower() for name in ("Medication", "Dosage", "Route", "Frequency",
                                                "Duration", "Reason")}  # fmt: skip
_PICO = {"P": "participants", "I": "intervention", "C": "comparator", "O": "outcome"}
_PRONOUN = {"pronoun": "anaphor", "antecedent": "antecedent"}


def _renamed(names: Mapping[str, str], *attributes: str) -> Reading:
    """Return a mapping of labels; spans of others, and attributes not named, are left out."""

    def read(item: CorpusItem) -> CorpusItem:
        spans = tuple(
            replace(
                span,
                label=names[span.label],
                attributes={n: v for n, v in span.attributes.items() if n in attributes},
            )
            for span in item.spans
            if span.label in names
        )
        return replace(item, spans=spans, relations=(), labels=())

    return read


def _linked(names: Mapping[str, str], *attributes: str, backward: bool = False) -> Reading:
    """Return a mapping of drugs, attributes and what joins them, named by the attribute.

    With `backward`, the corpus's relations lead from the attribute to the drug.
    """
    rename = _renamed(names, *attributes)

    def read(item: CorpusItem) -> CorpusItem:
        made = rename(item)
        labels = {span.id: span.label for span in made.spans}
        relations = []
        for link in item.relations:
            head, tail = (link.tail, link.head) if backward else (link.head, link.tail)
            if labels.get(head) == "medication" and labels.get(tail, "medication") != "medication":
                relations.append(Relation(link.id, labels[tail], head, tail))
        return replace(made, relations=tuple(relations))

    return read


def _maccrobat_drugs(item: CorpusItem) -> CorpusItem:
    made = _linked(_MACCROBAT_DRUGS, backward=True)(
        replace(item, relations=tuple(r for r in item.relations if r.label == "MODIFY"))
    )
    tails = {link.tail for link in made.relations}
    drugs = tuple(s for s in made.spans if s.label == "medication")
    parts = tuple(s for s in made.spans if s.label != "medication" and s.id in tails)
    return replace(made, spans=(*drugs, *parts))


def _maccrobat_conditions(item: CorpusItem) -> CorpusItem:
    made = _renamed(_MACCROBAT_CONDITIONS, "POLARITY")(item)
    spans = (
        replace(
            span,
            attributes={
                _ASSERTION: _POLARITY.get(span.attributes.get("POLARITY") or "", "present")
            },
        )
        for span in made.spans
    )
    return replace(made, spans=tuple(spans))


def _i2b2_conditions(item: CorpusItem) -> CorpusItem:
    made = _renamed(_I2B2_2010, _ASSERTION)(item)
    spans = (
        replace(
            span,
            attributes={
                name: _OF_ANOTHER.get(value or "", value) for name, value in span.attributes.items()
            },
        )
        for span in made.spans
    )
    return replace(made, spans=tuple(spans))


def _negex(item: CorpusItem) -> CorpusItem:
    spans = []
    for span in item.spans:
        said = span.attributes
        family = said["experiencer"] != "Patient"
        negated = said["negation"] == "Negated"
        attributes = {
            _ASSERTION: "family" if family else "absent" if negated else "present",
            "temporality": "historical" if said["temporality"] == "Historical" else "current",
        }
        spans.append(replace(span, label="problem", attributes=attributes))
    return replace(item, spans=tuple(spans))


def _expert(item: CorpusItem) -> CorpusItem:
    spans = tuple(replace(s, attributes={}) for s in item.spans if s.attributes["by"] == "expert")
    return replace(item, spans=spans, labels=())


def _gap(item: CorpusItem) -> CorpusItem:
    """Keep the pronoun and the name it means; without one there is nothing to find."""
    names = {"pronoun": "anaphor", "name": "antecedent"}
    kept = {end for link in item.relations for end in (link.head, link.tail)}
    spans = (replace(s, label=names[s.label]) for s in item.spans if s.id in kept)
    return replace(item, spans=tuple(spans))


def _maccrobat_anaphors(item: CorpusItem) -> CorpusItem:
    """Keep pronouns and definite mentions, each with the full mentions that it was linked to."""
    spans: dict[str, Span] = {}
    relations: list[Relation] = []
    for identity in identities_of(item):
        if identity.kind == "anaphor":
            anaphor = replace(identity.later, label="anaphor", attributes={})
            spans[anaphor.id] = anaphor
            for chain in identity.linked:
                full = next((s for s in chain if s.label != "Coreference"), chain[0])
                spans.setdefault(full.id, replace(full, label="antecedent", attributes={}))
                relations.append(Relation(f"r{len(relations)}", "antecedent", anaphor.id, full.id))
    return replace(item, spans=tuple(spans.values()), relations=tuple(relations))


def _pronouns(item: CorpusItem) -> CorpusItem:
    return replace(_renamed(_PRONOUN)(item), relations=item.relations)


def _same(item: CorpusItem) -> CorpusItem:
    return item


_DISEASES = _renamed({"Disease": "problem"})

MAPPINGS: dict[str, dict[str, Reading]] = {
    "aci-bench-medications": {"medications": _same},
    "allergy-notes": {"allergies": _same},
    "bc5cdr": {"conditions": _DISEASES},
    "bc5cdr-disease": {"conditions": _DISEASES},
    "casi": {"acronyms": _same},
    "clinical-ie-attributes": {"medications": _linked(_CLINICAL_IE)},
    "clinical-ie-coreference": {"coreference": _pronouns},
    "clinical-ie-status": {"medications": _renamed(_CLINICAL_IE, "status")},
    "crowd-against-expert": {"pico": _expert},
    "ebm-nlp": {"pico": _renamed(_PICO)},
    "ebm-nlp-mod": {"pico": _renamed(_PICO)},
    "gap": {"coreference": _gap},
    "i2b2-2009": {"medications": _linked(_I2B2_2009)},
    "i2b2-2010": {"conditions": _i2b2_conditions},
    "maccrobat": {
        "medications": _maccrobat_drugs,
        "conditions": _maccrobat_conditions,
        "coreference": _maccrobat_anaphors,
    },
    "n2c2-2018": {"medications": _linked(_N2C2, backward=True)},
    "ncbi-disease": {"conditions": _DISEASES},
    "negex": {"conditions": _negex},
    "phee": {"medications": _renamed(_PHEE)},
    "pubmed-substitution": {"acronyms": _same},
    "trials": {"trial-results": _same},
    "vaers": {"vaccine-events": _same},
}
"""By corpus and task."""


def tasks_of(name: str) -> tuple[str, ...]:
    """Return the tasks that a corpus has gold for."""
    return tuple(MAPPINGS.get(name, ()))


def mapped(items: Iterable[CorpusItem], name: str, task: str) -> Iterator[Extraction]:
    """Yield the items of a corpus as gold records of a task.

    Parameters
    ----------
    items : iterable of CorpusItem
    name : str
        The corpus.
    task : str
        One of `tasks_of` it.
    """
    read, versioned = MAPPINGS[name][task], load(task).name
    for item in items:
        made = read(item)
        yield Extraction(
            document_id=item.document.id,
            task=versioned,
            spans=made.spans,
            relations=made.relations,
            labels=made.labels,
            document=item.document,
        )
