"""🔀 Mixes an icon with another one, entered in a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.ui.code_keys import CODE, load_code
from bot.ui.code_options import mixed, read
from bot.ui.icon_button import IconButton
from bot.ui.persistent_items import Form, ask
from bot.ui.posting import defer, post_icon
from bot.ui.server import server_of
from gan.codes import MAX_TEXT, MAX_TWEAKS, IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words

_MOST_OPTIONS = 25  # Discord's limits
_OPTION = 100
_DIGITS = 4  # accepted by the form


class Mix(IconButton, template=rf"mel:v1:mix:{CODE}"):
    """🔀 Opens a form for the other icon and the amount."""

    what, emoji, place = "mix", "🔀", 0
    cost = SMALL

    async def acknowledge(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Open the form, unless this icon is a mix."""
        bot = interaction.client
        code = bot.studio.pin(await self.code(interaction))
        mixed(bot, code, IconCode.from_seed(0), 50)  # refuse now rather than after the form
        recent = await _recent(interaction, code)
        await ask(interaction, MixForm(self.key, bot.words(interaction), recent))

    async def press(self, interaction: discord.Interaction[MeliconBot]) -> None:
        """Do nothing: the form follows."""


class MixForm(Form):
    """The form behind 🔀: a code or word, or a recent icon; and the amount."""

    template = re.compile(rf"mel:v1:mixform:{CODE}")

    def __init__(self, key: str, words: Words, recent: list[str]) -> None:
        super().__init__(words("mix.title"), f"mel:v1:mixform:{key}")
        if recent:
            menu: ui.Select[Any] = ui.Select(custom_id="recent", required=False, placeholder=words("mix.placeholder"))
            for value in recent:
                menu.add_option(label=value, value=value)
            self.add_item(ui.Label(text=words("mix.recent"), component=menu))
        other: ui.TextInput[Any] = ui.TextInput(custom_id="other", required=False, max_length=MAX_TEXT)
        label = words("mix.other" if recent else "mix.other.only")
        self.add_item(ui.Label(text=label, description=words("mix.other.hint"), component=other))
        amount: ui.TextInput[Any] = ui.TextInput(custom_id="amount", required=False, max_length=4, default="50")
        self.add_item(ui.Label(text=words("mix.amount"), description=words("mix.amount.hint"), component=amount))

    @classmethod
    async def submitted(
        cls, interaction: discord.Interaction[MeliconBot], values: Mapping[str, str], answers: Mapping[str, str]
    ) -> None:
        """Post the mix; typed text takes precedence over the menu."""
        bot = interaction.client
        typed = answers.get("other", "").strip() or answers.get("recent", "")
        if not typed:
            raise Refusal("mix.nothing")
        percent = answers.get("amount", "50").strip().removesuffix("%").strip()
        if not percent.isdecimal() or len(percent) > _DIGITS or int(percent) > 100:
            raise Refusal("code.percent")
        # pinned to the model of the button's icon, so that the same icon is mixed
        code, other = bot.studio.pin(await load_code(bot.store, values["code"])), read(bot, typed)
        pinned = code if other.style is None else bot.studio.pin(other)
        if pinned.style != code.style:
            raise Refusal("code.styles")
        server = await server_of(interaction)
        mix = server.unpin(mixed(bot, code, pinned if other.model else other.bare, int(percent)))
        await defer(interaction)
        await post_icon(interaction, mix, asked=str(mix))


async def _recent(interaction: discord.Interaction[MeliconBot], code: IconCode) -> list[str]:
    """Return the suggestions for mixing with a pinned `code`: the user's recent icons, then the channel's."""
    store, server = interaction.client.store, await server_of(interaction)
    found = await store.drawn_icons.recent_codes(interaction.user.id, limit=_MOST_OPTIONS)
    if interaction.channel_id is not None:
        found += await store.drawn_icons.codes_in_channel(interaction.channel_id, limit=_MOST_OPTIONS)
    room = MAX_TWEAKS - len(code.tweaks)
    shown = [
        server.shown(other)
        for other in dict.fromkeys(found)
        if other.model == code.model and other != code and other.second is None and len(other.tweaks) <= room
    ]
    return [value for value in shown if len(value) <= _OPTION][:_MOST_OPTIONS]
