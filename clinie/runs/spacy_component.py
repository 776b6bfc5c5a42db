"""Clinie in a spaCy pipeline: ``nlp.add_pipe("clinie", config={"task": "medications"})``."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from spacy.language import Language

from clinie.cascade import Cascade
from clinie.config import load as load_config
from clinie.errors import InputError
from clinie.io.spacy_docs import annotate, register_extensions
from clinie.runs.stream import stream
from clinie.schema import Document
from clinie.tasks import load as load_task

__all__ = ["ClinieComponent", "make_component"]


class ClinieComponent:
    """Writes the records of one task onto every ``Doc``.

    ``doc.spans["clinie"]`` holds the spans, ``doc._.clinie`` the `clinie.Extraction` with exact
    offsets, relations and findings; add the component once per task, each under its own name.
    The record's ``document_id`` is ``doc.user_data["document_id"]`` where that is set.

    Parameters
    ----------
    task : str
        A task's name, or its folder.
    config : str, optional
        Path of a ``clinie.toml``; without it, local rules answer.

    Raises
    ------
    ConfigError
    """

    def __init__(self, task: str, config: str | None = None) -> None:
        register_extensions()
        self.cascade = Cascade(load_config(config))
        self.task = load_task(task, self.cascade.config.tasks)

    def __call__(self, doc: Any) -> Any:
        """Annotate one ``Doc``."""
        return next(self.pipe([doc]))

    def pipe(self, docs: Iterable[Any], *, batch_size: int = 128) -> Iterator[Any]:  # noqa: ARG002
        """Annotate a stream of ``Doc`` objects, several at a time.

        The number under way follows the models' needs, not ``batch_size``.
        """
        waiting: deque[Any] = deque()
        for outcome in stream(_documents(docs, waiting), [self.task], self.cascade):
            doc = waiting.popleft()
            if not isinstance(outcome, InputError):
                annotate(doc, outcome.extractions[0])
            yield doc


def _documents(docs: Iterable[Any], waiting: deque[Any]) -> Iterator[Document]:
    for doc in docs:
        waiting.append(doc)
        yield Document(text=doc.text, id=str(doc.user_data.get("document_id", "document")))


@Language.factory("clinie", default_config={"config": None})
def make_component(nlp: Any, name: str, task: str, config: str | None) -> ClinieComponent:  # noqa: ARG001
    """Make the component: the factory ``clinie``, which spaCy finds by entry point."""
    return ClinieComponent(task, config)
