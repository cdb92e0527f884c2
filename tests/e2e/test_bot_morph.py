"""`/morph` over the wire."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import pytest
from PIL import Image

from bot.client import MeliconBot
from discord_emulator import Emulator
from gan.artist import ATTRIBUTES
from gan.codes import IconCode
from tests.e2e.conftest import StartBot
from tests.e2e.test_bot_buttons import LONG, press


async def test_two_icons_or_eight_become_a_loop(emulator: Emulator, bot: MeliconBot) -> None:
    two, eight = await asyncio.gather(
        emulator.slash(emulator.moderator, "morph", {"a": "123", "b": "456"}),
        emulator.slash(emulator.stranger, "morph", {letter: str(n) for n, letter in enumerate("abcdefgh")}),
    )
    for reply, frames in ((two, 48), (eight, 120)):
        assert reply.deferred
        image = Image.open(io.BytesIO(await emulator.attachment_bytes(reply.message)))
        assert (image.format, image.info["loop"]) == ("GIF", 0)
        assert image.n_frames == pytest.approx(frames, abs=12)
    assert two.message["content"] == "`123` → `456` · tiny"
    assert "123 → 456" in two.message["attachments"][0]["description"]
    assert "en boucle" in eight.message["attachments"][0]["description"]
    assert (await press(emulator, emulator.stranger, two.message, "delete")).ephemeral
    await press(emulator, emulator.moderator, two.message, "delete")


async def test_codes_too_long_for_a_message_are_left_out_whole(
    emulator: Emulator, start_bot: StartBot, described_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def quick(*_: object, **__: object) -> bytes:
        return b"GIF89a"

    tweaks = "".join(f"+{name}:-1" for name in sorted(ATTRIBUTES, key=len)[-8:])
    async with start_bot(weights=described_weights) as bot:
        monkeypatch.setattr(bot.studio, "morph", quick)
        options = {letter: f"{n}23456789{LONG[10:]}{tweaks}" for n, letter in enumerate("abcdefgh", 1)}
        reply = await emulator.slash(emulator.moderator, "morph", options)
    content, alt = reply.message["content"], reply.message["attachments"][0]["description"]
    assert len(content) <= 2000
    assert len(alt) <= 1024
    whole = {f"`{IconCode.parse(code)}`" for code in options.values()}
    parts = content.removesuffix(" · tiny").split(" → ")
    assert len(parts) == 8
    assert set(parts) <= whole | {"…"}
    assert {"…"} < set(parts)
    assert "tiny" in alt


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"a": "1", "b": "1"}, "two different"),
        ({"a": "1", "b": "1/tiny", "c": "1"}, "two different"),
        ({"a": "1", "b": "2/lorelei"}, "lorelei"),
        ({"a": "1", "b": "9" * 6000}, "500"),
        ({"a": "1~0", "b": "2"}, "9999"),
    ],
)
async def test_what_is_no_way_is_said_in_private(
    options: dict[str, str], says: str, emulator: Emulator, bot: MeliconBot
) -> None:
    reply = await emulator.slash(emulator.moderator, "morph", options)
    assert reply.ephemeral
    assert says in reply.message["content"]


async def test_an_animation_over_the_limit_is_made_smaller_or_refused(bot: MeliconBot) -> None:
    codes = [IconCode.parse("1"), IconCode.parse("2")]
    large = await bot.studio.morph(codes, limit=10**8)
    smaller = await bot.studio.morph(codes, limit=len(large or b"") - 1)
    assert large is not None
    assert smaller is not None
    assert Image.open(io.BytesIO(smaller)).width < Image.open(io.BytesIO(large)).width == 256
    assert await bot.studio.morph(codes, limit=100) is None


async def test_a_morph_that_fails_is_answered(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ArithmeticError("a NaN")

    monkeypatch.setattr("bot.inference.long_tasks.morph", broken)
    reply = await emulator.slash(emulator.moderator, "morph", {"a": "123", "b": "456"})
    assert "couldn’t draw `123`" in reply.message["content"]
