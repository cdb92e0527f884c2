"""`/settings`: the style, the visibility of answers and the language on a server; for its managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.app_commands import locale_str
from discord.ext import commands

from bot.access.cooldown import SMALL
from bot.errors import Refusal
from bot.i18n import LANGUAGE_NAMES, language_name
from bot.store import Chosen
from bot.ui.code_options import suggest_styles
from bot.ui.permissions import managed_server
from bot.ui.posting import defer_ephemeral
from bot.ui.server import DISCORDS, existing_style

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words

    Interaction = discord.Interaction[MeliconBot]
    Choices = list[app_commands.Choice[str]]

_DEFAULT = "*"  # the bot's default style; no style can have this name
_PRIVATE, _PUBLIC = "private", "public"
_MEMBERS = "members"  # each member's own language
_MOST_CHOICES = 25  # Discord's limit
_ANSWERS = [
    app_commands.Choice(name=locale_str("Everyone in the channel", key="settings.option.public"), value=_PUBLIC),
    app_commands.Choice(name=locale_str("Only the member who asks", key="settings.option.private"), value=_PRIVATE),
]
_LANGUAGES = [
    *(app_commands.Choice(name=name, value=code) for code, name in LANGUAGE_NAMES.items()),
    app_commands.Choice(
        name=locale_str("The server’s language in Discord", key="settings.option.server"), value=DISCORDS
    ),
    app_commands.Choice(
        name=locale_str("The language of the member who asks", key="settings.option.members"), value=_MEMBERS
    ),
]


class ServerSettings(commands.Cog):
    """The settings of a server."""

    def __init__(self, bot: MeliconBot) -> None:
        self.bot = bot

    @app_commands.command(
        name=locale_str("settings", key="command.settings.name"),
        description=locale_str(
            "Set the style, the answers and the language of the bot on this server",
            key="command.settings.description",
        ),
        extras={"cost": SMALL},
    )
    @app_commands.rename(
        style=locale_str("style", key="command.settings.style.name"),
        answers=locale_str("answers", key="command.settings.answers.name"),
        language=locale_str("language", key="command.settings.language.name"),
    )
    @app_commands.describe(
        style=locale_str("The style used here when no style is given", key="command.settings.style.description"),
        answers=locale_str("Who sees answers with icons", key="command.settings.answers.description"),
        language=locale_str("The language of messages that everyone sees", key="command.settings.language.description"),
    )
    @app_commands.choices(answers=_ANSWERS, language=_LANGUAGES)
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.allowed_installs(guilds=True, users=False)
    @app_commands.allowed_contexts(guilds=True, dms=False, private_channels=False)
    async def settings(
        self,
        interaction: Interaction,
        style: str | None = None,
        answers: str | None = None,
        language: str | None = None,
    ) -> None:
        """Change what is given, and show all settings."""
        guild_id = managed_server(interaction)
        changes: dict[str, Any] = {}
        if style is not None:
            changes["style"] = self._named(style)  # refuses before deferring, as every command
        if answers is not None:
            changes["private"] = answers == _PRIVATE
        if language is not None:
            changes["language"] = None if language == _MEMBERS else language
        await defer_ephemeral(interaction)
        table = self.bot.store.server_settings
        chosen = await (table.change(guild_id, **changes) if changes else table.read(guild_id))
        words = self.bot.words(interaction)
        lines = [words("settings.changed" if changes else "settings.shown"), *self._lines(interaction, words, chosen)]
        await interaction.edit_original_response(content="\n- ".join(lines))

    @settings.autocomplete("style")
    async def _suggest_styles(self, interaction: Interaction, typed: str) -> Choices:
        """Suggest the styles, and the bot's default."""
        default = self.bot.words(interaction)("settings.option.style")
        found = await suggest_styles(interaction, typed)
        if typed.strip().casefold() in default.casefold():
            found.insert(0, app_commands.Choice(name=default, value=_DEFAULT))
        return found[:_MOST_CHOICES]

    def _named(self, typed: str) -> str | None:
        """Return the name of a style, None for the bot's default; refuse an unknown one."""
        name = typed.strip().casefold()
        catalogues = self.bot.catalogues
        if name == _DEFAULT or name in {
            catalogues.words(language)("settings.option.style").casefold() for language in LANGUAGE_NAMES
        }:
            return None
        style = existing_style(self.bot.studio, name)
        if style is None:
            raise Refusal("style.none", known=", ".join(f"`{known}`" for known in self.bot.studio.styles))
        return style

    def _lines(self, interaction: Interaction, words: Words, chosen: Chosen) -> list[str]:
        """Describe the settings."""
        studio = self.bot.studio
        lines = []
        if chosen.style is None:
            lines.append(words("settings.style.default", style=studio.style))
        elif (style := existing_style(studio, chosen.style)) is None:
            lines.append(words("settings.style.gone", gone=chosen.style, style=studio.style))
        else:
            lines.append(words("settings.style", style=style))
        lines.append(words("settings.private" if chosen.private else "settings.public"))
        if chosen.language == DISCORDS:
            own = language_name(interaction.guild_locale)
            lines.append(words("settings.language.server", language=own))
        elif chosen.language is not None:
            lines.append(words("settings.language", language=language_name(chosen.language)))
        else:
            lines.append(words("settings.language.members"))
        return lines
