"""Posts what is due, once for each local date: claim, check, send, settle. See docs/daily.md.

claim    insert a row with unique key (server, date), in one transaction with advancing the subscription
check    search the channel for an earlier post, after unsettled attempts and for posts due before this start
send     with a nonce of server and date: for some minutes, Discord answers a repeat with the first message
settle   store the message's id in the row

An attempt holds its claim for `LEASE` and stops well before it expires; only then may another begin.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.errors import Refusal
from bot.features.daily.history import CannotTell, find_post
from bot.features.daily.message import UNKNOWN_MESSAGE, is_post_of, post_message
from bot.features.daily.planning import earliest, next_attempt, plan
from bot.features.daily.rate_limiter import RateLimiter
from bot.inference import DrawError
from bot.localtime.due_dates import Schedule, UnknownZone
from bot.store import PLAUSIBLE, Claim, DailySubscription, Plan
from bot.ui.server import server_with_id

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.features.daily.icons import DateIcons

log = logging.getLogger(__name__)

CONCURRENCY = 24  # concurrent requests; each takes Discord 0.2 to 0.5 s
LEASE = timedelta(seconds=90)
SEND_SECONDS = 40.0  # for one request, including the library's waits and retries
PAUSE_AFTER = 3  # consecutive days
_YOUNG = timedelta(days=3)


class Poster:
    """Posts for all servers in the database; any number of processes may run one."""

    def __init__(
        self,
        bot: MeliconBot,
        icons: DateIcons,
        clock: Callable[[], datetime],
        *,
        rate: float,
        catch_up: timedelta,
        tell: Callable[[DailySubscription], Awaitable[None]],
    ) -> None:
        """rate: requests a second. tell: called with each subscription that has just been paused."""
        self._bot = bot
        self._claims = bot.store.claims
        self._icons = icons
        self._clock = clock
        self._started = clock()
        self._rate_limiter = RateLimiter(rate)
        self._catch_up = catch_up
        self._tell = tell
        self._lock = asyncio.Lock()

    async def drain(self) -> int:
        """Post everything due and return the number of attempts; stops early on shutdown."""
        made = 0
        running: set[asyncio.Task[None]] = set()
        async with self._lock:
            try:
                with self._bot.work():
                    await self._bring_forward()
                    while not self._bot.leaving:
                        claims = []
                        if len(running) <= CONCURRENCY // 2:
                            claims = await self._take(CONCURRENCY - len(running))
                            made += len(claims)
                            running |= {asyncio.create_task(self._attempt(claim)) for claim in claims}
                        if not running:
                            break
                        if not claims:
                            _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                    if running:
                        await asyncio.wait(running)
            except Refusal:
                log.debug("shutting down: due posts are left to the next process")
            finally:
                for task in running:
                    task.cancel()
        return made

    async def _bring_forward(self) -> None:
        """Reschedule posts that a wrong clock had postponed too far."""
        now = self._clock()
        subscriptions = self._bot.store.subscriptions
        for changed, waited_for in await subscriptions.bring_forward(now, partial(self._earliest, now)):
            log.warning(
                "server %d: the icon of the day was scheduled too late (%s; wrong clock?); rescheduled to %s",
                changed.guild_id,
                waited_for,
                changed.next_at,
            )

    def _earliest(
        self, now: datetime, subscription: DailySubscription, taken: Collection[date]
    ) -> tuple[date, datetime] | None:
        if subscription.next_at is None:
            return None
        # 25-hour days exist; then nothing was postponed
        surely_wrong = subscription.next_at > now + PLAUSIBLE
        schedule = Schedule(subscription.minute, subscription.timezone)
        try:
            if not any(day <= schedule.local_date(now) for day in taken) and subscription.next_at <= now + _YOUNG:
                return None  # more likely the clock was set back to before the subscription
            return earliest(schedule, now, taken, self._catch_up if surely_wrong else None)
        except UnknownZone:
            return None

    async def _take(self, limit: int) -> list[Claim]:
        """Claim up to `limit` posts: expired claims first, then newly due ones."""
        now = self._clock()
        claims = await self._claims.reclaim(now, now + LEASE, limit)
        if len(claims) < limit:
            claims += await self._claims.take_due(now, now + LEASE, limit - len(claims), self._plan)
        return claims

    def _plan(self, subscription: DailySubscription) -> Plan:
        step = plan(subscription, self._clock(), self._catch_up)
        if step.missed:
            log.warning(
                "server %d: missed the icon of the day for %s%s: no process was running in time",
                subscription.guild_id,
                step.missed[0],
                f" to {step.missed[-1]}" if len(step.missed) > 1 else "",
            )
        if step.next_at is None:
            log.error("server %d: the time zone %s no longer exists", subscription.guild_id, subscription.timezone)
        return step

    async def _attempt(self, claim: Claim) -> None:
        """Make one attempt; exceptions must not affect other attempts."""
        error: str | None = None
        try:
            await self._post(claim)
        except (discord.HTTPException, CannotTell) as refusal:
            error = str(refusal)
            log.warning("server %d, %s, attempt %d: %s", claim.guild_id, claim.date, claim.attempt, refusal)
        except (TimeoutError, aiohttp.ClientError, OSError) as failure:
            # it may have been sent with only the response lost
            log.warning("server %d, %s, attempt %d: %r", claim.guild_id, claim.date, claim.attempt, failure)
        except (DrawError, Refusal) as failure:
            log.error("the icon of %s for server %d: %s", claim.date, claim.guild_id, failure)  # noqa: TRY400 - logged
        except Exception:
            log.exception("server %d, %s, attempt %d", claim.guild_id, claim.date, claim.attempt)
        else:
            return
        try:
            now = self._clock()
            if now >= claim.deadline:
                await self._give_up(claim)
            else:
                again = next_attempt(now, claim.attempt, claim.deadline)
                await self._claims.retry(claim, again, error or claim.error)
        except Exception:
            # the lease expires by itself
            log.exception("server %d, %s: could not record the failure", claim.guild_id, claim.date)

    async def _post(self, claim: Claim) -> None:
        if claim.attempt > 1 or claim.due_at < self._started:
            await self._rate_limiter.turn()
            is_post = partial(is_post_of, claim.date)
            found = await find_post(self._bot, claim.guild_id, claim.channel_id, is_post, claim.due_at)
            if found is not None:
                log.info("server %d: the post of %s already exists", claim.guild_id, claim.date)
                await self._claims.posted(claim, found, self._clock())
                return
        subscription = claim.subscription
        if subscription is None or subscription.paused_at is not None or self._clock() >= claim.deadline:
            await self._give_up(claim)
            return
        message = await self._send(claim, subscription)
        if message is not None:
            await self._claims.posted(claim, message or None, self._clock())
            self._bot.metrics.daily_posts.labels("posted").inc()

    async def _send(self, claim: Claim, subscription: DailySubscription) -> int | None:
        """Send the post; return its message id, 0 if it has been deleted, None if too late."""
        drawing = await self._icons.get(claim.date)
        if claim.channel_id != subscription.channel_id:
            await self._claims.move(claim, subscription.channel_id)
        server = await server_with_id(self._bot, claim.guild_id)
        words = self._bot.catalogues.words(server.locale or subscription.locale)
        message = post_message(drawing, words, claim.date, server.shown(drawing.pinned), subscription)
        channel = self._bot.get_partial_messageable(subscription.channel_id, guild_id=claim.guild_id)
        await self._rate_limiter.turn()
        if self._clock() > claim.lease - timedelta(seconds=SEND_SECONDS):
            log.warning("server %d, %s: too late, left to the next attempt", claim.guild_id, claim.date)
            return None
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return (await channel.send(**message)).id
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            return 0

    async def _give_up(self, claim: Claim) -> None:
        log.warning("server %d: no icon of the day for %s: %s", claim.guild_id, claim.date, claim.error or "too late")
        self._bot.metrics.daily_posts.labels("missed").inc()
        paused = await self._claims.missed(claim, self._clock(), pause_after=PAUSE_AFTER)
        if paused is not None:
            await self._tell(paused)
