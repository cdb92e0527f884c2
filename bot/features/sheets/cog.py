"""`/grid`: a sheet of new icons to pick from. `/styles`: the same seed in every style."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import Refusal
from bot.features.sheets.buttons import post_sheet
from bot.inference import DrawError
from bot.ui.code_options import read, suggest
from bot.ui.contexts import everywhere
from bot.ui.posting import defer
from bot.ui.server import server_of
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot

    Interaction = discord.Interaction[MeliconBot]

_MOST_STYLES = 9  # in one sheet; each style loads a model


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
    async def grid(self, interaction: Interaction, count: app_commands.Range[int, 4, 25] = 9) -> None:
        """Post a sheet of `count` random icons."""
        await defer(interaction)
        words = self.bot.words(interaction)
        codes = [IconCode.random() for _ in range(count)]
        await post_sheet(interaction, codes, words("grid.caption", count=count))

    @app_commands.command(
        name=locale_str("styles", key="command.styles.name"),
        description=locale_str("The same seed in every style, side by side", key="command.styles.description"),
    )
    @app_commands.describe(
        seed=locale_str("A number, a word or an icon code; random if left out", key="command.melicon.seed.description")
    )
    @everywhere
    async def styles(self, interaction: Interaction, seed: str | None = None) -> None:
        """Post a sheet of `seed` in every style that can draw it."""
        code = IconCode.random() if seed is None else read(self.bot, seed)
        server = await server_of(interaction)
        codes = self._in_every_style(code, first=server.style or self.bot.studio.style)
        if len(codes) < 2:
            raise Refusal("styles.one")
        await defer(interaction)
        names = [str(each.style) for each in codes[:_MOST_STYLES]]
        text = self.bot.words(interaction)("styles.caption", code=str(code.bare), styles=_listed(names))
        await post_sheet(interaction, codes[:_MOST_STYLES], text)

    @styles.autocomplete("seed")
    async def _recent(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        """Suggest the user's recent icons."""
        return await suggest(interaction, typed)

    def _in_every_style(self, code: IconCode, *, first: str) -> list[IconCode]:
        """Return `code` in each style that has its tweaks: the style `first`, then the others by name."""
        studio = self.bot.studio
        found = []
        for style in sorted(studio.styles, key=lambda name: (name != first, name)):
            with suppress(DrawError):
                styled = replace(code.bare, style=style)
                studio.pin(styled)
                found.append(styled)
        return found


def _listed(styles: list[str]) -> str:
    return " · ".join(f"{number}: `{style}`" for number, style in enumerate(styles, 1))
