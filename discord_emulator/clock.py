"""The emulator's sense of time: a callable that says "now", so that a test can make a token old without waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]


class ManualClock:
    """Real time plus what the test has added: ``clock.advance(901)`` makes a 15-minute token invalid at once.

    While `running` is False, it stands still but for that.
    """

    def __init__(self, *, running: bool = True) -> None:
        self.offset = 0.0
        self.running = running
        self._made = time.time()

    def __call__(self) -> float:
        """Return seconds since 1970, shifted by everything that was added."""
        return (time.time() if self.running else self._made) + self.offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`."""
        self.offset += seconds


def iso(seconds: float) -> str:
    """Format seconds since 1970 the way Discord prints timestamps."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
