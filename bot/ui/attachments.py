"""The files of a message: its own and those that it forwards, and which of them claim to be pictures."""

from __future__ import annotations

from collections.abc import Iterable

import discord

# Where Discord does not say what a file is. Some of these are refused later, by their name.
_SUFFIXES = (
    ".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".avif",
    ".jp2", ".jpx", ".ico", ".ppm", ".pgm", ".pbm", ".heic", ".heif", ".jxl",
)  # fmt: skip


def attachments_of(message: discord.Message) -> list[discord.Attachment]:
    """Return the files of a message, then those of the messages that it forwards."""
    forwarded = (file for snapshot in message.message_snapshots for file in snapshot.attachments)
    return [*message.attachments, *forwarded]


def pictures_among(attachments: Iterable[discord.Attachment]) -> list[discord.Attachment]:
    """Return those that claim to be pictures."""
    return [attachment for attachment in attachments if _claims(attachment)]


def _claims(attachment: discord.Attachment) -> bool:
    kind = attachment.content_type or ""
    return kind.startswith("image/") or (not kind and attachment.filename.lower().endswith(_SUFFIXES))
