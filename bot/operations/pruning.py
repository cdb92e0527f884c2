"""Prunes the database once a day, in the process that runs shard 0."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.store import Store

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)
LONGEST_BREAK = timedelta(days=30)  # since the last time; after a longer one, the clock may be wrong
INTERVAL = 3600.0  # seconds between two checks
_KEY = "pruned_at"
_ENDING = 5.0  # seconds to finish on shutdown


class Pruner:
    """Deletes rows that are out of date (`bot.store.retention`).

    A clock set forward by years must not empty the database. So rows are deleted only if the last time was recorded
    one to 30 days ago. Otherwise the time is recorded, and a day has to pass on that clock.
    """

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def start(cls, store: Store, clock: Callable[[], datetime]) -> Pruner:
        """Check now and then every hour."""
        pruner = cls(store, clock)
        pruner._task = asyncio.create_task(pruner._run(), name="pruning")
        return pruner

    async def close(self) -> None:
        """Stop; a deletion in progress is awaited, then cancelled."""
        self._stopping.set()
        if self._task is not None:
            _, late = await asyncio.wait([self._task], timeout=_ENDING)
            for task in late:
                task.cancel()

    async def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.check()
            except Exception:
                # e.g. the database is unavailable; tried again at the next check
                log.exception("the database could not be pruned")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), INTERVAL)

    async def check(self) -> None:
        """Prune if it is time."""
        now, last = self._clock(), await self._last()
        if last is not None and timedelta() <= now - last < EVERY:
            return
        if last is not None and EVERY <= now - last <= LONGEST_BREAK:
            deleted = await self._store.retention.prune(now, self._stopping.is_set)
            if deleted:
                log.info("deleted old rows: %s", ", ".join(f"{count} of {table}" for table, count in deleted.items()))
        await self._store.put(_KEY, now.isoformat())

    async def _last(self) -> datetime | None:
        try:
            last = datetime.fromisoformat(await self._store.get(_KEY) or "")
        except ValueError:
            return None
        return last if last.tzinfo is not None else None
