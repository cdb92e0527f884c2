"""A forwarded message is an empty one with a snapshot of the original, as discord.py knows it."""

from __future__ import annotations

import discord
import pytest
from discord.ext import commands

from discord_emulator import Emulator, UsageError
from tests.discord_emulator.raw import PNG


async def fetched(small_bot: commands.Bot, message: dict[str, object]) -> discord.Message:
    channel = small_bot.get_channel(int(str(message["channel_id"])))
    assert isinstance(channel, discord.TextChannel)
    return await channel.fetch_message(int(str(message["id"])))


async def test_the_files_and_words_are_in_the_snapshot(emulator: Emulator, small_bot: commands.Bot) -> None:
    emulator.core.privileged_intents = 1 << 15
    original = await emulator.post_message(emulator.member, content="look", files=[("a.png", PNG)])
    forwarded = await emulator.forward(emulator.stranger, original, emulator.channels["fanart"])
    message = await fetched(small_bot, forwarded)
    assert (message.content, message.attachments) == ("", [])
    assert message.flags.forwarded
    assert message.reference is not None
    assert message.reference.type is discord.MessageReferenceType.forward
    assert message.reference.message_id == int(original["id"])
    (snapshot,) = message.message_snapshots
    assert snapshot.content == "look"
    assert [file.filename for file in snapshot.attachments] == ["a.png"]
    assert await snapshot.attachments[0].read() == PNG
    again = await emulator.forward(emulator.owner, forwarded)
    (snapshot,) = (await fetched(small_bot, again)).message_snapshots
    assert snapshot.content == "look"


async def test_without_the_intent_a_bot_sees_nothing_of_it(emulator: Emulator, small_bot: commands.Bot) -> None:
    original = await emulator.post_message(emulator.member, content="look", files=[("a.png", PNG)])
    forwarded = await emulator.forward(emulator.stranger, original)
    (snapshot,) = (await fetched(small_bot, forwarded)).message_snapshots
    assert (snapshot.content, snapshot.attachments) == ("", [])
    (kept,) = emulator.messages()[-1]["message_snapshots"]
    assert kept["message"]["content"] == "look", "people do"


async def test_nobody_forwards_what_they_may_not(emulator: Emulator, small_bot: commands.Bot) -> None:
    original = await emulator.post_message(emulator.member, content="look")
    with pytest.raises(UsageError, match="permission"):
        await emulator.forward(emulator.member, original, emulator.channels["read-only"])
    hidden = await emulator.slash(emulator.member, "echo", {"text": "psst", "hidden": True})
    with pytest.raises(UsageError, match="cannot be forwarded"):
        await emulator.forward(emulator.member, hidden.message)
