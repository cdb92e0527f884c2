"""🗑 Deletes all data stored about a user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.ui.persistent_items import PersistentItem

if TYPE_CHECKING:
    from bot.client import MeliconBot


class Forget(PersistentItem, template="mel:v1:forget"):
    """🗑 Deletes all data stored about the user who presses it."""

    cost = SMALL

    def __init__(self, label: str | None = None) -> None:
        button: ui.Button[Any] = ui.Button(
            emoji="🗑️", label=label, style=discord.ButtonStyle.danger, custom_id="mel:v1:forget"
        )
        super().__init__(button)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:  # noqa: ARG003 - whoever presses is meant
        """Build the button from its custom id."""
        return cls()

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the update."""
        await interaction.response.defer()

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Delete the data and replace the question by a confirmation."""
        await interaction.client.store.personal_data.delete(interaction.user.id)
        await interaction.edit_original_response(
            content=interaction.client.words(interaction)("forget.done"), view=None
        )
