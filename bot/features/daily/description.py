"""The description of a subscription for `/daily set` and `/daily show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.features.daily.server_icons import MISSING_PERMISSION
from bot.i18n import language_name
from bot.localtime.times import clock
from bot.ui.text import quoted

if TYPE_CHECKING:
    from bot.i18n import Words
    from bot.store import DailySubscription, ServerIcon
    from bot.ui.server import Server


def described(words: Words, subscription: DailySubscription, server: Server) -> str:
    """Return the subscription's description, line by line; `server`: its settings."""
    language = language_name(server.locale or subscription.locale)
    lines = [
        words(
            "daily.where",
            channel=f"<#{subscription.channel_id}>",
            time=clock(subscription.minute),
            timezone=subscription.timezone,
        ),
        words("daily.language", language=language)
        if server.locale is None
        else words("daily.language.server", language=language, settings=words("command.settings.name")),
    ]
    if subscription.role_id is not None:
        lines.append(words("daily.pings", role=f"<@&{subscription.role_id}>"))
    if subscription.message:
        lines.append(words("daily.says", message=quoted(subscription.message)))
    if subscription.server_icon:
        lines.append(words("daily.icon"))
    if subscription.monthly:
        lines.append(words("daily.monthly"))
    if subscription.paused_at is not None:
        since = discord.utils.format_dt(subscription.paused_at, "D")
        lines.append(words("daily.paused", since=since, reason=quoted(subscription.pause_reason or "?")))
    elif subscription.next_at is not None:
        moment = discord.utils.format_dt(subscription.next_at, "F")
        lines.append(words("daily.next", moment=moment, relative=discord.utils.format_dt(subscription.next_at, "R")))
    return "\n".join(lines)


def icon_problem(words: Words, icon: ServerIcon) -> str | None:
    """Return why a server's icon could not be changed the last time, or None."""
    if icon.error is None:
        return None
    if icon.error == MISSING_PERMISSION:
        return words("daily.icon.permission", missing=f"**{words('permission.manage_guild')}**")
    return words("daily.icon.problem", reason=quoted(icon.error))
