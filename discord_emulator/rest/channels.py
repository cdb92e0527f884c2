"""A channel, typing and pins."""

from __future__ import annotations

from discord_emulator.broadcast import broadcast, broadcast_typing, seen_by_bot
from discord_emulator.clock import iso
from discord_emulator.intents import GUILDS
from discord_emulator.model import Channel
from discord_emulator.payloads import channel_json
from discord_emulator.permissions import Permission
from discord_emulator.rest.call import Answer, Call, Route
from discord_emulator.snowflakes import born_at


def find_channel(call: Call, *needed: Permission) -> Channel:
    """Return a request's channel if the bot can see it and has the `needed` permissions."""
    channel = call.core.world.channel(call.id("channel_id"))
    call.core.require(channel, *needed)
    return channel


async def _get(call: Call) -> Answer:
    return channel_json(find_channel(call))


async def _typing(call: Call) -> Answer:
    broadcast_typing(call.core, find_channel(call, Permission.SEND_MESSAGES), call.core.world.bot)


async def _pins(call: Call) -> Answer:
    channel = find_channel(call)
    pinned = [m for m in reversed(call.core.history.public(channel.id)) if m.payload["pinned"]]
    items = [{"pinned_at": iso(born_at(m.id)), "message": seen_by_bot(call.core, m)} for m in pinned]
    return {"items": items[: call.number("limit", 50, 1, 50)], "has_more": False}


async def _pin(call: Call) -> Answer:
    channel = find_channel(call)
    if channel.guild:
        call.core.require(channel, Permission.PIN_MESSAGES)
    message = call.core.bot_message(channel, call.id("message_id"))
    message.payload["pinned"] = call.request.method == "PUT"
    broadcast(call.core, "MESSAGE_UPDATE", message)
    where = {"channel_id": str(channel.id)} | ({"guild_id": str(channel.guild.id)} if channel.guild else {})
    payload = where | {"last_pin_timestamp": iso(call.core.clock())}
    call.core.gateway.emit("CHANNEL_PINS_UPDATE", payload, channel, GUILDS)


_CHANNEL = "/channels/{channel_id}"

ROUTES = (
    Route("GET", _CHANNEL, _get),
    Route("POST", _CHANNEL + "/typing", _typing, "typing"),
    Route("GET", _CHANNEL + "/messages/pins", _pins),
    Route("PUT", _CHANNEL + "/messages/pins/{message_id}", _pin),
    Route("DELETE", _CHANNEL + "/messages/pins/{message_id}", _pin),
)
