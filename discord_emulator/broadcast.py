"""Broadcasts events: to the bot over the gateway, to users' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator.intents import DIRECT_MESSAGES, DIRECT_REACTIONS, GUILD_MESSAGES, GUILD_REACTIONS, MESSAGE_CONTENT
from discord_emulator.payloads import member_json, user_json
from discord_emulator.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterable

    from discord_emulator.core import Core
    from discord_emulator.errors import Json
    from discord_emulator.history import Message
    from discord_emulator.model import Channel, User


def can_see(message: Message, user: User) -> bool:
    """Whether `user` can see a message."""
    if message.visible_to is not None:
        return message.visible_to is user
    return bool(message.channel.permissions_of(user) & Permission.VIEW_CHANNEL)


def seen_by_bot(core: Core, message: Message, *, content: bool | None = None) -> Json:
    """Return a message as the bot sees it: without the message content intent, others' content is removed.

    `content` overrides the application's setting, for a session without the intent.
    """
    payload = message.json()
    bot = core.world.bot
    mentioned = any(user["id"] == str(bot.id) for user in payload["mentions"])
    own = message.author is bot or mentioned or message.channel.guild is None
    allowed = bool(core.privileged_intents & MESSAGE_CONTENT) if content is None else content
    if not own and not allowed:
        hidden: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
        payload |= hidden
        for snapshot in payload.get("message_snapshots", []):
            snapshot["message"] |= hidden
    return payload


def broadcast(core: Core, event: str, message: Message) -> None:
    """Send MESSAGE_CREATE or MESSAGE_UPDATE to the bot and to every page that can see it."""
    core.keep(message)
    guild = message.channel.guild
    for session in core.gateway.listeners(message.channel):
        # Ephemeral messages are sent without a guild, like direct messages.
        private = guild is None or message.visible_to is not None
        if not session.intents & (DIRECT_MESSAGES if private else GUILD_MESSAGES):
            continue
        payload = seen_by_bot(core, message, content=bool(session.intents & MESSAGE_CONTENT))
        if guild and not private:
            payload["guild_id"] = str(guild.id)
            member = guild.members.get(message.author.id)
            if member:
                payload["member"] = member_json(member, with_user=False)
        if message.nonce and event == "MESSAGE_CREATE":
            payload["nonce"] = message.nonce
        session.dispatch(event, payload)
    payload = message.json()
    if message.nonce and event == "MESSAGE_CREATE":
        payload["nonce"] = message.nonce
    if guild:
        payload["guild_id"] = str(guild.id)
    core.pages.send(event, payload, lambda user: can_see(message, user))


def broadcast_deletion(core: Core, messages: Iterable[Message], channel: Channel, *, bulk: bool = False) -> None:
    """Send MESSAGE_DELETE for each message, or one MESSAGE_DELETE_BULK to the bot."""
    gone = list(messages)
    guild = channel.guild
    place: Json = {"channel_id": str(channel.id)} | ({"guild_id": str(guild.id)} if guild else {})
    if bulk:
        core.gateway.emit("MESSAGE_DELETE_BULK", {"ids": [str(m.id) for m in gone]} | place, channel, GUILD_MESSAGES)
    for message in gone:
        payload = {"id": str(message.id)} | place
        if not bulk and message.visible_to is None:
            core.gateway.emit("MESSAGE_DELETE", payload, channel, GUILD_MESSAGES if guild else DIRECT_MESSAGES)
        elif not bulk:
            own = {"id": str(message.id), "channel_id": str(channel.id)}
            core.gateway.emit("MESSAGE_DELETE", own, channel, DIRECT_MESSAGES)

        def seen(user: User, message: Message = message) -> bool:
            return can_see(message, user)

        core.pages.send("MESSAGE_DELETE", payload, seen)


def broadcast_typing(core: Core, channel: Channel, user: User) -> None:
    """Show a typing indicator on the pages."""
    payload = {"channel_id": str(channel.id), "user": user_json(user)}
    core.pages.send("TYPING", payload, lambda viewer: bool(channel.permissions_of(viewer)))


def broadcast_commands(core: Core) -> None:
    """Send each page its user's commands."""
    core.pages.send_each("COMMANDS", core.commands.offered)


def broadcast_reaction(core: Core, event: str, message: Message, user: User, emoji: str) -> None:
    """Send MESSAGE_REACTION_ADD or _REMOVE to the bot, and the updated message to the pages."""
    core.keep(message)
    channel = message.channel
    payload: dict[str, Any] = {
        "user_id": str(user.id),
        "channel_id": str(channel.id),
        "message_id": str(message.id),
        "message_author_id": str(message.author.id),
        "emoji": {"id": None, "name": emoji},
        "burst": False,
        "type": 0,
    }
    if channel.guild:
        payload["guild_id"] = str(channel.guild.id)
        if event.endswith("ADD"):
            payload["member"] = member_json(channel.guild.members[user.id])
    core.gateway.emit(event, payload, channel, GUILD_REACTIONS if channel.guild else DIRECT_REACTIONS)
    core.pages.send("MESSAGE_UPDATE", message.json(), lambda viewer: can_see(message, viewer))
