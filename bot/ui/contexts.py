"""Where commands are available: servers, direct messages and groups, guild and user installs."""

from __future__ import annotations

from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.access.cooldown import SMALL

_Command = TypeVar("_Command")

OWNER_EXTRAS: dict[Any, Any] = {"owner": True, "cost": SMALL}
_OWNER: dict[str, Any] = {
    "default_permissions": discord.Permissions(),  # Discord then shows them to administrators only
    "allowed_contexts": app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False),
    "allowed_installs": app_commands.AppInstallationType(guild=True, user=False),
}


def everywhere(command: _Command) -> _Command:
    """Make a command available everywhere; a decorator."""
    command = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)


def owner_group(name: str, description: app_commands.locale_str) -> app_commands.Group:
    """Return a group of commands for the owner; its commands are cheap."""
    return app_commands.Group(name=name, description=description, extras=OWNER_EXTRAS, **_OWNER)


def for_owner(command: _Command) -> _Command:
    """Make a command or context menu available where the owner's commands are; a decorator."""
    for attribute, value in _OWNER.items():
        setattr(command, attribute, value)
    return command
