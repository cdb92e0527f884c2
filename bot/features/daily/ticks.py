"""The poster's schedule: each full minute, limited by a monotonic clock.

The wall clock sets where the minute begins, but no wait exceeds a minute of monotonic time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

TICK = 60.0  # seconds
# NTP corrects clocks by fractions of a second
_NOTABLE = timedelta(seconds=30)


class Ticks:
    """Compares the wall clock with elapsed monotonic time."""

    def __init__(self, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._last = (clock(), monotonic())

    def seconds_left(self) -> float:
        """Return the seconds until the next tick, more than 0 and at most `TICK`."""
        return TICK - self._clock().timestamp() % TICK

    def clock_moved(self) -> timedelta | None:
        """Return by how much the clock was set since the last call, or None.

        In whole seconds. Sleep mode looks like a clock set forward.
        """
        now = (self._clock(), self._monotonic())
        (wall, passed), self._last = self._last, now
        moved = (now[0] - wall) - timedelta(seconds=now[1] - passed)
        return timedelta(seconds=round(moved.total_seconds())) if abs(moved) >= _NOTABLE else None
