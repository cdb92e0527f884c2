"""`/mix`: interpolation between two icons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.ui.code_options import mixed, read, suggest
from bot.ui.contexts import everywhere
from bot.ui.posting import defer, post_icon

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Mixing(commands.Cog):
    """Mixing two icons."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        name=locale_str("mix", key="command.mix.name"),
        description=locale_str("Mix two icons", key="command.mix.description"),
    )
    @app_commands.rename(
        a=locale_str("a", key="command.mix.a.name"),
        b=locale_str("b", key="command.mix.b.name"),
        amount=locale_str("amount", key="command.mix.amount.name"),
    )
    @app_commands.describe(
        a=locale_str("One icon: a number, a word or an icon code", key="command.mix.a.description"),
        b=locale_str("The other: a number, a word or an icon code", key="command.mix.b.description"),
        amount=locale_str("Share of the other icon in percent; half if left out", key="command.mix.amount.description"),
    )
    @everywhere
    async def mix(
        self,
        interaction: discord.Interaction[MeliconBot],
        a: str,
        b: str,
        amount: app_commands.Range[int, 0, 100] = 50,
    ) -> None:
        """Post the icon `amount` percent of the way from `a` to `b`."""
        code = mixed(self.bot, read(self.bot, a), read(self.bot, b), amount)
        await defer(interaction)
        await post_icon(interaction, code, asked=str(code))

    @mix.autocomplete("a")
    @mix.autocomplete("b")
    async def _recent(self, interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        """Suggest the user's recent icons."""
        return await suggest(interaction, typed)
