"""What the bot must be allowed in the channel of the icon of the day."""

from __future__ import annotations

import discord

from bot.client import PERMISSIONS

NEEDED = PERMISSIONS


async def channel_permissions(bot: discord.Client, guild_id: int, channel_id: int) -> discord.Permissions:
    """Return what the bot may do in a channel. Raises discord.HTTPException, NotFound where the channel is gone."""
    guild = bot.get_guild(guild_id)
    if guild is not None and (known := guild.get_channel_or_thread(channel_id)) is not None:
        if not isinstance(known, discord.Thread):
            return known.permissions_for(guild.me)
        if known.parent is not None:
            return _in_a_thread_of(known.parent, guild.me)
    # a server of another process, or one that is not known yet
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
    """Return what `me` may do in a thread of a channel, as `discord.Thread.permissions_for` does if it is known."""
    # not the channel's own, which takes more away from whoever may not write in the channel itself
    held = discord.abc.GuildChannel.permissions_for(parent, me)
    held.send_messages = held.view_channel and held.send_messages_in_threads
    held.attach_files = held.attach_files and held.send_messages
    return held


def missing_permissions(held: discord.Permissions) -> list[str]:
    """Return the names of needed permissions that are not held, as `discord.Permissions` calls them."""
    return [name for name in NEEDED if not getattr(held, name)]
