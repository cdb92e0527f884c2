"""The emulator's clock: a callable, so that tests can expire tokens without waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], float]


class ManualClock:
    """Real time plus a test's offset: ``clock.advance(901)`` expires a 15-minute token.

    While `running` is False, only `advance` moves it.
    """

    def __init__(self, *, running: bool = True) -> None:
        self.offset = 0.0
        self.running = running
        self._made = time.time()

    def __call__(self) -> float:
        """Return seconds since 1970, including the offset."""
        return (time.time() if self.running else self._made) + self.offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward by `seconds`."""
        self.offset += seconds


def iso(seconds: float) -> str:
    """Format seconds since 1970 as a Discord timestamp."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
