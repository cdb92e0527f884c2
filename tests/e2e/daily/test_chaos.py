"""Whatever kills the process and whenever: no day without its post, none with two. On SQLite and on PostgreSQL.

The small versions are always run; MELICON_CHAOS=200 makes the marked ones kill so often.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import random
import re
import socket
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from bot.localtime.due_dates import Schedule
from bot.store import DailySubscription, Store
from discord_emulator import Emulator
from tests.e2e.daily.worker import POINTS, Clock, begin
from tests.patience import ENOUGH

SCHEDULE = Schedule(9 * 60, "UTC")
MANY = int(os.environ.get("MELICON_CHAOS", "0"))


# Bots are forked from a process that has imported everything and done nothing, which takes most of a start's time.
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.e2e.daily.worker"])


@dataclass
class Worker:
    """A bot's process."""

    process: BaseProcess
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def start(cls, emulator: Emulator, database: str, folder: Path, at: float) -> Worker:
        """Start one and wait until it listens."""
        ours, its = socket.socketpair()
        arguments = [emulator.api_url, emulator.gateway_url, emulator.token, database, str(folder), str(at)]
        errors = folder / "stderr"
        process = PROCESSES.Process(target=begin, args=(its, str(errors), arguments))
        await asyncio.to_thread(process.start)
        its.close()
        worker = cls(process, *await asyncio.open_connection(sock=ours))
        assert await worker.hear() == "ready", errors.read_text()
        return worker

    def say(self, line: str) -> None:
        """Give it an order."""
        self.writer.write(line.encode() + b"\n")

    async def hear(self) -> str:
        """Return the next line it says; "" where it has died."""
        try:
            return (await asyncio.wait_for(self.reader.readline(), ENOUGH)).decode().strip()
        except ConnectionResetError:  # it has died with a line unread
            return ""

    async def ended(self) -> None:
        """Wait until the process has ended."""
        await asyncio.to_thread(self.process.join, ENOUGH)
        assert self.process.exitcode is not None
        self.writer.close()

    async def drain(self) -> None:
        """Let it post what is due."""
        self.say("drain")
        assert (await self.hear()).startswith("drained")

    async def kill(self) -> None:
        """Kill it, if nobody has yet."""
        self.process.kill()
        await self.ended()


class World:
    """A small Discord, servers that want an icon at nine, and the days that have passed there."""

    def __init__(self, emulator: Emulator, clock: Clock, database: str, folder: Path) -> None:
        self.emulator = emulator
        self.clock = clock
        self.database = database
        self.folder = folder
        self.kills = 0
        self.places = {emulator.guild: emulator.channel}

    async def subscribe(self, guilds: int) -> None:
        """Make so many servers that want their icon from tomorrow on."""
        for n in range(guilds - 1):
            guild = self.emulator.add_guild(f"Club {n}")
            self.places[guild.id] = next(iter(guild.channels))
        store = await Store.open(None if self.database == "-" else self.database, self.folder)
        for guild_id, channel_id in self.places.items():
            day, due = SCHEDULE.first_after(self.clock())
            subscription = DailySubscription(
                guild_id=guild_id, channel_id=channel_id, minute=SCHEDULE.minute, timezone=SCHEDULE.timezone,
                locale="en-US", set_by=1, next_date=day, next_at=due,
            )  # fmt: skip
            await store.subscriptions.put(subscription, SCHEDULE.following)
        await store.close()

    async def start(self) -> Worker:
        """Start a bot at this moment of the world."""
        return await Worker.start(self.emulator, self.database, self.folder, self.clock().timestamp())

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.offset += seconds

    def tell_time(self, *workers: Worker) -> None:
        """Set the clocks of bots by this one."""
        for worker in workers:
            worker.say(f"at {self.clock().timestamp()}")

    def posts(self) -> Counter[tuple[int, str]]:
        """How many posts each server has of each date."""
        return Counter(
            (guild_id, day)
            for guild_id, channel_id in self.places.items()
            for message in self.emulator.messages(channel_id)
            for day in re.findall(r"mel:v1:star:([\d-]+)", str(message["components"]))
        )

    def next_day(self, rng: random.Random) -> str:
        """Go to the moments after the next icon has come due, and return its date."""
        day, due = SCHEDULE.first_after(self.clock())
        self.clock.set(due.timestamp() + rng.uniform(0, 5))
        return day.isoformat()

    async def accident(self, worker: Worker, rng: random.Random) -> None:
        """Let the worker post, and kill it: at a fault point, or at a random moment."""
        self.tell_time(worker)
        patience = rng.uniform(0, 0.3)
        if rng.random() < 0.5:
            worker.say(f"die {rng.choice(POINTS)}")
            patience = 5
        worker.say("drain")
        with contextlib.suppress(TimeoutError):
            # until it has died at its fault point, is through, or its time is up
            await asyncio.wait_for(worker.hear(), patience)
        await worker.kill()
        self.kills += 1

    async def die_at(self, point: str, worker: Worker) -> Worker:
        """Let a worker post and die at a fault point; start another one an hour later."""
        self.tell_time(worker)
        worker.say(f"die {point}")
        worker.say("drain")
        await worker.ended()
        assert worker.process.exitcode == -9, "it came to the point"
        self.kills += 1
        self.later(3600)
        return await self.start()


