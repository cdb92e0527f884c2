"""Users' messages, reactions and the welcome message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator.broadcast import broadcast, broadcast_reaction, can_see
from discord_emulator.errors import UsageError
from discord_emulator.history import HAS_SNAPSHOT
from discord_emulator.permissions import Permission
from discord_emulator.posting import blank_message, fill
from discord_emulator.validation.messages import MAX_CONTENT, MAX_FILES, Draft

if TYPE_CHECKING:
    from discord_emulator.attachments import Upload
    from discord_emulator.core import Core
    from discord_emulator.history import Message
    from discord_emulator.model import Channel, User


# the fields of a forwarded message's snapshot
_COPIED = (
    "type", "content", "embeds", "attachments", "components", "timestamp", "edited_timestamp", "flags", "mentions",
    "mention_roles",
)  # fmt: skip


def say(core: Core, user: User, channel: Channel, payload: dict[str, Any], files: list[Upload]) -> Message:
    """Post a user's message (``content``, ``nonce``) with files. Raises UsageError."""
    held = channel.permissions_of(user)
    if not held & Permission.SEND_MESSAGES:
        raise UsageError("You do not have permission to send messages in this channel.")
    content = payload.get("content") or ""
    if not isinstance(content, str) or len(content) > MAX_CONTENT:
        raise UsageError(f"A message has at most {MAX_CONTENT:,} characters.")
    if not content.strip() and not files:
        raise UsageError("The message is empty.")
    if len(files) > MAX_FILES:
        raise UsageError(f"A message has at most {MAX_FILES} files.")
    for file in files:
        if len(file.data) > core.upload_limit(channel):
            raise UsageError(f"{file.filename} is too large to upload here.")
    message = blank_message(core, channel, user)
    message.nonce = str(payload["nonce"])[:25] if payload.get("nonce") is not None else None
    fill(core, message, Draft(content=content, uploads=dict(enumerate(files))))
    core.store_message(message)
    broadcast(core, "MESSAGE_CREATE", message)
    return message


def forward(core: Core, user: User, original: Message, channel: Channel) -> Message:
    """Forward a message to a channel as a user: an empty message with a snapshot of the original.

    Forwarding a forwarded message copies its snapshot. Raises UsageError where Discord's client would refuse.
    """
    if not channel.permissions_of(user) & Permission.SEND_MESSAGES:
        raise UsageError("You do not have permission to send messages in this channel.")
    if original.visible_to is not None or not can_see(original, user):
        raise UsageError("This message cannot be forwarded.")
    found = original.json()
    copied = {key: found[key] for key in _COPIED}
    message = blank_message(core, channel, user, flags=HAS_SNAPSHOT)
    reference = {"type": 1, "message_id": str(original.id), "channel_id": str(original.channel.id)}
    if original.channel.guild:
        reference["guild_id"] = str(original.channel.guild.id)
    message.payload["message_reference"] = reference
    message.payload["message_snapshots"] = found.get("message_snapshots", [{"message": copied}])
    core.store_message(message)
    broadcast(core, "MESSAGE_CREATE", message)
    return message


def welcome(core: Core, text: str) -> None:
    """Post the moderator's welcome in the first channel, without events."""
    host = next(user for user in core.world.users.values() if user.standing == "moderator")
    message = blank_message(core, core.default_channel, host)
    fill(core, message, Draft(content=text))
    core.store_message(message)
    core.keep(message)


def react(core: Core, user: User, message: Message, emoji: str) -> None:
    """Add a user's reaction to a message."""
    users = message.reactions.setdefault(emoji, [])
    if user.id not in users:
        users.append(user.id)
        broadcast_reaction(core, "MESSAGE_REACTION_ADD", message, user, emoji)
