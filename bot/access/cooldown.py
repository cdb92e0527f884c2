"""How often a user may ask: a bucket of tokens each, so that a burst is fine and a flood is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

_MAX_BUCKETS = 10_000  # then the full ones go: a full bucket and none are the same


class Cooldown:
    """Each key may do `burst` things at once, then one every `seconds`."""

    def __init__(self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst = burst
        self.seconds = seconds
        self._clock = clock
        self._full_at: dict[Hashable, float] = {}  # when each bucket will be full again

    def take(self, key: Hashable, cost: float = 1.0) -> float:
        """Take a token, or what part of one a small thing costs; asking too early costs nothing.

        Returns 0 when there was enough, else the seconds until there is.
        """
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now)
        # a token is missing for each `seconds` that the bucket needs to be full
        wait = full_at + cost * self.seconds - (now + self.burst * self.seconds)
        # a clock's rounding must not turn the last token away
        if wait > 1e-6:
            return wait
        self._full_at[key] = full_at + cost * self.seconds
        if len(self._full_at) > _MAX_BUCKETS:
            self._full_at = {k: t for k, t in self._full_at.items() if t > now}
        return 0.0
