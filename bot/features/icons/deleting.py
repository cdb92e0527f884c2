"""🗑 Deletes a message, for its requester and for moderators."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.ui.persistent_items import PersistentItem

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words


class Delete(PersistentItem, template=r"mel:v1:delete:(?P<asker>[0-9]{1,20})"):
    """🗑 Deletes the message; allowed for its requester and members who may manage messages."""

    cost = SMALL

    def __init__(self, asker_id: int | None, label: str | None = None) -> None:
        self.asker_id = asker_id or 0  # 0: unrequested, so moderators only
        super().__init__(ui.Button(emoji="🗑️", label=label, custom_id=f"mel:v1:delete:{self.asker_id}", row=1))

    @classmethod
    def below_icon(cls, key: str, words: Words, style: str | None, asker_id: int | None) -> Self:  # noqa: ARG003
        """Make the button below an icon."""
        return cls(asker_id, words("button.delete"))

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(int(values["asker"] or 0))

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Refuse users without permission."""
        moderates = interaction.guild_id is not None and interaction.permissions.manage_messages
        if interaction.user.id != self.asker_id and not moderates:
            raise Refusal("delete.not_yours")
        await interaction.response.defer()

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Delete the message."""
        try:
            await interaction.delete_original_response()
        except discord.NotFound as error:
            raise Refusal("delete.gone") from error  # by a concurrent press
