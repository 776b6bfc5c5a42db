"""A task as a folder: ``task.toml``, Jinja templates, and ``examples.jsonl`` if there are any.

The shipped tasks are such folders too; see ``docs/tasks.md`` for the format.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clinie.errors import ConfigError
from clinie.prompts.base import Example, Rules
from clinie.prompts.template import JinjaTemplate
from clinie.resolvers import STANDARD_STEPS, STEPS, Step
from clinie.resolvers.program import Program
from clinie.schema import DocumentLabelSpec, LabelSpec, RelationSpec, TaskSchema
from clinie.tasks.base import Task

__all__ = ["load_folder"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Label(_Strict):
    description: str = ""
    attributes: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class _Relation(_Strict):
    head: str
    tail: str
    backward: bool = False


class _DocumentLabel(_Strict):
    description: str = ""
    values: tuple[str, ...] = ()
    span: str | None = None


class _Template(_Strict):
    file: str = "prompt.jinja"
    stop: tuple[str, ...] = ()


class _Rule(_Strict):
    model_config = ConfigDict(extra="allow")  # attributes of the label, by name
    label: str
    pattern: str
    confidence: float = Field(default=0.5, gt=0, lt=1)


class _TaskFile(_Strict):
    name: str = Field(pattern=r"^[a-z][a-z0-9-]*@[1-9][0-9]*$")
    description: str = ""
    labels: dict[str, _Label] = Field(min_length=1)
    relations: dict[str, _Relation] = Field(default_factory=dict)
    document_labels: dict[str, _DocumentLabel] = Field(default_factory=dict)
    templates: dict[str, _Template] = Field(default={"default": _Template()}, min_length=1)
    resolver: tuple[str, ...] = tuple(STANDARD_STEPS)
    metrics: tuple[str, ...] = ("spans",)
    rules: tuple[_Rule, ...] = ()


def load_folder(folder: Path, *, rules: Rules | None = None, steps: Iterable[Step] = ()) -> Task:
    """Load a task from a folder.

    Parameters
    ----------
    folder : Path
        Holds ``task.toml`` and the template files that it names (without a ``[templates]``
        table: ``prompt.jinja``).
    rules : callable, optional
        Rules written in Python; a folder may bring regular expressions instead.
    steps : iterable of Step
        The task's own resolver steps, which its ``resolver`` may name beside the shipped ones.

    Raises
    ------
    ConfigError
        One line naming the file, the key and the mend.
    """
    path = folder / "task.toml"
    spec = _read(path)
    schema = _schema(spec, path)
    return Task(
        name=spec.name,
        description=spec.description,
        schema=schema,
        templates=_templates(spec, schema, folder),
        program=Program(spec.name, _steps(spec, path, steps)),
        form=next(iter(spec.templates)),
        metrics=spec.metrics,
        rules=rules or _pattern_rules(spec, path),
    )


def _read(path: Path) -> _TaskFile:
    try:
        return _TaskFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ConfigError(f"{path}: not found", mend="a task folder holds a task.toml") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
        raise ConfigError(f"{path}: {key}: {what}", mend="see docs/tasks.md") from None


def _schema(spec: _TaskFile, path: Path) -> TaskSchema:
    for name, relation in spec.relations.items():
        for end in (relation.head, relation.tail):
            if end not in spec.labels:
                raise ConfigError(f"{path}: relations.{name}: {end!r} is not a label of the task")
    for name, statement in spec.document_labels.items():
        if statement.span is not None and statement.span not in spec.labels:
            raise ConfigError(
                f"{path}: document_labels.{name}: {statement.span!r} is not a label of the task"
            )
    return TaskSchema(
        labels=tuple(LabelSpec(n, v.description, v.attributes) for n, v in spec.labels.items()),
        relations=tuple(
            RelationSpec(n, v.head, v.tail, v.backward) for n, v in spec.relations.items()
        ),
        document_labels=tuple(
            DocumentLabelSpec(n, v.description, v.values, v.span)
            for n, v in spec.document_labels.items()
        ),
    )


def _templates(spec: _TaskFile, schema: TaskSchema, folder: Path) -> dict[str, JinjaTemplate]:
    examples = _examples(folder / "examples.jsonl")
    templates = {}
    default = next(iter(spec.templates))
    for form, entry in spec.templates.items():
        path = folder / entry.file
        try:
            source = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8"
            raise ConfigError(
                f"{path}: the template cannot be read: {reason}",
                mend="write it there, or name another file under [templates]",
            ) from None
        suffix = "" if form == default else f"/{form}"
        templates[form] = JinjaTemplate(
            id=spec.name + suffix,
            source=source,
            schema=schema,
            examples=examples,
            stop=entry.stop,
            place=path,
        )
        templates[form].check()
    return templates


def _examples(path: Path) -> tuple[Example, ...]:
    if not path.exists():
        return ()
    examples = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            record = json.loads(line)
            examples.append(Example(text=record["text"], answer=record["answer"]))
        except (ValueError, KeyError, TypeError):
            raise ConfigError(
                f"{path}:{number}: not an example", mend='write {"text": ..., "answer": ...}'
            ) from None
    return tuple(examples)


def _steps(spec: _TaskFile, path: Path, own: Iterable[Step]) -> tuple[Step, ...]:
    known = {**STEPS, **{step.__name__: step for step in own}}
    for name in spec.resolver:
        if name not in known:
            names = ", ".join(known)
            raise ConfigError(f"{path}: resolver: unknown step {name!r}", mend=f"steps: {names}")
    return tuple(known[name] for name in spec.resolver)


def _pattern_rules(spec: _TaskFile, path: Path) -> Rules | None:
    if not spec.rules:
        return None
    compiled = []
    for rule in spec.rules:
        if rule.label not in spec.labels:
            raise ConfigError(f"{path}: rules: {rule.label!r} is not a label of the task")
        try:
            compiled.append((re.compile(rule.pattern), rule))
        except re.error as error:
            raise ConfigError(f"{path}: rules: bad pattern {rule.pattern!r}: {error}") from None
    return partial(_match_patterns, compiled)


def _match_patterns(
    compiled: list[tuple[re.Pattern[str], _Rule]], text: str
) -> list[Mapping[str, Any]]:
    """Return one item per match, in text order; of overlapping matches the first rule wins."""
    taken: list[tuple[int, int]] = []
    items: list[dict[str, Any]] = []
    for pattern, rule in compiled:
        for match in pattern.finditer(text):
            start, end = match.span()
            if start == end or any(start < b and a < end for a, b in taken):
                continue
            taken.append((start, end))
            items.append(
                {
                    "text": match.group(),
                    "label": rule.label,
                    "start": start,
                    "confidence": rule.confidence,
                    **(rule.model_extra or {}),
                }
            )
    return sorted(items, key=lambda item: item["start"])
