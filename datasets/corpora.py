"""Readers of public corpora that developers keep beside the repository; none of them ships.

Every reader yields the corpus's own labels on Clinie's `~clinie.Span` and `~clinie.Relation`.
Offsets are checked: a span whose words do not stand where the corpus says is left out and counted
in `CorpusItem.skipped`.

Parts that the corpus does not divide are divided here for good, by a hash (`split_of`): the
``test`` part is for figures only, and is never looked at while writing rules.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinie.errors import ConfigError, InputError
from clinie.io.brat_reading import read_standoff
from clinie.schema import Document, Label, Relation, Span

__all__ = [
    "CorpusItem",
    "aci_bench",
    "bioc_iob",
    "corpus_file",
    "from_iob",
    "json_lines",
    "maccrobat",
    "mts_dialog",
    "negex",
    "phee",
    "root",
    "split_of",
]

Pieces = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class CorpusItem:
    """One annotated text of a corpus.

    Parameters
    ----------
    document : Document
    spans, relations : tuple
        In the corpus's own labels; attributes are on the spans.
    skipped : int
        Annotations left out because their words do not stand where the corpus says.
    labels : tuple
        What the corpus says of the text as a whole.
    """

    document: Document
    spans: tuple[Span, ...] = ()
    relations: tuple[Relation, ...] = ()
    skipped: int = 0
    labels: tuple[Label, ...] = ()


def root() -> Path | None:
    """Return the folder of the corpora, or None when there is none.

    It is ``$CLINIE_DATA``, else ``shared/data`` beside the repository.

    Raises
    ------
    ConfigError
        If ``CLINIE_DATA`` is set and is not a folder.
    """
    if named := os.environ.get("CLINIE_DATA"):
        if not Path(named).is_dir():
            raise ConfigError("CLINIE_DATA is not a folder", mend="correct or unset it")
        return Path(named)
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    return beside if beside.is_dir() else None


def split_of(key: str, folds: int = 5) -> str:
    """Return ``"test"`` for one in `folds` keys, by the SHA-256 of the key, else ``"train"``."""
    return "train" if int(hashlib.sha256(key.encode()).hexdigest(), 16) % folds else "test"


def maccrobat(split: str | None = None, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield MACCROBAT case reports; split ``train`` or ``test`` by document id, None for all.

    Spans are the text-bound annotations; those of an event carry its ``POLARITY`` and ``TREND``.
    Relations are the binary ones; the sets (``OVERLAP``) and annotators' notes are left out.
    """
    for path in sorted(corpus_file("case_reports/maccrobat", folder=folder).glob("*.ann")):
        if split in (None, split_of(path.stem)):
            text = path.with_suffix(".txt").read_bytes().decode("utf-8")
            yield _from_brat(Document(text, path.stem), path.read_text(encoding="utf-8"))


