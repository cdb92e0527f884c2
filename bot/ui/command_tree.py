"""The command tree: discord.py's, with rate limiting and error handling."""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.access.cooldown import cost_of
from bot.errors import Refusal
from bot.inference import DrawError
from bot.metrics import FAILED, REFUSED
from bot.ui.problems import report

if TYPE_CHECKING:
    from bot.client import MeliconBot

log = logging.getLogger(__name__)


_BEGAN = "melicon.began"  # in interaction.extras


def count_command(interaction: discord.Interaction[MeliconBot], outcome: str, name: str | None = None) -> None:
    """Count a command for the metrics, and how long it took."""
    if name is None:
        name = interaction.command.qualified_name if interaction.command else "unknown"
    metrics = interaction.client.metrics
    metrics.commands.labels(name, outcome).inc()
    if (began := interaction.extras.get(_BEGAN)) is not None:
        metrics.command_seconds.labels(name).observe(time.monotonic() - began)


class Tree(app_commands.CommandTree["MeliconBot"]):
    """Applies rate limits (`bot.access.cooldown`) and reports errors (`bot.ui.problems`)."""

    async def interaction_check(self, interaction: discord.Interaction[MeliconBot], /) -> bool:
        """Apply the rate limit; over it, refuse commands and return no suggestions. Runs before any command."""
        interaction.extras[_BEGAN] = time.monotonic()
        cooldowns = interaction.client.cooldowns
        if interaction.type is discord.InteractionType.autocomplete:
            if cooldowns.suggest(interaction):
                return True
            await interaction.response.autocomplete([])
            return False
        try:
            cooldowns.charge(interaction, cost_of(interaction))
        except Refusal as refusal:
            count_command(interaction, REFUSED)
            await report(interaction, refusal)
            return False
        return True

    async def on_error(
        self, interaction: discord.Interaction[MeliconBot], error: app_commands.AppCommandError, /
    ) -> None:
        """Report a command's error to the user."""
        cause = getattr(error, "original", error)
        count_command(
            interaction, REFUSED if isinstance(cause, Refusal | DrawError | app_commands.CheckFailure) else FAILED
        )
        await report(interaction, error)

    async def _call(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Let a shutdown wait for the command; report errors also for interactions too malformed to find it."""
        suggests = interaction.type is discord.InteractionType.autocomplete
        try:
            with nullcontext() if suggests else interaction.client.work():
                await super()._call(interaction)
        except app_commands.AppCommandError:
            raise  # for `on_error`
        except Exception as error:  # noqa: BLE001 - every interaction is answered
            await report(interaction, error)
