"""Clocks that go as a test wants, for what is given a number of seconds: none of them looks at the machine's."""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

T = TypeVar("T")


def still() -> float:
    """Stand still: there is time for everything."""
    return 0.0


class Ticking:
    """A clock that goes on by `step` seconds whenever somebody looks at it."""

    def __init__(self, step: float) -> None:
        self.now = 0.0
        self._step = step

    def __call__(self) -> float:
        """Return the seconds since it was made."""
        self.now += self._step
        return self.now


class Computing:
    """The seconds that this process has computed, and what a test adds: time that goes by while it waits is none."""

    def __init__(self) -> None:
        self._added = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return time.process_time() + self._added

    def advance(self, seconds: float) -> None:
        """Go on by so much."""
        self._added += seconds


class _AtOnce(selectors.DefaultSelector):
    """Finds that the time for which it should wait is over."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        found = super().select(None if timeout is None else 0)
        if not found:
            self.now += timeout or 0.0
        return found


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._waiting = _AtOnce()
        super().__init__(self._waiting)

    def time(self) -> float:
        return self._waiting.now


def run_at_once(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on an event loop on which nothing takes time but waiting, and waiting is over at once.

    For what waits for time alone: a thread or another process would find that a moment was for ever.
    """
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(work)
