"""Messages of a channel: create, read, edit, delete."""

from __future__ import annotations

from discord_emulator import errors
from discord_emulator.broadcast import broadcast, broadcast_deletion, seen_by_bot
from discord_emulator.callbacks import reference_json
from discord_emulator.history import COMPONENTS_V2, Message
from discord_emulator.model import Channel
from discord_emulator.permissions import Permission
from discord_emulator.posting import blank_message, fill, mark_edited
from discord_emulator.rest.call import Answer, Call, Route
from discord_emulator.rest.channels import find_channel
from discord_emulator.rest.drafts import check_draft
from discord_emulator.snowflakes import born_at, read_id
from discord_emulator.validation.form import Node
from discord_emulator.validation.messages import Draft, read_message, start

_REPLY = 19
_BULK_SECONDS = 14 * 86400


async def _create(call: Call) -> Answer:
    core = call.core
    channel = find_channel(call, Permission.SEND_MESSAGES)
    body = await call.read(core.upload_limit(channel))
    node = start(body.payload or {})
    draft = read_message(node, body.uploads)
    target = _reply_target(call, channel, node, draft)
    node.form.check()
    check_draft(draft)
    if draft.uploads:
        core.require(channel, Permission.ATTACH_FILES)
    if channel.recipient and not channel.recipient.accepts_direct_messages:
        raise errors.ApiError(403, 50007, "Cannot send messages to this user")
    known = _known_nonce(call, channel, draft)
    if known:
        return known.json() | {"nonce": draft.nonce}
    message = blank_message(core, channel, core.world.bot, kind=_REPLY if target else 0)
    message.nonce = draft.nonce
    if target:
        message.payload |= reference_json(target)
    fill(core, message, draft)
    if channel.guild and not channel.permissions_of(core.world.bot) & Permission.EMBED_LINKS:
        message.payload["embeds"] = []  # Discord ignores them silently
    core.store_message(message)
    if draft.nonce and draft.enforce_nonce:
        core.nonces[channel.id, draft.nonce] = (core.clock(), message)
    broadcast(core, "MESSAGE_CREATE", message)
    return message.json() | ({"nonce": draft.nonce} if draft.nonce else {})


def _reply_target(call: Call, channel: Channel, node: Node, draft: Draft) -> Message | None:
    if draft.reply_to is None:
        return None
    target = call.core.history.get(channel.id, draft.reply_to)
    if target is None and draft.reply_must_exist:
        node.error("REPLIES_UNKNOWN_MESSAGE", "Unknown message", "message_reference")
    if not channel.permissions_of(call.core.world.bot) & Permission.READ_MESSAGE_HISTORY:
        raise errors.ApiError(400, 160002, "Cannot reply without permission to read message history")
    return target


def _known_nonce(call: Call, channel: Channel, draft: Draft) -> Message | None:
    """Return the recent message with the same enforced nonce."""
    core = call.core
    oldest = core.clock() - core.limits.nonce_seconds
    core.nonces = {key: value for key, value in core.nonces.items() if value[0] > oldest}
    if not draft.nonce or not draft.enforce_nonce:
        return None
    found = core.nonces.get((channel.id, draft.nonce))
    return found[1] if found else None


async def _list(call: Call) -> Answer:
    channel = find_channel(call)
    limit = call.number("limit", 50, 1, 100)
    messages = call.core.history.public(channel.id)
    if not channel.permissions_of(call.core.world.bot) & Permission.READ_MESSAGE_HISTORY:
        messages = []
    query = call.request.query
    if "around" in query:
        middle = call.number("around", 0, 0, 2**64)
        older = [message for message in messages if message.id < middle]
        newer = [message for message in messages if message.id >= middle]
        messages = older[-(limit // 2) :] + newer[: limit - limit // 2] if limit > 1 else newer[:1]
    elif "after" in query:
        after = call.number("after", 0, 0, 2**64)
        messages = [message for message in messages if message.id > after][:limit]
    else:
        before = call.number("before", 2**64, 0, 2**64)
        messages = [message for message in messages if message.id < before][-limit:]
    return [seen_by_bot(call.core, message) for message in reversed(messages)]


async def _get(call: Call) -> Answer:
    channel = find_channel(call, Permission.READ_MESSAGE_HISTORY)
    return seen_by_bot(call.core, call.core.bot_message(channel, call.id("message_id")))


async def _edit(call: Call) -> Answer:
    core = call.core
    channel = find_channel(call)
    message = core.bot_message(channel, call.id("message_id"))
    body = await call.read(core.upload_limit(channel))
    if message.author is not core.world.bot:
        raise errors.ApiError(403, 50005, "Cannot edit a message authored by another user")
    node = start(body.payload or {})
    kept = tuple(file.id for file in message.files)
    draft = read_message(node, body.uploads, kept=kept, was_layout=bool(message.flags & COMPONENTS_V2))
    node.form.check()
    check_draft(draft, message)
    if draft.uploads:
        core.require(channel, Permission.ATTACH_FILES)
    fill(core, message, draft, editing=True)
    mark_edited(core, message)
    broadcast(core, "MESSAGE_UPDATE", message)
    return message.json()


async def _delete(call: Call) -> Answer:
    channel = find_channel(call)
    message = call.core.bot_message(channel, call.id("message_id"))
    if message.author is not call.core.world.bot:
        if channel.guild is None:
            raise errors.ApiError(403, 50003, "Cannot execute action on a DM channel")
        call.core.require(channel, Permission.MANAGE_MESSAGES)
    call.core.forget_message(message)
    broadcast_deletion(call.core, [message], channel)


async def _bulk_delete(call: Call) -> Answer:
    core = call.core
    channel = find_channel(call, Permission.MANAGE_MESSAGES)
    node = start((await call.read()).payload)
    wanted = node.array("messages", low=2, high=100, required=True)
    node.form.check()
    ids = [number for item in wanted if (number := read_id(item)) is not None]
    if any(core.clock() - born_at(item) > _BULK_SECONDS for item in ids):
        raise errors.ApiError(400, 50034, "You can only bulk delete messages that are under 14 days old.")
    found = [m for m in (core.history.get(channel.id, item) for item in ids) if m and m.visible_to is None]
    for message in found:
        core.forget_message(message)
    broadcast_deletion(core, found, channel, bulk=True)


_MESSAGES = "/channels/{channel_id}/messages"

ROUTES = (
    Route("POST", _MESSAGES, _create, "message.create"),
    Route("GET", _MESSAGES, _list, "message.get"),
    Route("POST", _MESSAGES + "/bulk-delete", _bulk_delete, "message.bulk_delete"),
    Route("GET", _MESSAGES + "/{message_id}", _get, "message.get"),
    Route("PATCH", _MESSAGES + "/{message_id}", _edit, "message.edit"),
    Route("DELETE", _MESSAGES + "/{message_id}", _delete, "message.delete"),
)
