"""A server's icon is as limited as on Discord, and the bot hears of every change."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import discord
import pytest

from discord_emulator import Emulator, Permission
from discord_emulator.rest.guilds import ICON_BYTES
from tests.discord_emulator.raw import PNG, Answer, RawBot
from tests.patience import ENOUGH


def data_uri(data: bytes = PNG) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


async def edit(raw: RawBot, **changes: Any) -> Answer:
    return await raw.api("PATCH", f"/guilds/{raw.emulator.guild}", changes)


def allow(emulator: Emulator, permissions: int) -> None:
    (own,) = (role for role in emulator.core.world.guild(emulator.guild).roles.values() if role.managed_by)
    own.permissions = permissions


@pytest.mark.parametrize(
    ("icon", "error"),
    [
        ("x", "IMAGE_INVALID"),
        (7, "IMAGE_INVALID"),
        ("data:image/png;base64,%%", "IMAGE_INVALID"),
        (data_uri(b"no picture"), "IMAGE_INVALID"),
        (data_uri(PNG + bytes(ICON_BYTES)), "BINARY_TYPE_MAX_SIZE"),
    ],
)
async def test_an_invalid_icon_is_refused(icon: Any, error: str, raw: RawBot) -> None:
    answer = await edit(raw, icon=icon)
    assert (answer.status, answer.error("icon")) == (400, error)
    assert raw.emulator.core.world.guild(raw.emulator.guild).icon is None


async def test_it_takes_the_permission(raw: RawBot) -> None:
    allow(raw.emulator, int(Permission.VIEW_CHANNEL))
    answer = await edit(raw, icon=data_uri())
    assert (answer.status, answer.code) == (403, 50013)
    allow(raw.emulator, int(Permission.ADMINISTRATOR))
    assert (await edit(raw, icon=data_uri())).status == 200


async def test_changes_are_rate_limited(raw: RawBot) -> None:
    assert [(await edit(raw, icon=None)).status for _ in range(3)] == [200, 200, 429]


async def test_an_icon_is_served_by_its_hash_and_announced(
    emulator: Emulator, small_bot: discord.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discord.Asset, "BASE", emulator.cdn_url)
    guild = small_bot.get_guild(emulator.guild)
    assert guild is not None
    assert guild.icon is None
    large = PNG + bytes(3 * 2**20)
    edited = await guild.edit(icon=large)
    assert edited.icon is not None
    assert await edited.icon.read() == large
    with pytest.raises(discord.NotFound):
        await edited.icon._from_guild_icon(small_bot._connection, guild.id, "0" * 32).read()
    changed = small_bot.wait_for("guild_update", timeout=ENOUGH)
    emulator.set_guild_icon(None)
    before, after = await changed
    assert (before.icon and before.icon.key, after.icon) == (edited.icon.key, None)


async def test_an_icon_outlives_a_restart(tmp_path: Path) -> None:
    for expected, icon in ((None, PNG), (PNG, None), (None, None)):
        emulator = await Emulator.start(folder=tmp_path)
        assert emulator.core.world.guild(emulator.guild).icon == expected
        emulator.set_guild_icon(icon)
        await emulator.close()
