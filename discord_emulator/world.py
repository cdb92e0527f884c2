"""The in-memory world: guilds, users, direct message channels and the bot's application."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field

from discord_emulator import errors
from discord_emulator.model import Channel, Guild, Member, Role, User
from discord_emulator.snowflakes import SnowflakeMaker


def make_token(application_id: int) -> str:
    """Return a bot token in the usual three-part form, valid only here."""
    head = base64.urlsafe_b64encode(str(application_id).encode()).decode().rstrip("=")
    return f"{head}.{secrets.token_urlsafe(4)}.{secrets.token_urlsafe(28)}"


@dataclass
class World:
    """The whole state. Lookups raise Discord's ApiError."""

    application_id: int
    application_name: str
    bot: User
    owner: User
    token: str
    make_id: SnowflakeMaker
    guilds: dict[int, Guild] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    team: dict[int, tuple[str, int]] = field(default_factory=dict)  # user id -> role, membership state; empty: no team
    private: dict[int, Channel] = field(default_factory=dict)  # by channel id

    def user(self, user_id: int) -> User:
        """Return a user, or raise 10013."""
        if user_id not in self.users:
            raise errors.unknown("user")
        return self.users[user_id]

    def guild(self, guild_id: int) -> Guild:
        """Return a guild, or raise 10004."""
        if guild_id not in self.guilds:
            raise errors.unknown("guild")
        return self.guilds[guild_id]

    def channel(self, channel_id: int) -> Channel:
        """Return a guild channel or a private channel, or raise 10003."""
        for guild in self.guilds.values():
            if channel_id in guild.channels:
                return guild.channels[channel_id]
        if channel_id not in self.private:
            raise errors.unknown("channel")
        return self.private[channel_id]

    def member(self, guild_id: int, user_id: int) -> Member:
        """Return a member, or raise 10004 or 10007."""
        members = self.guild(guild_id).members
        if user_id not in members:
            raise errors.unknown("member")
        return members[user_id]

    def direct_channel(self, user: User) -> Channel:
        """Return a user's direct message channel with the bot, opening it on first use."""
        for channel in self.private.values():
            if channel.recipient is user:
                return channel
        channel = Channel(self.make_id(), "", recipient=user)
        self.private[channel.id] = channel
        return channel

    def add_role(self, guild: Guild, name: str, permissions: int, managed_by: int | None = None) -> Role:
        """Add a role on top of the others."""
        role = Role(self.make_id(), name, permissions, position=len(guild.roles), managed_by=managed_by)
        guild.roles[role.id] = role
        return role

    def add_channel(self, guild: Guild, name: str, topic: str = "") -> Channel:
        """Add a text channel at the end of the list."""
        channel = Channel(self.make_id(), name, guild=guild, topic=topic, position=len(guild.channels))
        guild.channels[channel.id] = channel
        return channel
