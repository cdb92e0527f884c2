"""The icon of the day as the server's icon: set after the post, once a date, and restored without loss."""

from __future__ import annotations

import asyncio
import io
import logging
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.client import MeliconBot
from discord_emulator import Emulator, Permission, Reply
from tests.e2e.conftest import StartBot
from tests.e2e.daily.conftest import Subscribe, Virtual
from tests.e2e.daily.posts import dates
from tests.e2e.daily.worker import Patches

GUILD = r"^/guilds/\d+$"


def plain(colour: str) -> bytes:
    """Return an icon of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), colour).save(buffer, "PNG")
    return buffer.getvalue()


OWN, OTHER = plain("red"), plain("blue")


async def set_up(emulator: Emulator, **changes: Any) -> Reply:
    """Run `/daily set` as the moderator, for nine in UTC."""
    options = {"channel": emulator.channel, "time": "9:00", "timezone": "UTC"}
    return await emulator.slash(emulator.moderator, "daily set", options | changes)


async def off(emulator: Emulator) -> str:
    """Run `/daily off` and return the reply."""
    return str((await emulator.slash(emulator.moderator, "daily off")).message["content"])


async def show(emulator: Emulator) -> str:
    """Run `/daily show` and return the reply."""
    return str((await emulator.slash(emulator.moderator, "daily show")).message["content"])


async def live(bot: MeliconBot, clock: Virtual, now: str) -> None:
    """Let the bot do at a moment what it does in each minute."""
    clock.to(now)
    await bot.daily.poster.drain()
    await bot.daily.server_icons.drain()


def icon(emulator: Emulator) -> bytes | None:
    """Return the server's icon."""
    return emulator.core.world.guild(emulator.guild).icon


def changes(emulator: Emulator) -> list[int]:
    """Return the statuses of the requests that change the server."""
    path = f"/guilds/{emulator.guild}"
    return [r.status for r in emulator.requests if r.method == "PATCH" and r.path == path]


def allow(emulator: Emulator, allowed: bool) -> None:
    """Grant the bot Manage Server, or take it away."""
    roles = emulator.core.world.guild(emulator.guild).roles.values()
    (own,) = (role for role in roles if role.managed_by)
    bit = int(Permission.MANAGE_GUILD)
    own.permissions = own.permissions | bit if allowed else own.permissions & ~bit


async def test_after_the_post_its_icon_is_the_servers_and_off_restores_the_own_one(
    emulator: Emulator, bot: MeliconBot, clock: Virtual
) -> None:
    emulator.set_guild_icon(OWN)
    reply = await set_up(emulator, server_icon=True)
    assert "the server’s icon" in reply.message["content"]
    assert icon(emulator) == OWN, "there has been no post yet"
    shown = []
    for day in (2, 3):
        await live(bot, clock, f"2026-03-0{day} 09:00")
        await live(bot, clock, f"2026-03-0{day} 09:01")
        shown.append(icon(emulator))
        assert len(changes(emulator)) == day - 1, "once a date"
    assert dates(emulator) == ["2026-03-02", "2026-03-03"]
    assert len({OWN, *shown}) == 3
    picture = Image.open(io.BytesIO(shown[1] or b""))
    assert (picture.format, picture.size) == ("PNG", (512, 512))
    assert "own icon again" in await off(emulator)
    assert icon(emulator) == OWN
    assert "icon again" not in await off(emulator), "there is nothing left to restore"
    await live(bot, clock, "2026-03-04 09:00")
    assert icon(emulator) == OWN


async def test_a_server_without_an_icon_has_none_again(emulator: Emulator, bot: MeliconBot, clock: Virtual) -> None:
    await set_up(emulator, server_icon=True)
    await live(bot, clock, "2026-03-02 09:00")
    assert icon(emulator) is not None
    reply = await set_up(emulator, server_icon=False)
    assert "own icon again" in reply.message["content"]
    assert icon(emulator) is None
    await live(bot, clock, "2026-03-03 09:00")
    assert len(dates(emulator)) == 2, "the posts go on"
    assert icon(emulator) is None


