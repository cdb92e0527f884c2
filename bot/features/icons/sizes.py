"""⬇ Sends an icon in another size or as a circle."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.i18n.alt_text import alt_text
from bot.ui.code_keys import CODE, load_code
from bot.ui.icon_button import IconButton
from bot.ui.posting import defer
from bot.ui.views import Buttons, PersistentItem, chosen

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words

SIZES = (64, 256, 512, 1024)  # pixels a side
AVATAR = 512  # pixels a side of the circular one
_ROUND = "round"


class Sizes(IconButton, template=rf"mel:v1:sizes:{CODE}"):
    """⬇ Asks for the size, privately."""

    what, emoji, place = "sizes", "⬇️", 1
    cost = SMALL

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Send the menu; nothing is drawn yet."""
        words = interaction.client.words(interaction)
        menu = SizeMenu(self.key, words)
        await interaction.response.send_message(words("sizes.ask"), view=Buttons(menu), ephemeral=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Do nothing: the menu follows."""


class SizeMenu(PersistentItem, template=rf"mel:v1:size:{CODE}"):
    """The menu of sizes; sends the file privately."""

    def __init__(self, key: str, words: Words | None = None) -> None:
        self.key = key
        menu: ui.Select[Buttons] = ui.Select(custom_id=f"mel:v1:size:{key}")
        if words is not None:
            menu.placeholder = words("sizes.placeholder")
            for size in SIZES:
                menu.add_option(label=words("sizes.option", size=size), value=str(size))
            menu.add_option(label=words("sizes.round", size=AVATAR), value=_ROUND)
        super().__init__(menu)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the menu from its custom id."""
        return cls(values["code"] or "")

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the reply."""
        await defer(interaction, private=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Send the file; refuse one over the upload limit rather than resize it."""
        bot = interaction.client
        value = chosen(interaction)
        code = await load_code(bot.store, self.key)
        if value == _ROUND:
            drawing = await bot.studio.draw(code, size=AVATAR, round=True, owner=interaction.user.id)
        elif value.isdecimal() and int(value) in SIZES:
            drawing = await bot.studio.draw(code, size=int(value), owner=interaction.user.id)
        else:
            raise Refusal("error.retired")
        if len(drawing.png) > interaction.filesize_limit:
            raise Refusal("draw.too_big")
        words = bot.words(interaction)
        suffix = "round" if value == _ROUND else value
        file = discord.File(
            io.BytesIO(drawing.png),
            f"melicon-{drawing.code.filename}-{suffix}.png",
            description=alt_text(drawing, words),
        )
        await interaction.followup.send(words("sizes.here", code=drawing.code), file=file, ephemeral=True)
