"""A bell that wakes everyone who waits, as often as it is rung."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Condition:
    """Waiting for a condition that somebody else makes true."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def notify(self) -> None:
        """Let everyone who waits look again."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    async def until(self, done: Callable[[], bool], timeout: float) -> None:  # noqa: ASYNC109 - the caller's own limit
        """Wait until `done()`; raise TimeoutError after `timeout` seconds."""
        async with asyncio.timeout(timeout):
            while not done():
                await self._event.wait()
