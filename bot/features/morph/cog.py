"""`/morph`: a looped animation through several icons."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.errors import Refusal
from bot.features.icons.deleting import Delete
from bot.ui.code_options import read, suggest
from bot.ui.contexts import everywhere
from bot.ui.persistent_items import Buttons
from bot.ui.posting import defer
from bot.ui.server import Server, server_of
from bot.ui.text import in_a_row

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from gan.codes import IconCode

_OTHERS = "cdefgh"
_CODES, _CODES_IN_ALT = 1960, 880  # characters, to fit Discord's limit with a 32-character style and the rest


class Morphing(commands.Cog):
    """Animations."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        name=locale_str("morph", key="command.morph.name"),
        description=locale_str("Morph icons into one another in a looped animation", key="command.morph.description"),
    )
    @app_commands.rename(a=locale_str("a", key="command.morph.a.name"), b=locale_str("b", key="command.morph.b.name"))
    @app_commands.describe(
        a=locale_str("The first icon: a number, a word or an icon code", key="command.morph.a.description"),
        b=locale_str("The icon it turns into", key="command.morph.b.description"),
        **{
            letter: locale_str("One more icon on the way", key=f"command.morph.{letter}.description")
            for letter in _OTHERS
        },
    )
    @everywhere
    async def morph(  # noqa: PLR0917 - options are parameters, to the library
        self,
        interaction: discord.Interaction[MeliconBot],
        a: str,
        b: str,
        c: str | None = None,
        d: str | None = None,
        e: str | None = None,
        f: str | None = None,
        g: str | None = None,
        h: str | None = None,
    ) -> None:
        """Post a looped animation through two to eight icons."""
        typed = [text for text in (a, b, c, d, e, f, g, h) if text is not None]
        server = await server_of(interaction)
        codes = _way(server, [read(self.bot, text) for text in typed])
        await defer(interaction)
        gif = await self.bot.studio.morph(codes, limit=interaction.filesize_limit, owner=interaction.user.id)
        if gif is None:
            raise Refusal("draw.too_big")
        words = self.bot.words(interaction)
        style = codes[0].style or self.bot.studio.style
        shown = [server.shown(code) for code in codes]
        picture = discord.File(
            io.BytesIO(gif),
            "melicon-morph.gif",
            description=words("morph.alt", codes=in_a_row(shown, _CODES_IN_ALT), style=style),
        )
        text = f"{in_a_row([f'`{code}`' for code in shown], _CODES)} · {style}"
        await interaction.followup.send(
            text, file=picture, view=Buttons(Delete(interaction.user.id, words("button.delete")))
        )

    @morph.autocomplete("a")
    @morph.autocomplete("b")
    @morph.autocomplete("c")
    @morph.autocomplete("d")
    @morph.autocomplete("e")
    @morph.autocomplete("f")
    @morph.autocomplete("g")
    @morph.autocomplete("h")
    async def _recent(self, interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        """Suggest the user's recent icons."""
        return await suggest(interaction, typed)


def _way(server: Server, codes: list[IconCode]) -> list[IconCode]:
    """Return the pinned codes without consecutive duplicates; raises `Refusal` if they cannot be morphed."""
    pinned = [server.pin(code) for code in codes]
    if len({code.style for code in pinned}) > 1:
        raise Refusal("morph.styles")
    if len({code.model for code in pinned}) > 1:
        raise Refusal("code.models", style=pinned[0].style)
    way = [code for code, before in zip(pinned, [None, *pinned], strict=False) if code != before]
    if len(way) > 1 and way[0] == way[-1]:
        way.pop()  # the animation loops by itself
    if len(way) < 2:
        raise Refusal("morph.same")
    return way
