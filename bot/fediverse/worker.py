"""The polling loops: mentions and the icon of the day."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Self

from bot.fediverse.account import Account, NotLoggedIn, Refused, Unavailable
from bot.fediverse.daily import DailyOptions, FediverseDaily
from bot.fediverse.mentions import Mentions
from bot.fediverse.replies import Replies
from bot.fediverse.services import Services
from bot.fediverse.state import State
from bot.localtime.due_dates import Schedule
from bot.localtime.times import parse_time
from bot.settings import ConfigError, Settings

log = logging.getLogger(__name__)

DAILY_EVERY = 30.0  # seconds between checks for a due icon
LONGEST_PAUSE = 300.0  # seconds between retries, unless the server asks for more
_ENDING = 2.0  # seconds for pending work at shutdown


class Fediverse:
    """Runs the account; call `begin` once and `close` at the end."""

    def __init__(self, services: Services) -> None:
        """Raises ConfigError if the settings name no account."""
        settings = services.settings
        if settings.fediverse_url is None or settings.fediverse_token is None:
            raise ConfigError(
                "FEDIVERSE_URL and FEDIVERSE_TOKEN are not both set: put the server's address and the account's "
                "access token into .env. docs/fediverse.md says where to get the token."
            )
        self.account = Account.of(settings.fediverse_url, settings.fediverse_token.get_secret_value())
        self._services = services
        self._replies = Replies(services, settings.fediverse_url)
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> Self:
        """Start polling; an unreachable server is retried."""
        self._task = asyncio.create_task(self.run(), name="fediverse")
        return self

    async def close(self, seconds: float = _ENDING) -> None:
        """Stop polling, waiting up to `seconds` for pending work."""
        self._stopping.set()
        if self._task is not None:
            _, late = await asyncio.wait([self._task], timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._services.encoders.close()

    async def run(self) -> None:
        """Poll until `close`."""
        await self._repeat("logging in", self._log_in, None)
        if self._stopping.is_set():
            return
        services, account = self._services, self.account
        settings = services.settings
        state = State(services.store, f"{account.url} {account.id}")
        await self._repeat("loading the state", state.load, None)
        mentions = Mentions(
            account,
            self._replies,
            state,
            burst=settings.cooldown_burst,
            seconds=settings.cooldown_seconds,
            clock=services.clock,
            leaving=self._stopping.is_set,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._repeat("the mentions", mentions.look, settings.fediverse_poll_seconds))
            if settings.fediverse_daily:
                daily = FediverseDaily(account, services, state, _daily_options(settings))
                tasks.create_task(self._repeat("the icon of the day", daily.look, DAILY_EVERY))

    async def _log_in(self) -> None:
        account = self.account
        await account.introduce()
        log.info("on the fediverse as @%s at %s", account.name, account.url)
        if not account.is_bot:
            try:
                await account.become_bot()
            except (Refused, Unavailable) as error:
                log.warning("the account could not be marked as a bot: %s", error)

    async def _repeat(self, what: str, step: Callable[[], Awaitable[None]], every: float | None) -> None:
        """Run `step` every so many seconds until `close`, or once if None; errors are logged and retried."""
        failed = 0
        while not self._stopping.is_set():
            wait: float | None = None
            try:
                await step()
            except NotLoggedIn as error:
                log.error("%s: %s (FEDIVERSE_TOKEN)", what, error)  # noqa: TRY400 - one line says it
                wait = LONGEST_PAUSE
            except (Refused, Unavailable) as error:
                wait = error.wait if isinstance(error, Unavailable) else None
                log.warning("%s: %s", what, error)
            except Exception:
                # for example a database error
                log.exception("%s", what)
            else:
                if every is None:
                    return
                failed = 0
                await self._pause(every)
                continue
            failed += 1
            usual = (every or 1.0) * 2 ** min(failed, 10)
            await self._pause(min(usual, LONGEST_PAUSE) if wait is None else wait)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


def _daily_options(settings: Settings) -> DailyOptions:
    minute = parse_time(settings.daily_time)
    assert minute is not None  # noqa: S101 - the settings have checked it
    return DailyOptions(
        schedule=Schedule(minute, settings.daily_timezone),
        catch_up=timedelta(hours=settings.daily_catch_up_hours),
        language=settings.daily_language,
        visibility=settings.fediverse_visibility,
    )
