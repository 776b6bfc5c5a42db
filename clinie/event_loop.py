"""The one event loop behind everything synchronous."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any, TypeVar

__all__ = ["run", "soon"]

T = TypeVar("T")

_NAME = "clinie event loop"
_STARTING = threading.Lock()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end and return its result.

    The loop lives on a thread of its own for as long as the process does: connections of a model
    client stay usable from call to call, and a notebook, whose thread runs a loop already, can
    call synchronous functions too. An interrupt cancels the work.

    Raises
    ------
    RuntimeError
        When called from that loop itself, which would wait for itself for ever.
    """
    if threading.current_thread().name == _NAME:
        work.close()
        raise RuntimeError("a model must await clinie.aextract; clinie.extract would never return")
    future = asyncio.run_coroutine_threadsafe(work, _loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def soon(callback: Callable[[], object]) -> None:
    """Have the loop call something on its own thread, where tasks may be touched."""
    _loop().call_soon_threadsafe(callback)


def _loop() -> asyncio.AbstractEventLoop:
    with _STARTING:
        return _started()


@lru_cache(maxsize=1)
def _started() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name=_NAME, daemon=True).start()
    return loop


# A forked process inherits the loop but not its thread: it needs one of its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_started.cache_clear)
