"""The emulator and a bot on a thread of their own, for tests that wait for a browser."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import discord
from pydantic import SecretStr

from bot.connection.endpoints import Endpoints
from bot.settings import Settings
from discord_emulator import Emulator
from tests.clocks import Computing
from tests.e2e.page.bot import PageBot
from tests.patience import ENOUGH

T = TypeVar("T")


class World:
    """An emulator with at most one bot. Its methods are called from the test's thread."""

    def __init__(self, emulator: Emulator, loop: asyncio.AbstractEventLoop, deadlines: Computing) -> None:
        self.emulator = emulator
        self._deadlines = deadlines
        self._loop = loop
        self._bot: discord.Client | None = None
        self._task: asyncio.Task[None] | None = None
        self._endpoints: Endpoints | None = None

    def run(self, work: Coroutine[Any, Any, T], timeout: float = ENOUGH) -> T:
        """Run a coroutine on the emulator's loop and return what it returns."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    def settings(self, weights: Path, data_dir: Path, **more: Any) -> Settings:
        """Settings with which Melicon itself logs in here."""
        return Settings(
            _env_file=None,
            discord_token=SecretStr(self.emulator.token),
            discord_api_url=self.emulator.api_url,
            discord_gateway_url=self.emulator.gateway_url,
            discord_cdn_url=self.emulator.cdn_url,
            weights=weights,
            data_dir=data_dir,
            **more,
        )

    def unanswered(self) -> bool:
        """Whether the bot was asked for something and has not even acknowledged it."""
        asked = list(self.emulator.core.interactions.recent)
        return any(one.callback is None and one.failure is None for one in asked)

    def pass_deadlines(self) -> None:
        """Let the time be over in which the bot had to acknowledge what it was asked for."""
        self._deadlines.advance(self.emulator.limits.ack_seconds)

    def start_bot(self, make: Callable[[], discord.Client] = PageBot) -> None:
        """Log a bot in and wait until it is there."""
        self.run(self._start(make))

    def stop_bot(self) -> None:
        """Log the bot out."""
        self.run(self._stop())

    async def _start(self, make: Callable[[], discord.Client]) -> None:
        self._endpoints = Endpoints(self.emulator.api_url, self.emulator.gateway_url)
        self._endpoints.apply()
        self._bot = make()
        self._task = asyncio.create_task(self._bot.start(self.emulator.token))
        ready = asyncio.create_task(self.emulator.wait_ready(ENOUGH))
        await asyncio.wait({self._task, ready}, return_when=asyncio.FIRST_COMPLETED)
        if self._task.done():
            ready.cancel()
            self._task.result()
        await ready
        await self._bot.wait_until_ready()

    async def _stop(self) -> None:
        if self._bot and self._task and self._endpoints:
            await self._bot.close()
            await asyncio.wait_for(self._task, ENOUGH)
            self._endpoints.restore()
        self._bot = None

    async def close(self) -> None:
        """Stop both."""
        await self._stop()
        await self.emulator.close()


@contextlib.contextmanager
def running_world() -> Iterator[World]:
    """An emulator on a free port, until the block ends; it has no bot yet."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="emulator", daemon=True)
    thread.start()
    world: World | None = None
    try:
        deadlines = Computing()
        starting = Emulator.start(deadline_clock=deadlines)
        emulator = asyncio.run_coroutine_threadsafe(starting, loop).result(ENOUGH)
        world = World(emulator, loop, deadlines)
        yield world
    finally:
        if world:
            world.run(world.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(ENOUGH)
        loop.close()
