"""Notifies whoever set up the icon of the day, else the bot's owner, that it is paused."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.ui.text import quoted

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.store import DailySubscription

log = logging.getLogger(__name__)


async def tell_paused(bot: MeliconBot, subscription: DailySubscription, days: int) -> None:
    """Send one direct message to the first user who accepts it."""
    guild = bot.get_guild(subscription.guild_id)
    text = bot.catalogues.words(subscription.locale)(
        "daily.paused.message",
        server=quoted(guild.name if guild else str(subscription.guild_id)),
        channel=f"<#{subscription.channel_id}>",
        days=days,
        reason=quoted(subscription.pause_reason or "?"),
    )
    log.warning("server %d: paused after %d days: %s", subscription.guild_id, days, subscription.pause_reason)
    for user_id in dict.fromkeys(user for user in (subscription.set_by, *sorted(bot.owners.known)) if user is not None):
        try:
            channel = await bot.create_dm(discord.Object(user_id))
            await channel.send(text)
        except discord.HTTPException as error:
            log.info("cannot notify user %d: %s", user_id, error)
        else:
            return
    log.error("server %d: nobody could be notified that its icon of the day is paused", subscription.guild_id)
