"""Find a task by name, ``medications`` or ``medications@1``, or by the path of its folder."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

from clinie.errors import ConfigError
from clinie.tasks.base import Task
from clinie.tasks.folder import load_folder

__all__ = ["available", "check_settings", "load"]


def load(name: str, settings: Mapping[str, Mapping[str, Any]] | None = None) -> Task:
    """Load a task; a folder that has changed since is read again.

    Parameters
    ----------
    name : str
        ``name@version``, a bare name (its highest version), or a folder with a ``task.toml``.
    settings : Mapping, optional
        Settings of tasks by their bare names, as ``[tasks.NAME]`` of a configuration holds them.

    Raises
    ------
    ConfigError
        When nothing of that name is installed, the task cannot be loaded, or it has no such
        setting.
    """
    own = (settings or {}).get(name.partition("@")[0], {})
    files = tuple(Path(v) for v in own.values() if isinstance(v, str) and v and Path(v).is_file())
    stamps = frozenset((str(file), file.stat().st_mtime_ns) for file in files)
    task = _installed(name, json.dumps(own, sort_keys=True), stamps)
    if task is not None:
        return task
    folder = Path(name)
    if folder.is_dir():
        return _in_folder(folder.absolute(), _stamp(folder))
    raise ConfigError(
        f"unknown task {name!r}",
        mend=f"installed: {', '.join(sorted(_points()))}; or give a folder with a task.toml",
    )


def check_settings(settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse settings of a task that is not installed, or that the task does not have.

    Raises
    ------
    ConfigError
    """
    known = sorted({name.partition("@")[0] for name in _points()})
    for name in settings:
        if name not in known:
            raise ConfigError(f"tasks.{name}: unknown task", mend=f"installed: {', '.join(known)}")
        load(name, settings)


_Stamp = frozenset[tuple[str, int]]


@lru_cache(maxsize=128)
def _installed(name: str, settings: str, stamps: _Stamp) -> Task | None:  # noqa: ARG001 - of the key
    points = _points()
    versions = sorted((p for p in points if p.split("@")[0] == name), key=_version)
    point = points.get(name) or (points[versions[-1]] if versions else None)
    return _load_point(point, **json.loads(settings)) if point else None


def _stamp(folder: Path) -> _Stamp:
    """Return what changes when a file of the folder does."""
    return frozenset((entry.name, entry.stat().st_mtime_ns) for entry in folder.iterdir())


@lru_cache(maxsize=128)
def _in_folder(folder: Path, stamp: _Stamp) -> Task:  # noqa: ARG001 - a part of the key
    return load_folder(folder)


def available() -> dict[str, str]:
    """Return the installed tasks: versioned name to one line.

    The line is the task's description, or why it cannot be loaded: one broken plug-in does not
    hide the others.
    """
    return {name: _describe(point) for name, point in sorted(_points().items())}


def _describe(point: EntryPoint) -> str:
    try:
        return _load_point(point).description
    except ConfigError as error:
        return f"unusable: {error}"


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group="clinie.tasks")}


def _check_known(name: str, loaded: Any, settings: Mapping[str, Any]) -> None:
    known = [] if isinstance(loaded, Task) else list(inspect.signature(loaded).parameters)
    for setting in settings:
        if setting not in known:
            raise ConfigError(
                f"task {name!r} has no setting {setting!r}",
                mend=f"settings: {', '.join(known) or 'none'}",
            )


def _version(name: str) -> int:
    _, _, version = name.partition("@")
    return int(version) if version.isdigit() else 0


def _load_point(point: EntryPoint, **settings: Any) -> Task:
    """Load an entry point: a `Task`, or a class or function that makes one out of settings."""
    try:
        loaded = point.load()
        if settings:
            _check_known(point.name, loaded, settings)
        task = loaded if isinstance(loaded, Task) else loaded(**settings)
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(
            f"task {point.name!r} cannot be loaded: {type(error).__name__}: {error}"
        ) from None
    if not isinstance(task, Task):
        raise ConfigError(f"task {point.name!r} ({point.value}) is not a clinie.tasks.Task")
    return task
