"""Creates interactions and their gateway payloads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord_emulator.broadcast import seen_by_bot
from discord_emulator.interactions import OFFLINE, Interaction
from discord_emulator.payloads import member_json, partial_channel_json, user_json
from discord_emulator.permissions import Permission

if TYPE_CHECKING:
    from discord_emulator.core import Core
    from discord_emulator.errors import Json
    from discord_emulator.history import Message
    from discord_emulator.model import Channel, User

# Interaction webhooks always have these permissions, whatever the bot's own in the channel.
_WEBHOOK_PERMISSIONS = int(Permission.EMBED_LINKS | Permission.ATTACH_FILES | Permission.MENTION_EVERYONE)


def launch(
    core: Core,
    kind: int,
    user: User,
    channel: Channel,
    data: Json,
    *,
    source: Message | None = None,
    nonce: str | None = None,
    parent: Interaction | None = None,
) -> Interaction:
    """Create an interaction and send it to the bot; without a connected bot it fails at once."""
    interaction = Interaction(
        core.world.make_id(), kind, user, channel, data, core.clock(), source=source, nonce=nonce, parent=parent
    )
    core.interactions.add(interaction)
    sessions = core.gateway.sessions_for(channel.guild.id if channel.guild else None)
    if not sessions:
        core.interactions.give_up(interaction, OFFLINE)
        return interaction
    payload = interaction_json(core, interaction)
    for session in sessions:
        session.dispatch("INTERACTION_CREATE", payload)
    return interaction


def owners_json(interaction: Interaction) -> Json:
    """Return the installation owners: the user, the guild, or "0" in a direct message channel."""
    guild = interaction.channel.guild
    if guild and not guild.has_bot:
        return {"1": str(interaction.user.id)}
    return {"0": str(guild.id) if guild else "0"}


def interaction_json(core: Core, interaction: Interaction) -> Json:
    """Return the INTERACTION_CREATE event."""
    channel, user = interaction.channel, interaction.user
    payload: Json = {
        "id": str(interaction.id),
        "application_id": str(core.world.application_id),
        "type": interaction.type,
        "data": interaction.data,
        "token": interaction.token,
        "version": 1,
        "channel_id": str(channel.id),
        "channel": partial_channel_json(channel, user),
        "locale": user.locale,
        "app_permissions": str(channel.permissions_of(core.world.bot) | _WEBHOOK_PERMISSIONS),
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": owners_json(interaction),
        "attachment_size_limit": core.upload_limit(channel),
    }
    guild = channel.guild
    if guild:
        member = guild.members[user.id]
        payload |= {
            "guild_id": str(guild.id),
            "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
            "guild_locale": guild.locale,
            "member": member_json(member, permissions=channel.permissions_of(user)),
            "context": 0,
        }
    else:
        payload |= {"user": user_json(user), "context": 1}
    if interaction.source is not None:
        payload["message"] = seen_by_bot(core, interaction.source)
    return payload


def metadata_json(core: Core, interaction: Interaction, original: Message | None) -> Json:
    """Return a message's ``interaction_metadata``; `original`: the first response, for a followup."""
    payload: Json = {
        "id": str(interaction.id),
        "type": interaction.type,
        "user": user_json(interaction.user),
        "authorizing_integration_owners": owners_json(interaction),
    }
    data = interaction.data
    if "name" in data:
        payload["name"] = data["name"]
    if data.get("type") == 2 and int(data["target_id"]) in core.world.users:
        payload["target_user"] = user_json(core.world.users[int(data["target_id"])])
    elif data.get("type") == 3:
        payload["target_message_id"] = data["target_id"]
    if original is not None:
        payload["original_response_message_id"] = str(original.id)
    if interaction.source is not None and interaction.parent is None:
        payload["interacted_message_id"] = str(interaction.source.id)
    if interaction.parent is not None:
        payload["triggering_interaction_metadata"] = metadata_json(core, interaction.parent, None)
    return payload
