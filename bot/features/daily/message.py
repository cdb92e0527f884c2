"""The daily post: its text, buttons, and the nonce and ⭐ custom id that identify it."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakValueDictionary

import discord
from discord import ui

from bot.access.charging import SMALL
from bot.errors import Refusal
from bot.features.gallery.favourite_button import FavouriteButton, favourite_text
from bot.i18n.dates import long_date
from bot.store import MOST_FAVOURITES, GalleryFull
from bot.ui.icon_row import icon_buttons
from bot.ui.posting import icon_message
from bot.ui.views import Buttons, PersistentItem
from gan.codes import IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words
    from bot.inference import Drawing
    from bot.store import DailyIcon, DailySubscription

log = logging.getLogger(__name__)

_STAR = "mel:v1:star:"


def daily_message(
    drawing: Drawing, words: Words, day: date, code: str, subscription: DailySubscription | None
) -> dict[str, Any]:
    """Return the `send` arguments for a date's icon, without ⭐ and nonce; single use.

    `code` is what to type to see the icon again; `subscription` gives the role to ping and custom text, if any.
    """
    lines = [words("daily.post", date=long_date(words, day), code=code, style=drawing.style)]
    mentions = discord.AllowedMentions.none()
    if subscription is not None:
        if subscription.message:
            lines.insert(0, subscription.message)
        if subscription.role_id is not None:
            lines.insert(0, f"<@&{subscription.role_id}>")
            mentions.roles = [discord.Object(subscription.role_id)]
    return icon_message(drawing, words, "\n".join(lines)) | {"allowed_mentions": mentions}


def post_message(
    drawing: Drawing, words: Words, day: date, code: str, subscription: DailySubscription
) -> dict[str, Any]:
    """Return the `send` arguments for a server's post of a date; single use."""
    message = daily_message(drawing, words, day, code, subscription)
    return message | {"view": star_buttons(words, day, 0, drawing.pinned), "nonce": nonce(subscription.guild_id, day)}


def star_buttons(words: Words, day: date, count: int, code: IconCode) -> Buttons:
    """Return the buttons of a daily post of the pinned `code`, with `count` stars.

    The usual buttons, with a ⭐ that also counts votes.
    """
    usual = icon_buttons(code, words, None, None)
    return Buttons(*(Star(day, count) if isinstance(item, FavouriteButton) else item for item in usual))


def nonce(guild_id: int, day: date) -> str:
    """Return the nonce of a server's post of a date, equal for every attempt; 24 characters."""
    return hashlib.sha256(f"melicon daily {guild_id} {day.isoformat()}".encode()).hexdigest()[:24]


def is_post_of(message: discord.Message, bot_id: int, day: date) -> bool:
    """Whether a message is the bot's post of a date, by its ⭐ button."""
    if message.author.id != bot_id:
        return False
    items = (item for row in message.components for item in getattr(row, "children", [row]))
    return any(getattr(item, "custom_id", None) == f"{_STAR}{day.isoformat()}" for item in items)


class MessageLocks:
    """A lock for each message, to serialise edits."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    def of(self, message_id: int) -> asyncio.Lock:
        """Return the lock of a message."""
        return self._locks.setdefault(message_id, asyncio.Lock())


class Star(PersistentItem, template=r"mel:v1:star:(?P<day>\d{4}-\d{2}-\d{2})"):
    """⭐ Toggles the user's star on a daily post and the icon in their favourites; the label shows the count."""

    cost = SMALL

    def __init__(self, day: date, count: int = 0) -> None:
        self.day = day
        button: ui.Button[Any] = ui.Button(
            emoji="⭐",
            label=str(count),
            style=discord.ButtonStyle.primary,  # highlighted: also a vote
            custom_id=f"{_STAR}{day.isoformat()}",
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
            words = bot.catalogues.words(subscription.locale if subscription else interaction.guild_locale)
            try:
                # under the same lock, so that star and favourite stay consistent
                await _set_favourite(interaction, icon, mine)
            finally:
                await interaction.edit_original_response(view=star_buttons(words, self.day, count, code))
        text = favourite_text(interaction, code, added=mine)
        await interaction.followup.send(text, ephemeral=True)


async def _set_favourite(interaction: discord.Interaction[MeliconBot], icon: DailyIcon, favourite: bool) -> None:
    """Add a date's icon to the user's favourites, or remove it. Raises `Refusal`."""
    bot = interaction.client
    same: dict[str, Any] = {
        "user_id": interaction.user.id, "code": icon.code, "style": icon.style, "model": icon.model
    }  # fmt: skip
    if favourite:
        try:
            await bot.store.add_favourite(**same, guild_id=interaction.guild_id, picture=icon.png)
        except GalleryFull as error:
            raise Refusal("keep.full", most=MOST_FAVOURITES) from error
    else:
        await bot.store.remove_favourite(**same)


def _date(text: str) -> date:
    """Parse a date; for invalid text, return a date without a post."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min
