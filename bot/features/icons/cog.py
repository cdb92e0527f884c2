"""`/melicon`, `/me` and `/name`: an icon that is random or of a seed, a user or a text."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import Refusal
from bot.ui.code_options import read, refusal, suggest, suggest_styles
from bot.ui.contexts import everywhere
from bot.ui.posting import defer, post_icon
from bot.ui.server import server_of
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Icons(commands.Cog):
    """Drawing icons."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(description=locale_str("Draw a new icon", key="command.melicon.description"))
    @app_commands.describe(
        seed=locale_str(
            "A number, a word or an icon code; random if left out",
            key="command.melicon.seed.description",
        ),
        style=locale_str("The style; the default one if left out", key="command.melicon.style.description"),
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def melicon(
        self, interaction: discord.Interaction[MeliconBot], seed: str | None = None, style: str | None = None
    ) -> None:
        """Draw the icon of `seed`, or a random one."""
        # before deferring: only then can a refusal be ephemeral
        code = IconCode.random() if seed is None else read(self.bot, seed)
        if style is not None:
            code = in_style(self.bot, code, style)
        (await server_of(interaction)).pin(code)
        await defer(interaction)
        await post_icon(interaction, code, asked=seed)

    @melicon.autocomplete("seed")
    async def _recent(self, interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        """Suggest the user's recent icons."""
        return await suggest(interaction, typed)

    @melicon.autocomplete("style")
    async def _styles(self, interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        """Suggest the available styles."""
        return await suggest_styles(interaction, typed)

    @app_commands.command(
        name=locale_str("me", key="command.me.name"),
        description=locale_str("Your own icon, always the same; or a friend’s", key="command.me.description"),
    )
    @app_commands.rename(friend=locale_str("for", key="command.me.for.name"))
    @app_commands.describe(friend=locale_str("Whose icon, if not your own", key="command.me.for.description"))
    @everywhere
    async def me(self, interaction: discord.Interaction[MeliconBot], friend: discord.User | None = None) -> None:
        """Post the icon of a user's id."""
        await defer(interaction)
        user = friend or interaction.user
        await post_icon(interaction, icon_of(user.id), title=user.mention)

    @app_commands.command(
        name=locale_str("name", key="command.name.name"),
        description=locale_str("The icon of a name or any text, even a number", key="command.name.description"),
    )
    @app_commands.rename(text=locale_str("text", key="command.name.text.name"))
    @app_commands.describe(
        text=locale_str("The name; upper and lower case are the same", key="command.name.text.description")
    )
    @everywhere
    async def name(self, interaction: discord.Interaction[MeliconBot], text: str) -> None:
        """Post the icon of a text."""
        try:
            code = IconCode.from_phrase(text)
        except CodeError as error:
            raise refusal(self.bot, error, text) from error
        await defer(interaction)
        await post_icon(interaction, code, asked=text)


def in_style(bot: MeliconBot, code: IconCode, style: str) -> IconCode:
    """Return `code` in the given style; raises `Refusal` and `UnknownStyle`."""
    style = style.strip().casefold()
    if code.style not in {None, style}:
        raise Refusal("style.two", style=code.style)
    try:
        styled = replace(code, style=style)
    except CodeError as error:
        raise refusal(bot, error, style) from error
    bot.studio.pin(styled)  # refuses before deferring: only then can it be ephemeral
    return styled


def icon_of(user_id: int) -> IconCode:
    """Return the code of a user's icon. This mapping must never change."""
    return IconCode.from_phrase(f"discord user {user_id}")
