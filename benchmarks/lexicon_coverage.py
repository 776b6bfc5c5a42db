"""Share of annotated drug mentions that the drug lexicon covers.

A mention is *contained* when a name of the lexicon stands in it, and *exact* when the whole
mention is one name of the lexicon. PHEE V2: the ``Drug`` of a treatment; train was looked at to
find drugs that were missing, dev was not. MACCROBAT: ``Medication``; of its test documents
(a fifth by hash) none was looked at. MACCROBAT annotates phrases such as *the patient's
medication* and surgical materials too.
"""

from __future__ import annotations

from collections.abc import Iterable

from clinie.datasets import corpora
from clinie.text.lexica import drugs


def mentions(items: Iterable[corpora.CorpusItem], label: str) -> list[str]:
    """Return the texts of the spans of one label."""
    return [span.text for item in items for span in item.spans if span.label == label]


def report(name: str, found: list[str]) -> None:
    """Print one row for all mentions and one for the distinct ones (case folded)."""
    lexicon = drugs()
    for kind, counted in (("all", found), ("distinct", sorted({m.lower() for m in found}))):
        contained = sum(bool(lexicon.find(mention)) for mention in counted)
        exact = sum(lexicon.get(mention) is not None for mention in counted)
        total = len(counted)
        print(
            f"{name:18}{kind:10}{total:>6}{contained:>8}{contained / total:>8.1%}"
            f"{exact:>8}{exact / total:>8.1%}"
        )


def main() -> None:
    print(f"{'':18}{'':10}{'':>6}{'contained':>16}{'exact':>16}")
    for split in ("dev", "train"):
        report(f"PHEE {split}", mentions(corpora.phee(split), "Drug"))
    for split in ("test", "train"):
        report(f"MACCROBAT {split}", mentions(corpora.maccrobat(split), "Medication"))


if __name__ == "__main__":
    main()
