"""📦 Exports all favourites as a zip."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

import discord
from discord import ui

from bot.errors import Refusal
from bot.features.gallery.names import file_stems
from bot.ui.persistent_items import PersistentItem
from bot.ui.posting import defer
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.store import Favourite


class Export(PersistentItem, template="mel:v1:export"):
    """📦 Sends the user's favourites in one zip; files are named by icon name or code."""

    def __init__(self, label: str | None = None) -> None:
        super().__init__(ui.Button(emoji="📦", label=label, custom_id="mel:v1:export", row=2))

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:  # noqa: ARG003 - whoever presses gets their own
        """Build the button from its custom id."""
        return cls()

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the reply."""
        await defer(interaction, private=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Send the file privately."""
        bot = interaction.client
        icons = await bot.store.favourites.of_user(interaction.user.id)
        data = await bot.studio.pack(await asyncio.to_thread(_files, icons))
        if len(data) > interaction.filesize_limit:
            raise Refusal("draw.too_big")
        file = discord.File(io.BytesIO(data), "melicon-gallery.zip")
        await interaction.followup.send(
            bot.words(interaction)("gallery.export", count=len(icons)), file=file, ephemeral=True
        )


def _files(icons: Sequence[Favourite]) -> dict[str, bytes]:
    """Return the pictures by file name."""
    codes = [IconCode.parse(icon.code).pinned(icon.style, icon.model) for icon in icons]
    stems = file_stems((icon.name, code.filename) for icon, code in zip(icons, codes, strict=True))
    return {f"{stem}.png": icon.picture for stem, icon in zip(stems, icons, strict=True)}
