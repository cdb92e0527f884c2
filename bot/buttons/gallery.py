"""A gallery: pages of what somebody keeps, for the eyes of whoever asked."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.buttons.sheets import Pick
from bot.codekeys import hold
from bot.posting import accept
from bot.problems import Refusal
from bot.text import shown_code
from bot.views import Buttons, Pressable, chosen
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.locales import Words
    from bot.store import KeptIcon

PAGE = 9  # icons on a page


async def gallery_page(
    interaction: discord.Interaction[MeliconBot], owner_id: int, page: int
) -> tuple[str, discord.File | None, Buttons | None]:
    """Return text, picture and buttons of a page, from 0; the last one where there are fewer."""
    bot = interaction.client
    words = bot.words(interaction)
    count = await bot.store.count_kept(owner_id)
    own = owner_id == interaction.user.id
    if not count:
        return words("gallery.empty" if own else "gallery.empty.other", owner=f"<@{owner_id}>"), None, None
    last = (count - 1) // PAGE
    page = min(page, last)
    icons = await bot.store.kept(owner_id, offset=page * PAGE, limit=PAGE)
    if not icons:  # the last ones have just gone
        return await gallery_page(interaction, owner_id, 0)
    labels = [shown_code(IconCode.parse(icon.code), icon.style, bot.studio.style) for icon in icons]
    codes = [await hold(bot.store, IconCode.parse(icon.code).pinned(icon.style, icon.model)) for icon in icons]
    picture = discord.File(
        io.BytesIO(await bot.studio.lay_out([icon.picture for icon in icons])),
        "melicon-gallery.png",
        description=words("sheet.alt", count=len(icons)),
    )
    buttons: list[Pressable] = [Pick(list(zip(labels, codes, strict=True)), words)]
    if own:
        buttons.append(Unkeep(page, list(zip(labels, icons, strict=True)), words))
    if page > 0:
        buttons.append(Leaf(owner_id, page - 1, "◀️"))
    if page < last:
        buttons.append(Leaf(owner_id, page + 1, "▶️"))
    if own:
        buttons.append(Export(words("button.export")))
    text = words("gallery.caption", owner=f"<@{owner_id}>", count=count, page=page + 1, pages=last + 1)
    return text, picture, Buttons(*buttons)


async def _turn(interaction: discord.Interaction[MeliconBot], owner_id: int, page: int) -> None:
    text, picture, view = await gallery_page(interaction, owner_id, page)
    await interaction.edit_original_response(content=text, attachments=[picture] if picture else [], view=view)


class Leaf(Pressable, template=r"mel:v1:gallery:(?P<owner>[0-9]{1,20}):(?P<page>[0-9]{1,3})"):
    """◀ ▶ Turns to another page."""

    def __init__(self, owner_id: int, page: int, emoji: str = "▶️") -> None:
        self.owner_id, self.page = owner_id, page
        super().__init__(ui.Button(emoji=emoji, custom_id=f"mel:v1:gallery:{owner_id}:{page}", row=2))

    @classmethod
    def remake(cls, values: Mapping[str, str | None]) -> Self:
        """Make the button that was pressed."""
        return cls(int(values["owner"] or 0), int(values["page"] or 0))

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Leave the page as it is for now."""
        await interaction.response.defer()

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Show the page."""
        await _turn(interaction, self.owner_id, self.page)


class Unkeep(Pressable, template=r"mel:v1:unkeep:(?P<page>[0-9]{1,3})"):
    """The menu that lets one of the user's own icons go."""

    def __init__(self, page: int, icons: Sequence[tuple[str, KeptIcon]] = (), words: Words | None = None) -> None:
        self.page = page
        menu: ui.Select[Any] = ui.Select(custom_id=f"mel:v1:unkeep:{page}", row=1)
        if words is not None:
            menu.placeholder = words("gallery.remove")
        for n, (label, icon) in enumerate(icons, 1):
            menu.add_option(label=f"{n}: {label}"[:100], value=str(icon.id))
        super().__init__(menu)

    @classmethod
    def remake(cls, values: Mapping[str, str | None]) -> Self:
        """Make the menu that was used."""
        return cls(int(values["page"] or 0))

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Leave the page as it is for now."""
        await interaction.response.defer()

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Let the icon go, if it is the user's, and show what is left."""
        value = chosen(interaction)
        if not value.isdecimal():
            raise Refusal("error.retired")
        await interaction.client.store.remove_kept(interaction.user.id, int(value))
        await _turn(interaction, interaction.user.id, self.page)


class Export(Pressable, template="mel:v1:export"):
    """📦 Sends all the user's own icons in one file."""

    def __init__(self, label: str | None = None) -> None:
        super().__init__(ui.Button(emoji="📦", label=label, custom_id="mel:v1:export", row=2))

    @classmethod
    def remake(cls, values: Mapping[str, str | None]) -> Self:  # noqa: ARG003 - whoever presses gets their own
        """Make the button that was pressed."""
        return cls()

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Take the order."""
        await accept(interaction, private=True)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Send the file, for the user's eyes alone."""
        bot = interaction.client
        icons = await bot.store.kept(interaction.user.id)
        names = [IconCode.parse(icon.code).pinned(icon.style, icon.model).filename for icon in icons]
        data = await bot.studio.pack({f"{name}.png": icon.picture for name, icon in zip(names, icons, strict=True)})
        if len(data) > interaction.filesize_limit:
            raise Refusal("draw.too_big")
        file = discord.File(io.BytesIO(data), "melicon-gallery.zip")
        await interaction.followup.send(
            bot.words(interaction)("gallery.export", count=len(icons)), file=file, ephemeral=True
        )


class Forget(Pressable, template="mel:v1:forget"):
    """🗑 Deletes everything that is stored about whoever presses."""

    def __init__(self, label: str | None = None) -> None:
        button: ui.Button[Any] = ui.Button(
            emoji="🗑️", label=label, style=discord.ButtonStyle.danger, custom_id="mel:v1:forget"
        )
        super().__init__(button)

    @classmethod
    def remake(cls, values: Mapping[str, str | None]) -> Self:  # noqa: ARG003 - whoever presses is meant
        """Make the button that was pressed."""
        return cls()

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Leave the question as it is for now."""
        await interaction.response.defer()

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Forget, and say so in place of the question."""
        await interaction.client.store.forget(interaction.user.id)
        await interaction.edit_original_response(
            content=interaction.client.words(interaction)("forget.done"), view=None
        )
