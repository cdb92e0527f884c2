"""Who may teach the bot: the owner of the application, or those of its team who may develop it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.problems import Refusal

if TYPE_CHECKING:
    import discord

    from bot.client import MeliconBot

log = logging.getLogger(__name__)


def is_owner(interaction: discord.Interaction[MeliconBot]) -> bool:
    """Whether the owner, or one of them, asks."""
    bot = interaction.client
    return interaction.user.id in {bot.owner_id, *(bot.owner_ids or ())}


def check_owner(interaction: discord.Interaction[MeliconBot]) -> None:
    """Turn down everybody else, whatever a server made of the command's permissions; the attempt is logged."""
    if not is_owner(interaction):
        log.warning("user %d wanted to do what is the owner's: %s", interaction.user.id, interaction.data)
        raise Refusal("owner.only")
