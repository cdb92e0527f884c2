"""➕ below a downloaded file: an emoji or a sticker of the server, who may add one, and full servers."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from bot.client import MeliconBot
from bot.errors import Refusal
from bot.features.icons.download_files import KINDS as FILES
from bot.features.icons.download_files import _with_other_eyes, make_file
from discord_emulator import Emulator
from discord_emulator.actions import Who
from discord_emulator.model import Expression, Guild
from discord_emulator.permissions import Permission
from gan.codes import IconCode
from gan.rendering import read_code
from tests.e2e.conftest import StartBot
from tests.e2e.test_bot_buttons import menu_values, press

KINDS = ("emoji", "sticker")


async def downloaded(emulator: Emulator, user: Who, kind: str, channel: int | None = None) -> dict[str, Any]:
    """Return the message with a file of this kind."""
    drawn = await emulator.slash(user, "melicon", {"seed": "123~4"}, channel=channel)
    menu = await press(emulator, user, drawn.message, "sizes")
    return (await press(emulator, user, menu.message, "size", kind)).message


def guild_of(emulator: Emulator) -> Guild:
    """Return the server."""
    return emulator.core.world.guilds[emulator.guild]


def withdraw(emulator: Emulator, *, from_bot: bool) -> None:
    """Take the permission to add emojis and stickers from the bot's role, or from the others."""
    for role in guild_of(emulator).roles.values():
        if bool(role.managed_by) == from_bot:
            role.permissions &= ~int(Permission.CREATE_GUILD_EXPRESSIONS)


def of(emulator: Emulator, kind: str) -> list[Expression]:
    """Return the server's emojis or stickers."""
    return list((guild_of(emulator).emojis if kind == "emoji" else guild_of(emulator).stickers).values())


@pytest.mark.parametrize("kind", KINDS)
async def test_who_may_add_them_adds_it_after_a_restart(kind: str, emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        message = await downloaded(emulator, emulator.moderator, kind)
    async with start_bot():
        reply = await press(emulator, emulator.moderator, message, "add")
        assert reply.ephemeral
    (added,) = of(emulator, kind)
    side, name = {"emoji": (128, "tiny_123_v4"), "sticker": (320, "tiny 123-v4")}[kind]
    assert added.name == name
    assert Image.open(io.BytesIO(added.image)).size == (side, side)
    assert (read_code(added.image) or "").startswith("123~4/tiny#")
    assert name in reply.message["content"]
    assert (f"<:{name}:{added.id}>" in reply.message["content"]) == (kind == "emoji")


@pytest.mark.parametrize("kind", KINDS)
async def test_others_are_not_offered_it_nor_may_they_add_it(kind: str, emulator: Emulator, bot: MeliconBot) -> None:
    assert not (await downloaded(emulator, emulator.stranger, kind))["components"]
    offered = await downloaded(emulator, emulator.moderator, kind)
    withdraw(emulator, from_bot=False)
    reply = await press(emulator, emulator.moderator, offered, "add")
    assert "You need the permission **Create Expressions**" in reply.message["content"]
    assert not of(emulator, kind)


@pytest.mark.parametrize("kind", KINDS)
async def test_without_the_permission_the_bot_names_it(kind: str, emulator: Emulator, bot: MeliconBot) -> None:
    message = await downloaded(emulator, emulator.moderator, kind)
    withdraw(emulator, from_bot=True)
    reply = await press(emulator, emulator.moderator, message, "add")
    assert "I need the permission **Create Expressions**" in reply.message["content"]
    assert not of(emulator, kind)


@pytest.mark.parametrize(("kind", "limit"), [("emoji", 50), ("sticker", 5)])
async def test_a_full_server_is_told_its_limit(kind: str, limit: int, emulator: Emulator, bot: MeliconBot) -> None:
    message = await downloaded(emulator, emulator.moderator, kind)
    kept = guild_of(emulator).emojis if kind == "emoji" else guild_of(emulator).stickers
    kept |= {number: Expression(number, "other") for number in range(limit)}
    reply = await press(emulator, emulator.moderator, message, "add")
    assert f"All {limit} {kind} slots" in reply.message["content"]
    assert len(kept) == limit


async def test_a_blinking_sticker_has_open_and_closed_eyes(emulator: Emulator, described_bot: MeliconBot) -> None:
    message = await downloaded(emulator, emulator.moderator, "blinking")
    data = await emulator.attachment_bytes(message)
    assert len(data) <= 512 * 1024
    picture = Image.open(io.BytesIO(data))
    assert (picture.size, getattr(picture, "n_frames", 1)) == ((320, 320), 2)
    code = IconCode.parse(read_code(data) or "")
    assert str(code.bare) == "123~4"
    times = []
    for number in range(2):
        picture.seek(number)
        times.append(picture.info["duration"])
    assert times[0] > 10 * times[1]
    await press(emulator, emulator.moderator, message, "add")
    (added,) = of(emulator, "sticker")
    assert added.image == data


async def test_a_style_without_attributes_has_no_blinking_sticker(emulator: Emulator, bot: MeliconBot) -> None:
    drawn = await emulator.slash(emulator.moderator, "melicon", {"seed": "123"})
    menu = await press(emulator, emulator.moderator, drawn.message, "sizes")
    assert "blinking" not in menu_values(menu.message)


async def test_eyes_that_are_closed_open_and_those_of_other_styles_are_refused(
    bot: MeliconBot, described_bot: MeliconBot
) -> None:
    kind = FILES["blinking"]
    with pytest.raises(Refusal, match="no_eyes"):
        await make_file(bot, IconCode.parse("1"), kind, 1)
    told = {
        seed: described_bot.studio.sampler_for(IconCode.from_seed(seed)).describe(IconCode.from_seed(seed))["eyes"]
        for seed in range(60)
    }
    for eyes in ("calm", "happy", "squeezed", "round", "wink"):
        seed = next(seed for seed, value in told.items() if value == eyes)
        other = _with_other_eyes(described_bot, IconCode.from_seed(seed))
        wanted = "round" if eyes in ("calm", "happy", "squeezed") else "calm"
        assert described_bot.studio.sampler_for(other).describe(other)["eyes"] == wanted


async def test_an_icon_with_as_many_tweaks_as_possible_cannot_blink(described_bot: MeliconBot) -> None:
    names = [name for name in described_bot.studio.attributes if name != "eyes"][:8]
    full = IconCode.parse("1" + "".join(f"+{name}:1" for name in names))
    with pytest.raises(Refusal, match="code"):
        await make_file(described_bot, full, FILES["blinking"], 1)


async def test_in_direct_messages_there_is_nothing_to_add_to(emulator: Emulator, bot: MeliconBot) -> None:
    private = emulator.direct_channel(emulator.moderator)
    message = await downloaded(emulator, emulator.moderator, "emoji", private)
    assert not message["components"]


async def test_discords_rate_limit_is_not_waited_out(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await downloaded(emulator, emulator.moderator, "emoji")
    monkeypatch.setattr("bot.features.icons.uploads._PATIENCE", 0.0)
    reply = await press(emulator, emulator.moderator, message, "add")
    assert "try again later" in reply.message["content"]
