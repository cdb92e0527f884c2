"""The daily post: its text, buttons, and the nonce and ⭐ custom id that identify it."""

from __future__ import annotations

import hashlib
import logging
from datetime import date
from typing import TYPE_CHECKING, Any

import discord

from bot.features.daily.star_button import STAR, star_buttons
from bot.i18n.dates import long_date
from bot.ui.posting import icon_message

if TYPE_CHECKING:
    from bot.i18n import Words
    from bot.inference import Drawing
    from bot.store import DailySubscription

log = logging.getLogger(__name__)

# Discord's error for a reused nonce whose message was deleted; it is not sent again
UNKNOWN_MESSAGE = 10008


def daily_message(
    drawing: Drawing, words: Words, day: date, code: str, subscription: DailySubscription | None
) -> dict[str, Any]:
    """Return the `send` arguments for a date's icon, without ⭐ and nonce; single use.

    `code` is what to type to see the icon again; `subscription` gives the role to ping and custom text, if any.
    """
    lines = [words("daily.post", date=long_date(words, day), code=code, style=drawing.style)]
    mentions = discord.AllowedMentions.none()
    if subscription is not None:
        if subscription.message:
            lines.insert(0, subscription.message)
        if subscription.role_id is not None:
            lines.insert(0, f"<@&{subscription.role_id}>")
            mentions.roles = [discord.Object(subscription.role_id)]
    return icon_message(drawing, words, "\n".join(lines)) | {"allowed_mentions": mentions}


def post_message(
    drawing: Drawing, words: Words, day: date, code: str, subscription: DailySubscription
) -> dict[str, Any]:
    """Return the `send` arguments for a server's post of a date; single use."""
    message = daily_message(drawing, words, day, code, subscription)
    return message | {"view": star_buttons(words, day, 0, drawing.pinned), "nonce": nonce(subscription.guild_id, day)}


def nonce(guild_id: int, day: date) -> str:
    """Return the nonce of a server's post of a date, equal for every attempt; 24 characters."""
    return hashlib.sha256(f"melicon daily {guild_id} {day.isoformat()}".encode()).hexdigest()[:24]


def is_post_of(day: date, message: discord.Message) -> bool:
    """Whether a message of the bot is its post of a date, by its ⭐ button."""
    items = (item for row in message.components for item in getattr(row, "children", [row]))
    return any(getattr(item, "custom_id", None) == f"{STAR}{day.isoformat()}" for item in items)
