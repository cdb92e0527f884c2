"""The data model: users, roles, members, channels, guilds. payloads.py converts it to JSON."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal

from discord_emulator.permissions import ALL, DIRECT_MESSAGE, Permission

Standing = Literal["owner", "moderator", "member", "stranger", "bot"]


@dataclass(eq=False)
class User:
    """A user (or the bot itself)."""

    id: int
    username: str
    name: str  # the display name
    locale: str = "en-US"
    standing: Standing = "stranger"
    accepts_direct_messages: bool = True

    @property
    def bot(self) -> bool:
        """Whether this is the bot."""
        return self.standing == "bot"

    @property
    def avatar(self) -> str:
        """The avatar's hash: any stable string works."""
        return f"{self.id:032x}"


Persona = User


@dataclass(eq=False)
class Role:
    """A role of a guild; the one with the guild's id is @everyone."""

    id: int
    name: str
    permissions: int
    position: int = 1
    color: int = 0
    managed_by: int | None = None  # the bot this managed role belongs to


@dataclass(eq=False)
class Member:
    """A user in a guild."""

    user: User
    joined_at: float
    roles: list[int] = field(default_factory=list)
    nick: str | None = None


@dataclass(frozen=True)
class Overwrite:
    """A channel's permission overwrite for a role or member."""

    allow: int = 0
    deny: int = 0
    is_member: bool = False

    def apply(self, permissions: int) -> int:
        """Return `permissions` with this overwrite applied."""
        return (permissions & ~self.deny) | self.allow


@dataclass(eq=False)
class Channel:
    """A text channel of a guild, or a direct message channel (`guild` is None)."""

    id: int
    name: str
    guild: Guild | None = None
    recipient: User | None = None
    topic: str = ""
    position: int = 0
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    last_message_id: int | None = None

    def permissions_of(self, user: User) -> int:
        """Return a user's permissions here; 0 if the channel is invisible."""
        if self.guild is None:
            return DIRECT_MESSAGE if user.bot or user is self.recipient else 0
        member = self.guild.members.get(user.id)
        return channel_permissions(self.guild, self, member) if member else 0


@dataclass(eq=False)
class Expression:
    """An emoji or sticker of a guild; only stickers have tags and a description."""

    id: int
    name: str
    image: bytes = b""  # not kept on disk
    tags: str = ""
    description: str = ""


@dataclass(eq=False)
class Guild:
    """A server."""

    id: int
    name: str
    owner_id: int
    locale: str = "en-US"
    roles: dict[int, Role] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    upload_bytes: int | None = None  # None: the default of Limits
    emojis: dict[int, Expression] = field(default_factory=dict)
    stickers: dict[int, Expression] = field(default_factory=dict)
    icon: bytes | None = None  # PNG, JPEG, GIF or WebP

    @property
    def icon_hash(self) -> str | None:
        """The icon's hash: equal for equal pictures."""
        return hashlib.sha256(self.icon).hexdigest()[:32] if self.icon is not None else None

    @property
    def has_bot(self) -> bool:
        """Whether the application is installed here; otherwise members use it as a user install."""
        return any(member.user.bot for member in self.members.values())


def base_permissions(guild: Guild, member: Member) -> int:
    """Return a member's permissions in the guild, before channel overwrites."""
    if member.user.id == guild.owner_id:
        return ALL
    permissions = guild.roles[guild.id].permissions
    for role_id in member.roles:
        permissions |= guild.roles[role_id].permissions
    return ALL if permissions & Permission.ADMINISTRATOR else permissions


def channel_permissions(guild: Guild, channel: Channel, member: Member) -> int:
    """Return a member's permissions in a channel; 0 if it is invisible."""
    permissions = base_permissions(guild, member)
    if permissions & Permission.ADMINISTRATOR:
        return permissions
    overwrites = channel.overwrites
    if guild.id in overwrites:
        permissions = overwrites[guild.id].apply(permissions)
    allow = deny = 0
    for role_id in member.roles:
        if role_id in overwrites:
            allow |= overwrites[role_id].allow
            deny |= overwrites[role_id].deny
    permissions = (permissions & ~deny) | allow
    if member.user.id in overwrites:
        permissions = overwrites[member.user.id].apply(permissions)
    if not permissions & Permission.VIEW_CHANNEL:
        return 0
    if not permissions & Permission.SEND_MESSAGES:
        implied = Permission.EMBED_LINKS | Permission.ATTACH_FILES | Permission.MENTION_EVERYONE
        permissions &= ~int(implied)
    return permissions
