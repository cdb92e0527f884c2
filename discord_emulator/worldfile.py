"""JSON serialisation of the world for restarts."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from discord_emulator.archive import ArchiveUnreadableError
from discord_emulator.model import Channel, Expression, Guild, Member, Overwrite, Role, User
from discord_emulator.snowflakes import SnowflakeMaker
from discord_emulator.world import World, make_token

if TYPE_CHECKING:
    from discord_emulator.archive import Contents
    from discord_emulator.errors import Json

log = logging.getLogger(__name__)


def world_json(world: World) -> Json:
    """Return a world without its token and messages."""
    return {
        "application": [world.application_id, world.application_name],
        "owner": world.owner.id,
        "users": [asdict(user) for user in world.users.values()],
        "guilds": [_guild_json(guild) for guild in world.guilds.values()],
        "private": [[channel.id, channel.recipient.id] for channel in world.private.values() if channel.recipient],
    }


def _guild_json(guild: Guild) -> Json:
    return {
        "guild": [guild.id, guild.name, guild.owner_id, guild.locale],
        "icon": base64.b64encode(guild.icon).decode() if guild.icon is not None else None,
        "emojis": [_kept(emoji) for emoji in guild.emojis.values()],
        "stickers": [_kept(sticker) for sticker in guild.stickers.values()],
        "roles": [asdict(role) for role in guild.roles.values()],
        "members": [[member.user.id, member.joined_at, member.roles, member.nick] for member in guild.members.values()],
        "channels": [
            [channel.id, channel.name, channel.topic, channel.position, _overwrites(channel)]
            for channel in guild.channels.values()
        ],
    }


def _kept(expression: Expression) -> tuple[int, str, str, str]:
    return expression.id, expression.name, expression.tags, expression.description


def _overwrites(channel: Channel) -> list[tuple[int, int, int, bool]]:
    return [(target, found.allow, found.deny, found.is_member) for target, found in channel.overwrites.items()]


def read_world(kept: Contents, clock: Callable[[], float], token: str | None) -> World:
    """Return the world written by `world_json`; new ids are larger than existing ones.

    Raises ArchiveUnreadableError.
    """
    try:
        return _read(kept, clock, token)
    except (KeyError, TypeError, ValueError) as error:
        raise ArchiveUnreadableError(f"{type(error).__name__}: {error}") from None


def _read(kept: Contents, clock: Callable[[], float], token: str | None) -> World:
    data = kept.facts["world"]
    users = {int(row["id"]): User(**row) for row in data["users"]}
    application_id, name = data["application"]
    make_id = SnowflakeMaker(clock, after=_largest_id(kept))
    bot = next(user for user in users.values() if user.bot)
    world = World(application_id, name, bot, users[data["owner"]], token or make_token(application_id), make_id)
    world.users = users
    for row in data["guilds"]:
        guild = Guild(*row["guild"])
        icon = row.get("icon")  # none in older files
        guild.icon = base64.b64decode(icon) if icon else None
        guild.roles = {role["id"]: Role(**role) for role in row["roles"]}
        guild.members = {member[0]: Member(users[member[0]], *member[1:]) for member in row["members"]}
        for number, channel_name, topic, position, overwrites in row["channels"]:
            channel = Channel(number, channel_name, guild=guild, topic=topic, position=position)
            channel.overwrites = {target: Overwrite(*found) for target, *found in overwrites}
            guild.channels[number] = channel
        for kind, kept_ones in (("emojis", guild.emojis), ("stickers", guild.stickers)):
            for number, name_, tags, description in row.get(kind, []):  # none in older files
                kept_ones[number] = Expression(number, name_, tags=tags, description=description)
        world.guilds[guild.id] = guild
    for number, recipient in data["private"]:
        world.private[number] = Channel(number, "", recipient=users[recipient])
    return world


def _largest_id(kept: Contents) -> int:
    """Return the largest id: after the clock was set back, it must not be reused."""
    data = kept.facts["world"]
    ids: list[int] = [row["id"] for row in data["users"]] + [number for number, _ in data["private"]]
    for guild in data["guilds"]:
        ids += [guild["guild"][0], *(row[0] for row in guild["channels"]), *(row["id"] for row in guild["roles"])]
        ids += [row[0] for kind in ("emojis", "stickers") for row in guild.get(kind, [])]
    for message_id, *_, files in kept.messages:
        ids += [message_id, *(file_id for file_id, *_ in files)]
    return max(ids)
