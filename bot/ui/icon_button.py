"""The base of buttons for one icon: they carry its pinned code or key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self

import discord
from discord import ui

from bot.ui.code_keys import load_code
from bot.ui.persistent_items import PersistentItem

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from gan.codes import IconCode


class IconButton(PersistentItem, template="(?!)"):
    """A button for one icon; a subclass's template is ``mel:v1:<what>:<code>``."""

    what: ClassVar[str]
    emoji: ClassVar[str]
    place: ClassVar[int]  # its row

    def __init__(self, key: str, label: str | None = None) -> None:
        self.key = key
        custom_id = f"mel:v1:{self.what}:{key}"
        super().__init__(ui.Button(emoji=self.emoji, label=label, custom_id=custom_id, row=self.place))

    @classmethod
    def below_icon(cls, key: str, words: Words, style: str | None, asker_id: int | None) -> Self:  # noqa: ARG003
        """Build the button for an icon."""
        return cls(key, words(f"button.{cls.what}"))

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(values["code"] or "")

    async def code(self, interaction: discord.Interaction[MeliconBot]) -> IconCode:
        """Return the icon's pinned code. Raises `Refusal`."""
        return await load_code(interaction.client.store, self.key)
