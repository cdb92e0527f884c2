"""Whether the bot is well: a small file in DATA_DIR that the bot writes and `melicon health` reads.

A process that lives says little: what matters is that the gateway is connected, and that the event loop still runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from gan.atomic import write_atomically

if TYPE_CHECKING:
    from bot.client import MeliconBot

log = logging.getLogger(__name__)

FILE = "health.json"
EVERY = 10.0  # seconds between two writes
STALE = 60.0  # seconds after which the writer is taken to hang


@dataclass(frozen=True)
class Health:
    """The bot's state at a time."""

    at: float  # seconds since 1970
    pid: int
    ready: bool  # the gateway is connected and has sent all it sends at the start
    latency: float | None  # seconds between a heartbeat and its answer

    @classmethod
    def of(cls, bot: MeliconBot) -> Self:
        """Look at a bot."""
        latency = bot.latency
        connected = bot.is_ready() and not bot.is_closed() and math.isfinite(latency)
        return cls(time.time(), os.getpid(), connected, round(latency, 3) if math.isfinite(latency) else None)

    def problem(self, now: float) -> str | None:
        """Return what is wrong, if anything."""
        if not -STALE <= now - self.at <= STALE:
            return f"the bot has not reported for {now - self.at:.0f} s"
        return None if self.ready else "the gateway is not connected"


def read(folder: Path) -> Health | None:
    """Return what the bot wrote last; None where it is not running or the file cannot be read."""
    try:
        data = json.loads((folder / FILE).read_text("utf-8"))
        return Health(float(data["at"]), int(data["pid"]), bool(data["ready"]), data["latency"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


class HealthReporter:
    """Writes the file while the bot runs, and removes it in the end."""

    def __init__(self, bot: MeliconBot) -> None:
        self._bot = bot
        self._path = bot.settings.data_dir / FILE
        self._task = asyncio.create_task(self._report(), name="health")

    async def _report(self) -> None:
        while True:
            data = json.dumps(asdict(Health.of(self._bot))).encode()
            try:
                await asyncio.to_thread(write_atomically, self._path, data)
            except OSError as error:
                log.debug("the state could not be written: %s", error)
            await asyncio.sleep(EVERY)

    async def close(self) -> None:
        """Stop."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._path.unlink(missing_ok=True)
