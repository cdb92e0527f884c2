"""Sets the icon of the day as the server's icon after its post, and restores the server's own one.

take     claim a server's row of `server_icons`, written in the transaction that records the post
look     compare the server's icon with the one that the bot set; any other is the server's own and is stored
change   replace the icon
record   store Discord's hash of the new icon

It runs beside the poster: Discord's rate limit on icons is strict and must not delay posts.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING

import aiohttp
import discord

from bot.errors import Refusal
from bot.features.daily.pictures import similar
from bot.features.daily.rate_limiter import RateLimiter
from bot.inference import DrawError

if TYPE_CHECKING:
    from bot.client import MeliconBot
    from bot.features.daily.icons import DateIcons
    from bot.store import IconTask

log = logging.getLogger(__name__)

SIZE = 512  # pixels; the largest that Discord shows
MISSING_PERMISSION = "missing permission"  # the error of a row, for `/daily show`
CHANGE_SECONDS = 40.0  # for one attempt, well within the lease
RESTORE_SECONDS = 10.0  # for the attempt that a user waits for
MOST_BYTES = 4 * 2**20  # of a server's own icon
_SIZES = (1024, 512, 256)  # at which a server's own icon is stored; the first that is small enough
_CONCURRENCY = 8
_BACK_OFF = (1, 5, 30, 120, 720)  # minutes; the last value repeats


class Outcome(Enum):
    """What became of a server's own icon."""

    NOTHING = "nothing"  # it had not been changed
    RESTORED = "restored"
    REPLACED = "replaced"  # somebody has set another icon, which stays
    FORBIDDEN = "forbidden"  # tried again later
    LATER = "later"  # tried again later


class TooLarge(Exception):  # noqa: N818 - says what is the matter
    """The server's own icon is too large to be stored, so it must not be replaced."""


class ServerIcons:
    """Changes icons for all servers in the database; any number of processes may run one."""

    def __init__(self, bot: MeliconBot, icons: DateIcons, clock: Callable[[], datetime], *, rate: float) -> None:
        """rate: servers a second."""
        self._bot = bot
        self._store = bot.store.server_icons
        self._icons = icons
        self._clock = clock
        self._rate_limiter = RateLimiter(rate)
        self._lock = asyncio.Lock()

    async def drain(self) -> int:
        """Make every change that is due and return the number of attempts; stops early on shutdown."""
        made = 0
        async with self._lock:
            while not self._bot.leaving and (tasks := await self._store.take(self._clock(), _CONCURRENCY)):
                await asyncio.gather(*(self._attempt(task, CHANGE_SECONDS) for task in tasks))
                made += len(tasks)
        return made

    async def restore(self, guild_id: int) -> Outcome:
        """Restore a server's own icon if the bot has changed it and may no longer do so."""
        tasks = await self._store.take(self._clock(), 1, guild_id)
        if not tasks:
            return Outcome.NOTHING if await self._store.get(guild_id) is None else Outcome.LATER
        return await self._attempt(tasks[0], RESTORE_SECONDS)

    async def _attempt(self, task: IconTask, seconds: float) -> Outcome:
        """Make one attempt; exceptions must not affect other attempts."""
        refused, outcome = False, Outcome.LATER
        await self._rate_limiter.turn()
        try:
            async with asyncio.timeout(seconds):
                if task.date is None:
                    return await self._restore(task)
                await self._set(task, task.date)
                return Outcome.NOTHING
        except discord.HTTPException as refusal:
            error, refused = str(refusal), refusal.status < 500
            if refusal.status == 403:
                error, outcome = MISSING_PERMISSION, Outcome.FORBIDDEN
        except TooLarge:
            error, refused = f"the server's own icon has more than {MOST_BYTES} bytes", True
        except TimeoutError:
            error = "Discord did not accept the icon in time"  # often a rate limit, which the library waits for
        except (aiohttp.ClientError, OSError, DrawError, Refusal) as failure:
            error = str(failure) or type(failure).__name__
        except Exception as failure:
            log.exception("server %d: its icon", task.guild_id)
            error = type(failure).__name__
        what = f"the icon of {task.date}" if task.date else "its own icon"
        # once a date: the setter can do nothing about the repetitions
        log.log(
            logging.WARNING if task.attempt == 1 else logging.DEBUG,
            "server %d: %s could not be made the server's icon: %s", task.guild_id, what, error,
        )  # fmt: skip
        wait = timedelta(minutes=_BACK_OFF[min(task.attempt, len(_BACK_OFF)) - 1])
        try:
            await self._store.retry(task, self._clock() + wait, error, refused=refused)
        except Exception:
            # the lease expires by itself
            log.exception("server %d: could not record the failure", task.guild_id)
        return outcome

    async def _set(self, task: IconTask, day: date) -> None:
        guild = await self._bot.fetch_guild(task.guild_id, with_counts=False)
        if not await self._is_ours(task, guild.icon):
            await self._store.keep_original(task.guild_id, await _download(guild.icon))
        elif task.tried == day and guild.icon is not None and guild.icon.key != task.hash:
            # an earlier attempt was interrupted after Discord had changed the icon
            await self._store.changed(task, guild.icon.key)
            return
        picture = await self._icons.get(day, SIZE)
        edited = await guild.edit(icon=picture.png, reason=f"The icon of {day}")
        await self._store.changed(task, edited.icon.key if edited.icon else None)
        log.info("server %d: the icon of %s is the server's icon", task.guild_id, day)

    async def _restore(self, task: IconTask) -> Outcome:
        try:
            guild = await self._bot.fetch_guild(task.guild_id, with_counts=False)
        except (discord.NotFound, discord.Forbidden):
            # the bot is no longer on the server
            await self._store.forget(task.guild_id)
            return Outcome.NOTHING
        if not await self._is_ours(task, guild.icon):
            await self._store.forget(task.guild_id)
            if task.hash is None:  # an attempt was made, but Discord never changed the icon
                return Outcome.NOTHING
            log.info("server %d: its icon was changed by somebody else and stays", task.guild_id)
            return Outcome.REPLACED
        await guild.edit(icon=await self._store.original(task.guild_id), reason="The server's own icon")
        await self._store.forget(task.guild_id)
        return Outcome.RESTORED

    async def _is_ours(self, task: IconTask, current: discord.Asset | None) -> bool:
        """Whether the bot set a server's current icon."""
        if current is None:
            return False
        if current.key == task.hash:
            return True
        if task.tried is None:
            return False
        # only the record is missing, so Discord's hash is unknown
        picture = await self._icons.get(task.tried, SIZE)
        ours = await asyncio.to_thread(similar, await current.read(), picture.png)
        if ours:
            await self._store.recognise(task.guild_id, current.key)
        return ours


async def _download(icon: discord.Asset | None) -> bytes | None:
    """Return a server's icon, animated if it is, in the first of `_SIZES` that is small enough. Raises `TooLarge`."""
    if icon is None:
        return None
    for size in _SIZES:
        data = await icon.replace(size=size).read()
        if len(data) <= MOST_BYTES:
            return data
    raise TooLarge
