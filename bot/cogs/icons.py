"""`/melicon`: draw an icon, a given one or a new one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.posting import accept, post_icon
from bot.problems import Refusal
from bot.reading import read, refusal, suggest, suggest_styles
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Icons(commands.Cog):
    """Drawing icons."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        description=locale_str("Draw an icon nobody has had before", key="command.melicon.description")
    )
    @app_commands.describe(
        seed=locale_str(
            "A number, a word or an icon code; leave it out for a surprise",
            key="command.melicon.seed.description",
        ),
        style=locale_str("In which style; the one in use if left out", key="command.melicon.style.description"),
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def melicon(
        self, interaction: discord.Interaction[MeliconBot], seed: str | None = None, style: str | None = None
    ) -> None:
        """Draw the icon of `seed`, or one nobody can foresee."""
        with self.bot.work():
            # before the answer is deferred: only then can a refusal be for the user's eyes alone
            code = IconCode.random() if seed is None else read(self.bot, seed)
            if style is not None:
                code = in_style(self.bot, code, style)
            self.bot.studio.pin(code)
            await accept(interaction)
            await post_icon(interaction, code, asked=seed)

    @melicon.autocomplete("seed")
    async def _recent(self, interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the caller's own recent icons."""
        return await suggest(interaction, typed)

    @melicon.autocomplete("style")
    async def _styles(self, interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the styles there are."""
        return await suggest_styles(interaction, typed)


def in_style(bot: MeliconBot, code: IconCode, style: str) -> IconCode:
    """Return `code` in a style that a person named; raises `Refusal` and `UnknownStyle`."""
    style = style.strip().casefold()
    if code.style not in {None, style}:
        raise Refusal("style.two", style=code.style)
    try:
        styled = replace(code, style=style)
    except CodeError as error:
        raise refusal(bot, error, style) from error
    bot.studio.pin(styled)  # refuses before the answer is deferred: only then is it for the user's eyes alone
    return styled
