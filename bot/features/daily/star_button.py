"""⭐ below a daily post: a vote that also adds the icon to one's favourites."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakValueDictionary

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.features.gallery.favourite_button import FavouriteButton, favourite_text
from bot.store import MOST_FAVOURITES, GalleryFull
from bot.ui.icon_row import icon_buttons
from bot.ui.persistent_items import Buttons, PersistentItem
from bot.ui.server import server_of
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from bot.store import DailyIcon

log = logging.getLogger(__name__)

STAR = "mel:v1:star:"


def star_buttons(words: Words, day: date, count: int, code: IconCode) -> Buttons:
    """Return the buttons of a daily post of the pinned `code`, with `count` stars.

    The usual buttons, with a ⭐ that also counts votes.
    """
    usual = icon_buttons(code, words, None, None)
    return Buttons(*(StarButton(day, count) if isinstance(item, FavouriteButton) else item for item in usual))


class MessageLocks:
    """A lock for each message, to serialise edits."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, message_id: int) -> asyncio.Lock:
        """Return the lock of a message."""
        return self._locks.setdefault(message_id, asyncio.Lock())


class StarButton(PersistentItem, template=r"mel:v1:star:(?P<day>\d{4}-\d{2}-\d{2})"):
    """⭐ Toggles the user's star on a daily post and the icon in their favourites; the label shows the count."""

    cost = SMALL

    def __init__(self, day: date, count: int = 0) -> None:
        self.day = day
        button: ui.Button[Any] = ui.Button(
            emoji="⭐",
            label=str(count),
            style=discord.ButtonStyle.primary,  # highlighted: also a vote
            custom_id=f"{STAR}{day.isoformat()}",
            row=FavouriteButton.place,
        )
        super().__init__(button)

    @classmethod
    def from_match(cls, values: Mapping[str, str | None]) -> Self:
        """Build the button from its custom id."""
        return cls(_date(values["day"] or ""))

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Defer: with many concurrent presses, the lock may be held longer than Discord waits."""
        await interaction.response.defer()

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Toggle the star and the favourite, and show the count."""
        bot, message = interaction.client, interaction.message
        if interaction.guild_id is None or message is None:
            raise Refusal("error.retired")
        # serialised, so that the last edit shows the latest count
        async with bot.service(MessageLocks).of(message.id):
            given = await bot.store.stars.toggle(interaction.guild_id, self.day, interaction.user.id)
            icon = await bot.store.daily_icons.get(self.day)
            if given is None or icon is None:
                raise Refusal("daily.star.unknown")
            count, mine = given
            code = IconCode.parse(icon.code).pinned(icon.style, icon.model)
            subscription = await bot.store.subscriptions.get(interaction.guild_id)
            locale = (await server_of(interaction)).locale
            own = subscription.locale if subscription else interaction.guild_locale
            words = bot.catalogues.words(locale or own)
            try:
                # under the same lock, so that star and favourite stay consistent
                await _set_favourite(interaction, icon, mine)
            finally:
                await interaction.edit_original_response(view=star_buttons(words, self.day, count, code))
        text = await favourite_text(interaction, code, added=mine)
        await interaction.followup.send(text, ephemeral=True)


async def _set_favourite(interaction: discord.Interaction[MeliconBot], icon: DailyIcon, favourite: bool) -> None:
    """Add a date's icon to the user's favourites, or remove it. Raises `Refusal`."""
    bot = interaction.client
    same: dict[str, Any] = {
        "user_id": interaction.user.id, "code": icon.code, "style": icon.style, "model": icon.model
    }  # fmt: skip
    if favourite:
        try:
            await bot.store.favourites.add(**same, guild_id=interaction.guild_id, picture=icon.png)
        except GalleryFull as error:
            raise Refusal("favourite.full", most=MOST_FAVOURITES) from error
    else:
        await bot.store.favourites.remove(**same)


def _date(text: str) -> date:
    """Parse a date; for invalid text, return a date without a post."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
