"""`/daily` as those use it who manage a server, and as others try to."""

from __future__ import annotations

import asyncio
import re
from datetime import date
from typing import Any

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator, Permission, Reply, UsageError
from discord_emulator.invoke import use_command
from tests.e2e.conftest import StartBot
from tests.e2e.daily.conftest import Virtual
from tests.e2e.daily.posts import dates, labels
from tests.patience import ENOUGH

TOKYO = {"time": "9:00", "timezone": "Asia/Tokyo"}


async def set_up(emulator: Emulator, **changes: Any) -> Reply:
    """Run `/daily set` as the moderator, for nine in Tokyo if nothing else is said."""
    return await emulator.slash(emulator.moderator, "daily set", {"channel": emulator.channel} | TOKYO | changes)


async def test_from_the_next_time_on_there_is_an_icon_every_day(
    emulator: Emulator, bot: MeliconBot, clock: Virtual
) -> None:
    reply = await set_up(emulator)
    assert reply.ephemeral
    assert f"**09:00** (Asia/Tokyo) in <#{emulator.channel}>" in reply.message["content"]
    assert "<t:1772409600:F>" in reply.message["content"], "2026-03-02 00:00 UTC"
    for now, posted in (
        ("2026-03-01 23:59", []),
        ("2026-03-02 00:00", ["2026-03-02"]),
        ("2026-03-02 23:59", ["2026-03-02"]),
        ("2026-03-03 00:00", ["2026-03-02", "2026-03-03"]),
    ):
        clock.to(now)
        await bot.daily.poster.drain()
        assert dates(emulator) == posted, now


@pytest.mark.parametrize(("time", "shown"), [("9am", "09:00"), ("21h30", "21:30"), ("00:30", "00:30"), ("９", "09:00")])
async def test_a_time_may_be_written_as_one_likes(time: str, shown: str, emulator: Emulator, bot: MeliconBot) -> None:
    assert f"**{shown}**" in (await set_up(emulator, time=time)).message["content"]


@pytest.mark.parametrize("time", ["25:00", "soon", "9:60", "13pm", "-1", "@everyone"])
async def test_a_bad_time_is_refused_with_an_example(time: str, emulator: Emulator, bot: MeliconBot) -> None:
    reply = await set_up(emulator, time=time)
    assert reply.ephemeral
    assert time in reply.message["content"]
    assert "`9:00`" in reply.message["content"]
    assert await bot.store.subscriptions.get(emulator.guild) is None


@pytest.mark.parametrize("zone", ["Atlantis", "+19:00", "Asia", "../../etc/passwd"])
async def test_a_bad_zone_is_refused_with_an_example(zone: str, emulator: Emulator, bot: MeliconBot) -> None:
    reply = await set_up(emulator, timezone=zone)
    assert reply.ephemeral
    assert "`Europe/Paris`" in reply.message["content"]
    assert await bot.store.subscriptions.get(emulator.guild) is None


@pytest.mark.parametrize(("typed", "zone"), [("Japan", "Asia/Tokyo"), ("EST", "America/New_York")])
async def test_a_zone_may_be_named_as_people_do(typed: str, zone: str, emulator: Emulator, bot: MeliconBot) -> None:
    assert f"({zone})" in (await set_up(emulator, timezone=typed)).message["content"]


