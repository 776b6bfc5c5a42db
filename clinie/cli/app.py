"""The commands, thin: they read options, call the library and say what happened.

Exit codes: 0 all done; 2 nothing could be done, or the run broke off: one line says why and how
to mend it; 3 finished, but some documents failed; 1 a defect in Clinie; 130 interrupted; 141 the
reader of its output went away.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

import clinie
from clinie.cli.training import train
from clinie.errors import ClinieError, ConfigError, OutputError

__all__ = ["app", "main"]

DONE, DEFECT, NOTHING_DONE, SOME_FAILED, INTERRUPTED, READER_GONE = 0, 1, 2, 3, 130, 141

app = typer.Typer(
    name="clinie",
    help="Grounded, checked facts out of clinical notes.",
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, which hold note text
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(train)


class InputKind(StrEnum):
    """What standard input holds."""

    text = "text"
    jsonl = "jsonl"
    csv = "csv"


class OutputKind(StrEnum):
    """Output formats."""

    jsonl = "jsonl"
    csv = "csv"
    parquet = "parquet"
    spacy = "spacy"
    brat = "brat"


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"clinie {clinie.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Grounded, checked facts out of clinical notes."""


_EXAMPLES = """\b
Examples:
  clinie extract notes/ --task medications -o facts.jsonl
  clinie extract notes/ --task medications --task conditions -o facts.jsonl --view facts.html
  clinie extract notes.csv --text-column note --id-column note_id --task conditions -o facts.csv
  clinie extract notes/ --task medications --codes rxnorm.csv -o facts.jsonl
  clinie extract notes/ --task medications -o facts.jsonl --resume
  cat note.txt | clinie extract - --task medications

Exit codes: 0 all done; 2 nothing could be done; 3 finished, but some documents failed (they are
listed in OUT.errors.jsonl); 130 interrupted (--resume goes on);
141 the reader of standard output went away; 1 a defect in Clinie.
"""


@app.command(epilog=_EXAMPLES)
def extract(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="PATH",
            help="Folders of .txt notes, single notes, .jsonl, .csv, .tsv or .parquet files, "
            "or - for standard input.",
            show_default=False,
        ),
    ],
    *,
    task: Annotated[
        list[str],
        typer.Option(
            "--task", "-t", metavar="NAME", help="What to extract: a task's name, or its folder."
        ),
    ],
    out: Annotated[
        Optional[str],  # noqa: UP045 - read by Typer at run time
        typer.Option(
            "--out",
            "-o",
            metavar="OUT",
            help="Output: .jsonl, .csv, .parquet, .spacy, or a folder ending in / for BRAT. "
            "Without it, JSON Lines on standard output.",
        ),
    ] = None,
    config: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            "--config", metavar="FILE", help="A clinie.toml. Without it, local rules answer."
        ),
    ] = None,
    codes: Annotated[
        Optional[list[Path]],  # noqa: UP045
        typer.Option(
            "--codes",
            metavar="PATH",
            help="A terminology whose codes the spans get: a table with the columns system, code, "
            "term, or an Athena export. May be repeated.",
        ),
    ] = None,
    max_error: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(
            "--max-error",
            metavar="SHARE",
            help="Tolerated share of wrong items among those accepted without a person, as 0.05.",
        ),
    ] = None,
    view: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--view", metavar="FILE", help="Also write a page to look at, as .html."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted .jsonl output.")
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an output that exists.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count documents, tokens and estimated cost.")
    ] = False,
    text_column: Annotated[
        str, typer.Option("--text-column", metavar="NAME", help="Column or key of the note.")
    ] = "text",
    id_column: Annotated[
        str, typer.Option("--id-column", metavar="NAME", help="Column or key of its id.")
    ] = "id",
    stdin_format: Annotated[
        InputKind, typer.Option("--stdin-format", help="What standard input holds.")
    ] = InputKind.text,
    output_format: Annotated[
        Optional[OutputKind],  # noqa: UP045
        typer.Option("--format", help="Output format, when the suffix should not decide."),
    ] = None,
) -> None:
    """Extract facts from notes, each anchored to the characters it came from."""
    from clinie.cli import extraction

    request = extraction.Request(
        paths=paths,
        tasks=task,
        out=out,
        config=config,
        codes=codes or (),
        max_error=max_error,
        view=view,
        resume=resume,
        overwrite=overwrite,
        text_column=text_column,
        id_column=id_column,
        stdin_format=stdin_format.value,
        output_format=output_format.value if output_format else None,
    )
    failed = extraction.estimate(request) if dry_run else extraction.extract(request)
    raise typer.Exit(SOME_FAILED if failed else DONE)


class MatchMode(StrEnum):
    """When a mention counts as found."""

    strict = "strict"
    relaxed = "relaxed"


_EVALUATE_EXAMPLES = """\b
Examples:
  clinie evaluate facts.jsonl gold.jsonl --task medications
  clinie evaluate facts.jsonl gold.jsonl --task medications --notes notes/ --report errors.html
  clinie evaluate facts.jsonl bundled --task conditions --against older.jsonl
  clinie evaluate brat-ours/ brat-gold/ --task medications --mode relaxed --json figures.json

Exit codes: 0 all done; 2 nothing could be done; 3 finished, but some documents stand on one side
only (the report names them); 1 a defect in Clinie.
"""


