"""Posts the most starred icons of a month by itself, after the first daily post of the next month.

The steps are those of `poster`: claim, check, send, settle. The row of `monthly_posts` is written in the transaction
that records the daily post.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.errors import Refusal
from bot.features.daily.best import best_message, best_of
from bot.features.daily.history import CannotTell, find_post
from bot.features.daily.message import UNKNOWN_MESSAGE
from bot.features.daily.planning import next_attempt
from bot.features.daily.poster import LEASE, SEND_SECONDS
from bot.features.daily.rate_limiter import RateLimiter
from bot.inference import DrawError
from bot.ui.server import server_with_id

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.store import MonthlyTask

log = logging.getLogger(__name__)

_CONCURRENCY = 8
_PERSIST = timedelta(days=3)  # how long a post is tried


class Monthly:
    """Posts for all servers in the database; any number of processes may run one."""

    def __init__(self, bot: MeliconBot, clock: Callable[[], datetime], *, rate: float) -> None:
        """rate: servers a second."""
        self._bot = bot
        self._store = bot.store.monthly_posts
        self._clock = clock
        self._rate_limiter = RateLimiter(rate)
        self._lock = asyncio.Lock()

    async def drain(self) -> int:
        """Make every post that is due and return the number of attempts; stops early on shutdown."""
        made = 0
        async with self._lock:
            while not self._bot.leaving:
                now = self._clock()
                tasks = await self._store.take(now, now + LEASE, _CONCURRENCY)
                if not tasks:
                    break
                await asyncio.gather(*(self._attempt(task) for task in tasks))
                made += len(tasks)
        return made

    async def _attempt(self, task: MonthlyTask) -> None:
        """Make one attempt; exceptions must not affect other attempts."""
        try:
            await self._post(task)
        except (discord.HTTPException, CannotTell, TimeoutError, aiohttp.ClientError, OSError) as failure:
            # it may have been sent with only the response lost
            log.warning("server %d, best of %s, attempt %d: %r", task.guild_id, task.month, task.attempt, failure)
        except (DrawError, Refusal) as failure:
            log.error("the best of %s for server %d: %s", task.month, task.guild_id, failure)  # noqa: TRY400 - logged
        except Exception:
            log.exception("server %d, best of %s, attempt %d", task.guild_id, task.month, task.attempt)
        else:
            return
        try:
            now, deadline = self._clock(), task.requested_at + _PERSIST
            if now >= deadline:
                log.warning("server %d: the best of %s is not posted", task.guild_id, task.month)
                await self._store.done(task, None)
            else:
                await self._store.retry(task, next_attempt(now, task.attempt, deadline))
        except Exception:
            # the lease expires by itself
            log.exception("server %d, best of %s: could not record the failure", task.guild_id, task.month)

    async def _post(self, task: MonthlyTask) -> None:
        await self._rate_limiter.turn()
        if task.attempt > 1:
            is_post = partial(_is_post_of, task.month)
            found = await find_post(self._bot, task.guild_id, task.channel_id, is_post, task.requested_at)
            if found is not None:
                await self._store.done(task, found)
                return
        subscription = await self._bot.store.subscriptions.get(task.guild_id)
        wanted = subscription is not None and subscription.monthly and subscription.paused_at is None
        best = await best_of(self._bot, task.guild_id, task.month) if wanted else []
        if subscription is None or not best:
            await self._store.done(task, None)
            return
        if task.channel_id != subscription.channel_id:
            await self._store.move(task, subscription.channel_id)
        server = await server_with_id(self._bot, task.guild_id)
        words = self._bot.catalogues.words(server.locale or subscription.locale)
        message = await best_message(self._bot, server, words, task.month, best, filename=_filename(task.month))
        channel = self._bot.get_partial_messageable(subscription.channel_id, guild_id=task.guild_id)
        if self._clock() > task.lease - timedelta(seconds=SEND_SECONDS):
            raise TimeoutError("too late, left to the next attempt")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                sent = await channel.send(**message, nonce=_nonce(task.guild_id, task.month))
        except discord.NotFound as error:
            if error.code != UNKNOWN_MESSAGE:
                raise
            await self._store.done(task, None)
        else:
            await self._store.done(task, sent.id)


def _filename(month: date) -> str:
    """Return the picture's name, which identifies the post; `/daily best` uses another one."""
    return f"melicon-month-{month:%Y-%m}.png"


def _is_post_of(month: date, message: discord.Message) -> bool:
    return any(attachment.filename == _filename(month) for attachment in message.attachments)


def _nonce(guild_id: int, month: date) -> str:
    """Return the nonce of a server's post of a month, equal for every attempt; 24 characters."""
    return hashlib.sha256(f"melicon monthly {guild_id} {month.isoformat()}".encode()).hexdigest()[:24]
