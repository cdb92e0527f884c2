"""A computer's clock that is wrong for a while, ahead or behind, costs no day its post and gives none two."""

from __future__ import annotations

import logging
from datetime import date, timedelta

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator, Permission
from tests.e2e.conftest import StartBot
from tests.e2e.daily.conftest import Subscribe, Virtual
from tests.e2e.daily.posts import dates


async def drain_at(bot: MeliconBot, clock: Virtual, *moments: str) -> None:
    """Tick at each of the moments."""
    for moment in moments:
        clock.to(moment)
        await bot.daily.poster.drain()


async def test_ticks_go_on_after_the_clock_was_set_back(
    *,
    emulator: Emulator,
    start_bot: StartBot,
    clock: Virtual,
    subscribe: Subscribe,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("bot.features.daily.ticks.TICK", 0.02)
    async with start_bot() as bot:
        await subscribe(bot)
        clock.to("2026-03-01 11:00")  # it was noon
        await subscribe(bot, minute=11 * 60 + 30)
        clock.to("2026-03-01 11:30")
        await emulator.wait_message(matches=lambda m: "star:2026-03-01" in str(m["components"]))
    assert "the clock was set back by " in caplog.text


@pytest.mark.parametrize(
    ("wrong", "days", "posted"),
    [
        # at noon, a week ahead: the 8th comes early, all days between when they are due
        ("2026-03-08 12:00", 10, [8, 2, 3, 4, 5, 6, 7, 9, 10, 11]),
        # the wrong time is before nine: the day before is open no more, and that day not yet
        ("2026-03-08 08:00", 4, [2, 3, 4, 5]),
        ("2026-03-02 12:00", 3, [2, 3, 4]),
        ("2027-03-01 12:00", 3, ["2027-03-01", 2, 3, 4]),
    ],
)
async def test_a_clock_that_was_ahead_for_one_tick_silences_nobody(
    *,
    wrong: str,
    days: int,
    posted: list[int | str],
    emulator: Emulator,
    bot: MeliconBot,
    clock: Virtual,
    subscribe: Subscribe,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "bot.features.daily")
    await subscribe(bot)
    await drain_at(bot, clock, wrong)
    for n in range(days):
        await drain_at(
            bot, clock, f"2026-03-{n + 1:02d} 12:01", f"2026-03-{n + 2:02d} 08:59", f"2026-03-{n + 2:02d} 09:00"
        )
    assert dates(emulator) == [f"2026-03-{day:02d}" if isinstance(day, int) else day for day in posted]
    said = [r.getMessage() for r in caplog.records if "scheduled too late" in r.getMessage()]
    assert len(said) == (wrong != "2026-03-02 12:00")
    if said:
        assert "rescheduled to 2026-03-02 09:00:00+00:00" in said[0]


async def test_what_came_due_while_the_clock_was_ahead_is_still_posted(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot)
    await drain_at(bot, clock, "2026-03-02 09:00")
    # nine passes while the clock shows another week
    await drain_at(bot, clock, "2026-03-03 08:59", "2026-03-09 08:59", "2026-03-09 09:00", "2026-03-03 09:02")
    assert dates(emulator) == ["2026-03-02", "2026-03-09", "2026-03-03"]


async def test_a_clock_that_is_behind_posts_nothing_twice(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot)
    for day in (2, 3, 4):
        await drain_at(bot, clock, f"2026-03-{day:02d} 09:00")
    for day in (2, 3, 4):
        await drain_at(bot, clock, f"2026-03-{day:02d} 08:00", f"2026-03-{day:02d} 10:00")
    await drain_at(bot, clock, "2026-03-05 09:00")
    assert dates(emulator) == ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]


async def test_a_post_that_failed_while_the_clock_was_ahead_is_made_on_its_day(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot)
    emulator.set_overwrite(emulator.channel, emulator.bot, deny=Permission.SEND_MESSAGES)
    await drain_at(bot, clock, "2026-03-04 12:00", "2026-03-05 00:00")
    post = await bot.store.claims.find(emulator.guild, date(2026, 3, 4))
    assert post is not None
    assert post.state == "missed"
    emulator.set_overwrite(emulator.channel, emulator.bot, allow=Permission.SEND_MESSAGES)
    for day in (2, 3, 4, 5):
        await drain_at(bot, clock, f"2026-03-0{day} 08:00", f"2026-03-0{day} 09:00")
    assert dates(emulator) == [f"2026-03-0{day}" for day in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("minute", "zone", "set_at", "first"),
    [
        # it is 11:59:30 on the eve of a day of 25 hours: tomorrow's icon is more than a day ahead, and rightly so
        (719, "Europe/Paris", "2026-10-24 10:00", "2026-10-25"),
        (719, "America/New_York", "2026-10-31 16:00", "2026-11-01"),
        # by two hours
        (719, "Antarctica/Troll", "2026-10-24 10:00", "2026-10-25"),
    ],
)
async def test_a_day_of_more_than_24_hours_is_no_wrong_clock(
    *,
    minute: int,
    zone: str,
    set_at: str,
    first: str,
    emulator: Emulator,
    bot: MeliconBot,
    clock: Virtual,
    subscribe: Subscribe,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.WARNING, "bot.features.daily")
    clock.to(set_at)
    made = await subscribe(bot, minute, zone)
    assert made.next_at is not None
    assert made.next_at - clock.now > timedelta(days=1)
    await bot.daily.poster.drain()
    assert dates(emulator) == []
    assert "scheduled too late" not in caplog.text
    clock.now = made.next_at
    await bot.daily.poster.drain()
    assert dates(emulator) == [first]
