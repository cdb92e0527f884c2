"""Collects pictures: attached to a command or message, or posted in a channel."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.errors import Refusal
from bot.ui.attachments import attachments_of, pictures_among
from gan.dataset.reasons import Reason

if TYPE_CHECKING:
    from bot.client import MeliconBot

_LARGEST = 256 * 2**20  # bytes of one attachment
_ALL = 768 * 2**20  # total bytes
_MESSAGES = 5_000  # messages searched in a channel


async def fetched(attachments: Iterable[discord.Attachment]) -> AsyncIterator[tuple[str, bytes | str]]:
    """Yield each attachment's name and bytes, or the reason of failure; one file in memory at a time."""
    left = _ALL
    for attachment in attachments:
        if attachment.size > min(_LARGEST, left):
            yield attachment.filename, f"larger than {min(_LARGEST, left) >> 20} MiB"
            continue
        left -= attachment.size
        try:
            yield attachment.filename, await attachment.read()
        except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
            yield attachment.filename, Reason("lost", detail=type(error).__name__)


async def posted_in(bot: MeliconBot, channel: discord.TextChannel, limit: int) -> Sequence[discord.Attachment]:
    """Return up to `limit` pictures posted or forwarded in a channel, newest first.

    Raises Refusal if none are visible: without the message content intent, Discord hides attachments.
    """
    found: list[discord.Attachment] = []
    others = 0
    me = bot.user.id if bot.user else 0
    try:
        async for message in channel.history(limit=_MESSAGES):
            if message.author.id == me:
                continue
            others += bool(message.type is discord.MessageType.default and not message.content)
            found += pictures_among(attachments_of(message))
            if len(found) >= limit:
                break
    except discord.Forbidden as error:
        raise Refusal("retrain.channel.forbidden", channel=channel.mention) from error
    if not found:
        hidden = others and not _may_read(bot)
        raise Refusal("retrain.channel.hidden" if hidden else "retrain.channel.empty", channel=channel.mention)
    return found[:limit]


def _may_read(bot: MeliconBot) -> bool:
    flags = bot.application.flags if bot.application else None
    return bool(flags and (flags.gateway_message_content or flags.gateway_message_content_limited))
