"""Error replies: every failure gets a specific answer in the user's language.

Commands and buttons raise; the command tree and the buttons' base class pass all exceptions to `report`.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from discord import app_commands

from bot.client import PUBLIC_LOCALE
from bot.errors import Refusal
from bot.inference import DrawError
from bot.ui.draw_problems import explain_draw

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.i18n import Words

log = logging.getLogger(__name__)

_UNKNOWN_INTERACTION = 10062  # Discord's code: the interaction has expired


async def report(interaction: discord.Interaction[MeliconBot], error: BaseException) -> None:
    """Reply to `interaction` with the error; unexpected errors are logged under an error id."""
    if isinstance(error, app_commands.CommandInvokeError):
        error = error.original
    try:
        if interaction.type is discord.InteractionType.autocomplete:
            log.error("autocompletion failed", exc_info=error)
            await interaction.response.autocomplete([])
            return
        if interaction.response.type is not discord.InteractionResponseType.deferred_channel_message:
            interaction.extras.pop(PUBLIC_LOCALE, None)  # the answer is private
        await answer(interaction, _explain(interaction, error))
    except (discord.DiscordException, aiohttp.ClientError, OSError, RuntimeError) as failure:
        # RuntimeError: the session is closed, as the bot is shutting down
        log.warning("could not answer %s: %s", _describe(interaction), failure)


async def answer(interaction: discord.Interaction[Any], text: str) -> None:
    """Send `text` to the user, privately if still possible."""
    kind = interaction.response.type
    if kind is None:
        await interaction.response.send_message(text, ephemeral=True)
    elif kind is discord.InteractionResponseType.deferred_channel_message:
        # already deferred, which fixed its visibility
        await interaction.edit_original_response(content=text)
    else:
        await interaction.followup.send(text, ephemeral=True)


def _explain(interaction: discord.Interaction[MeliconBot], error: BaseException) -> str:
    words = interaction.client.words(interaction)
    match error:
        case Refusal():
            return words(error.key, **error.values)
        case DrawError():
            return _explain_draw(interaction, words, error)
        case app_commands.CommandNotFound() | app_commands.CommandSignatureMismatch():
            log.warning("%s: %s", _describe(interaction), error)
            return words("error.command")
        case app_commands.CheckFailure():
            return words("error.forbidden")
    error_id = secrets.token_hex(4)
    if isinstance(error, discord.NotFound) and error.code == _UNKNOWN_INTERACTION:
        # a slow network or machine, not a bug: no traceback
        log.warning("error %s: %s expired before it was answered", error_id, _describe(interaction))
    else:
        log.error("error %s in %s", error_id, _describe(interaction), exc_info=error)
    return words("error.unexpected", error_id=error_id)


def _explain_draw(interaction: discord.Interaction[MeliconBot], words: Words, error: DrawError) -> str:
    if (known := explain_draw(interaction.client.studio, words, error)) is not None:
        return known
    error_id = secrets.token_hex(4)
    # the studio has logged the traceback
    log.error("error %s in %s: %s", error_id, _describe(interaction), error)
    return words("draw.failed", code=error.code.bare, error_id=error_id)


def _describe(interaction: discord.Interaction[Any]) -> str:
    data: Any = interaction.data or {}
    name = data.get("name") or data.get("custom_id") or "?"
    return f"{interaction.type.name} {name!r} of user {interaction.user.id}"
