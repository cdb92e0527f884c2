"""Responses to gateway opcode 8, "request guild members"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator.payloads import member_json
from discord_emulator.snowflakes import read_id

if TYPE_CHECKING:
    from discord_emulator.errors import Json
    from discord_emulator.world import World


def member_chunk(world: World, data: Any, *, everyone: bool) -> Json | None:
    """Return a GUILD_MEMBERS_CHUNK, or None where Discord sends nothing.

    `everyone`: the session has the members intent, required for the whole list.
    """
    if not isinstance(data, dict):
        return None
    guild = world.guilds.get(read_id(data.get("guild_id")) or 0)
    if guild is None:
        return None
    wanted = data.get("user_ids")
    prefix = data.get("query")
    missing: list[str] = []
    if wanted is not None:
        ids = [str(item) for item in (wanted if isinstance(wanted, list) else [wanted])][:100]
        members = [guild.members[found] for found in map(read_id, ids) if found in guild.members]
        missing = [item for item in ids if read_id(item) not in guild.members]
    elif prefix or everyone:
        start = str(prefix or "").casefold()
        members = [
            member
            for member in guild.members.values()
            if any(name.casefold().startswith(start) for name in (member.user.username, member.user.name))
        ]
        limit = data.get("limit")
        members = members[:limit] if isinstance(limit, int) and limit > 0 else members
    else:
        return None
    chunk: Json = {
        "guild_id": str(guild.id),
        "members": [member_json(member) for member in members],
        "chunk_index": 0,
        "chunk_count": 1,
        "not_found": missing,
    }
    return chunk | ({"nonce": data["nonce"]} if data.get("nonce") else {})
