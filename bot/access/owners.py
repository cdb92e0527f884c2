"""The bot's owners: OWNER_IDS, else the application's owner or its team's developers.

The list is refreshed before owner commands, so removed team members lose access.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.errors import Refusal

log = logging.getLogger(__name__)

FRESH = 5.0  # seconds for which the owners are cached
_PATIENCE = 2.0  # seconds; a command must be answered within 3 s


class Owners:
    """The owners of one bot."""

    def __init__(
        self, bot: commands.AutoShardedBot, named: Iterable[int] = (), clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`named`: the ids in OWNER_IDS; if there are any, Discord is not asked."""
        self._bot = bot
        self._named = frozenset(named)
        self._ids = self._named
        self._clock = clock
        self._asked: float | None = None
        self._lock = asyncio.Lock()

    @property
    def known(self) -> frozenset[int]:
        """The owner ids last fetched."""
        return self._ids

    def learn(self, application: discord.AppInfo) -> None:
        """Read the owners from the application object."""
        bot = self._bot
        if self._named:
            bot.owner_id, bot.owner_ids = None, set(self._named)
            return
        if application.team is None:
            found = {application.owner.id}
        else:
            may = {discord.TeamMemberRole.admin, discord.TeamMemberRole.developer}
            accepted = discord.TeamMembershipState.accepted  # excludes invited members who have not accepted
            members = [m for m in application.team.members if m.role in may and m.membership_state is accepted]
            owner = application.team.owner_id
            found = {member.id for member in members} | ({owner} if owner else set())
        self._ids = frozenset(found - {bot.application_id})  # the bot's own id is the placeholder for an unknown owner
        # used by the library's own checks
        bot.owner_id = application.owner.id if application.team is None else None
        bot.owner_ids = set() if application.team is None else set(self._ids)
        if not self._ids:
            log.warning("the application's owner is unknown: set OWNER_IDS to allow owner commands")

    async def check(self, interaction: discord.Interaction[Any]) -> None:
        """Refuse non-owners, whatever the server's command permissions say, and log the attempt.

        Raises `Refusal`, also when Discord cannot be asked.
        """
        if interaction.user.id not in await self._current():
            data: Any = interaction.data or {}
            name = data.get("name") or data.get("custom_id")
            log.warning("user %d is not an owner and tried: %.100s", interaction.user.id, name)
            raise Refusal("owner.only")

    async def _current(self) -> frozenset[int]:
        if self._named:
            return self._named
        async with self._lock:  # concurrent commands share one request
            if self._asked is None or self._clock() - self._asked >= FRESH:
                try:
                    async with asyncio.timeout(_PATIENCE):
                        self.learn(await self._bot.application_info())
                except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
                    # TimeoutError is an OSError. The cached owners may be outdated, so refuse
                    log.warning("could not fetch the application's owner: %r", error)
                    raise Refusal("owner.unknown") from error
                self._asked = self._clock()
        return self._ids
