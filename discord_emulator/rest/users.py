"""The bot's account, other users, direct message channels, and the gateway's URL."""

from __future__ import annotations

from discord_emulator import errors
from discord_emulator.payloads import application_json, channel_json, partial_guild_json, user_json
from discord_emulator.rest.call import Answer, Call, Route
from discord_emulator.validation.messages import start


async def _me(call: Call) -> Answer:
    return user_json(call.core.world.bot) | {"verified": True, "mfa_enabled": True, "email": None, "flags": 0}


async def _edit_me(call: Call) -> Answer:
    body = start((await call.read()).payload)
    name = body.string("username", low=2, high=32)
    body.form.check()
    if name:
        call.core.world.bot.username = name
        call.core.keep_world()
    return await _me(call)


async def _application(call: Call) -> Answer:
    world = call.core.world
    team = [(world.user(user_id), role, state) for user_id, (role, state) in world.team.items()]
    return application_json(world.application_id, world.application_name, world.owner, world.bot, team)


async def _user(call: Call) -> Answer:
    return user_json(call.core.world.user(call.id("user_id")))


async def _guilds(call: Call) -> Answer:
    world = call.core.world
    return [partial_guild_json(guild, world.bot) for guild in world.guilds.values() if world.bot.id in guild.members]


async def _open_private_channel(call: Call) -> Answer:
    body = start((await call.read()).payload)
    recipient = body.snowflake("recipient_id", required=True)
    body.form.check()
    user = call.core.world.user(recipient or 0)
    if user.bot:
        raise errors.ApiError(400, 50007, "Cannot send messages to this user")
    channel = call.core.world.direct_channel(user)
    call.core.keep_world()
    return channel_json(channel)


async def _gateway(call: Call) -> Answer:
    return {"url": call.core.gateway_url}


async def _gateway_bot(call: Call) -> Answer:
    limit = {"total": 1000, "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}
    return {"url": call.core.gateway_url, "shards": call.core.recommended_shards, "session_start_limit": limit}


ROUTES = (
    Route("GET", "/users/@me", _me),
    Route("PATCH", "/users/@me", _edit_me),
    Route("GET", "/users/@me/guilds", _guilds),
    Route("POST", "/users/@me/channels", _open_private_channel, "dm.create"),
    Route("GET", "/users/{user_id}", _user),
    Route("GET", "/oauth2/applications/@me", _application),
    Route("GET", "/applications/@me", _application),
    Route("GET", "/gateway", _gateway, open=True),
    Route("GET", "/gateway/bot", _gateway_bot),
)
