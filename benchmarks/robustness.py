"""Both tasks on every ACI-Bench note and MTS-Dialog section: nothing crashes, all is grounded."""

from __future__ import annotations

import time
from collections import Counter

import clinie
from clinie import Document
from clinie.datasets import bundled, corpora


def check(documents: list[Document], task: str) -> Counter[str]:
    """Extract a task from every document and count; a span that is off raises."""
    counts: Counter[str] = Counter()
    for found in clinie.extract_many(documents, task=task):
        assert found.document is not None
        text = found.document.text
        for span in found.spans:
            pieces = span.fragments or ((span.start, span.end),)
            assert text[span.start : span.end] == span.text, (found.document_id, span.id)
            assert all(span.start <= a < b <= span.end for a, b in pieces)
        counts["documents"] += 1
        counts["incomplete"] += not found.complete
        counts["spans"] += len(found.spans)
        counts["relations"] += len(found.relations)
        counts.update(f.severity for f in found.findings)
    return counts


def main() -> None:
    if corpora.root() is None:
        print("skipped: no corpora (set CLINIE_DATA)")
        return
    sets = {"ACI-Bench": corpora.aci_bench, "MTS-Dialog": corpora.mts_dialog}
    columns = ("documents", "incomplete", "spans", "relations", "reject", "flag")
    print(f"{'':26}" + "".join(f"{c:>11}" for c in columns) + f"{'words/s':>10}")
    for name, read in sets.items():
        documents = list(read())
        words = sum(len(d.text.split()) for d in documents)
        for task in bundled.TASKS:
            start = time.perf_counter()
            counts = check(documents, task)
            speed = words / (time.perf_counter() - start)
            row = "".join(f"{counts[c]:>11,}" for c in columns)
            print(f"{name + ', ' + task:26}{row}{speed:>10,.0f}")


if __name__ == "__main__":
    main()