def phee(split: str, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield PHEE V2 sentences; split ``train`` or ``dev`` (the one to report figures on).

    Span labels are the roles: ``Trigger``, ``Drug``, ``Effect``, ``Dosage``, and so on. A trigger
    carries what is said of its event: ``event_type``, and where marked ``Negated`` and
    ``Speculated`` (``"true"``) and ``Severity``. Relations lead from the trigger to its
    arguments and from an argument (``Treatment``, ``Subject``) to its parts, named by the role.
    """
    file = corpus_file("adverse_events", f"phee_v2_{split}.jsonl", folder=folder)
    for record in json_lines(file):
        yield _PheeReader(Document(record["context"], record["id"])).read(record)


def negex(split: str | None = None, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield NegEx test kit items; split ``train`` or ``test`` by component, None for all.

    The one span is the ``condition``, with the attributes ``negation``, ``temporality`` and
    ``experiencer``; an item whose condition does not stand in its sentence has none. Items that
    share a report fall in one component, and a component in one split.
    """
    records = list(json_lines(corpus_file("assertion", "negex_dev.jsonl", folder=folder)))
    component = _components([record["reports"] for record in records])
    for number, record in enumerate(records):
        if split in (None, split_of(str(component[record["reports"][0]]), folds=2)):
            yield _negex_item(number, record)


def aci_bench(split: str | None = None, folder: Path | None = None) -> Iterator[Document]:
    """Yield the notes of ACI-Bench, one split or all."""
    for record in json_lines(corpus_file("notes", "aci_bench.jsonl", folder=folder)):
        if split in (None, record["split"]):
            yield Document(
                record["note"], record["encounter_id"], metadata={"split": record["split"]}
            )


MTS_FILES = {
    "train": "trainingset",
    "validation": "validationset",
    "test1": "testset-1-mediqa-chat-2023",
    "test2": "testset-2-mediqa-sum-2023",
}


def mts_dialog(split: str | None = None, folder: Path | None = None) -> Iterator[Document]:
    """Yield the note sections of MTS-Dialog, one split of `MTS_FILES` or all."""
    for name, stem in MTS_FILES.items():
        if split in (None, name):
            path = corpus_file("notes", f"mts_dialog_{stem}.csv", folder=folder)
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    metadata = {"split": name, "section": row["section_header"]}
                    yield Document(row["section_text"], f"{name}-{row['ID']}", metadata=metadata)


def bioc_iob(name: str, split: str, folder: Path | None = None) -> Iterator[CorpusItem]:
    """Yield the sentences of an entity corpus; split ``train``, ``devel`` or ``test``.

    The files hold no document ids and no spacing: sentences are numbered and tokens are joined
    by one blank.

    Parameters
    ----------
    name : str
        ``ncbi-disease``, ``bc5cdr``, ``bc5cdr-chem`` or ``bc5cdr-disease``.
    split : str
    folder : Path, optional
        Of this corpus, when it is not below the folder of corpora; so for every reader here.
    """
    file = corpus_file(f"entities/{name}", f"{split}.tsv", folder=folder)
    blocks = file.read_text(encoding="utf-8").split("\n\n")
    for number, block in enumerate(filter(str.strip, blocks)):
        rows = [line.split("\t") for line in block.strip("\n").split("\n")]
        yield from_iob(f"{name}-{split}-{number}", rows)


def corpus_file(place: str, *parts: str, folder: Path | None = None) -> Path:
    """Return a file or folder of the corpora.

    Parameters
    ----------
    place : str
        The corpus, below the folder of corpora.
    *parts : str
        The file, below the corpus.
    folder : Path, optional
        Where the corpus is, when it is elsewhere.

    Raises
    ------
    InputError
        When there is no folder of corpora, or the file is missing there; one line says which.
    """
    if folder is not None:
        path = folder.joinpath(*parts)
        if not path.exists():
            raise InputError("missing", place=str(path))
        return path
    corpora = root()
    if corpora is None:
        raise InputError("no folder of corpora", mend="set CLINIE_DATA to it")
    path = corpora.joinpath(place, *parts)
    if not path.exists():
        raise InputError("missing in the folder of corpora", place="/".join((place, *parts)))
    return path


def json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _span(
    text: str, pieces: Pieces, words: str, *, id: str, label: str, attributes: Mapping[str, str]
) -> Span | None:
    """Return the span, or None when `words` are not what stands at `pieces`."""
    pieces = sorted(pieces)
    if " ".join(text[a:b] for a, b in pieces) != words or not words:
        return None
    start, end = pieces[0][0], pieces[-1][1]
    fragments = tuple(pieces) if len(pieces) > 1 else None
    return Span(id, label, start, end, text[start:end], fragments, dict(attributes))


def _from_brat(document: Document, annotations: str) -> CorpusItem:
    found = read_standoff(document, annotations, place=f"{document.id}.ann")
    return CorpusItem(document, found.spans, found.relations, skipped=len(found.skipped))


class _PheeReader:
    """Walks the nested events of one PHEE sentence; an entity in one role is one span."""

    SAID_OF_EVENT = ("Negated", "Speculated", "Severity")

    def __init__(self, document: Document) -> None:
        self.document = document
        self.spans: dict[tuple[str, str], Span] = {}
        self.links: dict[tuple[str, str, str], None] = {}
        self.skipped = 0

    def read(self, record: Mapping[str, Any]) -> CorpusItem:
        for annotation in record["annotations"]:
            for event in annotation["events"]:
                self._event(event)
        relations = (
            Relation(f"r{number}", label, head, tail)
            for number, (label, head, tail) in enumerate(self.links)
        )
        return CorpusItem(self.document, tuple(self.spans.values()), tuple(relations), self.skipped)

    def _event(self, event: Mapping[str, Any]) -> list[Span]:
        said = {"event_type": event["event_type"]}
        for name in self.SAID_OF_EVENT:
            if name in event:
                value = event[name]["value"]
                said[name] = "true" if value is True else value
        triggers = self._entities("Trigger", event["Trigger"], said, event["event_id"])
        self._arguments(event, triggers)
        return triggers

    def _arguments(self, node: Mapping[str, Any], heads: list[Span]) -> None:
        """Read the roles below a node; each entity of a role is linked to each of its heads."""
        for role, value in node.items():
            if role == "Combination":
                tails = [span for event in value for span in self._event(event)]
            elif role != "Trigger" and isinstance(value, dict):
                tails = self._entities(role, value)
                self._arguments(value, tails)
            else:
                continue
            for head in heads:
                self.links.update({(role, head.id, tail.id): None for tail in tails})

    def _entities(
        self,
        role: str,
        node: Mapping[str, Any],
        attributes: Mapping[str, str] | None = None,
        event: str = "",
    ) -> list[Span]:
        found = []
        for words, starts, entity in zip(
            node["text"], node["start"], node["entity_id"], strict=True
        ):
            key = (role, event + entity)
            pieces = [(s, s + len(w)) for w, s in zip(words, starts, strict=True)]
            if key not in self.spans:
                in_order = " ".join(w for _, w in sorted(zip(starts, words, strict=True)))
                span = _span(
                    self.document.text,
                    pieces,
                    in_order,
                    id=f"s{len(self.spans)}",
                    label=role,
                    attributes=attributes or {},
                )
                if span is None:
                    self.skipped += 1
                    continue
                self.spans[key] = span
            found.append(self.spans[key])
        return found


def _components(groups: list[list[int]]) -> dict[int, int]:
    """Return the smallest member of each number's connected component (union-find)."""
    parent: dict[int, int] = {}

    def find(number: int) -> int:
        while parent.setdefault(number, number) != number:
            number = parent[number]
        return number

    for group in groups:
        for number in group:
            low, high = sorted((find(group[0]), find(number)))
            parent[high] = low
    return {number: find(number) for number in list(parent)}


def _negex_item(number: int, record: Mapping[str, Any]) -> CorpusItem:
    document = Document(record["sentence"], f"negex-{number}")
    place = _condition(record["condition"], document.text)
    if place is None:
        return CorpusItem(document, skipped=1)
    said = {name: record[name] for name in ("negation", "temporality", "experiencer")}
    start, end = place
    span = Span("s0", "condition", start, end, document.text[start:end], attributes=said)
    return CorpusItem(document, (span,))


def _condition(condition: str, sentence: str) -> tuple[int, int] | None:
    """Find the condition in its sentence: in capitals as the kit marks it, else in any case."""
    for words, flags in ((condition.upper(), 0), (condition, re.IGNORECASE)):
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        if found := re.search(rf"(?<!\w){pattern}(?!\w)", sentence, flags):
            return found.span()
    return None


def from_iob(id: str, rows: Iterable[Sequence[str]]) -> CorpusItem:
    """Read rows of token and IOB tag; tokens are joined by one blank.

    An ``I-`` that follows no mention opens one, as ``B-`` does.
    """
    rows = list(rows)
    text = " ".join(token for token, _ in rows)
    spans: list[Span] = []
    position, before = 0, "O"
    for token, tag in rows:
        end = position + len(token)
        if tag.startswith("I-") and before != "O":
            last = spans.pop()
            spans.append(Span(last.id, last.label, last.start, end, text[last.start : end]))
        elif tag != "O":
            spans.append(Span(f"s{len(spans)}", tag[2:], position, end, token))
        position, before = end + 1, tag
    return CorpusItem(Document(text, id), tuple(spans))
