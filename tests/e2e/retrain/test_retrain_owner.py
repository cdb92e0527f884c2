"""Who may teach the bot, and who sees that it can be taught."""

from __future__ import annotations

import logging

import pytest

from bot.client import MeliconBot
from discord_emulator import Emulator, UsageError
from discord_emulator.permissions import Permission
from tests.e2e.conftest import StartBot
from tests.e2e.retrain.jobs import propose
from tests.gan.odd_pictures import plain


async def test_others_are_turned_down_politely_and_it_is_logged(
    emulator: Emulator, bot: MeliconBot, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UsageError, match="has no command 'retrain'"):
        await emulator.slash(emulator.moderator, "retrain", {"images": ("a.png", plain(1))})
    # an administrator of the server sees it, yet owns no bot
    guild = next(iter(emulator.core.world.guilds.values()))
    role = next(role for role in guild.roles.values() if role.name == "Moderators")
    role.permissions |= int(Permission.ADMINISTRATOR)
    with caplog.at_level(logging.WARNING):
        reply = await emulator.slash(emulator.moderator, "retrain", {"images": ("a.png", plain(1))})
    assert reply.ephemeral
    assert "Only my owner" in reply.message["content"]
    assert f"user {emulator.moderator.id} is not an owner and tried: retrain" in caplog.text
    message = await emulator.post_message(emulator.member, files=[("a.png", plain(1))])
    reply = await emulator.context_menu(emulator.moderator, "Learn from this message", message)
    assert "Only my owner" in reply.message["content"]
    reply = await emulator.slash(emulator.moderator, "retrain", {"channel": emulator.channels["fanart"]})
    assert "Only my owner" in reply.message["content"]
    for command in ("retrain", "style list"):
        reply = await emulator.slash(emulator.moderator, command)
        assert "Only my owner" in reply.message["content"]


async def test_the_team_may_teach_who_only_reads_or_was_only_invited_may_not(
    emulator: Emulator, start_bot: StartBot
) -> None:
    people = {emulator.moderator: ("developer", 2), emulator.member: ("read_only", 2), emulator.stranger: ("admin", 1)}
    emulator.core.world.team = {user.id: given for user, given in people.items()}
    guild = next(iter(emulator.core.world.guilds.values()))
    guild.roles[guild.id].permissions |= int(Permission.ADMINISTRATOR)  # everyone sees the command
    async with start_bot():
        for user, told in (
            (emulator.owner, "No training"),
            (emulator.moderator, "No training"),
            (emulator.member, "オーナー"),
            (emulator.stranger, "propriétaire"),
        ):
            reply = await emulator.slash(user, "retrain")
            assert told in reply.message["content"], user.name


async def test_with_an_admin_server_the_owners_commands_are_there_alone(
    emulator: Emulator, start_bot: StartBot
) -> None:
    async with start_bot(admin_guild_id=int(emulator.guild)):
        told = {call.guild_id: {command["name"] for command in call.commands} for call in emulator.sync_calls}
        mine = {"retrain", "style", "Learn from this message"}
        assert told[int(emulator.guild)] == mine
        assert not mine & told[None]
        reply = await propose(emulator)
        assert "**12** pictures" in reply.message["content"]
        message = await emulator.post_message(emulator.member, content="no drawings")
        reply = await emulator.context_menu(emulator.owner, "Learn from this message", message)
        assert "no picture" in reply.message["content"]


async def test_help_does_not_list_what_is_the_owners(emulator: Emulator, bot: MeliconBot) -> None:
    reply = await emulator.slash(emulator.member, "help")
    assert "/melicon" in str(reply.message["embeds"])
    assert "retrain" not in str(reply.message["embeds"])