@pytest.fixture(params=["sqlite", "postgresql"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A world whose database is empty."""
    database = "-"
    if request.param == "postgresql":
        make = request.getfixturevalue("postgres_database")
        database = await make()
    clock = Clock()
    clock.set(datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp())
    emulator = await Emulator.start(clock=lambda: clock().timestamp())
    yield World(emulator, clock, database, tmp_path)
    await emulator.close()


async def live(world: World, kills: int, seed: int) -> tuple[int, int]:
    """Live through days on which the process is killed, until it has been killed so often.

    Returns the days, and the kills that happened while an earlier accident was being made good.
    """
    rng = random.Random(seed)
    await world.subscribe(guilds=3)
    days, again = [], 0
    worker = await world.start()
    while world.kills < kills:
        days.append(world.next_day(rng))
        await world.accident(worker, rng)
        while True:
            # past the lease; sometimes past Discord's memory for nonces, sometimes much later on the same day
            world.later(rng.choice([100, 100, 600, 3 * 3600]) if world.clock().hour < 18 else 100)
            worker = await world.start()
            if rng.random() < 0.7 or world.kills >= kills:
                break
            await world.accident(worker, rng)
            again += 1
        world.tell_time(worker)
        await worker.drain()
        expected = {(guild_id, day): 1 for guild_id in world.places for day in days}
        assert dict(world.posts()) == expected, f"after {world.kills} kills (seed {seed})"
    await worker.kill()
    return len(days), again


async def test_the_process_may_be_killed_at_any_moment(world: World) -> None:
    await live(world, kills=2, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not MANY, reason="MELICON_CHAOS says how often to kill")
async def test_the_process_may_be_killed_very_often(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    days, again = await live(world, kills=MANY, seed=2026)
    with capsys.disabled():
        kind = "SQLite" if world.database == "-" else "PostgreSQL"
        print(f"\n{kind}: {world.kills} kills, {again} of them during repair; {days} days, 1 post each")


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
async def test_each_fault_point_leaves_one_post(world: World) -> None:
    await world.subscribe(guilds=1)
    rng = random.Random(0)
    days = []
    worker = await world.start()
    for point in POINTS:
        days.append(world.next_day(rng))
        if point == "taken-over":
            worker = await world.die_at("before-send", worker)
        worker = await world.die_at(point, worker)
        await worker.drain()
        assert dict(world.posts()) == {(world.emulator.guild, day): 1 for day in days}, point
    await worker.kill()


async def share(world: World, days: int, seed: int) -> int:
    """Let two processes post together for some days, one of them being killed now and then; return the kills."""
    rng = random.Random(seed)
    await world.subscribe(guilds=5)
    workers = [await world.start(), await world.start()]
    lived = []
    for _ in range(days):
        lived.append(world.next_day(rng))
        world.tell_time(*workers)
        if rng.random() < 0.25:
            await asyncio.gather(world.accident(workers[0], rng), workers[1].drain())
            world.later(100)
            workers[0] = await world.start()
            world.tell_time(*workers)
        await asyncio.gather(*(worker.drain() for worker in workers))
        assert dict(world.posts()) == {(guild_id, day): 1 for guild_id in world.places for day in lived}
    for worker in workers:
        await worker.kill()
    return world.kills


@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
async def test_two_processes_on_one_database_post_once(world: World) -> None:
    await share(world, days=5, seed=3)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not MANY, reason="MELICON_CHAOS says for how many days")
@pytest.mark.parametrize("world", ["postgresql"], indirect=True)
async def test_two_processes_on_one_database_post_once_for_long(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    kills = await share(world, days=MANY, seed=4)
    with capsys.disabled():
        print(f"\ntwo processes: {MANY} days x 5 servers, {kills} kills, 1 post each")
