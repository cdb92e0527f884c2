"""A condition variable for one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Condition:
    """Wakes all waiters to check their predicates."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Wake all waiters."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def until(self, done: Callable[[], bool], timeout: float) -> None:  # noqa: ASYNC109 - the caller's own limit
        """Wait until `done()`; raise TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not done():
                await self._event.wait()
