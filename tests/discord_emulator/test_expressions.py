"""Emojis and stickers of a server are as limited as on Discord."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from discord_emulator import Emulator, Permission
from discord_emulator.model import Expression
from tests.discord_emulator.raw import PNG, Answer, RawBot


def data_uri(data: bytes = PNG, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def square(side: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side)).save(buffer, "PNG")
    return buffer.getvalue()


async def add_emoji(raw: RawBot, **changes: Any) -> Answer:
    body = {"name": "mel_1", "image": data_uri()} | changes
    return await raw.api("POST", f"/guilds/{raw.emulator.guild}/emojis", body)


async def add_sticker(raw: RawBot, file: bytes, **changes: str) -> Answer:
    texts = {"name": "mel 1", "tags": "🙂", "description": "an icon"} | changes
    parts = {"file": ("a.png", file)} | {name: (name, text.encode()) for name, text in texts.items()}
    return await raw.api("POST", f"/guilds/{raw.emulator.guild}/stickers", files=parts)


@pytest.mark.parametrize(
    ("changes", "field", "error"),
    [
        ({"name": "a"}, "name", "STRING_TYPE_REGEX"),
        ({"name": "a b"}, "name", "STRING_TYPE_REGEX"),
        ({"name": 7}, "name", "STRING_TYPE_REGEX"),
        ({"image": "x"}, "image", "IMAGE_INVALID"),
        ({"image": None}, "image", "IMAGE_INVALID"),
        ({"image": "data:image/png;base64,%%"}, "image", "IMAGE_INVALID"),
        ({"image": data_uri(bytes(256 * 1024 + 1))}, "image", "BINARY_TYPE_MAX_SIZE"),
    ],
)
async def test_an_invalid_emoji_is_refused(changes: dict[str, Any], field: str, error: str, raw: RawBot) -> None:
    answer = await add_emoji(raw, **changes)
    assert (answer.status, answer.error(field)) == (400, error)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "x"}, "name"),
        ({"name": "x" * 31}, "name"),
        ({"tags": ""}, "tags"),
        ({"description": "x"}, "description"),
    ],
)
async def test_a_sticker_with_invalid_texts_is_refused(changes: dict[str, str], field: str, raw: RawBot) -> None:
    assert (await add_sticker(raw, square(320), **changes)).error(field) == "BASE_TYPE_BAD_LENGTH"


@pytest.mark.parametrize("file", [b"", b"GIF89a", square(319)])
async def test_a_sticker_of_another_format_or_size_is_refused(file: bytes, raw: RawBot) -> None:
    assert (await add_sticker(raw, file)).code == 50046


async def test_a_sticker_that_is_too_large_is_refused(raw: RawBot) -> None:
    assert (await add_sticker(raw, square(320) + bytes(512 * 1024))).code == 40005


async def test_slots_are_limited(raw: RawBot) -> None:
    emojis = raw.emulator.core.world.guilds[raw.emulator.guild].emojis
    emojis.update({number: Expression(number, "other") for number in range(49)})
    assert (await add_emoji(raw)).status == 201
    assert (await add_emoji(raw)).code == 30008
    for _ in range(5):
        assert (await add_sticker(raw, square(320))).status == 201
    assert (await add_sticker(raw, square(320))).code == 30039
    for kind, count in (("emojis", 50), ("stickers", 5)):
        assert len((await raw.api("GET", f"/guilds/{raw.emulator.guild}/{kind}")).json) == count


async def test_without_the_permission_there_are_none(raw: RawBot, emulator: Emulator) -> None:
    for role in emulator.core.world.guilds[emulator.guild].roles.values():
        role.permissions &= ~int(Permission.CREATE_GUILD_EXPRESSIONS)
    assert (await add_emoji(raw)).code == 50013
    assert (await add_sticker(raw, square(320))).code == 50013


async def test_they_outlast_a_restart(tmp_path: Path, http: aiohttp.ClientSession) -> None:
    emulator = await Emulator.start(folder=tmp_path)
    bot = RawBot(emulator, http)
    await bot.identify()
    emoji, sticker = (await add_emoji(bot)).json, (await add_sticker(bot, square(320))).json
    await emulator.close()
    again = await Emulator.start(folder=tmp_path)
    bot = RawBot(again, http)
    await bot.identify()
    assert (await bot.api("GET", f"/guilds/{again.guild}/emojis")).json == [emoji]
    assert (await bot.api("GET", f"/guilds/{again.guild}/stickers")).json == [sticker]
    await again.close()
