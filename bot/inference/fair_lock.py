"""Turns at something that only one can do at a time: users take them in rotation, however often one of them asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager

from bot.inference.fair_queue import FairQueue


class FairLock:
    """A lock for one event loop; those who wait come in the order of `FairQueue`."""

    def __init__(self) -> None:
        self._waiting: FairQueue[asyncio.Future[None]] = FairQueue()
        self._taken = False

    @asynccontextmanager
    async def take(self, owner: Hashable) -> AsyncIterator[None]:
        """Wait for the owner's turn, and have it until the block ends."""
        if self._taken:
            mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.put(owner, mine)
            try:
                await mine
            except asyncio.CancelledError:
                # it may have come in the very moment that the wait was given up
                if mine.done() and not mine.cancelled():
                    self._pass_on()
                raise
        self._taken = True
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        """Give the turn to the next who still waits."""
        while self._waiting:
            following = self._waiting.take()
            if not following.done():
                following.set_result(None)
                return
        self._taken = False
