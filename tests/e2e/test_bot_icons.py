"""`/melicon` over the wire: pictures, codes, the button."""

from __future__ import annotations

import asyncio
import io
import re
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bot.client import MeliconBot
from bot.ui.posting import draw_within
from discord_emulator import Emulator
from gan.codes import IconCode
from gan.rendering import read_code
from tests.e2e.conftest import StartBot

NARU = str(IconCode.parse("naru"))


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def buttons(message: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for row in message["components"] for item in row["components"]]


def shown_code(message: dict[str, Any]) -> str:
    found = re.search(r"`([^`]+)` · tiny", message["content"])
    assert found, message["content"]
    return found[1]


async def test_a_seed_gives_its_picture_with_its_code_everywhere(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await emulator.slash(emulator.moderator, "melicon", {"seed": "123"})
    assert not reply.ephemeral
    message = reply.message
    assert shown_code(message) == "123"
    (attachment,) = message["attachments"]
    assert attachment["filename"] == "melicon-123.png"
    assert "123" in attachment["description"]
    png = await emulator.attachment_bytes(message)
    assert pixels(png).shape == (128, 128, 3)
    assert pixels(png).std() > 5, "a picture, not a plain square"
    assert read_code(png) == f"123/tiny#{bot.studio._default.card.short_hash}"
    another, *_ = buttons(message)
    assert another["custom_id"] == "mel:v1:another"
    assert another["emoji"]["name"] == "🎲"


async def test_the_same_seed_gives_the_same_pixels_twice_and_after_a_restart(
    emulator: Emulator, start_bot: StartBot
) -> None:
    pictures = []
    for _ in range(2):
        async with start_bot(cache_mib=0):
            for _ in range(2):
                reply = await emulator.slash(emulator.moderator, "melicon", {"seed": "77"})
                pictures.append(pixels(await emulator.attachment_bytes(reply.message)))
            other = await emulator.slash(emulator.moderator, "melicon", {"seed": "78"})
    assert all(np.array_equal(picture, pictures[0]) for picture in pictures)
    assert not np.array_equal(pixels(await emulator.attachment_bytes(other.message)), pictures[0])


async def test_without_a_seed_every_icon_is_another(emulator: Emulator, bot: MeliconBot) -> None:
    replies = [await emulator.slash(emulator.moderator, "melicon", {}) for _ in range(3)]
    codes = {shown_code(reply.message) for reply in replies}
    assert len(codes) == 3
    for reply in replies:
        code = shown_code(reply.message)
        assert 0 <= int(code) < 2**32
        assert f"/melicon seed:{code}" in reply.message["content"]


async def test_an_order_is_acknowledged_before_it_is_drawn(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await emulator.slash(emulator.moderator, "melicon", {"seed": "5"})
    assert reply.deferred
    assert [event.kind for event in reply.events] == ["callback", "followup"]


@pytest.mark.parametrize("typed", ["naru", "  NARU ", "ｎａｒｕ"])
async def test_a_word_is_shown_with_the_seed_it_became(typed: str, emulator: Emulator, bot: MeliconBot) -> None:
    message = (await emulator.slash(emulator.moderator, "melicon", {"seed": typed})).message
    assert shown_code(message) == NARU
    assert f"`{typed.strip()}` → `{NARU}`" in message["content"]
    again = (await emulator.slash(emulator.moderator, "melicon", {"seed": NARU})).message
    assert "→" not in again["content"]
    first, second = [pixels(await emulator.attachment_bytes(m)) for m in (message, again)]
    assert np.array_equal(first, second)


@pytest.mark.parametrize(
    ("typed", "code", "filename"),
    [
        ("123~4", "123~4", "melicon-123-v4.png"),
        ("123x456@25", "123x456@25", "melicon-123x456-at25.png"),
        ("123×456", "123x456", "melicon-123x456.png"),
        ("00123", "123", "melicon-123.png"),
        ("123/tiny", "123", "melicon-123.png"),
    ],
)
async def test_every_kind_of_code_is_drawn(
    typed: str, code: str, filename: str, emulator: Emulator, bot: MeliconBot
) -> None:
    message = (await emulator.slash(emulator.moderator, "melicon", {"seed": typed})).message
    assert shown_code(message) == code
    assert message["attachments"][0]["filename"] == filename


async def test_fifty_commands_at_once_are_all_answered_with_their_own_icon(emulator: Emulator, bot: MeliconBot) -> None:
    replies = await asyncio.gather(
        *(emulator.slash(emulator.moderator, "melicon", {"seed": str(n)}) for n in range(1000, 1050))
    )
    assert [shown_code(reply.message) for reply in replies] == [str(n) for n in range(1000, 1050)]
    for n, reply in zip(range(1000, 1050), replies, strict=True):
        assert (read_code(await emulator.attachment_bytes(reply.message)) or "").startswith(f"{n}/tiny#")


async def test_the_button_posts_a_new_icon_for_whoever_presses_it(emulator: Emulator, bot: MeliconBot) -> None:
    message = (await emulator.slash(emulator.moderator, "melicon", {"seed": "123"})).message
    first = await emulator.press(emulator.stranger, message, "mel:v1:another")
    second = await emulator.press(emulator.moderator, first.message, "mel:v1:another")
    codes = {shown_code(m) for m in (message, first.message, second.message)}
    assert len(codes) == 3
    assert len({m["id"] for m in (message, first.message, second.message)}) == 3
    assert not first.ephemeral
    assert first.message["attachments"]


async def test_buttons_live_through_a_restart(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        message = (await emulator.slash(emulator.moderator, "melicon", {"seed": "123"})).message
    async with start_bot():
        reply = await emulator.press(emulator.moderator, message, "mel:v1:another")
    assert reply.message["attachments"]


async def test_the_button_stays_in_the_style_that_was_named(emulator: Emulator, bot: MeliconBot) -> None:
    message = (await emulator.slash(emulator.moderator, "melicon", {"seed": "123/tiny"})).message
    another, *_ = buttons(message)
    assert another["custom_id"] == "mel:v1:another:tiny"
    reply = await emulator.press(emulator.moderator, message, another["custom_id"])
    assert buttons(reply.message)[0]["custom_id"] == "mel:v1:another:tiny"


async def test_a_picture_over_the_upload_limit_is_made_smaller(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot(icon_size=512) as bot:
        drawn = await bot.studio.draw(IconCode.parse("123"))
        smaller = await bot.studio.draw(IconCode.parse("123"), size=256)
        limit = (len(drawn.png) + len(smaller.png)) // 2
        assert (await draw_within(bot.studio, IconCode.parse("123"), limit)).size == 256


async def test_help_explains_the_codes_to_the_caller_alone_in_their_language(
    emulator: Emulator, bot: MeliconBot
) -> None:
    reply = await emulator.slash(emulator.moderator, "help", {})
    assert reply.ephemeral
    (embed,) = reply.message["embeds"]
    text = str(embed)
    for part in ("/melicon", "/help", "123x456@25", "tiny"):
        assert part in text
    assert "/retrain" not in text
    assert "/retrain images:… channel:… limit:… …" in str(
        (await emulator.slash(emulator.owner, "help", {})).message["embeds"]
    )
    french = await emulator.slash(emulator.stranger, "help", {})
    assert "Commandes" in str(french.message["embeds"])


async def test_help_lists_what_the_user_can_use_there(emulator: Emulator, bot: MeliconBot) -> None:
    async def listed(user: Any, channel: int | None = None) -> list[str]:
        reply = await emulator.slash(user, "help", {}, channel=channel)
        return re.findall(r"^`/([\w-]+)", reply.message["embeds"][0]["description"], re.MULTILINE)

    manager, owner = await listed(emulator.moderator), await listed(emulator.owner)
    private = await listed(emulator.moderator, emulator.direct_channel(emulator.moderator))
    managing = manager.count("daily") + manager.count("settings")
    assert len(manager) - len(await listed(emulator.stranger)) == managing, "these take Manage Server"
    assert set(manager) - set(private) == {"daily", "settings", "top"}, "there is no server"
    assert set(owner) - set(manager) == {"retrain", "style"}
