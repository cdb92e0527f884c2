"""A small Discord and a bot whose clocks a test sets, and a model that draws at once."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.client import MeliconBot
from bot.localtime.due_dates import Schedule
from bot.store import DailySubscription
from discord_emulator import Emulator, Limits
from tests.e2e.daily.worker import Patches

Subscribe = Callable[..., Awaitable[DailySubscription]]


class Virtual:
    """A clock that stands still until it is set."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the time."""
        return self.now

    def to(self, text: str) -> None:
        """Make it a moment of UTC, for example 2026-03-02 09:00."""
        self.now = datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Virtual:
    """The time of the bot and of Discord; the model is a quick one."""
    virtual = Virtual(datetime(2026, 3, 1, 12, tzinfo=UTC))
    monkeypatch.setattr("bot.client.utc_now", virtual)
    monkeypatch.setattr("bot.inference.studio._load", lambda _: Patches())
    return virtual


@pytest.fixture
async def emulator(clock: Virtual) -> AsyncIterator[Emulator]:
    """A small Discord that lives by `clock`; where time stands still, no rate limit would ever end."""
    emulator = await Emulator.start(
        clock=lambda: clock().timestamp(), deadline_clock=time.process_time, limits=Limits(rates={})
    )
    yield emulator
    await emulator.close()


@pytest.fixture
def subscribe(emulator: Emulator, clock: Virtual) -> Subscribe:
    """Subscribe a server (the first if none is given) as its moderator would."""

    async def make(
        bot: MeliconBot, minute: int = 540, timezone: str = "UTC", guild: Any = None, **changes: Any
    ) -> DailySubscription:
        schedule = Schedule(minute, timezone)
        day, due = schedule.first_after(clock())
        fields = {
            "guild_id": guild.id if guild else emulator.guild,
            "channel_id": next(iter(guild.channels)) if guild else emulator.channel,
            "minute": minute,
            "timezone": timezone,
            "locale": "en-US",
            "set_by": emulator.moderator.id,
            "next_date": day,
            "next_at": due,
        }
        subscription = DailySubscription(**(fields | changes))
        await bot.store.subscriptions.put(subscription, schedule.following)
        return subscription

    return make
