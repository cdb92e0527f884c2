"""The settings of the server where something is drawn or posted; outside servers, the defaults.

`/settings` (`bot.features.server_settings`) changes them. A server may have a style of its own for codes without one.
There a plain code would mean another icon than elsewhere, so codes are shown with their style.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.i18n import LANGUAGES
from bot.inference import DrawError
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    import discord

    from bot.client import MeliconBot
    from bot.inference import Studio

DISCORDS = "server"  # the language that the server has in Discord

_SERVER = "melicon.server"  # in interaction.extras


@dataclass(frozen=True, slots=True)
class Server:
    """The settings in effect in one place."""

    studio: Studio
    style: str | None = None  # of codes without one; None: the bot's default style
    private: bool = False  # whether only the member who asks sees an answer with icons
    locale: str | None = None  # of posts for everyone; None: not set

    def pin(self, code: IconCode) -> IconCode:
        """Return the pinned form of what `code` means here; raises as `Studio.pin`."""
        return self.studio.pin(self.styled(code))

    def styled(self, code: IconCode) -> IconCode:
        """Return `code` with the server's style, unless it names one."""
        return code if self.style is None or code.style is not None else replace(code, style=self.style)

    def unpin(self, code: IconCode) -> IconCode:
        """Return the shortest form of `code` drawn by the same model here; raises as `Studio.pin`."""
        if self.style is None:
            return self.studio.unpin(code)
        pinned = self.studio.pin(code)
        for shorter in (pinned.bare, replace(pinned, model=None)):
            with suppress(DrawError):  # not every style has its tweaks
                if self.pin(shorter) == pinned:
                    return shorter
        return pinned

    def shown(self, code: IconCode) -> str:
        """Return what to type for a pinned `code`, here and elsewhere; the full code if its model is gone."""
        try:
            return str(self.styled(self.unpin(code)))
        except DrawError:
            return str(code)


async def server_of(interaction: discord.Interaction[MeliconBot]) -> Server:
    """Return the settings for an interaction; the defaults unless the bot is a member of the server."""
    known: Server | None = interaction.extras.get(_SERVER)
    if known is None:
        bot = interaction.client
        guild_id = interaction.guild_id if interaction.is_guild_integration() else None
        if guild_id is None:
            known = Server(bot.studio)
        else:
            known = await server_with_id(bot, guild_id, interaction.guild_locale)
        interaction.extras[_SERVER] = known
    return known


async def server_with_id(bot: MeliconBot, guild_id: int, locale: discord.Locale | None = None) -> Server:
    """Return the settings of a server; `locale` is the server's in Discord, if known."""
    chosen = await bot.store.server_settings.get(guild_id)
    language = chosen.language
    if language == DISCORDS:
        guild = bot.get_guild(guild_id)
        own = locale or (guild.preferred_locale if guild is not None else None)
        language = str(own) if own is not None else None
    elif language not in LANGUAGES:  # of another version
        language = None
    return Server(bot.studio, style_in_use(bot.studio, chosen.style), chosen.private, language)


def style_in_use(studio: Studio, style: str | None) -> str | None:
    """Return the present name of a server's style; None for the bot's default style, and if it is deleted."""
    found = existing_style(studio, style)
    return found if found != studio.style else None


def existing_style(studio: Studio, style: str | None) -> str | None:
    """Return the present name of a style, which may have been renamed; None if there is none."""
    if style is None:
        return None
    try:
        return studio.pin(replace(IconCode.from_seed(0), style=style)).style
    except (CodeError, DrawError):
        return None
