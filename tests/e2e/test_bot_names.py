"""Names for icons that people keep, over the wire: for their owner's eyes alone."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from typing import Any

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator
from discord_emulator.errors import UsageError
from discord_emulator.reply import Reply
from gan.rendering import read_code
from tests.e2e.conftest import StartBot
from tests.e2e.test_bot_buttons import press
from tests.e2e.test_bot_gallery import keep, options
from tests.e2e.test_bot_icons import buttons

HOSTILE = "**@everyone** <@1> `x` [a](https://b.c) \u202etxt.exe"


async def rename(emulator: Emulator, user: Any, gallery: Any, which: str, name: str) -> Reply:
    """Press the gallery's button, choose the icon whose label ends with `which`, and send the form."""
    form = await press(emulator, user, gallery, "rename")
    (menu,) = [item["component"] for item in form.modal["components"] if "options" in item["component"]]
    (value,) = [o["value"] for o in menu["options"] if o["label"].endswith(which)]
    return await emulator.modal_submit(user, form, {"icon": value, "name": name})


async def test_a_kept_icon_gets_a_name_that_shows_in_the_gallery_its_menus_the_zip_and_the_data(
    emulator: Emulator, start_bot: StartBot
) -> None:
    me = emulator.moderator
    async with start_bot() as bot:
        await keep(bot, emulator, me, *map(str, range(11)))
        gallery = (await emulator.slash(me, "gallery", {})).message
        second = (await press(emulator, me, gallery, f"gallery:{me.id}:1")).message
        opened = await press(emulator, me, second, "rename")
    async with start_bot():
        (menu,) = [item["component"] for item in opened.modal["components"] if "options" in item["component"]]
        one = menu["options"][0]
        assert one["label"] == "1: 1"
        named = await emulator.modal_submit(me, opened, {"icon": one["value"], "name": "  Ｇrandma’s  cat "})
        assert "page 2 of 2" in named.message["content"], "a form lives through a restart, and its page is shown"
        assert named.message["content"].endswith("\n**1** · Grandma’s cat")
        for what in ("pick", "unkeep"):
            assert [o["label"] for o in options(named.message, what)] == ["1: Grandma’s cat · 1", "2: 0"]
        hostile = await rename(emulator, me, named.message, " 0", HOSTILE)
        assert hostile.message["content"].splitlines()[2] == (
            r"**2** · \*\*\@everyone\*\* \<\@1\> \`x\` \[a\]\(https\://b.c\) txt.exe"
        )
        assert not hostile.message["mentions"]
        assert not hostile.message["mention_everyone"]
        zipped = await press(emulator, me, hostile.message, "export")
        archive = zipfile.ZipFile(io.BytesIO(await emulator.attachment_bytes(zipped.message)))
        assert len(archive.namelist()) == 11
        assert (read_code(archive.read("Grandma-s-cat.png")) or "").startswith("1/tiny#")
        assert (read_code(archive.read("everyone-1-x-a-https-b-c-txt-exe.png")) or "").startswith("0/tiny#")
        data = json.loads(await emulator.attachment_bytes((await emulator.slash(me, "my-data", {})).message))
        assert {row["code"]: row["name"] for row in data["kept_icons"]}["1"] == "Grandma’s cat"
        unnamed = await rename(emulator, me, hostile.message, "· 1", " ")
        assert "Grandma" not in str(unnamed.message), "an empty name takes it away"


async def test_a_name_is_nobody_elses_business(emulator: Emulator, bot: MeliconBot) -> None:
    me, other = emulator.moderator, emulator.stranger
    await keep(bot, emulator, me, "1")
    await keep(bot, emulator, other, "1")
    gallery = (await emulator.slash(me, "gallery", {})).message
    await rename(emulator, me, gallery, "1", "my secret")
    assert "my secret" in str((await emulator.slash(me, "gallery", {})).message)
    seen = await emulator.slash(other, "gallery", {"of": me})
    own = await emulator.slash(other, "gallery", {})
    top = await emulator.slash(other, "top", {})
    posted = await press(emulator, me, gallery, "pick", options(gallery, "pick")[0]["value"])
    for reply in (seen, own, top, posted):
        assert reply.message["attachments"]
        assert "secret" not in str(reply.message)
    assert not any("rename" in item["custom_id"] for item in buttons(seen.message))
    with pytest.raises(UsageError, match="no such message"):
        await press(emulator, other, gallery, "rename")


@pytest.mark.parametrize(
    ("name", "says"),
    [("\ufdfa" * 10, "60 characters"), ("a\nb", "one line"), ("\u200b\u200d", "visible"), ("a\x00b", "one line")],
)
async def test_what_is_no_name_is_said_and_changes_nothing(
    name: str, says: str, emulator: Emulator, bot: MeliconBot
) -> None:
    me = emulator.moderator
    await keep(bot, emulator, me, "1")
    gallery = (await emulator.slash(me, "gallery", {})).message
    named = await rename(emulator, me, gallery, "1", "Boss")
    refused = await rename(emulator, me, named.message, "1", name)
    assert refused.ephemeral
    assert says in refused.message["content"]
    assert "Boss" in (await emulator.slash(me, "gallery", {})).message["content"]


async def test_neither_forms_nor_private_messages_leave_tasks_behind_that_outlive_the_bot(
    emulator: Emulator, bot: MeliconBot
) -> None:
    me = emulator.moderator
    await keep(bot, emulator, me, "1")
    gallery = (await emulator.slash(me, "gallery", {})).message
    assert gallery["flags"] & 64
    await press(emulator, me, gallery, "rename")
    await emulator.slash(me, "forget-me", {})
    assert not bot._connection._view_store._modals, "the library keeps nothing of an open form"
    assert not [task for task in asyncio.all_tasks() if "timeout_task" in repr(task.get_coro())]


async def test_a_form_for_an_icon_that_has_gone_says_so_and_so_does_an_empty_gallery(
    emulator: Emulator, bot: MeliconBot
) -> None:
    me = emulator.stranger
    await keep(bot, emulator, me, "1", "2")
    gallery = (await emulator.slash(me, "gallery", {})).message
    opened = [await press(emulator, me, gallery, "rename") for _ in range(2)]
    for icon, form in zip(await bot.store.favourites.of_user(int(me.id)), opened, strict=True):
        await bot.store.favourites.remove_id(int(me.id), icon.id)
        gone = await emulator.modal_submit(me, form, {"icon": str(icon.id), "name": "late"})
        assert "plus dans vos favoris" in gone.message["content"]
    empty = await press(emulator, me, gallery, "rename")
    assert empty.ephemeral
    assert "Vous n’avez pas encore de favoris" in empty.message["content"]
