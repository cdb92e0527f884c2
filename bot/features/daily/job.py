"""The scheduled job of the icon of the day: one tick a minute posts whatever is due.

APScheduler plans by the wall clock and would stall when it is set back. So a tick only wakes the poster (due times are
in the database), no wait exceeds a minute of monotonic time, and a changed clock reschedules the next run.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Self

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.features.daily.from_settings import apply_settings
from bot.features.daily.icons import DateIcons
from bot.features.daily.monthly import Monthly
from bot.features.daily.notify import tell_paused
from bot.features.daily.poster import PAUSE_AFTER, Poster
from bot.features.daily.server_icons import ServerIcons
from bot.features.daily.star_button import MessageLocks
from bot.features.daily.ticks import Ticks
from bot.localtime.due_dates import Schedule, UnknownZone
from bot.localtime.zone_files import use_newest
from bot.system.clock import utc_now

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.store import DailySubscription

log = logging.getLogger(__name__)

_TICK = "tick"
_EVERY_MINUTE: dict[str, object] = {"trigger": "cron", "second": 0}
_ENDING = 5.0  # seconds to finish pending posts on shutdown
_ICON_RATE, _MONTHLY_RATE = 2.0, 3.0  # servers a second, beside the posts
_CONNECTING = 30.0  # seconds to wait for the gateway, which delivers guilds and permissions


class DailyJob:
    """The icons, poster and ticks of one process."""

    def __init__(self, bot: MeliconBot, clock: Callable[[], datetime] = utc_now) -> None:
        settings = bot.settings
        self.clock = clock
        self.locks = MessageLocks()
        self.icons = DateIcons(bot.store, bot.studio, clock)
        processes = settings.shard_count / len(settings.shard_ids) if settings.shard_ids and settings.shard_count else 1
        self.poster = Poster(
            bot,
            self.icons,
            clock,
            rate=settings.daily_rate / processes,  # Discord's limit is shared by all processes
            catch_up=timedelta(hours=settings.daily_catch_up_hours),
            tell=self._tell,
        )
        self.server_icons = ServerIcons(bot, self.icons, clock, rate=_ICON_RATE / processes)
        self.monthly = Monthly(bot, clock, rate=_MONTHLY_RATE / processes)
        self._bot = bot
        self._stopping = asyncio.Event()
        self._ticks = Ticks(clock)
        self._wake = asyncio.Event()
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._task: asyncio.Task[None] | None = None
        self._following: asyncio.Task[None] | None = None  # what follows the posts

    @classmethod
    def start(cls, bot: MeliconBot) -> Self:
        """Start ticking; overdue posts are sent once the bot is connected."""
        log.info("time zone rules from %s", use_newest())
        job = cls(bot, bot.clock)
        # run late ticks, coalesced into one
        job._scheduler.add_job(job._wake.set, id=_TICK, coalesce=True, misfire_grace_time=None, **_EVERY_MINUTE)
        job._scheduler.start()
        job._task = asyncio.create_task(job._run(), name="daily")
        return job

    async def close(self) -> None:
        """Stop ticking; pending posts are awaited, then cancelled."""
        self._scheduler.shutdown(wait=False)
        self._stopping.set()
        self._wake.set()
        if running := [task for task in (self._task, self._following) if task is not None]:
            # not cancelled at once: it may be inside a transaction
            _, late = await asyncio.wait(running, timeout=_ENDING)
            for task in late:
                task.cancel()

    async def _run(self) -> None:
        waits = [asyncio.create_task(self._bot.wait_until_ready()), asyncio.create_task(self._stopping.wait())]
        await asyncio.wait(waits, timeout=_CONNECTING, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if not self._stopping.is_set():
            await self._prepare()
        while not self._stopping.is_set():
            if moved := self._ticks.clock_moved():
                log.warning("the clock was set %s by %s", "forward" if moved > timedelta() else "back", abs(moved))
                self._scheduler.reschedule_job(_TICK, **_EVERY_MINUTE)
            self._wake.clear()
            try:
                if made := await self.poster.drain():
                    log.info("made %d attempts to post the icon of the day", made)
            except Exception:
                # e.g. the database is unavailable; the next tick retries
                log.exception("the icon of the day")
            self._follow()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._ticks.seconds_left())

    def _follow(self) -> None:
        """Start what follows the posts, unless it is still running; it may wait for Discord, and posts must not."""
        if self._following is None or self._following.done():
            self._following = asyncio.create_task(self._after_posts(), name="daily")

    async def _after_posts(self) -> None:
        try:
            await self.monthly.drain()
        except Exception:
            log.exception("the best of a month")
        try:
            await self.server_icons.drain()
        except Exception:
            log.exception("the servers' icons")

    async def _prepare(self) -> None:
        try:
            await apply_settings(self._bot, self.clock())
            if changed := await self._bot.store.subscriptions.reschedule(_due):
                log.info("the time zone database has changed: rescheduled %d icons of the day", changed)
        except Exception:
            log.exception("the icon of the day could not be prepared")

    async def _tell(self, subscription: DailySubscription) -> None:
        await tell_paused(self._bot, subscription, PAUSE_AFTER)


def _due(minute: int, timezone: str, day: date) -> datetime | None:
    try:
        return Schedule(minute, timezone).due(day)
    except UnknownZone:
        return None
