"""The attachments of a message, including forwarded ones, and which are pictures."""

from __future__ import annotations

from collections.abc import Iterable

import discord

# For attachments without a content type; some of these are refused later.
_SUFFIXES = (
    ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".avif",
    ".jp2", ".jpx", ".ico", ".ppm", ".pgm", ".pbm", ".heic", ".heif", ".jxl",
)  # fmt: skip


def attachments_of(message: discord.Message) -> list[discord.Attachment]:
    """Return a message's attachments, then those of forwarded messages."""
    forwarded = (file for snapshot in message.message_snapshots for file in snapshot.attachments)
    return [*message.attachments, *forwarded]


def pictures_among(attachments: Iterable[discord.Attachment]) -> list[discord.Attachment]:
    """Return those with a picture's type or extension."""
    return [attachment for attachment in attachments if _claims(attachment)]


def _claims(attachment: discord.Attachment) -> bool:
    kind = attachment.content_type or ""
    return kind.startswith("image/") or (not kind and attachment.filename.lower().endswith(_SUFFIXES))
