"""When the poster looks again: at each full minute, measured by a clock that nobody can set.

The wall clock says where the minute begins, and nothing more: a tick comes after a minute of monotonic time at the
latest, whatever the wall clock is set to meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

TICK = 60.0  # seconds
# computers correct their clocks by fractions of a second all the time
_NOTABLE = timedelta(seconds=30)


class Ticks:
    """Compares a wall clock with the time that has passed."""

    def __init__(self, clock: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._last = (clock(), monotonic())

    def seconds_left(self) -> float:
        """Return the seconds until the next tick, more than 0 and at most `TICK`."""
        return TICK - self._clock().timestamp() % TICK

    def clock_moved(self) -> timedelta | None:
        """Return how far the clock has been set, forward or back, since the last call; None where it has not been.

        In whole seconds. A machine that sleeps seems to set its clock forward.
        """
        now = (self._clock(), self._monotonic())
        (wall, passed), self._last = self._last, now
        moved = (now[0] - wall) - timedelta(seconds=now[1] - passed)
        return timedelta(seconds=round(moved.total_seconds())) if abs(moved) >= _NOTABLE else None
