"""The pages of a user's favourites, shown privately; their owner can remove and name icons."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.features.gallery.export import Export
from bot.features.gallery.names import MOST_CHARACTERS, read_name
from bot.features.sheets.buttons import Pick
from bot.ui.code_keys import store_code
from bot.ui.persistent_items import Buttons, Form, PersistentItem, ask, chosen
from bot.ui.server import Server, server_of
from bot.ui.text import plain
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from bot.store import Favourite

PAGE = 9  # icons on a page
_MOST_ROW = 2**63 - 1  # row ids, and user ids as signed 64-bit integers
_DIGITS = 19  # checked, because int() limits the number of digits
_LABEL = 100  # Discord's limit on an option's label


async def gallery_page(
    interaction: discord.Interaction[MeliconBot], owner_id: int, page: int
) -> tuple[str, discord.File | None, Buttons | None]:
    """Return the text, picture and buttons of a page, from 0; past the end, the last page."""
    bot = interaction.client
    words = bot.words(interaction)
    own = owner_id == interaction.user.id
    page, last, count, icons = await _page(bot, owner_id, page)
    if not icons:
        return words("gallery.empty" if own else "gallery.empty.other", owner=f"<@{owner_id}>"), None, None
    # names are private; others see codes
    server = await server_of(interaction)
    labels = [_label(server, icon, named=own) for icon in icons]
    codes = [await store_code(bot.store, IconCode.parse(icon.code).pinned(icon.style, icon.model)) for icon in icons]
    picture = discord.File(
        io.BytesIO(await bot.studio.lay_out([icon.picture for icon in icons])),
        "melicon-gallery.png",
        description=words("sheet.alt", count=len(icons)),
    )
    buttons: list[PersistentItem] = [Pick(list(zip(labels, codes, strict=True)), words)]
    if own:
        buttons.append(RemoveFavouriteButton(page, list(zip(labels, icons, strict=True)), words))
    if page > 0:
        buttons.append(PageButton(owner_id, page - 1, "◀️"))
    if page < last:
        buttons.append(PageButton(owner_id, page + 1, "▶️"))
    if own:
        buttons += [Rename(page, words("button.rename")), Export(words("button.export"))]
    lines = [words("gallery.caption", owner=f"<@{owner_id}>", count=count, page=page + 1, pages=last + 1)]
    if own:
        lines += [f"**{n}** · {plain(icon.name)}" for n, icon in enumerate(icons, 1) if icon.name]
    return "\n".join(lines), picture, Buttons(*buttons)


async def _page(bot: MeliconBot, owner_id: int, page: int) -> tuple[int, int, int, list[Favourite]]:
    """Return the page number, the last page, the total and the page's icons.

    A `page` past the end is replaced by the last one.
    """
    count = await bot.store.favourites.count(owner_id) if owner_id <= _MOST_ROW else 0
    if not count:
        return 0, 0, 0, []
    last = (count - 1) // PAGE
    page = min(page, last)
    icons = await bot.store.favourites.of_user(owner_id, offset=page * PAGE, limit=PAGE)
    if not icons:  # the last ones have just been removed
        return await _page(bot, owner_id, 0)
    return page, last, count, icons


def _label(server: Server, icon: Favourite, *, named: bool) -> str:
    code = server.shown(IconCode.parse(icon.code).pinned(icon.style, icon.model))
    return f"{icon.name} · {code}" if named and icon.name else code


def _row(value: str) -> int:
    """Return the row id in a menu value; raises `Refusal` if it is invalid."""
    if not value.isdecimal() or len(value) > _DIGITS or int(value) > _MOST_ROW:
        raise Refusal("error.retired")
    return int(value)


async def _turn(interaction: discord.Interaction[MeliconBot], owner_id: int, page: int) -> None:
    text, picture, view = await gallery_page(interaction, owner_id, page)
    await interaction.edit_original_response(content=text, attachments=[picture] if picture else [], view=view)


class PageButton(PersistentItem, template=r"mel:v1:gallery:(?P<owner>[0-9]{1,20}):(?P<page>[0-9]{1,3})"):
    """◀ ▶ Shows another page."""

    cost = SMALL

    def __init__(self, owner_id: int, page: int, emoji: str = "▶️") -> None:
        self.owner_id, self.page = owner_id, page
        super().__init__(ui.Button(emoji=emoji, custom_id=f"mel:v1:gallery:{owner_id}:{page}", row=2))

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(int(values["owner"] or 0), int(values["page"] or 0))

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the update."""
        await interaction.response.defer()

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Show the page."""
        await _turn(interaction, self.owner_id, self.page)


class RemoveFavouriteButton(PersistentItem, template=r"mel:v1:unkeep:(?P<page>[0-9]{1,3})"):
    """The menu that removes one of the user's favourites."""

    cost = SMALL

    def __init__(self, page: int, icons: Sequence[tuple[str, Favourite]] = (), words: Words | None = None) -> None:
        self.page = page
        menu: ui.Select[Any] = ui.Select(custom_id=f"mel:v1:unkeep:{page}", row=1)
        if words is not None:
            menu.placeholder = words("gallery.remove")
        for n, (label, icon) in enumerate(icons, 1):
            menu.add_option(label=f"{n}: {label}"[:_LABEL], value=str(icon.id))
        super().__init__(menu)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the menu from its custom id."""
        return cls(int(values["page"] or 0))

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the update."""
        await interaction.response.defer()

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Remove the favourite, if it is the user's, and refresh the page."""
        await interaction.client.store.favourites.remove_id(interaction.user.id, _row(chosen(interaction)))
        await _turn(interaction, interaction.user.id, self.page)


