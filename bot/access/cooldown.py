"""Rate limiting of interactions; charged before any other work.

Each user has two token buckets (`bot.access.token_bucket`): one for requests and a larger one for autocompletion.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from bot.access.token_bucket import TokenBuckets
from bot.errors import Refusal

if TYPE_CHECKING:
    import discord

    from bot.settings import Settings

ORDER = 1.0  # rendering
SMALL = 0.25  # paging, forms, text: frequent and cheap
_SUGGESTIONS = 4  # burst of a whole request; refills at two a second


class Cooldowns:
    """The token buckets of all users of this process."""

    def __init__(self, settings: Settings) -> None:
        self._orders = TokenBuckets(settings.cooldown_burst, settings.cooldown_seconds)
        self._typing = TokenBuckets(
            _SUGGESTIONS * settings.cooldown_burst, settings.cooldown_seconds / (2 * _SUGGESTIONS)
        )

    def charge(self, interaction: discord.Interaction[Any], cost: float = ORDER) -> None:
        """Charge for a request; raises `Refusal`, without charging, when the user is over the limit."""
        wait = self._orders.take(interaction.user.id, cost)
        if wait > 0:
            raise Refusal("cooldown", seconds=math.ceil(wait))

    def suggest(self, interaction: discord.Interaction[Any]) -> bool:
        """Charge for an autocompletion; return whether to answer it."""
        return self._typing.take(interaction.user.id) <= 0


def cost_of(interaction: discord.Interaction[Any]) -> float:
    """Return a command's cost: its own ``extras["cost"]``, else its group's, else the default."""
    command = interaction.command
    if command is None:
        return SMALL
    root = getattr(command, "root_parent", None)
    return float(command.extras.get("cost") or (root.extras.get("cost") if root else None) or ORDER)
