"""`/tweak`: edit one attribute of an icon, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.features.tweak.buttons import post_tweak
from bot.ui.code_options import read, suggest
from bot.ui.contexts import everywhere
from bot.ui.posting import defer
from bot.ui.server import server_of

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Tweaking(commands.Cog):
    """Latent edits: change one attribute and keep the rest."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        name=locale_str("tweak", key="command.tweak.name"),
        description=locale_str(
            "Change one attribute of an icon: hair, eyes, clothes …", key="command.tweak.description"
        ),
    )
    @app_commands.rename(code=locale_str("code", key="command.tweak.code.name"))
    @app_commands.describe(
        code=locale_str("Which icon: a number, a word or an icon code", key="command.tweak.code.description")
    )
    @everywhere
    async def tweak(self, interaction: discord.Interaction[MeliconBot], code: str) -> None:
        """Post the icon with a menu of axes and arrows."""
        wanted = read(self.bot, code)
        (await server_of(interaction)).pin(wanted)  # refuses before deferring: only then can it be ephemeral
        await defer(interaction)
        await post_tweak(interaction, wanted)

    @tweak.autocomplete("code")
    async def _recent(self, interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        """Suggest the user's recent icons."""
        return await suggest(interaction, typed)