async def test_the_option_keeps_its_value_until_it_is_given_again(emulator: Emulator, bot: MeliconBot) -> None:
    assert "the server’s icon" not in (await set_up(emulator)).message["content"]
    await set_up(emulator, server_icon=True)
    assert "the server’s icon" in (await set_up(emulator, message="Good morning")).message["content"]


@pytest.mark.parametrize("manual", [OTHER, None])
async def test_an_icon_that_somebody_set_by_hand_is_not_overwritten(
    manual: bytes | None, emulator: Emulator, bot: MeliconBot, clock: Virtual
) -> None:
    emulator.set_guild_icon(OWN)
    await set_up(emulator, server_icon=True)
    await live(bot, clock, "2026-03-02 09:00")
    emulator.set_guild_icon(manual)
    assert "somebody has changed it" in await off(emulator)
    assert icon(emulator) == manual
    assert len(changes(emulator)) == 1


async def test_an_icon_set_by_hand_between_two_posts_is_the_one_to_restore(
    emulator: Emulator, bot: MeliconBot, clock: Virtual
) -> None:
    emulator.set_guild_icon(OWN)
    await set_up(emulator, server_icon=True)
    await live(bot, clock, "2026-03-02 09:00")
    emulator.set_guild_icon(OTHER)
    await live(bot, clock, "2026-03-03 09:00")
    assert icon(emulator) not in {OWN, OTHER}
    await off(emulator)
    assert icon(emulator) == OTHER


async def test_without_the_permission_it_is_refused_with_its_name(emulator: Emulator, bot: MeliconBot) -> None:
    allow(emulator, False)
    reply = await set_up(emulator, server_icon=True)
    assert reply.ephemeral
    assert "**Manage Server**" in reply.message["content"]
    assert await bot.store.subscriptions.get(emulator.guild) is None
    assert "Every day" in (await set_up(emulator, server_icon=False)).message["content"]


async def test_a_permission_lost_later_stops_no_post_and_is_noted_once(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, caplog: pytest.LogCaptureFixture
) -> None:
    emulator.set_guild_icon(OWN)
    await set_up(emulator, server_icon=True)
    allow(emulator, False)
    before = len(emulator.messages())
    with caplog.at_level(logging.INFO, "bot.features.daily"):
        for minute in range(0, 50, 5):
            await live(bot, clock, f"2026-03-02 09:{minute:02}")
    assert dates(emulator) == ["2026-03-02"]
    assert len(emulator.messages()) == before + 1, "nothing but the post"
    assert emulator.messages(emulator.direct_channel(emulator.moderator)) == []
    assert caplog.text.count("server's icon: missing permission") == 1
    assert icon(emulator) == OWN
    assert (await show(emulator)).count("**Manage Server**") == 1
    allow(emulator, True)
    await live(bot, clock, "2026-03-02 12:00")
    assert icon(emulator) != OWN
    assert "Manage Server" not in await show(emulator)


async def test_a_permission_lost_before_off_is_named_and_the_own_icon_comes_back_later(
    emulator: Emulator, bot: MeliconBot, clock: Virtual
) -> None:
    emulator.set_guild_icon(OWN)
    await set_up(emulator, server_icon=True)
    await live(bot, clock, "2026-03-02 09:00")
    allow(emulator, False)
    assert "**Manage Server**" in await off(emulator)
    allow(emulator, True)
    await live(bot, clock, "2026-03-02 09:05")
    assert icon(emulator) == OWN


@pytest.mark.parametrize("status", [429, 500, 400])
async def test_a_refusal_of_discord_delays_no_post_and_is_tried_again(  # noqa: PLR0917 - fixtures
    status: int, emulator: Emulator, bot: MeliconBot, clock: Virtual, monkeypatch: pytest.MonkeyPatch,
    subscribe: Subscribe,
) -> None:  # fmt: skip
    monkeypatch.setattr("bot.features.daily.server_icons.CHANGE_SECONDS", 1.0)
    await subscribe(bot, server_icon=True)
    elsewhere = emulator.add_guild("Elsewhere")
    await subscribe(bot, minute=541, guild=elsewhere, server_icon=True)
    times = 6 if status == 500 else 1
    emulator.fail_next("PATCH", GUILD, status, times, retry_after=3600, body={"code": 50035, "message": "Invalid"})
    await live(bot, clock, "2026-03-02 09:00")
    assert dates(emulator) == ["2026-03-02"]
    assert icon(emulator) is None
    assert "I will try again" in await show(emulator)
    clock.to("2026-03-02 09:02")
    await bot.daily.poster.drain()
    assert len(dates(emulator, next(iter(elsewhere.channels)))) == 1
    if status == 400:  # discord.py itself waits for the hour of the 429, and repeats the 500 slowly
        await bot.daily.server_icons.drain()
        assert icon(emulator) is not None
    else:
        assert "somebody" not in await off(emulator), "it was never changed"


