"""Applies callbacks, followups and edits to an interaction's messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord_emulator import errors
from discord_emulator.broadcast import broadcast, broadcast_deletion
from discord_emulator.history import EPHEMERAL, LOADING, Message
from discord_emulator.interactions import (
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    DEFER,
    DEFER_UPDATE,
    MODAL,
    MODAL_SUBMIT,
    REPLY,
    UPDATE,
    Interaction,
    ReplyEvent,
)
from discord_emulator.invocation import metadata_json
from discord_emulator.payloads import user_json
from discord_emulator.posting import blank_message, fill, mark_edited
from discord_emulator.snowflakes import read_id

if TYPE_CHECKING:
    from discord_emulator.core import Core
    from discord_emulator.validation.messages import Draft

CHAT_COMMAND_MESSAGE, CONTEXT_MENU_MESSAGE, REPLY_MESSAGE = 20, 23, 19


def allowed_callbacks(interaction: Interaction) -> set[int]:
    """Return the callback types allowed for an interaction."""
    if interaction.type == AUTOCOMPLETE:
        return {CHOICES}
    allowed = {REPLY, DEFER}
    if interaction.source is not None:
        allowed |= {DEFER_UPDATE, UPDATE}
    return allowed if interaction.type == MODAL_SUBMIT else allowed | {MODAL}


def acknowledge(core: Core, interaction: Interaction, kind: int, message: Message | None) -> None:
    """Record the first callback."""
    interaction.callback = kind
    if interaction.timer:
        interaction.timer.cancel()
    interaction.note(ReplyEvent("callback", kind, message.json() if message else None))
    if interaction.nonce is not None:
        payload = {"nonce": interaction.nonce, "interaction_id": str(interaction.id)}
        core.pages.send("INTERACTION_SUCCESS", payload, lambda user: user is interaction.user)


def respond(core: Core, interaction: Interaction, kind: int, draft: Draft) -> Message | None:
    """Apply a callback of type 4, 5, 6 or 7 and return the message created or changed."""
    message: Message | None
    if kind in (REPLY, DEFER):
        interaction.ephemeral = bool((draft.flags or 0) & EPHEMERAL)
        interaction.awaiting_first = kind == DEFER
        message = _new_message(core, interaction, draft, loading=kind == DEFER)
        interaction.original = message
    else:
        message = interaction.original = interaction.source
        if message is not None and kind == UPDATE:
            fill(core, message, draft, editing=True)
            mark_edited(core, message)
            broadcast(core, "MESSAGE_UPDATE", message)
    acknowledge(core, interaction, kind, message)
    return message


def follow_up(core: Core, interaction: Interaction, draft: Draft) -> Message:
    """Send a followup. After a deferral, the first one replaces "thinking…".

    Raises 40094 if the application is not installed and has reached its limit.
    """
    original = interaction.original
    guild = interaction.channel.guild
    sent = sum(event.kind == "followup" for event in interaction.events)
    if guild and not guild.has_bot and sent >= core.limits.user_app_followups:
        raise errors.too_many_followups()
    if interaction.awaiting_first and original is not None:
        interaction.awaiting_first = False
        fill(core, original, draft)
        mark_edited(core, original)
        _keep_privacy(original)
        broadcast(core, "MESSAGE_UPDATE", original)
        interaction.note(ReplyEvent("followup", None, original.json()))
        return original
    message = _new_message(core, interaction, draft)
    interaction.followups.append(message.id)
    interaction.note(ReplyEvent("followup", None, message.json()))
    return message


def edit(core: Core, interaction: Interaction, message: Message, draft: Draft) -> None:
    """Edit a message of the interaction."""
    if message is interaction.original:
        interaction.awaiting_first = False
    fill(core, message, draft, editing=True)
    mark_edited(core, message)
    broadcast(core, "MESSAGE_UPDATE", message)
    interaction.note(ReplyEvent("edit", None, message.json()))


def delete(core: Core, interaction: Interaction, message: Message) -> None:
    """Delete a message of the interaction."""
    if message is interaction.original:
        interaction.awaiting_first = False
    core.forget_message(message)
    broadcast_deletion(core, [message], message.channel)
    interaction.note(ReplyEvent("delete", None, message.json()))


def find_message(core: Core, interaction: Interaction, which: str) -> Message:
    """Return the message of the interaction named by a URL: ``@original`` or a followup."""
    if which == "@original":
        message = interaction.original
    else:
        known = set(interaction.followups)
        known |= {m.id for m in (interaction.original, interaction.source) if m is not None}
        found = read_id(which) or 0
        message = core.history.get(interaction.channel.id, found) if found in known else None
    if message is None or core.history.get(message.channel.id, message.id) is None:
        raise errors.unknown("message")
    return message


def _keep_privacy(message: Message) -> None:
    """Apply the visibility fixed by the deferral; the followup's own flag is ignored."""
    flag = EPHEMERAL if message.visible_to is not None else 0
    message.payload["flags"] = (message.flags & ~EPHEMERAL) | flag


def _new_message(core: Core, interaction: Interaction, draft: Draft, *, loading: bool = False) -> Message:
    first = interaction.callback is None
    kind = REPLY_MESSAGE
    if first and interaction.type == COMMAND:
        kind = CHAT_COMMAND_MESSAGE if interaction.data.get("type", 1) == 1 else CONTEXT_MENU_MESSAGE
    target = interaction.source if first else interaction.original
    if kind == REPLY_MESSAGE and target is None:
        kind = 0
    message = blank_message(core, interaction.channel, core.world.bot, kind=kind, flags=LOADING if loading else 0)
    message.interaction_id = interaction.id
    if (draft.flags or 0) & EPHEMERAL:
        message.visible_to = interaction.user
    application = str(core.world.application_id)
    message.payload |= {"webhook_id": application, "application_id": application}
    message.payload["interaction_metadata"] = metadata_json(core, interaction, None if first else interaction.original)
    if first and interaction.type == COMMAND:
        message.payload["interaction"] = _legacy_json(interaction)
    if kind == REPLY_MESSAGE and target is not None:
        message.payload |= reference_json(target)
        if target.visible_to is not None and message.visible_to is None:
            message.payload["referenced_message"] = None  # do not leak an ephemeral message to others
    fill(core, message, draft)
    core.store_message(message)
    broadcast(core, "MESSAGE_CREATE", message)
    return message


def reference_json(target: Message) -> dict[str, Any]:
    """Return the reference that a reply holds to its message."""
    guild = target.channel.guild
    reference = {"type": 0, "channel_id": str(target.channel.id), "message_id": str(target.id)}
    if guild:
        reference["guild_id"] = str(guild.id)
    inner = target.json()
    inner.pop("referenced_message", None)
    return {"message_reference": reference, "referenced_message": inner}


def _legacy_json(interaction: Interaction) -> dict[str, Any]:
    return {
        "id": str(interaction.id),
        "type": interaction.type,
        "name": interaction.data["name"],
        "user": user_json(interaction.user),
    }
