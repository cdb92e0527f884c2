"""Where commands are available: servers, direct messages and groups, guild and user installs."""

from __future__ import annotations

from typing import TypeVar

import discord
from discord import app_commands

_Command = TypeVar("_Command")

# of the owner's commands
OWNER_ONLY = discord.Permissions()  # Discord then shows them to administrators only
WHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
INSTALLED = app_commands.AppInstallationType(guild=True, user=False)


def everywhere(command: _Command) -> _Command:
    """Make a command available everywhere; a decorator."""
    command = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)