class Rename(PersistentItem, template=r"mel:v1:rename:(?P<page>[0-9]{1,3})"):
    """✏ Opens a form to name one of the page's icons."""

    cost = SMALL

    def __init__(self, page: int, label: str | None = None) -> None:
        self.page = page
        super().__init__(ui.Button(emoji="✏️", label=label, custom_id=f"mel:v1:rename:{page}", row=2))

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(int(values["page"] or 0))

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Open the form, unless the gallery is empty."""
        bot = interaction.client
        page, *_, icons = await _page(bot, interaction.user.id, self.page)
        if not icons:
            raise Refusal("gallery.empty")
        server = await server_of(interaction)
        labels = [_label(server, icon, named=True) for icon in icons]
        await ask(interaction, RenameForm(page, list(zip(labels, icons, strict=True)), bot.words(interaction)))

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Do nothing: the form follows."""


class RenameForm(Form):
    """The form behind ✏: an icon of the page and its new name."""

    template = re.compile(r"mel:v1:renameform:(?P<page>[0-9]{1,3})")
    cost = SMALL

    def __init__(self, page: int, icons: Sequence[tuple[str, Favourite]], words: Words) -> None:
        super().__init__(words("gallery.rename.title"), f"mel:v1:renameform:{page}")
        menu: ui.Select[Any] = ui.Select(custom_id="icon", placeholder=words("gallery.rename.choose"))
        for n, (label, icon) in enumerate(icons, 1):
            menu.add_option(label=f"{n}: {label}"[:_LABEL], value=str(icon.id))
        self.add_item(ui.Label(text=words("gallery.rename.icon"), component=menu))
        name: ui.TextInput[Any] = ui.TextInput(custom_id="name", required=False, max_length=MOST_CHARACTERS)
        hint = words("gallery.rename.hint")
        self.add_item(ui.Label(text=words("gallery.rename.name"), description=hint, component=name))

    @classmethod
    async def submitted(
        cls, interaction: discord.Interaction[MeliconBot], values: Mapping[str, str], answers: Mapping[str, str]
    ) -> None:
        """Name the icon, if it is the user's, and refresh the page."""
        name = read_name(answers.get("name", ""))
        favourite_id = _row(answers.get("icon", ""))
        await interaction.response.defer()
        if not await interaction.client.store.favourites.rename(interaction.user.id, favourite_id, name):
            raise Refusal("gallery.gone")
        await _turn(interaction, interaction.user.id, int(values["page"]))
