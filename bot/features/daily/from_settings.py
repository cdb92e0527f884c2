"""The icon of the day by settings (DAILY_CHANNEL_ID etc.), for owners of a single server."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

import discord

from bot.localtime.due_dates import Schedule
from bot.localtime.times import clock, parse_time
from bot.store import DailySubscription
from bot.ui.permissions import channel_permissions, missing_permissions

if TYPE_CHECKING:
    from bot.client import MeliconBot

log = logging.getLogger(__name__)


async def apply_settings(bot: MeliconBot, now: datetime) -> None:
    """Create the configured subscription, and delete one that is no longer configured."""
    settings = bot.settings
    subscriptions = bot.store.subscriptions
    if settings.daily_channel_id is None:
        await subscriptions.remove_set_by_owner(but=None)
        return
    try:
        channel = await bot.fetch_channel(settings.daily_channel_id)
    except discord.HTTPException as error:
        # keep the subscription: Discord may be temporarily unavailable
        log.error("DAILY_CHANNEL_ID %d cannot be used: %s", settings.daily_channel_id, error)  # noqa: TRY400 - one line says it
        return
    if not isinstance(channel, discord.TextChannel):
        log.error("DAILY_CHANNEL_ID %d is not a text channel of a server", settings.daily_channel_id)
        return
    minute = parse_time(settings.daily_time) or 0  # validated by the settings
    schedule = Schedule(minute, settings.daily_timezone)
    guild = await bot.fetch_guild(channel.guild.id, with_counts=False)
    await subscriptions.remove_set_by_owner(but=guild.id)
    wanted = {
        "channel_id": channel.id,
        "minute": minute,
        "timezone": settings.daily_timezone,
        "locale": settings.daily_language or str(guild.preferred_locale),
        "set_by": None,
        "role_id": None,
        "message": None,
        "server_icon": False,
        "monthly": False,
    }
    current = await subscriptions.get(guild.id)
    next_date, next_at = schedule.first_after(now)
    if current is not None and current.next_at is not None:
        if all(getattr(current, key) == value for key, value in wanted.items()):
            return
        if (current.minute, current.timezone) == (minute, settings.daily_timezone):
            # posts missed during downtime are caught up
            next_date, next_at = current.next_date, current.next_at
    made = DailySubscription(guild_id=guild.id, next_date=next_date, next_at=next_at, **wanted)
    await subscriptions.put(made, schedule.following)
    log.info("posting the icon of the day in #%s at %s %s", channel, clock(minute), settings.daily_timezone)
    if missing := missing_permissions(await channel_permissions(bot, guild.id, channel.id)):
        log.error("DAILY_CHANNEL_ID %d: in #%s the bot lacks %s", channel.id, channel, ", ".join(missing))