@app.command(epilog=_EVALUATE_EXAMPLES)
def evaluate(
    predicted: Annotated[
        str,
        typer.Argument(
            metavar="PRED",
            help="What is judged: a .jsonl that clinie extract wrote, or a folder of BRAT.",
            show_default=False,
        ),
    ],
    gold: Annotated[
        str,
        typer.Argument(
            metavar="GOLD",
            help="What it should be: a .jsonl, a folder of BRAT, or a corpus by name, as phee:dev.",
            show_default=False,
        ),
    ],
    *,
    task: Annotated[
        str, typer.Option("--task", "-t", metavar="NAME", help="Which task's records to compare.")
    ],
    against: Annotated[
        Optional[str],  # noqa: UP045 - read by Typer at run time
        typer.Option(
            "--against",
            metavar="OTHER",
            help="Another prediction, compared with PRED on the same documents.",
        ),
    ] = None,
    mode: Annotated[
        MatchMode,
        typer.Option(
            "--mode",
            help="When a mention counts as found, for attributes, confidences and the plot: at "
            "the same place, or at one that overlaps.",
        ),
    ] = MatchMode.strict,
    notes: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            "--notes",
            metavar="PATH",
            help="The notes, as for extract, to show errors in their context. May be repeated.",
        ),
    ] = None,
    report: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--report", metavar="FILE", help="Also write a page to look at, as .html."),
    ] = None,
    json: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--json", metavar="FILE", help="Also write all figures, as .json."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a report that exists.")
    ] = False,
    resamples: Annotated[
        int, typer.Option("--resamples", metavar="N", help="Resamples behind each interval.")
    ] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the resamples.")] = 0,
) -> None:
    """Compare an extraction with gold: figures with intervals, and every error."""
    from clinie.cli import evaluation

    request = evaluation.Request(
        predicted=predicted,
        gold=gold,
        task=task,
        against=against,
        mode=mode.value,
        notes=notes or (),
        report=report,
        json=json,
        overwrite=overwrite,
        resamples=resamples,
        seed=seed,
    )
    raise typer.Exit(SOME_FAILED if evaluation.run(request) else DONE)


@app.command()
def tasks() -> None:
    """List the tasks that are installed."""
    from clinie.tasks import available

    for name, description in available().items():
        typer.echo(f"{name}\t{description}")


_DATASETS_EXAMPLES = """\b
Examples:
  clinie datasets
  clinie datasets maccrobat
  clinie datasets maccrobat --part test --write reports.jsonl
"""


@app.command(epilog=_DATASETS_EXAMPLES)
def datasets(
    name: Annotated[
        Optional[str],  # noqa: UP045 - read by Typer at run time
        typer.Argument(metavar="[NAME]", help="Show this one.", show_default=False),
    ] = None,
    *,
    write: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--write", metavar="OUT", help="Write its texts, as .jsonl, to extract from."),
    ] = None,
    part: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--part", metavar="PART", help="Only of this part, as train or test."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an output that exists.")
    ] = False,
) -> None:
    """List the notes that come with Clinie and the corpora that it can read, or show one."""
    from clinie.cli import corpora

    if write is not None and name is not None:
        count = corpora.write_texts(name, part, write, overwrite=overwrite)
        typer.echo(f"{write}: {count:,} texts", err=True)
        return
    if write is not None or part is not None:
        raise ConfigError("--write and --part are of one corpus", mend="name it, with --write")
    for line in corpora.listing() if name is None else corpora.shown(name):
        typer.echo(line)


@app.command()
def check(
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG", help="A clinie.toml.", show_default=False)
    ],
) -> None:
    """Check a configuration: every key, tier and model, and the settings of tasks."""
    from clinie.cascade import Cascade
    from clinie.config import load

    loaded = load(config)
    Cascade(loaded)
    typer.echo(f"{config}: good; hash {loaded.hash}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never a traceback with values in it."""
    try:
        code = app(args=arguments, prog_name="clinie", standalone_mode=False)
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # a broken pipe, as the option parser turns it around
        _abandon_stdout()
        return READER_GONE
    except ClinieError as error:
        if isinstance(error, OutputError):
            _abandon_stdout()  # it may be what cannot be written
        return _stop(NOTHING_DONE, str(error))
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except OSError as error:
        return _stop(NOTHING_DONE, f"{error.filename or 'input or output'}: {error.strerror}")
    except Exception as error:
        if hasattr(error, "format_message"):  # a wrong option, as the option parser words it
            return _stop(NOTHING_DONE, f"{error.format_message()} (clinie --help)")
        return _defect(error)
    if code == INTERRUPTED:
        return _stop(code, "interrupted; with --resume the same command goes on with a .jsonl")
    return code if isinstance(code, int) else DONE


def _abandon_stdout() -> None:
    """Let the interpreter's last flush go nowhere: it would fail again, and loudly."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _stop(code: int, message: str) -> int:
    from clinie.runs.batch import one_line

    typer.echo(f"clinie: {one_line(message)}", err=True)
    return code


def _defect(error: Exception) -> int:
    """Report a defect by type and place: messages and local variables may hold note text."""
    frames = traceback.extract_tb(error.__traceback__)
    if os.environ.get("CLINIE_DEBUG") == "1":
        sys.stderr.writelines(traceback.format_list(frames))
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}"
    return _stop(
        DEFECT,
        f"a defect in Clinie: {type(error).__name__} at {place} "
        "(please report it; CLINIE_DEBUG=1 shows where)",
    )
