"""The messages of every channel, oldest first, with a ceiling for each channel."""

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
    """A message: Discord's JSON without the parts that depend on who looks, and those parts beside it."""

    id: int
    channel: Channel
    author: User
    payload: Json
    files: list[Attachment] = field(default_factory=list)
    visible_to: User | None = None  # ephemeral: this user only
    nonce: str | None = None
    reactions: dict[str, list[int]] = field(default_factory=dict)  # emoji -> user ids
    interaction_id: int | None = None

    @property
    def flags(self) -> int:
        """The message flags."""
        return int(self.payload.get("flags", 0))

    def json(self) -> Json:
        """Return the message object. Files that an embed shows are not listed as attachments, as on Discord."""
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
    """Return every ``url`` in a tree of JSON."""
    if isinstance(tree, list):
        return [url for branch in tree for url in _urls(branch)]
    if isinstance(tree, dict):
        own = [tree["url"]] if isinstance(tree.get("url"), str) else []
        return own + [url for branch in tree.values() for url in _urls(branch)]
    return []


class History:
    """Messages by channel and id. Ephemeral ones are kept here too, and found only by who may see them."""

    def __init__(self, per_channel: int) -> None:
        self.per_channel = per_channel
        self._channels: dict[int, OrderedDict[int, Message]] = {}

    def _channel(self, channel_id: int) -> OrderedDict[int, Message]:
        return self._channels.setdefault(channel_id, OrderedDict())

    def add(self, message: Message) -> list[Message]:
        """Store a message as the channel's newest and return those that had to go."""
        channel = self._channel(message.channel.id)
        channel[message.id] = message
        if message.visible_to is None:
            message.channel.last_message_id = message.id
        return [channel.popitem(last=False)[1] for _ in range(len(channel) - self.per_channel)]

    def get(self, channel_id: int, message_id: int) -> Message | None:
        """Return a message or None."""
        return self._channel(channel_id).get(message_id)

    def find(self, message_id: int) -> Message | None:
        """Return a message by its id alone."""
        return next((c[message_id] for c in self._channels.values() if message_id in c), None)

    def remove(self, message: Message) -> None:
        """Forget a message."""
        self._channel(message.channel.id).pop(message.id, None)

    def all(self, channel_id: int) -> list[Message]:
        """Return every message of a channel, oldest first, ephemeral ones included."""
        return list(self._channel(channel_id).values())

    def public(self, channel_id: int) -> list[Message]:
        """Return the messages everyone in the channel sees, oldest first."""
        return [message for message in self.all(channel_id) if message.visible_to is None]
