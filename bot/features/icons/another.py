"""🎲 Posts another icon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Self

import discord
from discord import ui

from bot.ui.persistent_items import PersistentItem
from bot.ui.posting import defer, post_icon
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words


class Another(PersistentItem, template=r"mel:v1:another(?::(?P<style>[a-z0-9][a-z0-9_-]{0,31}))?"):
    """🎲 Posts a new icon, in the same style if one was named."""

    def __init__(self, style: str | None = None, label: str | None = None) -> None:
        self.style = style
        custom_id = f"mel:v1:another:{style}" if style else "mel:v1:another"
        super().__init__(ui.Button(emoji="🎲", label=label, custom_id=custom_id, row=0))

    @classmethod
    def below_icon(cls, key: str, words: Words, style: str | None, asker_id: int | None) -> Self:  # noqa: ARG003
        """Make the button below an icon."""
        return cls(style, words("button.another"))

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(values["style"])

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the reply."""
        await defer(interaction)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Draw a random icon."""
        await post_icon(interaction, replace(IconCode.random(), style=self.style))
