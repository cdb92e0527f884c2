"""Application commands, global and per guild, and the application's (empty) emojis, SKUs and entitlements."""

from __future__ import annotations

from discord_emulator import errors
from discord_emulator.broadcast import broadcast_commands
from discord_emulator.core import SyncCall
from discord_emulator.errors import Json
from discord_emulator.rest.call import Answer, Call, Route
from discord_emulator.validation.commands import check_set, read_command
from discord_emulator.validation.form import Form, Node

_ONE, _MANY = "command.one", "command.bulk"


def _scope(call: Call) -> int | None:
    """Return a request's guild, or None for global commands; verify both ids."""
    if call.id("application_id") != call.core.world.application_id:
        raise errors.ApiError(403, 20012, "You are not authorized to perform this action on this application")
    if "guild_id" not in call.request.match_info:
        return None
    guild = call.core.world.guilds.get(call.id("guild_id"))
    if guild is None or call.core.world.bot.id not in guild.members:
        raise errors.missing_access()
    return guild.id


async def _list(call: Call) -> Answer:
    commands = call.core.commands.all(_scope(call))
    if call.request.query.get("with_localizations") == "true":
        return commands
    return [_without_localizations(command) for command in commands]


def _without_localizations(command: Json) -> Json:
    return {key: value for key, value in command.items() if not key.endswith("_localizations")}


async def _get(call: Call) -> Answer:
    return call.core.commands.get(_scope(call), call.id("command_id"))


async def _replace(call: Call) -> Answer:
    scope = _scope(call)
    payload = (await call.read()).payload
    if not isinstance(payload, list):
        message = "Only iterables may be used in a ListType"
        raise errors.form_error({"_errors": [{"code": "LIST_TYPE_CONVERT", "message": message}]})
    form = Form()
    commands = [read_command(Node(item, form, (index,))) for index, item in enumerate(payload)]
    check_set(commands, Node({}, form))
    form.check()
    stored = call.core.commands.replace(scope, commands)
    call.core.sync_calls.append(SyncCall(scope, payload))
    broadcast_commands(call.core)
    return stored


async def _create(call: Call) -> Answer:
    scope = _scope(call)
    command = await _read_one(call, {})
    stored, is_new = call.core.commands.upsert(scope, command)
    broadcast_commands(call.core)
    return (201 if is_new else 200), stored


async def _edit(call: Call) -> Answer:
    scope = _scope(call)
    old = call.core.commands.get(scope, call.id("command_id"))
    stored = call.core.commands.edit(scope, int(old["id"]), await _read_one(call, old))
    broadcast_commands(call.core)
    return stored


async def _read_one(call: Call, old: Json) -> Json:
    payload = (await call.read()).payload
    form = Form()
    node = Node(payload, form)
    node.data = old | node.data
    command = read_command(node)
    form.check()
    return command


async def _delete(call: Call) -> Answer:
    call.core.commands.delete(_scope(call), call.id("command_id"))
    broadcast_commands(call.core)


async def _permissions(call: Call) -> Answer:
    _scope(call)
    return []


async def _no_permissions(call: Call) -> Answer:
    call.core.commands.get(_scope(call), call.id("command_id"))
    raise errors.ApiError(404, 10066, "Unknown application command permissions")


async def _emojis(call: Call) -> Answer:
    _scope(call)
    return {"items": []}


async def _nothing(call: Call) -> Answer:
    _scope(call)
    return []


_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"

ROUTES = (
    Route("GET", _GUILD + "/permissions", _permissions),
    Route("GET", _GUILD + "/{command_id}/permissions", _no_permissions),
    *(
        route
        for base in (_GLOBAL, _GUILD)
        for route in (
            Route("GET", base, _list),
            Route("PUT", base, _replace, _MANY),
            Route("POST", base, _create, _ONE),
            Route("GET", base + "/{command_id}", _get),
            Route("PATCH", base + "/{command_id}", _edit, _ONE),
            Route("DELETE", base + "/{command_id}", _delete, _ONE),
        )
    ),
    Route("GET", "/applications/{application_id}/emojis", _emojis),
    Route("GET", "/applications/{application_id}/skus", _nothing),
    Route("GET", "/applications/{application_id}/entitlements", _nothing),
)
