"""Finds what keeps an event loop busy, by the processor time of its thread: a busy machine makes nobody slow."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any, Self


class LoopMeter:
    """Measures every callback of the event loop that runs in the thread in which the block is entered."""

    def __init__(self) -> None:
        self.longest = 0.0  # seconds of processor time, of one callback
        self.what = ""
        self._asking: asyncio.Task[Any] | None = None

    def reset(self) -> None:
        """Begin anew."""
        self.longest, self.what = 0.0, ""
        self._asking = asyncio.current_task()  # the test itself is not measured

    def __enter__(self) -> Self:
        self._run = run = asyncio.Handle._run
        thread = threading.get_ident()

        def measured(handle: Any) -> None:
            if threading.get_ident() != thread:
                run(handle)
                return
            callback = handle._callback
            if self._asking is not None and getattr(callback, "__self__", None) is self._asking:
                run(handle)
                return
            before = time.thread_time()
            run(handle)
            spent = time.thread_time() - before
            if spent > self.longest:
                self.longest, self.what = spent, _named(callback)

        asyncio.Handle._run = measured  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.Handle._run = self._run  # type: ignore[method-assign]


def _named(callback: Callable[..., object]) -> str:
    """Return what a callback is, and for a step of a task where that stands now."""
    task = getattr(callback, "__self__", None)
    if isinstance(task, asyncio.Task):
        frames = task.get_stack(limit=1)
        place = f" before {frames[0].f_code.co_filename}:{frames[0].f_lineno}" if frames else " to its end"
        return f"{getattr(task.get_coro(), '__qualname__', task)}{place}"
    return repr(callback)
