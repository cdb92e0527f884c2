"""Localised names and descriptions of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands

from bot.i18n import DEFAULT

if TYPE_CHECKING:
    from bot.i18n import Catalogues


class CommandTranslator(app_commands.Translator):
    """Supplies Discord with localised command descriptions."""

    def __init__(self, catalogues: Catalogues) -> None:
        self._catalogues = catalogues

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - the library's signature
    ) -> str | None:
        """Return the translation, or None: Discord then shows the English text."""
        language = locale.value.partition("-")[0]
        if language == DEFAULT:
            return None  # the English text is in the code
        phrase = self._catalogues.phrases.get(language, {}).get(string.extras.get("key", ""))
        return phrase if isinstance(phrase, str) else None
