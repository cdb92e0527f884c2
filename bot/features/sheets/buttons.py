"""Sheets of numbered icons with a menu to pick one; 🧬 a sheet of variations."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Self

import discord
from discord import ui

from bot.errors import Refusal
from bot.features.icons.deleting import Delete
from bot.ui.code_keys import CODE, load_code, store_code
from bot.ui.code_options import refusal
from bot.ui.persistent_items import Buttons, PersistentItem, chosen
from bot.ui.posting import defer, post_icon
from bot.ui.server import server_of
from gan.codes import MAX_VARIATION, CodeError, IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from bot.inference import Sheet

VARIATIONS = 9
_LABEL = 100  # Discord's limit on an option's label


async def post_sheet(
    interaction: discord.Interaction[MeliconBot], codes: Sequence[IconCode], text: str, *buttons: PersistentItem
) -> None:
    """Reply to a deferred `interaction` with a numbered sheet of up to 25 `codes`, a menu and `buttons`.

    Raises DrawError, and discord.HTTPException if the message cannot be posted.
    """
    words, server = interaction.client.words(interaction), await server_of(interaction)
    sheet = await interaction.client.studio.sheet([server.styled(c) for c in codes], owner=interaction.user.id)
    await send_sheet(interaction, sheet, text, words("sheet.alt", count=len(codes)), *buttons)


async def send_sheet(
    interaction: discord.Interaction[MeliconBot], sheet: Sheet, text: str, alt: str, *buttons: PersistentItem
) -> None:
    """Reply to a deferred `interaction` with a sheet, a menu to pick an icon, and `buttons`.

    `alt` is the alternative text. Raises discord.HTTPException if the message cannot be posted.
    """
    bot = interaction.client
    words, server = bot.words(interaction), await server_of(interaction)
    if len(sheet.png) > interaction.filesize_limit:
        raise Refusal("draw.too_big")
    shown = [server.shown(code) for code in sheet.codes]
    options = [(label, await store_code(bot.store, code)) for label, code in zip(shown, sheet.codes, strict=True)]
    picture = discord.File(io.BytesIO(sheet.png), "melicon-sheet.png", description=alt)
    view = Buttons(Pick(options, words), *buttons, Delete(interaction.user.id, words("button.delete")))
    await interaction.followup.send(text, file=picture, view=view)


class Pick(PersistentItem, template="mel:v1:pick"):
    """The menu under a sheet; posts the chosen icon with its own buttons."""

    def __init__(self, options: Sequence[tuple[str, str]] = (), words: Words | None = None) -> None:
        """Take each icon's (label, key), in order."""
        menu: ui.Select[Buttons] = ui.Select(custom_id="mel:v1:pick", row=0)
        if words is not None:
            menu.placeholder = words("sheet.pick")
        for n, (label, key) in enumerate(options, 1):
            menu.add_option(label=f"{n}: {label}"[:_LABEL], value=key)
        super().__init__(menu)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:  # noqa: ARG003 - the menu's values say it all
        """Build the menu from its custom id."""
        return cls()

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the reply."""
        await defer(interaction)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Post the icon."""
        bot = interaction.client
        code = await load_code(bot.store, chosen(interaction))
        await post_icon(interaction, (await server_of(interaction)).unpin(code))


class Variations(PersistentItem, template=rf"mel:v1:variations:(?P<start>[0-9]{{1,4}}):{CODE}"):
    """🧬 Posts a sheet of nine variations, starting at number `start`."""

    def __init__(self, start: int, key: str, label: str | None = None) -> None:
        self.start, self.key = start, key
        custom_id = f"mel:v1:variations:{start}:{key}"
        super().__init__(ui.Button(emoji="🧬", label=label, custom_id=custom_id, row=0 if start == 1 else 1))

    @classmethod
    def below_icon(cls, key: str, words: Words, style: str | None, asker_id: int | None) -> Self:  # noqa: ARG003
        """Make the button below an icon."""
        return cls(1, key, words("button.variations"))

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(int(values["start"] or 1), values["code"] or "")

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer the reply, unless this code has no variations."""
        code = await load_code(interaction.client.store, self.key)
        try:
            self.codes = [code.vary(n) for n in range(self.start, min(self.start + VARIATIONS, MAX_VARIATION + 1))]
        except CodeError as error:
            raise refusal(interaction.client, error) from error
        await defer(interaction)

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Post the sheet, with a button for the next nine."""
        bot = interaction.client
        words = bot.words(interaction)
        server = await server_of(interaction)
        code = server.shown(server.pin(await load_code(bot.store, self.key)))
        text = words("variations.caption", code=code, first=self.start, last=self.start + len(self.codes) - 1)
        following = self.start + VARIATIONS
        more = [Variations(following, self.key, words("button.more"))] if following <= MAX_VARIATION else []
        await post_sheet(interaction, self.codes, text, *more)
