"""The suggestions for options that take an icon code: recent icons and favourites, with what they show."""

from __future__ import annotations

from typing import Any

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator
from gan import artist
from gan.codes import IconCode
from tests.e2e.test_bot_buttons import press
from tests.e2e.test_bot_icons import NARU


async def test_suggestions_are_the_callers_own_recent_icons(emulator: Emulator, bot: MeliconBot) -> None:
    for seed in ("123", "456", "naru", "123"):
        await emulator.slash(emulator.moderator, "melicon", {"seed": seed})
    await emulator.slash(emulator.stranger, "melicon", {"seed": "789"})
    await bot._done.wait()  # an icon is noted after it has been sent

    async def suggested(user: Any, value: str) -> list[str]:
        return [c["value"] for c in await emulator.autocomplete(user, "melicon", focused="seed", value=value)]

    assert await suggested(emulator.moderator, "") == ["123", NARU, "456"]
    assert await suggested(emulator.moderator, "45") == ["456"]
    assert await suggested(emulator.moderator, "789") == []
    assert await suggested(emulator.stranger, "") == ["789"]
    assert await suggested(emulator.owner, "") == []
    assert await suggested(emulator.moderator, "x" * 3000) == []


async def test_suggestions_are_at_most_twenty_five(emulator: Emulator, bot: MeliconBot) -> None:
    for n in range(30):
        await had(bot, emulator, str(n), bot.studio.built_in.card.short_hash)
    choices = await emulator.autocomplete(emulator.moderator, "melicon", focused="seed", value="")
    assert [c["value"] for c in choices] == [str(n) for n in range(29, 4, -1)]


async def test_what_nobody_can_draw_any_more_is_not_suggested(emulator: Emulator, bot: MeliconBot) -> None:
    await had(bot, emulator, "1", bot.studio.built_in.card.short_hash)
    await had(bot, emulator, "2", "0a1b2c3d")
    choices = await emulator.autocomplete(emulator.moderator, "melicon", focused="seed", value="")
    assert [c["value"] for c in choices] == ["1"]


async def had(bot: MeliconBot, emulator: Emulator, code: str, model: str) -> None:
    """Let the moderator have been drawn an icon by a model."""
    user = int(emulator.moderator.id)
    await bot.store.drawn_icons.add(user_id=user, guild_id=1, channel_id=1, code=code, style="tiny", model=model)


async def suggested(emulator: Emulator, user: Any, value: str = "") -> list[dict[str, str]]:
    """Return what is offered to `user` who has typed `value` for a seed."""
    return await emulator.autocomplete(user, "melicon", focused="seed", value=value)


async def test_a_suggestion_says_in_the_users_language_what_the_icon_shows(
    emulator: Emulator, described_bot: MeliconBot
) -> None:
    for user in (emulator.moderator, emulator.stranger):
        await emulator.slash(user, "melicon", {"seed": "123"})
    await described_bot._done.wait()
    (english,) = await suggested(emulator, emulator.moderator)
    (french,) = await suggested(emulator, emulator.stranger)
    assert english["value"] == french["value"] == "123"
    assert english["name"].startswith("123 · ")
    assert english["name"] != french["name"]
    (described,) = await described_bot.studio.describe([IconCode.parse("123")])
    hair = described_bot.catalogues.words("en-US").attributes.phrase("hair", described)
    assert hair
    assert hair in english["name"]
    assert len(english["name"]) <= 100


async def test_what_the_artists_rules_exclude_is_not_said_to_be_shown(
    emulator: Emulator, described_bot: MeliconBot
) -> None:
    style = artist.load_style(artist.HOUSE)
    sampler = described_bot.studio.sampler_for(IconCode.parse("1"))
    told = {seed: sampler.describe(IconCode.from_seed(seed)) for seed in range(300)}
    possible = artist.condition_shares(style)
    seed, asked = next(
        (seed, asked)
        for seed, asked in told.items()
        if all(value in possible[name] for name, value in asked.items())
        and asked["headwear"] != "none"
        and artist.shown_for(asked, style)["headwear"] == "none"
    )
    (description,) = await described_bot.studio.describe([IconCode.from_seed(seed)])
    assert description == artist.shown_for(asked, style)
    assert description["headwear"] == "none"


async def test_an_icon_is_found_by_what_it_shows(emulator: Emulator, described_bot: MeliconBot) -> None:
    for seed in range(12):
        await emulator.slash(emulator.moderator, "melicon", {"seed": str(seed)})
    await described_bot._done.wait()
    everything = await suggested(emulator, emulator.moderator)
    assert len(everything) == 12
    wanted = everything[3]["name"].split(" · ")[1].split(", ")[0]
    found = await suggested(emulator, emulator.moderator, wanted.upper())
    assert everything[3] in found
    assert all(wanted in choice["name"] for choice in found)
    assert len(found) < 12


async def test_a_favourite_is_suggested_by_its_name(emulator: Emulator, bot: MeliconBot) -> None:
    shown = await emulator.slash(emulator.member, "melicon", {"seed": "77"})
    await press(emulator, emulator.moderator, shown.message, "keep")
    ((favourite,), user) = await bot.store.favourites.of_user(int(emulator.moderator.id)), int(emulator.moderator.id)
    await bot.store.favourites.rename(user, favourite.id, "Zoë @everyone")
    named = {"name": "Zoë @everyone · 77 · tiny", "value": "77"}
    assert await suggested(emulator, emulator.moderator) == [named], "without ever having drawn it"
    assert await suggested(emulator, emulator.moderator, "zoë") == [named]
    assert await suggested(emulator, emulator.moderator, "chloe") == []
    assert "Zoë" not in str(await suggested(emulator, emulator.member)), "a name is its owner's alone"


@pytest.mark.parametrize("typed", ["", "style"])
async def test_a_long_name_does_not_make_a_suggestion_too_long(typed: str, emulator: Emulator, bot: MeliconBot) -> None:
    shown = await emulator.slash(emulator.member, "melicon", {"seed": "style and " * 8})
    await press(emulator, emulator.moderator, shown.message, "keep")
    user = int(emulator.moderator.id)
    (favourite,) = await bot.store.favourites.of_user(user)
    await bot.store.favourites.rename(user, favourite.id, "style " * 10)
    (choice,) = await suggested(emulator, emulator.moderator, typed)
    assert len(choice["name"]) <= 100
    assert choice["value"].isdecimal()
