"""One batch job: inputs, tasks, an output with its journal and its list of errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from clinie.cascade import Cascade
from clinie.config import Config
from clinie.errors import ConfigError, InputError
from clinie.io import Sources, Writer, open_writer, output_format, read_records, sidecar
from clinie.io.files import writing
from clinie.io.reading import STDIN
from clinie.io.records import count_lines, cut_lines, cut_torn_line
from clinie.io.writing import StdoutWriter
from clinie.prompts import Window
from clinie.runs.batch import ErrorList, Pairs, Summary, run
from clinie.runs.checkpoint import Prior
from clinie.runs.journal import Journal, JournaledWriter
from clinie.runs.progress import progress_bar
from clinie.tasks import Task

__all__ = ["BatchJob", "DryRun", "dry_run"]

_CHARACTERS_PER_TOKEN = 4
_ANSWER_SHARE = 0.25
"""Tokens of an answer per token of the note, for an estimate before anything is known."""


@dataclass(frozen=True)
class BatchJob:
    """Everything that ``clinie extract`` needs to know.

    Parameters
    ----------
    sources : Sources
    tasks : sequence of Task
    config : Config
    out : str, optional
        File or folder; standard output without it.
    wanted : str, optional
        Output format, when the suffix should not decide.
    resume, overwrite : bool
    """

    sources: Sources
    tasks: Sequence[Task]
    config: Config
    out: str | None = None
    wanted: str | None = None
    resume: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        names = [task.name for task in self.tasks]
        if len(set(names)) < len(names):
            raise ConfigError("a task is named twice", mend="name each --task once")
        if self.resume and self.overwrite:
            raise ConfigError("--resume and --overwrite exclude each other", mend="choose one")
        wants_file = self.resume or self.overwrite or self.wanted not in (None, "jsonl")
        if self.out is None and wants_file:
            raise ConfigError(
                "standard output takes new JSON Lines only", mend="name a file with -o"
            )

    def run(self, consume: Callable[[Pairs], None] | None = None) -> Summary:
        """Run it; see `clinie.runs.batch.run` for ``consume`` and what is raised.

        An output that would be replaced stays when no document of the input can be read.
        """
        cascade = self._cascade()
        if self.overwrite:
            self._check_input()
        if self.out is None:
            return self._run(cascade, StdoutWriter(), ErrorList(None), consume)
        kind = output_format(self.out, self.wanted)
        self._check_output(kind)
        with writing(self.out):
            Path(self.out).parent.mkdir(parents=True, exist_ok=True)
        append = self.resume and Path(self.out).exists()
        if append:
            cut_torn_line(Path(self.out))
        writer: Writer = open_writer(self.out, kind, overwrite=self.overwrite, append=append)
        with self._journal(append) as journal:
            errors = ErrorList(sidecar(self.out, "errors"))
            prior = self._prior(journal) if append else None
            if kind == "jsonl":
                writer = JournaledWriter(writer, journal)
            summary = self._run(cascade, writer, errors, consume, prior)
            journal.end(summary)
        if not summary.documents:
            self._withdraw(kind)
        return summary

    def _check_input(self) -> None:
        """Find a first document, so that a mistyped column costs nobody an earlier output."""
        if any(source.path == STDIN for source in self.sources.sources):
            return  # it can be read but once
        first = None
        for read in self.sources:
            if not isinstance(read, InputError):
                return
            first = first or read
        if first:
            raise InputError(f"no document could be read; the first: {first}")

    def _cascade(self) -> Cascade:
        """Return what answers; a task that it could never answer is refused before any note."""
        cascade = Cascade(self.config)
        for task in self.tasks:
            if not cascade.tiers_for(task):
                names = ", ".join(tier.name for tier in cascade.tiers)
                why = "has no rules" if task.rules is None else "is not what they were made for"
                raise ConfigError(
                    f"no tier ({names}) answers task {task.name}: it {why}",
                    mend="configure a tier with a language model",
                )
        return cascade

    def _journal(self, append: bool) -> Journal:
        out = Path(self.out or "")
        names = [task.name for task in self.tasks]
        resumed = count_lines(out) if append else None
        return Journal(sidecar(str(out), "journal"), self.config.hash, names, resumed=resumed)

    def _prior(self, journal: Journal) -> Prior:
        """Cut the output back to the last checkpoint, and hand on what stands before it."""
        out = Path(self.out or "")
        cut_lines(out, after=journal.reached.records)
        return Prior(read_records(out), journal.start, journal.reached)

    def _withdraw(self, kind: str) -> None:
        """Remove an output without a single record, so that the mended run finds its place."""
        sidecar(self.out or "", "journal").unlink(missing_ok=True)
        with suppress(OSError):
            Path(self.out or "").rmdir() if kind == "brat" else Path(self.out or "").unlink()

    def _run(
        self,
        cascade: Cascade,
        writer: Writer,
        errors: ErrorList,
        consume: Callable[[Pairs], None] | None,
        prior: Prior | None = None,
    ) -> Summary:
        with progress_bar(self.sources.count) as advance:
            return run(
                self.sources,
                self.tasks,
                cascade,
                writer,
                errors=errors,
                prior=prior,
                consume=consume,
                advance=advance,
            )

    def _check_output(self, kind: str) -> None:
        """Refuse to write over the input, and to resume what cannot be resumed."""
        if self.resume and kind != "jsonl":
            raise ConfigError(
                f"a {kind} output cannot be resumed", mend="write .jsonl, or use --overwrite"
            )
        out = Path(self.out or "")
        if self.sources.hold(out):
            raise ConfigError(f"{out} is the input itself", mend="choose another output")
        if kind == "brat" and self.sources.hold(out / "note.txt"):
            raise ConfigError(f"{out} lies within the input", mend="choose another output")


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a run would read and cost; tokens at four characters each.

    The tokens are those of one tier, the cost that of all: what it comes to when every tier reads
    every note.
    """

    documents: int
    failures: int
    input_tokens: int
    output_tokens: int
    cost: float


def dry_run(sources: Sources, tasks: Sequence[Task], config: Config) -> DryRun:
    """Read everything, ask no model, and estimate tokens and cost at most.

    Input is the rendered prompt; the answer is assumed to be a quarter as long as the note.
    """
    documents = failures = characters = 0
    answers = 0.0
    for read in sources:
        if isinstance(read, InputError):
            failures += 1
            continue
        documents += 1
        for task in tasks:
            messages = task.template.render(Window(read.text), read.metadata)
            characters += sum(len(message.content) for message in messages)
            answers += len(read.text) * _ANSWER_SHARE
    asked, answered = (round(n / _CHARACTERS_PER_TOKEN) for n in (characters, answers))
    prices = [tier.prices for tier in config.tiers]
    cost = sum(asked * price.input + answered * price.output for price in prices) / 1e6
    return DryRun(documents, failures, asked, answered, cost)
