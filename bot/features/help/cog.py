"""`/help`: the commands and icon codes, shown privately."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.access.cooldown import SMALL
from bot.ui.server import server_of

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words

_COLOUR = discord.Colour(0xF2789F)
_MOST_OPTIONS = 3  # options shown for each command
_CODES = ("seed", "word", "variation", "mix", "tweak", "style")


class Help(commands.Cog):
    """The help command."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        description=locale_str("What the bot can do, and how icon codes work", key="command.help.description"),
        extras={"cost": SMALL},
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def help(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """List the commands that the user can use here, and explain icon codes."""
        words = self.bot.words(interaction)
        # the description allows four times as much text as a field
        lines = self._commands(interaction, words)
        described = f"{words('help.intro')}\n\n**{words('help.commands')}**\n{lines}"
        embed = discord.Embed(title=words("help.title"), description=described, colour=_COLOUR)
        style = (await server_of(interaction)).style or self.bot.studio.style
        codes = "\n".join(words(f"help.code.{kind}", style=style) for kind in _CODES)
        embed.add_field(name=words("help.codes"), value=codes, inline=False)
        embed.set_footer(text=words("help.footer"))
        await interaction.response.send_message(embed=embed, ephemeral=True)

    def _commands(self, interaction: discord.Interaction[MeliconBot], words: Words) -> str:
        """Return a line for each usable command with its options, localised; owner commands last."""
        everybodys: list[str] = []
        owners: list[str] = []
        for command in self._walk():
            if not self._is_usable(command, interaction):
                continue
            name = command.qualified_name
            key = f"command.{name.replace(' ', '.')}"
            shown = [p.display_name for p in command.parameters if not p.display_name[-1].isdigit()]  # not images2 …
            options = "".join(f" {_named(words, f'{key}.{option}', option)}:…" for option in shown[:_MOST_OPTIONS])
            options += " …" if len(command.parameters) > _MOST_OPTIONS else ""
            line = f"`/{_named(words, key, name)}{options}` {words(f'{key}.description')}"
            (owners if (command.root_parent or command).extras.get("owner") else everybodys).append(line)
        return "\n".join(everybodys + owners)[:3800]

    def _is_usable(
        self, command: app_commands.Command[Any, ..., Any], interaction: discord.Interaction[MeliconBot]
    ) -> bool:
        """Whether the user may use a command where they are, unless the server's settings say otherwise."""
        root = command.root_parent or command
        if root.extras.get("owner"):
            return interaction.user.id in self.bot.owners.known
        if interaction.guild_id is None:
            return root.allowed_contexts is None or bool(root.allowed_contexts.dm_channel)
        needed = root.default_permissions
        return needed is None or interaction.permissions.is_superset(needed)

    def _walk(self) -> Iterator[app_commands.Command[Any, ..., Any]]:
        admin = self.bot.settings.admin_guild_id
        for guild in (None, discord.Object(admin)) if admin else (None,):
            for command in self.bot.tree.walk_commands(guild=guild):
                if isinstance(command, app_commands.Command):
                    yield command


def _named(words: Words, key: str, name: str) -> str:
    """Return the localised name of a command or option."""
    return words(f"{key}.name") if f"{key}.name" in words else name
