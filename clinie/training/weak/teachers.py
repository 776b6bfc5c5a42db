"""Teachers of a distillation: rules, a word list, what a tier answered, or tiers that are asked.

A teacher annotates notes; its spans are votes for their label. Where it says nothing it votes
against, except for a word list, which only says what is on it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clinie.cascade import Cascade
from clinie.config import load as load_config
from clinie.errors import ConfigError, InputError
from clinie.io import read_records
from clinie.models.rules import RulesModel
from clinie.runs import Outcome, stream
from clinie.schema import Document, Extraction, Span
from clinie.tasks import Task
from clinie.text.lexica import TermLexicon

__all__ = ["Records", "Teacher", "asked", "load_teacher", "read_answers"]

Records = Mapping[str, Extraction]
"""Records by document id; a document without one was not read."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """A labelling function over notes.

    Parameters
    ----------
    name : str
    annotate : callable
        From documents to records, those that could be read in full.
    silence_rejects : bool
        Whether a place that it leaves out is none, or merely unknown to it.
    of_text : bool
        Whether its answer is a function of the text, so that any text can be put to it.
    """

    name: str
    annotate: Callable[[Sequence[Document]], Records]
    silence_rejects: bool = True
    of_text: bool = True


def load_teacher(said: str, task: Task) -> Teacher:
    """Return the teacher that an option names.

    Parameters
    ----------
    said : str
        ``rules``; a ``.jsonl`` of records; a ``.tsv`` with the columns ``term`` and ``label``; a
        ``.toml`` whose tiers are asked. ``NAME=`` before it gives a name for the report.
    task : Task

    Raises
    ------
    ConfigError, InputError
        One line naming the file and the mend.
    """
    given, equals, source = said.rpartition("=")
    name = given if equals else Path(source).stem if source != "rules" else source
    if source == "rules":
        if task.rules is None:
            raise ConfigError(f"task {task.name!r} has no rules", mend="name other teachers")
        rules = Cascade(model=RulesModel())
        return Teacher(name, lambda notes: asked(notes, task, rules))
    path = Path(source)
    if not path.is_file():
        raise InputError(
            "no such teacher",
            mend="rules, a .jsonl of records, a .tsv of terms, or a .toml of tiers",
            place=source,
        )
    match path.suffix:
        case ".jsonl":
            return Teacher(name, lambda notes: read_answers(path, task, notes), of_text=False)
        case ".tsv":
            lexicon = _lexicon(path, task)
            return Teacher(name, lambda notes: _listed(notes, task, lexicon), silence_rejects=False)
        case ".toml":
            tiers = Cascade(load_config(path))
            return Teacher(name, lambda notes: asked(notes, task, tiers), of_text=False)
    raise InputError(
        f"{path.suffix or 'such'} files are no teachers",
        mend="give .jsonl, .tsv or .toml",
        place=source,
    )


def asked(documents: Sequence[Document], task: Task, cascade: Cascade) -> Records:
    """Return what a cascade answers about documents; an incomplete record is left out."""
    outcomes = (o for o in stream(documents, [task], cascade) if isinstance(o, Outcome))
    records = (outcome.extractions[0] for outcome in outcomes)
    return {record.document_id: record for record in records if record.complete}


def read_answers(path: Path, task: Task, documents: Sequence[Document]) -> Records:
    """Return the complete records of a file that belong to a task and to documents at hand.

    Raises
    ------
    InputError
        When the file has no record of the task, two of one document, or a span whose words do not
        stand where it says: the notes are others than were read.
    """
    texts = {document.id: document.text for document in documents}
    found: dict[str, Extraction] = {}
    seen = False
    for number, record in enumerate(read_records(path), start=1):
        if record.task != task.name:
            continue
        seen = True
        text = texts.get(record.document_id)
        if text is None or not record.complete:
            continue
        place = f"{path}:{number}"
        if record.document_id in found:
            raise InputError("a second record of one document", mend="keep one", place=place)
        if any(text[span.start : span.end] != span.text for span in record.spans):
            raise InputError(
                "a span does not stand in the note",
                mend="give the notes it was made of",
                place=place,
            )
        found[record.document_id] = record
    if not seen:
        raise InputError(
            f"no record of {task.name}", mend="name the task it holds", place=str(path)
        )
    return found


def _lexicon(path: Path, task: Task) -> TermLexicon[str]:
    """Read a table of terms and labels."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    terms: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        term, label = row.get("term"), row.get("label")
        if not term or not label or task.schema.label(label) is None:
            labels = ", ".join(spec.name for spec in task.schema.labels)
            raise InputError(
                "no term with a label of the task",
                mend=f"columns term and label; labels: {labels}",
                place=f"{path}:{number}",
            )
        terms[term] = label
    if not terms:
        raise InputError("no terms", mend="columns term and label", place=str(path))
    return TermLexicon(terms)


def _listed(documents: Sequence[Document], task: Task, lexicon: TermLexicon[str]) -> Records:
    return {
        document.id: Extraction(
            document.id,
            task.name,
            tuple(
                Span(f"s{n}", m.value, m.start, m.end, document.text[m.start : m.end])
                for n, m in enumerate(lexicon.find(document.text))
            ),
        )
        for document in documents
    }
