"""Reactions with Unicode emojis."""

from __future__ import annotations

import re
import unicodedata

from discord_emulator import errors
from discord_emulator.broadcast import broadcast_reaction
from discord_emulator.payloads import user_json
from discord_emulator.permissions import Permission
from discord_emulator.rest.call import Answer, Call, Route
from discord_emulator.rest.channels import find_channel

_CUSTOM = re.compile(r"\w{2,32}:[0-9]+")
_MAX_EMOJIS = 20


def _emoji(call: Call) -> str:
    """Return a path's emoji; guild emojis are not supported."""
    emoji = call.text("emoji")
    if _CUSTOM.fullmatch(emoji) or len(emoji) > 16 or not any(unicodedata.category(c)[0] == "S" for c in emoji):
        raise errors.unknown("emoji")
    return emoji


async def _add(call: Call) -> Answer:
    core = call.core
    channel = find_channel(call, Permission.READ_MESSAGE_HISTORY)
    message = core.bot_message(channel, call.id("message_id"))
    emoji = _emoji(call)
    if emoji not in message.reactions:
        core.require(channel, Permission.ADD_REACTIONS)
        if len(message.reactions) >= _MAX_EMOJIS:
            raise errors.ApiError(400, 30010, "Maximum number of reactions reached (20)")
    users = message.reactions.setdefault(emoji, [])
    if core.world.bot.id not in users:
        users.append(core.world.bot.id)
        broadcast_reaction(core, "MESSAGE_REACTION_ADD", message, core.world.bot, emoji)


async def _remove(call: Call) -> Answer:
    core = call.core
    channel = find_channel(call)
    message = core.bot_message(channel, call.id("message_id"))
    emoji, who = _emoji(call), call.text("user_id")
    user = core.world.bot if who == "@me" else core.world.user(call.id("user_id"))
    if user is not core.world.bot:
        core.require(channel, Permission.MANAGE_MESSAGES)
    users = message.reactions.get(emoji, [])
    if user.id in users:
        users.remove(user.id)
        if not users:
            del message.reactions[emoji]
        broadcast_reaction(core, "MESSAGE_REACTION_REMOVE", message, user, emoji)


async def _users(call: Call) -> Answer:
    core = call.core
    message = core.bot_message(find_channel(call), call.id("message_id"))
    users = message.reactions.get(_emoji(call), [])
    return [user_json(core.world.users[user]) for user in users[: call.number("limit", 25, 1, 100)]]


_REACTIONS = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}"

ROUTES = (
    Route("PUT", _REACTIONS + "/@me", _add, "reaction"),
    Route("DELETE", _REACTIONS + "/{user_id}", _remove, "reaction"),
    Route("GET", _REACTIONS, _users),
)
