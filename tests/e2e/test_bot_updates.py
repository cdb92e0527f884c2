"""An update brings other weights: what was drawn by the ones before goes on as it was, over the wire."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from discord_emulator import Emulator
from gan.codes import IconCode
from tests.e2e.conftest import StartBot, write_weights
from tests.e2e.test_bot_buttons import drawn, menu_values, press
from tests.e2e.test_bot_icons import pixels, shown_code


@pytest.fixture(params=["tiny", "mine"])
def new_weights(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Other weights, of the same style or of another one."""
    return write_weights(tmp_path / "new.safetensors", style=request.param, seed=7)


async def test_an_icon_is_drawn_again_by_its_whole_code(
    emulator: Emulator, start_bot: StartBot, new_weights: Path
) -> None:
    async with start_bot(cache_mib=0) as bot:
        code = bot.studio.pin(IconCode.from_seed(123))
        before = pixels(await emulator.attachment_bytes(await drawn(emulator)))
    async with start_bot(cache_mib=0, weights=new_weights) as bot:
        new, old = await drawn(emulator), await drawn(emulator, str(code))
        assert str(bot.studio.unpin(code)) == shown_code(old) == str(code), "only the whole code is still this icon"
        assert bot.studio.styles == [bot.studio.built_in.card.style]
        suggested = await emulator.autocomplete(emulator.member, "melicon", focused="seed", value="123/tiny")
        assert str(code) in [choice["value"] for choice in suggested]
    assert not np.array_equal(pixels(await emulator.attachment_bytes(new)), before)
    assert np.array_equal(pixels(await emulator.attachment_bytes(old)), before)


async def test_all_that_was_under_an_icon_goes_on(emulator: Emulator, start_bot: StartBot, new_weights: Path) -> None:
    me = emulator.member
    async with start_bot() as bot:
        model = bot.studio.built_in.card.short_hash
        await drawn(emulator, "456")
        message = await drawn(emulator)
        await press(emulator, me, message, "keep")
    async with start_bot(weights=new_weights):
        old = f"/tiny#{model}"
        sheet = await press(emulator, me, message, "variations")
        picked = await press(emulator, me, sheet.message, "pick", menu_values(sheet.message)[0])
        assert shown_code(picked.message) == f"123~1{old}"
        opened = await press(emulator, me, message, "mix")
        assert f"'456{old}'" in str(opened.modal), "what this model has drawn is offered"
        mix = await emulator.modal_submit(me, opened, {"other": "7"})
        assert shown_code(mix.message) == f"123x7{old}"
        tweak = await press(emulator, me, message, "tweak")
        assert f"`123{old}`" in tweak.message["content"]
        gallery = await emulator.slash(me, "gallery", {})
        picked = await press(emulator, me, gallery.message, "pick", f"123{old}")
        assert shown_code(picked.message) == f"123{old}"
        morph = await emulator.slash(me, "morph", {"a": f"123{old}", "b": f"456{old}"})
        assert f"`123{old}` → `456{old}`" in morph.message["content"]


async def test_what_a_model_lets_one_tweak_it_lets_one_tweak_for_ever(
    emulator: Emulator, start_bot: StartBot, described_weights: Path, new_weights: Path
) -> None:
    """Also where it learned last from pictures of which nothing is known, and a style would not name its attributes."""
    codes = ["123+hair:1", "123+d1:3"]
    async with start_bot(weights=described_weights) as bot:
        whole = [str(bot.studio.pin(IconCode.parse(code))) for code in codes]
        before = [pixels(await emulator.attachment_bytes(await drawn(emulator, code))) for code in codes]
    async with start_bot(weights=new_weights, cache_mib=0):
        for code, picture in zip(whole, before, strict=True):
            again = pixels(await emulator.attachment_bytes(await drawn(emulator, code)))
            assert np.array_equal(again, picture)


@pytest.mark.parametrize(
    ("a", "b", "code"),
    [
        ("123{old}", "456", "123x456{old}"),
        ("123", "456{old}", "123x456{old}"),
        ("123{old}", "456{old}", "123x456{old}"),
        ("123{old}", "456{new}", None),
    ],
)
async def test_a_mix_is_by_the_model_that_was_named(
    emulator: Emulator, start_bot: StartBot, tmp_path: Path, *, a: str, b: str, code: str | None
) -> None:
    async with start_bot() as bot:
        models = {"old": f"/tiny#{bot.studio.built_in.card.short_hash}"}
        message = await drawn(emulator)
    async with start_bot(weights=write_weights(tmp_path / "new.safetensors", seed=7)) as bot:
        models["new"] = f"/tiny#{bot.studio.built_in.card.short_hash}"
        name: Callable[[str], str] = lambda text: text.format(**models)  # noqa: E731
        mix = await emulator.slash(emulator.moderator, "mix", {"a": name(a), "b": name(b)})
        if code is not None:
            assert shown_code(mix.message) == name(code)
        else:
            assert "different models" in mix.message["content"]
            opened = await press(emulator, emulator.moderator, message, "mix")
            form = await emulator.modal_submit(emulator.moderator, opened, {"other": name(b)})
            assert "different models" in form.message["content"]
