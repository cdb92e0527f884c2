"""Per-user rate limiting with token buckets."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable

_MAX_BUCKETS = 10_000  # then full buckets are dropped; a full bucket equals a missing one


class TokenBuckets:
    """A token bucket for each key: bursts of `burst`, refilled by one every `seconds`."""

    def __init__(self, burst: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst = burst
        self.seconds = seconds
        self._clock = clock
        self._full_at: dict[Hashable, float] = {}  # when each bucket will be full

    def take(self, key: Hashable, cost: float = 1.0) -> float:
        """Take a token, or a fraction of one; nothing is taken when there are too few.

        Returns 0 on success, else the seconds to wait.
        """
        now = self._clock()
        full_at = max(self._full_at.get(key, now), now)
        # the time until the bucket is full divided by `seconds` is the number of missing tokens
        wait = full_at + cost * self.seconds - (now + self.burst * self.seconds)
        # tolerance for floating-point rounding
        if wait > 1e-6:
            return wait
        self._full_at[key] = full_at + cost * self.seconds
        if len(self._full_at) > _MAX_BUCKETS:
            self._full_at = {k: t for k, t in self._full_at.items() if t > now}
        return 0.0
