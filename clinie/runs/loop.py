"""One event loop for the whole of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

__all__ = ["event_loop"]

T = TypeVar("T")
Run = Callable[[Coroutine[Any, Any, T]], T]


@contextmanager
def event_loop() -> Iterator[Run[Any]]:
    """Yield a function that runs a coroutine to its end, always on the same loop.

    Connections of a model client stay usable from call to call. Where the thread runs a loop
    already, as in a notebook, a thread of its own does the work.
    """
    if not _is_running():
        with asyncio.Runner() as runner:
            yield runner.run
        return
    with ThreadPoolExecutor(1, thread_name_prefix="clinie") as thread:
        runner = asyncio.Runner()
        try:
            yield lambda work: thread.submit(runner.run, work).result()
        finally:
            thread.submit(runner.close).result()


def _is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
