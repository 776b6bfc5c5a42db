"""``clinie datasets``: the bundled notes and every corpus, as lines of cells parted by tabs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from clinie.datasets import bundled
from clinie.datasets.catalogue import Entry, catalogue, entry, load
from clinie.errors import ConfigError, OutputError
from clinie.io.files import Replacement, writing
from clinie.schema import Document

__all__ = ["BUNDLED", "listing", "shown", "write_texts"]

BUNDLED = "bundled"


def listing() -> Iterator[str]:
    """Yield a line for the bundled notes, one for each of them, and one for each corpus.

    Cells: name, whether it is here, size, licence, where to get it or whom to ask.
    """
    notes = bundled.documents()
    yield _line(BUNDLED, "here", f"{len(notes)} notes", "Apache-2.0", "ships with Clinie")
    for note in notes:
        yield _line(f"{BUNDLED}/{note.id}", "here", f"{len(note.text)} characters", "", "")
    for each in catalogue():
        yield _line(each.name, _state(each), each.size, each.licence, each.access)


def shown(name: str) -> Iterator[str]:
    """Yield what is known of one corpus, a line each: what, and its value.

    Raises
    ------
    ConfigError
        When there is no such corpus.
    """
    if name == BUNDLED:
        yield _line("name", BUNDLED)
        yield _line("what", "invented notes with gold for every task")
        yield _line("size", f"{len(bundled.documents())} notes")
        yield _line("tasks", ", ".join(bundled.TASKS))
        yield _line("folder", str(bundled.folder()))
        return
    found = entry(name)
    yield _line("name", found.name)
    yield _line("what", found.what)
    yield _line("size", found.size)
    yield _line("unit", found.unit)
    yield _line("parts", ", ".join(found.splits))
    yield _line("divided", found.divided)
    yield _line("tasks", ", ".join(found.tasks))
    yield _line("licence", found.licence)
    yield _line("weights may ship", found.weights)
    yield _line("get it from", found.access)
    yield _line("folder", found.place)
    yield _line("files", " ".join(found.files))
    yield _line("state", _state(found))


def write_texts(name: str, part: str | None, out: Path, *, overwrite: bool) -> int:
    """Write the texts of a corpus as JSON Lines that ``clinie extract`` reads; return how many.

    A text that several items are about is written once.

    Raises
    ------
    ConfigError
        When there is no such corpus or part.
    InputError
        When the corpus is not there, or a file of it is not as it should be.
    OutputError
        When `out` exists, or cannot be written.
    """
    if out.suffix != ".jsonl":
        raise ConfigError(f"{out} is no .jsonl", mend="choose a name that ends in .jsonl")
    if out.exists() and not overwrite:
        raise OutputError(f"{out} exists", mend="--overwrite replaces it")
    texts: dict[str, Document] = {}
    for document in _documents(name, part):
        texts.setdefault(document.id, document)
    place = Replacement(out)
    stream = place.partial.open("w", encoding="utf-8")
    complete = False
    try:
        with writing(out):
            for document in texts.values():
                record = {"id": document.id, "text": document.text}
                stream.write(json.dumps(record, ensure_ascii=False) + "\n")
        complete = True
    finally:
        place.close(stream, complete=complete)
    return len(texts)


def _documents(name: str, part: str | None) -> Iterator[Document]:
    if name != BUNDLED:
        yield from (item.document for item in load(name, part))
    elif part is None:
        yield from bundled.documents()
    else:
        raise ConfigError("the bundled notes have no parts", mend="leave out --part")


def _state(found: Entry) -> str:
    return "here" if found.is_present() else "absent"


def _line(*cells: str) -> str:
    return "\t".join(cells)
