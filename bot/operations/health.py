"""The bot's health: a small file in DATA_DIR that the bot writes and `melicon health` reads.

A running process is not proof of health: the gateway must be connected and the event loop must not be blocked.
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
    from bot.settings import Settings

log = logging.getLogger(__name__)

INTERVAL = 10.0  # seconds between two writes
STALE = 60.0  # seconds after which a process that has not written counts as blocked


@dataclass(frozen=True)
class Health:
    """The bot's health at one moment."""

    at: float  # seconds since 1970
    pid: int
    ready: bool  # every shard is connected, and the gateway has sent the servers
    latency: float | None  # seconds between a heartbeat and its acknowledgement

    @classmethod
    def of(cls, bot: MeliconBot) -> Self:
        """Return a bot's health now."""
        latency = bot.latency if bot.shards else math.nan
        # the library's `is_ready` stays true when a connection is lost
        connected = bot.is_ready() and bool(bot.shards) and not any(each.is_closed() for each in bot.shards.values())
        known = math.isfinite(latency)  # not before the first acknowledgement
        return cls(time.time(), os.getpid(), connected and known, round(latency, 3) if known else None)

    def problem(self, now: float) -> str | None:
        """Return what is wrong, or None."""
        if not -STALE <= now - self.at <= STALE:
            return f"the bot has not reported for {now - self.at:.0f} s"
        return None if self.ready else "the gateway is not connected"


def health_file(settings: Settings) -> Path:
    """Return the file of the process with these settings; processes with different shards have different files."""
    shards = "".join(f"-{shard}" for shard in settings.shard_ids or ())
    return settings.data_dir / f"health{shards}.json"


def read(path: Path) -> Health | None:
    """Return the health that the bot last wrote; None if there is no file or it cannot be read."""
    try:
        data = json.loads(path.read_text("utf-8"))
        return Health(float(data["at"]), int(data["pid"]), bool(data["ready"]), data["latency"])
    except (OSError, ValueError, TypeError, KeyError):
        return None


class HealthReporter:
    """Writes the file while the bot runs, and deletes it on closing."""

    def __init__(self, bot: MeliconBot) -> None:
        self._bot = bot
        self._path = health_file(bot.settings)
        self._closing = asyncio.Event()
        self._task = asyncio.create_task(self._report(), name="health")

    async def _report(self) -> None:
        while not self._closing.is_set():
            data = json.dumps(asdict(Health.of(self._bot))).encode()
            try:
                await asyncio.to_thread(write_atomically, self._path, data)
            except OSError as error:
                log.debug("the health file cannot be written: %s", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), INTERVAL)

    async def close(self) -> None:
        """Stop writing; a write that has begun is finished first, so that it cannot follow the deletion."""
        self._closing.set()
        await self._task
        self._path.unlink(missing_ok=True)
