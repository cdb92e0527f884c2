"""Where a command can be used: in servers, direct messages and groups, installed by a server or by a user."""

from __future__ import annotations

from typing import TypeVar

from discord import app_commands

_Command = TypeVar("_Command")


def everywhere(command: _Command) -> _Command:
    """Let a command be used anywhere; a decorator."""
    command = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(command)
