"""The command tree: discord.py's, with an answer for every error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.problems import report

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Tree(app_commands.CommandTree["MeliconBot"]):
    """Reports what commands raise; see `bot.problems`."""

    async def on_error(
        self, interaction: discord.Interaction[MeliconBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer in the command's stead."""
        await report(interaction, error)
