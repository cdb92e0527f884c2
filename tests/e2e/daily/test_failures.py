"""Channels that fail, answers that are lost, a bot that was away: what is made good, and what is let go."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator, Permission
from tests.e2e.conftest import StartBot
from tests.e2e.daily.conftest import Subscribe, Virtual
from tests.e2e.daily.posts import dates, posts

SEND = r"/channels/\d+/messages$"
FORBIDDEN = {"code": 50013, "message": "Missing Permissions"}


async def live(bot: MeliconBot, clock: Virtual, hours: float, step: float = 5) -> None:
    """Tick every `step` minutes for so long."""
    end = clock.now + timedelta(hours=hours)
    while clock.now < end:
        await bot.daily.poster.drain()
        clock.now += timedelta(minutes=step)


def told(emulator: Emulator, user: object) -> list[str]:
    """Return what the bot has said to a person in private."""
    return [m["content"] for m in emulator.messages(emulator.direct_channel(user))]  # type: ignore[arg-type]  # a persona


async def test_a_bad_moment_is_made_good_within_minutes(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot)
    emulator.fail_next("POST", SEND, 403, 2, body=FORBIDDEN)
    clock.to("2026-03-02 09:00")
    await bot.daily.poster.drain()
    await bot.daily.poster.drain()
    assert dates(emulator) == [], "not again at once"
    await live(bot, clock, 0.2, step=1)
    assert dates(emulator) == ["2026-03-02"]
    subscription = await bot.store.subscriptions.get(emulator.guild)
    assert subscription is not None
    assert (subscription.failed_days, subscription.paused_at) == (0, None)


async def test_one_that_fails_does_not_hold_up_the_others(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    places = [emulator.add_guild(f"Club {n}") for n in range(40)]
    for guild in places:
        await subscribe(bot, guild=guild)
    channels = [next(iter(guild.channels)) for guild in places]
    for channel in channels[:5]:
        emulator.set_overwrite(channel, emulator.bot, deny=Permission.SEND_MESSAGES)
    clock.to("2026-03-02 09:00")
    await bot.daily.poster.drain()
    assert [len(dates(emulator, channel)) for channel in channels] == [0] * 5 + [1] * 35


async def test_an_answer_that_is_lost_makes_no_second_post(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot)
    emulator.limits.nonce_seconds = 0  # Discord has forgotten the nonce by the time of the next attempt
    emulator.fail_next("POST", SEND, 403, 1, body=FORBIDDEN, after=True)
    clock.to("2026-03-02 09:00")
    await live(bot, clock, 2)
    assert dates(emulator) == ["2026-03-02"]
    post = await bot.store.claims.find(emulator.guild, posts(emulator)[0][0])
    assert post is not None
    assert (post.state, post.message_id) == ("posted", int(posts(emulator)[0][1]["id"]))


async def test_after_three_days_it_pauses_and_the_setter_is_told_once_and_setting_it_again_goes_on(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot)
    emulator.set_overwrite(emulator.channel, emulator.bot, deny=Permission.SEND_MESSAGES)
    clock.to("2026-03-02 09:00")
    await live(bot, clock, 48, step=15)
    assert told(emulator, emulator.moderator) == [], "two days may be an accident"
    await live(bot, clock, 5 * 24, step=60)
    (message,) = told(emulator, emulator.moderator)
    assert "paused" in message
    assert f"<#{emulator.channel}>" in message
    assert "/daily set" in message
    assert told(emulator, emulator.owner) == []
    shown = (await emulator.slash(emulator.moderator, "daily show")).message["content"]
    assert "Paused since" in shown
    tried = len([r for r in emulator.requests if r.method == "POST" and f"channels/{emulator.channel}/mess" in r.path])
    await live(bot, clock, 48, step=60)
    after = len([r for r in emulator.requests if r.method == "POST" and f"channels/{emulator.channel}/mess" in r.path])
    assert after == tried, "paused is paused"
    emulator.set_overwrite(emulator.channel, emulator.bot)
    await emulator.slash(
        emulator.moderator, "daily set", {"channel": emulator.channel, "time": "9:00", "timezone": "UTC"}
    )
    await live(bot, clock, 49, step=60)
    assert len(dates(emulator)) == 2


async def test_where_the_setter_takes_no_messages_the_owner_is_told(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot, channel_id=1)  # deleted since
    emulator.fail_next("POST", r"/users/@me/channels$", 403, 1, body={"code": 50007, "message": "Cannot send"})
    clock.to("2026-03-02 09:00")
    await live(bot, clock, 4 * 24, step=60)
    assert told(emulator, emulator.moderator) == []
    assert len(told(emulator, emulator.owner)) == 1


@pytest.mark.parametrize(
    ("back", "hours", "posted"),
    [
        ("2026-03-02 23:30", 24.0, ["2026-03-02"]),
        ("2026-03-03 00:00", 24.0, []),
        ("2026-03-03 09:00", 24.0, ["2026-03-03"]),
        ("2026-03-02 10:30", 1.0, []),
        ("2026-03-02 09:50", 1.0, ["2026-03-02"]),
    ],
)
async def test_what_was_missed_while_the_bot_was_away_comes_while_its_day_lasts_or_is_logged(  # noqa: PLR0917 - fixtures
    back: str, hours: float, posted: list[str], emulator: Emulator, start_bot: StartBot, clock: Virtual,
    subscribe: Subscribe, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    async with start_bot() as bot:
        await subscribe(bot)
    clock.to(back)
    with caplog.at_level(logging.WARNING, "bot.features.daily"):
        async with start_bot(daily_catch_up_hours=hours) as bot:
            await bot.daily.poster.drain()
    assert dates(emulator) == posted
    assert ("icon of the day for 2026-03-02" in caplog.text) == (posted != ["2026-03-02"])


async def test_a_clock_that_is_set_back_brings_no_second_post(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot)
    clock.to("2026-03-02 09:00")
    await bot.daily.poster.drain()
    clock.to("2026-03-01 08:00")
    await live(bot, clock, 26, step=30)
    assert dates(emulator) == ["2026-03-02"]


async def test_the_owner_of_one_server_needs_no_commands(
    emulator: Emulator, start_bot: StartBot, clock: Virtual
) -> None:
    ours = {"daily_channel_id": emulator.channel, "daily_time": "9am", "daily_timezone": "Asia/Tokyo"}
    ours |= {"daily_language": "ja"}
    async with start_bot(**ours) as bot:
        await bot.daily._prepare()
        clock.to("2026-03-02 00:00")
        await bot.daily.poster.drain()
        refused = await emulator.slash(emulator.moderator, "daily off")
        assert "DAILY_CHANNEL_ID" in refused.message["content"]
    clock.to("2026-03-03 06:00")
    async with start_bot(**ours) as bot:
        await bot.daily._prepare()
        await bot.daily.poster.drain()
    assert dates(emulator) == ["2026-03-02", "2026-03-03"], "also what was missed while it was down"
    assert "2026年3月2日" in posts(emulator)[0][1]["content"], "in the language of the settings"
    clock.to("2026-03-04 06:00")
    async with start_bot() as bot:
        await bot.daily._prepare()
        await bot.daily.poster.drain()
        assert await bot.store.subscriptions.get(emulator.guild) is None, "what the settings say no more has ended"
    assert len(dates(emulator)) == 2
