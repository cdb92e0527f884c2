"""The unmodified discord.py client can do here what it can do on Discord."""

from __future__ import annotations

import asyncio
import io

import discord
import pytest
from discord.ext import commands

from discord_emulator import Emulator, InteractionFailed, ManualClock, UsageError
from tests.discord_emulator.conftest import StartSmallBot
from tests.discord_emulator.raw import PNG
from tests.patience import ENOUGH


async def test_the_client_logs_in_and_knows_its_server(emulator: Emulator, small_bot: commands.Bot) -> None:
    guild = small_bot.get_guild(emulator.guild)
    assert guild is not None
    assert guild.me.id == emulator.application_id
    assert [channel.name for channel in guild.text_channels] == ["icons", "fanart", "read-only"]
    assert small_bot.application is not None
    assert small_bot.application.owner.id == emulator.owner.id
    channels = {channel.name: channel for channel in guild.text_channels}
    assert channels["icons"].permissions_for(guild.me).attach_files
    assert not channels["read-only"].permissions_for(guild.me).send_messages


async def test_a_command_is_answered(emulator: Emulator, small_bot: commands.Bot) -> None:
    reply = await emulator.slash(emulator.member, "echo", {"text": "hi"})
    assert reply.message is not None
    assert reply.message["content"] == "hi"
    assert not reply.ephemeral
    assert not reply.deferred
    assert [(event.kind, event.type) for event in reply.events] == [("callback", 4)]
    assert emulator.messages()[-1]["id"] == reply.message["id"]


async def test_an_ephemeral_answer_is_seen_by_its_user_alone(emulator: Emulator, small_bot: commands.Bot) -> None:
    reply = await emulator.slash(emulator.member, "echo", {"text": "psst", "hidden": True})
    assert reply.ephemeral
    assert reply.message not in emulator.messages()
    assert emulator.messages(seen_by=emulator.member)[-1]["content"] == "psst"
    assert all(message["content"] != "psst" for message in emulator.messages(seen_by=emulator.owner))


@pytest.mark.parametrize("hidden", [False, True])
async def test_a_deferred_answer_replaces_thinking_and_keeps_its_privacy(
    hidden: bool, emulator: Emulator, small_bot: commands.Bot
) -> None:
    reply = await emulator.slash(emulator.member, "draw", {"hidden": hidden})
    assert reply.deferred
    assert [event.kind for event in reply.events] == ["callback", "followup"]
    thinking, drawn = (event.message for event in reply.events)
    assert thinking is not None
    assert drawn is not None
    assert thinking["flags"] & 128
    assert not drawn["flags"] & 128
    assert thinking["id"] == drawn["id"], "the first followup takes the place of the deferred reply"
    assert drawn["edited_timestamp"] is None
    assert reply.ephemeral is hidden
    (file,) = drawn["attachments"]
    assert (file["filename"], file["width"], file["description"]) == ("icon.png", 1, "an icon")
    assert file["content_type"] == "image/png"
    assert await emulator.attachment_bytes(drawn) == PNG


async def test_options_of_every_kind_reach_the_command(emulator: Emulator, small_bot: commands.Bot) -> None:
    guild = small_bot.get_guild(emulator.guild)
    assert guild is not None
    role = discord.utils.get(guild.roles, name="Moderators")
    assert role is not None
    options = {"user": emulator.stranger, "role": role.id, "channel": emulator.channels["fanart"], "count": 4}
    reply = await emulator.slash(emulator.member, "who", options)
    assert reply.message is not None
    assert reply.message["content"] == "Camille Moderators fanart 4"
    reply = await emulator.slash(emulator.member, "measure", {"file": ("a b.png", PNG)})
    assert reply.message is not None
    assert reply.message["content"] == f"a_b.png: {len(PNG)} 1"
    reply = await emulator.slash(emulator.member, "box lid open", {"wide": True})
    assert reply.message is not None
    assert reply.message["content"] == "open True"


async def test_an_interaction_says_who_where_and_in_which_language(emulator: Emulator, small_bot: commands.Bot) -> None:
    for user in (emulator.owner, emulator.moderator, emulator.member, emulator.stranger):
        reply = await emulator.slash(user, "where")
        assert reply.message is not None
        assert reply.message["content"] == f"{user.locale} en-US server {10 * 1024 * 1024} {user.id}"
    direct = emulator.direct_channel(emulator.stranger)
    reply = await emulator.slash(emulator.stranger, "where", channel=direct)
    assert reply.message is not None
    assert reply.message["content"] == f"fr None private {10 * 1024 * 1024} {emulator.stranger.id}"


async def test_buttons_menus_and_modals_reach_their_callbacks(emulator: Emulator, small_bot: commands.Bot) -> None:
    message = (await emulator.slash(emulator.member, "count")).message
    assert message is not None
    for n in range(3):
        reply = await emulator.press(emulator.stranger, message, f"count:{n}")
        message = reply.message
        assert message is not None
        assert message["content"] == f"pressed {n + 1}"
    menus = (await emulator.slash(emulator.member, "menus")).message
    assert menus is not None
    reply = await emulator.press(emulator.member, menus, "colours", ["R", "B"])
    assert reply.message is not None
    assert reply.message["content"] == "R+B"
    reply = await emulator.press(emulator.member, menus, "people", [emulator.owner])
    assert reply.message is not None
    assert reply.message["content"] == "Mel"
    assert reply.deferred
    quiet = await emulator.press(emulator.member, menus, "quiet", acknowledged=True)
    assert [event.type for event in quiet.events] == [6]
    opened = await emulator.slash(emulator.member, "form")
    assert opened.modal is not None
    assert opened.modal["title"] == "A question"
    with pytest.raises(UsageError, match="10 characters"):
        await emulator.modal_submit(emulator.member, opened, {"name": "x" * 11})
    reply = await emulator.modal_submit(emulator.member, opened, {"name": "Taro"})
    assert reply.ephemeral
    assert reply.message is not None
    assert reply.message["content"] == "hello Taro"


