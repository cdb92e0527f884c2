"""Who may teach the bot: the owner of the application, or those of its team who may develop it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from bot.problems import Refusal

if TYPE_CHECKING:
    import discord

    from bot.client import MeliconBot

log = logging.getLogger(__name__)


def check_owner(interaction: discord.Interaction[MeliconBot]) -> None:
    """Turn down everybody else, whatever a server made of the command's permissions; the attempt is logged."""
    bot = interaction.client
    owners = set(bot.owner_ids or ()) | ({bot.owner_id} if bot.owner_id else set())
    if interaction.user.id not in owners:
        log.warning("user %d wanted to do what is the owner's: %s", interaction.user.id, interaction.data)
        raise Refusal("owner.only")
