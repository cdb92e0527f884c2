"""Measure the icon of the day for ten thousand servers at once, and the latency of `/melicon` meanwhile.

The bot runs in a process of its own, with the shipped weights and a new SQLite file, or an empty PostgreSQL database
(--database). Discord is the emulator, which enforces Discord's limit of 50 requests a second and delays every answer by
the usual latency of Discord's servers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import create_async_engine

from benchmarks.report import options, publish
from bot.store import DailySubscription, Store
from discord_emulator import Emulator, InteractionFailed, Limits

LATENCY = 0.15  # seconds per request to Discord
EVERY = 1.0  # seconds between two commands
PATIENCE = 900.0  # seconds for the whole rush
TOO_MANY = 429


@dataclass
class Rush:
    """Observations."""

    servers: int
    waits: list[float] = field(default_factory=list)  # seconds from due to posted, in the order of posting
    displaced: int = 0  # maximal displacement of a post from its place in the queue
    calm: list[float] = field(default_factory=list)  # latency of /melicon before, in seconds
    during: list[float] = field(default_factory=list)
    failed: int = 0  # /melicon without an answer
    limited: int = 0  # answers 429
    twice: int = 0


async def subscribe(emulator: Emulator, database: str, servers: int, due: datetime) -> list[int]:
    """Add servers that want their icon at `due`; returns their channels in queue order."""
    guilds = [emulator.add_guild(f"Club {number}") for number in range(servers)]
    places = {guild.id: next(iter(guild.channels)) for guild in guilds}
    rows = [
        {
            "guild_id": guild,
            "channel_id": channel,
            "minute": due.hour * 60 + due.minute,
            "timezone": "UTC",
            "locale": "en-US",
            "set_by": emulator.moderator.id,
            "next_date": due.date(),
            "next_at": due,
            "failed_days": 0,
        }
        for guild, channel in places.items()
    ]
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        await connection.execute(insert(DailySubscription), rows)
    await engine.dispose()
    return [channel for _, channel in sorted(places.items())]


async def ask(emulator: Emulator, number: int) -> float | None:
    """Use `/melicon` for a new icon; returns the seconds until it arrives, None if it never does."""
    began = time.perf_counter()
    try:
        await emulator.slash(emulator.member, "melicon", {"seed": str(number)})
    except InteractionFailed:
        return None
    return time.perf_counter() - began


@contextlib.asynccontextmanager
async def running_bot(
    emulator: Emulator, folder: Path, database: str, *, cooldown: tuple[int, float] | None = (1000, 0.5)
) -> AsyncIterator[None]:
    """Run the bot as its owner does; `cooldown`: burst and seconds, None for the defaults."""
    environment = os.environ | {
        "DISCORD_TOKEN": emulator.token,
        "DISCORD_API_URL": emulator.api_url,
        "DISCORD_GATEWAY_URL": emulator.gateway_url,
        "DATA_DIR": str(folder),
        "DATABASE_URL": database,
    }
    if cooldown is not None:
        environment |= {"COOLDOWN_BURST": str(cooldown[0]), "COOLDOWN_SECONDS": str(cooldown[1])}
    with (folder / "bot.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "bot", env=environment, stdout=log, stderr=log
        )
        try:
            await emulator.wait_ready(300)
            yield
        finally:
            process.terminate()
            await process.wait()


class Watch:
    """Waits for the first post of each server, and records second ones, which are errors."""

    def __init__(self, emulator: Emulator, places: list[int]) -> None:
        self._emulator = emulator
        self._channels = places
        self._open = dict(enumerate(places))
        self.came: list[tuple[datetime, int]] = []  # when, and the server's place in the queue

    def posts(self, channel: int) -> list[datetime]:
        """Return the times of a server's posts."""
        found = [m for m in self._emulator.messages(channel) if "mel:v1:star" in str(m["components"])]
        return [datetime.fromisoformat(message["timestamp"]) for message in found]

    def look(self) -> bool:
        """Record new posts; returns whether some are still missing."""
        for place, channel in list(self._open.items()):
            if posts := self.posts(channel):
                self.came.append((posts[0], place))
                del self._open[place]
        return bool(self._open)

    def twice(self) -> int:
        """The number of servers with more than one post."""
        return sum(len(self.posts(channel)) > 1 for channel in self._channels)


async def rush(servers: int, database: str | None) -> Rush:
    """Run the scenario."""
    seen = Rush(servers)
    emulator = await Emulator.start(limits=Limits(requests_logged=20 * servers + 10_000))
    emulator.latency = LATENCY
    with tempfile.TemporaryDirectory(prefix="melicon-rush-") as name:
        folder = Path(name)
        url = database or f"sqlite+aiosqlite:///{folder / 'melicon.db'}"
        await (await Store.open(url, folder)).close()
        # time to start, and to measure before the rush
        due = datetime.now(UTC) + timedelta(seconds=90 + servers / 100)
        due = due.replace(second=0, microsecond=0) + timedelta(minutes=1)
        watch = Watch(emulator, await subscribe(emulator, url, servers, due))
        async with running_bot(emulator, folder, url):
            print(f"{servers} servers are ready; their icon is due at {due:%H:%M} UTC", flush=True)
            await ask(emulator, 0)  # the first one warms up
            number, looked, waiting = 0, due, True
            while waiting and datetime.now(UTC) < due + timedelta(seconds=PATIENCE):
                number += 1
                during = datetime.now(UTC) >= due
                took = await ask(emulator, number)
                if took is None:
                    seen.failed += 1
                else:
                    (seen.during if during else seen.calm).append(took)
                if datetime.now(UTC) > looked + timedelta(seconds=5):
                    waiting, looked = watch.look(), datetime.now(UTC)
                await asyncio.sleep(EVERY)
    came = sorted(watch.came)
    seen.waits = [(moment - due).total_seconds() for moment, _ in came]
    seen.displaced = max((abs(turn - place) for turn, (_, place) in enumerate(came)), default=0)
    seen.twice = watch.twice()
    seen.limited = sum(request.status == TOO_MANY for request in emulator.requests)
    await emulator.close()
    return seen


def main() -> None:
    """Measure and publish."""
    parser = options("daily_load", __doc__)
    parser.add_argument("--servers", type=int, default=10_000)
    parser.add_argument("--database", help="URL of an empty PostgreSQL database; default: a SQLite file")
    given = parser.parse_args()
    seen = asyncio.run(rush(300 if given.quick else given.servers, given.database))
    rows: list[tuple[str, object]] = [
        ("servers", seen.servers),
        ("posts", len(seen.waits)),
        ("servers with two", seen.twice),
        ("answers 429", seen.limited),
        ("farthest out of turn", seen.displaced),
        *((f"due to posted, {name}, s", value) for name, value in spread(seen.waits)),
        *((f"/melicon before, {name}, ms", 1000 * value) for name, value in spread(seen.calm)),
        *((f"/melicon during, {name}, ms", 1000 * value) for name, value in spread(seen.during)),
        ("/melicon unanswered", seen.failed),
    ]
    kind = "PostgreSQL" if given.database else "SQLite"
    title = f"The icon of the day for {seen.servers} servers at once ({kind}, Discord answers after {LATENCY} s)"
    publish(given.out, title, ("what", "value"), rows)


def spread(values: list[float]) -> list[tuple[str, float]]:
    """Return minimum, median, 95th percentile and maximum."""
    if not values:
        return []
    ordered = sorted(values)
    late = ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]
    return [("least", ordered[0]), ("median", statistics.median(ordered)), ("95 %", late), ("most", ordered[-1])]


if __name__ == "__main__":
    main()