async def test_a_country_of_several_zones_is_answered_with_them(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await set_up(emulator, timezone="USA")
    assert reply.ephemeral
    assert "for example `America/New_York`, `America/Chicago`" in reply.message["content"]
    assert await bot.store.subscriptions.get(emulator.guild) is None


async def test_a_post_speaks_the_language_that_was_chosen(emulator: Emulator, bot: MeliconBot, clock: Virtual) -> None:
    assert "In English" in (await set_up(emulator)).message["content"], "the server's"
    assert "In français" in (await set_up(emulator, language="fr")).message["content"]
    assert "In français" in (await emulator.slash(emulator.moderator, "daily show")).message["content"]
    preview = await emulator.slash(emulator.moderator, "daily now")
    clock.to("2026-03-02 00:00")
    await bot.daily.poster.drain()
    (message,) = (m for m in emulator.messages() if "star:2026-03-02" in str(m["components"]))
    assert "lundi 2 mars 2026" in message["content"]
    assert "mars 2026" in preview.message["content"]
    # whoever presses, the post stays in its language
    await emulator.press(emulator.member, message, "mel:v1:star:2026-03-02")
    (after,) = (m for m in emulator.messages() if m["id"] == message["id"])
    assert labels(after) == labels(message) | {"mel:v1:star:2026-03-02": "1"}


async def test_zones_are_suggested_by_city_country_and_time_with_what_the_clock_shows_there(
    emulator: Emulator, bot: MeliconBot
) -> None:
    async def suggested(typed: str) -> list[dict[str, Any]]:
        return await emulator.autocomplete(emulator.moderator, "daily set", focused="timezone", value=typed)

    assert (await suggested("kyo"))[0] == {"name": "Asia/Tokyo · 21:00", "value": "Asia/Tokyo"}
    assert "Asia/Tokyo" in [choice["value"] for choice in await suggested("japan")]
    assert "Asia/Tokyo" in [choice["value"] for choice in await suggested("21:00")]
    for typed in ("", "zzz", "x" * 3000):
        assert len(await suggested(typed)) <= 25


@pytest.mark.parametrize("what", ["set", "off", "show", "now"])
async def test_only_those_who_manage_the_server_may(what: str, emulator: Emulator, bot: MeliconBot) -> None:
    options: dict[str, Any] = {"channel": emulator.channel} | TOKYO if what == "set" else {}
    for user in (emulator.member, emulator.stranger):
        with pytest.raises(UsageError):
            await emulator.slash(user, f"daily {what}", options)
    # a server may show the command to everybody; it is theirs to see, but not to use
    channel = emulator.core.world.channel(emulator.channel)
    command = emulator.core.commands.find(emulator.moderator, channel, "daily")
    typed: list[dict[str, Any]] = [{"name": k, "value": v} for k, v in options.items()]
    nested = [{"name": what, "type": 1, "options": typed}]
    interaction = use_command(emulator.core, emulator.stranger, channel, command, options=nested, files={})
    await interaction.wait(lambda: interaction.settled, ENOUGH)
    reply = Reply(emulator.core, interaction)
    assert reply.ephemeral
    assert "gérer" in reply.message["content"], "in the stranger's language"
    assert await bot.store.subscriptions.get(emulator.guild) is None


@pytest.mark.parametrize(
    ("denied", "named"),
    [
        (Permission.SEND_MESSAGES, "Send Messages"),
        (Permission.ATTACH_FILES, "Attach Files"),
        (Permission.VIEW_CHANNEL, "View Channel"),
        (Permission.READ_MESSAGE_HISTORY, "Read Message History"),
    ],
)
async def test_where_the_bot_may_not_post_or_attach_it_says_what_it_needs(
    denied: Permission, named: str, emulator: Emulator, bot: MeliconBot
) -> None:
    elsewhere = next(channel for channel in emulator.channels.values() if channel != emulator.channel)
    emulator.set_overwrite(elsewhere, emulator.bot, deny=denied)
    reply = await set_up(emulator, channel=elsewhere)
    assert reply.ephemeral
    assert f"**{named}**" in reply.message["content"]
    assert f"<#{elsewhere}>" in reply.message["content"]
    assert await bot.store.subscriptions.get(emulator.guild) is None


async def test_a_role_is_pinged_and_the_servers_own_words_stand_above(
    emulator: Emulator, bot: MeliconBot, clock: Virtual
) -> None:
    world = emulator.core.world
    role = world.add_role(world.guild(emulator.guild), "Early birds", 0)
    refused = await set_up(emulator, role=role.id)
    assert "can’t ping" in refused.message["content"], "a role that not everyone may mention"
    assert "everyone" in (await set_up(emulator, role=emulator.guild)).message["content"]
    emulator.set_overwrite(emulator.channel, emulator.bot, allow=Permission.MENTION_EVERYONE)
    told = await set_up(emulator, role=role.id, message="Bonjour @everyone, **voilà** !")
    assert f"<@&{role.id}>" in told.message["content"]
    clock.to("2026-03-02 00:00")
    await bot.daily.poster.drain()
    (message,) = (m for m in emulator.messages() if "2026-03-02" in str(m["components"]))
    assert message["content"].startswith(f"<@&{role.id}>\nBonjour")
    assert message["mention_roles"] == [str(role.id)]
    assert not message["mention_everyone"]


async def test_setting_it_twice_at_once_leaves_one_and_one_post(
    emulator: Emulator, bot: MeliconBot, clock: Virtual
) -> None:
    replies = await asyncio.gather(set_up(emulator), set_up(emulator, time="9:30"), set_up(emulator))
    assert all("**09:" in reply.message["content"] for reply in replies)
    clock.to("2026-03-02 01:00")
    await asyncio.gather(*(bot.daily.poster.drain() for _ in range(3)))
    assert dates(emulator) == ["2026-03-02"]


async def test_changing_time_or_zone_after_the_post_brings_no_second_one(
    emulator: Emulator, bot: MeliconBot, clock: Virtual
) -> None:
    await set_up(emulator)
    clock.to("2026-03-02 00:00")
    await bot.daily.poster.drain()
    await set_up(emulator, time="9:30")
    await set_up(emulator, time="9:00", timezone="Europe/Paris")
    await emulator.slash(emulator.moderator, "daily off")
    await set_up(emulator, time="9:00", timezone="America/Los_Angeles")
    for now in ("2026-03-02 00:30", "2026-03-02 09:00", "2026-03-02 18:00"):
        clock.to(now)
        await bot.daily.poster.drain()
    assert dates(emulator) == ["2026-03-02"]
    clock.to("2026-03-03 17:00")
    await bot.daily.poster.drain()
    assert dates(emulator) == ["2026-03-02", "2026-03-03"]


async def test_turned_off_it_stays_off(emulator: Emulator, bot: MeliconBot, clock: Virtual) -> None:
    assert "/daily set" in (await emulator.slash(emulator.moderator, "daily off")).message["content"]
    await set_up(emulator)
    assert (await emulator.slash(emulator.moderator, "daily off")).ephemeral
    clock.to("2026-03-02 12:00")
    await bot.daily.poster.drain()
    assert dates(emulator) == []
    assert "/daily set" in (await emulator.slash(emulator.moderator, "daily show")).message["content"]


async def test_what_was_set_is_there_after_a_restart(emulator: Emulator, start_bot: StartBot, clock: Virtual) -> None:
    async with start_bot():
        await set_up(emulator)
    async with start_bot() as bot:
        shown = await emulator.slash(emulator.moderator, "daily show")
        assert "**09:00** (Asia/Tokyo)" in shown.message["content"]
        clock.to("2026-03-02 00:00")
        await bot.daily.poster.drain()
        shown = await emulator.slash(emulator.moderator, "daily show")
    assert dates(emulator) == ["2026-03-02"]
    (message,) = (m for m in emulator.messages() if "2026-03-02" in str(m["components"]))
    assert f"/{emulator.channel}/{message['id']}" in shown.message["content"], "a link to the last one"


async def test_now_shows_the_asker_alone_what_the_others_get_later(
    emulator: Emulator, bot: MeliconBot, clock: Virtual
) -> None:
    await set_up(emulator)
    clock.to("2026-03-01 23:00")  # the 2nd already in Tokyo
    preview = await emulator.slash(emulator.moderator, "daily now")
    assert preview.ephemeral
    assert "2 March 2026" in preview.message["content"]
    assert "star" not in str(preview.message["components"])
    clock.to("2026-03-02 00:00")
    await bot.daily.poster.drain()
    (message,) = (m for m in emulator.messages() if "star:2026-03-02" in str(m["components"]))
    same = [await emulator.attachment_bytes(m) for m in (preview.message, message)]
    assert same[0] == same[1]
    icon = await bot.store.daily_icons.get(date(2026, 3, 2))
    assert icon is not None
    assert re.search(rf"`{re.escape(icon.code)}\b", message["content"])


async def test_the_log_says_by_whose_rules_clocks_change(
    emulator: Emulator, start_bot: StartBot, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "bot.features.daily")
    async with start_bot():
        pass
    assert "time zone rules from " in caplog.text
