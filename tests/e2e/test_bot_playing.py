"""`/grid`, `/mix`, `/me` and `/name` over the wire."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from bot.client import MeliconBot
from bot.features.icons.cog import icon_of
from discord_emulator import Emulator
from gan.codes import IconCode
from tests.e2e.conftest import StartBot
from tests.e2e.test_bot_buttons import menu_values, press
from tests.e2e.test_bot_icons import NARU, buttons, shown_code
from tests.patience import ENOUGH


@pytest.mark.parametrize("count", [4, 25])
async def test_a_grid_is_new_icons_to_pick_from_by_anybody(count: int, emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot():
        reply = await emulator.slash(emulator.moderator, "grid", {"count": count})
        values = menu_values(reply.message)
        assert len(set(values)) == count
        assert f"{count} icons" in reply.message["attachments"][0]["description"]
    async with start_bot():
        first, second = await asyncio.gather(
            press(emulator, emulator.stranger, reply.message, "pick", values[0]),
            press(emulator, emulator.moderator, reply.message, "pick", values[-1]),
        )
        assert [shown_code(m) for m in (first.message, second.message)] == [
            v.split("/")[0] for v in (values[0], values[-1])
        ]
        assert (await press(emulator, emulator.stranger, reply.message, "delete")).ephemeral


async def test_a_grid_is_one_order_to_the_cooldown(emulator: Emulator, start_bot: StartBot) -> None:
    async with start_bot(cooldown_burst=1, cooldown_seconds=30.0):
        assert (await emulator.slash(emulator.moderator, "grid", {})).message["attachments"]
        for name, options in (("grid", {}), ("mix", {"a": "1", "b": "2"}), ("me", {}), ("name", {"text": "a"})):
            refused = await emulator.slash(emulator.moderator, name, options)
            assert refused.ephemeral
            assert "Not so fast" in refused.message["content"]


async def test_one_who_waits_for_many_icons_is_told_and_not_behind_all_of_them(
    emulator: Emulator, bot: MeliconBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate = type(bot.studio._default).generate
    allowed = threading.Semaphore(0)  # batches that may be drawn

    def when_allowed(sampler: Any, codes: Any) -> Any:
        assert allowed.acquire(timeout=ENOUGH)
        return generate(sampler, codes)

    monkeypatch.setattr(type(bot.studio._default), "generate", when_allowed)
    monkeypatch.setattr("bot.ui.posting.MANY_AHEAD", 2)
    people = [emulator.member, emulator.stranger, emulator.owner]
    sheets = [asyncio.ensure_future(emulator.slash(user, "grid", {"count": 25})) for user in people]
    while bot.studio.busy < 60:  # noqa: ASYNC110 - the studio has no event for it
        await asyncio.sleep(0.01)
    reply = await emulator.slash(emulator.moderator, "melicon", {"seed": "123"})
    assert "icons are ahead of yours" in reply.message["content"]
    drawn = reply.message
    allowed.release(4)  # the batch that was begun before the order came, and one icon of each
    async with asyncio.timeout(ENOUGH):
        while not drawn["attachments"]:
            await asyncio.sleep(0.01)
            (drawn,) = [m for m in emulator.messages() if m["id"] == reply.message["id"]]
    assert not any(sheet.done() for sheet in sheets), "it was their turn after one icon of each"
    assert shown_code(drawn) == "123"
    assert len(buttons(drawn)) == 7
    allowed.release(1000)
    assert all(sheet.message["attachments"] for sheet in await asyncio.gather(*sheets))


async def test_two_icons_are_mixed_by_the_amount_asked_for(emulator: Emulator, bot: MeliconBot) -> None:
    async def mix(a: str, b: str, **more: int) -> str:
        return shown_code((await emulator.slash(emulator.moderator, "mix", {"a": a, "b": b, **more})).message)

    assert await mix("123", "naru") == f"123x{NARU}"
    assert await mix("123~4", "456", amount=0) == "123~4x456@0"
    assert await mix("123+d1:2", "456", amount=25) == "123+d1:2x456@25"


async def test_the_buttons_of_a_mix_of_tweaked_icons_live_through_a_restart(
    emulator: Emulator, start_bot: StartBot
) -> None:
    code = "123+d1:2x456+d2:-1@25"
    async with start_bot():
        mix = await emulator.slash(emulator.moderator, "mix", {"a": "123+d1:2", "b": "456+d2:-1", "amount": 25})
        assert shown_code(mix.message) == code
    async with start_bot():
        sheet = await press(emulator, emulator.moderator, mix.message, "variations")
        assert menu_values(sheet.message)[0].split("/")[0] == f"{code}~1"
        controls = await press(emulator, emulator.moderator, mix.message, "tweak")
        further = await press(emulator, emulator.moderator, controls.message, "knob", "0")
        forward = next(b["custom_id"] for b in buttons(further.message) if "+:" in b["custom_id"])
        pressed = await press(emulator, emulator.moderator, further.message, forward.removeprefix("mel:v1:"))
        assert shown_code(pressed.message) == f"{code}+d1:1"


async def test_a_mix_is_suggested_to_whoever_made_it(emulator: Emulator, bot: MeliconBot) -> None:
    await emulator.slash(emulator.moderator, "mix", {"a": "123", "b": "naru"})
    await bot._done.wait()  # an icon is noted after it has been sent
    suggested = await emulator.autocomplete(emulator.moderator, "mix", focused="b", value="123x", options={"a": "1"})
    assert f"123x{NARU}" in {choice["value"] for choice in suggested}


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ("1x2", "3", "mixed again"),
        ("1+d1:1+d2:1+d3:1+d4:1+d5:1", "1+d1:1+d2:1+d3:1+d4:1", "8 tweaks"),
        ("1/tiny", "2/lorelei", "different styles"),
        ("9" * 6000, "1", "500"),
        ("1", " ", "Enter a number"),
    ],
)
async def test_what_cannot_be_mixed_is_said_in_private(
    a: str, b: str, says: str, emulator: Emulator, bot: MeliconBot
) -> None:
    reply = await emulator.slash(emulator.moderator, "mix", {"a": a, "b": b})
    assert reply.ephemeral
    assert says in reply.message["content"]


async def test_everybody_has_an_icon_that_stays_theirs(emulator: Emulator, start_bot: StartBot) -> None:
    codes = []
    for _ in range(2):
        async with start_bot():
            mine = await emulator.slash(emulator.moderator, "me", {})
            same = await emulator.slash(emulator.stranger, "me", {"for": emulator.moderator})
            theirs = await emulator.slash(emulator.stranger, "me", {})
            codes.append([shown_code(reply.message) for reply in (mine, same, theirs)])
    assert codes[0] == codes[1]
    assert codes[0][0] == codes[0][1] != codes[0][2]
    assert not same.message["mentions"], "nobody is disturbed by it"


def test_the_icon_of_a_user_is_frozen() -> None:
    assert str(icon_of(123456789012345678)) == "991920937"


async def test_a_name_has_an_icon_even_if_it_reads_like_a_code(emulator: Emulator, bot: MeliconBot) -> None:
    async def named(text: str) -> str:
        return shown_code((await emulator.slash(emulator.moderator, "name", {"text": text})).message)

    assert await named(" NARU ") == NARU
    assert await named("42") == str(IconCode.from_phrase("42")) != "42"
    assert await named("1x2x3") == str(IconCode.from_phrase("1x2x3"))
    refused = await emulator.slash(emulator.moderator, "name", {"text": "a\nb\x00"})
    assert refused.ephemeral
    assert "control" in refused.message["content"]


async def test_the_alt_text_tells_what_the_model_was_asked_to_draw(
    emulator: Emulator, start_bot: StartBot, described_weights: Path
) -> None:
    async with start_bot(weights=described_weights) as bot:
        reply = await emulator.slash(emulator.stranger, "melicon", {"seed": "123"})
        drawing = await bot.studio.draw(IconCode.parse("123"))
        words = bot.catalogues.words("fr").attributes
        (picture,) = reply.message["attachments"]
        assert picture["description"].startswith("Portrait dessiné par Melicon : ")
        assert words.value("clothes", drawing.attributes["clothes"]) in picture["description"]
        assert len(buttons(reply.message)) == 7
