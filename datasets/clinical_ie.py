"""The annotated snippets of Agrawal et al. (2022): ``mitclinicalml/clinical-ie``.

Three sets of 105 snippets of CASI each (5 for development, 100 for testing), for people who have
access to CASI. `load_dataset` of Hugging Face gives them; save each part as CSV or JSON Lines
(``to_csv``, ``to_json``) under a name that ends in the set and the part:
``medication_status_test.csv``. Columns:

* ``medication_status``: ``snippet``, and ``active_medications``, ``discontinued_medications``,
  ``neither_medications``, each a list of names;
* ``medication_attr``: ``snippet``, and ``annotations``, a list of ``[start, end, label, words]``;
  labels are a kind and the number of the drug it belongs to (``Dosage2``); ends are exclusive or
  inclusive, the words tell;
* ``coreference``: ``snippet``, ``pronoun``, and ``antecedent``, one or a list.

Lists are written as in JSON or in Python. Names stand in the snippets without offsets; they are
grounded here: each takes an occurrence of its own, the longer name first.

References
----------
Agrawal M, Hegselmann S, Lang H, Kim Y, Sontag D. Large language models are few-shot clinical
information extractors. EMNLP 2022.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from clinie.datasets.corpora import CorpusItem
from clinie.datasets.user_files import read_text, rows
from clinie.errors import InputError
from clinie.resolvers import ground_all
from clinie.schema import Document, Relation, Span

__all__ = ["coreference", "medication_attributes", "medication_status"]

STATUSES = ("active", "discontinued", "neither")
DRUG = "Medication"
_PARTS = {"validation": ("validation", "valid", "dev"), "test": ("test",)}
_KIND = re.compile(r"(?P<kind>[A-Za-z]+)(?P<number>\d+)")
Cells = Mapping[str, Any]


def medication_status(split: str, folder: Path) -> Iterator[CorpusItem]:
    """Yield snippets with their drugs; split ``validation`` or ``test``.

    Spans are ``Medication`` with a ``status``; a name that does not stand in its snippet is
    counted in ``skipped``.

    Raises
    ------
    InputError
        When there is no such file, or a row of it is malformed.
    """
    columns = tuple(f"{status}_medications" for status in STATUSES)
    return _items("medication_status", split, folder, columns, _of_status)


def medication_attributes(split: str, folder: Path) -> Iterator[CorpusItem]:
    """Yield snippets with drugs and their attributes; split ``validation`` or ``test``.

    Spans are ``Medication``, ``Dosage``, ``Route``, ``Frequency``, ``Reason``, ``Duration``;
    relations lead from every mention of a drug to its attributes, named by their kind.

    Raises
    ------
    InputError
        When there is no such file, or a row of it is malformed.
    """
    return _items("medication_attr", split, folder, ("annotations",), _of_attributes)


def coreference(split: str, folder: Path) -> Iterator[CorpusItem]:
    """Yield snippets with a pronoun and its antecedents; split ``validation`` or ``test``.

    Spans are ``pronoun`` and ``antecedent``, relations lead from the one to the others. The pronoun
    is the first one of its spelling behind the antecedents.

    Raises
    ------
    InputError
        When there is no such file, or a row of it is malformed.
    """
    return _items("coreference", split, folder, ("pronoun", "antecedent"), _of_coreference)


def _items(
    name: str,
    split: str,
    folder: Path,
    columns: Sequence[str],
    read: Callable[[Document, Cells], CorpusItem],
) -> Iterator[CorpusItem]:
    path = _file(name, split, folder)
    table = _json_rows(path) if path.suffix == ".jsonl" else _csv_rows(path, ["snippet", *columns])
    for number, (cells, place) in enumerate(table):
        try:
            text = cells["snippet"]
            if not isinstance(text, str):
                raise TypeError
            item = read(Document(text, f"{name}-{split}-{number}"), cells)
        except (KeyError, TypeError, ValueError, SyntaxError, RecursionError):
            raise InputError(
                "not a row of this set", mend=f"columns: snippet, {', '.join(columns)}", place=place
            ) from None
        yield item


def _file(name: str, split: str, folder: Path) -> Path:
    for path in sorted((*folder.rglob("*.csv"), *folder.rglob("*.jsonl"))):
        _, of_set, rest = path.stem.lower().partition(name)
        if of_set and any(word in rest for word in _PARTS[split]):
            return path
    raise InputError(f"no .csv or .jsonl with {name} and {split} in its name", place=str(folder))


def _csv_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[Cells, str]]:
    for row in rows(path, columns):
        yield row.cells, row.place


def _json_rows(path: Path) -> Iterator[tuple[Cells, str]]:
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            place = f"{path}:{number}"
            try:
                yield json.loads(line), place
            except (ValueError, RecursionError):
                raise InputError("malformed JSON", mend="one object a line", place=place) from None


def _listed(value: Any) -> list[Any]:
    """Return a list that may be written as one, in JSON or in Python."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except ValueError:
            value = ast.literal_eval(value.strip())
    return value if isinstance(value, list) else [value] if value else []


