"""The permissions the bot needs in the channel of the icon of the day, and those of members who set things up."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import PERMISSIONS
from bot.errors import Refusal


def managed_server(interaction: discord.Interaction[Any]) -> int:
    """Return the server's id; refuse members who cannot manage it, whatever the command permissions say."""
    if interaction.guild_id is None:
        raise Refusal("server.only")
    if not interaction.permissions.manage_guild:
        raise Refusal("server.manager")
    return interaction.guild_id


async def channel_permissions(bot: discord.Client, guild_id: int, channel_id: int) -> discord.Permissions:
    """Return the bot's permissions in a channel. Raises discord.HTTPException; NotFound if it is deleted."""
    guild = bot.get_guild(guild_id)
    if guild is not None and (known := guild.get_channel_or_thread(channel_id)) is not None:
        if not isinstance(known, discord.Thread):
            return known.permissions_for(guild.me)
        if known.parent is not None:
            return _in_a_thread_of(known.parent, guild.me)
    # a server of another shard, or not cached yet
    assert bot.user is not None  # noqa: S101 - logged in
    guild = await bot.fetch_guild(guild_id, with_counts=False)
    me = await guild.fetch_member(bot.user.id)
    channel = await guild.fetch_channel(channel_id)
    if not isinstance(channel, discord.Thread):
        return channel.permissions_for(me)
    parent = await guild.fetch_channel(channel.parent_id)
    assert not isinstance(parent, discord.Thread)  # noqa: S101 - threads have no threads
    return _in_a_thread_of(parent, me)


def _in_a_thread_of(parent: discord.abc.GuildChannel, me: discord.Member) -> discord.Permissions:
    """Return the permissions of `me` in a thread, as `discord.Thread.permissions_for` if cached."""
    # not the channel's own method, which subtracts more for members who may not write in the channel
    held = discord.abc.GuildChannel.permissions_for(parent, me)
    held.send_messages = held.view_channel and held.send_messages_in_threads
    held.attach_files = held.attach_files and held.send_messages
    return held


def missing_permissions(held: discord.Permissions) -> list[str]:
    """Return the names of missing permissions, as in `discord.Permissions`."""
    return [name for name in PERMISSIONS if not getattr(held, name)]
