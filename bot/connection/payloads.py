"""Fills in fields that Discord-compatible servers omit, so that the library can parse their objects.

Discord itself sends all of them. Unknown permissions default to none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import discord

if TYPE_CHECKING:
    from discord.state import ConnectionState

Json = dict[str, Any]

_HELLO = 10
_HEARTBEAT = 41_250  # milliseconds, as Discord uses
_UPLOAD = 10 * 2**20  # bytes; Discord's lowest limit
_COMMAND, _COMPONENT, _AUTOCOMPLETE, _MODAL = 2, 3, 4, 5
_BUTTON = 2
# required fields by interaction type; the placeholder ids are unknown, so they get the "retired button" reply
_DATA: Mapping[int, Json] = {
    _COMMAND: {"id": "0", "name": "?", "options": []},
    _AUTOCOMPLETE: {"id": "0", "name": "?", "options": []},
    _COMPONENT: {"custom_id": "", "component_type": _BUTTON},
    _MODAL: {"custom_id": "", "components": []},
}


def complete_handshake(frame: Any, shard: list[int], gateway: str) -> bool:
    """Complete HELLO, READY or RESUMED; return whether anything was missing."""
    if not isinstance(frame, dict):
        return False
    wanted: Json = {}
    if frame.get("op") == _HELLO:
        wanted = {"heartbeat_interval": _HEARTBEAT}
    elif frame.get("t") == "READY":
        wanted = {"shard": shard, "resume_gateway_url": gateway, "session_id": "", "guilds": []}
    elif frame.get("t") != "RESUMED":
        return False
    if missing := not isinstance(frame.get("d"), dict):
        frame["d"] = {}
    return _fill(frame["d"], wanted) or missing


def complete_interaction(data: Any, state: ConnectionState[Any]) -> bool:
    """Complete an INTERACTION_CREATE; return whether it names its user."""
    _fill(data, {"version": 1, "attachment_size_limit": _UPLOAD, "application_id": str(state.application_id)})
    if not isinstance(data.get("data"), dict):
        data["data"] = {}
    _fill(data["data"], _DATA.get(data.get("type"), {}))
    if data.get("guild_id") is None:
        data["user"] = data.get("user") or (data.get("member") or {}).get("user")
        return isinstance(data["user"], dict)
    member = data["member"] = data.get("member") or {}
    _fill(member, {"user": data.get("user"), "roles": [], "flags": 0})
    if not isinstance(member.get("user"), dict):
        return False
    if member.get("permissions") is None:
        member["permissions"] = str(_permissions(data, state).value)
    return True


def complete_application(data: Json, bot: discord.ClientUser) -> Json:
    """Return an application with all required fields; without an owner, the bot itself is the placeholder."""
    nobody = {"id": str(bot.id), "username": bot.name, "discriminator": "0", "avatar": None}
    needed = {"name": bot.name, "description": "", "bot_public": False, "bot_require_code_grant": False}
    complete: Json = {"icon": None, "rpc_origins": None} | data
    _fill(complete, {"id": str(bot.id), "verify_key": "", "owner": nobody} | needed)
    return complete


def _permissions(data: Json, state: ConnectionState[Any]) -> discord.Permissions:
    """Return the user's permissions in the channel; none if the server is unknown."""
    guild = state._get_guild(int(data["guild_id"]))  # noqa: SLF001 - the library has no other way to ask
    channel = data.get("channel") or {}
    channel_id = channel.get("id") or data.get("channel_id")
    known = guild.get_channel_or_thread(int(channel_id)) if guild is not None and channel_id else None
    if known is None and guild is not None and channel.get("parent_id"):
        known = guild.get_channel(int(channel["parent_id"]))  # of a thread
    if guild is None or known is None:
        return discord.Permissions.none()
    try:
        return known.permissions_for(discord.Member(data=data["member"], guild=guild, state=state))
    except discord.ClientException:  # thread of an unknown channel
        return discord.Permissions.none()


def _fill(data: Json, wanted: Mapping[str, Any]) -> bool:
    """Set missing or null keys of `data`; return whether there were any."""
    missing = [key for key in wanted if data.get(key) is None]
    data.update({key: wanted[key] for key in missing})
    return bool(missing)