async def test_posts_do_not_wait_while_discord_holds_back_an_icon(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot, server_icon=True)
    elsewhere = emulator.add_guild("Elsewhere")
    await subscribe(bot, minute=541, guild=elsewhere)
    emulator.fail_next("PATCH", GUILD, 429, 1, retry_after=3600)
    clock.to("2026-03-02 09:00")
    await bot.daily.poster.drain()
    bot.daily._follow()
    while not changes(emulator):  # noqa: ASYNC110 - requests notify nobody
        await asyncio.sleep(0.02)
    clock.to("2026-03-02 09:01")
    await bot.daily.poster.drain()
    bot.daily._follow()  # the first one is still waiting
    assert len(dates(emulator, next(iter(elsewhere.channels)))) == 1
    assert changes(emulator) == [429]


@pytest.mark.parametrize("where", ["before", "after"])
async def test_a_change_that_was_interrupted_is_finished_by_the_next_process(  # noqa: PLR0917 - fixtures
    where: str, emulator: Emulator, start_bot: StartBot, clock: Virtual, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    emulator.set_guild_icon(OWN)

    async def lost(*_: object) -> None:
        raise asyncio.CancelledError

    async with start_bot() as bot:
        await set_up(emulator, server_icon=True)
        broken = (bot.store.server_icons, "changed") if where == "after" else (bot.daily.server_icons, "_set")
        monkeypatch.setattr(*broken, lost)
        with pytest.raises(asyncio.CancelledError):
            await live(bot, clock, "2026-03-02 09:00")
    assert len(changes(emulator)) == (where == "after")
    monkeypatch.undo()
    monkeypatch.setattr("bot.client.utc_now", clock)
    monkeypatch.setattr("bot.inference.studio._load", lambda _: Patches())
    async with start_bot() as bot:
        await live(bot, clock, "2026-03-02 09:05")
        assert changes(emulator) == [200], "once"
        assert icon(emulator) != OWN
        assert "own icon again" in await off(emulator), "it knows its own icon"
    assert icon(emulator) == OWN


async def test_an_icon_set_just_before_a_crash_is_restored_by_off(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.set_guild_icon(OWN)
    await set_up(emulator, server_icon=True)

    async def lost(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(bot.store.server_icons, "changed", lost)
        with pytest.raises(asyncio.CancelledError):
            await live(bot, clock, "2026-03-02 09:00")
    assert "try again" in await off(emulator), "the lease of the lost attempt"
    await live(bot, clock, "2026-03-02 09:02")
    assert icon(emulator) == OWN


async def test_two_processes_change_it_once(
    emulator: Emulator, start_bot: StartBot, clock: Virtual, subscribe: Subscribe
) -> None:
    async with start_bot() as one, start_bot() as two:
        await subscribe(one, server_icon=True)
        clock.to("2026-03-02 09:00")
        await asyncio.gather(one.daily.poster.drain(), two.daily.poster.drain())
        await asyncio.gather(*(bot.daily.server_icons.drain() for bot in (one, two, one, two)))
    assert dates(emulator) == ["2026-03-02"]
    assert changes(emulator) == [200]


async def test_an_icon_that_cannot_be_saved_is_not_replaced(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.features.daily.server_icons.MOST_BYTES", 10)
    emulator.set_guild_icon(OWN)
    await subscribe(bot, server_icon=True)
    await live(bot, clock, "2026-03-02 09:00")
    assert dates(emulator) == ["2026-03-02"]
    assert icon(emulator) == OWN
    assert "more than 10 bytes" in await show(emulator)
