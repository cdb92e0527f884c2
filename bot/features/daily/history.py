"""Searches a channel for a post made by an attempt that crashed before recording it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import discord

from bot.ui.permissions import channel_permissions

if TYPE_CHECKING:
    from bot.client import MeliconBot

# clock skew between this machine (due times) and Discord (message timestamps)
_CLOCKS_APART = timedelta(minutes=15)
_MOST = 5000  # messages; 100 a request


class CannotTell(Exception):  # noqa: N818 - says what is the matter
    """Unknown whether the post was made; sending again might duplicate it."""


async def find_post(
    bot: MeliconBot, guild_id: int, channel_id: int, matches: Callable[[discord.Message], bool], since: datetime
) -> int | None:
    """Return the id of the bot's first message made after about `since` that `matches`, or None.

    Raises `CannotTell` and discord.HTTPException; a deleted channel counts as having no posts.
    """
    assert bot.user is not None  # noqa: S101 - logged in
    try:
        held = await channel_permissions(bot, guild_id, channel_id)
        if not held.read_message_history:  # Discord would return an empty history
            raise CannotTell("Read Message History is missing")
        channel = bot.get_partial_messageable(channel_id, guild_id=guild_id)
        after = discord.Object(discord.utils.time_snowflake(since - _CLOCKS_APART))
        seen = 0
        async for message in channel.history(limit=_MOST, after=after, oldest_first=True):
            seen += 1
            if message.author.id == bot.user.id and matches(message):
                return message.id
    except discord.NotFound:
        return None
    if seen >= _MOST:
        raise CannotTell(f"more than {_MOST} messages since {since:%Y-%m-%d %H:%M} UTC")
    return None
