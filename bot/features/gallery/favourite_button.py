"""⭐ Adds an icon to the favourites or removes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.errors import Refusal
from bot.inference import THUMBNAIL
from bot.store import MOST_FAVOURITES, GalleryFull
from bot.ui.code_keys import CODE
from bot.ui.icon_button import IconButton
from bot.ui.posting import defer
from bot.ui.server import server_of

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from gan.codes import IconCode


class FavouriteButton(IconButton, template=rf"mel:v1:keep:{CODE}"):
    """⭐ Toggles the icon in the user's favourites; the reply is private."""

    what, emoji, place = "keep", "⭐", 1

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the reply."""
        await defer(interaction, private=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Store the picture too, as its model may be replaced."""
        bot = interaction.client
        drawing = await bot.studio.draw(await self.code(interaction), size=THUMBNAIL, owner=interaction.user.id)
        try:
            added = await bot.store.favourites.toggle(
                user_id=interaction.user.id,
                guild_id=interaction.guild_id,
                code=str(drawing.code),
                style=drawing.style,
                model=drawing.model,
                picture=drawing.png,
            )
        except GalleryFull as error:
            raise Refusal("favourite.full", most=MOST_FAVOURITES) from error
        text = await favourite_text(interaction, drawing.pinned, added=added)
        await interaction.followup.send(text, ephemeral=True)


async def favourite_text(interaction: discord.Interaction[MeliconBot], code: IconCode, *, added: bool) -> str:
    """Return the reply after adding or removing the pinned `code`."""
    words = interaction.client.words(interaction)
    shown = (await server_of(interaction)).shown(code)
    return (
        words("favourite.added", code=shown, gallery=words("command.gallery.name"))
        if added
        else words("favourite.removed", code=shown)
    )
