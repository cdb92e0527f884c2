"""A rate limiter that spaces requests evenly."""

from __future__ import annotations

import asyncio


class RateLimiter:
    """At most `rate` requests a second, first come, first served."""

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._next = 0.0  # loop time

    async def turn(self) -> None:
        """Wait for the next slot."""
        now = asyncio.get_running_loop().time()
        mine = max(self._next, now)
        self._next = mine + self._interval
        if mine > now:
            await asyncio.sleep(mine - now)
