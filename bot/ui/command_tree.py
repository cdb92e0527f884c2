"""The command tree: discord.py's, which charges before anything is done, and has an answer for every error."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.access.charging import cost_of
from bot.errors import Refusal
from bot.ui.problems import report

if TYPE_CHECKING:
    from bot.client import MeliconBot

log = logging.getLogger(__name__)


class Tree(app_commands.CommandTree["MeliconBot"]):
    """Charges for commands and suggestions (`bot.access.charging`) and reports errors (`bot.ui.problems`)."""

    async def interaction_check(self, interaction: discord.Interaction[MeliconBot], /) -> bool:
        """Charge; whoever is too quick hears so, or is suggested nothing. The library asks before anything else."""
        charges = interaction.client.charges
        if interaction.type is discord.InteractionType.autocomplete:
            if charges.suggest(interaction):
                return True
            await interaction.response.autocomplete([])
            return False
        try:
            charges.order(interaction, cost_of(interaction))
        except Refusal as refusal:
            await report(interaction, refusal)
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[MeliconBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Answer in the command's stead."""
        await report(interaction, error)

    async def _call(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Answer also where the interaction is too malformed for the library to find its command."""
        try:
            await super()._call(interaction)
        except app_commands.AppCommandError:
            raise  # for `on_error`
        except Exception as error:  # noqa: BLE001 - every interaction is answered
            await report(interaction, error)
