"""Exactly one post in each local day, in zones that change their clocks at every odd hour.

The days around each change are always lived through; MELICON_YEAR=1 lives through a whole year.
"""

from __future__ import annotations

import itertools
import os
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator
from tests.e2e.conftest import StartBot
from tests.e2e.daily.conftest import Subscribe, Virtual
from tests.e2e.daily.posts import posts

ZONES = ("Europe/Paris", "America/Los_Angeles", "Africa/Cairo", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
TIMES = (0, 30, 120, 150, 540)  # minutes: 00:00, 00:30, 02:00, 02:30, 09:00
# the dates of 2026 on which clocks change, from the first to the last of those that lie close together
CHANGES = (
    ("03-08", "03-08", ("America/Los_Angeles",)),
    ("03-29", "03-29", ("Europe/Paris",)),
    ("04-05", "04-05", ("Australia/Lord_Howe",)),  # by half an hour
    ("04-24", "04-24", ("Africa/Cairo",)),  # at midnight: it has no 00:00 and no 00:30
    ("10-04", "10-04", ("Australia/Lord_Howe",)),
    ("10-25", "10-25", ("Europe/Paris", "UTC")),
    ("10-30", "11-01", ("Africa/Cairo", "America/Los_Angeles", "Asia/Kathmandu")),
)
DAY = timedelta(days=1)


class Year:
    """Servers in all zones, each with another time."""

    def __init__(self, emulator: Emulator, clock: Virtual, bot: MeliconBot, subscribe: Subscribe) -> None:
        self.emulator, self.clock, self.bot, self.subscribe = emulator, clock, bot, subscribe
        self.servers: dict[int, tuple[str, int]] = {}  # by channel
        self.guilds: list[int] = []
        self.ticks = 0

    async def begin(self, start: datetime, zones: Sequence[str]) -> None:
        """Subscribe a server for each time in each of `zones`, and nobody else."""
        self.clock.now = start
        for guild_id in self.guilds:
            await self.bot.store.subscriptions.remove(guild_id)
        self.servers, self.guilds = {}, []
        for zone, minute in itertools.product(zones, TIMES):
            guild = self.emulator.add_guild(f"{zone} {minute}")
            await self.subscribe(self.bot, minute, zone, guild)
            self.servers[next(iter(guild.channels))] = (zone, minute)
            self.guilds.append(guild.id)

    async def live(self, start: datetime, end: datetime, step: timedelta) -> None:
        """Tick from `start` to `end`."""
        self.clock.now = start
        while self.clock.now < end:
            await self.bot.daily.poster.drain()
            self.clock.now += step
            self.ticks += 1

    def check(self, start: datetime, end: datetime, step: timedelta) -> int:
        """Every local day that lies in start…end has one post, made at the first tick at which its time had come."""
        checked = 0
        for channel, (name, minute) in self.servers.items():
            zone = ZoneInfo(name)
            first, last = start.astimezone(zone).date() + DAY, (end - step).astimezone(zone).date() - DAY
            days = [first + n * DAY for n in range((last - first).days + 1)]
            made = [(day, message) for day, message in posts(self.emulator, channel) if first <= day <= last]
            assert Counter(day for day, _ in made) == Counter(days), (name, minute)
            for day, message in made:
                moment = datetime.fromisoformat(message["timestamp"])
                wanted = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute)
                assert local(moment, zone).date() == day, (name, minute, day)
                assert local(moment, zone) >= wanted > local(moment - step, zone), (name, minute, day)
            checked += len(made)
        return checked


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """What the clock on the wall shows, which is all that it shows."""
    return moment.astimezone(zone).replace(tzinfo=None)


async def test_clocks_may_change_as_they_like(
    emulator: Emulator, clock: Virtual, start_bot: StartBot, subscribe: Subscribe
) -> None:
    step = timedelta(minutes=30)
    clock.to("2026-01-01 00:00")
    async with start_bot(icon_size=64) as bot:
        year = Year(emulator, clock, bot, subscribe)
        for first, last, zones in CHANGES:
            start = datetime.fromisoformat(f"2026-{first}").replace(tzinfo=UTC) - DAY
            end = datetime.fromisoformat(f"2026-{last}").replace(tzinfo=UTC) + 1.75 * DAY
            await year.begin(start, zones)
            await year.live(start, end, step)
            assert year.check(start, end, step) >= len(year.servers)


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.skipif(not os.environ.get("MELICON_YEAR"), reason="MELICON_YEAR=1 lives through a whole year")
async def test_a_whole_year_has_one_post_a_day(
    emulator: Emulator,
    clock: Virtual,
    start_bot: StartBot,
    subscribe: Subscribe,
    capsys: pytest.CaptureFixture[str],
) -> None:
    # every moment at which something can be due is a quarter of an hour
    step = timedelta(minutes=15)
    # the clock begins on 1 March 2026, and Discord's ids never go back
    start, end = datetime(2026, 3, 2, tzinfo=UTC), datetime(2027, 3, 6, tzinfo=UTC)
    clock.now = start
    before = time.monotonic()
    async with start_bot(icon_size=64) as bot:
        year = Year(emulator, clock, bot, subscribe)
        await year.begin(start, ZONES)
        await year.live(start, end, step)
        checked = year.check(start, end, step)
        for channel in year.servers:
            first = date(2026, 3, 4)
            days = [day for day, _ in posts(emulator, channel) if first <= day < date(2027, 3, 4)]
            assert days == [first + n * DAY for n in range(365)]
    with capsys.disabled():
        print(
            f"\n{len(year.servers)} servers, {year.ticks} ticks, {checked} posts in {time.monotonic() - before:.0f} s"
        )