async def test_suggestions_and_context_menus_work(emulator: Emulator, small_bot: commands.Bot) -> None:
    choices = await emulator.autocomplete(emulator.member, "suggest", focused="word", value="ab")
    assert [choice["value"] for choice in choices] == ["ab-0", "ab-1", "ab-2"]
    waved = await emulator.context_menu(emulator.member, "Wave", emulator.owner)
    assert waved.message is not None
    assert waved.message["content"] == "waves at Mel"
    said = await emulator.post_message(emulator.stranger, content="bonjour")
    quoted = await emulator.context_menu(emulator.member, "Quote", said)
    assert quoted.message is not None
    assert quoted.message["content"] == "> bonjour", "a message pointed at can be read without the content intent"


async def test_a_command_that_never_answers_fails_after_three_seconds(
    emulator: Emulator, small_bot: commands.Bot, clock: ManualClock
) -> None:
    asked = asyncio.ensure_future(emulator.slash(emulator.member, "silent"))
    await asyncio.sleep(0)
    clock.advance(3.1)
    with pytest.raises(InteractionFailed, match="did not respond"):
        await asked


async def test_channels_messages_and_files_work_without_interactions(
    emulator: Emulator, small_bot: commands.Bot
) -> None:
    channel = small_bot.get_channel(emulator.channel)
    assert isinstance(channel, discord.TextChannel)
    first = await channel.send("one", nonce="n1")
    again = await channel.send("two", nonce="n1")
    assert again.id == first.id, "an enforced nonce gives the first message back"
    sent = await channel.send(file=discord.File(io.BytesIO(b"abc"), "a.txt"), reference=first)
    assert sent.reference is not None
    assert await sent.attachments[0].read() == b"abc"
    edited = await sent.edit(content="edited")
    assert edited.attachments, "an edit without attachments keeps them"
    edited = await sent.edit(attachments=[*edited.attachments, discord.File(io.BytesIO(PNG), "b.png")])
    assert [file.filename for file in edited.attachments] == ["a.txt", "b.png"]
    edited = await sent.edit(attachments=[])
    assert not edited.attachments
    history = [message.content async for message in channel.history(limit=2)]
    assert history == ["edited", "one"]
    assert (await channel.fetch_message(first.id)).content == "one"
    await sent.add_reaction("⭐")
    emulator.react(emulator.member, sent.id, "⭐")
    found = await channel.fetch_message(sent.id)
    assert [(str(reaction.emoji), reaction.count) for reaction in found.reactions] == [("⭐", 2)]
    await first.delete()
    with pytest.raises(discord.NotFound):
        await channel.fetch_message(first.id)
    async with channel.typing():
        pass


async def test_the_bot_can_write_to_a_person(emulator: Emulator, small_bot: commands.Bot) -> None:
    user = await small_bot.fetch_user(emulator.stranger.id)
    sent = await user.send("bonjour")
    assert emulator.messages(sent.channel.id)[0]["content"] == "bonjour"
    emulator.owner.accepts_direct_messages = False
    with pytest.raises(discord.Forbidden) as refused:
        await (await small_bot.fetch_user(emulator.owner.id)).send("hi")
    assert refused.value.code == 50007


async def test_people_s_messages_arrive_without_content_unless_allowed(
    emulator: Emulator, small_bot: commands.Bot
) -> None:
    heard = asyncio.ensure_future(small_bot.wait_for("message", timeout=ENOUGH))
    await asyncio.sleep(0)
    await emulator.post_message(emulator.member, content="secret", files=[("a.png", PNG)])
    message = await heard
    assert message.author.id == emulator.member.id
    assert message.content == ""
    assert not message.attachments
    heard = asyncio.ensure_future(small_bot.wait_for("message", timeout=ENOUGH))
    await asyncio.sleep(0)
    await emulator.post_message(emulator.member, content=f"<@{emulator.application_id}> hello")
    assert (await heard).content.endswith("hello"), "a mention may be read"


async def test_several_shards_each_serve_their_guilds(emulator: Emulator, start_small_bot: StartSmallBot) -> None:
    async with start_small_bot(sharded=True, shard_count=2) as bot:
        assert isinstance(bot, commands.AutoShardedBot)
        assert set(bot.shards) == {0, 1}
        reply = await emulator.slash(emulator.member, "echo", {"text": "sharded"})
        assert reply.message is not None
        joined = asyncio.ensure_future(bot.wait_for("guild_join", timeout=ENOUGH))
        await asyncio.sleep(0)
        guild = emulator.add_guild("Another")
        assert (await joined).id == guild.id


async def test_a_layout_of_components_shows_its_picture(emulator: Emulator, small_bot: commands.Bot) -> None:
    channel = small_bot.get_channel(emulator.channel)
    assert isinstance(channel, discord.TextChannel)
    view = discord.ui.LayoutView()
    gallery = discord.ui.MediaGallery[discord.ui.LayoutView](discord.MediaGalleryItem("attachment://icon.png"))
    view.add_item(discord.ui.Container(discord.ui.TextDisplay("An icon"), gallery))
    sent = await channel.send(view=view, file=discord.File(io.BytesIO(PNG), "icon.png"))
    (container,) = emulator.messages()[-1]["components"]
    assert container["components"][1]["items"][0]["media"]["url"].startswith(emulator.url)
    assert sent.flags.components_v2
    with pytest.raises(discord.HTTPException) as refused:
        await sent.edit(view=view, attachments=[])
    assert "was not found" in str(refused.value)
