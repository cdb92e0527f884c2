"""`/styles` over the wire: one seed in every style that can draw it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator
from tests.e2e.conftest import write_weights
from tests.e2e.retrain.test_styles import packed, style
from tests.e2e.test_bot_buttons import menu_values, press


@pytest.fixture
async def fan(emulator: Emulator, bot: MeliconBot, tmp_path: Path) -> Path:
    """A second style, which has attributes."""
    path = write_weights(tmp_path / "fan.safetensors", style="fan", seed=5, attributes={"hair": ["long", "short"]})
    await style(emulator, "import", file=packed(path))
    return path


async def test_one_seed_in_both_styles_the_default_first(emulator: Emulator, bot: MeliconBot, fan: Path) -> None:
    reply = await emulator.slash(emulator.moderator, "styles", {"seed": "5/fan"})
    assert "`5` in every style: 1: `tiny` · 2: `fan`" in reply.message["content"]
    assert len(menu_values(reply.message)) == 2
    picked = await press(emulator, emulator.stranger, reply.message, "pick", menu_values(reply.message)[1])
    direct = await emulator.slash(emulator.moderator, "melicon", {"seed": "5/fan"})
    assert "`5/fan` · fan" in picked.message["content"]
    assert await emulator.attachment_bytes(picked.message) == await emulator.attachment_bytes(direct.message)


async def test_without_a_seed_it_is_a_random_one(emulator: Emulator, bot: MeliconBot, fan: Path) -> None:
    texts = {(await emulator.slash(emulator.moderator, "styles", {})).message["content"] for _ in range(2)}
    assert len(texts) == 2


async def test_a_style_without_the_tweak_is_left_out(emulator: Emulator, bot: MeliconBot, fan: Path) -> None:
    reply = await emulator.slash(emulator.moderator, "styles", {"seed": "5+hair:1"})
    assert reply.ephemeral
    assert "Only one style" in reply.message["content"]


async def test_with_one_style_there_is_nothing_to_compare(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await emulator.slash(emulator.stranger, "styles", {"seed": "5"})
    assert reply.ephemeral
    assert "Un seul style" in reply.message["content"]


async def test_a_wrong_code_is_refused_to_the_asker_alone(emulator: Emulator, bot: MeliconBot, fan: Path) -> None:
    reply = await emulator.slash(emulator.moderator, "styles", {"seed": "5/nowhere#zz"})
    assert reply.ephemeral
    assert not reply.message["attachments"]
