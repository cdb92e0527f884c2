"""`/gallery`, `/top`, `/my-data` and `/forget-me` over the wire."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import zipfile
from typing import Any

from bot.client import MeliconBot
from discord_emulator import Emulator
from gan.codes import IconCode
from gan.rendering import read_code
from tests.e2e.conftest import StartBot
from tests.e2e.test_bot_buttons import button, drawn, press
from tests.e2e.test_bot_icons import buttons, shown_code


async def keep(bot: MeliconBot, emulator: Emulator, user: Any, *codes: str) -> None:
    """As the button does."""
    for code in codes:
        drawing = await bot.studio.draw(IconCode.parse(code), size=64)
        await bot.store.favourites.toggle(
            user_id=int(user.id),
            guild_id=int(emulator.guild),
            code=code,
            style=drawing.style,
            model=drawing.model,
            picture=drawing.png,
        )


async def test_a_gallery_has_pages_and_icons_go_one_by_one(emulator: Emulator, start_bot: StartBot) -> None:
    me = emulator.moderator
    async with start_bot() as bot:
        assert "no favourites yet" in (await emulator.slash(me, "gallery", {})).message["content"]
        await keep(bot, emulator, me, *map(str, range(11)))
        first = await emulator.slash(me, "gallery", {})
        assert first.ephemeral
        assert "11 favourites · page 1 of 2" in first.message["content"]
        picked = await press(emulator, me, first.message, "pick", first_value(first.message, "pick"))
        assert shown_code(picked.message) == "10", "the latest is the first"
    async with start_bot():
        second = await press(emulator, me, first.message, f"gallery:{me.id}:1")
        assert "page 2 of 2" in second.message["content"]
        assert len(options(second.message, "unkeep")) == 2
        for left in (1, 0):
            gone = options(second.message, "unkeep")[0]["value"]
            once, _ = await asyncio.gather(*(press(emulator, me, second.message, "unkeep", gone) for _ in range(2)))
            assert ("page 2" in once.message["content"]) == bool(left)
        zipped = await press(emulator, me, once.message, "export")
        assert zipped.ephemeral
        archive = zipfile.ZipFile(io.BytesIO(await emulator.attachment_bytes(zipped.message)))
        assert len(archive.namelist()) == 9
        assert all((read_code(archive.read(name)) or "").split("/")[0] in name for name in archive.namelist())


def options(message: Any, what: str) -> list[Any]:
    (menu,) = [item for item in buttons(message) if item["custom_id"].startswith(f"mel:v1:{what}")]
    return menu["options"]


def first_value(message: Any, what: str) -> str:
    return options(message, what)[0]["value"]


async def test_another_ones_gallery_can_be_seen_and_not_changed(emulator: Emulator, bot: MeliconBot) -> None:
    await keep(bot, emulator, emulator.member, "1", "2")
    (mine,) = [icon.id for icon in await bot.store.favourites.of_user(int(emulator.member.id), limit=1)]
    seen = await emulator.slash(emulator.moderator, "gallery", {"of": emulator.member})
    assert "has 2 favourites" in seen.message["content"]
    assert [item["custom_id"] for item in buttons(seen.message)] == ["mel:v1:pick"]
    await bot.store.favourites.remove_id(int(emulator.moderator.id), mine)
    assert await bot.store.favourites.count(int(emulator.member.id)) == 2


async def test_the_top_counts_people_of_this_server(emulator: Emulator, bot: MeliconBot) -> None:
    nobody = await emulator.slash(emulator.moderator, "top", {})
    assert nobody.ephemeral
    await keep(bot, emulator, emulator.member, "1", "2")
    await keep(bot, emulator, emulator.stranger, "3", "2")
    reply = await emulator.slash(emulator.moderator, "top", {})
    assert reply.message["content"].splitlines()[1:] == ["1. `2` ⭐ 2", "2. `1` ⭐ 1", "3. `3` ⭐ 1"]
    picked = await press(emulator, emulator.stranger, reply.message, "pick", first_value(reply.message, "pick"))
    assert shown_code(picked.message) == "2"


async def test_everybody_gets_their_own_data_and_can_have_it_deleted(emulator: Emulator, start_bot: StartBot) -> None:
    async def data(user: Any) -> dict[str, Any]:
        reply = await emulator.slash(user, "my-data", {})
        assert reply.ephemeral
        return json.loads(await emulator.attachment_bytes(reply.message))

    me, other = emulator.moderator, emulator.stranger
    async with start_bot() as bot:
        await press(emulator, me, await drawn(emulator, "123", me), "keep")
        await keep(bot, emulator, other, "5")
        mine = await data(me)
        assert mine["user_id"] == str(me.id)
        assert [row["code"] for row in mine["drawn_icons"]] == ["123"]
        (kept,) = mine["kept_icons"]
        assert (read_code(base64.b64decode(kept["picture"])) or "").startswith("123/tiny#")
        asked = await emulator.slash(me, "forget-me", {})
        assert asked.ephemeral
        assert (await data(me))["kept_icons"], "asking alone deletes nothing"
    async with start_bot():
        done = await emulator.press(me, asked.message, button(asked.message, "forget"))
        assert "deleted" in done.message["content"]
        assert not buttons(done.message)
        left = await data(me)
        assert left.pop("user_id") == str(me.id)
        assert set(left) == {"drawn_icons", "kept_icons", "daily_stars", "daily_subscriptions", "retrain_jobs"}
        assert not any(left.values())
        assert (await data(other))["kept_icons"], "others' is left alone"


async def test_data_over_the_upload_limit_comes_as_a_zip_or_is_refused(emulator: Emulator, bot: MeliconBot) -> None:
    me = emulator.moderator
    await keep(bot, emulator, me, *map(str, range(20)))
    whole = (await emulator.slash(me, "my-data", {})).message["attachments"][0]
    assert whole["filename"] == "melicon-my-data.json"
    guild = next(iter(emulator.core.world.guilds.values()))
    guild.upload_bytes = whole["size"] - 1
    reply = await emulator.slash(me, "my-data", {})
    archive = zipfile.ZipFile(io.BytesIO(await emulator.attachment_bytes(reply.message)))
    assert len(json.loads(archive.read("melicon-my-data.json"))["kept_icons"]) == 20
    guild.upload_bytes = 1000
    assert "too large" in (await emulator.slash(me, "my-data", {})).message["content"]


async def test_a_moderator_hides_icons_from_the_top_and_shows_them_again(
    emulator: Emulator, start_bot: StartBot
) -> None:
    async with start_bot() as bot:
        await keep(bot, emulator, emulator.member, "1", "2")
        ranking = await emulator.slash(emulator.member, "top", {})
        refused = await press(emulator, emulator.member, ranking.message, "hide")
        assert refused.ephemeral
        assert refused.message["content"] == bot.catalogues.words("ja")("hide.not_allowed")
        menu = await press(emulator, emulator.moderator, ranking.message, "hide")
        assert menu.ephemeral
        assert [option.get("default", False) for option in options(menu.message, "hidden")] == [False, False]
    async with start_bot() as bot:
        first = first_value(menu.message, "hidden")
        done = await emulator.press(emulator.moderator, menu.message, "mel:v1:hidden", [first])
        assert "One icon is hidden" in done.message["content"]
        top = await emulator.slash(emulator.member, "top", {})
        assert first not in {option["value"] for option in options(top.message, "pick")}
        assert len(options(top.message, "pick")) == 1
        both = [option["value"] for option in options(done.message, "hidden")]
        done = await emulator.press(emulator.moderator, done.message, "mel:v1:hidden", both)
        assert "2 icons are hidden" in done.message["content"]
        empty = await emulator.slash(emulator.member, "top", {})
        assert empty.message["content"] == bot.catalogues.words("ja")("top.all_hidden")
        menu = await press(emulator, emulator.moderator, empty.message, "hide")
        assert all(option["default"] for option in options(menu.message, "hidden"))
        done = await emulator.press(emulator.moderator, menu.message, "mel:v1:hidden", [])
        assert "No icon is hidden" in done.message["content"]
        top = await emulator.slash(emulator.member, "top", {})
        assert {option["value"] for option in options(top.message, "pick")} == set(both)
        assert await bot.store.hidden_icons.of_server(int(emulator.guild) + 1, limit=5) == []


async def test_who_no_longer_moderates_cannot_use_an_open_menu(emulator: Emulator, bot: MeliconBot) -> None:
    await keep(bot, emulator, emulator.member, "1")
    ranking = await emulator.slash(emulator.member, "top", {})
    menu = await press(emulator, emulator.moderator, ranking.message, "hide")
    value = first_value(menu.message, "hidden")
    emulator.core.world.guilds[emulator.guild].members[emulator.moderator.id].roles.clear()
    reply = await emulator.press(emulator.moderator, menu.message, "mel:v1:hidden", [value])
    assert "may manage messages" in reply.message["content"]
    assert await bot.store.hidden_icons.count(int(emulator.guild)) == 0
