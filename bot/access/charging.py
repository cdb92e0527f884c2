"""What an interaction costs its user; it is charged before anything else is done for it.

A user has two buckets (`bot.access.cooldown`): one for what they ask for, and a larger one for the suggestions that
come while they type, which are many and cheap.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bot.access.cooldown import Cooldown
from bot.errors import Refusal

if TYPE_CHECKING:
    import discord

    from bot.settings import Settings

ORDER = 1.0  # of something drawn
SMALL = 0.25  # of a step, a page, a form, a text: what is asked for often and takes little
_SUGGESTIONS = 4  # for one order at once, and twice as many a second


class Charges:
    """The buckets of all users of one process."""

    def __init__(self, settings: Settings) -> None:
        self._orders = Cooldown(settings.cooldown_burst, settings.cooldown_seconds)
        self._typing = Cooldown(_SUGGESTIONS * settings.cooldown_burst, settings.cooldown_seconds / (2 * _SUGGESTIONS))

    def order(self, interaction: discord.Interaction[Any], cost: float = ORDER) -> None:
        """Charge for something; raises `Refusal` when the user is too quick, and charges nothing then."""
        wait = self._orders.take(interaction.user.id, cost)
        if wait > 0:
            raise Refusal("cooldown", seconds=math.ceil(wait))

    def suggest(self, interaction: discord.Interaction[Any]) -> bool:
        """Charge for suggestions; return whether there are to be any."""
        return self._typing.take(interaction.user.id) <= 0


def cost_of(interaction: discord.Interaction[Any]) -> float:
    """Return what a command costs: its own ``extras["cost"]``, else its group's, else that of an order."""
    command = interaction.command
    if command is None:
        return SMALL
    root = getattr(command, "root_parent", None)
    return float(command.extras.get("cost") or (root.extras.get("cost") if root else None) or ORDER)