def _of_status(document: Document, cells: Cells) -> CorpusItem:
    named = [
        (str(name).strip(), status)
        for status in STATUSES
        for name in _listed(cells[f"{status}_medications"])
    ]
    found = ground_all([name for name, _ in named], document.text)
    spans = [
        _span(document.text, grounding.spans[0], DRUG, n, {"status": status})
        for n, (grounding, (_, status)) in enumerate(zip(found, named, strict=True))
        if grounding.spans
    ]
    return CorpusItem(document, tuple(spans), skipped=len(named) - len(spans))


def _of_attributes(document: Document, cells: Cells) -> CorpusItem:
    spans: list[Span] = []
    drugs: dict[str, list[Span]] = {}
    parts: list[tuple[str, Span]] = []
    skipped = 0
    for start, end, label, *words in _listed(cells["annotations"]):
        found = _KIND.fullmatch(label)
        place = _place(document.text, int(start), int(end), words)
        if found is None or place is None:
            skipped += 1
            continue
        span = _span(document.text, place, found["kind"], len(spans))
        spans.append(span)
        if found["kind"] == DRUG:
            drugs.setdefault(found["number"], []).append(span)
        else:
            parts.append((found["number"], span))
    pairs = [(drug, span) for number, span in parts for drug in drugs.get(number, ())]
    skipped += sum(number not in drugs for number, _ in parts)
    relations = (Relation(f"r{n}", s.label, d.id, s.id) for n, (d, s) in enumerate(pairs))
    return CorpusItem(document, tuple(spans), tuple(relations), skipped)


def _place(text: str, start: int, end: int, words: Sequence[Any]) -> tuple[int, int] | None:
    for last in (end, end + 1):
        said = text[start:last]
        if 0 <= start < last <= len(text) and (not words or said == words[0]):
            return start, last
    return None


def _of_coreference(document: Document, cells: Cells) -> CorpusItem:
    text = document.text
    names = [str(name).strip() for name in _listed(cells["antecedent"])]
    antecedents = [g.spans[0] for g in ground_all(names, text) if g.spans]
    behind = max((end for _, end in antecedents), default=0)
    word = re.compile(rf"\b{re.escape(str(cells['pronoun']).strip())}\b", re.IGNORECASE)
    pronoun = word.search(text, behind)
    missing = len(names) - len(antecedents)
    if pronoun is None or not antecedents:
        return CorpusItem(document, skipped=missing + 1)
    spans = [_span(text, pronoun.span(), "pronoun", 0)]
    spans += [_span(text, place, "antecedent", n) for n, place in enumerate(antecedents, start=1)]
    relations = (
        Relation(f"r{n}", "antecedent", spans[0].id, span.id) for n, span in enumerate(spans[1:])
    )
    return CorpusItem(document, tuple(spans), tuple(relations), missing)


def _span(
    text: str,
    place: tuple[int, int],
    label: str,
    number: int,
    attributes: Mapping[str, str] | None = None,
) -> Span:
    start, end = place
    return Span(f"s{number}", label, start, end, text[start:end], None, dict(attributes or {}))
