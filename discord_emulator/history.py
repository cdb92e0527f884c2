"""The messages of every channel, oldest first, with a limit for each channel."""

from __future__ import annotations

import copy
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discord_emulator.attachments import Attachment
    from discord_emulator.errors import Json
    from discord_emulator.model import Channel, User

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
LOADING = 1 << 7
HAS_SNAPSHOT = 1 << 14
COMPONENTS_V2 = 1 << 15


@dataclass(eq=False)
class Message:
    """A message: Discord's JSON without the viewer-dependent parts, which are separate."""

    id: int
    channel: Channel
    author: User
    payload: Json
    files: list[Attachment] = field(default_factory=list)
    visible_to: User | None = None  # ephemeral: visible to this user only
    nonce: str | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)  # emoji -> user ids
    interaction_id: int | None = None

    @property
    def flags(self) -> int:
        """The message flags."""
        return int(self.payload.get("flags", 0))

    def json(self) -> Json:
        """Return the message object. As on Discord, files used by embeds are not listed as attachments."""
        payload = copy.deepcopy(self.payload)
        shown = set(_urls(payload.get("embeds", []))) | set(_urls(payload.get("components", [])))
        payload["attachments"] = [file.json() for file in self.files if file.url not in shown]
        if self.reactions:
            payload["reactions"] = [
                {
                    "emoji": {"id": None, "name": emoji},
                    "count": len(users),
                    "count_details": {"normal": len(users), "burst": 0},
                    "me": False,
                    "me_burst": False,
                    "burst_colors": [],
                }
                for emoji, users in self.reactions.items()
            ]
        return payload


def _urls(tree: Any) -> list[str]:
    """Return every ``url`` in a JSON tree."""
    if isinstance(tree, list):
        return [url for branch in tree for url in _urls(branch)]
    if isinstance(tree, dict):
        own = [tree["url"]] if isinstance(tree.get("url"), str) else []
        return own + [url for branch in tree.values() for url in _urls(branch)]
    return []


class History:
    """Messages by channel and id, including ephemeral ones."""

    def __init__(self, per_channel: int) -> None:
        self.per_channel = per_channel
        self._channels: dict[int, OrderedDict[int, Message]] = {}

    def _channel(self, channel_id: int) -> OrderedDict[int, Message]:
        return self._channels.setdefault(channel_id, OrderedDict())

    def add(self, message: Message) -> list[Message]:
        """Append a message to its channel and return the evicted ones."""
        channel = self._channel(message.channel.id)
        channel[message.id] = message
        if message.visible_to is None:
            message.channel.last_message_id = message.id
        return [channel.popitem(last=False)[1] for _ in range(len(channel) - self.per_channel)]

    def get(self, channel_id: int, message_id: int) -> Message | None:
        """Return a message or None."""
        return self._channel(channel_id).get(message_id)

    def find(self, message_id: int) -> Message | None:
        """Find a message by id alone."""
        return next((c[message_id] for c in self._channels.values() if message_id in c), None)

    def remove(self, message: Message) -> None:
        """Delete a message."""
        self._channel(message.channel.id).pop(message.id, None)

    def all(self, channel_id: int) -> list[Message]:
        """Return all of a channel's messages, oldest first, including ephemeral ones."""
        return list(self._channel(channel_id).values())

    def public(self, channel_id: int) -> list[Message]:
        """Return a channel's public messages, oldest first."""
        return [message for message in self.all(channel_id) if message.visible_to is None]
