"""``clinie train``: the commands that make models of the user's own."""

from __future__ import annotations

from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Optional

import typer

from clinie.errors import ConfigError, OutputError

__all__ = ["train"]


class LabelModelKind(StrEnum):
    """Label models."""

    majority = "majority"
    dawid_skene = "dawid-skene"


train = typer.Typer(
    name="train",
    help="Make models of your own (needs the extra llm).",
    no_args_is_help=True,
)


@train.callback()
def _root() -> None:
    """Make models of your own (needs the extra llm)."""


_EXAMPLES = """\b
Examples:
  clinie train distill notes/ --task conditions --teacher rules -o student.safetensors
  clinie train distill notes/ --task conditions --teacher rules --teacher gpt=gpt.jsonl \\\\
    --teacher ours.tsv --gold checked.jsonl -o student.safetensors
"""


@train.command(epilog=_EXAMPLES)
def distill(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH", help="Notes, as in clinie extract.", show_default=False),
    ],
    *,
    task: Annotated[
        str, typer.Option("--task", "-t", metavar="NAME", help="A task's name, or its folder.")
    ],
    teacher: Annotated[
        list[str],
        typer.Option(
            "--teacher",
            metavar="[NAME=]SOURCE",
            help="Who labels: rules, a .jsonl of records, a .tsv of terms and labels, or a .toml "
            "of tiers that are asked. Repeat it for several.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="The student, as .safetensors; its report beside it.",
        ),
    ],
    gold: Annotated[
        Optional[Path],  # noqa: UP045 - read by Typer at run time
        typer.Option(
            "--gold", metavar="FILE", help="Records of people; their notes are not trained on."
        ),
    ] = None,
    keep: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(
            "--keep",
            metavar="SHARE",
            help="Share of the labels to train on. Without it: chosen on half of the gold, or 0.8.",
        ),
    ] = None,
    label_model: Annotated[
        LabelModelKind, typer.Option("--label-model", help="How votes become labels.")
    ] = LabelModelKind.majority,
    neighbours: Annotated[
        int, typer.Option("--neighbours", min=1, help="Of each label, for the cut statistic.")
    ] = 20,
    floor: Annotated[
        int, typer.Option("--floor", min=0, help="Labels of each class that are kept in any case.")
    ] = 20,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a student that exists.")
    ] = False,
    text_column: Annotated[
        str, typer.Option("--text-column", metavar="NAME", help="Column or key of the note.")
    ] = "text",
    id_column: Annotated[
        str, typer.Option("--id-column", metavar="NAME", help="Column or key of its id.")
    ] = "id",
) -> None:
    """Train a small student on what teachers say of notes."""
    from clinie.io import read_documents

    if out.suffix != ".safetensors":
        raise ConfigError(f"{out} is no place for weights", mend="end it in .safetensors")
    if out.exists() and not overwrite:
        raise OutputError(f"{out} exists", mend="--overwrite replaces it")
    if keep is not None and not 0 < keep <= 1:
        raise ConfigError(f"--keep {keep:g} is not a share", mend="give a number up to 1, as 0.8")
    if missing := [name for name in ("scipy", "torch") if find_spec(name) is None]:
        raise ConfigError(f"{missing[0]} is not installed", mend="pip install 'clinie[llm]'")
    from clinie.training.weak import distillation

    report = distillation.run(
        read_documents(paths, text_column=text_column, id_column=id_column),
        task=task,
        teachers=teacher,
        out=out,
        gold=gold,
        settings=distillation.Settings(label_model.value, keep, neighbours, floor),
    )
    typer.echo(report.to_text(), nl=False)
