"""Guilds, their members, roles and channels: read-only, except a guild's icon."""

from __future__ import annotations

from discord_emulator import errors
from discord_emulator.attachments import safe_type
from discord_emulator.intents import GUILD_MEMBERS
from discord_emulator.model import Guild, base_permissions
from discord_emulator.payloads import channel_json, guild_json, member_json, role_json
from discord_emulator.permissions import Permission
from discord_emulator.rest.call import Answer, Call, Route
from discord_emulator.rest.images import invalid, read_image

ICON_BYTES = 10 * 1024 * 1024


def find_guild(call: Call) -> Guild:
    """Return a request's guild if the bot is a member of it."""
    guild = call.core.world.guild(call.id("guild_id"))
    if call.core.world.bot.id not in guild.members:
        raise errors.missing_access()
    return guild


async def _get(call: Call) -> Answer:
    guild = find_guild(call)
    payload = guild_json(guild)
    if call.request.query.get("with_counts") in ("true", "1"):
        payload |= {"approximate_member_count": len(guild.members), "approximate_presence_count": len(guild.members)}
    return payload


async def _edit(call: Call) -> Answer:
    """Change the icon; other fields are not implemented."""
    guild = find_guild(call)
    if not base_permissions(guild, guild.members[call.core.world.bot.id]) & Permission.MANAGE_GUILD:
        raise errors.missing_permissions()
    payload = (await call.read(json_bytes=2 * ICON_BYTES)).payload
    if isinstance(payload, dict) and "icon" in payload:
        icon = payload["icon"]
        image = None if icon is None else read_image("icon", icon, ICON_BYTES)
        if image is not None and safe_type(image) is None:
            raise invalid("icon", "IMAGE_INVALID", "Invalid image data")
        call.core.set_guild_icon(guild, image)
    return guild_json(guild)


async def _channels(call: Call) -> Answer:
    return [channel_json(channel) for channel in find_guild(call).channels.values()]


async def _threads(call: Call) -> Answer:
    find_guild(call)
    return {"threads": [], "members": []}


async def _roles(call: Call) -> Answer:
    return [role_json(role) for role in find_guild(call).roles.values()]


async def _role(call: Call) -> Answer:
    role = find_guild(call).roles.get(call.id("role_id"))
    if role is None:
        raise errors.unknown("role")
    return role_json(role)


async def _member(call: Call) -> Answer:
    guild = find_guild(call)
    return member_json(call.core.world.member(guild.id, call.id("user_id")))


async def _members(call: Call) -> Answer:
    guild = find_guild(call)
    if not call.core.privileged_intents & GUILD_MEMBERS:
        raise errors.missing_access()
    limit, after = call.number("limit", 1, 1, 1000), call.number("after", 0, 0, 2**64 - 1)
    members = sorted((m for m in guild.members.values() if m.user.id > after), key=lambda member: member.user.id)
    return [member_json(member) for member in members[:limit]]


async def _search(call: Call) -> Answer:
    guild = find_guild(call)
    query = call.request.query.get("query", "").casefold()
    limit = call.number("limit", 1, 1, 1000)
    names = ((member, member.user.username + "\n" + member.user.name) for member in guild.members.values())
    found = [m for m, text in names if any(name.casefold().startswith(query) for name in text.split("\n"))]
    return [member_json(member) for member in found[:limit]]


_GUILD = "/guilds/{guild_id}"

ROUTES = (
    Route("GET", _GUILD, _get),
    Route("PATCH", _GUILD, _edit, "guild.edit"),
    Route("GET", _GUILD + "/channels", _channels),
    Route("GET", _GUILD + "/threads/active", _threads),
    Route("GET", _GUILD + "/roles", _roles),
    Route("GET", _GUILD + "/roles/{role_id}", _role),
    Route("GET", _GUILD + "/members", _members),
    Route("GET", _GUILD + "/members/search", _search),
    Route("GET", _GUILD + "/members/{user_id}", _member),
)
