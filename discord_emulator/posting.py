"""Creates and edits messages from validated drafts."""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any

from discord_emulator.attachments import Upload
from discord_emulator.clock import iso
from discord_emulator.errors import Json
from discord_emulator.history import COMPONENTS_V2, LOADING, SUPPRESS_EMBEDS, Message
from discord_emulator.payloads import user_json
from discord_emulator.permissions import Permission
from discord_emulator.snowflakes import born_at

if TYPE_CHECKING:
    from discord_emulator.attachments import Attachment
    from discord_emulator.core import Core
    from discord_emulator.model import Channel, User
    from discord_emulator.validation.messages import Draft

_MENTION = re.compile(r"<@!?([0-9]{1,20})>")
_ROLE_MENTION = re.compile(r"<@&([0-9]{1,20})>")


def blank_message(core: Core, channel: Channel, author: User, *, flags: int = 0, kind: int = 0) -> Message:
    """Return an empty message, not stored."""
    message_id = core.world.make_id()
    payload: Json = {
        "id": str(message_id),
        "type": kind,
        "channel_id": str(channel.id),
        "author": user_json(author),
        "content": "",
        "timestamp": iso(born_at(message_id)),
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "mention_channels": [],
        "embeds": [],
        "components": [],
        "pinned": False,
        "flags": flags,
    }
    return Message(message_id, channel, author, payload)


def fill(core: Core, message: Message, draft: Draft, *, editing: bool = False) -> None:
    """Apply a draft to a message; fields missing in the draft are unchanged.

    Files follow API v10: an ``attachments`` list names all remaining files; without it, new files replace the old ones,
    and without new files the old ones stay.
    """
    payload = message.payload
    if draft.content is not None:
        payload["content"] = draft.content
    if draft.flags is not None:
        changeable = COMPONENTS_V2 | SUPPRESS_EMBEDS if editing else ~LOADING
        lasting = message.flags & (~changeable | COMPONENTS_V2)  # IS_COMPONENTS_V2 cannot be removed
        payload["flags"] = lasting | (draft.flags & changeable)
    if draft.embeds is not None:
        payload["embeds"] = copy.deepcopy(draft.embeds)
    if draft.components is not None:
        payload["components"] = copy.deepcopy(draft.components)
        _number(payload["components"])
    payload["tts"] = payload["tts"] or draft.tts
    _fill_files(core, message, draft)
    if draft.content is not None or draft.mentions is not None:
        _fill_mentions(core, message, draft)


def mark_edited(core: Core, message: Message) -> None:
    """Set the edit time; replacing "thinking…" does not count as an edit."""
    if message.flags & LOADING:
        message.payload["flags"] = message.flags & ~LOADING
    else:
        message.payload["edited_timestamp"] = iso(core.clock())


def _fill_files(core: Core, message: Message, draft: Draft) -> None:
    kept = {file.id: file for file in message.files}
    if draft.attachments is not None:
        wanted: list[Attachment] = []
        for ref in draft.attachments:
            if ref.id in draft.uploads:
                upload = draft.uploads[ref.id]
                wanted.append(
                    _store(core, message, Upload(ref.filename or upload.filename, upload.data, ref.description))
                )
            else:
                kept[ref.id].description = ref.description or kept[ref.id].description
                wanted.append(kept[ref.id])
        # Files used by embeds by URL are retained although they are not listed.
        named = {file.id for file in wanted}
        shown = repr(message.payload["embeds"])
        wanted += [file for file in message.files if file.id not in named and file.url in shown]
    elif draft.uploads:
        wanted = [_store(core, message, upload) for upload in draft.uploads.values()]
    else:
        wanted = message.files
    for file in message.files:
        if file not in wanted:
            core.attachments.remove(file.id)
    message.files = wanted
    by_name = {file.filename: file for file in wanted}
    for key in ("embeds", "components"):
        _resolve(message.payload[key], by_name)


def _store(core: Core, message: Message, upload: Upload) -> Attachment:
    ephemeral = message.visible_to is not None
    return core.attachments.add(core.world.make_id(), message.channel.id, upload, ephemeral=ephemeral)


def _resolve(tree: Any, files: dict[str, Attachment]) -> None:
    """Replace every ``attachment://name`` in a tree by the file's URL, with its size where Discord adds it."""
    if isinstance(tree, list):
        for branch in tree:
            _resolve(branch, files)
    elif isinstance(tree, dict):
        url = tree.get("url")
        if isinstance(url, str) and url.startswith("attachment://"):
            file = files.get(url.removeprefix("attachment://"))
            if file:
                tree |= {"url": file.url, "proxy_url": file.url, "width": file.width, "height": file.height}
        for branch in tree.values():
            _resolve(branch, files)


def unresolved_files(components: Any, names: set[str]) -> list[str]:
    """Return the ``attachment://`` names in components without a matching file."""
    if isinstance(components, list):
        return [name for branch in components for name in unresolved_files(branch, names)]
    if not isinstance(components, dict):
        return []
    url = components.get("url")
    name = url.removeprefix("attachment://") if isinstance(url, str) and url.startswith("attachment://") else None
    own = [name] if name is not None and name not in names else []
    return own + [name for branch in components.values() for name in unresolved_files(branch, names)]


def _number(components: list[Json]) -> None:
    """Assign free ``id``s to components in document order."""
    everything = list(walk(components))
    taken = {item["id"] for item in everything if isinstance(item.get("id"), int) and item["id"] > 0}
    following = 1
    for item in everything:
        if item.get("id") in taken:
            continue
        while following in taken:
            following += 1
        item["id"] = following
        taken.add(following)


def walk(components: Any) -> list[Json]:
    """Return all components of a tree in pre-order."""
    found: list[Json] = []
    for item in components if isinstance(components, list) else [components]:
        if isinstance(item, dict) and "type" in item:
            found.append(item)
            found += walk(item.get("components", []))
            found += walk(item.get("accessory", []))
    return found


def _fill_mentions(core: Core, message: Message, draft: Draft) -> None:
    """Compute a message's mentions, subject to ``allowed_mentions``."""
    content = message.payload["content"]
    rules = draft.mentions
    parse = ("users", "roles", "everyone") if rules is None else tuple(rules.get("parse", ()))
    listed = {int(user) for user in (rules or {}).get("users", [])}
    mentioned = list(dict.fromkeys(int(found) for found in _MENTION.findall(content)))
    users = [core.world.users[uid] for uid in mentioned if uid in core.world.users]
    message.payload["mentions"] = [user_json(user) for user in users if "users" in parse or user.id in listed]
    guild = message.channel.guild
    if guild is None:
        return
    roles = [found for found in _ROLE_MENTION.findall(content) if int(found) in guild.roles]
    allowed = {str(role) for role in (rules or {}).get("roles", [])}
    message.payload["mention_roles"] = [role for role in roles if "roles" in parse or role in allowed]
    may = message.channel.permissions_of(message.author) & Permission.MENTION_EVERYONE
    loud = "@everyone" in content or "@here" in content
    message.payload["mention_everyone"] = bool(loud and may and "everyone" in parse)
