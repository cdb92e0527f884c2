"""Reading the codes that people type, and suggesting some while they do."""

from __future__ import annotations

import logging
import unicodedata
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from discord import app_commands

from bot.errors import Refusal
from bot.inference import DrawError
from bot.ui.text import quoted, visible
from gan.codes import CodeError, IconCode

if TYPE_CHECKING:
    import discord

    from bot.client import MeliconBot

log = logging.getLogger(__name__)

_MOST_CHOICES = 25  # Discord's limit
_CHOICE_LENGTH = 100  # Discord's limit on the name and the value of a choice


def read(bot: MeliconBot, typed: str) -> IconCode:
    """Return the code that a person typed; raises `Refusal` with what is wrong and an example."""
    try:
        return IconCode.parse(typed)
    except CodeError as error:
        raise refusal(bot, error, typed) from error


def refusal(bot: MeliconBot, error: CodeError, typed: str = "") -> Refusal:
    """Return how to turn down what is no code, or a step that leads to none."""
    key = f"code.{error.reason}"
    return Refusal(key if key in bot.catalogues.words(None) else "code.other", asked=quoted(typed))


def mixed(bot: MeliconBot, a: IconCode, b: IconCode, percent: int) -> IconCode:
    """Return the code `percent` of the way from `a` to `b`, by the model that either names.

    Raises `Refusal` where they cannot be mixed.
    """
    try:
        mix = IconCode.mix(a, b, percent)
    except CodeError as error:
        raise refusal(bot, error) from error
    models = {code.model for code in (a, b) if code.model}
    if len(models) > 1:
        raise Refusal("code.models", style=mix.style)
    return replace(mix, model=models.pop() if models else None)


async def suggest(interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
    """Offer the caller's own recent icons; the autocompletion of every option that takes a code."""
    bot = interaction.client
    try:
        # a user who goes on typing past any code gets no help from a list
        typed = visible(unicodedata.normalize("NFKC", typed[:_CHOICE_LENGTH]).strip().casefold()[:_CHOICE_LENGTH])
        recent = await bot.store.recent_codes(interaction.user.id, containing=typed, limit=_MOST_CHOICES)
    except Exception:
        # Discord would say "loading options failed"; an empty list is kinder, and the code can still be typed
        log.exception("no suggestions for user %d", interaction.user.id)
        return []
    choices = []
    for code in recent:
        with suppress(DrawError):  # its style or its model is gone
            value = str(bot.studio.unpin(code))
            if len(value) <= _CHOICE_LENGTH:  # an abridged code would name another icon
                choices.append(app_commands.Choice(name=f"{value} · {code.style}"[:_CHOICE_LENGTH], value=value))
    return choices


async def suggest_styles(interaction: discord.Interaction[MeliconBot], typed: str) -> list[app_commands.Choice[str]]:
    """Offer the styles there are; the autocompletion of every option that takes one."""
    wanted = typed[:_CHOICE_LENGTH].strip().casefold()
    fitting = [name for name in interaction.client.studio.styles if wanted in name]
    return [app_commands.Choice(name=name, value=name) for name in fitting[:_MOST_CHOICES]]
