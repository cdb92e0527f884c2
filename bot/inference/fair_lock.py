"""A lock that is granted fairly: owners take it in rotation, however many requests each has."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from bot.inference.fair_queue import FairQueue


class FairLock:
    """A fair lock for one event loop; waiters are ordered by `FairQueue`."""

    def __init__(self) -> None:
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue()
        self._taken = False

    @asynccontextmanager
    async def take(self, owner: Hashable) -> AsyncIterator[None]:
        """Hold the lock for the block."""
        if self._taken:
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.put(owner, mine)
            try:
                await mine
            except asyncio.CancelledError:
                # it may have been granted just as the wait was cancelled
                if mine.done() and not mine.cancelled():
                    self._pass_on()
                raise
        self._taken = True
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        """Grant the lock to the next waiter."""
        while self._waiting:
            following = self._waiting.take()
            if not following.done():
                following.set_result(None)
                return
        self._taken = False
