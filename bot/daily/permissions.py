"""What the bot must be allowed in the channel of the icon of the day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    from bot.client import MeliconBot

# to post, and to see after an accident whether it has posted
NEEDED = ("view_channel", "send_messages", "attach_files", "read_message_history")


async def channel_permissions(bot: MeliconBot, guild_id: int, channel_id: int) -> discord.Permissions:
    """Return what the bot may do in a channel. Raises discord.HTTPException, NotFound where the channel is gone."""
    guild = bot.get_guild(guild_id)
    if guild is not None and (channel := guild.get_channel(channel_id)) is not None:
        return channel.permissions_for(guild.me)
    # a server of another process, or one that is not known yet
    assert bot.user is not None  # noqa: S101 - logged in
    guild = await bot.fetch_guild(guild_id, with_counts=False)
    me = await guild.fetch_member(bot.user.id)
    return (await guild.fetch_channel(channel_id)).permissions_for(me)


def missing_permissions(held: discord.Permissions) -> list[str]:
    """Return the names of needed permissions that are not held, as `discord.Permissions` calls them."""
    return [name for name in NEEDED if not getattr(held, name)]
