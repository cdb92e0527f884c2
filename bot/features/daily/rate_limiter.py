"""A steady pace for requests: so many a second, evenly."""

from __future__ import annotations

import asyncio


class RateLimiter:
    """At most `rate` turns a second, in the order in which they are asked for."""

    def __init__(self, rate: float) -> None:
        self._interval = 1 / rate
        self._next = 0.0  # on the loop's clock

    async def turn(self) -> None:
        """Wait for one's turn."""
        now = asyncio.get_running_loop().time()
        mine = max(self._next, now)
        self._next = mine + self._interval
        if mine > now:
            await asyncio.sleep(mine - now)
