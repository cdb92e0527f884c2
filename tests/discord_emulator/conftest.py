"""An emulator with a clock one can turn, a raw bot, and a small discord.py bot that uses a bit of everything."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import aiohttp
import pytest
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from discord_emulator import Emulator, ManualClock
from tests.discord_emulator.raw import RawBot
from tests.discord_emulator.smallbot import build
from tests.patience import ENOUGH

StartSmallBot = Callable[..., AbstractAsyncContextManager[commands.Bot]]


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands still until a test turns it forward, or lets it run: no rate limit ends by itself."""
    return ManualClock(running=False)


@pytest.fixture
async def emulator(clock: ManualClock) -> AsyncIterator[Emulator]:
    """A small Discord that knows no commands yet; no deadline passes while the machine keeps the bot waiting."""
    emulator = await Emulator.start(clock=clock, deadline_clock=lambda: time.process_time() + clock.offset)
    yield emulator
    await emulator.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A plain HTTP client."""
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
def stranger_bot(emulator: Emulator, http: aiohttp.ClientSession) -> RawBot:
    """A raw bot that has not connected to the gateway."""
    return RawBot(emulator, http)


@pytest.fixture
async def raw(stranger_bot: RawBot) -> RawBot:
    """A raw bot that is READY."""
    await stranger_bot.identify()
    await stranger_bot.event("GUILD_CREATE")
    return stranger_bot


@pytest.fixture
def start_small_bot(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> StartSmallBot:
    """Run the small discord.py bot until the block ends; keywords go to its constructor."""
    monkeypatch.setattr(Route, "BASE", emulator.api_url)
    monkeypatch.setattr(DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(emulator.gateway_url))

    @contextlib.asynccontextmanager
    async def start(**options: Any) -> AsyncIterator[commands.Bot]:
        bot = build(**options)
        async with bot:
            task = asyncio.create_task(bot.start(emulator.token))
            ready = asyncio.create_task(emulator.wait_ready(ENOUGH, shards=options.get("shard_count") or 1))
            await asyncio.wait({task, ready}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                ready.cancel()
                await task
            await bot.wait_until_ready()
            yield bot
        await task

    return start


@pytest.fixture
async def small_bot(start_small_bot: StartSmallBot) -> AsyncIterator[commands.Bot]:
    """The small discord.py bot, ready."""
    async with start_small_bot() as bot:
        yield bot
