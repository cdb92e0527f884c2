"""The emulator's shared components, created in one place."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from discord_emulator import errors
from discord_emulator.attachments import AttachmentStore
from discord_emulator.avatars import person_png
from discord_emulator.commands import Commands
from discord_emulator.condition import Condition
from discord_emulator.context import Context
from discord_emulator.faults import Faults
from discord_emulator.gateway import Gateway
from discord_emulator.history import History, Message
from discord_emulator.interactions import Interactions
from discord_emulator.permissions import Permission
from discord_emulator.ratelimits import RateLimits
from discord_emulator.worldfile import world_json

if TYPE_CHECKING:
    from discord_emulator.archive import Archive
    from discord_emulator.errors import Json
    from discord_emulator.model import Channel, Guild


@dataclass(frozen=True)
class SyncCall:
    """A PUT of commands: the scope (a guild's id, None for global) and the payload."""

    guild_id: int | None
    commands: list[Json]


@dataclass
class LoggedRequest:
    """A REST request: the path without ``/api/v10``, and the response."""

    method: str
    path: str
    at: float
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    files: list[str] = field(default_factory=list)
    status: int = 0
    code: int | None = None  # Discord's error code, if refused


class Core(Context):
    """The context, with the stores and hubs built on it."""

    def __post_init__(self) -> None:
        """Create the stores and hubs."""
        super().__post_init__()
        limits = self.limits
        self.draw_avatar: Callable[[str], bytes] = person_png  # user name -> PNG
        self.latency = 0.0
        self.recommended_shards = 1
        self.history = History(limits.messages_per_channel)
        self.attachments = AttachmentStore(self.origin, limits.attachment_bytes, self.key, self._file_dropped)
        self.interactions = Interactions(self)
        self.commands = Commands(self)
        self.gateway = Gateway(self)
        self.rate_limits = RateLimits(self)
        self.faults = Faults()
        self.sync_calls: list[SyncCall] = []
        self.requests: deque[LoggedRequest] = deque(maxlen=limits.requests_logged)
        self.posted = Condition()  # notified of stored messages
        self.nonces: dict[tuple[int, str], tuple[float, Message]] = {}
        self.archive: Archive | None = None  # persistence, if enabled

    @property
    def default_channel(self) -> Channel:
        """The first channel of the first guild."""
        return next(iter(next(iter(self.world.guilds.values())).channels.values()))

    def upload_limit(self, channel: Channel) -> int:
        """Return the largest file a channel takes, in bytes."""
        own = channel.guild.upload_bytes if channel.guild else None
        return self.limits.upload_bytes if own is None else own

    def store_message(self, message: Message) -> None:
        """Add a message to its channel, evicting the oldest messages and their files."""
        for old in self.history.add(message):
            self._forget(old)
        self.posted.notify()

    def keep(self, message: Message) -> None:
        """Persist a new or changed message, if enabled."""
        if self.archive:
            self.archive.put(message)

    def keep_world(self) -> None:
        """Persist the world, if enabled."""
        if self.archive:
            self.archive.put_fact("world", world_json(self.world))

    def set_guild_icon(self, guild: Guild, icon: bytes | None) -> None:
        """Change a guild's icon and tell the bot."""
        guild.icon = icon
        self.keep_world()
        self.gateway.guild_changed(guild)

    def forget_message(self, message: Message) -> None:
        """Delete a message and its files."""
        self.history.remove(message)
        self._forget(message)

    def _forget(self, message: Message) -> None:
        if self.archive:
            self.archive.drop(message)
        for file in message.files:
            self.attachments.remove(file.id)

    def _file_dropped(self, file_id: int) -> None:
        if self.archive:
            self.archive.drop_file(file_id)

    def require(self, channel: Channel, *needed: Permission) -> None:
        """Check the bot's permissions in a channel: 50001 if it cannot see it, 50013 if it lacks one."""
        held = channel.permissions_of(self.world.bot)
        if not held & Permission.VIEW_CHANNEL:
            raise errors.missing_access()
        if any(not held & permission for permission in needed):
            raise errors.missing_permissions()

    def bot_message(self, channel: Channel, message_id: int) -> Message:
        """Return a message as the bot finds it by REST; ephemeral ones are not found."""
        message = self.history.get(channel.id, message_id)
        if message is None or message.visible_to is not None:
            raise errors.unknown("message")
        return message
