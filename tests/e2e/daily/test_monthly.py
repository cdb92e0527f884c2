"""The best icons of a month, posted by themselves: once for each server and month, and only if there are any."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator, Permission
from tests.e2e.conftest import StartBot
from tests.e2e.daily.conftest import Subscribe, Virtual
from tests.e2e.daily.posts import dates, posts
from tests.e2e.daily.test_failures import FORBIDDEN, SEND

Star = Callable[[MeliconBot], Awaitable[None]]


def months(emulator: Emulator, channel: int | None = None) -> list[str]:
    """Return the first lines of a channel's monthly posts."""
    found = [m for m in emulator.messages(channel) if "melicon-month-" in str(m["attachments"])]
    return [message["content"].splitlines()[0] for message in found]


async def live(bot: MeliconBot, clock: Virtual, now: str) -> None:
    """Let the bot do at a moment what it does in each minute."""
    clock.to(now)
    await bot.daily.poster.drain()
    await bot.daily.monthly.drain()


@pytest.fixture
async def star(emulator: Emulator, clock: Virtual, subscribe: Subscribe) -> Star:
    """Subscribe the server, and let somebody star its icon of 30 March."""

    async def do(bot: MeliconBot) -> None:
        clock.to("2026-03-29 12:00")
        await subscribe(bot, monthly=True)
        await live(bot, clock, "2026-03-30 09:00")
        await emulator.press(emulator.member, posts(emulator)[-1][1], "mel:v1:star:2026-03-30")

    return do


@pytest.fixture
async def starred(bot: MeliconBot, star: Star) -> MeliconBot:
    """A bot on whose server the icon of 30 March has a star."""
    await star(bot)
    return bot


async def test_the_best_of_a_month_follow_the_first_post_of_the_next(
    emulator: Emulator, starred: MeliconBot, clock: Virtual
) -> None:
    await live(starred, clock, "2026-03-31 09:00")
    await live(starred, clock, "2026-04-01 08:59")
    assert months(emulator) == []
    await live(starred, clock, "2026-04-01 09:00")
    for day in range(1, 9):
        await live(starred, clock, f"2026-04-0{day} 10:00")
    assert months(emulator) == ["**The most starred icons of March 2026**"]
    last, best = emulator.messages()[-9:-7]
    assert "star:2026-04-01" in str(last["components"])
    assert "1. 30 March" in best["content"]
    assert best["attachments"][0]["filename"] == "melicon-month-2026-03.png"


async def test_without_stars_there_is_no_post(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    clock.to("2026-03-30 12:00")
    await subscribe(bot, monthly=True)
    for now in ("2026-03-31 09:00", "2026-04-01 09:00", "2026-04-02 09:00"):
        await live(bot, clock, now)
    assert len(dates(emulator)) == 3
    assert months(emulator) == []


async def test_whoever_did_not_ask_gets_none_and_the_option_keeps_its_value(
    emulator: Emulator, starred: MeliconBot, clock: Virtual
) -> None:
    options: dict[str, Any] = {"channel": emulator.channel, "time": "9:00", "timezone": "UTC"}
    kept = await emulator.slash(emulator.moderator, "daily set", options)
    assert "most starred" in kept.message["content"]
    reply = await emulator.slash(emulator.moderator, "daily set", options | {"monthly": False})
    assert "most starred" not in reply.message["content"]
    await live(starred, clock, "2026-04-01 09:00")
    assert months(emulator) == []


async def test_turned_off_and_on_again_it_is_not_repeated(
    emulator: Emulator, starred: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await live(starred, clock, "2026-04-01 09:00")
    await emulator.slash(emulator.moderator, "daily off")
    await subscribe(starred, monthly=True)
    await live(starred, clock, "2026-04-02 09:00")
    assert len(months(emulator)) == 1


@pytest.mark.parametrize(("back", "posted"), [("2026-04-04 09:00", 1), ("2026-04-08 09:00", 0)])
async def test_after_a_downtime_it_is_caught_up_within_a_week(  # noqa: PLR0917 - fixtures
    back: str, posted: int, emulator: Emulator, start_bot: StartBot, clock: Virtual, star: Star
) -> None:
    async with start_bot() as bot:
        await star(bot)
    clock.to(back)
    async with start_bot() as bot:
        await live(bot, clock, back)
        await live(bot, clock, back)
    assert len(months(emulator)) == posted


async def test_two_processes_post_once(emulator: Emulator, start_bot: StartBot, clock: Virtual, star: Star) -> None:
    async with start_bot() as one, start_bot() as two:
        await star(one)
        clock.to("2026-04-01 09:00")
        await asyncio.gather(one.daily.poster.drain(), two.daily.poster.drain())
        await asyncio.gather(*(bot.daily.monthly.drain() for bot in (one, two, one, two)))
    assert dates(emulator) == ["2026-03-30", "2026-04-01"]
    assert len(months(emulator)) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_a_refusal_is_tried_again_and_a_lost_answer_is_not_repeated(
    after: bool, emulator: Emulator, starred: MeliconBot, clock: Virtual
) -> None:
    emulator.limits.nonce_seconds = 0
    clock.to("2026-04-01 09:00")
    await starred.daily.poster.drain()
    emulator.fail_next("POST", SEND, 403, 1, body=FORBIDDEN, after=after)
    await starred.daily.monthly.drain()
    assert len(months(emulator)) == after
    for minute in (1, 2, 10):
        await live(starred, clock, f"2026-04-01 09:{minute:02}")
    assert len(months(emulator)) == 1


async def test_a_channel_that_is_closed_by_then_is_given_up_after_three_days(
    emulator: Emulator, starred: MeliconBot, clock: Virtual
) -> None:
    clock.to("2026-04-01 09:00")
    await starred.daily.poster.drain()
    emulator.set_overwrite(emulator.channel, emulator.bot, deny=Permission.SEND_MESSAGES)
    for day in range(1, 7):
        for hour in range(10, 20):
            await live(starred, clock, f"2026-04-0{day} {hour}:00")
    emulator.set_overwrite(emulator.channel, emulator.bot)
    await live(starred, clock, "2026-04-07 12:00")
    assert months(emulator) == []
