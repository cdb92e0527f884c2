"""⬇ Sends an icon as a file: in another size or format, as a circle, or ready to upload as a sticker or emoji."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Self

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.features.icons.download_files import KINDS, SIZES, FileKind, make_file
from bot.features.icons.uploads import UPLOADED, Add, may_add
from bot.i18n.alt_text import alt_text
from bot.ui.code_keys import CODE, load_code
from bot.ui.icon_button import IconButton
from bot.ui.persistent_items import Buttons, PersistentItem, chosen
from bot.ui.posting import defer
from bot.ui.server import server_of

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words

# kinds of file with a hint where to upload them, and which hint
_HINTS = {name: name for name in ("sticker", "emoji", "server_icon")} | {"blinking": "sticker"}


class Download(IconButton, template=rf"mel:v1:sizes:{CODE}"):
    """⬇ Asks for the size or format, privately."""

    what, emoji, place = "sizes", "⬇️", 1
    cost = SMALL

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Send the menu; nothing is drawn yet."""
        words = interaction.client.words(interaction)
        menu = DownloadMenu(self.key, words, attributes=_may_have_attributes(interaction.client, self.key))
        await interaction.response.send_message(words("sizes.ask"), view=Buttons(menu), ephemeral=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Do nothing: the menu follows."""


class DownloadMenu(PersistentItem, template=rf"mel:v1:size:{CODE}"):
    """The menu of sizes and formats; sends the file privately."""

    def __init__(self, key: str, words: Words | None = None, *, attributes: bool = False) -> None:
        self.key = key
        menu: ui.Select[Buttons] = ui.Select(custom_id=f"mel:v1:size:{key}")
        if words is not None:
            menu.placeholder = words("sizes.placeholder")
            for size in SIZES:
                menu.add_option(label=words("sizes.option", size=size), value=str(size))
            for name, kind in KINDS.items():
                if attributes or not kind.of_attributes:
                    menu.add_option(label=words(f"sizes.{name}", size=kind.size), value=name)
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
        kind = KINDS.get(value)
        if kind is None and value.isdecimal() and int(value) in SIZES:
            kind = FileKind(int(value))
        if kind is None:
            raise Refusal("error.retired")
        drawing, data = await make_file(bot, code, kind, interaction.user.id)
        if len(data) > interaction.filesize_limit:
            raise Refusal("draw.too_big")
        words = bot.words(interaction)
        suffix = "" if value == kind.format else f"-{value}"
        file = discord.File(
            io.BytesIO(data),
            f"melicon-{drawing.code.filename}{suffix}.{kind.format}",
            description=alt_text(drawing, words),
        )
        server = await server_of(interaction)
        lines = [words("sizes.here", code=server.shown(drawing.pinned))]
        if value in _HINTS:
            lines.append(words(f"sizes.{_HINTS[value]}.hint"))
        addable = value in UPLOADED and may_add(interaction)
        view = Buttons(Add(value, self.key, words)) if addable else discord.utils.MISSING
        await interaction.followup.send("\n".join(lines), file=file, view=view, ephemeral=True)


def _may_have_attributes(bot: MeliconBot, key: str) -> bool:
    """Whether the icon's style may name attributes."""
    style = key.partition("/")[2].partition("#")[0] or bot.studio.style
    card = bot.studio.built_in.card
    return bool(card.attributes) and style == card.style
