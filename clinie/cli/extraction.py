"""``clinie extract``: from options to a job, and from its summary to words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from clinie.coding import source_files
from clinie.config import Config, DeferralConfig, load
from clinie.errors import ConfigError, InputError, ModelError, OutputError
from clinie.io import Sources, read_documents, sidecar
from clinie.io.reading import InputFormat
from clinie.runs import BatchJob, Summary, dry_run
from clinie.runs.batch import Pairs
from clinie.tasks import Task
from clinie.tasks import load as load_task

__all__ = ["Request", "estimate", "extract"]


@dataclass(frozen=True, slots=True)
class Request:
    """The options of ``clinie extract``."""

    paths: Sequence[str]
    tasks: Sequence[str]
    out: str | None
    config: Path | None
    codes: Sequence[Path]
    max_error: float | None
    view: Path | None
    resume: bool
    overwrite: bool
    text_column: str
    id_column: str
    stdin_format: InputFormat
    output_format: str | None


def extract(request: Request) -> bool:
    """Run the job; tell whether documents failed."""
    config, tasks, sources = _prepare(request)
    if request.view is not None:
        if sources.hold(request.view):
            raise ConfigError(f"{request.view} is an input", mend="choose another --view")
        if request.out is not None and request.view.resolve() == Path(request.out).resolve():
            raise ConfigError("--view and --out are one file", mend="choose another --view")
    if request.view is not None and request.view.exists() and not _may_replace(request):
        raise OutputError(f"{request.view} exists", mend="--overwrite replaces it")
    job = BatchJob(
        sources,
        tasks,
        config,
        out=request.out,
        wanted=request.output_format,
        resume=request.resume,
        overwrite=request.overwrite,
    )
    try:
        summary = job.run(None if request.view is None else _page(request.view))
    except ModelError as error:
        raise ModelError(error.message, mend=_with_resume(error.mend, request)) from error
    except OutputError as error:
        raise OutputError(error.message, mend=_with_resume(error.mend, request)) from error
    if request.view is not None and not summary.documents:
        request.view.unlink(missing_ok=True)
    if summary.failures and not summary.documents:
        raise InputError(f"no document could be read; the first: {summary.first_error}")
    if not summary.documents:
        raise InputError("there is no document in the input", mend="a header alone is no note")
    _tell(summary, request, config)
    return summary.failures > 0


def estimate(request: Request) -> bool:
    """Print what the job would read and cost; tell whether documents failed."""
    config, tasks, sources = _prepare(request)
    for path in config.coding.terminologies:
        source_files(path)  # a run would refuse it too
    run = dry_run(sources, tasks, config)
    typer.echo(f"documents        {run.documents:,}")
    typer.echo(f"cannot be read   {run.failures:,}")
    each = "" if len(config.tiers) == 1 else ", for each tier"
    typer.echo(f"input tokens     {run.input_tokens:,} (estimate{each})")
    typer.echo(f"output tokens    {run.output_tokens:,} (estimate{each})")
    typer.echo(f"cost             {run.cost:,.2f} (estimate, by the prices of the configuration)")
    return run.failures > 0


def _prepare(request: Request) -> tuple[Config, list[Task], Sources]:
    config = load(request.config)
    if request.max_error is not None:
        if not 0 < request.max_error < 1:
            raise ConfigError(
                f"--max-error {request.max_error:g} is not a share of items",
                mend="give a number between 0 and 1, such as 0.05",
            )
        deferral = DeferralConfig(max_error=request.max_error)
        config = config.model_copy(update={"deferral": deferral})
    if request.codes:
        coding = config.coding.with_terminologies(request.codes)
        config = config.model_copy(update={"coding": coding})
    tasks = [load_task(name, config.tasks) for name in request.tasks]
    sources = read_documents(
        request.paths,
        text_column=request.text_column,
        id_column=request.id_column,
        stdin_format=request.stdin_format,
    )
    return config, tasks, sources


def _may_replace(request: Request) -> bool:
    return request.overwrite or request.resume


def _page(path: Path) -> Callable[[Pairs], None]:
    from clinie.view import write_page

    return lambda pairs: write_page(path, pairs)


def _with_resume(mend: str, request: Request) -> str:
    """Add how to go on, when there is something to go on from."""
    resumable = request.out is not None and Path(request.out).suffix == ".jsonl"
    hints = [mend, "--resume goes on from what is written"]
    return "; then ".join(filter(None, hints)) if resumable and "--" not in mend else mend


def _tell(summary: Summary, request: Request, config: Config) -> None:
    """Say on standard error what happened."""
    resumed = f" ({summary.resumed:,} of them earlier)" if summary.resumed else ""
    typer.echo(
        f"{_count(summary.documents, 'document')}{resumed}, {_count(summary.items, 'item')}, "
        f"{_count(summary.findings, 'finding')}, {summary.failures:,} failed, "
        f"{summary.seconds:.1f} s",
        err=True,
    )
    if config.coding.terminologies:
        typer.echo(f"{_count(summary.coded, 'span')} with codes", err=True)
    if config.deferral.max_error is not None:
        certified = summary.items - summary.deferred
        typer.echo(
            f"{_count(certified, 'item')} certified at {config.deferral.max_error:g}, "
            f"{summary.deferred:,} left to a person",
            err=True,
        )
        if not certified:
            typer.echo("nothing is certified: no rejector is fitted", err=True)
    if summary.failures and request.out is not None:
        typer.echo(f"what failed and why: {sidecar(request.out, 'errors')}", err=True)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
