"""`/grid`: a sheet of new icons to pick from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.features.sheets.buttons import post_sheet
from bot.ui.contexts import everywhere
from bot.ui.posting import defer
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Sheets(commands.Cog):
    """Sheets of icons."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        name=locale_str("grid", key="command.grid.name"),
        description=locale_str("Draw many new icons and pick one", key="command.grid.description"),
    )
    @app_commands.rename(count=locale_str("count", key="command.grid.count.name"))
    @app_commands.describe(count=locale_str("How many, from 4 to 25", key="command.grid.count.description"))
    @everywhere
    async def grid(
        self, interaction: discord.Interaction[MeliconBot], count: app_commands.Range[int, 4, 25] = 9
    ) -> None:
        """Post a sheet of `count` random icons."""
        await defer(interaction)
        words = self.bot.words(interaction)
        codes = [IconCode.random() for _ in range(count)]
        await post_sheet(interaction, codes, words("grid.caption", count=count))
