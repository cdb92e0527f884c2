"""`/help`: what the bot can do, and how icon codes work; for the caller's eyes only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.locales import Words

_COLOUR = discord.Colour(0xF2789F)
_CODES = ("seed", "word", "variation", "mix", "style")


class Help(commands.Cog):
    """Explaining the bot."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        description=locale_str("What the bot can do, and how icon codes work", key="command.help.description")
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """List the commands and explain icon codes."""
        words = self.bot.words(interaction)
        embed = discord.Embed(title=words("help.title"), description=words("help.intro"), colour=_COLOUR)
        embed.add_field(name=words("help.commands"), value=self._commands(words), inline=False)
        codes = "\n".join(words(f"help.code.{kind}", style=self.bot.studio.style) for kind in _CODES)
        embed.add_field(name=words("help.codes"), value=codes, inline=False)
        embed.set_footer(text=words("help.footer"))
        await interaction.response.send_message(embed=embed, ephemeral=True)

    def _commands(self, words: Words) -> str:
        """One line for each global command, with its options; at most 1,024 characters, Discord's limit for a field."""
        lines = []
        for command in self.bot.tree.walk_commands():
            if isinstance(command, app_commands.Command):
                name = command.qualified_name
                key = f"command.{name.replace(' ', '.')}.description"
                options = "".join(f" {p.display_name}:…" for p in command.parameters)
                lines.append(f"`/{name}{options}` {words(key)}")
        return "\n".join(lines)[:1024]
