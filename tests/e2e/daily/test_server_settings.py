"""The icon of the day where `/settings` sets a language or a style."""

from __future__ import annotations

from pathlib import Path

import discord

from bot.client import MeliconBot
from discord_emulator import Emulator
from tests.e2e.conftest import write_weights
from tests.e2e.daily.conftest import Subscribe, Virtual
from tests.e2e.daily.posts import posts
from tests.e2e.retrain.test_styles import packed, style

STAR = "mel:v1:star:2026-03-02"


async def test_the_post_its_buttons_and_its_preview_are_in_the_servers_language(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    me = emulator.moderator
    await subscribe(bot, locale="en-US")
    await emulator.slash(me, "settings", {"language": "fr"})
    shown = await emulator.slash(me, "daily show")
    assert "In français, as `/settings` says" in shown.message["content"]
    preview = await emulator.slash(me, "daily now")
    assert "dimanche 1 mars 2026" in preview.message["content"] or "1er mars" in preview.message["content"]
    clock.to("2026-03-02 09:00")
    await bot.daily.poster.drain()
    ((_, message),) = posts(emulator)
    assert "lundi 2 mars 2026" in message["content"]
    assert "Une autre" in str(message["components"])
    reply = await emulator.press(emulator.member, message, STAR)
    assert "Une autre" in str(reply.message["components"])
    await reply.more(3)
    assert "お気に入り" in reply.followups[0]["content"], "the private answer is in the member's language"
    best = await emulator.slash(me, "daily best")
    assert not best.ephemeral
    assert "mars" in best.message["content"]
    await emulator.slash(me, "settings", {"language": "members"})
    shown = await emulator.slash(me, "daily show")
    assert "In English" in shown.message["content"]
    assert "/settings" not in shown.message["content"]
    reply = await emulator.press(emulator.member, message, STAR)
    assert "Another" in str(reply.message["components"])


async def test_the_language_is_the_one_the_server_has_in_discord(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe
) -> None:
    await subscribe(bot, locale="en-US")
    await bot.store.server_settings.change(int(emulator.guild), language="server", private=True)
    guild = bot.get_guild(int(emulator.guild))
    assert guild is not None
    guild.preferred_locale = discord.Locale.japanese
    clock.to("2026-03-02 09:00")
    await bot.daily.poster.drain()
    ((_, message),) = posts(emulator)
    assert "3月2日" in message["content"]
    assert not message["flags"] & 64, "the post is for everyone"


async def test_the_code_of_the_post_names_the_style_where_the_servers_is_another(
    emulator: Emulator, bot: MeliconBot, clock: Virtual, subscribe: Subscribe, tmp_path: Path
) -> None:
    await style(emulator, "import", file=packed(write_weights(tmp_path / "fan.safetensors", style="fan")))
    await emulator.slash(emulator.moderator, "settings", {"style": "fan"})
    await subscribe(bot)
    clock.to("2026-03-02 09:00")
    await bot.daily.poster.drain()
    ((day, message),) = posts(emulator)
    icon = await bot.store.daily_icons.get(day)
    assert icon is not None
    assert f"`{icon.code}/patches`" in message["content"]
