"""What each server has set with `/settings`, with a cache.

Most commands need a server's settings, and they hardly ever change. So this process remembers what it has read for
`FRESH` seconds. A change by another process is seen after that time at the latest.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from cachetools import LRUCache
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.store.models import ServerSettings
from bot.store.sessions import Sessions

log = logging.getLogger(__name__)

FRESH = 60.0  # seconds
MOST_CACHED = 20_000  # servers, some 300 bytes each
PATIENCE = 1.0  # seconds of the three that Discord waits for an answer


@dataclass(frozen=True, slots=True)
class Chosen:
    """The settings of a server; the defaults are those of a server that has set nothing."""

    style: str | None = None  # in place of the bot's default style
    private: bool = False  # whether only the member who asks sees an answer with icons
    language: str | None = None  # of posts for everyone: a language, or `bot.ui.server.DISCORDS`


class ServerSettingsTable:
    """The table of server settings."""

    def __init__(self, engine: AsyncEngine, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` is in seconds, with any origin."""
        self._sessions = Sessions(engine)
        self._clock = clock
        self._known: LRUCache[int, tuple[Chosen, float]] = LRUCache(MOST_CACHED)  # with when it was read
        self._changes = 0

    async def get(self, guild_id: int) -> Chosen:
        """Return a server's settings, at most `FRESH` seconds old.

        If the database does not answer in time, return what was last read, so that icons are still drawn.
        """
        known = self._known.get(guild_id)
        now, changes = self._clock(), self._changes
        if known is not None and now - known[1] < FRESH:
            return known[0]
        try:
            async with asyncio.timeout(PATIENCE):
                chosen = await self.read(guild_id)
        except Exception:
            log.exception("could not read the settings of server %d", guild_id)
            return known[0] if known is not None else Chosen()
        if changes == self._changes:  # else what was read may be older than the change
            self._known[guild_id] = chosen, now
        return chosen

    async def change(self, guild_id: int, **changes: Any) -> Chosen:
        """Set fields of `Chosen`; return all settings of the server."""
        try:
            chosen = await self._write(guild_id, changes)
        except IntegrityError:
            # a concurrent request has inserted the row
            chosen = await self._write(guild_id, changes)
        self._changes += 1
        self._known[guild_id] = chosen, self._clock()
        return chosen

    async def read(self, guild_id: int) -> Chosen:
        """Return a server's settings as they are in the database."""
        async with self._sessions.read() as session:
            row = await session.get(ServerSettings, guild_id)
            return _chosen(row) if row is not None else Chosen()

    async def _write(self, guild_id: int, changes: dict[str, Any]) -> Chosen:
        now = datetime.now(UTC)
        async with self._sessions.write.begin() as session:
            mine = select(ServerSettings).where(ServerSettings.guild_id == guild_id).with_for_update()
            row = await session.scalar(mine)
            chosen = replace(_chosen(row) if row is not None else Chosen(), **changes)
            if row is None:
                row = ServerSettings(guild_id=guild_id)
                session.add(row)
            row.style, row.private, row.language, row.changed_at = chosen.style, chosen.private, chosen.language, now
        return chosen


def _chosen(row: ServerSettings) -> Chosen:
    return Chosen(row.style, row.private, row.language)
