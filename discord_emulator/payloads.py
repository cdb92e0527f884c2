"""Discord's JSON objects for model.py (https://discord.com/developers/docs/resources)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_emulator.clock import iso
from discord_emulator.model import base_permissions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discord_emulator.errors import Json
    from discord_emulator.model import Channel, Expression, Guild, Member, Role, User


def user_json(user: User) -> Json:
    """Return a user object."""
    payload: Json = {
        "id": str(user.id),
        "username": user.username,
        "discriminator": "0000" if user.bot else "0",
        "global_name": None if user.bot else user.name,
        "avatar": user.avatar,
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
        "public_flags": 0,
    }
    if user.bot:
        payload["bot"] = True
    return payload


def member_json(member: Member, *, with_user: bool = True, permissions: int | None = None) -> Json:
    """Return a guild member object; `permissions` only inside interactions."""
    payload: Json = {
        "roles": [str(role) for role in member.roles],
        "joined_at": iso(member.joined_at),
        "premium_since": None,
        "nick": member.nick,
        "avatar": None,
        "banner": None,
        "pending": False,
        "deaf": False,
        "mute": False,
        "flags": 0,
        "communication_disabled_until": None,
    }
    if with_user:
        payload["user"] = user_json(member.user)
    if permissions is not None:
        payload["permissions"] = str(permissions)
    return payload


def role_json(role: Role) -> Json:
    """Return a role object."""
    payload: Json = {
        "id": str(role.id),
        "name": role.name,
        "color": role.color,
        "colors": {"primary_color": role.color, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "icon": None,
        "unicode_emoji": None,
        "position": role.position,
        "permissions": str(role.permissions),
        "managed": role.managed_by is not None,
        "mentionable": False,
        "flags": 0,
    }
    if role.managed_by is not None:
        payload["tags"] = {"bot_id": str(role.managed_by)}
    return payload


def channel_json(channel: Channel) -> Json:
    """Return a channel object: type 0 in a guild, type 1 for direct messages."""
    payload: Json = {
        "id": str(channel.id),
        "last_message_id": str(channel.last_message_id) if channel.last_message_id else None,
        "flags": 0,
    }
    if channel.guild is None:
        recipients = [user_json(channel.recipient)] if channel.recipient else []
        return payload | {"type": 1, "recipients": recipients}
    return payload | {
        "type": 0,
        "name": channel.name,
        "guild_id": str(channel.guild.id),
        "topic": channel.topic or None,
        "position": channel.position,
        "parent_id": None,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "permission_overwrites": [
            {"id": str(key), "type": int(o.is_member), "allow": str(o.allow), "deny": str(o.deny)}
            for key, o in channel.overwrites.items()
        ],
    }


def emoji_json(emoji: Expression) -> Json:
    """Return an emoji object."""
    flags = {"require_colons": True, "managed": False, "animated": False, "available": True}
    return {"id": str(emoji.id), "name": emoji.name, "roles": [], **flags}


def sticker_json(guild: Guild, sticker: Expression) -> Json:
    """Return a sticker object: of a guild, as PNG."""
    kind = {"type": 2, "format_type": 1, "available": True}
    texts = {"name": sticker.name, "description": sticker.description or None, "tags": sticker.tags}
    return {"id": str(sticker.id), "guild_id": str(guild.id), **texts, **kind}


def guild_json(guild: Guild) -> Json:
    """Return a guild object as of REST: without channels and members."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": guild.icon_hash,
        "splash": None,
        "discovery_splash": None,
        "banner": None,
        "description": None,
        "owner_id": str(guild.owner_id),
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "roles": [role_json(role) for role in guild.roles.values()],
        "emojis": [emoji_json(emoji) for emoji in guild.emojis.values()],
        "stickers": [sticker_json(guild, sticker) for sticker in guild.stickers.values()],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "safety_alerts_channel_id": None,
        "max_members": 25_000_000,
        "max_video_channel_users": 25,
        "vanity_url_code": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "premium_progress_bar_enabled": False,
        "preferred_locale": guild.locale,
        "nsfw_level": 0,
        "incidents_data": None,
    }


def guild_create_json(guild: Guild, bot: User, *, all_members: bool) -> Json:
    """Return the GUILD_CREATE event. Without the members intent, it contains only the bot's member."""
    members = guild.members.values()
    return guild_json(guild) | {
        "joined_at": iso(guild.members[bot.id].joined_at),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "voice_states": [],
        "members": [member_json(member) for member in members if all_members or member.user is bot],
        "channels": [channel_json(channel) for channel in guild.channels.values()],
        "threads": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def partial_channel_json(channel: Channel, user: User) -> Json:
    """Return a channel as resolved in interactions: with the invoker's permissions."""
    return channel_json(channel) | {"permissions": str(channel.permissions_of(user))}


def partial_guild_json(guild: Guild, bot: User) -> Json:
    """Return a guild as listed by GET /users/@me/guilds."""
    return {
        "id": str(guild.id),
        "name": guild.name,
        "icon": guild.icon_hash,
        "banner": None,
        "owner": False,
        "permissions": str(base_permissions(guild, guild.members[bot.id])),
        "features": [],
        "approximate_member_count": len(guild.members),
        "approximate_presence_count": len(guild.members),
    }


def application_json(
    application_id: int, name: str, owner: User, bot: User, team: Sequence[tuple[User, str, int]] = ()
) -> Json:
    """Return the application object of GET /oauth2/applications/@me; `team`: users with role and membership state."""
    members = [
        {"user": user_json(user), "role": role, "membership_state": state, "team_id": str(application_id)}
        for user, role, state in team
    ]
    return {
        "id": str(application_id),
        "name": name,
        "icon": None,
        "description": "",
        "summary": "",
        "bot": user_json(bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "rpc_origins": [],
        "verify_key": f"{application_id:064x}",
        "owner": user_json(owner),
        "team": {
            "id": str(application_id),
            "name": name,
            "icon": None,
            "owner_user_id": str(owner.id),
            "members": members,
        }
        if members
        else None,
        "tags": [],
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "install_params": {"scopes": ["bot", "applications.commands"], "permissions": "0"},
        "integration_types_config": {"0": {}},
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "flags": 0,
    }
