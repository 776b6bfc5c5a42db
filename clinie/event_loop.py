"""The one event loop behind everything synchronous."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any, TypeVar

__all__ = ["cancel", "run"]

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end and return its result.

    The loop lives on a thread of its own for as long as the process does: connections of a model
    client stay usable from call to call, and a notebook, whose thread runs a loop already, can
    call synchronous functions too. Not to be called from that loop itself.
    """
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


def cancel(task: asyncio.Task[Any]) -> None:
    """Cancel a task of the loop that nobody waits for any more."""
    _loop().call_soon_threadsafe(task.cancel)


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="clinie", daemon=True).start()
    return loop


# A forked process inherits the loop but not its thread: it needs one of its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_loop.cache_clear)
