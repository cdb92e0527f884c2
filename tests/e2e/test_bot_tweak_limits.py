"""How far icons can be tweaked: codes that are refused, and what the steps cost."""

from __future__ import annotations

import pytest

from bot.client import MeliconBot
from bot.errors import Refusal
from bot.ui.code_options import read
from discord_emulator import Emulator
from gan.artist import ATTRIBUTES
from tests.e2e.conftest import StartBot
from tests.e2e.test_bot_tweak import choose, code_of, turn, tweak


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("9" * 6000, "500"),
        ("123+wings:1", "`hair_colour`"),
        ("123+d1:9", "8 steps"),
        ("123+hair:100", "1 to 99"),
        ("123+hair:1+hair:2", "each name can be used once"),
        ("123+hair:1y4", "`123~4`"),
        ("123+hair:1x4+wings:1@50", "`hair_colour`"),
        ("123" + "".join(f"+{name}:1" for name in list(ATTRIBUTES)[:9]), "8 tweaks"),
        ("123+hair:1/nowhere", "nowhere"),
        (" ", "Enter a number"),
    ],
)
async def test_what_cannot_be_tweaked_is_said_in_private(
    code: str, says: str, emulator: Emulator, described_bot: MeliconBot
) -> None:
    for command, option in (("tweak", "code"), ("melicon", "seed")):
        reply = await emulator.slash(emulator.moderator, command, {option: code})
        assert reply.ephemeral
        assert says in reply.message["content"]
        assert len(reply.message["content"]) < 2000


async def test_ten_thousand_characters_are_refused_even_if_discord_let_them_through(described_bot: MeliconBot) -> None:
    with pytest.raises(Refusal):
        read(described_bot, "123" + "+hair:1" * 1400)


async def test_a_ninth_tweak_is_refused_and_the_message_stays(emulator: Emulator, described_bot: MeliconBot) -> None:
    names = [name for name in sorted(ATTRIBUTES) if name != "mouth"][:8]
    message = await tweak(emulator, "123" + "".join(f"+{name}:1" for name in names))
    message = await choose(emulator, message, "mouth")
    refused = await turn(emulator, message, "+")
    assert "8 tweaks" in refused.message["content"]
    (untouched,) = [m for m in emulator.messages() if m["id"] == message["id"]]
    assert code_of(untouched) == code_of(message)


async def test_steps_cost_a_quarter_of_an_order(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot(cooldown_burst=2, cooldown_seconds=60.0):
        message = await tweak(emulator)
        for _ in range(4):
            message = (await turn(emulator, message, "+")).message
        refused = await turn(emulator, message, "+")
        assert refused.ephemeral
        assert "Not so fast" in refused.message["content"]
