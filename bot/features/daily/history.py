"""Looks into a channel for a post that an earlier attempt may have made without living to note it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import discord

from bot.features.daily.message import is_post_of
from bot.ui.permissions import channel_permissions

if TYPE_CHECKING:
    from datetime import date

    from bot.client import MeliconBot

# between this machine's clock, by which posts are due, and Discord's, by which messages are dated
_CLOCKS_APART = timedelta(minutes=15)
_MOST = 5000  # messages, 100 a request


class CannotTell(Exception):  # noqa: N818 - says what is the matter
    """Whether the post was made cannot be found out: to send it again might be to send it twice."""


async def find_post(bot: MeliconBot, guild_id: int, channel_id: int, day: date, since: datetime) -> int | None:
    """Return the id of the post of `day` in a channel, made after about `since`; None: there is none.

    Raises `CannotTell`, and discord.HTTPException, except that a channel which is gone has no posts.
    """
    assert bot.user is not None  # noqa: S101 - logged in
    try:
        held = await channel_permissions(bot, guild_id, channel_id)
        if not held.read_message_history:  # Discord would show an empty history
            raise CannotTell("Read Message History is missing")
        channel = bot.get_partial_messageable(channel_id, guild_id=guild_id)
        after = discord.Object(discord.utils.time_snowflake(since - _CLOCKS_APART))
        seen = 0
        async for message in channel.history(limit=_MOST, after=after, oldest_first=True):
            seen += 1
            if is_post_of(message, bot.user.id, day):
                return message.id
    except discord.NotFound:
        return None
    if seen >= _MOST:
        raise CannotTell(f"there are more than {_MOST} messages since {since:%Y-%m-%d %H:%M} UTC")
    return None
