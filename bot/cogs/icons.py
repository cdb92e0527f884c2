"""`/melicon`: draw an icon, a given one or a new one."""

from __future__ import annotations

import logging
import unicodedata
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.posting import accept, post_icon
from bot.problems import Refusal
from bot.text import quoted, shown_code
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    from bot.client import MeliconBot

log = logging.getLogger(__name__)

_MOST_CHOICES = 25  # Discord's limit
_CHOICE_LENGTH = 100  # Discord's limit on the name and the value of a choice


class Icons(commands.Cog):
    """Drawing icons."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        description=locale_str("Draw an icon nobody has had before", key="command.melicon.description")
    )
    @app_commands.describe(
        seed=locale_str(
            "A number, a word or an icon code; leave it out for a surprise",
            key="command.melicon.seed.description",
        )
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def melicon(self, interaction: discord.Interaction[MeliconBot], seed: str | None = None) -> None:
        """Draw the icon of `seed`, or one nobody can foresee."""
        with self.bot.work():
            try:
                # before the answer is deferred: only then can a refusal be for the user's eyes alone
                code = IconCode.random() if seed is None else IconCode.parse(seed)
            except CodeError as error:
                raise self._refusal(error, seed or "") from error
            await accept(interaction)
            await post_icon(interaction, code, asked=seed)

    @melicon.autocomplete("seed")
    async def _recent(self, interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
        """Offer the caller's own recent icons."""
        try:
            return await self._suggest(interaction.user.id, typed)
        except Exception:
            # Discord would say "loading options failed"; an empty list is kinder, and the code can still be typed
            log.exception("no suggestions for user %d", interaction.user.id)
            return []

    async def _suggest(self, user_id: int, typed: str) -> list[app_commands.Choice[str]]:
        # a user who goes on typing past any code gets no help from a list
        typed = unicodedata.normalize("NFKC", typed).strip().casefold()[:_CHOICE_LENGTH]
        recent = await self.bot.store.recent_codes(user_id, containing=typed, limit=_MOST_CHOICES)
        choices = []
        for code, style in recent:
            value = shown_code(IconCode.parse(code), style, self.bot.studio.style)
            # an abridged code would name another icon
            if len(value) <= _CHOICE_LENGTH:
                choices.append(app_commands.Choice(name=f"{value} · {style}"[:_CHOICE_LENGTH], value=value))
        return choices

    def _refusal(self, error: CodeError, seed: str) -> Refusal:
        key = f"code.{error.reason}"
        return Refusal(key if key in self.bot.catalogues.words(None) else "code.other", asked=quoted(seed))
